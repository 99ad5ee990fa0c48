"""What a WSGI server serves: `gunicorn wsgi:app`."""

import gc

# All that is made now stays: to look through it for garbage again and again would take a sixth of the start.
gc.disable()

from melody_app import create_app  # noqa: E402  (the import is what takes the time)

app = create_app()

# Nor is it looked through while the service runs, and workers share it with their master until they change it (gc.freeze).
gc.freeze()
gc.enable()
