"""The plan that closes gaps: small cases by hand and by brute force, and properties that must hold for any."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import highspy
import numpy as np
import pulp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import interrupts
from planner.bench.workforce import bench_problem, measure_workforce, random_closing_problem
from planner.interrupts import run_highs
from planner.workforce import simplex
from planner.workforce.certificate import certify, work_out
from planner.workforce.closing import close_gaps
from planner.workforce.formulation import Statement, Term, level_terms, state
from planner.workforce.layout import build_layout
from planner.workforce.leximin import raise_coverage
from planner.workforce.matrix import build_model
from planner.workforce.measures import ClosingProblem, Cohort, Course, Hiring, Lending, Measures
from planner.workforce.plan import ClosingPlan
from planner.workforce.pricing import shared_floor, value_pool
from planner.workforce.problem import Agency, Norm, Person, Posts, Role, Share, Workforce
from planner.workforce.simplex import Simplex

EXACT = pulp.HiGHS(msg=False, threads=1, primal_feasibility_tolerance=1e-9, dual_feasibility_tolerance=1e-9)
STUCK = 1e-6


def stewards(**counts: int) -> Workforce:
    """Agencies that need two stewards each in one year: `A=1` has one practitioner, `learners_A=1` a learner."""
    codes = sorted({name.removeprefix("learners_") for name in counts})
    people = []
    for name, count in counts.items():
        level = "awareness" if name.startswith("learners_") else "practitioner"
        shares = (Share("steward", 1.0, level),)
        people += [Person(f"{name}{n}", name.removeprefix("learners_"), shares) for n in range(count)]
    return Workforce(
        (2027,),
        (Role("steward"),),
        tuple(Agency(code, "M") for code in codes),
        norms=(Norm("steward", 2027, 2.0),),
        posts=tuple(Posts(code, "steward", (10.0,)) for code in codes),
        people=tuple(people),
    )


def course(seats: float) -> Measures:
    full = Course("full", "steward", "awareness", "steward", "practitioner", 1e6, lead_years=0)
    return Measures((full,), (Cohort("full", 2027, seats),))


def after(plan: ClosingPlan) -> dict[str, float]:
    return {row.agency: row.after for row in plan.agencies}


def test_seats_go_where_coverage_is_lowest() -> None:
    plan = close_gaps(ClosingProblem(stewards(A=1, learners_A=1, B=0, learners_B=2), course(1.0)))
    assert [(row.agency, row.course, row.fiscal_year) for row in plan.seats] == [("B", "full", 2027)]
    assert plan.seats[0].seats == pytest.approx(1.0, abs=1e-5)
    assert after(plan) == pytest.approx({"A": 0.625, "B": 0.625}, abs=1e-6)
    assert plan.levels[2].value == pytest.approx(1e6, rel=1e-5)


def test_an_agency_at_its_own_limits_does_not_hold_the_others_back() -> None:
    plan = close_gaps(ClosingProblem(stewards(A=0, B=0, learners_B=1, C=2), course(5.0)))
    assert after(plan) == pytest.approx({"A": 0.0, "B": 0.5, "C": 1.0}, abs=1e-6)
    assert [row.reason for row in plan.agencies] == ["own_limits", "own_limits", "covered"]


def test_a_surplus_is_lent_but_never_the_lender_s_own_need() -> None:
    measures = Measures(lending=Lending(1e5, 0.5))
    plan = close_gaps(ClosingProblem(stewards(A=3, B=0, C=2), measures))
    assert [(row.lender, row.borrower) for row in plan.loans] == [("A", "B")]
    assert plan.loans[0].fte == pytest.approx(1.0, abs=1e-5)
    assert after(plan) == pytest.approx({"A": 1.0, "B": 0.25, "C": 1.0}, abs=1e-6)


def test_hires_stay_within_vacancies_and_the_budget() -> None:
    measures = Measures(hiring=(Hiring("steward", 1e6, "practitioner", 0),), budget=(1.5e6,))
    plan = close_gaps(ClosingProblem(stewards(A=0, B=1), measures))
    assert {row.agency: row.fte for row in plan.hires} == pytest.approx({"A": 1.25, "B": 0.25}, abs=1e-5)
    assert after(plan) == pytest.approx({"A": 0.625, "B": 0.625}, abs=1e-6)
    prices = {row.pool: row.price for row in plan.pools}
    assert prices == pytest.approx({"budget/2027": 0.25})
    assert all(row.reason == "shared_limits" and row.prices == pytest.approx(prices) for row in plan.agencies)


def test_the_cheapest_way_to_the_same_coverage_is_taken() -> None:
    both = replace(course(5.0), hiring=(Hiring("steward", 9e5, "practitioner", 0),), backup=0.0)
    plan = close_gaps(ClosingProblem(stewards(A=0, learners_A=1), both))
    assert plan.seats == ()
    assert plan.levels[2].value == pytest.approx(1.75 * 9e5, rel=1e-5)


def test_who_comes_from_another_role_backs_up_a_person_alone() -> None:
    measures = Measures(hiring=(Hiring("steward", 1e6, "practitioner", 0),))
    plan = close_gaps(ClosingProblem(stewards(A=1), measures))
    assert plan.levels[1].value == pytest.approx(0.0, abs=1e-5)
    unaided = close_gaps(ClosingProblem(stewards(A=1), Measures()))
    assert unaided.levels[1].value == pytest.approx(1.0)


def test_the_price_of_a_seat_is_what_one_more_seat_brings() -> None:
    problem = ClosingProblem(stewards(A=0, learners_A=2, B=0, learners_B=2), course(1.0))
    plan, value = close_gaps(problem), value_pool(problem, "seats/full/2027", (1.0, 2.0, 3.0, 5.0))
    assert plan.pools[0].price == pytest.approx(0.75 / 4)
    assert value.price == pytest.approx(0.75 / 4, abs=1e-6)
    assert value.holds_to == 3.0
    with pytest.raises(ValueError, match="nobody can add"):
        value_pool(problem, "budget/2027")


def test_a_million_more_is_worth_the_price_of_the_budget() -> None:
    measures = Measures(hiring=(Hiring("steward", 1e6, "practitioner", 0),), budget=(1e6,))
    problem = ClosingProblem(stewards(A=0, B=0), measures)
    assert value_pool(problem, "budget/2027", (1.0, 3.0, 4.0)).price == pytest.approx(0.25, abs=1e-6)
    assert shared_floor(ClosingProblem(problem.workforce, replace(measures, budget=None))) == 1.0


def test_nothing_to_do_is_a_plan_too() -> None:
    plan = close_gaps(ClosingProblem(stewards(A=2), Measures()))
    assert (plan.seats, plan.hires, plan.loans) == ((), (), ())
    assert [level.value for level in plan.levels] == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("seed", range(25))
def test_leximin_is_what_solving_for_one_agency_after_another_gives(seed: int) -> None:
    problem = random_closing_problem(seed, agencies=4)
    plan = close_gaps(problem)
    assert sorted(after(plan).values()) == pytest.approx(leximin_by_hand(problem), abs=1e-4)
    assert plan.certificate.feasible
    assert plan.certificate.largest_gap < 1e-5


@pytest.mark.parametrize("seed", range(8))
def test_the_levels_below_are_as_low_as_in_a_model_that_holds_the_levels_above(seed: int) -> None:
    problem = random_closing_problem(seed)
    plan = close_gaps(problem)
    statement = held(problem, {agency: covered - 1e-6 for agency, covered in after(plan).items()})
    least = minimise(statement, level_terms(statement, "single_person"))
    assert plan.levels[1].value == pytest.approx(least, abs=1e-3)  # a hair of coverage is worth that much


@pytest.mark.parametrize("seed", range(6))
def test_a_changed_plan_fails_its_certificate(seed: int) -> None:
    problem = random_closing_problem(seed)
    plan = close_gaps(problem)
    for field, amount in (("seats", "seats"), ("hires", "fte"), ("loans", "fte")):
        rows = getattr(plan, field)
        if rows:
            changed = [replace(rows[0], **{amount: 100.0}), *rows[1:]]
            parts = {"seats": plan.seats, "hires": plan.hires, "loans": plan.loans, field: changed}
            certificate = certify(problem, **parts, levels=plan.levels)
            assert not (certificate.feasible and certificate.values_agree)


@given(st.integers(0, 10_000), st.floats(0.1, 3.0))
@settings(max_examples=25, deadline=None)
def test_more_seats_never_lower_the_lowest_coverage(seed: int, extra: float) -> None:
    problem = random_closing_problem(seed)
    cohorts = tuple(Cohort(row.course, row.fiscal_year, row.seats + extra) for row in problem.measures.cohorts)
    more = ClosingProblem(problem.workforce, replace(problem.measures, cohorts=cohorts))
    assert close_gaps(more).levels[0].value >= close_gaps(problem).levels[0].value - 1e-5


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_no_agency_ends_below_where_it_would_be_without_a_plan_if_it_is_the_lowest(seed: int) -> None:
    plan = close_gaps(random_closing_problem(seed))
    lowest = min((row.before for row in plan.agencies), default=1.0)
    assert all(row.after >= lowest - 1e-5 for row in plan.agencies)
    assert all(row.after <= row.ceiling + 1e-5 for row in plan.agencies)


@given(st.integers(0, 10_000), st.permutations(range(3)))
@settings(max_examples=25, deadline=None)
def test_the_order_of_agencies_does_not_matter(seed: int, order: Sequence[int]) -> None:
    problem = random_closing_problem(seed)
    agencies = tuple(problem.workforce.agencies[n] for n in order)
    people = problem.workforce.people[::-1]
    shuffled = replace(problem, workforce=replace(problem.workforce, agencies=agencies, people=people))
    one, other = close_gaps(problem), close_gaps(shuffled)
    assert after(other) == pytest.approx(after(one), abs=1e-4)
    assert other.levels[1].value == pytest.approx(one.levels[1].value, abs=1e-3)


def test_a_bigger_register_is_planned_certified_and_measured() -> None:
    problem = bench_problem(12)
    measured, plan = measure_workforce(problem)
    assert measured.agencies == 12
    assert set(measured.level_seconds) == {"coverage", "single_person", "cost"}
    assert plan.certificate.feasible
    assert plan.certificate.largest_gap < 1e-5
    effects = work_out(problem, plan.seats, plan.hires, plan.loans)
    assert np.allclose(effects.coverage, [row.after for row in plan.agencies])


def leximin_by_hand(problem: ClosingProblem) -> list[float]:
    """Coverages, lowest first: raise the floor of all who can still rise, settle who cannot, repeat, all in PuLP."""
    layout = build_layout(problem)
    agencies = [layout.register.agencies[a] for a in layout.covered.tolist()]
    settled: dict[str, float] = {}
    while len(settled) < len(agencies):
        rising = [agency for agency in agencies if agency not in settled]
        statement = held(problem, settled)
        lowest = statement.model.add_variable("lowest", 0, 1)
        for agency in rising:
            at_least(statement, agency, [*gap_of(statement, agency), (lowest, 1.0)], 0.0)
        floor = -minimise(statement, [(lowest, -1.0)])
        statement = held(problem, settled | dict.fromkeys(rising, floor))
        stuck = [agency for agency in rising if 1.0 - minimise(statement, gap_of(statement, agency)) <= floor + STUCK]
        settled |= dict.fromkeys(stuck, floor)
    return sorted(settled.values())


def held(problem: ClosingProblem, floors: Mapping[str, float]) -> Statement:
    """The statement with the agencies' coverage kept at `floors`, less a hair."""
    statement = state(build_layout(problem))
    for agency, floor in floors.items():
        at_least(statement, agency, gap_of(statement, agency), floor - 1e-7)
    return statement


def at_least(statement: Statement, agency: str, terms: list[Term], floor: float) -> None:
    """1 - the sum of `terms` >= `floor`."""
    row = pulp.LpConstraint(pulp.LpAffineExpression(terms), pulp.LpConstraintLE, f"floor_{agency}", 1.0 - floor)
    statement.model += row


def gap_of(statement: Statement, agency: str) -> list[Term]:
    layout = statement.layout
    rows = zip(layout.short.tolist(), statement.short, layout.stake_of_short.tolist(), strict=True)
    of_agency = layout.register.agencies.index(agency)
    return [(variable, 1.0 / stake) for (a, _, _), (variable, _), stake in rows if a == of_agency]


def minimise(statement: Statement, terms: list[Term]) -> float:
    if not terms:
        return 0.0
    statement.model.setObjective(pulp.LpAffineExpression(terms))
    assert statement.model.solve(EXACT) == pulp.LpStatusOptimal
    return float(pulp.value(statement.model.objective) or 0.0)


class EnoughError(Exception):
    """Whoever listens has heard enough."""


def test_progress_goes_through_the_levels_in_order_and_may_end_the_work() -> None:
    told: list[tuple[str, float]] = []
    close_gaps(bench_problem(5), lambda level, share: told.append((level, share)))
    assert list(dict.fromkeys(level for level, _ in told)) == ["coverage", "single_person", "cost"]
    assert max(share for level, share in told if level == "coverage") == 1.0

    def refuse(_level: str, _share: float) -> None:
        raise EnoughError

    with pytest.raises(EnoughError):
        close_gaps(bench_problem(5), refuse)


def test_a_solve_that_takes_long_is_ended_from_within(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    def run(highs: highspy.Highs, tick: Callable[[], None]) -> None:
        try:
            run_highs(highs, tick)
        finally:
            ended.append(highs.getModelStatus())

    def tick() -> None:
        raise EnoughError

    monkeypatch.setattr(interrupts, "PAUSE", 0.0)
    monkeypatch.setattr(simplex, "run_highs", run)
    model = build_model(build_layout(bench_problem(60)))
    with pytest.raises(EnoughError):
        raise_coverage(model, Simplex(model.program, tick))
    assert ended.index(highspy.HighsModelStatus.kInterrupt) == len(ended) - 1  # and nothing is solved after it
