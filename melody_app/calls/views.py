"""The JSON call that answers what a caller hears, and why."""

from typing import Any

from flask import Blueprint, Response, jsonify

from melody_app.accounts import guard
from melody_app.calls import lookups
from melody_app.calls.forms import read_question
from melody_app.calls.resolver import Played, Resolution, Stage, resolve
from melody_app.melodies.media import wav_url

bp = Blueprint("calls", __name__, url_prefix="/melodies")


@bp.get("/resolve")
@guard.call("call")
def show() -> Response:
    """Answer what a caller hears."""
    question = read_question()
    resolution = resolve(question)
    lookups.note("json", question, resolution)
    return jsonify(_spell(resolution))


def _spell(resolution: Resolution) -> dict[str, Any]:
    stages = {each.stage: _spell_stage(each) for each in resolution.stages}
    played = stages.get(resolution.source)  # none where nothing but ringing is heard
    return {
        "source": resolution.source,
        "rule_id": resolution.decisive.rule_id,
        "melody": played and played["melody"],
        "explain": [*stages.values()],
    }


def _spell_stage(stage: Stage) -> dict[str, Any]:
    about = {"id": stage.id, "name": stage.name, "rule_id": stage.rule_id} if stage.stage != "company" else {}
    return {"stage": stage.stage, "code": stage.code, **about, "melody": _spell_melody(stage.melody)}


def _spell_melody(melody: Played | None) -> dict[str, Any] | None:
    if melody is None:
        return None
    url = wav_url(melody.sha256) if melody.sha256 else None
    return {"source_type": melody.source_type, "id": melody.id, "name": melody.name, "url": url}
