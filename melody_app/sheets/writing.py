"""Give a list away as CSV that a spreadsheet opens at once: UTF-8 with its mark, `;` between the cells in Russian."""

import csv
import io
from collections.abc import Iterable, Sequence
from tempfile import TemporaryFile
from typing import Any

from flask import Response, request
from werkzeug.wsgi import wrap_file

from melody_app.sheets.columns import Column


def download(columns: Sequence[Column], rows: Iterable[Sequence[Any]], language: str, filename: str) -> Response:
    """Answer with a list, by way of a file on the disk: it may be longer than what the memory should hold.

    Args:
        columns: its columns.
        rows: its cells, made harmless already.
        language: `ru` or `en`.
        filename: what the browser shall call it.
    """
    file = TemporaryFile()  # noqa: SIM115  (the answer closes it)
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text, delimiter=";" if language == "ru" else ",", lineterminator="\r\n")
    writer.writerow(column.heading(language) for column in columns)
    writer.writerows(rows)
    text.detach()
    length = file.tell()
    file.seek(0)
    response = Response(wrap_file(request.environ, file), mimetype="text/csv", direct_passthrough=True)
    response.headers.set("Content-Disposition", "attachment", filename=filename)
    response.content_length = length
    return response
