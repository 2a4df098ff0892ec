"""Plan runs: the list, starting one, and the report of one as a workbook."""

import datetime as dt
from collections.abc import Mapping, Sequence

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from models import RunStatus
from planner.i18n import format_day
from planner.services.planning import LONGEST_NAME, RunInfo, list_plans, queue_run
from planner.services.publishing.standing import PlanState, plan_states
from planner.services.wording import plan_state_phrase, run_status_phrase, solve_status_phrase
from planner.text import N_, Phrase
from planner.web.current import actor, language, sessions, transaction
from planner.web.plans.area import blueprint
from planner.web.rendering import translate
from reports.values import Column, Table
from reports.words import BANGKOK


@blueprint.get("/")
def index() -> str:
    """Every run, newest first, and the form that starts one."""
    with transaction() as database:
        runs = list_plans(database, actor())
        states = plan_states(database)
    today = format_day(dt.datetime.now(BANGKOK).date(), language())
    return render_template(
        "plans/index.html",
        runs=_table(runs, states),
        comparable=sum(run.status is RunStatus.SOLVED for run in runs) > 1,
        name=translate(N_("Plan of %(day)s"), day=today),
        longest_name=LONGEST_NAME,
    )


@blueprint.post("/")
def run() -> BaseResponse:
    """Keep the inputs as they are, queue their run, and show how it goes."""
    code = queue_run(sessions(), actor(), request.form.get("name", ""))
    return redirect(url_for("plans.show", code=code))


def _table(runs: Sequence[RunInfo], states: Mapping[str, PlanState]) -> Table:
    return Table(
        "runs",
        N_("Plan runs"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("scenario", N_("Scenario"), "code"),
            Column("status", N_("Status")),
            Column("solved", N_("Solution")),
            Column("state", N_("Publication")),
            Column("created_at", N_("Started"), "moment"),
            Column("created_by", N_("Started by")),
            Column("seconds", N_("Solving time"), "number", N_("seconds")),
            Column("synthetic", N_("Synthetic data")),
        ),
        tuple(
            (
                run.code,
                run.name if run.name != run.code else None,
                run.scenario,
                run_status_phrase(run.status),
                solve_status_phrase(run.solve_status) if run.solve_status else None,
                plan_state_phrase(states[run.code]) if run.code in states else None,
                run.created_at,
                run.created_by or Phrase(N_("Operator")),
                run.seconds,
                run.synthetic,
            )
            for run in runs
        ),
    )
