"""What the pages of grids and their script say to each other: columns, rows as texts, edits, faults, conflicts."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import Response, jsonify, request

from planner.errors import Fault, InvalidInputError, PlannerError, fault
from planner.services.editing import EditColumn, RowConflict, RowEdit
from planner.services.rows.cells import Cells
from planner.text import N_
from planner.web.rendering import unit_words, words
from planner.web.typed import typed_text

ROWS_AT_ONCE: Final = 500
LONGEST_NAME: Final = 130
MOST_ROWS: Final = 5_000
"""How many rows a grid takes; who has more narrows the list first."""


def failure(error: PlannerError) -> tuple[Response, int]:
    """What stands against checking or saving, as JSON."""
    if isinstance(error, InvalidInputError):
        return refused(error.faults, words(error.message)), error.status
    return jsonify(message=words(error.message)), error.status


def refused(faults: Sequence[Fault], message: str = "") -> Response:
    """Faults by the row and the column of their address, `R-000123/title`."""
    found = []
    for each in faults:
        row, _, column = each.address.rpartition("/")
        found.append({"row": row, "column": column, "message": words(each.message)})
    return jsonify(message=message, faults=found)


def read_edits() -> list[RowEdit]:
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


def column_data(column: EditColumn) -> dict[str, Any]:
    """A column as the script takes it."""
    title = words(column.header)
    return {
        "key": column.key,
        "title": f"{title} {words(column.year)}" if column.year else title,
        "unit": unit_words(column.unit) if column.year else "",
        "kind": column.kind,
        "fixed": column.fixed or column.locked,
        "once": column.once,
        "required": column.required,
        "choices": [[choice.code, words(choice.name)] for choice in column.choices] if not column.fixed else [],
    }


def cell_texts(cells: Cells, columns: Mapping[str, EditColumn]) -> dict[str, str]:
    """The cells of a row as they are typed, by column."""
    return {name: typed_text(cell, columns[name]) for name, cell in cells.items() if not columns[name].fixed}


def conflict_data(conflict: RowConflict, columns: Mapping[str, EditColumn]) -> dict[str, Any]:
    """A row as somebody else stored it meanwhile."""
    return {"code": conflict.code, "version": conflict.version, "cells": cell_texts(conflict.theirs, columns)}
