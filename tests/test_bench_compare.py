"""General solvers are given the same LP as the engine, hold its levels the same way, and end in time."""

import time

import numpy as np
import pytest

from planner.allocation import Policy, Problem, Requirement, Site, solve
from planner.allocation.formulation import lp_name, state
from planner.allocation.instance import Instance, build_instance
from planner.allocation.layout import Layout, build_layout
from planner.allocation.options import Options, list_all_options
from planner.bench import model
from planner.bench.compare import DirectRun, run_direct
from planner.bench.direct import solve_direct
from planner.bench.model import build_model, count_options, every_option
from planner.bench.problems import bench_problem, random_problem, small_problem
from planner.bench.solvers import SOLVERS, Answer, HighsSolver
from planner.errors import NotSolvedError

MINUTE = 60.0
AGREE = {"highs": 1e-6, "primal": 1e-6, "ipm": 1e-6, "cbc": 1e-4}
"""How closely solvers agree; CBC writes its solutions with eight digits."""


def arrays(problem: Problem) -> tuple[Instance, Layout]:
    instance = build_instance(problem)
    return instance, build_layout(instance)


def run(problem: Problem, solver: str) -> DirectRun:
    return run_direct(*arrays(problem), solver, MINUTE)


@pytest.mark.parametrize("seed", range(10))
def test_options_are_listed_block_by_block_as_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model, "BLOCK", 7)
    instance, _ = arrays(random_problem(seed))
    listed = [option for block in every_option(instance) for option in block]
    assert [n for n, *_ in listed] == sorted(n for n, *_ in listed)
    assert sorted(listed) == sorted(list_all_options(instance))
    assert count_options(instance) == len(listed)


@pytest.mark.parametrize("seed", range(10))
def test_the_arrays_are_the_model_that_pulp_states(seed: int) -> None:
    instance, layout = arrays(random_problem(seed))
    stated = state(instance, layout, Options.join(list(every_option(instance))))
    built = build_model(instance, layout)
    names = [grant.name for grant in stated.grant]
    names += [variable.name for variable in state(instance, layout, Options.none()).model.variables()]
    choices = [lp_name(f"choice_{code}") for code in instance.requirements]
    scale = np.append(layout.scale, np.ones(len(choices)))
    found: dict[str, dict[str, float]] = {lp_name(name): {} for name in [*layout.names, *choices]}
    rows = list(found)
    column = np.repeat(np.arange(len(built.first)), np.diff(np.append(built.first, len(built.row))))
    for c, r, value in zip(column.tolist(), built.row.tolist(), built.value.tolist(), strict=True):
        found[rows[r]][names[c]] = value * scale[r]
    constraints = {row.name: row for row in stated.model.constraints()}
    for n, name in enumerate(rows):
        wanted = {v.name: value for v, value in constraints[name].items() if value} if name in constraints else {}
        assert found[name] == pytest.approx(wanted, rel=1e-12), name
        if name in constraints and built.limits[n] < np.inf:
            assert built.limits[n] * scale[n] == pytest.approx(-constraints[name].constant, rel=1e-12), name
    bounds = {v.name: np.inf if v.upBound is None else v.upBound for v in stated.model.variables()}
    assert dict(zip(names, built.upper.tolist(), strict=True)) == bounds


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("seed", [0, 1, 5, 9])
def test_every_level_is_what_the_model_in_pulp_reaches(seed: int, solver: str) -> None:
    problem = random_problem(seed)
    direct = run(problem, solver)
    assert direct.status == "solved"
    expected = solve_direct(problem)
    assert [level.name for level in direct.levels] == [level.name for level in expected]
    for level, other in zip(direct.levels, expected, strict=True):
        assert level.value == pytest.approx(other.value, rel=AGREE[solver], abs=AGREE[solver]), level.name


@pytest.mark.parametrize("solver", SOLVERS)
def test_every_level_is_what_the_engine_reaches(solver: str) -> None:
    problem = bench_problem(60, 4, seed=2)
    direct = run(problem, solver)
    levels = solve(problem).levels
    assert [level.name for level in direct.levels] == [level.name for level in levels]
    for level, ours in zip(direct.levels, levels, strict=True):
        assert level.value == pytest.approx(ours.value, rel=AGREE[solver], abs=AGREE[solver]), level.name
    assert sum(level.seconds for level in direct.levels) <= direct.seconds - direct.build


def test_fairness_raises_who_can_still_rise_in_another_solve() -> None:
    small, large = (Site(code, "A", "open", {"vcpu": (room,) * 2}) for code, room in (("S1", 2.0), ("S2", 8.0)))
    asks = {"clearance": "open", "demand": {"vcpu": (4.0, 4.0)}, "start": 2027}
    rows = [Requirement("R1", "a1", sites=("S1",), **asks), Requirement("R2", "b1", sites=("S2",), **asks)]
    problem = small_problem(rows, [small, large], policy=Policy(levels=("fairness", "priority")))
    fairness, priority = run(problem, "highs").levels
    assert (fairness.value, fairness.solves) == (pytest.approx(0.5), 2)
    assert priority.value == pytest.approx(solve_direct(problem)[1].value)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_comparison_without_time_ends_at_once_and_says_so(solver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def minimise(stated: HighsSolver, level: str) -> Answer:
        asked.append(level)
        return real(stated, level)

    real = HighsSolver.minimise
    monkeypatch.setattr(HighsSolver, "minimise", minimise)
    instance, layout = arrays(bench_problem(300, 5))
    direct = run_direct(instance, layout, solver, 0.0)
    assert (direct.status, direct.levels) == ("time_limit", ())
    assert asked == [layout.levels[0]]  # the solver says that its time is up, and nothing more is tried


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_model_without_a_plan_is_not_solved(solver: str) -> None:
    instance, layout = arrays(bench_problem(20, 4))
    stated = SOLVERS[solver](build_model(instance, layout), time.monotonic() + MINUTE)
    stated.limit(len(layout), -1.0)
    with pytest.raises(NotSolvedError):
        stated.minimise("priority")
