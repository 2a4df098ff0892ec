"""The rows of a reference table as a list: searched, sorted and paged as every list is."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.sorting import thai_sort_key
from planner.services.lists import ListFilter, Listing
from planner.services.permissions import Actor, Permission, require
from planner.services.reference.tables import TABLES, ReferenceTable
from planner.services.rows.scope import Own
from planner.services.rows.targets import Database, Identity, identity_of, row_code, table_of
from planner.text import BE_OFFSET, N_, FiscalYear, LocalText, Phrase
from planner.text import Value as PhraseValue
from reports.columns import Field, FieldKind, Sheet, Value, Values
from reports.values import Cell, Column, Kind, Table

NAMES: Final = ("name_th", "name_en")
"""The two fields that a list shows as one column."""
_KINDS: Final[Mapping[FieldKind, Kind]] = {
    "number": "number",
    "integer": "integer",
    "share": "share",
    "money": "money",
    "year": "year",
    "date": "date",
}


def count_rows(session: Session, actor: Actor) -> Mapping[str, int]:
    """How many rows each table has, by its key, in one query."""
    require(actor, Permission.VIEW_SITES)
    counts = {
        key: select(func.count()).select_from(table_of(table.sheet)).scalar_subquery() for key, table in TABLES.items()
    }
    found = session.execute(select(*counts.values())).one()
    return dict(zip(counts, found, strict=True))


def sortable(table: ReferenceTable) -> tuple[str, ...]:
    """The keys that a table's list may be sorted by: those of all its columns."""
    return tuple(column.key for column in _columns(table))


def list_rows(session: Session, actor: Actor, table: ReferenceTable, wanted: ListFilter) -> Listing:
    """The rows that `wanted` lets through; `text` is looked for in every text of a row.

    They stand in the table's own order unless another is asked for, names as a Thai dictionary has them. The tables are
    small, so that all of it is read: two queries, and as many for each table that is referred to.
    """
    require(actor, table.viewing)
    columns = _columns(table)
    rows = list(_cells(table, actor, Database(session)))
    if wanted.text:
        text = wanted.text.casefold()
        rows = [row for row in rows if any(text in each.casefold() for cell in row for each in _texts(cell))]
    keys = sortable(table)
    at = keys.index(wanted.sort if wanted.sort in keys else table.order)
    order = _order(at, actor.language)
    filled = sorted((row for row in rows if row[at] is not None), key=order, reverse=wanted.descending)
    rows = filled + [row for row in rows if row[at] is None]
    size = wanted.page_size if wanted.page else max(1, len(rows))
    pages = max(1, -(-len(rows) // size))
    page = min(max(wanted.page or 1, 1), pages)
    shown = tuple(rows[(page - 1) * size : page * size])
    return Listing(Table(table.key, table.title, columns, shown), len(rows), page, pages)


def names_of(database: Database, sheet_key: str) -> dict[str, LocalText]:
    """What the rows of a table are called, by their codes."""
    return {str(row.values["code"]): _called(row.values) for row in database.rows(sheet_key).values()}


def row_phrase(sheet: Sheet, identity: Identity) -> Phrase:
    """The code of a row that others tell apart, a year at its end as its reader counts; `code` is it as it is."""
    *others, last = identity
    parts: dict[str, PhraseValue] = {"code": row_code(identity), "others": row_code(tuple(others)), "last": str(last)}
    if isinstance(last, int) and sheet.field(sheet.identity[-1]).kind == "year":
        parts["last"] = FiscalYear(last)
    return Phrase("%(others)s/%(last)s" if others else "%(last)s", parts)


def _called(values: Values) -> LocalText:
    """What a row is called: by its two names, by the one that it has in one language, or by its code."""
    if "name_th" in values:
        return _name(values["code"], values["name_th"], values["name_en"])
    return _name(values.get("full_name") or values.get("title") or values["code"], None, None)


def _name(code: Value, thai: Value, english: Value) -> LocalText:
    return LocalText(str(thai or code), str(english or ""))


def _columns(table: ReferenceTable) -> tuple[Column, ...]:
    """A column for each field, the two names in one, in the place of the first."""
    columns = [] if table.plain else [Column("code", N_("Row"), "code")]
    for field in table.sheet.fields:
        if field.key == NAMES[0]:
            columns.append(Column("name", N_("Name")))
        elif field.key not in NAMES:
            kind: Kind = "code" if field.key == "code" else _KINDS.get(field.kind, "text")
            columns.append(Column(field.key, field.header, kind, field.unit))
    return tuple(columns)


def _cells(table: ReferenceTable, actor: Actor, database: Database) -> Iterator[tuple[Cell, ...]]:
    own = Own(actor, database)
    names = {field.refers: names_of(database, field.refers) for field in table.sheet.fields if field.refers}
    for stored in database.rows(table.key).values():
        if not own.holds(table.sheet, stored.values):
            continue
        row: list[Cell] = [] if table.plain else [row_phrase(table.sheet, identity_of(table.sheet, stored.values))]
        for field in table.sheet.fields:
            value = stored.values[field.key]
            if field.key == NAMES[0]:
                row.append(_name(next(iter(stored.values.values())), value, stored.values[NAMES[1]]))
            elif field.key not in NAMES:
                row.append(_cell(field, value, names))
        yield tuple(row)


def _cell(field: Field, value: Value, names: Mapping[str, Mapping[str, LocalText]]) -> Cell:
    if isinstance(value, tuple | Mapping):
        raise TypeError(f"{field.key} holds more than one value")
    if field.refers and value is not None:
        return names[field.refers][str(value)]
    if field.kind == "year" and isinstance(value, int):
        return FiscalYear(value)
    if field.choices and value is not None:
        return field.choices[str(value)]
    return value


def _texts(cell: Cell) -> tuple[str, ...]:
    """What a search may find in a cell; a fiscal year in both eras."""
    match cell:
        case LocalText():
            return cell.th, cell.en
        case FiscalYear():
            return str(cell.year), str(cell.year + BE_OFFSET)
        case Phrase():
            return (str(cell.params["code"]),)
        case str():
            return (cell,)
    return ()


def _order(at: int, language: str) -> Callable[[tuple[Cell, ...]], Any]:
    def order(row: tuple[Cell, ...]) -> Any:
        match row[at]:
            case LocalText() as name:
                return thai_sort_key(name.in_language(language))
            case FiscalYear(year):
                return year
            case Phrase() as phrase:
                return phrase.params["code"]
        return row[at]

    return order
