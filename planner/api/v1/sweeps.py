"""Sweeps: one adjustment over a range, or several scenarios side by side, as plan runs queued together."""

import datetime as dt

from pydantic import Field

from planner.api.pages import ChartAnswer, Name, items_of
from planner.api.paging import PageQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.typed import CellSent, typed
from planner.api.v1.scenarios import at_terms
from planner.api.values import Code, Model, Page, TableAnswer, Words, words
from planner.errors import InvalidInputError, NotFoundError
from planner.services.scenarios.curves import find_sweeps, get_sweep
from planner.services.scenarios.kinds import kind_named
from planner.services.scenarios.sweeps import MOST_RUNS, cancel_sweep, queue_scenarios, queue_sweep
from planner.services.tokens import Area

sweeps = Resource("sweeps", Area.SCENARIOS, "One number varied over a range, or scenarios side by side.")


class SweepListed(Model):
    """A sweep as the list has it: how many runs it has, and how many of them have ended."""

    code: str
    name: str | None
    runs: int
    done: int
    created_at: dt.datetime
    created_by: Name


class NewSweep(Model):
    """What to vary: the kind of adjustment whose `swept` term runs from one number to another, and its other terms."""

    kind: str = Field(min_length=1, max_length=40)
    terms: dict[str, CellSent] = Field(default_factory=dict, max_length=20)
    first: float = Field(alias="from", description="In the unit of the term: a share as a fraction, a year of the CE.")
    last: float = Field(alias="to")
    steps: int = Field(5, ge=2, le=MOST_RUNS, description="How many plans to run; of fiscal years there is one each.")
    scenario: Code | None = Field(None, description="What it comes on top of; null for the base.")
    name: str = Field("", max_length=300)


class Side(Model):
    """Scenarios to run side by side, and whether the base is one of them."""

    scenarios: list[Code] = Field(max_length=MOST_RUNS)
    base: bool = False
    name: str = Field("", max_length=300)


class Sweep(Model):
    """A sweep: `ends` say what the first and the last run add, `done` how many of its runs have ended."""

    code: str
    name: str
    created_at: dt.datetime
    created_by: str
    scenario: str | None
    ends: list[Words]
    done: int
    total: int
    table: TableAnswer
    charts: list[ChartAnswer]
    synthetic: bool


@sweeps.get()
def index(call: Call, query: PageQuery) -> Page[SweepListed]:
    """List the sweeps, the newest first."""
    found = find_sweeps(call.session, call.actor, query.part())
    return Page(items=items_of(found.table, SweepListed), next=cursor_of(found.last))


@sweeps.post(status=201, apart=True)
def create(call: Call, body: NewSweep) -> Sweep:
    """Queue a run for each number of a range."""
    kind = kind_named(body.kind)
    if kind.swept is None:
        raise NotFoundError
    ends = kind.field(kind.swept)
    others = [field for field in kind.fields if field is not ends]
    span = {key: typed([ends], {ends.key: number})[ends.key] for key, number in _ends(body, ends.kind)}
    rest = {"steps": str(body.steps), "scenario": body.scenario or "", "name": body.name}
    texts = {**typed(others, body.terms, "terms."), **span, **rest}
    try:
        return show(call, queue_sweep(call.sessions, call.actor, kind.key, texts, within=call.session))
    except InvalidInputError as error:
        raise InvalidInputError(at_terms(error, kind)) from error


@sweeps.post("/scenarios", status=201, apart=True)
def run_scenarios(call: Call, body: Side) -> Sweep:
    """Queue a run of each scenario, side by side."""
    code = queue_scenarios(call.sessions, call.actor, body.name, body.scenarios, base=body.base, within=call.session)
    return show(call, code)


@sweeps.get("/<code>")
def show(call: Call, code: str) -> Sweep:
    """One sweep, with its curves as far as its runs have ended."""
    found = get_sweep(call.session, call.actor, code)
    return Sweep(
        code=found.code,
        name=found.name,
        created_at=found.created_at,
        created_by=found.created_by,
        scenario=found.scenario,
        ends=list(map(words, found.ends)),
        done=found.done,
        total=found.total,
        table=TableAnswer.of(found.table),
        charts=list(map(ChartAnswer.of, found.charts)),
        synthetic=found.synthetic,
    )


@sweeps.post("/<code>/cancel")
def cancel(call: Call, code: str) -> Sweep:
    """End the runs of a sweep that have not ended."""
    cancel_sweep(call.session, call.actor, code)
    return show(call, code)


def _ends(body: NewSweep, kind: str) -> tuple[tuple[str, float], tuple[str, float]]:
    """Both ends of the range; years and counts as whole numbers, where they are."""
    whole = kind in {"year", "integer"}
    first, last = (int(end) if whole and end.is_integer() else end for end in (body.first, body.last))
    return ("from", first), ("to", last)
