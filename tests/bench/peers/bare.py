"""The least that Flask can do: what everything else is measured by."""

import logging

from flask import Flask, Response, jsonify

# gunicorn's messages go the application's way; where it listens is read there.
logging.basicConfig(level=logging.INFO, format='{"event": "%(message)s", "logger": "%(name)s"}')

app = Flask(__name__)


@app.get("/rule")
def rule() -> Response:
    return jsonify(
        number_capacity_ids=[352, 446, 448], employee_group_ids=[93, 103], source_type="system", media_id=50, id=123
    )


@app.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")
