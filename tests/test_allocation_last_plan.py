"""A what-if solved from the last plan: a fresh solve's values, proven as well, whatever the last plan was."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
from matrices import in_full, random_matrix

from planner.allocation import Plan, Problem, Requirement, dump_plan, engine, holding, part_master, solve
from planner.allocation.columns import row_use
from planner.allocation.holding import Held, hold_last
from planner.allocation.instance import Ints, build_instance
from planner.allocation.interior import Interior, Shared, grow, let_in, solve_interior
from planner.allocation.layout import build_layout
from planner.allocation.options import list_all_options, option_key
from planner.allocation.problem import Series
from planner.bench.problems import bench_problem, random_problem

Change = Callable[[Problem], Problem]


@pytest.fixture(autouse=True)
def nothing_falls_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems with staff are not left to the exact master here."""
    monkeypatch.setattr(engine, "APART", np.inf)


def scaled(amounts: Mapping[str, Series], factor: float) -> dict[str, Series]:
    return {code: tuple(factor * amount for amount in series) for code, series in amounts.items()}


def capacity(factor: float) -> Change:
    """The first site's capacity times `factor`."""

    def change(problem: Problem) -> Problem:
        first, *others = problem.sites
        return replace(problem, sites=(replace(first, capacity=scaled(first.capacity, factor)), *others))

    return change


def demand(problem: Problem) -> Problem:
    """A tenth more of what the first ministry asks for."""
    agencies = {row.code for row in problem.agencies if row.ministry == problem.ministries[0].code}
    rows = (
        replace(row, demand=scaled(row.demand, 1.1)) if row.agency in agencies else row for row in problem.requirements
    )
    return replace(problem, requirements=tuple(rows))


def other_requirements(problem: Problem) -> Problem:
    """Each seventh requirement gone, and each ninth there once more."""
    stay = [row for n, row in enumerate(problem.requirements) if n % 7]
    more = [replace(row, code=f"{row.code}-new") for row in problem.requirements[::9]]
    return replace(problem, requirements=(*stay, *more), policy=replace(problem.policy, pins={}))


def no_first_site(problem: Problem) -> Problem:
    """Nobody may live at the first site: whoever did must leave."""
    others = tuple(site.code for site in problem.sites[1:])

    def limited(row: Requirement) -> Requirement:
        sites = others if row.sites is None else tuple(code for code in row.sites if code in others)
        return replace(row, sites=sites, incumbent=row.incumbent if row.incumbent in others else None)

    return replace(problem, requirements=tuple(limited(row) for row in problem.requirements))


def strict(problem: Problem) -> Problem:
    """No tolerance for the levels above: a limit without an interior."""
    return replace(problem, policy=replace(problem.policy, tolerance=0.0))


def fewer_levels(problem: Problem) -> Problem:
    return replace(problem, policy=replace(problem.policy, levels=("statutory", "priority", "cost")))


def steered(problem: Problem) -> Problem:
    """A floor that cannot hold, a cap, and a pin."""
    first, second, *_ = (row.code for row in problem.ministries) if len(problem.ministries) > 1 else ("", "")
    pinned = problem.requirements[0].code
    floors, caps = ({first: 1.0}, {second: 0.5}) if first else ({}, {})
    steering = replace(problem.policy, floors=floors, caps=caps, pins={pinned: problem.sites[0].code})
    return replace(problem, policy=steering)


def indivisible(problem: Problem) -> Problem:
    """Every sixth is placed whole."""
    rows = (replace(row, divisible=n % 6 > 0) for n, row in enumerate(problem.requirements))
    return replace(problem, requirements=tuple(rows))


CHANGES: tuple[Change, ...] = (
    capacity(0.95),
    capacity(1.05),
    capacity(0.3),
    demand,
    other_requirements,
    no_first_site,
    strict,
    fewer_levels,
    steered,
    indivisible,
)


def no_other_road(*_: object) -> None:
    raise AssertionError("the last plan did not lead to a proof of every level")


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems take the road of large ones, with a few requirements free, and a few more at a time."""
    monkeypatch.setattr(engine, "AGAIN", 0)
    monkeypatch.setattr(holding, "PER_POOL", 0.3)
    monkeypatch.setattr(part_master, "FEW", 5)
    for module in (holding, part_master):
        monkeypatch.setattr(module, "MOST", 1.0)


def assert_same(anew: Plan, again: Plan, within: float) -> None:
    assert again.status == anew.status == "optimal"
    assert again.certificate.feasible
    assert again.certificate.values_agree
    for one, other in zip(anew.levels, again.levels, strict=True):
        assert abs(one.value - other.value) <= within * max(abs(one.value), 1e-3), one.name
        assert other.gap <= 1e-6


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", [capacity(0.95), capacity(1.05), demand, other_requirements, fewer_levels])
def test_a_what_if_is_proven_from_the_last_plan_alone(
    monkeypatch: pytest.MonkeyPatch, change: Change, seed: int
) -> None:
    problem = bench_problem(200, 5, seed)
    last, changed = solve(problem), change(problem)
    anew = solve(changed)
    monkeypatch.setattr(engine, "Master", no_other_road)
    assert_same(anew, solve(changed, last=last), 5e-6)


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_has_changed_the_values_are_those_of_a_fresh_solve(change: Change) -> None:
    problem = bench_problem(150, 4, 0)
    changed = change(problem)
    assert_same(solve(changed), solve(changed, last=solve(problem)), 5e-6)


def test_a_level_of_what_is_placed_whole_that_highs_cannot_settle_does_not_end_the_solve(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holding, "FEW", 0.0)  # then it says "unknown" of the last level
    problem = bench_problem(150, 4, 0)
    changed = indivisible(problem)
    assert_same(solve(changed), solve(changed, last=solve(problem)), 5e-6)


@pytest.mark.parametrize("seed", range(15))
def test_every_feature_survives_a_change(seed: int) -> None:
    problem = random_problem(seed, requirements=40)
    last = solve(problem)
    for change in (CHANGES[seed % len(CHANGES)], CHANGES[(seed + 3) % len(CHANGES)]):
        changed = change(problem)
        assert_same(solve(changed), solve(changed, last=last), 1e-4)


@pytest.mark.parametrize("most", [0.5, 1.0])
def test_the_plan_of_another_problem_does_no_harm(monkeypatch: pytest.MonkeyPatch, most: float) -> None:
    for module in (holding, part_master):
        monkeypatch.setattr(module, "MOST", most)
    problem = bench_problem(150, 4, 0)
    anew = solve(problem)
    for other in (random_problem(1), bench_problem(150, 4, 7), bench_problem(400, 6, 2)):
        assert_same(anew, solve(problem, last=solve(other)), 5e-6)


def test_at_first_those_that_are_free_may_have_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holding, "PER_POOL", 0.1)
    problem = random_problem(32, requirements=60)
    last = solve(problem)
    for gone in problem.sites:
        sites = tuple(replace(site, capacity={}) if site == gone else site for site in problem.sites)
        changed = replace(problem, sites=sites)
        assert_same(solve(changed), solve(changed, last=last), 1e-4)


def test_what_names_nothing_here_is_not_looked_at() -> None:
    problem = bench_problem(150, 4, 0)
    last = solve(problem)
    strangers = tuple(replace(row, requirement=f"Z{row.requirement}") for row in last.placements)
    unknown, nothing = (held_of(problem, replace(last, placements=rows)) for rows in (strangers, ()))
    assert unknown is not None
    assert nothing is not None
    assert len(unknown.options) == len(nothing.options) == 0
    assert unknown.free.tolist() == nothing.free.tolist()


def test_the_order_of_the_rows_does_not_matter() -> None:
    problem = bench_problem(200, 5, 0)
    last, changed = solve(problem), demand(problem)
    turned = replace(changed, requirements=tuple(reversed(changed.requirements)), sites=tuple(reversed(changed.sites)))
    shuffled = replace(last, placements=tuple(reversed(last.placements)))
    again = dump_plan(solve(changed, last=last), with_seconds=False)
    assert again == dump_plan(solve(turned, last=shuffled), with_seconds=False)
    assert again != dump_plan(solve(changed), with_seconds=False), "it went another way"


@pytest.mark.parametrize(("module", "name", "value"), [(part_master, "SOLVES", 1), (part_master, "MOST", 0.0)])
def test_what_takes_too_long_is_solved_anew(
    monkeypatch: pytest.MonkeyPatch, module: object, name: str, value: float
) -> None:
    problem = bench_problem(150, 4, 0)
    last, changed = solve(problem), capacity(0.95)(problem)
    monkeypatch.setattr(module, name, value)
    assert dump_plan(solve(changed, last=last), with_seconds=False) == dump_plan(solve(changed), with_seconds=False)


def test_without_time_the_plan_is_what_can_stay() -> None:
    problem = bench_problem(200, 5, 0)
    last = solve(problem)
    changed = capacity(0.95)(problem)
    plan, anew = solve(changed, last=last, time_limit=0.0), solve(changed, time_limit=0.0)
    assert plan.status == "feasible"
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    stay, would = (len(set(one.placements) & set(last.placements)) for one in (plan, anew))
    assert stay > would + 20


@pytest.mark.parametrize("change", [no_first_site, other_requirements, capacity(0.0)])
def test_nobody_is_held_where_nobody_may_be(change: Change) -> None:
    problem = bench_problem(200, 5, 1)
    instance = build_instance(change(problem))
    layout = build_layout(instance)
    held = hold_last(instance, layout, solve(problem))
    assert held is not None
    assert np.isin(option_key(instance, held.options), option_key(instance, list_all_options(instance))).all()
    fixed = held.options.take(~held.free[held.options.requirement])
    assert len(fixed) > 50
    assert np.bincount(fixed.requirement).max() == 1, "who is held stands at one option"
    use = row_use(instance, layout, fixed, np.ones(len(fixed)))
    impossible = (layout.limits == 0) & (np.arange(len(layout)) < layout.pools)
    assert not use[impossible].any(), "nothing is held at a pool that is gone"


def held_of(problem: Problem, last: Plan) -> Held | None:
    instance = build_instance(problem)
    return hold_last(instance, build_layout(instance), last)


def test_where_most_would_move_nothing_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bench_problem(150, 4, 0)
    last = solve(problem)
    assert held_of(problem, last) is not None
    for module in (holding, part_master):
        monkeypatch.setattr(module, "MOST", 0.5)
    assert held_of(problem, replace(last, placements=(), levels=last.levels)) is None


OLD = 24
"""Choices of a made-up LP that are there from the beginning; six others join."""


def random_parts(seed: int) -> tuple[Interior, Interior, Ints]:
    """An LP, the LP without its last choices at what they stood at, and where: every second of them nowhere."""
    rng = np.random.default_rng(seed)
    matrix = random_matrix(rng)
    choices, rows, options = len(matrix.home), int(matrix.row.max()) + 1, int(matrix.first[OLD])
    shared = Shared(rng.uniform(-1, 0.3, (rows, 3)), rng.uniform(4, 8, rows), rng.uniform(0, 1, 3), np.ones(3))
    whole = Interior(matrix, np.where(matrix.site < 0, 0.0, -rng.uniform(0.1, 1, len(matrix.site))), shared)
    stands = (np.arange(choices) % 2 == 0) & (np.diff(matrix.first) > 1)
    home = (matrix.first[:-1] + stands)[OLD:]
    fewer = matrix._replace(
        first=matrix.first[: OLD + 1],
        site=matrix.site[:options],
        standby=matrix.standby[:options],
        start=matrix.start[:options],
        home=matrix.home[:OLD],
        profile=matrix.profile[:OLD],
        begin=matrix.begin[: options + 1],
    )
    left = shared.limits - in_full(matrix, rows)[:, home].sum(axis=1)
    return whole, Interior(fewer, whole.costs[:options], replace(shared, limits=left)), home


@pytest.mark.parametrize("seed", range(8))
def test_a_grown_point_leads_to_the_optimum(seed: int) -> None:
    whole, part, home = random_parts(seed)
    for way in solve_interior(part, 1e-4).waypoints:
        point, wrong = grow(whole, way.point, home)
        assert wrong >= 0
        known = np.where(np.arange(len(whole.costs)) < len(part.costs), np.arange(len(whole.costs)), -1)
        known[home] = len(part.costs) + np.arange(len(home))
        x, zx = (np.where(known >= 0, values[known], np.nan) for values in (point.values.x, point.slacks.x))
        start, _ = let_in(whole, point, x, zx)
        new = np.isnan(x)
        products = (start.values.x * start.slacks.x)[new]
        assert products == pytest.approx(point.gap() / point.count()), "what who joins may have elsewhere"
        grown, fresh = solve_interior(whole, 1e-9, start), solve_interior(whole, 1e-9)
        assert grown.error <= 1e-9
        assert whole.costs @ grown.shares == pytest.approx(whole.costs @ fresh.shares, rel=1e-7)
