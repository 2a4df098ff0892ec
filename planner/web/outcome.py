"""What the plan in force gives each ministry: the list for those who see all, and the letter with its tables."""

from flask import Blueprint, Response, redirect, render_template, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.i18n import format_day
from planner.services.publishing.letter import write_letter
from planner.services.publishing.outcome import list_outcomes, load_ministry_outcome
from planner.web.current import actor, language, transaction
from planner.web.downloads import send_table
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
    plan = outcome.publication
    return render_template(
        "outcome/show.html",
        outcome=outcome,
        letter=write_letter(outcome),
        day=format_day(plan.published_at.astimezone(BANGKOK).date(), language()),
        whole=lambda table: table,
        link=lambda code: url_for("plans.requirement", code=plan.plan, requirement=code),
        file=lambda table, form: url_for("outcome.export", ministry=ministry, table=table, form=form),
    )


@blueprint.get("/<ministry>/<table>.<form>")
def export(ministry: str, table: str, form: str) -> Response:
    """One of the enclosures as a file."""
    with transaction() as database:
        outcome = load_ministry_outcome(database, actor(), ministry)
    plan = outcome.publication
    return send_table(outcome.table(table), f"{plan.plan}-{ministry}-{table}", form, made_up=plan.synthetic)
