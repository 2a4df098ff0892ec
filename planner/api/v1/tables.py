"""Rows of tables as the workbook's sheets have them, in the columns that people type: reference data and the register.

Both resources take the same operations; `declare` gives them to each.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pydantic import ConfigDict, Field

from planner.api.errors import FaultAnswer, StaleItemsError
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, Resource
from planner.api.typed import CellSent
from planner.api.v1.requirements import FaultList
from planner.api.values import Model, Page, Words, words
from planner.errors import Fault, InvalidInputError, NotFoundError, fault
from planner.services.editing import Cell, RowEdit, StaleRowsError
from planner.services.lists import ListFilter
from planner.services.permissions import Actor, Permission, may, require
from planner.services.reference import TABLES as REFERENCE_TABLES
from planner.services.reference import ReferenceTable, remove_row
from planner.services.reference import table_named as reference_table
from planner.services.register import grid
from planner.services.register.tables import TABLES as REGISTER_TABLES
from planner.services.register.tables import table_named as register_table
from planner.services.rows.cells import CellValue
from planner.services.tokens import Area
from planner.text import N_
from reports import columns

reference = Resource(
    "reference", Area.REFERENCE, "Reference data: ministries, agencies, resource types, data centres and the like."
)
register = Resource(
    "register",
    Area.WORKFORCE,
    "The register of the data workforce, table by table. Who looks at rows about people is noted in the audit log.",
)

MOST_AT_ONCE: Final = 500
"""How many rows one request may make or change."""
ERASED: Final = "people"
"""The table whose rows are erased, not removed."""


class Named(Model):
    """A code that a column takes, and what it is called."""

    code: str
    name: Words


class ColumnToFill(Model):
    """A column that takes values. `once`: it tells rows apart, and is given to a new row alone."""

    key: str
    header: Words
    kind: str
    rule: Words | None
    unit: str
    required: bool
    once: bool
    refers: str | None = Field(description="The table whose codes it takes.")
    choices: list[Named] = Field(description="What it takes, where that is a short list.")

    @classmethod
    def of(cls, field: columns.Field, *, once: bool = False) -> "ColumnToFill":
        """A field of a sheet as JSON."""
        return cls(
            key=field.key,
            header=words(field.header),
            kind=field.kind,
            rule=words(field.rule) if field.rule else None,
            unit=field.unit,
            required=field.required,
            once=once,
            refers=field.refers or None,
            choices=[Named(code=code, name=words(name)) for code, name in (field.choices or {}).items()],
        )


class TableOfRows(Model):
    """A table: its name in addresses, its columns, and whether the token's owner may change its rows."""

    key: str
    title: Words
    changeable: bool
    columns: list[ColumnToFill]


class Tables(Model):
    """The tables that the token's owner may see."""

    items: list[TableOfRows]


class Cells(Model):
    """A row by the keys of its columns. A column that is not sent stays as it is; null empties it.

    Years are of the common era, dates are written 2027-10-01, shares are fractions of one.
    """

    model_config = ConfigDict(extra="allow", strict=True, allow_inf_nan=False, frozen=True)
    __pydantic_extra__: dict[str, CellSent]


class RowOfTable(Cells):
    """A row: `code` tells it apart, made of several columns where those do so together (`21004/steward/2027`)."""

    code: str
    version: int

    @classmethod
    def of(cls, row: grid.GridRow) -> "RowOfTable":
        """A row as JSON; cells that hold nothing are not there."""
        others: dict[str, CellValue] = {name: cell for name, cell in row.cells.items() if name != "code"}
        return cls.model_validate({"code": row.code, "version": row.version, **others})


class RowToSave(Cells):
    """A row to change, by its `code` and the `version` that the change is based on; without a `version` a new one."""

    code: str | None = Field(None, min_length=1, max_length=130)
    version: int | None = Field(None, ge=1, le=10**9)


class RowsToSave(Model):
    """Rows to make and to change: all of them, or none."""

    items: list[RowToSave] = Field(min_length=1, max_length=MOST_AT_ONCE)


class RowsOfTable(Model):
    """Rows, in the order of the request."""

    items: list[RowOfTable]


class RowQuery(PageQuery):
    """Which rows."""

    q: str | None = Field(None, max_length=300, description="A text that stands in the row.")


def declare(
    resource: Resource,
    viewing: Permission,
    tables: Mapping[str, ReferenceTable],
    named: Callable[[str], ReferenceTable],
) -> None:
    """Give `resource` the operations on `tables`; `named` finds one, and it takes `viewing` to know what there is."""

    @resource.get()
    def index(call: Call) -> Tables:
        """List the tables with their columns."""
        require(call.actor, viewing)
        seen = (table for table in tables.values() if may(call.actor, table.viewing))
        return Tables(items=[_table(call.actor, table) for table in seen])

    @resource.get("/<table>")
    def rows(call: Call, table: str, query: RowQuery) -> Page[RowOfTable]:
        """List the rows of a table, by their codes."""
        wanted = ListFilter(query.q or None, page_size=query.limit, after=place_of(query.cursor))
        found, total = grid.load_page(call.session, call.actor, named(table), wanted)
        following = cursor_of((None, found[-1].code)) if total > len(found) else None
        return Page(items=list(map(RowOfTable.of, found)), next=following)

    @resource.post("/<table>", status=201)
    def create(call: Call, table: str, body: Cells) -> RowOfTable:
        """Add a row."""
        (made,) = _save(call, named(table), [RowEdit(None, None, dict(body.__pydantic_extra__))], [""])
        return made

    @resource.post("/<table>/bulk")
    def save(call: Call, table: str, body: RowsToSave) -> RowsOfTable:
        """Add and change many rows at once: all of them, or none.

        Faults are addressed `items[2].name_th`.
        """
        known, places = named(table), _places(body)
        edits = _edits(known, body)
        try:
            return RowsOfTable(items=_save(call, known, edits, places))
        except StaleRowsError as error:
            stale = {conflict.code for conflict in error.conflicts}
            at = [place.removesuffix(".") for edit, place in zip(edits, places, strict=True) if edit.code in stale]
            raise StaleItemsError([Fault(place, "stale", error.message) for place in at]) from error

    @resource.post("/<table>/check", reads=True)
    def check(call: Call, table: str, body: RowsToSave) -> FaultList:
        """Say what saving these rows would find wrong; nothing is stored."""
        known, edits = named(table), _edits(named(table), body)
        unreadable = _unreadable(known, edits, _places(body))
        found = grid.check_rows(call.session, call.actor, known, edits)
        return FaultList(items=list(map(FaultAnswer.of, [*unreadable, *_moved(found, edits, _places(body))])))

    @resource.get("/<table>/<path:code>")
    def show(call: Call, table: str, code: str) -> RowOfTable:
        """One row."""
        (found,) = grid.load_rows(call.session, call.actor, named(table), [code])
        return RowOfTable.of(found)

    @resource.patch("/<table>/<path:code>")
    def change(call: Call, table: str, code: str, body: Cells) -> RowOfTable:
        """Change a row."""
        known = named(table)
        edit = _without_identity(known, RowEdit(code, call.version, dict(body.__pydantic_extra__)))
        (changed,) = _save(call, known, [edit], [""])
        return changed

    @resource.delete("/<table>/<path:code>", versioned=True)
    def remove(call: Call, table: str, code: str) -> None:
        """Remove a row that nothing uses. A person is erased instead."""
        known = named(table)
        known.require_change(call.actor)
        if table == ERASED:
            raise NotFoundError
        (stored,) = grid.load_rows(call.session, call.actor, known, [code])
        remove_row(call.session, call.actor, known, code, call.based_on(stored.version))


declare(reference, Permission.VIEW_SITES, REFERENCE_TABLES, reference_table)
declare(register, Permission.VIEW_WORKFORCE, REGISTER_TABLES, register_table)


def _table(actor: Actor, table: ReferenceTable) -> TableOfRows:
    return TableOfRows(
        key=table.key,
        title=words(table.title),
        changeable=table.may_change(actor),
        columns=[ColumnToFill.of(field, once=field.key in table.sheet.identity) for field in table.sheet.fields],
    )


def _places(body: RowsToSave) -> list[str]:
    return [f"items[{number}]." for number in range(len(body.items))]


def _edits(table: ReferenceTable, body: RowsToSave) -> list[RowEdit]:
    """What the service is to save; `InvalidInputError` for rows to change that are not named."""
    unnamed = [number for number, item in enumerate(body.items) if item.version and item.code is None]
    if unnamed:
        message = N_("A value is missing here.")
        raise InvalidInputError([fault(f"items[{number}].code", "missing", message) for number in unnamed])
    return [_edit(table, item) for item in body.items]


def _edit(table: ReferenceTable, item: RowToSave) -> RowEdit:
    """What the service is to save; a new row's `code` is a column like others."""
    cells: dict[str, Cell] = dict(item.__pydantic_extra__)
    if item.version:
        return _without_identity(table, RowEdit(item.code, item.version, cells))
    return RowEdit(None, None, cells if item.code is None else {"code": item.code, **cells})


def _without_identity(table: ReferenceTable, edit: RowEdit) -> RowEdit:
    """`edit` without the columns that say again which row it is, so that a row that was read can be sent back."""
    said = dict(zip(table.sheet.identity, (edit.code or "").split("/"), strict=False))
    cells = {name: cell for name, cell in edit.cells.items() if said.get(name) != str(cell)}
    return RowEdit(edit.code, edit.version, cells)


def _save(call: Call, table: ReferenceTable, edits: Sequence[RowEdit], places: Sequence[str]) -> list[RowOfTable]:
    """Save all of `edits` or none; `places` is where each stands in the request."""
    table.require_change(call.actor)
    if faults := _unreadable(table, edits, places):
        raise InvalidInputError(faults)
    try:
        codes = grid.save_rows(call.session, call.actor, table, edits)
    except InvalidInputError as error:
        raise InvalidInputError(_moved(error.faults, edits, places)) from error
    return list(map(RowOfTable.of, grid.load_rows(call.session, call.actor, table, codes)))


def _unreadable(table: ReferenceTable, edits: Sequence[RowEdit], places: Sequence[str]) -> list[Fault]:
    """Faults for columns that the table does not have, or not for a row that is there."""
    known = {field.key for field in table.sheet.fields}
    return [
        fault(f"{place}{name}", "extra_forbidden", N_("There is no such field."))
        if name not in known
        else fault(f"{place}{name}", "fixed_column", N_("Nothing can be typed into this column."))
        for edit, place in zip(edits, places, strict=True)
        for name in edit.cells
        if name not in known or (edit.code is not None and name in table.sheet.identity)
    ]


def _moved(faults: Sequence[Fault], edits: Sequence[RowEdit], places: Sequence[str]) -> list[Fault]:
    """`faults` of rows, at their places in the request."""
    at = {edit.code or f"+{number}": place for number, (edit, place) in enumerate(zip(edits, places, strict=True), 1)}
    moved = []
    for found in faults:
        label, _, column = found.address.rpartition("/")
        address = f"{at.get(label, '')}{column}" if column else at.get(label, "").removesuffix(".")
        moved.append(Fault(address, found.code, found.message))
    return moved
