"""What a stage held, in a sentence of the reader's language."""

from flask_babel import gettext

from melody_app.calls.resolver import Played, Stage
from melody_app.directory import phone


def explain(stage: Stage) -> str:
    """Say what a stage held.

    Args:
        stage: one of a resolution's stages.
    """
    return {"employee_group": _of_department, "number": _of_number, "company": _of_company}[stage.stage](stage)


def melody(played: Played | None) -> str:
    """Name a melody; plain ringing for none."""
    if played is None:
        return gettext("Plain ringing")
    return played.name or gettext("melody %(id)s, which is not in the library", id=played.id)


def _of_department(stage: Stage) -> str:
    if stage.code == "unknown":
        return gettext("Department: it is not in the directory and has no rule.")
    name = stage.name or stage.id
    if stage.code == "no_rule":
        return gettext("Department %(name)s: no rule of its own.", name=name)
    return gettext("Department %(name)s: rule %(rule)s plays “%(melody)s”.", **_held(stage, name))


def _of_number(stage: Stage) -> str:
    if stage.code == "not_a_number":
        return gettext("Number: “%(text)s” is not a telephone number.", text=stage.name)
    if stage.code == "unknown":
        return gettext("Number: it is not in the directory and has no rule.")
    name = phone.shown(stage.name) if stage.name else stage.id
    if stage.code == "no_rule":
        return gettext("Number %(name)s: no rule of its own.", name=name)
    return gettext("Number %(name)s: rule %(rule)s plays “%(melody)s”.", **_held(stage, name))


def _of_company(stage: Stage) -> str:
    if stage.melody is None:
        return gettext("Company: plain ringing.")
    return gettext("Company: “%(melody)s”.", melody=melody(stage.melody))


def _held(stage: Stage, name: str | int | None) -> dict[str, object]:
    return {"name": name, "rule": stage.rule_id, "melody": melody(stage.melody)}
