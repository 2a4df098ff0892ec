"""What happened to an object, from the audit log: who, when, and each field with its value before and after."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import AuditEntry, User
from planner.errors import NotFoundError
from planner.i18n import format_day, format_share
from planner.services.lists import ListFilter, load_slice
from planner.services.permissions import Actor, Permission, may
from planner.services.rows.cells import column_key
from planner.services.subjects import Mention, find_subject, load_subjects, split
from planner.services.wording import FIELDS
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports import sheets
from reports.catalogue import DATASETS
from reports.columns import NO, YES, Field, Sheet

SHOWN: Final = 10
"""How many entries an object's own page shows; the rest stand on the page of its history."""

SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType(
    {
        "requirement": sheets.REQUIREMENTS,
        "dataset": DATASETS,
        "site": sheets.SITES,
        "ministry": sheets.MINISTRIES,
        "agency": sheets.AGENCIES,
        "region": sheets.REGIONS,
        "clearance": sheets.CLEARANCES,
        "priority": sheets.PRIORITIES,
        "resource_type": sheets.RESOURCE_TYPES,
        "fiscal_year": sheets.FISCAL_YEARS,
    }
)
"""The sheet whose columns are the fields of a kind of object."""


@dataclass(frozen=True)
class Change:
    """One field: what it is called, and its value before and after, as people read them."""

    label: str | LocalText | Phrase
    old: Value
    new: Value


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


def load_history(session: Session, actor: Actor, subject: str, *, page: int = 1, page_size: int = SHOWN) -> History:
    """The newest entries of an object that `actor` may see, or whose entries `actor` sees in the audit log anyway."""
    if may(actor, Permission.VIEW_AUDIT_LOG):
        found = load_subjects(session, [subject]).get(subject)
    else:
        found = find_subject(session, actor, subject)
    query = entries_query().where(AuditEntry.subject == subject).order_by(AuditEntry.position.desc())
    part = load_slice(session, query, ListFilter(page=page, page_size=page_size))
    if found is None and not part.total:
        raise NotFoundError
    name = found.name if found else None
    return History(subject, name, read_entries(part.rows), part.total, part.page, part.pages)


def entries_query() -> Select[AuditEntry, str | None]:
    """Entries with the full names of who made them."""
    return select(AuditEntry, User.full_name).outerjoin(User, User.username == AuditEntry.actor)


def read_entries(rows: Iterable[Any]) -> tuple[Entry, ...]:
    """Entries as people read them, from rows of `entries_query`."""
    return tuple(
        Entry(
            position=entry.position,
            at=entry.at,
            actor=name or entry.actor,
            username=entry.actor,
            role=entry.role,
            action=entry.action,
            subject=entry.subject,
            changes=tuple(read_changes(SHEETS.get(split(entry.subject)[0]), entry.changes)),
            note=entry.note,
        )
        for entry, name in rows
    )


def read_changes(sheet: Sheet | None, changes: Mapping[str, Any]) -> Iterator[Change]:
    """Fields as people read them, from the values before and after by column of `sheet`."""
    for name, (old, new) in changes.items():
        match column_key(sheet, name) if sheet else None:
            case str(key) if sheet:
                field = sheet.field(key)
                yield Change(field.header, _shown(old, field), _shown(new, field))
            case (series, (code, year)) if sheet:
                header = next(known.header for known in sheet.series if known.key == series)
                parts: dict[str, Value] = {"series": header, "code": code, "year": FiscalYear(int(year))}
                sentence = "%(series)s %(code)s %(year)s" if code else "%(series)s %(year)s"
                yield Change(Phrase(sentence, parts), old, new)
            case _ if sheet and name == "revision":
                field = sheet.field("status")
                yield Change(FIELDS[name], _shown(old, field), _shown(new, field))
            case _:
                yield Change(FIELDS.get(name, name), _shown(old), _shown(new))


def _shown(value: Any, field: Field | None = None) -> Value:
    """A value of the log as a reader expects it."""
    kind = field.kind if field else "text"
    match value:
        case "" | []:
            return None
        case bool():
            return YES if value else NO
        case list():
            return tuple(_shown(part, field) for part in value)
        case dict():
            return ", ".join(f"{key}: {part}" for key, part in value.items())
        case str() if kind == "date":
            day = dt.date.fromisoformat(value)
            return LocalText(format_day(day, "th"), format_day(day, "en"))
        case str() if field and field.choices:
            return field.choices.get(value, value)
        case int() if kind == "year":
            return FiscalYear(value)
        case int() | float() if kind == "share":
            return format_share(value, "en")
    plain: str | int | float | None = value
    return plain
