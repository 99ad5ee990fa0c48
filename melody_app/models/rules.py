"""The main job: which numbers and departments play which melody, and what plays where no rule applies."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId
from melody_app.models.base import SOURCE_TYPES, among, now

DEFAULT_SOURCE_TYPES = ("beeps", "client", "system")


class Rule(Base):
    """One melody for any set of numbers and departments."""

    __tablename__ = "rules"
    __table_args__ = (
        among("source_type", SOURCE_TYPES),
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
    changed_at: Mapped[datetime] = now()
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


class CompanyDefault(Base):
    """What callers hear where no rule applies: one row, with the id 1."""

    __tablename__ = "company_default"
    __table_args__ = (
        CheckConstraint("id = 1", name="id"),
        among("dialing_source_type", DEFAULT_SOURCE_TYPES),
        among("hold_source_type", DEFAULT_SOURCE_TYPES),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    dialing_source_type: Mapped[str] = mapped_column(String(6), server_default="beeps")
    dialing_media_id: Mapped[int] = mapped_column(BigInteger)
    hold_source_type: Mapped[str] = mapped_column(String(6), server_default="beeps")
    hold_media_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(Integer, server_default="1")
    changed_at: Mapped[datetime] = now()
    changed_by: Mapped[str] = mapped_column(String(100))
