"""The pages of a plan, and any of their tables as a file."""

from collections.abc import Mapping
from typing import Any

from flask import Response, abort, render_template, request, url_for

from models import JobKind, RunStatus
from planner.services.desk import PAGES, Desk, open_desk
from planner.services.desk.pages import first_rows
from planner.services.desk.proofs import Proof, is_provable
from planner.services.desk.worth import priced_pools
from planner.services.jobs import find_job
from planner.services.planning import RunInfo, get_run
from planner.services.publishing.staleness import changes_beside
from planner.services.publishing.standing import PlanState, plan_states
from planner.services.scenarios.reading import load_run_origin
from planner.services.wording import plan_state_phrase, run_status_phrase, solve_status_phrase
from planner.text import N_, Phrase
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.plans.area import blueprint
from reports.values import Fact


@blueprint.get("/<code>")
def show(code: str) -> str:
    """The overview of a plan; where the run has none, how it goes or went."""
    with transaction() as database:
        info = get_run(database, actor(), code)
        origin = load_run_origin(database, actor(), code)
        if info.status is RunStatus.SOLVED:
            desk, state = open_desk(database, actor(), code), plan_states(database).get(code, PlanState.DRAFT)
            return render_page(
                desk,
                "overview",
                run=run_facts(info),
                state=plan_state_phrase(state),
                publishable=state is not PlanState.PUBLISHED,
                changes=changes_beside(database, actor(), code) if state is PlanState.PUBLISHED else None,
                origin=origin,
            )
        job = find_job(database, actor(), JobKind.PLAN_RUN, code)
    return render_template("plans/unsolved.html", info=info, facts=run_facts(info), job=job, origin=origin)


@blueprint.get("/<code>/<page>")
def page(code: str, page: str) -> str:
    """One page of a plan."""
    if page not in PAGES or page == "overview":
        abort(404)
    with transaction() as database:
        return render_page(open_desk(database, actor(), code), page)


@blueprint.get("/<code>/<page>/<table>.<form>")
def export(code: str, page: str, table: str, form: str) -> Response:
    """One table of a page, whole and as the page's choices have it."""
    if page not in PAGES:
        abort(404)
    with transaction() as database:
        desk = open_desk(database, actor(), code)
    found = PAGES[page][1](desk, request.args).table(table)
    return send_table(found, f"{code}-{table}", form, made_up=desk.info.synthetic)


def render_page(desk: Desk, name: str, *, proof: Proof | None = None, **context: Any) -> str:
    """The page called `name`, with what was just proved on it."""
    title, read = PAGES[name]
    page = read(desk, request.args)
    chosen: dict[str, Any] = {choice.key: choice.chosen for choice in page.choices if choice.chosen}
    return render_template(
        "plans/page.html",
        name=name,
        title=title,
        page=page,
        file=lambda table, form: url_for(
            "plans.export", code=desk.info.code, page=name, table=table, form=form, **chosen
        ),
        questions=_questions(desk, name),
        proof=proof,
        **desk_context(desk),
        **context,
    )


def desk_context(desk: Desk) -> dict[str, Any]:
    """What every page on a plan needs."""
    code = desk.info.code
    return {
        "info": desk.info,
        "pages": {name: title for name, (title, _) in PAGES.items()},
        "provable": is_provable(desk),
        "first": first_rows,
        "link": lambda requirement: url_for("plans.requirement", code=code, requirement=requirement),
    }


def run_facts(info: RunInfo) -> tuple[Fact, ...]:
    """What was run, and, once it is solved, how that went."""
    solved = (
        Fact(N_("Solution"), solve_status_phrase(info.solve_status) if info.solve_status else None),
        Fact(N_("Solving time"), info.seconds, "number", N_("seconds")),
        Fact(N_("Solver"), info.solver),
    )
    return (
        Fact(N_("Code"), info.code, "code"),
        *((Fact(N_("Status"), run_status_phrase(info.status)),) if info.finished_at else ()),  # else it is on the move
        Fact(N_("Started"), info.created_at, "moment"),
        Fact(N_("Started by"), info.created_by or Phrase(N_("Operator"))),
        *(solved if info.status is RunStatus.SOLVED else ()),
        Fact(N_("Planner version"), info.planner_version, "code"),
        Fact(N_("Input (SHA-256)"), info.sha256, "code"),
    )


def _questions(desk: Desk, name: str) -> Mapping[str, Any]:
    """What may be asked to be proved on a page: pools and expansions to choose from, or fairness."""
    if name == "expansion":
        expansions = tuple((row.code, desk.names.expansion(row.code)) for row in desk.problem.expansions)
        return {"pool": priced_pools(desk), "expansion": expansions}
    if name == "fairness" and "fairness" in desk.problem.policy.levels:
        return {"fairness": ()}
    return {}
