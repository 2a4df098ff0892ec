"""Plans that close the gaps of the data workforce: asking for one, reading one, its terms, the training calendar."""

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from models import JobKind
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError
from planner.i18n import LANGUAGES, format_day, translator
from planner.services.closing.calendar import load_calendar
from planner.services.closing.opening import open_closing
from planner.services.closing.pages import pages_of
from planner.services.closing.runs import LONGEST_NAME, get_closing, list_closings, queue_closing, what_if_phrase
from planner.services.closing.terms import load_terms_form, may_plan, save_terms
from planner.services.closing.whatif import read_what_if, what_if_form
from planner.services.closing.workbook import build_closing_report
from planner.services.coverage.opening import today
from planner.services.desk.pages import first_rows
from planner.services.jobs import find_job
from planner.services.overview import is_synthetic
from planner.services.reference import Typed
from planner.text import N_
from planner.web.current import actor, language, sessions, transaction
from planner.web.downloads import send_stream, send_table
from planner.web.rendering import translate
from reports.values import Fact
from reports.workbook import render_report

blueprint = Blueprint("closing", __name__, url_prefix="/workforce-plans")

LEADS: Final = {"agency": "agencies", "ministry": "ministries"}
"""Where the code in the first column of a table leads on the pages on coverage, by the column's key."""


@blueprint.get("/")
def index() -> str:
    """Every plan, the newest first, and the form that asks for one."""
    return _index(Typed())


@blueprint.post("/")
def run() -> BaseResponse | tuple[str, int]:
    """Keep the register as it is, queue the plan, and show how it goes."""
    try:
        code = queue_closing(sessions(), actor(), request.form.get("name", ""), read_what_if(request.form))
    except InvalidInputError as error:
        return _index(Typed(request.form, error.faults), error.faults), error.status
    return redirect(url_for("closing.show", code=code))


@blueprint.get("/export.<form>")
def export_list(form: str) -> Response:
    """The list of plans, as Excel or CSV."""
    with transaction() as database:
        table, made_up = list_closings(database, actor()), is_synthetic(database)
    return send_table(table, "workforce-plans", form, made_up=made_up)


@blueprint.get("/calendar")
def calendar() -> str:
    """The training calendar."""
    with transaction() as database:
        cohorts, courses = load_calendar(database, actor())
        made_up = is_synthetic(database)
    return render_template(
        "closing/calendar.html",
        cohorts=cohorts,
        courses=courses,
        made_up=made_up,
        first=first_rows,
        nowhere=lambda _key: None,
        file=lambda table, form: url_for("closing.export_calendar", table=table, form=form),
    )


@blueprint.get("/calendar/<table>.<form>")
def export_calendar(table: str, form: str) -> Response:
    """One table of the training calendar, whole."""
    with transaction() as database:
        found = {each.key: each for each in load_calendar(database, actor())}
        made_up = is_synthetic(database)
    if table not in found:
        raise NotFoundError
    return send_table(found[table], f"training-{table}", form, made_up=made_up)


@blueprint.get("/terms")
def terms() -> str:
    """The terms under which plans are made, and the form that changes them."""
    return _terms(Typed())


@blueprint.post("/terms")
def change_terms() -> BaseResponse | tuple[str, int]:
    """Put the terms that were typed in force; what cannot be comes back with what is wrong."""
    version = request.form.get("version", 0, type=int)
    try:
        with transaction() as database:
            save_terms(database, actor(), request.form, version)
    except InvalidInputError as error:
        return _terms(Typed(request.form, error.faults), version=version), error.status
    except ConflictError as error:
        return _terms(Typed(request.form), conflict=True), error.status
    flash(N_("The terms are in force. Plans asked for from now on are made under them."))
    return redirect(url_for("closing.terms"))


@blueprint.get("/<code>")
def show(code: str) -> str:
    """A plan; how far it is while it is not made."""
    with transaction() as database:
        info = get_closing(database, actor(), code)
        if info.finished_at is None:
            job = find_job(database, actor(), JobKind.WORKFORCE_PLAN, code)
            facts = (
                Fact(N_("What if"), what_if_phrase(info.what_if)),
                Fact(N_("Register of"), info.on, "date"),
                Fact(N_("Asked for"), info.created_at, "moment"),
                Fact(N_("SHA-256 of the inputs"), info.sha256, "code"),
            )
            return render_template("closing/unfinished.html", info=info, job=job, facts=facts)
    return page(code, "overview")


@blueprint.get("/<code>/<page>")
def page(code: str, page: str) -> str:
    """One page on a plan."""
    with transaction() as database:
        closing = open_closing(database, actor(), code)
        pages = pages_of(closing)
        if page not in pages:
            abort(404)
        title, read = pages[page]
        shown = read(database, closing, request.args)
    chosen: dict[str, Any] = {choice.key: choice.chosen for choice in shown.choices if choice.chosen}
    return render_template(
        "closing/page.html",
        info=closing.info,
        what_if=what_if_phrase(closing.info.what_if),
        page=shown,
        pages={name: label for name, (label, _) in pages.items()},
        name=page,
        title=title,
        first=first_rows,
        leads=_lead,
        file=lambda table, form: url_for("closing.export", code=code, page=page, table=table, form=form, **chosen),
    )


@blueprint.get("/<code>/<page>/<table>.<form>")
def export(code: str, page: str, table: str, form: str) -> Response:
    """One table of a page, whole and as the page's choices have it."""
    with transaction() as database:
        closing = open_closing(database, actor(), code)
        pages = pages_of(closing)
        if page not in pages:
            abort(404)
        found = pages[page][1](database, closing, request.args).table(table)
    return send_table(found, f"{code}-{table}", form, made_up=closing.info.synthetic)


@blueprint.get("/<code>/report-<language>.xlsx")
def report(code: str, language: str) -> Response:
    """The whole plan as a workbook in `language`."""
    if language not in LANGUAGES:
        abort(404)
    with transaction() as database:
        content = build_closing_report(database, open_closing(database, actor(), code))
    stream = io.BytesIO()
    render_report(content, translator(language), language, stream)
    return send_stream(stream, f"{content.key}-{language}.xlsx")


def _index(typed: Typed, faults: Sequence[Fault] = ()) -> str:
    with transaction() as database:
        runs, made_up = list_closings(database, actor()), is_synthetic(database)
    named = translate(N_("Workforce plan of %(day)s"), day=format_day(today(), language()))
    fields = what_if_form(typed)
    own = {field.entry.name for field in fields}
    return render_template(
        "closing/index.html",
        runs=runs,
        made_up=made_up,
        may_run=may_plan(actor()),
        fields=fields,
        faults=[fault for fault in faults if fault.address not in own],
        faulty=bool(faults),
        name=named if typed.texts is None else typed.texts.get("name", ""),
        longest_name=LONGEST_NAME,
    )


def _terms(typed: Typed, *, version: int | None = None, conflict: bool = False) -> str:
    """`version` is the one that a sent form was made from; without it, the form is made from what is stored now."""
    with transaction() as database:
        form = load_terms_form(database, actor(), typed)
    return render_template(
        "closing/terms.html",
        form=form if version is None else replace(form, version=version),
        conflict=conflict,
        faulty=bool(typed.faults),
    )


def _lead(key: str) -> Callable[[str], str] | None:
    """The address of what the code in a column called `key` names, if it has a page."""
    area = LEADS.get(key)
    return (lambda code: url_for("coverage.place", area=area, code=code)) if area else None
