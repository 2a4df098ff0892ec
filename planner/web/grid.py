"""Many requirements at once in a grid: the page, its rows, checks while one types, and saving."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask_wtf.csrf import generate_csrf

from planner.errors import PlannerError
from planner.services import editing
from planner.services.editing import EditableRow, EditColumn, StaleRowsError
from planner.services.permissions import Permission, require
from planner.services.requirements import RequirementFilter, list_requirements
from planner.services.wording import requirement_status_phrase
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

blueprint = Blueprint("grid", __name__, url_prefix="/requirements/grid")


@blueprint.get("/")
def show() -> str:
    """The grid over what the list's filter lets through, in the columns of the workbook. Its rows come after it."""
    require(actor(), Permission.EDIT_REQUIREMENTS)
    with transaction() as database:
        columns = editing.load_columns(database, actor())
    return render_template(
        "grid/requirements.html",
        columns=[column_data(column) for column in columns],
        query=request.query_string.decode("ascii", "replace"),
        most=MOST_ROWS,
        place=f"planner-grid:{actor().username}",
        addresses={name: url_for(f"grid.{name}") for name in ("rows", "check", "save")},
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
            return refused(editing.check_rows(database, actor(), read_edits()).faults), 200
    except PlannerError as error:
        return failure(error)


@blueprint.post("/save")
def save() -> tuple[Response, int]:
    """Save the rows: all of them, or none with what stands against it."""
    try:
        with transaction() as database:
            edits = read_edits()
            columns = columns_by_key(editing.load_columns(database, actor()))
            saved = editing.save_rows(database, actor(), edits)
            stored = editing.load_rows(database, actor(), saved.codes)
    except StaleRowsError as error:
        conflicts = [conflict_data(conflict, columns) for conflict in error.conflicts]
        return jsonify(message=words(error.message), conflicts=conflicts), error.status
    except PlannerError as error:
        return failure(error)
    return jsonify(rows=[_row(row, columns) for row in stored], proposed=len(saved.proposed)), 200


def _row(row: EditableRow, columns: Mapping[str, EditColumn]) -> dict[str, Any]:
    return {
        "code": row.code,
        "version": row.version,
        "status": words(requirement_status_phrase(row.status)),
        "mode": row.mode,
        "refusal": words(row.refusal) if row.refusal else "",
        "cells": cell_texts(row.cells, columns),
    }
