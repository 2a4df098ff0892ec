"""What an upload would do to the database: every row added, changed or left alone, known before anything is written."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import isclose
from typing import Final

from planner.services.rows.targets import Database, Identity, Stored, identity_of
from reports.columns import Sheet, Value, Values
from reports.reader import ColumnKey, Row, SheetRows

_DIGITS: Final = 1e-14


class Effect(StrEnum):
    """What importing a row does."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the file beside the database's. `values` is what the row will be, whole, as plain values."""

    row: Row
    stored: Stored | None
    values: Values
    effect: Effect


@dataclass(frozen=True)
class SheetPlan:
    """The changes of one sheet, in the order of the file."""

    found: SheetRows
    changes: tuple[Change, ...]

    @property
    def sheet(self) -> Sheet:
        """The specification of the sheet."""
        return self.found.sheet

    def count(self, effect: Effect) -> int:
        """How many rows have `effect`."""
        return sum(1 for _ in self.having(effect))

    def having(self, effect: Effect) -> Iterator[Change]:
        """The changes with `effect`."""
        return (change for change in self.changes if change.effect is effect)


def plan_changes(sheets: Mapping[str, SheetRows], database: Database) -> dict[str, SheetPlan]:
    """The changes of every sheet of a file, by sheet key."""
    return {key: _plan_sheet(found, database.rows(key)) for key, found in sheets.items()}


def rows_after(plan: SheetPlan, database: Database) -> dict[Identity, Values]:
    """All rows of a sheet as they will stand, those that the file does not name included."""
    rows = {identity: stored.values for identity, stored in database.rows(plan.sheet.key).items()}
    return rows | {identity_of(plan.sheet, change.values): change.values for change in plan.changes}


def _plan_sheet(found: SheetRows, present: Mapping[Identity, Stored]) -> SheetPlan:
    sheet = found.sheet
    blank: dict[str, Value] = {field.key: field.default for field in sheet.fields}
    blank |= {series.key: {} for series in sheet.series}
    covered = {key for key in found.columns if not isinstance(key, str)}
    changes = []
    for row in found.rows:
        stored = present.get(identity_of(sheet, row.values))
        before = stored.values if stored else blank
        given = {key: settled(_over(before[key], value, key, covered)) for key, value in row.values.items()}
        values = {**before, **given}
        if stored is None:
            effect = Effect.ADDED
        elif all(same(settled(before[key]), value) for key, value in given.items()):
            effect = Effect.UNCHANGED
        else:
            effect = Effect.CHANGED
        changes.append(Change(row, stored, values, effect))
    return SheetPlan(found, tuple(changes))


def _over(before: Value, given: Value, series: str, covered: Collection[ColumnKey]) -> Value:
    """A series as it will be: the columns that the file has, over the stored amounts of those that it does not have."""
    if not isinstance(before, Mapping) or not isinstance(given, Mapping):
        return given
    return {key: amount for key, amount in before.items() if (series, key) not in covered} | dict(given)


def settled(value: Value) -> Value:
    """`value` in the one form that means it: lists in order, and no zeros in a series, where absent means none."""
    if isinstance(value, tuple):
        return tuple(sorted(value))
    if isinstance(value, Mapping):
        return {key: amount for key, amount in value.items() if amount}
    return value


def same(before: Value, after: Value) -> bool:
    """Whether two settled values mean the same; a workbook keeps 15 digits of a number."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(isclose(before[key], after[key], rel_tol=_DIGITS) for key in after)
    if isinstance(before, float) and isinstance(after, float):
        return isclose(before, after, rel_tol=_DIGITS)
    return before == after
