"""What telephone exchanges asked."""

from datetime import UTC, datetime

from sqlalchemy import BigInteger, Boolean, Index, String, column
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId
from melody_app.models.base import among, index_where

LOOKUP_DOORS = ("asterisk", "freeswitch", "json")
SOURCES = ("employee_group", "number", "company", "none")


class Lookup(Base):
    """One time that an exchange asked what to play, and what it was answered; the last few of each number are kept."""

    __tablename__ = "lookups"
    __table_args__ = (
        among("door", LOOKUP_DOORS),
        among("source", SOURCES),
        Index(None, "subject", "id"),
        # These two are looked up for few, and would be written at every call: they hold only what is looked up by them.
        index_where(column("is_known", Boolean).is_(False), "is_known", "id"),
        # A department is mostly asked for together with a number, under whose name the lookup is kept.
        index_where(column("department_id").is_not(None), "department_id", "id"),
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
