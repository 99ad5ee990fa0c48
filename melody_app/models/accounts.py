"""Who may come in."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId, UtcDateTime
from melody_app.models.base import among, now

SCOPES = ("manage", "call")


class Person(Base):
    """Somebody who signs in on a page."""

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    # The name in lower case: «Анна» and «анна» are one person.
    name_key: Mapped[str] = mapped_column(String(300), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = now()
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
    __table_args__ = (among("scope", SCOPES),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    scope: Mapped[str] = mapped_column(String(6))
    prefix: Mapped[str] = mapped_column(String(12))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = now()
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
