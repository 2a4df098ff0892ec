"""The form of one requirement: new, edit, and checks while it is filled in."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError
from planner.services import editing
from planner.services.datasets import prefill
from planner.services.editing import Cell, EditableRow, EditColumn, RowConflict, RowEdit
from planner.services.history import load_history
from planner.services.permissions import Permission, require
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.forms import sent_version
from planner.web.queries import argument
from planner.web.typed import columns_by_key, messages_by_column, typed_text

blueprint = Blueprint("editing", __name__, url_prefix="/requirements")


HINTS: Final[Mapping[str, str]] = {
    "agency": N_("The agency that asks."),
    "priority": "",
    "clearance": N_("Class of the data; only sites of it or higher may host."),
    "regions": N_("Where it may stand. With none ticked, anywhere."),
    "sites": N_("Where it may stand. With none ticked, anywhere."),
    "incumbent": N_("The data centre that hosts it today, if any."),
}
"""What is said below a field where the workbook's rule, which speaks of codes, does not suit a form."""


@dataclass(frozen=True)
class _Page:
    """What the form shows: what was typed by column, what is wrong with it, and what somebody else stored meanwhile."""

    columns: Sequence[EditColumn]
    typed: Mapping[str, str | list[str]]
    row: EditableRow | None = None
    version: int | None = None
    key: str = ""
    messages: Mapping[str, list[str]] = field(default_factory=dict)
    conflict: RowConflict | None = None
    editor: str = ""

    def render(self) -> str:
        fields = [column for column in self.columns if column.year is None and not column.fixed]
        amounts = [column for column in self.columns if column.year is not None]
        by_type: dict[str, list[EditColumn]] = {}
        for column in amounts:
            by_type.setdefault(column.key.rpartition(".")[0], []).append(column)
        return render_template(
            "editing/form.html",
            page=self,
            fields=fields,
            resource_types=list(by_type.values()),
            columns=columns_by_key(self.columns),
            hints={column.key: HINTS.get(column.key, column.rule) for column in fields},
            theirs=self._theirs(),
        )

    def _theirs(self) -> dict[str, str]:
        """What is stored now in the columns where it is not what was typed."""
        if self.conflict is None:
            return {}
        columns, stored = columns_by_key(self.columns), self.conflict.theirs
        return {name: typed_text(stored.get(name), columns[name]) for name in self.conflict.differing}


@blueprint.get("/new")
def new() -> str:
    """An empty form, or one that a dataset has filled in."""
    require(actor(), Permission.EDIT_REQUIREMENTS)
    dataset = argument("dataset")
    with transaction() as database:
        columns = editing.load_columns(database, actor())
        cells: Mapping[str, Cell] = prefill(database, actor(), dataset) if dataset else {}
    return _Page(columns, _texts(columns, {**_blank(columns), **cells}), key=uuid.uuid4().hex).render()


@blueprint.post("/new")
def create() -> BaseResponse | tuple[str, int]:
    """Store a new requirement as a draft."""
    return _save(None)


@blueprint.get("/<code>/edit")
def edit(code: str) -> str:
    """The requirement, or its open revision, to be changed."""
    require(actor(), Permission.EDIT_REQUIREMENTS)
    with transaction() as database:
        columns = editing.load_columns(database, actor())
        (row,) = editing.load_rows(database, actor(), [code])
    if row.refusal:
        raise ConflictError(row.refusal)
    return _Page(columns, _texts(columns, row.cells), row, row.version).render()


@blueprint.post("/<code>/edit")
def update(code: str) -> BaseResponse | tuple[str, int]:
    """Store the change, or propose it where the requirement is approved."""
    return _save(code)


@blueprint.post("/check")
def check() -> Response:
    """What is wrong with the form as it stands, by column. Stores nothing."""
    with transaction() as database:
        columns = editing.load_columns(database, actor())
        checked = editing.check_rows(database, actor(), [_edit(request.form.get("code") or None, columns)])
    return jsonify(faults=messages_by_column(checked.faults))


def _save(code: str | None) -> BaseResponse | tuple[str, int]:
    require(actor(), Permission.EDIT_REQUIREMENTS)
    with transaction() as database:
        columns = editing.load_columns(database, actor())
        row = editing.load_rows(database, actor(), [code])[0] if code else None
    wanted = _edit(code, columns)
    locked = _texts([column for column in columns if column.locked], row.cells if row else _blank(columns))
    typed = {**locked, **{name: cell for name, cell in wanted.cells.items() if isinstance(cell, str | list)}}
    try:
        with transaction() as database:
            saved = editing.save_rows(database, actor(), [wanted])
    except InvalidInputError as error:
        messages = messages_by_column(error.faults)
        return _Page(columns, typed, row, wanted.version, wanted.key or "", messages).render(), error.status
    except editing.StaleRowsError as error:
        (conflict,) = error.conflicts
        if row is None:  # sent as new before, and changed since
            with transaction() as database:
                (row,) = editing.load_rows(database, actor(), [conflict.code])
        page = _Page(columns, typed, row, conflict.version, conflict=conflict, editor=_editor(conflict.code))
        return page.render(), error.status
    flash(N_("The change was kept as a revision. Submit it for approval.") if saved.proposed else N_("Saved."))
    return redirect(url_for("requirements.show", code=saved.codes[0]))


def _edit(code: str | None, columns: Sequence[EditColumn]) -> RowEdit:
    """The row as the form has it: every column that is the person's to fill, also a box with nothing ticked in it."""
    cells: dict[str, Cell] = {
        column.key: request.form.getlist(column.key) if column.kind == "codes" else request.form.get(column.key, "")
        for column in columns
        if not (column.fixed or column.locked)
    }
    version = sent_version("version") or 0
    return RowEdit(code, version if code else None, cells, key=request.form.get("key", "")[:60] or None)


def _editor(code: str) -> str:
    """Who made the last entry in the requirement's history."""
    with transaction() as database:
        entries = load_history(database, actor(), f"requirement:{code}", page_size=1).entries
    return entries[0].actor if entries else ""


def _blank(columns: Sequence[EditColumn]) -> dict[str, Cell]:
    """The cells of a requirement that nobody has filled in yet."""
    return {column.key: column.default for column in columns if column.default is not None}


def _texts(columns: Sequence[EditColumn], cells: Mapping[str, Cell]) -> dict[str, str | list[str]]:
    """What the fields hold: texts, and lists of codes where several may be chosen."""
    texts: dict[str, str | list[str]] = {}
    for column in columns:
        match cells.get(column.key):
            case list() | tuple() as codes:
                texts[column.key] = list(codes)
            case cell:
                texts[column.key] = typed_text(cell, column)
    return texts
