"""The register of the data workforce: its tables as lists and forms, its people, and each person's record."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError, NotFoundError
from planner.i18n import translator
from planner.services.history import load_history
from planner.services.lists import ListFilter
from planner.services.overview import is_synthetic
from planner.services.permissions import Permission, may, require
from planner.services.reference import ReferenceTable, Typed, load_form, remove_row, save_row, sortable
from planner.services.register import people
from planner.services.register.listing import list_table
from planner.services.register.people import PeopleFilter
from planner.services.register.privacy import erase_person, export_person
from planner.services.register.tables import PEOPLE_TABLES, PERSON_PARTS, TABLES, table_named
from planner.text import N_, Phrase
from planner.web.current import actor, language, transaction
from planner.web.downloads import send_stream, send_table
from planner.web.queries import argument, list_arguments
from reports.workbook import render_report

blueprint = Blueprint("register", __name__, url_prefix="/register")

PEOPLE = "people"


@blueprint.url_defaults
def keep_table(endpoint: str, values: dict[str, Any]) -> None:
    """A link from a page of a table stays with that table."""
    if current_app.url_map.is_endpoint_expecting(endpoint, "table") and request.view_args:
        values.setdefault("table", request.view_args.get("table"))


@blueprint.context_processor
def links() -> dict[str, Any]:
    """What every page of the register leads to its tables and their rows by."""
    return {"row_link": _row_link, "table_url": _table_url, "parts": [TABLES[key] for key in PERSON_PARTS]}


def listed(key: str) -> ReferenceTable:
    """A table that has a list of its own; what is about people stands on their pages alone."""
    table = table_named(key)
    if key in PEOPLE_TABLES:
        raise NotFoundError
    return table


@blueprint.get("/")
def index() -> str:
    """The tables that the reader may see."""
    require(actor(), Permission.VIEW_WORKFORCE)
    tables = [table for table in TABLES.values() if table.key not in PERSON_PARTS and may(actor(), table.viewing)]
    with transaction() as database:
        made_up = is_synthetic(database)
    return render_template("register/index.html", tables=tables, made_up=made_up)


@blueprint.get("/people/")
def people_index() -> str:
    """The people that the filter lets through."""
    chosen = _people_wanted()
    with transaction() as database:
        listing = people.list_people(database, actor(), chosen)
        choices = people.load_choices(database, actor())
        made_up = is_synthetic(database)
    return render_template(
        "register/people.html",
        table=table_named(PEOPLE),
        listing=listing,
        chosen=chosen,
        choices=choices,
        sortable=people.SORTABLE,
        editable=table_named(PEOPLE).may_change(actor()),
        made_up=made_up,
    )


@blueprint.get("/people/export.<form>")
def people_export(form: str) -> Response:
    """Everybody whom the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = people.list_people(database, actor(), replace(_people_wanted(), page=None))
        people.note_looks(database, actor(), map(str, listing.table.column("code")), "downloaded")
        made_up = is_synthetic(database)
    return send_table(listing.table, PEOPLE, form, made_up=made_up)


@blueprint.get("/person/<code>")
def person(code: str) -> str:
    """One person's record. That it was opened is noted."""
    with transaction() as database:
        record = people.load_person(database, actor(), code)
        history = load_history(database, actor(), f"person:{code}")
        made_up = is_synthetic(database)
    editable = table_named(PEOPLE).may_change(actor())
    return render_template(
        "register/person.html",
        record=record,
        editable=editable,
        history=history,
        made_up=made_up,
    )


@blueprint.post("/person/<code>/copy.<form>")
def person_copy(code: str, form: str) -> Response:
    """All that is kept of a person, to be handed to them: as a workbook or as JSON."""
    with transaction() as database:
        copy = export_person(database, actor(), code)
    stream = io.BytesIO()
    if form == "xlsx":
        render_report(copy.report, translator(language()), language(), stream)
        return send_stream(stream, f"person-{code}.xlsx")
    if form != "json":
        raise NotFoundError
    stream.write(json.dumps(copy.data, ensure_ascii=False, indent=2).encode())
    return send_stream(stream, f"person-{code}.json", "application/json")


@blueprint.post("/person/<code>/erase")
def erase(code: str) -> BaseResponse:
    """Take a person out of the register for good, once their code was typed as a confirmation."""
    try:
        with transaction() as database:
            erase_person(database, actor(), code, request.form.get("confirm", ""))
    except InvalidInputError as error:
        flash(error.faults[0].message.msgid)
        return redirect(url_for("register.person", code=code))
    flash(N_("The person was erased from the register."))
    return redirect(url_for("register.people_index"))


@blueprint.get("/<table>/")
def rows(table: str) -> str:
    """The rows of a table."""
    known = listed(table)
    chosen = _wanted(known)
    with transaction() as database:
        listing = list_table(database, actor(), known, chosen)
        made_up = is_synthetic(database)
    return render_template(
        "register/rows.html",
        table=known,
        listing=listing,
        chosen=chosen,
        sortable=sortable(known),
        editable=known.may_change(actor()),
        made_up=made_up,
    )


@blueprint.get("/<table>/export.<form>")
def export(table: str, form: str) -> Response:
    """Every row that the filter lets through, as Excel or CSV."""
    known = listed(table)
    with transaction() as database:
        listing = list_table(database, actor(), known, replace(_wanted(known), page=None))
        made_up = is_synthetic(database)
    return send_table(listing.table, table, form, made_up=made_up)


@blueprint.get("/<table>/new")
def new(table: str) -> str:
    """An empty form; fields named in the address are filled in."""
    return _form(table_named(table), None, Typed(request.args) if request.args else Typed())


@blueprint.post("/<table>/new")
def add(table: str) -> BaseResponse | tuple[str, int]:
    """Add a row."""
    return _save(table_named(table), None)


@blueprint.get("/<table>/rows/<path:code>")
def show(table: str, code: str) -> str:
    """One row, to read or to change."""
    return _form(table_named(table), code)


@blueprint.post("/<table>/rows/<path:code>")
def save(table: str, code: str) -> BaseResponse | tuple[str, int]:
    """Change a row."""
    return _save(table_named(table), code)


@blueprint.post("/<table>/remove/<path:code>")
def remove(table: str, code: str) -> BaseResponse:
    """Remove a row that nothing uses. A person is erased instead, on their own page."""
    known = table_named(table)
    if table == PEOPLE:
        raise NotFoundError
    with transaction() as database:
        remove_row(database, actor(), known, code, _version())
    flash(N_("The row was removed."))
    return redirect(_after(known, code))


def _wanted(table: ReferenceTable) -> ListFilter:
    return ListFilter(**list_arguments() | {"sort": argument("sort") or table.order})


def _people_wanted() -> PeopleFilter:
    return PeopleFilter(
        **list_arguments(),
        ministry=argument("ministry"),
        agency=argument("agency"),
        role=argument("role"),
        remark=argument("remark"),
    )


def _row_link(table: str) -> Callable[[object], str]:
    """Where the code of a row of a table leads."""
    return lambda cell: url_for(
        "register.show", table=table, code=cell.params["code"] if isinstance(cell, Phrase) else cell
    )


def _table_url(table: ReferenceTable) -> str:
    """Where the rows of a table are listed, those that belong to people among the people."""
    if table.key in PEOPLE_TABLES:
        return url_for("register.people_index")
    return url_for("register.rows", table=table.key)


def _person_of(table: ReferenceTable, code: str | None) -> str:
    """The code of the person that a row is about, "" where it is about none."""
    return (code or "").split("/")[0] if table.key in PEOPLE_TABLES else ""


def _after(table: ReferenceTable, code: str | None) -> str:
    """Where somebody goes on after a row was stored: to the person that it is about, or to the table."""
    if person := _person_of(table, code):
        return url_for("register.person", code=person)
    return _table_url(table)


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
    return redirect(_after(table, saved))


def _form(
    table: ReferenceTable,
    code: str | None,
    typed: Typed | None = None,
    *,
    conflict: bool = False,
    version: int | None = None,
) -> str:
    context: dict[str, Any] = {}
    with transaction() as database:
        form = load_form(database, actor(), table, code, typed or Typed())
        if code and (form.editable or may(actor(), Permission.VIEW_AUDIT_LOG)):
            context["history"] = load_history(database, actor(), form.subject)
        if known := _person_of(table, code):
            people.note_look(database, actor(), known)
    if version is not None:
        form = replace(form, version=version)
    about = code or request.values.get("person", "")
    return render_template(
        "register/form.html",
        table=table,
        form=form,
        conflict=conflict,
        back=_after(table, about),
        person=_person_of(table, about),
        **context,
    )


def _version() -> int:
    """The version that a sent form was made from; 0 for what is new."""
    return request.form.get("version", 0, type=int)
