"""The service on a disk that is slow: every lookup takes two seconds. `gunicorn tests.slow_disk:app` serves it."""

import time

from flask import request

from melody_app import create_app

LOOKUP_S = 2.0

app = create_app()


@app.before_request
def wait_for_the_disk() -> None:
    if request.endpoint == "calls.show":
        time.sleep(LOOKUP_S)
