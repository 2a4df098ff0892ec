"""The audit log as auditors read it: filtered, newest first, and exported as it is shown."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import Session

from models import AuditEntry
from planner.services.fields import Change
from planner.services.history import Entry, entries_query, read_entries
from planner.services.lists import PAGE_SIZE, ListFilter, Listing, load_slice, matches
from planner.services.permissions import Actor, Permission, require
from planner.services.subjects import KINDS, split
from planner.services.wording import action_phrase, role_phrase
from planner.text import N_, Phrase
from reports.values import Cell, Column, Table
from reports.words import BANGKOK

MOST_EXPORTED: Final = 50_000
"""Rows of an export; a narrower filter gets at the others."""

COLUMNS: Final = (
    Column("position", N_("No."), "code"),
    Column("at", N_("When"), "moment"),
    Column("actor", N_("Who")),
    Column("username", N_("User name"), "code"),
    Column("role", N_("Role")),
    Column("action", N_("Action")),
    Column("object", N_("Object")),
    Column("changes", N_("What changed")),
    Column("note", N_("Note")),
)
FIRST_DAY: Final = dt.date.min + dt.timedelta(days=1)
LAST_DAY: Final = dt.date.max - dt.timedelta(days=1)
"""The days between which every midnight in Bangkok is a moment in UTC, too."""


@dataclass(frozen=True)
class LogFilter:
    """Which entries: of a kind of object, by a user name, of an action, from and to a day in Bangkok.

    `text` is looked for in codes of objects and in notes. `page` None means all, up to `MOST_EXPORTED`. Those `before`
    a position are older than the entry that has it.
    """

    text: str | None = None
    kind: str | None = None
    actor: str | None = None
    action: str | None = None
    first: dt.date | None = None
    last: dt.date | None = None
    before: int | None = None
    page: int | None = 1
    page_size: int = PAGE_SIZE


def list_entries(session: Session, actor: Actor, wanted: LogFilter) -> Listing:
    """A page of the entries that `wanted` lets through."""
    require(actor, Permission.VIEW_AUDIT_LOG)
    query = _matching(wanted).order_by(AuditEntry.position.desc())
    size = wanted.page_size if wanted.page else MOST_EXPORTED
    part = load_slice(session, query, ListFilter(page=wanted.page or 1, page_size=size))
    rows = tuple(map(_cells, read_entries(session, part.rows)))
    left_out = part.total - len(rows) if wanted.page is None else 0
    note = Phrase(N_("%(count)s older entries are left out. Narrow the filter."), {"count": left_out})
    return part.listing(Table("audit", N_("Audit log"), COLUMNS, rows, note=note if left_out else None))


def _matching(wanted: LogFilter) -> Select[AuditEntry, str | None]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.text:
        conditions.append(matches(wanted.text, AuditEntry.subject, AuditEntry.note))
    if wanted.kind:  # one stretch of the index: ";" is the sign after ":"
        conditions += [AuditEntry.subject >= f"{wanted.kind}:", AuditEntry.subject < f"{wanted.kind};"]
    if wanted.actor:
        conditions.append(AuditEntry.actor == wanted.actor.lower())
    if wanted.action:
        conditions.append(AuditEntry.action == wanted.action)
    if wanted.first:
        conditions.append(AuditEntry.at >= _midnight(max(wanted.first, FIRST_DAY)))
    if wanted.last:
        conditions.append(AuditEntry.at < _midnight(min(wanted.last, LAST_DAY) + dt.timedelta(days=1)))
    if wanted.before is not None:
        conditions.append(AuditEntry.position < wanted.before)
    return entries_query().where(*conditions)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BANGKOK)


def _object(entry: Entry) -> Cell:
    """What an entry is about, in words: of a stranger no more is known than the network address."""
    kind, code = split(entry.subject)
    label = N_("Network address") if kind == "address" else KINDS[kind].label if kind in KINDS else ""
    return Phrase("%(kind)s %(code)s", {"kind": Phrase(label), "code": code}) if label else entry.subject


def _cells(entry: Entry) -> tuple[Cell, ...]:
    return (
        str(entry.position),
        entry.at,
        entry.actor or Phrase(N_("Somebody not signed in")),
        entry.username,
        role_phrase(entry.role) if entry.role else None,
        action_phrase(entry.action),
        _object(entry),
        Phrase("%(changes)s", {"changes": tuple(map(_change, entry.changes))}) if entry.changes else None,
        entry.note or None,
    )


def _change(change: Change) -> Phrase:
    label = Phrase(change.label) if isinstance(change.label, str) else change.label
    return Phrase("%(field)s: %(old)s → %(new)s", {"field": label, "old": change.old, "new": change.new})
