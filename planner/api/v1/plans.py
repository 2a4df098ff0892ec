"""Plans: queueing a run, reading a plan page by page and table by table, and comparing two."""

import datetime as dt
from typing import Literal

from pydantic import Field

from models import RunStatus
from planner.api.pages import PageAnswer, PageNames, TablePart, table_part
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, Words, words
from planner.errors import NotFoundError
from planner.services.desk import PAGES, open_desk
from planner.services.desk.comparing import compare_plans
from planner.services.desk.pages import Page as Reading
from planner.services.planning import LONGEST_NAME, RunFilter, RunInfo, find_plans, get_run, queue_run
from planner.services.publishing.standing import PlanState, plan_states
from planner.services.scenarios.reading import load_run_origin
from planner.services.tokens import Area

plans = Resource("plans", Area.PLANS, "Plan runs and what each plan says, as its pages do.")


RunStatusName = Literal["queued", "running", "solved", "failed", "cancelled"]


class PlanQuery(PageQuery):
    """The filters of the list."""

    status: RunStatusName | None = None
    scenario: Code | None = Field(None, description="The code of the scenario that they are runs of.")


class PlanRun(Model):
    """A plan run. `state` is there once it is solved; `scenario` is what it is a run of, null for the base."""

    code: str
    name: str
    status: RunStatusName
    state: Literal["draft", "published", "superseded"] | None
    scenario: str | None
    created_at: dt.datetime
    created_by: str = Field(description="A full name; empty for the operator.")
    finished_at: dt.datetime | None
    solve_status: str | None
    seconds: float = Field(description="The time that solving took.")
    solver: str
    failure: str
    planner_version: str
    input_sha256: str
    synthetic: bool


class PlanOrigin(Model):
    """What a run is of beside the rows of its day: a scenario, a sweep, and how it differs from the base."""

    scenario: str | None
    sweep: str | None
    adjustments: list[Words]


class PlanDetail(PlanRun):
    """A plan run with what it is of; its progress is that of the job `plan_run` with its code."""

    origin: PlanOrigin | None


class NewRun(Model):
    """What to run."""

    name: str = Field("", max_length=LONGEST_NAME, description="Empty: the code is the name.")
    scenario: Code | None = Field(None, description="The scenario to run; null for the base.")


class PlanPageQuery(Model):
    """What the reader chooses of a page; its answer tells under `choices` what there is to choose.

    What is not said, or not offered, is the first there is.
    """

    year: str | None = Field(None, max_length=40)
    type: str | None = Field(None, max_length=40)
    reason: str | None = Field(None, max_length=40)
    site: str | None = Field(None, max_length=40)

    def wanted(self) -> dict[str, str]:
        """What is chosen, by the keys of choices."""
        return self.model_dump(exclude_none=True, include=set(PlanPageQuery.model_fields))


class PlanTableQuery(PlanPageQuery, PageQuery):
    """The same, and which rows."""


@plans.get()
def index(call: Call, query: PlanQuery) -> Page[PlanRun]:
    """List the plan runs, the newest first."""
    place = place_of(query.cursor)
    wanted = RunFilter(page_size=query.limit, after=place, status=query.status, scenario=query.scenario)
    runs, last = find_plans(call.session, call.actor, wanted)
    states = plan_states(call.session)
    items = [PlanRun.model_validate(_fields(run, states.get(run.code))) for run in runs]
    return Page(items=items, next=cursor_of(last))


@plans.post(status=201, apart=True)
def create(call: Call, body: NewRun) -> PlanDetail:
    """Keep the inputs as they are now and queue a run of them; the jobs tell how it goes."""
    return show(call, queue_run(call.sessions, call.actor, body.name, scenario=body.scenario, within=call.session))


@plans.get("/<code>")
def show(call: Call, code: str) -> PlanDetail:
    """One plan run."""
    run = get_run(call.session, call.actor, code)
    found = load_run_origin(call.session, call.actor, code)
    origin = found and PlanOrigin(
        scenario=found.scenario, sweep=found.sweep, adjustments=list(map(words, found.sentences))
    )
    return PlanDetail.model_validate({**_fields(run, plan_states(call.session).get(code)), "origin": origin})


@plans.get("/<code>/pages")
def pages(call: Call, code: str) -> PageNames:
    """List the pages of a plan."""
    get_run(call.session, call.actor, code)
    return PageNames.of({key: title for key, (title, _) in PAGES.items()})


@plans.get("/<code>/pages/<page>")
def page(call: Call, code: str, page: str, query: PlanPageQuery) -> PageAnswer:
    """One page of a plan."""
    return PageAnswer.of(_read(call, code, page, query))


@plans.get("/<code>/pages/<page>/tables/<table>")
def table(call: Call, code: str, page: str, table: str, query: PlanTableQuery) -> TablePart:
    """One table of a page, whole."""
    return table_part(_read(call, code, page, query).table(table), query)


@plans.get("/<code>/compared-with/<other>")
def compare(call: Call, code: str, other: str) -> PageAnswer:
    """Two plans side by side; differences are of `code` less `other`."""
    return PageAnswer.of(_compare(call, code, other))


@plans.get("/<code>/compared-with/<other>/tables/<table>")
def comparison_table(call: Call, code: str, other: str, table: str, query: PageQuery) -> TablePart:
    """One table of a comparison, whole."""
    return table_part(_compare(call, code, other).table(table), query)


def _fields(run: RunInfo, state: PlanState | None) -> dict[str, object]:
    solved = run.status is RunStatus.SOLVED
    return {
        "code": run.code,
        "name": run.name,
        "status": run.status.value,
        "state": (state or PlanState.DRAFT).value if solved else None,
        "scenario": run.scenario,
        "created_at": run.created_at,
        "created_by": run.created_by,
        "finished_at": run.finished_at,
        "solve_status": run.solve_status.value if run.solve_status else None,
        "seconds": run.seconds,
        "solver": run.solver,
        "failure": run.failure,
        "planner_version": run.planner_version,
        "input_sha256": run.sha256,
        "synthetic": run.synthetic,
    }


def _read(call: Call, code: str, page: str, query: PlanPageQuery) -> Reading:
    desk = open_desk(call.session, call.actor, code)
    if page not in PAGES:
        raise NotFoundError
    return PAGES[page][1](desk, query.wanted())


def _compare(call: Call, code: str, other: str) -> Reading:
    after, before = (open_desk(call.session, call.actor, each) for each in (code, other))
    return compare_plans(before, after)
