"""What a WSGI server serves: `gunicorn wsgi:app`."""

import gc

# All that is made now stays: to look through it for garbage again and again would only take time.
gc.disable()

from melody_app import create_app  # noqa: E402  (the import makes most of it)

app = create_app()

# Nor is it looked through while the service runs, or at the end of a command, which took a third of all its time; and what
# isn't looked through the workers go on sharing with their master.
gc.freeze()
gc.enable()
