"""How well the data staff covers what is required: pages, places opened from them, and any table as a file."""

import io
from collections.abc import Callable, Iterator
from typing import Any, Final

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.i18n import LANGUAGES, translator
from planner.services.coverage import PAGES, PLACES, Visit, note_people, open_visit
from planner.services.coverage.history import keep_coverage
from planner.services.coverage.workbook import build_coverage_report
from planner.services.desk.pages import Page, first_rows
from planner.services.overview import is_synthetic
from planner.text import N_, LocalText
from planner.web.current import actor, transaction
from planner.web.downloads import send_stream, send_table
from reports.values import Table
from reports.workbook import render_report

blueprint = Blueprint("coverage", __name__, url_prefix="/coverage")

LEADS: Final = {"ministry": "ministries", "agency": "agencies"}
"""Where the code in the first column of a table leads, by the column's key."""


@blueprint.get("/")
def index() -> str:
    """The heat map of ministries and roles."""
    return page("overview")


@blueprint.get("/<page>")
def page(page: str) -> str:
    """One page on coverage."""
    if page not in PAGES:
        abort(404)
    title, read = PAGES[page]
    with transaction() as database:
        visit = open_visit(database, actor())
        shown = read(visit, request.args)
        note_people(visit, map(first_rows, _tables(shown)))
        made_up = is_synthetic(database)
    chosen = _chosen(shown)
    return _render(
        shown,
        made_up=made_up,
        name=page,
        title=title,
        file=lambda table, form: url_for("coverage.export", page=page, table=table, form=form, **chosen),
    )


@blueprint.get("/<page>/<table>.<form>")
def export(page: str, table: str, form: str) -> Response:
    """One table of a page, whole and as the page's choices have it."""
    if page not in PAGES:
        abort(404)
    return _send(lambda visit: PAGES[page][1](visit, request.args), table, form, f"coverage-{table}")


@blueprint.get("/<any(ministries, agencies):area>/<code>")
def place(area: str, code: str) -> str:
    """One ministry with its agencies, or one agency with its people."""
    with transaction() as database:
        visit = open_visit(database, actor())
        shown = PLACES[area](visit, request.args, code)
        note_people(visit, map(first_rows, _tables(shown)))
        made_up = is_synthetic(database)
    chosen = _chosen(shown)
    return _render(
        shown,
        made_up=made_up,
        name=None,
        area=area,
        code=code,
        **_whereabouts(visit, area, code),
        file=lambda table, form: url_for(
            "coverage.export_place", area=area, code=code, table=table, form=form, **chosen
        ),
    )


@blueprint.get("/<any(ministries, agencies):area>/<code>/<table>.<form>")
def export_place(area: str, code: str, table: str, form: str) -> Response:
    """One table of a ministry's or an agency's page, whole."""
    return _send(lambda visit: PLACES[area](visit, request.args, code), table, form, f"coverage-{code}-{table}")


@blueprint.get("/report-<language>.xlsx")
def report(language: str) -> Response:
    """The report on everything that the reader sees, as a workbook in `language`."""
    return _report(language, None)


@blueprint.get("/ministries/<code>/report-<language>.xlsx")
def report_ministry(code: str, language: str) -> Response:
    """The report on one ministry, as a workbook in `language`."""
    return _report(language, code)


@blueprint.post("/keep")
def keep() -> BaseResponse:
    """Keep coverage as it stands, to compare later days with."""
    with transaction() as database:
        keep_coverage(database, actor())
    flash(N_("Coverage is kept as it stands today."))
    return redirect(url_for("coverage.page", page="changes"))


def _render(shown: Page, **context: Any) -> str:
    pages = {name: title for name, (title, _) in PAGES.items()}
    return render_template("coverage/page.html", page=shown, pages=pages, first=first_rows, leads=_leads, **context)


def _leads(key: str) -> Callable[[str], str] | None:
    """The address of what the code in a column called `key` names, if it has a page here."""
    if key == "person":
        return lambda code: url_for("register.person", code=code)
    area = LEADS.get(key)
    return (lambda code: url_for("coverage.place", area=area, code=code)) if area else None


def _tables(shown: Page) -> Iterator[Table]:
    for section in shown.sections:
        yield from section.tables


def _chosen(shown: Page) -> dict[str, Any]:
    return {choice.key: choice.chosen for choice in shown.choices if choice.chosen}


def _whereabouts(visit: Visit, area: str, code: str) -> dict[str, Any]:
    """What the place is called, and the ministry above an agency."""
    staffing = visit.staffing
    if area == "ministries":
        return {"title": staffing.ministries[code], "above": None}
    ministry = staffing.agencies[code].ministry
    above: tuple[str, LocalText] = (ministry, staffing.ministries[ministry])
    return {"title": staffing.agency(code), "above": above}


def _send(read: Callable[[Visit], Page], table: str, form: str, name: str) -> Response:
    with transaction() as database:
        visit = open_visit(database, actor())
        found = read(visit).table(table)
        note_people(visit, [found], "downloaded")
        made_up = is_synthetic(database)
    return send_table(found, name, form, made_up=made_up)


def _report(language: str, ministry: str | None) -> Response:
    if language not in LANGUAGES:
        abort(404)
    with transaction() as database:
        content = build_coverage_report(open_visit(database, actor()), ministry)
    stream = io.BytesIO()
    render_report(content, translator(language), language, stream)
    return send_stream(stream, f"{content.key}-{language}.xlsx")
