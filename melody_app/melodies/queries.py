"""Read melodies: the API's lists, the library's page, what plays them, and their bytes."""

import re
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, defer

from melody_app.db import db, read
from melody_app.lean import Lean, LeanStatement
from melody_app.melodies import catalogue
from melody_app.models import Audio, CompanyDefault, Melody, Rule
from melody_app.paging import Page, count, ids_on, page_of
from melody_app.search import holds, search_key

SHOWN_RULES = 6
"""As many rules that play a melody stand beside it."""

_HASH = re.compile("[0-9a-f]{64}")

KINDS = ("dialing", "hold")
"""What the company default says: while being connected, and on hold."""

_EXISTS = LeanStatement(
    select(Melody.key).where(Melody.source_type == "client", Melody.id == bindparam("melody_id", type_=Melody.id.type))
)
_PLAYING = (
    Rule.source_type == bindparam("source_type"),
    Rule.media_id == bindparam("media_id", type_=Rule.media_id.type),
)
_FIRST_RULES = LeanStatement(select(Rule.id).where(*_PLAYING).order_by(Rule.id).limit(SHOWN_RULES))
_COUNT_RULES = LeanStatement(select(func.count(Rule.id)).where(*_PLAYING))
_WAV = LeanStatement(
    select(Audio.data).where(
        Audio.sha256 == bindparam("sha256"), exists(select(Melody.key).where(Melody.sha256 == bindparam("sha256")))
    )
)


@dataclass
class Uses:
    """What plays a melody.

    Args:
        rule_ids: the first few rules, or all of them.
        more: how many more rules there are.
        company: which of KINDS of the company default.
    """

    rule_ids: list[int] = field(default_factory=list)
    more: int = 0
    company: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.rule_ids or self.company)


@dataclass(frozen=True)
class Row:
    """A melody as the library shows it."""

    melody: Melody
    uses: Uses


def list_melodies(source_type: str, text: str = "", *, limit: int | None = None) -> list[Melody]:
    """Return a catalogue in the order of its ids, without the reports.

    Args:
        source_type: `client` or `system`.
        text: a part of the name, or an id; empty for all.
        limit: how many at most.
    """
    statement = select(Melody).where(*_matching(source_type, text)).options(defer(Melody.report))
    return list(db.session.scalars(statement.order_by(Melody.id).limit(limit)))


def find_known(source_type: str, melody_id: int) -> Melody | None:
    """Return a melody, or None."""
    return db.session.scalar(select(Melody).where(Melody.source_type == source_type, Melody.id == melody_id))


def is_there(melody_id: int) -> bool:
    """Tell whether there is such a melody of the company's own; leaves no transaction open behind it."""
    with read() as lean:
        return lean.one(_EXISTS, melody_id=melody_id) is not None


def own_page(text: str, number: int) -> Page:
    """Return a page of the company's own melodies, the newest first.

    Args:
        text: a part of the name, or an id; empty for all.
        number: which page, from 1; the last one when there are fewer.
    """
    wanted = _matching("client", text)
    page = page_of(count(Melody, *wanted), number)
    ids = ids_on(page, (Melody.id,), *wanted, descending=True)
    own = select(Melody).where(Melody.source_type == "client", Melody.id.in_(ids))
    page.rows = _rows(db.session.scalars(own.order_by(Melody.id.desc())))
    return page


def standard_rows(text: str) -> list[Row]:
    """Return the standard catalogue, which is short.

    Args:
        text: a part of the name, or an id; empty for all.
    """
    return _rows(db.session.scalars(select(Melody).where(*_matching("system", text)).order_by(Melody.id)))


def get_row(melody_id: int) -> Row | None:
    """Return one of the company's own melodies with all that plays it, or None."""
    melody = find_known("client", melody_id)
    return None if melody is None else Row(melody, uses_of(db.session(), melody))


def count_melodies(source_type: str) -> int:
    """Return how many melodies a catalogue holds."""
    return db.session.scalar(select(func.count()).where(Melody.source_type == source_type)) or 0


def used_bytes(session: Session, *, besides: int = 0) -> int:
    """Return what the company's own melodies take.

    Args:
        session: where to ask.
        besides: a melody that doesn't count.
    """
    statement = select(func.coalesce(func.sum(Melody.bytes), 0))
    return int(session.scalar(statement.where(Melody.source_type == "client", Melody.id != besides)) or 0)


def uses_of(session: Session, melody: Melody) -> Uses:
    """Return every rule that plays the melody, and whether the company default does.

    Args:
        session: where to ask.
        melody: which one.
    """
    playing = (Rule.source_type == melody.source_type, Rule.media_id == melody.id)
    rule_ids = list(session.scalars(select(Rule.id).where(*playing).order_by(Rule.id)))
    default = company_default(session)
    return Uses(rule_ids, 0, _kinds_of(default, melody))


def company_default(session: Session, *, lock: bool = False) -> CompanyDefault:
    """Return what callers hear where no rule applies: plain ringing, until somebody says otherwise.

    Args:
        session: where to ask.
        lock: keep others from changing it until the transaction ends.
    """
    found = session.get(CompanyDefault, 1, with_for_update=lock or None)
    ringing = {f"{kind}_source_type": "beeps" for kind in KINDS}
    ids = {f"{kind}_media_id": catalogue.tone().id for kind in KINDS}
    return found or CompanyDefault(id=1, **ringing, **ids, version=1, changed_by="")


def stray_rules() -> list[int]:
    """Return the rules that play a standard melody which the catalogue doesn't hold."""
    known = select(Melody.id).where(Melody.source_type == "system")
    return list(
        db.session.scalars(
            select(Rule.id).where(Rule.source_type == "system", Rule.media_id.not_in(known)).order_by(Rule.id)
        )
    )


def find_wav(sha256: str, lean: Lean | None = None) -> bytes | None:
    """Return what callers hear, or None; the ringing tone is there before the catalogue is loaded.

    Args:
        sha256: the hash of the WAV.
        lean: where to ask; a connection of its own when absent.
    """
    if not _HASH.fullmatch(sha256):
        return None  # PostgreSQL would stumble over a NUL in it
    with nullcontext(lean) if lean else read(snapshot=True) as asked:
        row = asked.one(_WAV, sha256=sha256)
    if row is None and sha256 == catalogue.tone().sha256:
        return catalogue.tone().wav
    return None if row is None else bytes(row[0])


def find_original(sha256: str) -> tuple[Melody, bytes] | None:
    """Return a melody and the file as uploaded, or None.

    Args:
        sha256: the hash of the file itself, or of the WAV that was made of it.
    """
    if not _HASH.fullmatch(sha256):
        return None
    named = or_(Melody.original_sha256 == sha256, Melody.sha256 == sha256)
    exact_first = (Melody.original_sha256 == sha256).desc()
    statement = select(Melody, Audio.data).join(Audio, Audio.sha256 == Melody.original_sha256)
    row = db.session.execute(statement.where(named).order_by(exact_first, Melody.key).limit(1)).first()
    return None if row is None else (row[0], row[1])


def _matching(source_type: str, text: str) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [Melody.source_type == source_type]
    key = search_key(text)
    if key:
        found = holds(Melody.search_key, key)
        if key.isdecimal() and len(key) < 19:  # noqa: PLR2004  (what fits into 64 bits)
            found = or_(found, Melody.id == int(key))
        wanted.append(found)
    return wanted


def _rows(melodies: Iterable[Melody]) -> list[Row]:
    rows = {(each.source_type, each.id): Row(each, Uses()) for each in melodies}
    default = company_default(db.session())
    for row in rows.values():
        row.uses.company = _kinds_of(default, row.melody)
    with read() as lean:
        for (source_type, melody_id), row in rows.items():
            played = {"source_type": source_type, "media_id": melody_id}
            row.uses.rule_ids = [each for (each,) in lean.all(_FIRST_RULES, **played)]
            row.uses.more = lean.one(_COUNT_RULES, **played)[0] - len(row.uses.rule_ids)
    return list(rows.values())


def _kinds_of(default: CompanyDefault, melody: Melody) -> list[str]:
    played = {
        "dialing": (default.dialing_source_type, default.dialing_media_id),
        "hold": (default.hold_source_type, default.hold_media_id),
    }
    heard = {(melody.source_type, melody.id)}
    if melody.source_type == "system" and melody.id == catalogue.tone().id:
        heard.add(("beeps", melody.id))
    return [kind for kind in KINDS if played[kind] in heard]
