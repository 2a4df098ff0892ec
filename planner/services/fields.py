"""What the fields in the audit log are called, and their values as people read them."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from planner.i18n import format_day, format_share
from planner.services.phrases import read_phrase
from planner.services.rows.cells import column_key
from planner.services.rows.recording import HIDDEN
from planner.services.subjects import KINDS, split
from planner.services.tokens import scope_phrase
from planner.services.webhooks.events import event_phrase
from planner.services.wording import (
    FIELDS,
    ROLES,
    fairness_phrase,
    level_phrase,
    requirement_status_phrase,
    role_phrase,
)
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports.columns import NO, YES, Field, SeriesKey, Sheet
from reports.reader import ColumnKey
from reports.sheets import CAPACITY, SITES

Name: TypeAlias = Callable[[str], Value]
"""What the object `kind:code` is called."""
Label: TypeAlias = str | LocalText | Phrase

_KIND_OF_SHEET: Final[Mapping[str, str]] = MappingProxyType(
    {known.sheet.key: kind for kind, known in KINDS.items() if known.sheet}
)
_CODES_OF: Final[Mapping[str, str]] = MappingProxyType(
    {"ministry": "ministry", "floors": "ministry", "caps": "ministry", "pins": "requirement"}
)
"""The kind of object whose code is the value, or the second part, of fields that are no columns of a sheet."""
_PHRASE_OF: Final[Mapping[str, Callable[[str], Phrase]]] = MappingProxyType(
    {
        "events": event_phrase,
        "fairness": fairness_phrase,
        "levels": level_phrase,
        "revision": requirement_status_phrase,
        "scopes": scope_phrase,
        "status": requirement_status_phrase,
    }
)
"""What the values are called of fields that are no columns of a sheet."""
_SHARES: Final = frozenset({"caps", "floors", "tolerance"})
"""Such fields, or their first parts, that hold shares."""


@dataclass(frozen=True)
class Change:
    """One field: what it is called, and its value before and after, as people read them."""

    label: Label
    old: Value
    new: Value


def code_of(key: str) -> str:
    """The code of `kind:code`: what an object is called where its name does not matter."""
    return split(key)[1]


def read_changes(sheet: Sheet | None, changes: Mapping[str, Any], name: Name = code_of) -> Iterator[Change]:
    """The changes of an entry about a row of `sheet`, if it is of one; codes within them are called by `name`."""
    for field_name, (old, new) in changes.items():
        known, key, resource_type = _column(sheet, field_name)
        label: Label
        if known and isinstance(key, str):
            field = known.field(key)
            label, values = field.header, [_cell(value, field, name) for value in (old, new)]
        elif known and isinstance(key, tuple):
            label, values = _series_label(known, *key, name), [old, new]
        else:
            label, values = _plain_label(field_name, name), [_plain(field_name, value, name) for value in (old, new)]
        if resource_type:
            parts: dict[str, Value] = {"what": name(f"resource_type:{resource_type}"), "field": _phrase(label)}
            label = Phrase("%(what)s: %(field)s", parts)
        yield Change(label, *values)


def _column(sheet: Sheet | None, name: str) -> tuple[Sheet | None, ColumnKey | None, str]:
    """The sheet and column of a field; a site's capacity is of a resource type, whose code may stand before it."""
    if sheet is None or (key := column_key(sheet, name)) is not None or sheet is not SITES:
        return sheet, key if sheet else None, ""
    if (key := column_key(CAPACITY, name)) is not None:
        return CAPACITY, key, ""
    resource_type, _, rest = name.partition(".")
    key = column_key(CAPACITY, rest)
    return CAPACITY, key, resource_type if key else ""


def _series_label(sheet: Sheet, series: str, key: SeriesKey, name: Name) -> Phrase:
    code, year = key
    header = next(known.header for known in sheet.series if known.key == series)
    parts: dict[str, Value] = {"series": header, "year": FiscalYear(year)}
    if not code:
        return Phrase("%(series)s %(year)s", parts)
    return Phrase("%(series)s %(code)s %(year)s", {**parts, "code": name(f"resource_type:{code}")})


def _cell(value: Any, field: Field, name: Name) -> Value:
    """A value of a column, by what the column holds."""
    match value:
        case "" | []:
            return None
        case str() if value == HIDDEN:
            return value
        case list():
            return tuple(_cell(part, field, name) for part in value)
        case bool():
            return YES if value else NO
        case str() if field.refers:
            return name(f"{_KIND_OF_SHEET[field.refers]}:{value}")
        case str() if field.kind == "date":
            day = dt.date.fromisoformat(value)
            return LocalText(format_day(day, "th"), format_day(day, "en"))
        case str() if field.choices:
            return field.choices.get(value, value)
        case int() if field.kind == "year":
            return FiscalYear(value)
        case int() | float() if field.kind == "share":
            return format_share(value, "en")
    plain: Value = value
    return plain


def _plain_label(field_name: str, name: Name) -> Label:
    first, _, code = field_name.partition(".")
    label = FIELDS.get(first, first)
    if not code:
        return label
    what = name(f"{_CODES_OF[first]}:{code}") if first in _CODES_OF else code
    return Phrase("%(what)s: %(field)s", {"what": what, "field": Phrase(label)})


def _plain(field_name: str, value: Any, name: Name) -> Value:
    first = field_name.partition(".")[0]
    match value:
        case "" | []:
            return None
        case bool():
            return YES if value else NO
        case list():
            return tuple(_plain(field_name, part, name) for part in value)
        case {"msgid": _, "params": _}:
            return read_phrase(value)
        case dict():
            return ", ".join(f"{key}: {part}" for key, part in value.items())
        case int() | float() if first in _SHARES:
            return format_share(value, "en")
        case str() if first == "pins":
            return name(f"site:{value}")
        case str() if field_name in _CODES_OF:
            return name(f"{_CODES_OF[field_name]}:{value}")
        case str() if field_name in _PHRASE_OF:
            return _PHRASE_OF[field_name](value)
        case str() if field_name == "role" and value in ROLES:
            return role_phrase(value)
    plain: Value = value
    return plain


def _phrase(label: Label) -> Value:
    return Phrase(label) if isinstance(label, str) else label
