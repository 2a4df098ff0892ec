"""The imports there were: which somebody may see, and what one did to each row."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased, contains_eager, joinedload

from models import ImportBatch, ImportRow, Role, User
from planner.errors import NotFoundError
from planner.services.fields import Change, read_changes
from planner.services.lists import PAGE_SIZE, ListFilter, Listing, load_slice
from planner.services.permissions import Actor, Permission, may, ministry_scope, require
from planner.text import N_, LocalText
from reports.sheets import REGISTER, SHEETS
from reports.values import Column, Table

SHOWN: Final = 200
"""How many rows of an import are shown cell by cell."""
COLUMNS: Final = (
    Column("number", N_("Number"), "code"),
    Column("file_name", N_("File")),
    Column("imported_at", N_("Imported on"), "moment"),
    Column("imported_by", N_("Imported by")),
    Column("added", N_("Added"), "integer"),
    Column("changed", N_("Changed"), "integer"),
    Column("state", N_("Undone"), "moment"),
)


@dataclass(frozen=True)
class ImportedRow:
    """What an import did to one row."""

    sheet: LocalText
    code: str
    added: bool
    cells: tuple[Change, ...]


@dataclass(frozen=True)
class ImportDetail:
    """One import. Of its rows the first 200 are there, cell by cell, and `more_rows` counts the rest.

    `undoable`: its rows were kept and it is not undone yet; whether later edits stand against it shows when undoing.
    """

    number: int
    file_name: str
    imported_at: dt.datetime
    imported_by: str
    synthetic: bool
    undone_at: dt.datetime | None
    undone_by: str | None
    undoable: bool
    counts: Table
    rows: tuple[ImportedRow, ...]
    more_rows: int


def list_imports(
    session: Session, actor: Actor, page: int = 1, *, page_size: int = PAGE_SIZE, before: int | None = None
) -> Listing:
    """The imports that `actor` may see, newest first; with `before`, of those that are older than that number."""
    query = visible_imports(actor).order_by(ImportBatch.id.desc())
    if before is not None:
        query = query.where(ImportBatch.id < before)
    part = load_slice(session, query, ListFilter(page=page, page_size=page_size))
    rows = tuple(
        (
            str(batch.id),
            batch.file_name,
            batch.imported_at,
            _name(batch.imported_by),
            _count(batch.counts, "added"),
            _count(batch.counts, "changed"),
            batch.undone_at,
        )
        for (batch,) in part.rows
    )
    return part.listing(Table("imports", N_("Imports"), COLUMNS, rows))


def get_import(session: Session, actor: Actor, number: int) -> ImportDetail:
    """The import of that number; `NotFoundError` if there is none or `actor` may not see it."""
    batch = find_import(session, actor, number)
    query = select(ImportRow).where(ImportRow.batch_id == batch.id).order_by(ImportRow.id)
    rows = session.scalars(query.limit(SHOWN)).all()
    kept = sum(_count(batch.counts, effect) for effect in ("added", "changed"))
    return ImportDetail(
        number=batch.id,
        file_name=batch.file_name,
        imported_at=batch.imported_at,
        imported_by=_name(batch.imported_by),
        synthetic=batch.synthetic,
        undone_at=batch.undone_at,
        undone_by=_name(batch.undone_by) if batch.undone_at else None,
        undoable=batch.undone_at is None and bool(rows),
        counts=_counts(batch),
        rows=tuple(
            ImportedRow(
                sheet=SHEETS[row.sheet].title,
                code=" ".join(map(str, row.identity)),
                added=row.added,
                cells=tuple(read_changes(SHEETS[row.sheet], row.cells)),
            )
            for row in rows
        ),
        more_rows=max(0, kept - SHOWN) if rows else 0,
    )


def visible_imports(actor: Actor) -> Select[ImportBatch]:
    """The imports for the own ministry for whoever is of one, of administrators for them, else all.

    Those of the register are for HR alone, and HR sees no others.
    """
    require(actor, Permission.IMPORT_DATA)
    person = aliased(User)
    query = (
        select(ImportBatch)
        .outerjoin(person, ImportBatch.imported_by)
        .options(contains_eager(ImportBatch.imported_by.of_type(person)), joinedload(ImportBatch.undone_by))
    )
    if actor.user_id is not None:
        about_staff = ImportBatch.rows.any(ImportRow.sheet.in_([sheet.key for sheet in REGISTER]))
        query = query.where(about_staff if may(actor, Permission.VIEW_PEOPLE) else ~about_staff)
    if (home := ministry_scope(actor)) is not None:
        return query.where(ImportBatch.ministry_id == home)
    if actor.user_id is not None and actor.role is Role.ADMINISTRATOR:
        return query.where(person.role == Role.ADMINISTRATOR)
    return query


def find_import(session: Session, actor: Actor, number: int, *, lock: bool = False) -> ImportBatch:
    """The stored import of that number; `NotFoundError` if there is none or `actor` may not see it."""
    query = visible_imports(actor).where(ImportBatch.id == number)
    batch = session.scalars(query.with_for_update(of=ImportBatch) if lock else query).one_or_none()
    if batch is None:
        raise NotFoundError
    return batch


def _name(person: User | None) -> str:
    return person.full_name if person else "–"


def _count(counts: Mapping[str, Any], effect: str) -> int:
    return sum(of_sheet[effect] for of_sheet in counts.values())


def _counts(batch: ImportBatch) -> Table:
    return Table(
        "counts",
        N_("Rows by sheet"),
        (
            Column("sheet", N_("Sheet")),
            Column("added", N_("Added"), "integer"),
            Column("changed", N_("Changed"), "integer"),
            Column("unchanged", N_("Unchanged"), "integer"),
        ),
        tuple(
            (SHEETS[key].title, counts["added"], counts["changed"], counts["unchanged"])
            for key, counts in batch.counts.items()
        ),
    )
