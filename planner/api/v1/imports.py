"""Workbooks in and out: what an upload would do, doing it all or not at all, undoing it, and what to start from."""

import datetime as dt
import io
from typing import Final, Literal

from flask import current_app
from pydantic import Field

from planner.api.errors import FaultAnswer
from planner.api.pages import Row
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, File, Resource, Upload
from planner.api.v1.objects import FieldChange
from planner.api.values import Model, Page, TableAnswer, Words, rows_of, words
from planner.services import importing
from planner.services.importing import SheetChanges
from planner.services.tokens import Area
from planner.services.turns import turn_of
from reports.archive import Limits

imports = Resource(
    "imports", Area.IMPORTS, "Excel workbooks and catalogues of datasets, in and out; which sheets, the role says."
)

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class SheetAnswer(Model):
    """How many rows of a sheet are new, different and the same."""

    sheet: str
    title: Words
    added: int
    changed: int
    unchanged: int

    @classmethod
    def of(cls, changes: SheetChanges) -> "SheetAnswer":
        """`changes` as JSON."""
        return cls(
            sheet=changes.sheet,
            title=words(changes.title),
            added=changes.added,
            changed=changes.changed,
            unchanged=changes.unchanged,
        )


class RowAnswer(Model):
    """A row that would be, or was, added or changed. `proposed`: it is approved, and changes only by a revision."""

    address: str
    code: str
    added: bool
    proposed: bool
    cells: list[FieldChange]


class Preview(Model):
    """What importing the file would do. It can be imported where `faults` is empty; their addresses are cells.

    Of the rows, and of the faults, the first are listed; `more_rows` and `more_faults` count the rest.
    """

    file_name: str
    sheets: list[SheetAnswer]
    rows: list[RowAnswer]
    more_rows: int
    faults: list[FaultAnswer]
    more_faults: int
    synthetic: bool


class Imported(Model):
    """What importing the file did. `code` is null where the database already held all of it."""

    code: int | None
    sheets: list[SheetAnswer]
    synthetic: bool


class ImportedRow(Model):
    """What an import did to one row."""

    sheet: Words
    code: str
    added: bool
    cells: list[FieldChange]


class Import(Model):
    """An import that was done. `undoable` says whether it may be tried; later edits may stand against it."""

    code: int
    file_name: str
    imported_at: dt.datetime
    imported_by: str
    synthetic: bool
    undone_at: dt.datetime | None
    undone_by: str | None
    undoable: bool
    counts: TableAnswer
    rows: list[ImportedRow]
    more_rows: int


class LanguageQuery(Model):
    """The language of a workbook."""

    language: Literal["th", "en"] = Field("th")


@imports.get()
def index(call: Call, query: PageQuery) -> Page[Row]:
    """List the imports, newest first."""
    place = place_of(query.cursor)
    before = int(place[1]) if place else None
    found = importing.list_imports(call.session, call.actor, before=before, page_size=query.limit)
    more = cursor_of((None, str(found.table.rows[-1][0]))) if found.pages > 1 else None
    return Page(items=rows_of(found.table), next=more)


@imports.post("/preview", reads=True)
def preview(call: Call, upload: Upload) -> Preview:
    """Say what importing a workbook would do, and every fault in it; nothing is stored."""
    with turn_of(call.actor):
        found = importing.preview_import(call.session, call.actor, io.BytesIO(upload.content), upload.name, _limits())
    return Preview(
        file_name=found.file_name,
        sheets=list(map(SheetAnswer.of, found.changes)),
        rows=[
            RowAnswer(
                address=row.address,
                code=row.code,
                added=row.added,
                proposed=row.proposed,
                cells=list(map(FieldChange.of, row.cells)),
            )
            for row in found.rows
        ],
        more_rows=found.more_rows,
        faults=list(map(FaultAnswer.of, found.faults)),
        more_faults=found.more_faults,
        synthetic=found.synthetic,
    )


@imports.post(apart=True)
def create(call: Call, upload: Upload) -> Imported:
    """Import a workbook: all of it or nothing. Importing it again changes nothing."""
    with turn_of(call.actor):
        done = importing.apply_import(call.session, call.actor, io.BytesIO(upload.content), upload.name, _limits())
    return Imported(code=done.number, sheets=list(map(SheetAnswer.of, done.changes)), synthetic=done.synthetic)


@imports.get("/<key:code>")
def show(call: Call, code: int) -> Import:
    """One import, and what it did to each row."""
    found = importing.get_import(call.session, call.actor, code)
    return Import(
        code=found.number,
        file_name=found.file_name,
        imported_at=found.imported_at,
        imported_by=found.imported_by,
        synthetic=found.synthetic,
        undone_at=found.undone_at,
        undone_by=found.undone_by,
        undoable=found.undoable,
        counts=TableAnswer.of(found.counts),
        rows=[
            ImportedRow(
                sheet=words(row.sheet), code=row.code, added=row.added, cells=list(map(FieldChange.of, row.cells))
            )
            for row in found.rows
        ],
        more_rows=found.more_rows,
    )


@imports.post("/<key:code>/undo")
def undo(call: Call, code: int) -> Import:
    """Put every row back as it was; 409 with what stands against it."""
    importing.undo_import(call.session, call.actor, code)
    call.session.flush()
    call.session.expire_all()
    return show(call, code)


@imports.get("/template.xlsx", files=(XLSX,))
def template(call: Call, query: LanguageQuery) -> File:
    """An empty workbook to fill in, with the codes that there are to choose."""
    stream = io.BytesIO()
    importing.write_template(call.session, call.actor, query.language, stream)
    return File(stream.getvalue(), "template.xlsx", XLSX)


@imports.get("/export.xlsx", files=(XLSX,))
def export(call: Call, query: LanguageQuery) -> File:
    """Everything that the database holds of the same sheets, as a workbook that can be imported again."""
    stream = io.BytesIO()
    with turn_of(call.actor):
        importing.write_export(call.session, call.actor, query.language, stream)
    return File(stream.getvalue(), "planner-data.xlsx", XLSX)


def _limits() -> Limits:
    return Limits(file_bytes=current_app.config["MAX_CONTENT_LENGTH"])
