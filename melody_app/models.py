"""The whole schema on one page."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId, UtcDateTime

SOURCE_TYPES = ("client", "system")
SCOPES = ("manage", "call")
DEFAULT_SOURCE_TYPES = ("beeps", "client", "system")
DOORS = ("page", "token", "command")
LOOKUP_DOORS = ("asterisk", "freeswitch", "json")
SOURCES = ("employee_group", "number", "company", "none")
NUMBER_TYPES = ("def", "abc", "sip_registration", "sip_redirection", "toll_free")
NUMBER_STATES = ("active", "activation", "debt_lock", "unconfirmed", "freeze")


def _among(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=column)


def _now() -> Mapped[datetime]:
    # The database's clock: the one clock that all hosts of an installation share.
    return mapped_column(UtcDateTime, server_default=func.current_timestamp())


# ---------------------------------------------------------------- rules


class Rule(Base):
    """One melody for any set of numbers and departments."""

    __tablename__ = "rules"
    __table_args__ = (
        _among("source_type", SOURCE_TYPES),
        CheckConstraint("media_id >= 1", name="media_id"),
        # By each of these the page sorts, and by the first one melodies find the rules that play them.
        Index(None, "source_type", "media_id", "id"),
        Index(None, "changed_at", "id"),
        Index(None, "changed_by", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_type: Mapped[str] = mapped_column(String(6))
    media_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime] = _now()
    changed_by: Mapped[str] = mapped_column(String(100))


class RuleNumber(Base):
    """A number's place in its rule. The unique constraint is the promise: a number has at most one rule."""

    __tablename__ = "rule_numbers"
    __table_args__ = (
        PrimaryKeyConstraint("rule_id", "position"),
        UniqueConstraint("number_capacity_id"),
        CheckConstraint("number_capacity_id >= 1", name="number_capacity_id"),
    )

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    number_capacity_id: Mapped[int] = mapped_column(BigInteger)


class RuleDepartment(Base):
    """A department's place in its rule. The unique constraint is the promise: a department has at most one rule."""

    __tablename__ = "rule_departments"
    __table_args__ = (
        PrimaryKeyConstraint("rule_id", "position"),
        UniqueConstraint("employee_group_id"),
        CheckConstraint("employee_group_id >= 1", name="employee_group_id"),
    )

    rule_id: Mapped[int] = mapped_column(ForeignKey("rules.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    employee_group_id: Mapped[int] = mapped_column(BigInteger)


# ---------------------------------------------------------------- what rules refer to; an empty table vouches for nothing


class VirtualNumber(Base):
    """A number of the company; its id is the `number_capacity_id` that rules use."""

    __tablename__ = "virtual_numbers"
    __table_args__ = (
        _among("type", NUMBER_TYPES),
        _among("state", NUMBER_STATES),
        # By each of these the page sorts. By any part of the search key a number is found in an index of every three letters
        # in a row: directory/finding.py.
        Index(None, "search_key", "id"),
        Index(None, "type", "id"),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # E.164 without the plus (ITU-T E.164: at most 15 digits).
    number: Mapped[str] = mapped_column(String(15), unique=True)
    comment: Mapped[str | None] = mapped_column(String(200))
    type: Mapped[str] = mapped_column(String(20), server_default="def")
    state: Mapped[str] = mapped_column(String(20), server_default="active")
    region_name: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    # Digits and the comment in lower case, ё as е: SQLite's own lower() knows ASCII only.
    search_key: Mapped[str] = mapped_column(String(400))


class Department(Base):
    """A department of the company; its id is the `employee_group_id` that rules use."""

    __tablename__ = "departments"
    __table_args__ = (Index(None, "search_key", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    short_phone: Mapped[str | None] = mapped_column(String(20), index=True)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    search_key: Mapped[str] = mapped_column(String(400))


class Audio(Base):
    """A file's bytes, under the SHA-256 of their content: what was uploaded, and what callers hear."""

    __tablename__ = "audio"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Melody(Base):
    """A melody of one of the two catalogues, apart from its bytes; its id is the `media_id` that rules use."""

    __tablename__ = "melodies"
    __table_args__ = (UniqueConstraint("source_type", "id"), _among("source_type", SOURCE_TYPES))

    # Numbers the company's own melodies, whose id it is too: one that is deleted is never given again.
    key: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_type: Mapped[str] = mapped_column(String(6))
    id: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(200))
    search_key: Mapped[str] = mapped_column(String(600))
    # The WAV that callers hear, the file as uploaded, and what that file is.
    sha256: Mapped[str] = mapped_column(ForeignKey("audio.sha256"), index=True)
    original_sha256: Mapped[str] = mapped_column(ForeignKey("audio.sha256"), index=True)
    original_format: Mapped[str] = mapped_column(String(10))
    bytes: Mapped[int] = mapped_column(BigInteger)
    duration_s: Mapped[float] = mapped_column(Float)
    channels: Mapped[int] = mapped_column(Integer)
    sample_rate_hz: Mapped[int] = mapped_column(Integer)
    peak_dbfs: Mapped[float | None] = mapped_column(Float)
    loudness_lufs: Mapped[float | None] = mapped_column(Float)
    report: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime] = _now()
    changed_by: Mapped[str] = mapped_column(String(100))


class CompanyDefault(Base):
    """What callers hear where no rule applies: one row, with the id 1."""

    __tablename__ = "company_default"
    __table_args__ = (
        CheckConstraint("id = 1", name="id"),
        _among("dialing_source_type", DEFAULT_SOURCE_TYPES),
        _among("hold_source_type", DEFAULT_SOURCE_TYPES),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    dialing_source_type: Mapped[str] = mapped_column(String(6), server_default="beeps")
    dialing_media_id: Mapped[int] = mapped_column(BigInteger)
    hold_source_type: Mapped[str] = mapped_column(String(6), server_default="beeps")
    hold_media_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime] = _now()
    changed_by: Mapped[str] = mapped_column(String(100))


class Lookup(Base):
    """One time that an exchange asked what to play, and what it was answered; the last few of each number are kept."""

    __tablename__ = "lookups"
    __table_args__ = (
        _among("door", LOOKUP_DOORS),
        _among("source", SOURCES),
        Index(None, "subject", "id"),
        Index(None, "is_known", "id"),
        # A department is mostly asked for together with a number, under whose name the lookup is kept.
        Index(None, "department_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    # `number-74994088157`, or `group-93` where no number was asked for.
    subject: Mapped[str] = mapped_column(String(60))
    is_known: Mapped[bool] = mapped_column(Boolean)
    asked_ms: Mapped[int] = mapped_column(BigInteger)
    door: Mapped[str] = mapped_column(String(10))
    exchange: Mapped[str] = mapped_column(String(100))
    department_id: Mapped[int | None] = mapped_column(BigInteger)
    source: Mapped[str] = mapped_column(String(14))
    rule_id: Mapped[int | None] = mapped_column(BigInteger)
    source_type: Mapped[str | None] = mapped_column(String(6))
    media_id: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def asked_at(self) -> datetime:
        """Return when it asked."""
        return datetime.fromtimestamp(self.asked_ms / 1000, UTC)


# ---------------------------------------------------------------- who may come in


class Person(Base):
    """Somebody who signs in on a page."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    # The name in lower case: «Анна» and «анна» are one person.
    name_key: Mapped[str] = mapped_column(String(300), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = _now()
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignIn(Base):
    """One browser in which a person is signed in; the cookie holds the key, we its SHA-256."""

    __tablename__ = "sign_ins"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_s: Mapped[int] = mapped_column(BigInteger, index=True)


class Token(Base):
    """A secret by which a program comes in; we keep its SHA-256 and what it begins with."""

    __tablename__ = "tokens"
    __table_args__ = (_among("scope", SCOPES),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    scope: Mapped[str] = mapped_column(String(6))
    prefix: Mapped[str] = mapped_column(String(12))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = _now()
    created_by: Mapped[str] = mapped_column(String(100))
    last_used_s: Mapped[int] = mapped_column(BigInteger, server_default="0")

    @property
    def last_used_at(self) -> datetime | None:
        """Return when a program last came in by it, to the minute; None for never."""
        return datetime.fromtimestamp(self.last_used_s, UTC) if self.last_used_s else None


class SignInAttempts(Base):
    """How often a name or an address failed to sign in within a window of time."""

    __tablename__ = "sign_in_attempts"

    key_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    window_s: Mapped[int] = mapped_column(BigInteger, index=True)
    count: Mapped[int] = mapped_column(Integer)


class JournalEntry(Base):
    """Who did what, when and through which door; never changed afterwards."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        _among("door", DOORS),
        Index(None, "subject", "subject_id"),
        Index(None, "person", "id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = _now()
    person: Mapped[str] = mapped_column(String(100))
    door: Mapped[str] = mapped_column(String(7))
    action: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    request_id: Mapped[str] = mapped_column(Text, server_default="")

    @property
    def subject_name(self) -> str | None:
        """Return what the subject was called, if it had a name."""
        return (self.after or self.before or {}).get("name")
