"""The JSON calls of melodies."""

from typing import Any, TypeVar

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.datastructures import MultiDict

from melody_app.accounts import guard
from melody_app.forms import BaseForm, NoOptions
from melody_app.http import checked, conditional, read_json, read_query, versions_of, with_tag
from melody_app.melodies import catalogue, picker, queries, refusals, service
from melody_app.melodies.forms import ChangedMelodyForm, ChoicesQuery, MelodyForm
from melody_app.melodies.limits import allow_files
from melody_app.melodies.media import wav_url
from melody_app.models import Melody

bp = Blueprint("melodies", __name__, url_prefix="/melodies")
bp.url_value_preprocessor(allow_files)
refusals.register(bp)

Form = TypeVar("Form", bound=BaseForm)


@bp.get("/system")
@guard.call("manage")
def index_system() -> Response:
    """List the standard catalogue."""
    return jsonify([_short(each) for each in queries.list_melodies("system")])


@bp.get("/client")
@guard.call("manage")
def index() -> Response:
    """List the company's own melodies."""
    return jsonify([_short(each) for each in queries.list_melodies("client")])


@bp.get("/beeps")
@guard.call("manage")
def index_beeps() -> Response:
    """List plain ringing, which is one tone."""
    tone = catalogue.tone()
    return jsonify([{"name": tone.name, "id": tone.id, "url": wav_url(tone.sha256)}])


@bp.post("/client")
@guard.call("manage")
def create() -> Response:
    """Add a melody to the company's own."""
    read_query(NoOptions)
    form = checked(_read(MelodyForm))
    melody = service.add(form.given_name, form.file.content)
    response = _one(melody)
    response.status_code = 201
    response.headers["Location"] = url_for("melodies.show", melody_id=melody.id)
    return response


@bp.get("/client/<int:melody_id>")
@guard.call("manage")
def show(melody_id: int) -> Response:
    """Answer one of the company's own melodies."""
    melody = queries.find_known("client", melody_id)
    if melody is None:
        raise service.NoMelodyError
    return conditional(_one(melody))


@bp.put("/client/<int:melody_id>")
@guard.call("manage")
def replace(melody_id: int) -> Response:
    """Give a melody another name, or another file under the same id."""
    if not queries.is_there(melody_id):
        raise service.NoMelodyError  # told before what is wrong with the body
    read_query(NoOptions)
    form = _read(ChangedMelodyForm)
    form.melody_id = melody_id
    checked(form)
    versions = versions_of()
    return _one(service.change(melody_id, name=form.name.data, data=form.file.new_content, versions=versions))


@bp.delete("/client/<int:melody_id>")
@guard.call("manage")
def delete(melody_id: int) -> Response:
    """Delete a melody that nothing plays."""
    read_query(NoOptions)
    service.delete(melody_id, versions=versions_of())
    return jsonify(id=melody_id)


@bp.get("/choices")
@guard.for_script
def choices() -> Response:
    """Answer a picker's script with the melodies of both catalogues that match what was typed."""
    text = read_query(ChoicesQuery).q.data or ""
    found = [*picker.search("client", text), *picker.search("system", text)]
    return jsonify([{"value": each.value, "id": each.id, "name": each.name} for each in found])


def _read(form: type[Form]) -> Form:
    if request.mimetype != "multipart/form-data":
        return form.from_json(read_json())
    sent: Any = MultiDict(request.form)
    sent.poplist("csrf_token")
    sent.update(request.files)
    return form.from_page(sent, strict=True)


def _short(melody: Melody) -> dict[str, Any]:
    return {"name": melody.name, "id": melody.id, "url": wav_url(melody.sha256)}


def _one(melody: Melody) -> Response:
    measured = ("duration_s", "channels", "sample_rate_hz", "peak_dbfs", "loudness_lufs")
    body = {**_short(melody), **{name: getattr(melody, name) for name in measured}}
    return with_tag(jsonify(body), melody.version)
