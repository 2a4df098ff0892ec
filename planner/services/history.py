"""What happened to an object, from the audit log: who, when, and each field with its value before and after."""

import datetime as dt
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import AuditEntry, User
from planner.errors import NotFoundError
from planner.services.fields import Change, code_of, read_changes
from planner.services.lists import ListFilter, load_slice
from planner.services.permissions import Actor, Permission, may
from planner.services.subjects import KINDS, Mention, find_subject, load_subjects, split
from planner.text import Value
from reports.columns import Sheet

SHOWN: Final = 10
"""How many entries an object's own page shows; the rest stand on the page of its history."""


@dataclass(frozen=True)
class Entry:
    """One event. `actor` is the full name of who did it, or the user name where the account is gone."""

    position: int
    at: dt.datetime
    actor: str
    username: str
    role: str
    action: str
    subject: str
    changes: tuple[Change, ...]
    note: str


@dataclass(frozen=True)
class History(Mention):
    """One page of an object's entries, newest first; `total` counts those of every page."""

    entries: tuple[Entry, ...]
    total: int
    page: int
    pages: int


def load_history(
    session: Session, actor: Actor, subject: str, *, page: int = 1, page_size: int = SHOWN, before: int | None = None
) -> History:
    """The newest entries of an object that `actor` may see, or whose entries `actor` sees in the audit log anyway.

    With `before`, the newest of those that are older than the entry with that position.
    """
    if may(actor, Permission.VIEW_AUDIT_LOG):
        found = load_subjects(session, [subject]).get(subject)
    else:
        found = find_subject(session, actor, subject)
    query = entries_query().where(AuditEntry.subject == subject).order_by(AuditEntry.position.desc())
    if before is not None:
        query = query.where(AuditEntry.position < before)
    part = load_slice(session, query, ListFilter(page=page, page_size=page_size))
    if found is None and before is None and not part.total:
        raise NotFoundError
    name = found.name if found else None
    return History(subject, name, read_entries(session, part.rows), part.total, part.page, part.pages)


def entries_query() -> Select[AuditEntry, str | None]:
    """Entries with the full names of who made them."""
    return select(AuditEntry, User.full_name).outerjoin(User, User.username == AuditEntry.actor)


def read_entries(session: Session, rows: Iterable[Any]) -> tuple[Entry, ...]:
    """Entries as people read them, from rows of `entries_query`. A query for each kind of object that they name."""
    rows = tuple(rows)
    asked: set[str] = set()
    for entry, _ in rows:
        deque(read_changes(_sheet(entry), entry.changes, asked.add), maxlen=0)
    known = load_subjects(session, asked)

    def name(key: str) -> Value:
        return known[key].name if key in known else code_of(key)

    return tuple(
        Entry(
            position=entry.position,
            at=entry.at,
            actor=full_name or entry.actor,
            username=entry.actor,
            role=entry.role,
            action=entry.action,
            subject=entry.subject,
            changes=tuple(read_changes(_sheet(entry), entry.changes, name)),
            note=entry.note,
        )
        for entry, full_name in rows
    )


def _sheet(entry: AuditEntry) -> Sheet | None:
    known = KINDS.get(split(entry.subject)[0])
    return known.sheet if known else None
