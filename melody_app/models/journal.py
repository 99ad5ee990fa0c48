"""Who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId
from melody_app.models.base import among, now

DOORS = ("page", "token", "command")


class JournalEntry(Base):
    """Who did what, when and through which door; never changed afterwards."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        among("door", DOORS),
        Index(None, "subject", "subject_id"),
        Index(None, "person", "id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = now()
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
