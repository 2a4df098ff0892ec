"""Where each sheet's rows are kept: the table behind it, and its rows read back as the plain values of the sheet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

import models
from models.demand import requirement_region, requirement_site
from reports.columns import Field, SeriesKey, Sheet, Value, Values
from reports.sheets import SHEETS

Identity: TypeAlias = tuple[Value, ...]
"""What tells a sheet's rows apart: the values of `Sheet.identity`."""

_MODELS: Final[Mapping[str, type[models.Base]]] = {
    "ministries": models.Ministry,
    "agencies": models.Agency,
    "regions": models.Region,
    "clearances": models.Clearance,
    "priorities": models.Priority,
    "resource_types": models.ResourceType,
    "fiscal_years": models.FiscalYear,
    "sites": models.Site,
    "capacity": models.SiteResource,
    "expansions": models.Expansion,
    "datasets": models.Dataset,
    "requirements": models.Requirement,
}
LISTS: Final[Mapping[str, Table]] = {"regions": requirement_region, "sites": requirement_site}
"""The tables behind a requirement's lists of codes, by field."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A row as the database has it: its key (and version, where rows have one) and its values as the sheet's."""

    key: int
    version: int
    values: Values


def table_of(sheet: Sheet) -> Table:
    """The table that a sheet's rows are kept in."""
    table = _MODELS[sheet.key].__table__
    if not isinstance(table, Table):
        raise TypeError(f"{sheet.key} is not kept in a table")
    return table


def column_of(field: Field) -> str:
    """The name of the column that a field is kept in."""
    if not field.refers:
        return field.key
    return "incumbent_site_id" if field.key == "incumbent" else f"{field.key}_id"


def plain_fields(sheet: Sheet) -> tuple[Field, ...]:
    """The fields kept in the sheet's own table; lists of codes have tables of their own."""
    return tuple(field for field in sheet.fields if field.kind != "codes")


def identity_of(sheet: Sheet, values: Values) -> Identity:
    """What tells a row with `values` apart."""
    return tuple(values.get(key) for key in sheet.identity)


class Database:
    """What the database holds, read sheet by sheet when first asked for, a fixed number of queries a sheet."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._codes: dict[str, dict[int, str]] = {}
        self._rows: dict[str, dict[Identity, Stored]] = {}

    def codes(self, sheet_key: str) -> Mapping[int, str]:
        """The codes of a sheet's rows by their keys."""
        if sheet_key not in self._codes:
            table = table_of(SHEETS[sheet_key])
            self._codes[sheet_key] = dict(self.session.execute(select(table.c.id, table.c.code)).all())
        return self._codes[sheet_key]

    def keys(self, sheet_key: str) -> dict[str, int]:
        """The keys of a sheet's rows by their codes, read anew: rows may have been added."""
        self._codes.pop(sheet_key, None)
        return {code: key for key, code in self.codes(sheet_key).items()}

    def years(self) -> frozenset[int]:
        """The fiscal years there are."""
        return frozenset(self.session.scalars(select(models.FiscalYear.year)))

    def rows(self, sheet_key: str) -> Mapping[Identity, Stored]:
        """All rows of a sheet, by what tells them apart, in the order of their codes."""
        if sheet_key not in self._rows:
            self._rows[sheet_key] = self._load(SHEETS[sheet_key])
        return self._rows[sheet_key]

    def _load(self, sheet: Sheet) -> dict[Identity, Stored]:
        table = table_of(sheet)
        key_column = next(iter(table.primary_key))
        fields = plain_fields(sheet)
        version = [table.c.version] if "version" in table.c else []
        columns = [key_column, *version, *(table.c[column_of(field)] for field in fields)]
        order = [table.c[column_of(sheet.field(key))] for key in sheet.identity]
        codes = {field.key: self.codes(field.refers) for field in fields if field.refers}
        extras = self._extras(sheet)
        rows: dict[Identity, Stored] = {}
        for key, *rest in self.session.execute(select(*columns).order_by(*order)):
            values: dict[str, Value] = {}
            for field, value in zip(fields, rest[len(version) :], strict=True):
                values[field.key] = codes[field.key].get(value) if field.refers else value
            for name, by_key in extras.items():
                values[name] = by_key.get(key, () if name in LISTS else {})
            rows[identity_of(sheet, values)] = Stored(key, rest[0] if version else 0, values)
        return rows

    def _extras(self, sheet: Sheet) -> Mapping[str, Mapping[int, Any]]:
        """What a sheet's rows have in other tables, by field or series and by the row's key."""
        if sheet.key == "requirements":
            return {"demand": self._demand()} | {name: self._list(name, table) for name, table in LISTS.items()}
        if sheet.key == "capacity":
            nameplate: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
            running_cost: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
            for row in self.session.execute(select(models.Capacity.__table__)):
                nameplate[row.site_resource_id]["", row.year] = row.nameplate
                running_cost[row.site_resource_id]["", row.year] = row.running_cost
            return {"nameplate": nameplate, "running_cost": running_cost}
        return {}

    def _demand(self) -> Mapping[int, dict[SeriesKey, float]]:
        codes = self.codes("resource_types")
        demand: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
        line = models.DemandLine
        for key, type_id, year, amount in self.session.execute(
            select(line.requirement_id, line.resource_type_id, line.year, line.amount)
        ):
            demand[key][codes[type_id], year] = amount
        return demand

    def _list(self, name: str, table: Table) -> Mapping[int, tuple[str, ...]]:
        codes = self.codes(name)
        lists: dict[int, list[str]] = defaultdict(list)
        for key, other in self._pairs(table):
            lists[key].append(codes[other])
        return {key: tuple(sorted(found)) for key, found in lists.items()}

    def _pairs(self, table: Table) -> Iterable[tuple[int, int]]:
        first, second = table.c
        return ((key, other) for key, other in self.session.execute(select(first, second)))
