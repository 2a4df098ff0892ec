"""Many rows of a table of the register at once in a grid: the page, its rows, checks while one types, and saving."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from planner.errors import PlannerError
from planner.services.editing import EditColumn, StaleRowsError
from planner.services.lists import ListFilter
from planner.services.register import grid
from planner.services.register.grid import GridRow
from planner.services.register.tables import PEOPLE_TABLES, table_named
from planner.web.current import actor, transaction
from planner.web.gridded import (
    MOST_ROWS,
    ROWS_AT_ONCE,
    cell_texts,
    column_data,
    conflict_data,
    failure,
    read_edits,
    refused,
)
from planner.web.queries import argument, page_argument
from planner.web.rendering import words
from planner.web.typed import columns_by_key

blueprint = Blueprint("table_grid", __name__, url_prefix="/register/<table>/grid")


@blueprint.get("/")
def show(table: str) -> str:
    """The grid over a table, in the columns of the workbook. Its rows come after it, and none about people are kept."""
    known = table_named(table)
    with transaction() as database:
        columns = grid.load_columns(database, actor(), known)
    about_people = table in PEOPLE_TABLES
    return render_template(
        "grid/table.html",
        table=known,
        about_people=about_people,
        back=url_for("register.people_index") if about_people else url_for("register.rows", table=table),
        columns=[column_data(column) for column in columns],
        query=request.query_string.decode("ascii", "replace"),
        most=MOST_ROWS,
        place="" if about_people else f"planner-grid:{actor().username}:{table}",
        addresses={name: url_for(f"table_grid.{name}", table=table) for name in ("rows", "check", "save")},
    )


@blueprint.get("/rows")
def rows(table: str) -> Response:
    """A page of rows as texts, and the token with which this session may save."""
    known = table_named(table)
    with transaction() as database:
        columns = columns_by_key(grid.load_columns(database, actor(), known))
        wanted = ListFilter(argument("q"), page=page_argument(), page_size=ROWS_AT_ONCE)
        found, total = grid.load_page(database, actor(), known, wanted)
    return jsonify(
        rows=[_row(row, columns) for row in found],
        total=total,
        pages=min(-(-total // ROWS_AT_ONCE), MOST_ROWS // ROWS_AT_ONCE),
        token=generate_csrf(),
    )


@blueprint.post("/check")
def check(table: str) -> tuple[Response, int]:
    """What is wrong with the rows as they stand. Stores nothing."""
    try:
        with transaction() as database:
            return refused(grid.check_rows(database, actor(), table_named(table), read_edits())), 200
    except PlannerError as error:
        return failure(error)


@blueprint.post("/save")
def save(table: str) -> tuple[Response, int]:
    """Save the rows: all of them, or none with what stands against it."""
    known = table_named(table)
    try:
        with transaction() as database:
            edits = read_edits()
            columns = columns_by_key(grid.load_columns(database, actor(), known))
            codes = grid.save_rows(database, actor(), known, edits)
            stored = grid.load_rows(database, actor(), known, codes)
    except StaleRowsError as error:
        conflicts = [conflict_data(conflict, columns) for conflict in error.conflicts]
        return jsonify(message=words(error.message), conflicts=conflicts), error.status
    except PlannerError as error:
        return failure(error)
    return jsonify(rows=[_row(row, columns) for row in stored], proposed=0), 200


def _row(row: GridRow, columns: Mapping[str, EditColumn]) -> dict[str, Any]:
    cells = cell_texts(row.cells, columns)
    return {"code": row.code, "version": row.version, "status": "", "mode": "direct", "refusal": "", "cells": cells}
