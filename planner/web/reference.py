"""Reference data: what tables there are, each as a list, and each row as a form to change, add or remove it."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError
from planner.services.history import load_history
from planner.services.lists import ListFilter
from planner.services.overview import is_synthetic
from planner.services.permissions import Permission, may
from planner.services.reference import (
    TABLES,
    ReferenceTable,
    Typed,
    count_rows,
    list_rows,
    load_form,
    remove_row,
    save_row,
    sortable,
    table_named,
)
from planner.text import N_, FiscalYear
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument, list_arguments

blueprint = Blueprint("reference", __name__, url_prefix="/reference")


@blueprint.url_defaults
def keep_table(endpoint: str, values: dict[str, Any]) -> None:
    """A link from a page of a table stays with that table; a fiscal year is called by its number."""
    if current_app.url_map.is_endpoint_expecting(endpoint, "table") and request.view_args:
        values.setdefault("table", request.view_args.get("table"))
    if isinstance(year := values.get("code"), FiscalYear):
        values["code"] = year.year


def wanted(table: ReferenceTable) -> ListFilter:
    """The filter that the address asks for; without an order, the table's own."""
    return ListFilter(**list_arguments() | {"sort": argument("sort") or table.order})


@blueprint.get("/")
def index() -> str:
    """Every table with the number of its rows."""
    with transaction() as database:
        counts = count_rows(database, actor())
    return render_template("reference/index.html", tables=TABLES.values(), counts=counts)


@blueprint.get("/<table>/")
def rows(table: str) -> str:
    """The rows of a table."""
    known = table_named(table)
    chosen = wanted(known)
    with transaction() as database:
        listing = list_rows(database, actor(), known, chosen)
        made_up = is_synthetic(database)
    return render_template(
        "reference/rows.html",
        table=known,
        listing=listing,
        chosen=chosen,
        sortable=sortable(known),
        editable=may(actor(), known.permission),
        made_up=made_up,
    )


@blueprint.get("/<table>/export.<form>")
def export(table: str, form: str) -> Response:
    """Every row that the filter lets through, as Excel or CSV."""
    known = table_named(table)
    with transaction() as database:
        listing = list_rows(database, actor(), known, replace(wanted(known), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, table, form, made_up=made_up)


@blueprint.get("/<table>/new")
def new(table: str) -> str:
    """An empty form; fields named in the address are filled in."""
    typed = Typed(request.args) if request.args else Typed()
    return _form(table_named(table), None, typed)


@blueprint.post("/<table>/new")
def add(table: str) -> BaseResponse | tuple[str, int]:
    """Add a row."""
    return _save(table_named(table), None)


@blueprint.get("/<table>/rows/<code>")
def show(table: str, code: str) -> str:
    """One row, to read or to change."""
    return _form(table_named(table), code)


@blueprint.post("/<table>/rows/<code>")
def save(table: str, code: str) -> BaseResponse | tuple[str, int]:
    """Change a row."""
    return _save(table_named(table), code)


@blueprint.post("/<table>/rows/<code>/remove")
def remove(table: str, code: str) -> BaseResponse:
    """Remove a row that nothing uses."""
    known = table_named(table)
    with transaction() as database:
        remove_row(database, actor(), known, code, _version())
    flash(N_("The row was removed."))
    return redirect(url_for("reference.rows", table=table))


def _save(table: ReferenceTable, code: str | None) -> BaseResponse | tuple[str, int]:
    """Store what was sent; what cannot be stored comes back, with the faults or with what is stored meanwhile."""
    try:
        with transaction() as database:
            saved = save_row(database, actor(), table, request.form, code=code, version=_version())
    except InvalidInputError as error:
        return _form(table, code, Typed(request.form, error.faults), version=_version()), error.status
    except ConflictError as error:
        return _form(table, code, Typed(request.form), conflict=True), error.status
    flash(N_("Saved.") if code else N_("Added."))
    return redirect(url_for("reference.show", table=table.key, code=saved))


def _form(
    table: ReferenceTable,
    code: str | None,
    typed: Typed | None = None,
    *,
    conflict: bool = False,
    version: int | None = None,
) -> str:
    with transaction() as database:
        form = load_form(database, actor(), table, code, typed or Typed())
        known = code and (form.editable or may(actor(), Permission.VIEW_AUDIT_LOG))
        history = load_history(database, actor(), form.subject) if known else None
    if version is not None:
        form = replace(form, version=version)
    return render_template("reference/show.html", table=table, form=form, history=history, conflict=conflict)


def _version() -> int:
    """The version that a sent form was made from; 0 for what is new."""
    return request.form.get("version", 0, type=int)
