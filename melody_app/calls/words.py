"""What a stage held, in a sentence of the reader's language."""

from flask_babel import gettext

from melody_app.calls.resolver import Played, Resolution, Stage
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
        return str(gettext("Plain ringing"))
    return played.name or str(gettext("melody %(id)s, which is not in the library", id=played.id))


def why(resolution: Resolution) -> str:
    """Say in a word what decided, and what would have, were its melody in the library."""
    played = resolution.playable
    decided = {
        "employee_group": str(gettext("own rule")),
        "number": str(gettext("own rule")),
        "company": str(gettext("the company's melody")),
        "none": "" if played.lost else str(gettext("no rule, and no company melody")),
    }[played.source]
    return "; ".join(filter(None, [decided, *map(missing, played.lost)]))


def missing(stage: Stage) -> str:
    """Say whose melody it is that the library doesn't hold.

    Args:
        stage: one that a call passes over for that reason.
    """
    its_id = stage.melody.id if stage.melody else ""
    if stage.rule_id:
        return str(
            gettext("melody\u00a0%(id)s of rule\u00a0%(rule)s is not in the library", id=its_id, rule=stage.rule_id)
        )
    return str(gettext("the company's melody %(id)s is not in the library", id=its_id))


def _of_department(stage: Stage) -> str:
    if stage.code == "unknown":
        return str(gettext("Department: it is not in the directory and has no rule."))
    name = _quoted(stage.name) if stage.name else stage.id
    if stage.code == "no_rule":
        return str(gettext("Department %(name)s: no rule of its own.", name=name))
    if _is_lost(stage):
        return str(gettext("Department %(name)s: rule\u00a0%(rule)s has %(melody)s.", **_held(stage, name)))
    return str(gettext("Department %(name)s: rule\u00a0%(rule)s plays %(melody)s.", **_held(stage, name)))


def _of_number(stage: Stage) -> str:
    if stage.code == "not_a_number":
        return str(gettext("Number: “%(text)s” is not a telephone number.", text=stage.name))
    if stage.code == "unknown":
        return str(gettext("Number: it is not in the directory and has no rule."))
    name = phone.shown(stage.name) if stage.name else stage.id
    if stage.code == "no_rule":
        return str(gettext("Number %(name)s: no rule of its own.", name=name))
    if _is_lost(stage):
        return str(gettext("Number %(name)s: rule\u00a0%(rule)s has %(melody)s.", **_held(stage, name)))
    return str(gettext("Number %(name)s: rule\u00a0%(rule)s plays %(melody)s.", **_held(stage, name)))


def _of_company(stage: Stage) -> str:
    if stage.melody is None:
        return str(gettext("Company: plain ringing."))
    return str(gettext("Company: %(melody)s.", melody=_named(stage.melody)))


def _is_lost(stage: Stage) -> bool:
    return bool(stage.melody and not stage.melody.sha256)


def _held(stage: Stage, name: str | int | None) -> dict[str, object]:
    return {"name": name, "rule": stage.rule_id, "melody": _named(stage.melody)}


def _named(played: Played | None) -> str:
    return _quoted(played.name) if played and played.name else melody(played)


def _quoted(name: str) -> str:
    return str(gettext("“%(name)s”", name=name))
