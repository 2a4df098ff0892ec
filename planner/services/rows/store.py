"""Write planned changes: a fixed number of statements a sheet, however many rows."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Executable, Table, bindparam, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import models
from models.sorting import search_key, thai_sort_key
from planner.errors import ConflictError
from planner.services.rows.changes import Change, Effect, SheetPlan
from planner.services.rows.targets import LISTS, Database, column_of, plain_fields, table_of
from reports.columns import SeriesKey, Sheet
from reports.sheets import SHEETS

_ASIDE: Final = 1_000_000
"""Added to numbers that may not repeat while they are changed, so that two rows can swap theirs."""


def store_plans(session: Session, plans: Mapping[str, SheetPlan], database: Database) -> None:
    """Store every change, sheets that are referred to first. `ConflictError` if somebody changed the same meanwhile."""
    session.flush()  # what the session still holds would be forgotten below
    try:
        for key in SHEETS:
            if key in plans:
                _Storing(session, plans[key], database).store()
    except IntegrityError as error:
        raise ConflictError from error
    finally:
        session.expire_all()  # these statements go past the objects that the session may hold


class _Storing:
    """The changes of one sheet on their way into their tables."""

    def __init__(self, session: Session, plan: SheetPlan, database: Database) -> None:
        self.session = session
        self.sheet: Sheet = plan.sheet
        self.table: Table = table_of(plan.sheet)
        self.database = database
        self.keys = {field.refers: database.keys(field.refers) for field in plan.sheet.fields if field.refers}
        self.added = list(plan.having(Effect.ADDED))
        self.changed = list(plan.having(Effect.CHANGED))

    def store(self) -> None:
        self.execute(insert(self.table), [self.row(change) for change in self.added])
        self.update()
        if self.sheet.key == "requirements":
            self.store_requirement_parts()
        elif self.sheet.key == "capacity":
            self.store_capacity()

    def execute(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run `statement` once for each of `rows`, in bulk; how many rows of the table it touched."""
        return self.session.connection().execute(statement, rows).rowcount if rows else 0

    def row(self, change: Change) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for field in plain_fields(self.sheet):
            value = change.values[field.key]
            named = field.refers and value is not None
            row[column_of(field)] = self.keys[field.refers][str(value)] if named else value
        if "title_key" in self.table.c:
            row["title_key"] = thai_sort_key(str(row["title"]))
        if "full_name_key" in self.table.c:
            row["full_name_key"] = thai_sort_key(str(row["full_name"]))
        if "search_key" in self.table.c:
            row["search_key"] = search_key(f"{row['code']} {row['title']}")
        if "version" in self.table.c:
            row["version"] = change.stored.version + 1 if change.stored else 1
        return row

    def update(self) -> None:
        key = next(iter(self.table.primary_key))
        rows = [
            self.row(change) | {"old_key": change.stored.key, "old_version": change.stored.version}
            for change in self.changed
            if change.stored
        ]
        if not rows:
            return
        here = key == bindparam("old_key")
        for name in self.sheet.unique:
            column = self.table.c[name]
            aside = update(self.table).where(here).values({name: column + _ASIDE})
            self.execute(aside, [{"old_key": row["old_key"]} for row in rows])
        statement = update(self.table).where(here)
        if "version" in self.table.c:
            statement = statement.where(self.table.c.version == bindparam("old_version"))
        else:
            rows = [{name: value for name, value in row.items() if name != "old_version"} for row in rows]
        columns = [name for name in rows[0] if not name.startswith("old_") and name != key.name]
        statement = statement.values({name: bindparam(name) for name in columns})
        if self.execute(statement, rows) != len(rows):
            raise ConflictError

    def kept(self) -> list[tuple[int, Change]]:
        """Every change that was stored with the key of its row, also of rows that were just added."""
        kept = [(change.stored.key, change) for change in self.changed if change.stored]
        if self.added:
            keys = self.database.identities(self.sheet.key)
            columns = [column_of(self.sheet.field(name)) for name in self.sheet.identity]
            for change in self.added:
                row = self.row(change)
                kept.append((keys[tuple(row[column] for column in columns)], change))
        return kept

    def replace(self, table: Table, owner: str, kept: Sequence[tuple[int, Change]], rows: list[dict[str, Any]]) -> None:
        """Put `rows` in place of whatever `table` had for the rows that own them."""
        old = [{"old_key": key} for key, change in kept if change.stored]
        self.execute(delete(table).where(table.c[owner] == bindparam("old_key")), old)
        self.execute(insert(table), rows)

    def store_requirement_parts(self) -> None:
        kept = self.kept()
        for field, table in LISTS.items():
            mine, other = (column.name for column in table.c)
            codes = self.keys[field]
            rows = [{mine: key, other: codes[str(code)]} for key, change in kept for code in _codes(change, field)]
            self.replace(table, mine, kept, rows)
        types = self.database.keys("resource_types")
        lines = [
            {"requirement_id": key, "resource_type_id": types[code], "year": year, "amount": amount}
            for key, change in kept
            for (code, year), amount in _series(change, "demand").items()
        ]
        self.replace(_table(models.DemandLine), "requirement_id", kept, lines)

    def store_capacity(self) -> None:
        kept = self.kept()
        rows = []
        for key, change in kept:
            nameplate, running_cost = _series(change, "nameplate"), _series(change, "running_cost")
            rows += [
                {
                    "site_resource_id": key,
                    "year": year,
                    "nameplate": nameplate.get(("", year), 0.0),
                    "running_cost": running_cost.get(("", year), 0.0),
                }
                for _, year in sorted({*nameplate, *running_cost})
            ]
        self.replace(_table(models.Capacity), "site_resource_id", kept, rows)


def _series(change: Change, key: str) -> Mapping[SeriesKey, float]:
    """The amounts of a series of a change's row."""
    amounts = change.values[key]
    return amounts if isinstance(amounts, Mapping) else {}


def _codes(change: Change, key: str) -> tuple[str, ...]:
    codes = change.values[key]
    return codes if isinstance(codes, tuple) else ()


def _table(model: type[models.Base]) -> Table:
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} has no table of its own")
    return table
