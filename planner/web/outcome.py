"""What the plan in force gives each ministry: the list for those who see all, and the letter with its tables."""

import io

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.i18n import format_day
from planner.services.publishing.letter import write_letter
from planner.services.publishing.outcome import list_outcomes, load_ministry_outcome
from planner.services.report_sets import open_outcome_workbook, outcome_languages
from planner.web.current import actor, language, transaction
from planner.web.downloads import send_stream, send_table
from reports.words import BANGKOK

blueprint = Blueprint("outcome", __name__, url_prefix="/outcome")


@blueprint.get("/")
def index() -> str | BaseResponse:
    """Every ministry that the reader may see; whoever belongs to one is led to its letter."""
    with transaction() as database:
        found = list_outcomes(database, actor())
    if found and (home := actor().ministry_code):
        return redirect(url_for("outcome.show", ministry=home))
    publication, table = found or (None, None)
    return render_template(
        "outcome/index.html",
        publication=publication,
        table=table,
        letter=lambda code: url_for("outcome.show", ministry=code),
    )


@blueprint.get("/<ministry>")
def show(ministry: str) -> str:
    """The letter to one ministry, with what is enclosed."""
    with transaction() as database:
        outcome = load_ministry_outcome(database, actor(), ministry)
        workbooks = outcome_languages(database)
    plan = outcome.publication
    return render_template(
        "outcome/show.html",
        outcome=outcome,
        letter=write_letter(outcome),
        day=format_day(plan.published_at.astimezone(BANGKOK).date(), language()),
        workbooks=workbooks,
        whole=lambda table: table,
        link=lambda code: url_for("plans.requirement", code=plan.plan, requirement=code),
        file=lambda table, form: url_for("outcome.export", ministry=ministry, table=table, form=form),
    )


@blueprint.get("/<ministry>/workbook-<language>.xlsx")
def workbook(ministry: str, language: str) -> Response:
    """The ministry's workbook of the plan in force, once it was made."""
    with transaction() as database:
        found = open_outcome_workbook(database, actor(), ministry, language)
    return send_stream(io.BytesIO(found.content), found.name)


@blueprint.get("/<ministry>/<table>.<form>")
def export(ministry: str, table: str, form: str) -> Response:
    """One of the enclosures as a file."""
    with transaction() as database:
        outcome = load_ministry_outcome(database, actor(), ministry)
    plan = outcome.publication
    return send_table(outcome.table(table), f"{plan.plan}-{ministry}-{table}", form, made_up=plan.synthetic)
