"""Sweeps queue runs that are read side by side; one that fails leaves the others alone."""

import pytest
from sqlalchemy import select

from models import Expansion, Job, JobKind, JobStatus, PlanRun, Role, RunStatus, Scenario, Sweep
from planner.errors import ForbiddenError, InvalidInputError, NotFoundError, NotSolvedError
from planner.i18n import to_words
from planner.services.jobs import run_now
from planner.services.permissions import OPERATOR
from planner.services.planning import execute_run, load_plan
from planner.services.problems import load_problem
from planner.services.scenarios.curves import count_ended, get_sweep, list_sweeps
from planner.services.scenarios.keeping import put_adjustment, save_scenario
from planner.services.scenarios.kinds import KINDS
from planner.services.scenarios.sweeps import cancel_sweep, queue_scenarios, queue_sweep
from planner.text import FiscalYear

RANGE = {"name": "ความต้องการ", "ministry": "21000", "from": "-20", "to": "20", "steps": "3"}


def make(sessions, kind: str, **typed: str) -> str:
    """A scenario with one adjustment; its code."""
    with sessions.begin() as session:
        code = save_scenario(session, OPERATOR, {"name": f"ฉากทัศน์ {kind}"})
        version = session.scalars(select(Scenario.version).where(Scenario.code == code)).one()
        put_adjustment(session, OPERATOR, code, typed, kind=kind, version=version)
    return code


def runs_of(sessions, sweep: str) -> list[PlanRun]:
    with sessions() as session:
        return list(session.scalars(select(PlanRun).where(PlanRun.sweep == sweep).order_by(PlanRun.id)))


def solve_all(sessions, sweep: str) -> None:
    for run in runs_of(sessions, sweep):
        run_now(sessions, JobKind.PLAN_RUN, run.code, execute_run)


def test_a_range_is_run_evenly_from_end_to_end(world):
    base = make(world, "site_delayed", site="CNX1", first="2571")
    code = queue_sweep(world, OPERATOR, "demand", {**RANGE, "scenario": base})
    runs = runs_of(world, code)
    assert [run.sweep_value for run in runs] == [-0.2, 0.0, 0.2]
    assert [run.name for run in runs] == [f"ความต้องการ ({n}/3)" for n in (1, 2, 3)]
    for run in runs:
        assert (run.status, run.scenario) == (RunStatus.QUEUED, base)
        assert [each["kind"] for each in run.adjustments] == ["site_delayed", "demand"]
    with world() as session:
        assert set(session.scalars(select(Job.subject))) == {run.code for run in runs}


def test_the_curve_says_what_came_of_each(world):
    code = queue_sweep(world, OPERATOR, "demand", RANGE)
    with world() as session:
        waiting = get_sweep(session, OPERATOR, code)
    assert (waiting.done, waiting.total, waiting.may_cancel) == (0, 3, True)
    assert waiting.table.column("unmet") == (None, None, None)
    solve_all(world, code)
    with world() as session:
        detail = get_sweep(session, OPERATOR, code)
        plans = [load_plan(session, OPERATOR, str(run)) for run in detail.table.column("run")]
        assert count_ended(session, OPERATOR, code) == (3, 3)
        assert list_sweeps(session, OPERATOR).rows[0][:4] == (code, "ความต้องการ", 3, 3)
    assert detail.table.column("value") == (-0.2, 0.0, 0.2)
    assert detail.table.column("lowest") == pytest.approx(
        [min(row.share for row in stored.plan.service) for stored in plans]
    )
    unmet = [float(str(value)) for value in detail.table.column("unmet")]
    assert unmet == sorted(unmet)
    assert unmet[2] > unmet[0] > 0
    assert [to_words(end, "en") for end in detail.ends] == [
        "Demand of Ministry of Public Health is 20% lower.",
        "Demand of Ministry of Public Health is 20% higher.",
    ]
    assert {chart.form for chart in detail.charts} == {"line"}


def test_of_fiscal_years_there_is_one_run_each(world):
    code = queue_sweep(world, OPERATOR, "site_lost", {"site": "BKK1", "from": "2570", "to": "2572"})
    assert [run.adjustments[-1]["terms"]["first"] for run in runs_of(world, code)] == [2027, 2028, 2029]
    with world() as session:
        assert get_sweep(session, OPERATOR, code).table.column("value") == tuple(map(FiscalYear, (2027, 2028, 2029)))


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.swept], ids=lambda kind: kind.key)
def test_every_number_that_may_vary_can_be_swept(world, kind):
    codes = {"ministry": "11000", "site": "CNX1", "resource_type": "vcpu", "expansion": "BKK1-vcpu", "code": "E2"}
    amounts = {"module_size": "4", "module_price": "5", "lead_years": "1", "budget": "capex"}
    ends = ("2570", "2571") if kind.field(kind.swept).kind == "year" else ("1", "2")
    typed = {**codes, **amounts, "from": ends[0], "to": ends[1], "steps": "2"}
    code = queue_sweep(world, OPERATOR, kind.key, typed)
    first, second = (run.adjustments[-1]["terms"][kind.swept] for run in runs_of(world, code))
    assert second > first


def test_a_price_alone_may_vary(world):
    code = queue_sweep(
        world, OPERATOR, "expansion_changed", {"expansion": "BKK1-vcpu", "from": "0", "to": "9", "steps": "2"}
    )
    assert [run.adjustments[-1]["terms"] for run in runs_of(world, code)] == [
        {"expansion": "BKK1-vcpu", "module_price": price} for price in (0, 9)
    ]


def test_scenarios_run_side_by_side_with_the_base(world):
    first, second = make(world, "demand", change="50"), make(world, "site_lost", site="CNX1")
    code = queue_scenarios(world, OPERATOR, "", [first, second, first], base=True)
    assert [run.scenario for run in runs_of(world, code)] == [None, first, second]
    solve_all(world, code)
    with world() as session:
        detail = get_sweep(session, OPERATOR, code)
        base = load_plan(session, OPERATOR, str(detail.table.column("run")[0]))
        assert base.problem == load_problem(session)
    assert detail.name == code
    assert [to_words(value, "en") for value in detail.table.column("value")] == [
        "The base",
        f"{first} ฉากทัศน์ demand",
        f"{second} ฉากทัศน์ site_lost",
    ]
    assert {chart.form for chart in detail.charts} == {"bar"}


def test_one_that_fails_does_not_stop_the_others(world, monkeypatch):
    code = queue_sweep(world, OPERATOR, "demand", RANGE)
    first, second, third = runs_of(world, code)
    with monkeypatch.context() as patched:
        patched.setattr("planner.services.planning.solve", lambda *_, **__: (_ for _ in ()).throw(NotSolvedError))
        with pytest.raises(NotSolvedError):
            run_now(world, JobKind.PLAN_RUN, second.code, execute_run)
    for run in (first, third):
        run_now(world, JobKind.PLAN_RUN, run.code, execute_run)
    with world() as session:
        detail = get_sweep(session, OPERATOR, code)
    assert [to_words(status, "en") for status in detail.table.column("status")] == ["Solved", "Failed", "Solved"]
    unmet = detail.table.column("unmet")
    assert unmet[1] is None
    assert None not in (unmet[0], unmet[2])


def test_cancelling_ends_what_has_not_ended(world):
    code = queue_sweep(world, OPERATOR, "demand", RANGE)
    run_now(world, JobKind.PLAN_RUN, runs_of(world, code)[0].code, execute_run)
    with world.begin() as session:
        cancel_sweep(session, OPERATOR, code)
    assert [run.status for run in runs_of(world, code)] == [RunStatus.SOLVED, *[RunStatus.CANCELLED] * 2]
    with world() as session:
        assert session.scalars(select(Job.status).where(Job.status == JobStatus.QUEUED)).all() == []


@pytest.mark.parametrize(
    ("kind", "changed", "where"),
    [
        ("demand", {"from": ""}, ["from"]),
        ("demand", {"from": "x", "to": "1e400", "steps": "1"}, ["from", "to", "steps"]),
        ("demand", {"from": "20", "to": "20"}, ["to"]),
        ("demand", {"steps": "41"}, ["steps"]),
        ("demand", {"steps": "2.5"}, ["steps"]),
        ("demand", {"ministry": "99999"}, ["ministry"]),
        ("site_lost", {"from": "2570", "to": "2572", "site": ""}, ["site"]),
        ("site_lost", {"from": "2570", "to": "2799", "site": "BKK1"}, ["to"]),
        ("site_lost", {"from": "2571", "to": "2574", "site": "BKK1"}, ["to"]),
        ("budget_changed", {"budget": "opex"}, ["budget"]),
    ],
)
def test_what_cannot_be_swept_is_said_at_its_field_and_nothing_is_queued(world, kind, changed, where):
    with pytest.raises(InvalidInputError) as raised:
        queue_sweep(world, OPERATOR, kind, {**RANGE, **changed})
    assert [found.address for found in raised.value.faults] == where
    with world() as session:
        assert session.scalars(select(Sweep)).all() == []
        assert session.scalars(select(PlanRun)).all() == []


def test_scenarios_that_cannot_be_run_are_named_and_nothing_is_queued(world):
    good, bad = make(world, "demand", change="5"), make(world, "expansion_removed", expansion="BKK1-vcpu")
    with world.begin() as session:
        session.delete(session.scalars(select(Expansion)).one())
    with pytest.raises(InvalidInputError) as raised:
        queue_scenarios(world, OPERATOR, "", [good, bad])
    assert [found.address for found in raised.value.faults] == [f"{bad}.adjustments[0].expansion"]
    for codes in ([], [good], ["S-999999", good]):
        with pytest.raises((InvalidInputError, NotFoundError)):
            queue_scenarios(world, OPERATOR, "", codes)
    assert runs_of(world, "W-000001") == []


@pytest.mark.parametrize("role", [Role.MANAGER, Role.AUDITOR, Role.HR, Role.MINISTRY_PLANNER, Role.ADMINISTRATOR])
def test_those_who_run_plans_alone_sweep(world, person, role):
    code = queue_sweep(world, OPERATOR, "demand", RANGE)
    actor = person(role, "21000" if role is Role.MINISTRY_PLANNER else None)
    with pytest.raises(ForbiddenError):
        queue_sweep(world, actor, "demand", RANGE)
    with pytest.raises(ForbiddenError):
        queue_scenarios(world, actor, "", ["S-000001"], base=True)
    with world.begin() as session, pytest.raises(ForbiddenError):
        cancel_sweep(session, actor, code)
    reads = role in {Role.MANAGER, Role.AUDITOR}
    with world() as session:
        for look in (get_sweep, count_ended):
            if reads:
                look(session, actor, code)
            else:
                with pytest.raises(ForbiddenError):
                    look(session, actor, code)


def test_what_is_not_there_is_not_found(world):
    with world.begin() as session:
        for look in (get_sweep, count_ended, cancel_sweep):
            with pytest.raises(NotFoundError):
                look(session, OPERATOR, "W-999999")
    for kind in ("none", "fairness"):
        with pytest.raises(NotFoundError):
            queue_sweep(world, OPERATOR, kind, RANGE)
