"""What a WSGI server serves: `gunicorn wsgi:app`."""

from melody_app import create_app

app = create_app()
