"""The workbooks of a plan: having them made, and handing them out."""

import io

from flask import Response, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.i18n import LANGUAGES
from planner.services.desk import PAGES
from planner.services.report_sets import ReportFile, ask_for_reports, find_reports, open_archive, open_workbook
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.downloads import XLSX, send_stream
from planner.web.plans.area import blueprint


@blueprint.get("/<code>/reports")
def reports(code: str) -> str:
    """The workbooks that there are, and how their making goes."""
    with transaction() as database:
        found = find_reports(database, actor(), code)
    return render_template(
        "plans/reports.html",
        info=found.run,
        found=found,
        name="reports",
        pages={key: title for key, (title, _) in PAGES.items()},
    )


@blueprint.post("/<code>/reports")
def make_reports(code: str) -> BaseResponse:
    """Have the workbooks made, or made anew."""
    with transaction() as database:
        ask_for_reports(database, actor(), code)
    flash(N_("The workbooks are being made. You may leave the page meanwhile."))
    return redirect(url_for("plans.reports", code=code))


@blueprint.get("/<code>/reports/<language>.zip")
def report_archive(code: str, language: str) -> Response:
    """All workbooks in `language`, as a ZIP."""
    _require_language(language)
    with transaction() as database:
        found = open_archive(database, actor(), code, language)
    return _send(found, "application/zip")


@blueprint.get("/<code>/reports/<language>.xlsx")
def report(code: str, language: str) -> Response:
    """The managers' workbook in `language`."""
    _require_language(language)
    with transaction() as database:
        found = open_workbook(database, actor(), code, language)
    return _send(found)


@blueprint.get("/<code>/reports/<ministry>/<language>.xlsx")
def ministry_report(code: str, ministry: str, language: str) -> Response:
    """The workbook for one ministry in `language`."""
    _require_language(language)
    with transaction() as database:
        found = open_workbook(database, actor(), code, language, ministry)
    return _send(found)


def _require_language(language: str) -> None:
    if language not in LANGUAGES:
        abort(404)


def _send(file: ReportFile, mimetype: str = XLSX) -> Response:
    return send_stream(io.BytesIO(file.content), file.name, mimetype)
