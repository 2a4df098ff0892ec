"""Excel in: the template, a check that stores nothing, the import itself, and undoing it."""

import hashlib
import io
from collections.abc import Sequence

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, Fault, InvalidInputError, fault
from planner.services.importing import (
    SheetChanges,
    UndoRefusedError,
    apply_import,
    get_import,
    list_imports,
    preview_import,
    undo_import,
    write_export,
    write_template,
)
from planner.services.permissions import Permission, require
from planner.services.turns import turn_of
from planner.text import N_, Phrase
from planner.web.current import actor, language, transaction
from planner.web.downloads import send_stream
from planner.web.queries import page_argument
from reports.archive import Limits
from reports.values import Column, Table

blueprint = Blueprint("imports", __name__, url_prefix="/import")


@blueprint.get("/")
def show() -> str:
    """Where to choose a workbook, and the imports so far."""
    with transaction() as database:
        listing = list_imports(database, actor(), page_argument())
    return render_template("imports/show.html", listing=listing)


@blueprint.get("/<key:code>")
def detail(code: int) -> str:
    """One import: what it did to each row, and undoing it."""
    with transaction() as database:
        found = get_import(database, actor(), code)
    return render_template("imports/detail.html", detail=found, faults=None)


@blueprint.post("/<key:code>/undo")
def undo(code: int) -> BaseResponse | tuple[str, int]:
    """Put everything back as it was before the import, or say why that cannot be."""
    try:
        with transaction() as database:
            undo_import(database, actor(), code)
    except UndoRefusedError as refusal:
        with transaction() as database:
            found = get_import(database, actor(), code)
        faults = _fault_table(refusal.faults, N_("Row"))
        return render_template("imports/detail.html", detail=found, faults=faults, refusal=refusal), refusal.status
    flash(N_("The import is undone: every row is as it was before."))
    return redirect(url_for("imports.detail", code=code))


@blueprint.get("/template.xlsx")
def template() -> Response:
    """An empty workbook to fill in."""
    stream = io.BytesIO()
    with transaction() as database:
        write_template(database, actor(), language(), stream)
    return send_stream(stream, "template.xlsx")


@blueprint.get("/export.xlsx")
def export() -> Response:
    """Everything the database holds, as a workbook that can be imported again."""
    stream = io.BytesIO()
    with turn_of(actor()), transaction() as database:
        write_export(database, actor(), language(), stream)
    return send_stream(stream, "planner-data.xlsx")


@blueprint.post("/")
def preview() -> str:
    """What importing the workbook would do, and every fault in it. Stores nothing."""
    upload = _upload()
    content = upload.read()
    with turn_of(actor()), transaction() as database:
        found = preview_import(database, actor(), io.BytesIO(content), upload.filename or "", _limits())
    return render_template(
        "imports/show.html",
        preview=found,
        faults=_fault_table(found.faults, N_("Cell")) if found.faults else None,
        changes=_change_table(found.changes),
        checked=hashlib.sha256(content).hexdigest(),
    )


@blueprint.post("/apply")
def apply() -> BaseResponse:
    """Import the workbook that was checked: all of it or nothing."""
    upload = _upload()
    content = upload.read()
    if hashlib.sha256(content).hexdigest() != request.form.get("checked"):
        raise ConflictError(Phrase(N_("This is not the workbook that was checked. Check it again before importing.")))
    with turn_of(actor()), transaction() as database:
        result = apply_import(database, actor(), io.BytesIO(content), upload.filename or "", _limits())
    if result.number is None:
        flash(N_("The database already held everything in the workbook. Nothing was changed."))
        return redirect(url_for("imports.show"))
    flash(N_("The workbook was imported."))
    return redirect(url_for("imports.detail", code=result.number))


def _upload() -> FileStorage:
    require(actor(), Permission.IMPORT_DATA)
    upload = request.files.get("workbook")
    if upload is None or not upload.filename:
        raise InvalidInputError([fault("", "no_file", N_("Choose a workbook first."))])
    return upload


def _limits() -> Limits:
    return Limits(file_bytes=current_app.config["MAX_CONTENT_LENGTH"])


def _fault_table(faults: Sequence[Fault], where: str) -> Table:
    return Table(
        "faults",
        N_("Faults"),
        (Column("address", where, "code"), Column("message", N_("What is wrong"))),
        tuple((found.address, found.message) for found in faults),
    )


def _change_table(changes: Sequence[SheetChanges]) -> Table:
    return Table(
        "changes",
        N_("Rows by sheet"),
        (
            Column("sheet", N_("Sheet")),
            Column("added", N_("To be added"), "integer"),
            Column("changed", N_("To be changed"), "integer"),
            Column("unchanged", N_("Unchanged"), "integer"),
        ),
        tuple((sheet.title, sheet.added, sheet.changed, sheet.unchanged) for sheet in changes),
    )
