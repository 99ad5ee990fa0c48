"""The melodies that rules refer to, and their bytes."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Float, ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId, UtcDateTime
from melody_app.models.base import SOURCE_TYPES, among, now


class Audio(Base):
    """A file's bytes, under the SHA-256 of their content: what was uploaded, and what callers hear."""

    __tablename__ = "audio"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Melody(Base):
    """A melody of one of the two catalogues, apart from its bytes; its id is the `media_id` that rules use."""

    __tablename__ = "melodies"
    __table_args__ = (UniqueConstraint("source_type", "id"), among("source_type", SOURCE_TYPES))

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
    # When the file came in, and who sent it; a new name is a change, but no upload. A standard melody was uploaded by nobody.
    uploaded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    uploaded_by: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = mapped_column(String(100))

    @property
    def is_changed_since_upload(self) -> bool:
        """Tell whether somebody changed something else after the file came in."""
        return (self.changed_at, self.changed_by) != (self.uploaded_at, self.uploaded_by)
