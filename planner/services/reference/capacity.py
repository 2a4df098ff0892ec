"""Capacity and running cost of one data centre by resource type and fiscal year, as a grid to type and paste into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from models import SiteResource
from planner.errors import ConflictError, Fault
from planner.services import audit
from planner.services.permissions import Actor, Permission, may, require
from planner.services.reference.forms import find_row
from planner.services.reference.lists import names_of
from planner.services.reference.saving import TypedRows, store_rows
from planner.services.reference.texts import NOTHING, Entry, Typed, number_text, read_text, to_text
from planner.services.rows.cells import Cells, cell_changes, cells_of, column_name
from planner.services.rows.targets import Database, Stored
from planner.text import FiscalYear, LocalText, Phrase, Value
from reports.cells import CellError, parse_amount
from reports.columns import Series, SeriesKey
from reports.columns import Value as CellValue
from reports.reader import ColumnKey, Row
from reports.sheets import CAPACITY, SITES

FACTORS: Final = tuple(field for field in CAPACITY.fields if field.key not in CAPACITY.identity)
"""What holds of every fiscal year: overcommit and reserve margin."""


@dataclass(frozen=True)
class CapacityRow:
    """What a site offers of a resource type, as plain cells (`overcommit`, `nameplate.2027` …) at `version`."""

    resource_type: str
    version: int
    cells: Cells


@dataclass(frozen=True)
class GridCell:
    """One cell, and what it is called where its row and column cannot be seen."""

    label: Phrase
    entry: Entry


@dataclass(frozen=True)
class GridLine:
    """A series of a resource type: what it is called, its unit (a message id), a cell for each fiscal year.

    The first line of a resource type also has a cell for each of `FACTORS`.
    """

    label: LocalText
    unit: str
    cells: tuple[GridCell, ...]
    factors: tuple[GridCell, ...]


@dataclass(frozen=True)
class GridGroup:
    """A resource type: its lines, and the version that was read (0 where it is not offered)."""

    code: str
    name: LocalText
    version: int
    lines: tuple[GridLine, ...]


@dataclass(frozen=True)
class CapacityGrid:
    """The grid of one site."""

    site: str
    name: LocalText
    years: tuple[FiscalYear, ...]
    groups: tuple[GridGroup, ...]
    editable: bool

    @property
    def faulty(self) -> tuple[GridCell, ...]:
        """The cells with faults, from top to bottom."""
        lines = (line for group in self.groups for line in group.lines)
        return tuple(cell for line in lines for cell in (*line.cells, *line.factors) if cell.entry.faults)


def list_capacity(session: Session, actor: Actor, site: str) -> tuple[CapacityRow, ...]:
    """What the site called `site` offers, resource type by resource type; `NotFoundError` if there is no such site."""
    require(actor, Permission.VIEW_SITES)
    database = Database(session)
    find_row(database, SITES, site)
    rows = (stored for (of, _), stored in database.rows(CAPACITY.key).items() if of == site)
    return tuple(_plain(stored) for stored in rows)


def _plain(stored: Stored) -> CapacityRow:
    cells = cells_of(CAPACITY, stored.values)
    amounts = {name: cell for name, cell in cells.items() if name not in CAPACITY.identity}
    return CapacityRow(str(stored.values["resource_type"]), stored.version, amounts)


def load_grid(session: Session, actor: Actor, site: str, typed: Typed = NOTHING) -> CapacityGrid:
    """The grid of the site called `site`. What was typed stands in place of what is stored."""
    require(actor, Permission.VIEW_SITES)
    database = Database(session)
    found = find_row(database, SITES, site)
    years = sorted(database.years())
    names = names_of(database, "resource_types")

    def cell(name: str, kept: str, *label: Value) -> GridCell:
        return GridCell(Phrase("%(parts)s", {"parts": label}), typed.entry(name, kept))

    def group(code: str, unit: str) -> GridGroup:
        stored = database.rows(CAPACITY.key).get((site, code))
        values = stored.values if stored else {}
        name = names[code]
        factors = tuple(
            cell(f"{code}.{each.key}", to_text(each, values.get(each.key), actor.language), name, each.header)
            for each in FACTORS
        )
        lines = tuple(
            GridLine(
                series.header,
                series.unit or unit,
                tuple(
                    cell(
                        _name(code, series, year), _amount(values, series, year), name, series.header, FiscalYear(year)
                    )
                    for year in years
                ),
                () if n else factors,
            )
            for n, series in enumerate(CAPACITY.series)
        )
        return GridGroup(code, name, stored.version if stored else 0, lines)

    return CapacityGrid(
        site=site,
        name=LocalText(str(found.values["name_th"] or site), str(found.values["name_en"] or "")),
        years=tuple(map(FiscalYear, years)),
        groups=tuple(
            group(str(row.values["code"]), str(row.values["unit"]))
            for row in sorted(database.rows("resource_types").values(), key=_position)
        ),
        editable=may(actor, Permission.EDIT_SITES),
    )


def _position(row: Stored) -> float:
    position = row.values["position"]
    return position if isinstance(position, int) else 0


def _name(code: str, series: Series, year: int) -> str:
    return f"{code}.{column_name((series.key, ('', year)))}"


def _amount(values: Mapping[str, CellValue], series: Series, year: int) -> str:
    amounts = values.get(series.key)
    amount = amounts.get(("", year)) if isinstance(amounts, Mapping) else None
    return "" if amount is None else number_text(amount)


def save_grid(session: Session, actor: Actor, site: str, typed: Mapping[str, str]) -> None:
    """Make the site's capacity what was typed; a resource type whose cells are all empty is not offered any more.

    All or nothing: `InvalidInputError` with every fault, addressed by the name of its cell; `ConflictError` if
    somebody changed a resource type meanwhile that this would change too.
    """
    require(actor, Permission.EDIT_SITES)
    database = Database(session)
    find_row(database, SITES, site)
    read, gone, faults = _read(site, database, typed)
    columns: dict[ColumnKey, str] = {each.key: each.key for each in CAPACITY.fields}
    for series in CAPACITY.series:
        columns |= {(series.key, ("", year)): series.key for year in database.years()}
    rows = tuple(Row(number, values) for number, values in enumerate(read.values()))
    changes = store_rows(
        session, actor, database, TypedRows(CAPACITY, "", rows, columns, dict(enumerate(read))), faults
    )
    for change in changes:
        if change.stored and str(change.stored.version) != typed.get(f"{change.values['resource_type']}.version"):
            raise ConflictError
    for code, stored in gone.items():
        _remove(session, stored, typed.get(f"{code}.version", ""))
    before_after = [(change.stored.values if change.stored else {}, change.values) for change in changes]
    before_after += [(stored.values, {}) for stored in gone.values()]
    noted = {
        f"{(after or before)['resource_type']}.{name}": values
        for before, after in before_after
        for name, values in cell_changes(CAPACITY, before, after).items()
        if name not in CAPACITY.identity
    }
    if noted:
        audit.record(session, actor, "changed", f"site:{site}", noted)


def _read(
    site: str, database: Database, typed: Mapping[str, str]
) -> tuple[dict[str, dict[str, CellValue]], dict[str, Stored], list[Fault]]:
    """By resource type: the rows that were typed, the stored ones that were emptied; and what could not be read."""
    rows: dict[str, dict[str, CellValue]] = {}
    gone: dict[str, Stored] = {}
    faults: list[Fault] = []
    years = sorted(database.years())
    for code in database.codes("resource_types").values():
        factors = {f"{code}.{each.key}": each for each in FACTORS}
        amounts = {_name(code, series, year): (series, year) for series in CAPACITY.series for year in years}
        stored = database.rows(CAPACITY.key).get((site, code))
        if not any(typed.get(name, "").strip() for name in (*amounts, *factors)):
            if stored:
                gone[code] = stored
            continue
        row: dict[str, CellValue] = {"site": site, "resource_type": code}
        series_amounts: dict[str, dict[SeriesKey, float]] = {series.key: {} for series in CAPACITY.series}
        for name in (*factors, *amounts):
            text = typed.get(name, "").strip()
            try:
                if name in factors:
                    row[factors[name].key] = read_text(factors[name], text)
                elif text:
                    series, year = amounts[name]
                    series_amounts[series.key]["", year] = parse_amount(text)
            except CellError as error:
                faults.append(Fault(name, error.code, error.message))
        rows[code] = row | series_amounts
    return rows, gone, faults


def _remove(session: Session, stored: Stored, version: str) -> None:
    """Take a resource type from a site; its years go with it."""
    here = delete(SiteResource).where(SiteResource.id == stored.key, SiteResource.version == stored.version)
    if version != str(stored.version) or not session.connection().execute(here).rowcount:
        raise ConflictError
    session.expire_all()
