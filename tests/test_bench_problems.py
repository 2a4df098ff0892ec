"""The problems to measure with have the shape they promise, and come quickly."""

import subprocess
import sys
from collections import Counter

import pytest

from planner.allocation import Problem, solve
from planner.allocation.instance import build_instance
from planner.bench.problems import bench_problem


@pytest.fixture(scope="module")
def problem() -> Problem:
    return bench_problem(2000, 20, seed=7)


def test_the_same_seed_gives_the_same_problem() -> None:
    assert bench_problem(50, 5, seed=3) == bench_problem(50, 5, seed=3)
    assert bench_problem(50, 5, seed=3) != bench_problem(50, 5, seed=4)


def test_a_problem_has_the_shape_it_promises(problem: Problem) -> None:
    assert (len(problem.fiscal_years), len(problem.resource_types), len(problem.ministries)) == (5, 4, 20)
    assert (len(problem.requirements), len(problem.sites)) == (2000, 20)
    rows = problem.requirements
    assert sum(len(row.sites or ()) for row in rows) / len(rows) == pytest.approx(6, rel=0.05)
    assert Counter(row.copies for row in rows)[2] / len(rows) == pytest.approx(0.1, rel=0.3)
    assert sum(row.incumbent is not None for row in rows) / len(rows) == pytest.approx(0.2, rel=0.2)
    assert all(row.incumbent is None or row.incumbent in (row.sites or ()) for row in rows)
    assert len(problem.expansions) == 20 * 4 / 2


def test_capacity_is_nine_tenths_of_what_is_asked_for(problem: Problem) -> None:
    instance = build_instance(problem)
    standby = instance.demand[instance.paired].sum(axis=0) * instance.standby_ratio[:, None]
    asked = (instance.demand.sum(axis=0) + standby).sum(axis=1)
    assert instance.capacity.sum(axis=(0, 2)) / asked == pytest.approx(0.9, rel=0.01)


def test_a_small_one_is_solved_and_scarce() -> None:
    plan = solve(bench_problem(40, 4))
    assert plan.status == "optimal"
    assert plan.shortfalls
    assert plan.purchases


def test_measuring_knows_neither_the_web_nor_the_database() -> None:
    code = "import planner.bench.direct, planner.bench.problems, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"alembic", "flask", "models", "sqlalchemy"} & {name.partition(".")[0] for name in done.stdout.split()}
