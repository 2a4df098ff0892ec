"""Publishing plans: what is in force, how a plan stands on today's data, and the form that publishes one."""

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import HiddenField, TextAreaField

from planner.errors import InvalidInputError
from planner.services.desk.opening import open_desk
from planner.services.desk.pages import first_rows
from planner.services.permissions import Permission, require
from planner.services.publishing.publish import LONGEST_NOTE, publish_plan
from planner.services.publishing.staleness import changes_beside, load_changes
from planner.services.publishing.standing import (
    PlanState,
    list_publications,
    load_publication,
    plan_states,
    publication_table,
)
from planner.services.report_sets import ask_for_missing_reports
from planner.services.reporting import certificate_facts, summary_facts
from planner.services.scenarios.reading import load_run_origin
from planner.services.wording import plan_state_phrase
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.forms import show_faults

blueprint = Blueprint("publishing", __name__, url_prefix="/publishing")


class PublishForm(FlaskForm):  # type: ignore[misc]
    """The note of a publication, and the plan that was in force when its writer looked."""

    note = TextAreaField(N_("Note, which every ministry reads"), render_kw={"rows": 4, "maxlength": LONGEST_NOTE})
    seen = HiddenField()


@blueprint.get("/")
def index() -> str:
    """The plan in force, whether it is up to date, and every publication so far."""
    require(actor(), Permission.VIEW_PLANS)
    with transaction() as database:
        publications = list_publications(database)
        changes = changes_beside(database, actor(), publications[0].plan) if publications else None
    return render_template(
        "publishing/index.html",
        publication=next(iter(publications), None),
        changes=changes,
        table=publication_table(publications),
    )


@blueprint.get("/<code>")
def show(code: str) -> str:
    """How a plan stands: published or not, what changed in its inputs since, and the form to publish it."""
    return _page(code, PublishForm(formdata=None))


@blueprint.post("/<code>")
def publish(code: str) -> BaseResponse | tuple[str, int]:
    """Put the plan in force."""
    form = PublishForm()
    try:
        with transaction() as database:
            publish_plan(database, actor(), code, form.note.data or "", seen=form.seen.data or None)
            ask_for_missing_reports(database, actor(), code)  # every ministry is to have its workbook
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(code, form), error.status
    flash(N_("The plan is in force. The ministries were told."))
    return redirect(url_for("publishing.show", code=code))


@blueprint.get("/<code>/changes.<form>")
def export(code: str, form: str) -> Response:
    """What changed in the inputs of a plan, whole."""
    with transaction() as database:
        desk = open_desk(database, actor(), code)
        changes = load_changes(database, actor(), code)
    return send_table(changes.table, f"{code}-changes", form, made_up=desk.info.synthetic)


def _page(code: str, form: PublishForm) -> str:
    with transaction() as database:
        desk = open_desk(database, actor(), code)
        state = plan_states(database).get(code, PlanState.DRAFT)
        in_force = load_publication(database)
        changes = load_changes(database, actor(), code)
        origin = load_run_origin(database, actor(), code)
        publications = [row for row in list_publications(database) if row.plan == code]
    if not form.is_submitted():
        form.seen.data = in_force.plan if in_force else ""
    return render_template(
        "publishing/show.html",
        info=desk.info,
        state=state,
        state_words=plan_state_phrase(state),
        in_force=in_force,
        changes=changes,
        origin=origin,
        first=first_rows,
        file=lambda _table, form: url_for("publishing.export", code=code, form=form),
        table=publication_table(publications),
        summary=summary_facts(desk.ledger),
        certificate=certificate_facts(desk.ledger),
        form=form,
        longest=LONGEST_NOTE,
    )
