"""What may come in for the company default."""

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict

from melody_app.company.service import Values
from melody_app.fields import ChoiceField, IntField, required
from melody_app.forms import BaseForm
from melody_app.melodies.picker import spread
from melody_app.melodies.queries import KINDS
from melody_app.rules.forms import SOURCES as RULE_SOURCES

SOURCES = {"beeps": lazy_gettext("Plain ringing"), **RULE_SOURCES}


class DefaultForm(BaseForm):
    """What callers hear while being connected, and on hold. Plain ringing needs no id: there is one."""

    dialing_source_type = ChoiceField(lazy_gettext("While being connected"), SOURCES)
    dialing_media_id = IntField(lazy_gettext("While being connected"), optional=True)
    hold_source_type = ChoiceField(lazy_gettext("On hold"), SOURCES)
    hold_media_id = IntField(lazy_gettext("On hold"), optional=True)
    id = IntField(most=1, optional=True)
    version = IntField(optional=True)

    def check_together(self) -> None:
        """Refuse a melody without its id."""
        for kind in KINDS:
            source, media = self[f"{kind}_source_type"], self[f"{kind}_media_id"]
            if source.data in {"client", "system"} and media.data is None and not media.errors:
                self.refuse(media.name, required())

    @property
    def values(self) -> Values:
        """Return what the checked form says."""
        return {name: self[name].data for kind in KINDS for name in (f"{kind}_source_type", f"{kind}_media_id")}


def from_page(sent: MultiDict[str, str]) -> DefaultForm:
    """Read the page's two choices, each such as `client:14`."""
    for kind in KINDS:
        sent = spread(sent, kind, f"{kind}_source_type", f"{kind}_media_id")
    return DefaultForm.from_page(sent)
