"""A row as plain JSON: one value a column, so that rows can be compared, kept and shown cell by cell.

The cells of a row are a flat mapping: `title`, `start_year`, and `demand.vcpu.2027` for each amount of a series
(`nameplate.2027` where the row itself names the resource type). Years are CE, dates ISO, lists sorted codes; a cell
that is not there holds nothing.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from planner.services.rows.changes import same, settled
from reports.columns import Sheet, Value, Values
from reports.reader import ColumnKey

CellValue: TypeAlias = "str | int | float | bool | Sequence[str] | None"
Cells: TypeAlias = Mapping[str, CellValue]
CellChanges: TypeAlias = dict[str, tuple[CellValue, CellValue]]
"""The value before and the value after, by column."""

FIXED: Final = frozenset({"code", "status"})
"""Columns of a requirement that nobody types into: codes are given, and the status moves by its own steps."""


def column_name(key: ColumnKey) -> str:
    """The name of a column: `title`, `demand.vcpu.2027`, `nameplate.2027`."""
    if isinstance(key, str):
        return key
    series, (code, year) = key
    return ".".join(filter(None, (series, code, str(year))))


def column_key(sheet: Sheet, name: str) -> ColumnKey | None:
    """The column of `sheet` called `name`; None if it can have none of that name."""
    if any(field.key == name for field in sheet.fields):
        return name
    series, _, rest = name.partition(".")
    code, _, year = rest.rpartition(".")
    found = next((known for known in sheet.series if known.key == series), None)
    if found is None or found.by_type != bool(code) or not (year.isascii() and year.isdecimal() and len(year) == 4):
        return None
    return series, (code, int(year))


def cells_of(sheet: Sheet, values: Values) -> dict[str, CellValue]:
    """The cells of a row with `values`, those alone that hold something, in the order of the sheet."""
    return {column_name(key): plain_cell(value) for key, value in flat(sheet, values).items()}


def values_of(sheet: Sheet, cells: Cells) -> dict[str, Value]:
    """The values of a row with `cells`, whole: what is not among them is empty. Columns of no meaning are left out."""
    values: dict[str, Value] = {
        field.key: field.default if field.default in {(), ""} else None for field in sheet.fields
    }
    series: dict[str, dict[tuple[str, int], float]] = {series.key: {} for series in sheet.series}
    for name, cell in cells.items():
        key = column_key(sheet, name)
        if isinstance(key, tuple) and isinstance(cell, int | float):
            series[key[0]][key[1]] = cell
        elif isinstance(key, str):
            values[key] = _value(sheet, key, cell)
    return {**values, **series}


def cell_changes(sheet: Sheet, before: Values, after: Values) -> CellChanges:
    """Every cell in which two rows differ. An empty mapping stands for no row."""
    old, new = flat(sheet, before), flat(sheet, after)
    differing = [key for key in _ordered(sheet, {**old, **new}) if not same(old.get(key), new.get(key))]
    return {column_name(key): (plain_cell(old.get(key)), plain_cell(new.get(key))) for key in differing}


def flat(sheet: Sheet, values: Values) -> dict[ColumnKey, Value]:
    """The values of a row by column, series spread out; empty ones are left out."""
    spread: dict[ColumnKey, Value] = {}
    for key, value in values.items():
        known = settled(value)
        if isinstance(known, Mapping):
            spread |= {(key, series_key): amount for series_key, amount in known.items()}
        elif known not in (None, "", ()):
            spread[key] = known
    return {key: spread[key] for key in _ordered(sheet, spread)}


def _ordered(sheet: Sheet, keys: Mapping[ColumnKey, object]) -> Iterator[ColumnKey]:
    """`keys` in the order of the sheet's fields; series after them, by resource type and year."""
    yield from (field.key for field in sheet.fields if field.key in keys)
    yield from sorted(key for key in keys if isinstance(key, tuple))


def plain_cell(value: Value) -> CellValue:
    """A value that is no series, as JSON."""
    match value:
        case dt.date():
            return value.isoformat()
        case tuple():
            return list(value)
        case Mapping():
            raise TypeError(f"{value!r} is not the value of one cell")
    return value


def _value(sheet: Sheet, key: str, cell: CellValue) -> Value:
    if sheet.field(key).kind == "date" and isinstance(cell, str):
        return dt.date.fromisoformat(cell)
    return tuple(cell) if isinstance(cell, Sequence) and not isinstance(cell, str) else cell
