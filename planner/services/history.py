"""What happened to an object, from the audit log: who, when, and each field with its value before and after."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import AuditEntry, User
from planner.services.lists import ListFilter, load_slice
from planner.services.permissions import Actor
from planner.services.rows.cells import column_key
from planner.services.subjects import find_subject, split
from planner.services.wording import FIELDS
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports import sheets
from reports.catalogue import DATASETS
from reports.columns import Field, Sheet

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

Shown: TypeAlias = "Value | dt.date"


@dataclass(frozen=True)
class Change:
    """One field: what it is called, its value before and after, and the kind (`reports.values.Kind`) of both."""

    label: str | LocalText | Phrase
    old: Shown
    new: Shown
    kind: str = "text"


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
class History:
    """One page of an object's entries, newest first; `total` counts those of every page."""

    subject: str
    name: LocalText
    entries: tuple[Entry, ...]
    total: int
    page: int
    pages: int


def load_history(session: Session, actor: Actor, subject: str, *, page: int = 1, page_size: int = SHOWN) -> History:
    """The newest entries of an object that `actor` may see, else `NotFoundError`."""
    found = find_subject(session, actor, subject)
    query = entries_query().where(AuditEntry.subject == subject).order_by(AuditEntry.position.desc())
    part = load_slice(session, query, ListFilter(page=page, page_size=page_size))
    return History(subject, found.name, read_entries(part.rows), part.total, part.page, part.pages)


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
            changes=tuple(_read_changes(split(entry.subject)[0], entry.changes)),
            note=entry.note,
        )
        for entry, name in rows
    )


def _read_changes(kind: str, changes: Mapping[str, Any]) -> Iterator[Change]:
    sheet = SHEETS.get(kind)
    for name, (old, new) in changes.items():
        match column_key(sheet, name) if sheet else None:
            case str(key) if sheet:
                field = sheet.field(key)
                yield Change(field.header, _shown(old, field), _shown(new, field), field.kind)
            case (series, (code, year)) if sheet:
                header = next(known.header for known in sheet.series if known.key == series)
                parts: dict[str, Value] = {"series": header, "code": code, "year": FiscalYear(int(year))}
                yield Change(Phrase("%(series)s %(code)s %(year)s", parts), old, new)
            case _:
                yield Change(FIELDS.get(name, name), _shown(old), _shown(new))


def _shown(value: Any, field: Field | None = None) -> Shown:
    """A value of the log as a reader expects it; codes of choices by their names."""
    match value:
        case list():
            return ", ".join(map(str, value)) if field is None else tuple(_choice(part, field) for part in value)
        case dict():
            return ", ".join(f"{key}: {part}" for key, part in value.items())
        case "":
            return None
        case str() if field and field.kind == "date":
            return dt.date.fromisoformat(value)
        case str() if field:
            return _choice(value, field)
    plain: str | int | float | None = value
    return plain


def _choice(value: str, field: Field) -> str | LocalText:
    return (field.choices or {}).get(value, value)
