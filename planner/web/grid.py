"""Many requirements at once in a grid: the page, its rows, checks while one types, and saving."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Blueprint, Response, jsonify, render_template, request
from flask_wtf.csrf import generate_csrf

from planner.errors import InvalidInputError, PlannerError, fault
from planner.services import editing
from planner.services.editing import EditableRow, EditColumn, RowConflict, RowEdit, StaleRowsError
from planner.services.permissions import Permission, require
from planner.services.requirements import RequirementFilter, list_requirements
from planner.services.wording import requirement_status_phrase
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.queries import argument, page_argument
from planner.web.rendering import unit_words, words
from planner.web.typed import columns_by_key, typed_text

blueprint = Blueprint("grid", __name__, url_prefix="/requirements/grid")

ROWS_AT_ONCE: Final = 500
LONGEST_NAME: Final = 60
MOST_ROWS: Final = 5_000
"""How many rows the grid takes; who has more narrows the list first."""


@blueprint.get("/")
def show() -> str:
    """The grid over what the list's filter lets through, in the columns of the workbook. Its rows come after it."""
    require(actor(), Permission.EDIT_REQUIREMENTS)
    with transaction() as database:
        columns = editing.load_columns(database, actor())
    return render_template(
        "grid/show.html",
        columns=[_column(column) for column in columns],
        query=request.query_string.decode("ascii", "replace"),
        most=MOST_ROWS,
    )


@blueprint.get("/rows")
def rows() -> Response:
    """A page of rows as texts, and the token with which this session may save."""
    require(actor(), Permission.EDIT_REQUIREMENTS)
    wanted = RequirementFilter(
        text=argument("q"),
        page=page_argument(),
        page_size=ROWS_AT_ONCE,
        ministry=argument("ministry"),
        agency=argument("agency"),
        priority=argument("priority"),
        clearance=argument("clearance"),
        status=argument("status"),
    )
    with transaction() as database:
        listing = list_requirements(database, actor(), wanted)
        columns = columns_by_key(editing.load_columns(database, actor()))
        found = editing.load_rows(database, actor(), [str(code) for code in listing.table.column("code")])
    return jsonify(
        rows=[_row(row, columns) for row in found],
        total=listing.total,
        pages=min(listing.pages, MOST_ROWS // ROWS_AT_ONCE),
        token=generate_csrf(),
    )


@blueprint.post("/check")
def check() -> tuple[Response, int]:
    """What is wrong with the rows as they stand. Stores nothing."""
    try:
        with transaction() as database:
            return _refused(editing.check_rows(database, actor(), _edits()).faults), 200
    except PlannerError as error:
        return _failure(error)


@blueprint.post("/save")
def save() -> tuple[Response, int]:
    """Save the rows: all of them, or none with what stands against it."""
    try:
        with transaction() as database:
            edits = _edits()
            columns = columns_by_key(editing.load_columns(database, actor()))
            saved = editing.save_rows(database, actor(), edits)
            stored = editing.load_rows(database, actor(), saved.codes)
    except StaleRowsError as error:
        conflicts = [_conflict(conflict, columns) for conflict in error.conflicts]
        return jsonify(message=words(error.message), conflicts=conflicts), error.status
    except PlannerError as error:
        return _failure(error)
    return jsonify(rows=[_row(row, columns) for row in stored], proposed=len(saved.proposed)), 200


def _failure(error: PlannerError) -> tuple[Response, int]:
    if isinstance(error, InvalidInputError):
        return _refused(error.faults, words(error.message)), error.status
    return jsonify(message=words(error.message)), error.status


def _refused(faults: Sequence[Any], message: str = "") -> Response:
    found = []
    for each in faults:
        row, _, column = each.address.partition("/")
        found.append({"row": row, "column": column, "message": words(each.message)})
    return jsonify(message=message, faults=found)


def _edits() -> list[RowEdit]:
    """The rows that were sent; `InvalidInputError` where that is no list of rows with texts in their cells."""
    try:
        sent = request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, which no grid sends
        sent = None
    rows = sent.get("rows") if isinstance(sent, dict) else None
    if not isinstance(rows, list) or len(rows) > MOST_ROWS or not all(map(_is_row, rows)):
        raise InvalidInputError([fault("", "malformed", N_("The request was not understood."))])
    return [RowEdit(row.get("code"), row.get("version"), row["cells"], row.get("key")) for row in rows]


def _is_row(row: object) -> bool:
    if not isinstance(row, dict) or not isinstance(row.get("cells"), dict):
        return False
    code, version, key = row.get("code"), row.get("version"), row.get("key")
    named = _is_name(code) and type(version) is int
    new = code is None and _is_name(key)
    return (named or new) and all(_is_name(name) and isinstance(cell, str) for name, cell in row["cells"].items())


def _is_name(text: object) -> bool:
    """Whether `text` may be a code, a key or a column's name: no database is asked for what nobody can type."""
    return isinstance(text, str) and 0 < len(text) <= LONGEST_NAME and text.isprintable()


def _column(column: EditColumn) -> dict[str, Any]:
    title = words(column.header)
    return {
        "key": column.key,
        "title": f"{title} {words(column.year)}" if column.year else title,
        "unit": unit_words(column.unit) if column.year else "",
        "kind": column.kind,
        "fixed": column.fixed or column.locked,
        "required": column.required,
        "choices": [[choice.code, words(choice.name)] for choice in column.choices] if not column.fixed else [],
    }


def _row(row: EditableRow, columns: Mapping[str, EditColumn]) -> dict[str, Any]:
    return {
        "code": row.code,
        "version": row.version,
        "status": words(requirement_status_phrase(row.status)),
        "mode": row.mode,
        "refusal": words(row.refusal) if row.refusal else "",
        "cells": _texts(row.cells, columns),
    }


def _texts(cells: Mapping[str, Any], columns: Mapping[str, EditColumn]) -> dict[str, str]:
    return {name: typed_text(cell, columns[name]) for name, cell in cells.items() if not columns[name].fixed}


def _conflict(conflict: RowConflict, columns: Mapping[str, EditColumn]) -> dict[str, Any]:
    return {"code": conflict.code, "version": conflict.version, "cells": _texts(conflict.theirs, columns)}
