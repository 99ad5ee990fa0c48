"""The numbers and departments that rules refer to; an empty table vouches for nothing."""

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from melody_app.db import Base, BigId
from melody_app.models.base import among

NUMBER_TYPES = ("def", "abc", "sip_registration", "sip_redirection", "toll_free")
NUMBER_STATES = ("active", "activation", "debt_lock", "unconfirmed", "freeze")


class VirtualNumber(Base):
    """A number of the company; its id is the `number_capacity_id` that rules use."""

    __tablename__ = "virtual_numbers"
    __table_args__ = (
        among("type", NUMBER_TYPES),
        among("state", NUMBER_STATES),
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
    type: Mapped[str | None] = mapped_column(String(20))
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
