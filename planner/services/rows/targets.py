"""Where each sheet's rows are kept: the table behind it, and its rows read back as the plain values of the sheet."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Select, Table, select
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
    "skill_levels": models.SkillLevel,
    "work_roles": models.WorkRole,
    "norms": models.Norm,
    "positions": models.Position,
    "people": models.Person,
    "person_roles": models.PersonRole,
    "planned_leaves": models.PlannedLeave,
    "secondments": models.Secondment,
    "courses": models.Course,
    "cohorts": models.Cohort,
    "enrolments": models.Enrolment,
    "agency_duties": models.AgencyDuty,
    "dataset_duties": models.DatasetDuty,
}
_AT_ONCE: Final = 5_000
"""How many values one query is asked about; SQLite takes 32,766."""
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


def row_code(identity: Identity) -> str:
    """What a row is called in addresses: `north`, `2027`, `11004/steward/2027`."""
    return "/".join(map(str, identity))


class Database:
    """What the database holds, read sheet by sheet when first asked for, a fixed number of queries a sheet.

    `only` names sheets of which no more than the rows with these codes are read.
    """

    def __init__(self, session: Session, only: Mapping[str, Collection[str]] | None = None) -> None:
        self.session = session
        self.only = only or {}
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

    def identities(self, sheet_key: str) -> Mapping[tuple[Any, ...], int]:
        """The key of every row of a sheet by what tells it apart in the table, read anew."""
        sheet, table = SHEETS[sheet_key], table_of(SHEETS[sheet_key])
        identity = [table.c[column_of(sheet.field(name))] for name in sheet.identity]
        query = select(next(iter(table.primary_key)), *identity)
        return {tuple(found): key for key, *found in self._narrowed(sheet, query)}

    def _narrowed(self, sheet: Sheet, query: Select[*tuple[Any, ...]]) -> Iterator[Any]:
        """The rows of `query` on a sheet's table, of the codes alone that are asked for."""
        codes = self.only.get(sheet.key)
        if codes is None:
            return iter(self.session.execute(query))
        return self._among(query, table_of(sheet).c.code, sorted(codes))

    def _among(self, query: Select[*tuple[Any, ...]], column: Any, values: Sequence[Any]) -> Iterator[Any]:
        for start in range(0, len(values), _AT_ONCE):
            yield from self.session.execute(query.where(column.in_(values[start : start + _AT_ONCE])))

    def _load(self, sheet: Sheet) -> dict[Identity, Stored]:
        table = table_of(sheet)
        key_column = next(iter(table.primary_key))
        fields = plain_fields(sheet)
        version = [table.c.version] if "version" in table.c else []
        columns = [key_column, *version, *(table.c[column_of(field)] for field in fields)]
        order = [table.c[column_of(sheet.field(key))] for key in sheet.identity]
        codes = {field.key: self.codes(field.refers) for field in fields if field.refers}
        found = list(self._narrowed(sheet, select(*columns).order_by(*order)))
        extras = self._extras(sheet, [key for key, *_ in found])
        rows: dict[Identity, Stored] = {}
        for key, *rest in found:
            values: dict[str, Value] = {}
            for field, value in zip(fields, rest[len(version) :], strict=True):
                values[field.key] = codes[field.key].get(value) if field.refers else value
            for name, by_key in extras.items():
                values[name] = by_key.get(key, () if name in LISTS else {})
            rows[identity_of(sheet, values)] = Stored(key, rest[0] if version else 0, values)
        return rows

    def _extras(self, sheet: Sheet, keys: Sequence[int]) -> Mapping[str, Mapping[int, Any]]:
        """What a sheet's rows have in other tables, by field or series and by the row's key."""
        if sheet.key == "requirements":
            wanted = keys if sheet.key in self.only else None
            lists = {name: self._list(name, table, wanted) for name, table in LISTS.items()}
            return {"demand": self._demand(wanted)} | lists
        if sheet.key == "capacity":
            nameplate: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
            running_cost: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
            for row in self.session.execute(select(models.Capacity.__table__)):
                nameplate[row.site_resource_id]["", row.year] = row.nameplate
                running_cost[row.site_resource_id]["", row.year] = row.running_cost
            return {"nameplate": nameplate, "running_cost": running_cost}
        return {}

    def _demand(self, wanted: Sequence[int] | None) -> Mapping[int, dict[SeriesKey, float]]:
        codes = self.codes("resource_types")
        demand: dict[int, dict[SeriesKey, float]] = defaultdict(dict)
        line = models.DemandLine
        query = select(line.requirement_id, line.resource_type_id, line.year, line.amount)
        for key, type_id, year, amount in self._of(query, line.requirement_id, wanted):
            demand[key][codes[type_id], year] = amount
        return demand

    def _list(self, name: str, table: Table, wanted: Sequence[int] | None) -> Mapping[int, tuple[str, ...]]:
        codes = self.codes(name)
        owner, other = table.c
        lists: dict[int, list[str]] = defaultdict(list)
        for key, named in self._of(select(owner, other), owner, wanted):
            lists[key].append(codes[named])
        return {key: tuple(sorted(found)) for key, found in lists.items()}

    def _of(self, query: Select[*tuple[Any, ...]], column: Any, wanted: Sequence[int] | None) -> Iterable[Any]:
        return self.session.execute(query) if wanted is None else self._among(query, column, wanted)
