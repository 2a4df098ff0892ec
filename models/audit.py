"""What happened: one append-only, hash-chained log that serves the history of each object and the auditors alike.

An entry speaks in codes and names, not in foreign keys: it stays readable, to the last letter, whatever happens to
today's rows. Database triggers refuse to change or to take away an entry; `planner.services.audit` links the chain.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code

SUBJECT = String(300).with_variant(String(300, collation="C"), "postgresql")
"""What an entry is about, `kind:code`; sorted by code point, so that one kind is one stretch of an index."""

USERNAME = String(254).with_variant(String(254, collation="C"), "postgresql")
HASH = String(64)


class AuditEntry(Base):
    """One event. `position` counts from 1 without gaps; `hash` is of this entry and of the hash before it.

    `actor` is a user name and `role` the role then held; both are empty for a stranger. `changes` holds, by field,
    the value before and the value after.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        CheckConstraint("position > 0", name="position_positive"),
        CheckConstraint("length(hash) = 64", name="hash_length"),
        Index(None, "subject", "position"),
        Index(None, "actor", "position"),
        Index(None, "action", "position"),
        Index(None, "at", "position"),
    )

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime]
    actor: Mapped[str] = mapped_column(USERNAME)
    role: Mapped[Code]
    action: Mapped[Code]
    subject: Mapped[str] = mapped_column(SUBJECT)
    changes: Mapped[dict[str, Any]] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(HASH)


class AuditHead(Base):
    """The one row that says where the chain ends: whoever appends locks it, and an end that was cut off shows."""

    __tablename__ = "audit_head"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("length(hash) = 64", name="hash_length"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int]
    hash: Mapped[str] = mapped_column(HASH)
