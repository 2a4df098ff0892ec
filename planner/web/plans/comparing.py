"""Any two plans side by side, and any of the comparison's tables as a file."""

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request, url_for

from models import RunStatus
from planner.errors import NotFoundError
from planner.services.desk import Desk, open_desk
from planner.services.desk.comparing import compare_plans
from planner.services.desk.pages import Choice, choose, first_rows
from planner.services.planning import RunInfo, list_plans
from planner.services.publishing.standing import PlanState, plan_states
from planner.services.wording import plan_state_phrase
from planner.text import N_, Phrase, Value
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.plans.area import blueprint


@blueprint.get("/compare")
def compare() -> str:
    """Two plans side by side: those chosen, or else the newest and the one in force (or, failing that, before it)."""
    choices, desks = _chosen()
    chosen: dict[str, Any] = {choice.key: choice.chosen for choice in choices}
    return render_template(
        "plans/compare.html",
        choices=choices,
        desks=desks,
        page=compare_plans(*desks),
        first=first_rows,
        link=lambda requirement: url_for("requirements.show", code=requirement),
        file=lambda table, form: url_for("plans.export_comparison", table=table, form=form, **chosen),
    )


@blueprint.get("/compare/<table>.<form>")
def export_comparison(table: str, form: str) -> Response:
    """One table of the comparison, whole."""
    choices, desks = _chosen()
    name = "-".join(("compare", *(choice.chosen for choice in choices), table))
    found = compare_plans(*desks).table(table)
    return send_table(found, name, form, made_up=any(desk.info.synthetic for desk in desks))


def _chosen() -> tuple[tuple[Choice, Choice], tuple[Desk, Desk]]:
    """What may be chosen, and the two plans that are."""
    with transaction() as database:
        runs = [run for run in list_plans(database, actor()) if run.status is RunStatus.SOLVED]
        if not runs:
            raise NotFoundError
        states = plan_states(database)
        options = [(run.code, _label(run, states)) for run in runs]
        after = choose("b", N_("Plan B"), options, request.args)
        others = [*options[1:], *options[:1]]
        in_force = [each for each in others if states.get(each[0]) is PlanState.PUBLISHED and each[0] != after.chosen]
        before = choose(
            "a", N_("Plan A"), [*in_force, *(each for each in others if each not in in_force)], request.args
        )
        first, second = (open_desk(database, actor(), choice.chosen) for choice in (before, after))
    return (before, after), (first, second)


def _label(run: RunInfo, states: Mapping[str, PlanState]) -> Phrase:
    params: dict[str, Value] = {"code": run.code, "name": run.name if run.name != run.code else ""}
    if run.code not in states:
        return Phrase("%(code)s %(name)s", params)
    return Phrase("%(code)s %(name)s · %(state)s", {**params, "state": plan_state_phrase(states[run.code])})
