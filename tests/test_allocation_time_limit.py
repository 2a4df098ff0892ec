"""A time limit holds, and what comes back then is a plan with honest gaps."""

import time
from dataclasses import replace

import numpy as np
import pytest

from planner.allocation import Plan, Problem, Progress, solve
from planner.allocation.columns import row_use
from planner.allocation.engine import OutOfTimeError
from planner.allocation.filling import Start, fill
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.options import Options, list_all_options
from planner.allocation.statement import read_statement
from planner.bench.problems import bench_problem, random_problem


def partly_indivisible(problem: Problem) -> Problem:
    rows = (replace(row, divisible=n % 10 > 0) for n, row in enumerate(problem.requirements))
    return replace(problem, requirements=tuple(rows))


def assert_honest(problem: Problem, plan: Plan) -> None:
    """Certified, and each level's value, gap and status those of the plan."""
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    whole = {row.code for row in problem.requirements if not row.divisible}
    assert all(row.share == 1 for row in plan.placements if row.requirement in whole)
    assert plan.status == "feasible"
    for level in plan.levels:
        sign = -1 if level.name == "fairness" else 1
        assert sign * level.bound <= sign * level.kept + 1e-6 * max(1.0, abs(level.kept))
        assert level.status == "feasible"
        assert level.gap >= 0


@pytest.mark.parametrize(("requirements", "sites", "limit"), [(500, 5, 0.2), (2000, 10, 1.0), (3000, 12, 1.0)])
def test_a_limit_holds_and_leaves_a_plan(requirements: int, sites: int, limit: float) -> None:
    problem = partly_indivisible(bench_problem(requirements, sites))
    began = time.process_time()  # not the clock on the wall: others work here, too
    plan = solve(problem, time_limit=limit)
    assert time.process_time() - began < limit + 1.5
    assert_honest(problem, plan)
    levels = {level.name: level for level in plan.levels}
    assert levels["statutory"].kept < 0.01
    assert sum(row.share for row in plan.placements) > 0.6 * requirements


@pytest.mark.parametrize("requirements", [300, 2000])  # by the exact master, and by an interior point
@pytest.mark.parametrize("last", ["priority", "cost", "moves"])
def test_bounds_are_of_this_plan_in_whichever_level_the_time_ends(requirements: int, last: str) -> None:
    def out_of_time(told: Progress) -> None:
        if told.level == last and told.gap is not None:
            raise OutOfTimeError

    problem = bench_problem(requirements, 10)
    assert_honest(problem, solve(problem, progress=out_of_time))


@pytest.mark.parametrize("seed", range(20))
def test_no_time_at_all_still_leaves_a_plan(seed: int) -> None:
    problem = partly_indivisible(random_problem(seed))
    assert_honest(problem, solve(problem, time_limit=0.0))


def test_more_time_ends_with_the_same_plan_as_all_the_time() -> None:
    problem = partly_indivisible(random_problem(3))
    assert solve(problem, time_limit=60.0).placements == solve(problem).placements


@pytest.mark.parametrize("seed", range(20))
def test_filling_grants_all_that_fits_and_nothing_that_does_not(seed: int) -> None:
    instance = build_instance(partly_indivisible(random_problem(seed)))
    layout = build_layout(instance)
    stated, could = read_statement(instance, layout), list_all_options(instance)
    nothing = np.zeros(len(stated.top))
    start = Start(Options.none(), np.zeros(0), nothing, could.take(np.arange(len(could)) % 7 == 0))
    options, shares = fill(instance, layout, stated, start, could)
    room = layout.limits - row_use(instance, layout, options, shares)
    assert room[: layout.pools].min() >= -1e-9
    granted = np.bincount(options.requirement, shares, len(instance.requirements))
    assert granted.max(initial=0.0) <= 1
    for k in np.flatnonzero(granted[could.requirement] == 0).tolist():
        need = row_use(instance, layout, could.take(np.array([k])), np.ones(1))
        serves = need[list(layout.service)].min() < 0 if len(layout.service) else False
        assert not serves or (need[: layout.pools] > room[: layout.pools] - 1e-9).any()
