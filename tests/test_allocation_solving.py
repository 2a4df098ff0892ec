"""The engine as a whole: right, the same every time, unimpressed by odd problems, and honest when it must stop."""

import math
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from planner.allocation import (
    Expansion,
    LevelResult,
    Plan,
    Policy,
    Problem,
    Progress,
    Requirement,
    Site,
    dump_plan,
    solve,
)
from planner.bench.direct import DirectLevel, cbc_solver, solve_direct
from planner.bench.problems import bench_problem, random_problem, small_problem
from planner.errors import NotSolvedError

PROBLEMS = int(os.environ.get("RANDOM_PROBLEMS", "60"))
"""How many random problems to try; hundreds take minutes."""
SITE = Site("S1", "central", "restricted", {"vcpu": (10.0, 10.0)}, running_cost={"vcpu": (2.0, 2.0)})
ROW = Requirement("R1", "a1", "open", {"vcpu": (4.0, 4.0)}, 2027)


def assert_agree(plan: Plan, direct: tuple[DirectLevel, ...], tolerance: float) -> None:
    assert [level.name for level in plan.levels] == [level.name for level in direct]
    for level, other in zip(plan.levels, direct, strict=True):
        assert level.value == pytest.approx(other.value, rel=tolerance, abs=tolerance * 1e-2), level.name


def assert_sound(plan: Plan) -> None:
    """What must hold of every plan of which it says that it is optimal."""
    assert plan.status == "optimal"
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    for level in plan.levels:
        assert level.status == "optimal"
        assert 0 <= level.gap <= 1e-6
        assert math.isfinite(level.value)
        assert level.value == pytest.approx(level.bound, rel=2e-6, abs=2e-6), level.name


def values(plan: Plan) -> dict[str, float]:
    return {level.name: level.value for level in plan.levels}


@pytest.mark.parametrize("seed", range(PROBLEMS))
def test_every_level_is_what_the_direct_model_reaches(seed: int) -> None:
    problem = random_problem(seed)
    plan = solve(problem)
    assert_sound(plan)
    assert_agree(plan, solve_direct(problem), 2e-6)


@pytest.mark.parametrize("seed", range(1000, 1000 + PROBLEMS // 5))
def test_another_solver_reaches_the_same(seed: int) -> None:
    problem = random_problem(seed, 12)
    assert_agree(solve(problem), solve_direct(problem, cbc_solver()), 1e-5)


@pytest.mark.parametrize("seed", range(2000, 2000 + PROBLEMS // 5))
def test_leximin_settles_every_ministry_where_the_direct_model_does(seed: int) -> None:
    problem = random_problem(seed)
    policy = Policy(levels=("fairness",), tolerance=0.0, opex_limit=problem.policy.opex_limit)
    fair = replace(problem, policy=replace(policy, standby_ratio=problem.policy.standby_ratio))
    (level,) = solve(fair).levels
    assert level.values == pytest.approx(solve_direct(fair)[0].shares, rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_rows_does_not_change_the_plan_by_a_byte(seed: int) -> None:
    problem, chance = random_problem(seed), np.random.default_rng(seed)

    def shuffled(rows: Any) -> Any:
        return tuple(rows[n] for n in chance.permutation(len(rows)))

    names = ("resource_types", "ministries", "agencies", "regions", "sites", "requirements", "expansions", "staff")
    mixed = replace(problem, **{name: shuffled(getattr(problem, name)) for name in names})
    rows = tuple(replace(row, demand=dict(reversed(row.demand.items()))) for row in mixed.requirements)
    plan = dump_plan(solve(problem), with_seconds=False)
    assert dump_plan(solve(replace(mixed, requirements=rows)), with_seconds=False) == plan


@pytest.mark.parametrize("seed", range(20))
def test_more_capacity_never_worsens_the_first_level(seed: int) -> None:
    problem = random_problem(seed)
    more = tuple(
        replace(site, capacity={r: tuple(1.1 * c + 1 for c in series) for r, series in site.capacity.items()})
        for site in problem.sites
    )
    before, after = (solve(each).levels[0] for each in (problem, replace(problem, sites=more)))
    better = after.value - before.value if before.name == "fairness" else before.value - after.value
    assert better >= -1e-6 * max(abs(before.value), 1e-3)


@pytest.mark.parametrize(
    ("problem", "service"),
    [
        (small_problem([], [SITE]), {}),
        (small_problem([], []), {}),
        (small_problem([ROW], []), {"a": 0}),
        (small_problem([ROW], [replace(SITE, capacity={"vcpu": (0.0, 0.0)})]), {"a": 0}),
        (small_problem([ROW], [replace(SITE, reserve_margin={"vcpu": 1.0})]), {"a": 0}),
        (small_problem([ROW], [replace(SITE, end=2020)]), {"a": 0}),
        (small_problem([ROW], [SITE]), {"a": 1}),
        (small_problem([replace(ROW, demand={})], [SITE]), {}),
        (small_problem([replace(ROW, demand={"vcpu": (0.0, 0.0)})], [SITE]), {}),
        (small_problem([replace(ROW, clearance="restricted")], [replace(SITE, clearance="open")]), {"a": 0}),
        (small_problem([replace(ROW, copies=2)], [SITE]), {"a": 0}),
        (small_problem([replace(ROW, code=f"R{n}") for n in range(20)], [SITE]), {"a": 10 / 80}),
        (small_problem([replace(ROW, code=f"R{n}", agency=f"{m}1") for n, m in enumerate("abcde")], [SITE]),
         dict.fromkeys("abcde", 0.5)),
        (small_problem([replace(ROW, demand={"vcpu": (1e6, 1e6)})], [SITE]), {"a": 1e-5}),
        (small_problem([replace(ROW, demand={"vcpu": (1e-9, 1e-9)})], [SITE]), {"a": 1}),
    ],
    ids=[
        "no requirements", "nothing at all", "no sites", "no capacity", "all in reserve", "closed", "one of each",
        "no demand", "zero demand", "no clearance", "no second region", "identical", "identical ministries",
        "huge demand", "tiny demand",
    ],
)  # fmt: skip
def test_odd_problems_have_plans(problem: Problem, service: dict[str, float]) -> None:
    plan = solve(problem)
    assert_sound(plan)
    assert {row.ministry: row.share for row in plan.service} == pytest.approx(service, rel=5e-3, abs=1e-9)
    short = {row.requirement for row in plan.shortfalls}
    whole = {row.requirement for row in plan.placements if row.share == 1}
    assert not short & whole
    assert short | {row.requirement for row in plan.placements} == {
        row.code for row in problem.requirements if any(map(any, row.demand.values()))
    } | {row.requirement for row in plan.placements}


def scaled(problem: Problem, factor: float) -> Problem:
    """`problem` in units `factor` times smaller: larger amounts, cheaper units, the same sizes and the same money."""

    def times(rows: dict[str, tuple[float, ...]], by: float) -> dict[str, tuple[float, ...]]:
        return {code: tuple(by * amount for amount in series) for code, series in rows.items()}

    return replace(
        problem,
        sites=tuple(
            replace(
                site, capacity=times(site.capacity, factor), running_cost=times(site.running_cost, 1 / factor)
            )
            for site in problem.sites
        ),
        requirements=tuple(replace(row, demand=times(row.demand, factor)) for row in problem.requirements),
        expansions=tuple(replace(row, module_size=factor * row.module_size) for row in problem.expansions),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_without_requirements_whatever_else_is_asked_there_is_a_plan(seed: int) -> None:
    plan = solve(random_problem(seed, 0, 3, 2))
    assert plan.status == "optimal"
    assert plan.certificate.feasible
    assert plan.placements == ()


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
@pytest.mark.parametrize("seed", range(5))
def test_the_unit_of_measure_does_not_matter(seed: int, factor: float) -> None:
    problem = random_problem(seed)
    problem = replace(problem, policy=replace(problem.policy, move_limit_tb=None))
    plan = solve(scaled(problem, factor))
    assert_sound(plan)
    reached = values(plan)
    if "moves" in reached:
        reached["moves"] /= factor
    assert reached == pytest.approx(values(solve(problem)), rel=1e-5, abs=1e-6)


def test_a_demand_of_a_million_does_not_drown_one_of_one() -> None:
    rows = [replace(ROW, code=f"R{n}", agency=f"{m}1") for n, m in enumerate("aabb")]
    rows[0] = replace(rows[0], demand={"vcpu": (4e6, 4e6)})
    plan = solve(small_problem(rows, [replace(SITE, capacity={"vcpu": (1e6, 1e6)})], policy=Policy(tolerance=0.0)))
    assert_sound(plan)
    share = 1e6 / (4e6 + 12)  # what each is granted of the same pool, the small ministry no less than the large
    assert {row.ministry: row.share for row in plan.service} == pytest.approx({"a": share, "b": share}, rel=1e-6)


def test_amounts_of_every_size_in_one_problem_are_certified() -> None:
    chance = np.random.default_rng(1)
    rows = [
        replace(ROW, code=f"R{n}", agency=f"{'abc'[n % 3]}1",
                demand={"vcpu": (10 ** chance.uniform(-3, 6),) * 2, "tb": (10 ** chance.uniform(-3, 6),) * 2})
        for n in range(40)
    ]  # fmt: skip
    sites = [replace(SITE, code=f"S{n}", capacity={"vcpu": (5e5, 6e5), "tb": (4e5, 3e5)}) for n in range(3)]
    problem = small_problem(rows, sites)
    plan = solve(problem)
    assert_sound(plan)
    assert_agree(plan, solve_direct(problem), 1e-5)


def test_levels_are_held_in_order_within_the_tolerance() -> None:
    cheap = replace(SITE, code="S2", running_cost={"vcpu": (0.0, 0.0)}, capacity={"vcpu": (1.0, 1.0)})
    problem = small_problem([ROW, replace(ROW, code="R2", agency="b1")], [SITE, cheap])
    levels = ("fairness", "cost")
    strict, lax = (solve(replace(problem, policy=Policy(levels, tolerance))) for tolerance in (0.0, 0.25))
    assert [row.share for row in strict.service] == pytest.approx([1.0, 1.0], abs=1e-7)
    assert min(row.share for row in lax.service) == pytest.approx(0.75, abs=1e-6)
    assert values(lax)["cost"] < values(strict)["cost"]
    for level in (*strict.levels, *lax.levels):
        given_up = (level.value - level.kept) * (1 if level.name == "fairness" else -1)
        assert given_up <= 0.25 * abs(level.value) + 1e-6


def test_an_expansion_serves_from_its_lead_time_on_and_within_its_budget() -> None:
    expansion = Expansion("E1", "S1", "vcpu", module_size=2.0, module_price=10.0, lead_years=1, max_modules=5)
    row = replace(ROW, demand={"vcpu": (14.0, 14.0)})
    problem = small_problem([row], [SITE], expansions=(expansion,), policy=Policy(tolerance=0.0))
    plan = solve(problem)
    assert [(row.fiscal_year, row.modules) for row in plan.purchases] == [(2027, pytest.approx(2, rel=1e-5))]
    assert {(row.start, round(row.share, 4)) for row in plan.placements} == {(2027, 0.7143), (2028, 0.2857)}
    poor = solve(replace(problem, policy=Policy(tolerance=0.0, capex_limit=(10.0, None))))
    assert sum(row.modules for row in poor.purchases) == pytest.approx(1)


@pytest.mark.parametrize("seed", [14, 16, 17, 25])
def test_an_expansion_without_end_does_not_blur_the_bound(seed: int) -> None:
    problem = random_problem(seed)
    endless = tuple(replace(row, max_modules=1e12) for row in problem.expansions)
    assert endless
    assert_sound(solve(replace(problem, expansions=endless)))


def test_floors_and_pins_that_cannot_hold_give_way_by_least_and_first_of_all() -> None:
    rows = [ROW, replace(ROW, code="R2", agency="b1", demand={"vcpu": (40.0, 40.0)})]
    policy = Policy(floors={"b": 0.5}, pins={"R1": "S2"})
    plan = solve(small_problem(rows, [SITE, replace(SITE, code="S2", capacity={"vcpu": (1.0, 1.0)})], policy=policy))
    assert_sound(plan)
    first = plan.levels[0]
    assert first.name == "policy"
    assert first.value == pytest.approx((20 - 10) / 40 + 0.75)


def test_a_cap_holds_a_ministry_back() -> None:
    plan = solve(small_problem([ROW], [SITE], policy=Policy(caps={"a": 0.5}, tolerance=0.0)))
    assert [row.share for row in plan.service] == pytest.approx([0.5])


def recorded(into: list[Progress]) -> Callable[[Progress], None]:
    return into.append


def test_progress_tells_every_level_and_round() -> None:
    heard: list[Progress] = []
    plan = solve(random_problem(3), progress=recorded(heard))
    assert list(dict.fromkeys(note.level for note in heard)) == [level.name for level in plan.levels]
    assert all(note.round >= 1 and (note.gap is None or note.gap >= 0) for note in heard)


def test_what_the_progress_callback_raises_ends_the_solve() -> None:
    class CancelledError(Exception):
        pass

    heard: list[Progress] = []

    def cancel(note: Progress) -> None:
        heard.append(note)
        raise CancelledError

    with pytest.raises(CancelledError):
        solve(random_problem(3), progress=cancel)
    assert len(heard) == 1


@pytest.fixture(scope="module")
def measured() -> tuple[Problem, tuple[LevelResult, ...]]:
    problem = bench_problem(60, 4, seed=1)
    return problem, solve(problem).levels


@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.05, 0.1, 0.3])
def test_a_time_limit_gives_an_honest_plan_or_none(
    measured: tuple[Problem, tuple[LevelResult, ...]], seconds: float
) -> None:
    problem, best = measured
    try:
        plan = solve(problem, time_limit=seconds)
    except NotSolvedError:
        return
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    assert plan.status in {"optimal", "feasible"}
    assert (plan.status == "optimal") == all(level.gap <= 1e-6 for level in plan.levels)
    first, true = plan.levels[0], best[0]
    assert first.bound <= true.value + 1e-6
    assert first.value >= true.value - 1e-6
    if first.status == "optimal":
        assert first.value == pytest.approx(true.value, rel=1e-5, abs=1e-6)
