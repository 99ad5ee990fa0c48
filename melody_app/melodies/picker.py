"""Choose a melody by its name: what a form offers, and how a choice such as `system:50` comes in.

A page includes templates/melodies/_picker.html with an Offer, and reads what was sent through `spread`:

    form = PageForm.from_page(spread(request.form, "melody", "source_type", "media_id"))
"""

from dataclasses import dataclass

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from melody_app.fields import FieldError, TypedField
from melody_app.melodies import catalogue, queries
from melody_app.models import Melody


@dataclass(frozen=True)
class Choice:
    """A melody that may be chosen.

    Args:
        value: what a form sends: `system:50`.
        id: its id in its catalogue.
        name: what it is called.
        duration_s: how long it lasts, in seconds.
        sha256: the hash of what callers hear.
    """

    value: str
    id: int
    name: str
    duration_s: float
    sha256: str


@dataclass(frozen=True)
class Offer:
    """What a picker shows.

    Args:
        chosen: the choice that is made, as a form sends it; empty for none.
        own: the company's own melodies.
        standard: the standard ones.
        ringing: plain ringing, where it may be chosen.
    """

    chosen: str
    own: list[Choice]
    standard: list[Choice]
    ringing: Choice | None = None

    @property
    def is_empty(self) -> bool:
        """Tell whether both catalogues are empty: ids belong to another system then, and are typed."""
        return not self.own and not self.standard

    @property
    def stray(self) -> tuple[str, str] | None:
        """Return the source and id of a choice that no catalogue holds, to be shown all the same."""
        known = [*self.own, *self.standard, *([self.ringing] if self.ringing else [])]
        source_type, _, melody_id = self.chosen.partition(":")
        return None if not melody_id or self.chosen in {each.value for each in known} else (source_type, melody_id)


def offer(source_type: str, melody_id: str, *, ringing: bool = False) -> Offer:
    """Return what may be chosen.

    Args:
        source_type: the source of the melody that is chosen, as typed or stored; empty for none.
        melody_id: its id, as typed or stored.
        ringing: whether plain ringing may be chosen.
    """
    return Offer(
        chosen=f"{source_type}:{melody_id}" if source_type and melody_id else "",
        own=search("client", ""),
        standard=search("system", ""),
        ringing=_ringing() if ringing else None,
    )


def tell_one_choice(source: TypedField, media: TypedField, *, is_only: bool) -> None:
    """Tell as one error that no melody was chosen, for both fields are one control.

    Args:
        source: the field of the melody's source.
        media: the field of its id, whose errors the control shows.
        is_only: whether the form has no other such control that the error could be about.
    """
    if {error.code for error in (*source.errors, *media.errors)} - {"unknown_melody"}:
        source.errors = []
        media.errors = [FieldError("required", lazy_gettext("Choose a melody."), is_shared=is_only)]


def search(source_type: str, text: str) -> list[Choice]:
    """Return the melodies of a catalogue in the order of their names.

    Args:
        source_type: `client` or `system`.
        text: a part of the name, or an id; empty for all.
    """
    found = queries.list_melodies(source_type, text)
    return [_choice(each) for each in sorted(found, key=lambda each: (each.search_key, each.id))]


def spread(sent: MultiDict[str, str], name: str, source_field: str, id_field: str) -> MultiDict[str, str]:
    """Return the form's texts with a choice spread to the two fields that it stands for.

    Args:
        sent: what the page sent.
        name: the picker's name.
        source_field: the field of the source, such as `source_type`.
        id_field: the field of the id, such as `media_id`.
    """
    if name not in sent:
        return sent
    spelled = MultiDict(sent)
    spelled[source_field], _, spelled[id_field] = spelled.pop(name).partition(":")
    return spelled


def _choice(melody: Melody) -> Choice:
    value = f"{melody.source_type}:{melody.id}"
    return Choice(value, melody.id, melody.name, melody.duration_s, melody.sha256)


def _ringing() -> Choice:
    tone = catalogue.tone()
    return Choice(f"beeps:{tone.id}", tone.id, tone.name, tone.report["duration_s"], tone.sha256)
