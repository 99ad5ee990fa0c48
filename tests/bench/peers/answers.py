"""What every peer answers to a lookup: the same as we do."""

from typing import Any


def answer(entry: Any, rule: Any, melody: Any, company: Any) -> dict[str, Any]:
    """Spell an answer: what plays, and what each stage held."""
    played = spell(melody) if rule else None
    told = {"id": entry and entry.id, "name": entry and entry.number, "rule_id": rule and rule.id, "melody": played}
    code = "rule" if rule else "no_rule" if entry else "unknown"
    ringing = "plain_ringing" if company.dialing_source_type == "beeps" else "melody"
    return {
        "source": "number" if rule else "none",
        "rule_id": rule and rule.id,
        "melody": played,
        "explain": [
            {"stage": "number", "code": code, **told},
            {"stage": "company", "code": ringing, "melody": None},
        ],
    }


def spell(melody: Any) -> dict[str, Any]:
    """Spell a melody."""
    url = f"http://127.0.0.1/media/{melody.sha256}.wav"
    return {"source_type": melody.source_type, "id": melody.id, "name": melody.name, "url": url}
