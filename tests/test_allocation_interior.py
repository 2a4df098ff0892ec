"""The interior point and the rounding behind it, held against the exact master."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import highspy
import numpy as np
import pytest
from matrices import in_full, random_matrix, requirement_of

from planner.allocation import Agency, Plan, Policy, Problem, Progress, Staff, dump_plan, engine, rounding, solve
from planner.allocation.columns import build_entries
from planner.allocation.instance import Flags, build_instance
from planner.allocation.interior import (
    Interior,
    InteriorResult,
    Point,
    Shared,
    columns,
    let_in,
    normal,
    solve_interior,
    take_over,
)
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.system import System
from planner.allocation.layout import build_layout
from planner.allocation.master import Master
from planner.allocation.options import Options, list_all_options
from planner.allocation.rounding import Rounding, Vertex
from planner.allocation.statement import read_statement
from planner.bench.problems import bench_problem, random_problem


@pytest.fixture(autouse=True)
def nothing_falls_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems with staff are not left to the exact master here."""
    monkeypatch.setattr(engine, "APART", np.inf)


def random_interior(seed: int) -> Interior:
    """An LP of thirty requirements with a few options each over a dozen rows or so, bounded and feasible.

    To be granted nothing costs nothing and uses little.
    """
    rng = np.random.default_rng(seed)
    matrix, variables = random_matrix(rng), 4
    rows = int(matrix.row.max()) + 1
    shared = Shared(
        coefficients=rng.uniform(-1, 0.3, (rows, variables)),
        limits=rng.uniform(1, 4, rows),
        costs=rng.uniform(0, 1, variables),
        top=rng.uniform(0.5, 2, variables),
    )
    matrix.value[np.repeat(matrix.site < 0, np.diff(matrix.begin))] *= 1e-2
    return Interior(matrix, np.where(matrix.site < 0, 0.0, -rng.uniform(0.1, 1, len(matrix.site))), shared)


def exact(lp: Interior) -> float:
    """The least value by HiGHS, from a matrix written out in full."""
    rows, options = len(lp.shared.limits), len(lp.costs)
    width = options + len(lp.shared.top)
    matrix = np.zeros((rows + lp.choices, width))
    matrix[:rows, :options] = in_full(lp.matrix, rows)
    for k in range(options):
        matrix[rows + requirement_of(lp.matrix, k), k] = 1.0
    matrix[:rows, options:] = lp.shared.coefficients
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.addVars(width, np.zeros(width), np.concatenate([np.full(options, np.inf), lp.shared.top]))
    costs = np.concatenate([lp.costs, lp.shared.costs])
    highs.changeColsCost(width, np.arange(width, dtype=np.int32), costs)
    limits = np.concatenate([lp.shared.limits, np.ones(lp.choices)])
    for place, (row, limit) in enumerate(zip(matrix, limits, strict=True)):
        at = np.flatnonzero(row)
        highs.addRow(-np.inf if place < rows else limit, limit, len(at), at.astype(np.int32), row[at])
    highs.run()
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return float(highs.getInfo().objective_function_value)


@pytest.mark.parametrize("seed", range(12))
def test_an_interior_point_is_as_good_as_the_simplex(seed: int) -> None:
    lp = random_interior(seed)
    result = solve_interior(lp, 1e-9)
    assert_optimal(lp, result)
    assert min(result.shares.min(), result.slack.min(), result.multipliers.min()) > 0
    assert (result.multipliers * result.slack).max() < 1e-6, "a row has either a price or slack"


@pytest.mark.parametrize("seed", range(12))
def test_a_change_of_all_prices_alike_may_be_solved_for_apart_at_every_point(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(normal, "FAINT", np.inf)
    lp = random_interior(seed)
    assert_optimal(lp, solve_interior(lp, 1e-9))


def test_going_on_from_a_coarse_point_reaches_the_same_optimum() -> None:
    lp = random_interior(3)
    coarse = solve_interior(lp, 1e-2)
    fine, fresh = solve_interior(lp, 1e-9, coarse.point), solve_interior(lp, 1e-9)
    assert lp.costs @ fine.shares == pytest.approx(lp.costs @ fresh.shares, abs=1e-7)


def with_only(lp: Interior, known: Flags) -> Interior:
    """The LP with some of its options."""
    matrix = lp.matrix
    entry = np.repeat(known, np.diff(matrix.begin))
    fewer = matrix._replace(
        first=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(known)])[matrix.first],
        site=matrix.site[known],
        standby=matrix.standby[known],
        start=matrix.start[known],
        begin=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(np.diff(matrix.begin)[known])]),
        slot=matrix.slot[entry],
        value=matrix.value[entry],
    )
    return replace(lp, matrix=fewer, costs=lp.costs[known])


def costs_missed(lp: Interior, point: Point) -> float:
    """By how much the slacks of shares differ from what costs and prices say, at most."""
    columns = Columns(lp.matrix, len(lp.shared.limits))
    return float(np.abs(System(columns, lp.shared, lp.costs, point).missed.shares).max())


@pytest.mark.parametrize("seed", range(12))
def test_a_waypoint_leads_to_the_optimum_of_an_lp_with_more_options(seed: int) -> None:
    whole = random_interior(seed)
    known = (np.random.default_rng(seed).random(len(whole.costs)) < 0.8) | (whole.matrix.site < 0)
    x, zx = np.full((2, len(known)), np.nan)
    for point in (way.point for way in solve_interior(with_only(whole, known), 1e-4).waypoints):
        x[known], zx[known] = point.values.x, point.slacks.x
        start, wrong = let_in(whole, point, x, zx)
        assert wrong >= 0
        assert costs_missed(whole, start) <= costs_missed(with_only(whole, known), point) + 1e-12
        assert_optimal(whole, solve_interior(whole, 1e-9, start))


def test_the_number_of_threads_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    lp = random_interior(5)
    monkeypatch.setattr(columns, "CHUNK", 7)
    results = []
    for workers in (1, 2, 5):
        monkeypatch.setattr(columns, "WORKERS", workers)
        results.append(solve_interior(lp, 1e-9))
    alone, *others = results
    assert_optimal(lp, alone)
    for other in others:
        for values in ("shares", "shared", "multipliers", "slack", "surplus"):
            assert getattr(other, values).tobytes() == getattr(alone, values).tobytes(), values


@pytest.mark.parametrize("seed", range(12))
def test_where_one_objective_led_another_may_start(seed: int) -> None:
    lp = random_interior(seed)
    met = solve_interior(replace(lp, costs=lp.costs[::-1].copy()), 1e-4).waypoints
    for point in (way.point for way in met):
        assert_optimal(lp, solve_interior(lp, 1e-9, take_over(lp, point.values.x, point.values.y, point.values.s)))


def assert_optimal(lp: Interior, result: InteriorResult) -> None:
    assert result.error <= 1e-9
    value = lp.costs @ result.shares + lp.shared.costs @ result.shared
    assert value == pytest.approx(exact(lp), rel=1e-7, abs=1e-7)


@pytest.fixture
def interior_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small problems take the road of large ones."""
    monkeypatch.setattr(engine, "DIRECT", 0)


def differences(one: Plan, other: Plan) -> dict[str, float]:
    """How far the levels of two plans lie apart, relative to their values."""
    pairs = zip(one.levels, other.levels, strict=True)
    return {a.name: abs(a.value - b.value) / max(abs(a.value), 1e-3) for a, b in pairs}


def no_other_road(*_: object) -> None:
    raise AssertionError("the interior point did not prove every level")


@pytest.mark.parametrize(
    ("requirements", "sites", "seed"), [(150, 4, 0), (200, 5, 0), (200, 5, 1), (200, 5, 2), (250, 5, 1), (400, 6, 2)]
)
def test_both_roads_prove_the_same_levels(
    monkeypatch: pytest.MonkeyPatch, requirements: int, sites: int, seed: int
) -> None:
    problem = bench_problem(requirements, sites, seed)
    direct = solve(problem)
    rounds: list[Progress] = []
    monkeypatch.setattr(engine, "DIRECT", 0)
    monkeypatch.setattr(engine, "Master", no_other_road)
    quick = solve(problem, progress=rounds.append)
    assert quick.status == direct.status == "optimal"
    assert max(differences(direct, quick).values()) < 5e-6
    assert quick.certificate.feasible
    assert len({note.level for note in rounds}) == len(direct.levels)


def unequal(problem: Problem) -> Problem:
    """Nine of twenty ministries may live at one site alone, and another site has no GPUs at first, whatever is bought.

    They cannot rise as far as the others, so leximin takes several rounds; and to who asks for GPUs early nothing of
    that site can be granted.
    """
    ministry = {agency.code: agency.ministry for agency in problem.agencies}
    bound = {f"M{m:02}": (problem.sites[m > 4].code,) for m in range(9)}
    *others, last = problem.sites
    emptied = replace(last, capacity={**last.capacity, "gpu": (0.0, 0.0, *last.capacity["gpu"][2:])})
    rows = [
        replace(row, sites=bound[ministry[row.agency]], regions=None, copies=1, incumbent=None, clearance="open")
        if ministry[row.agency] in bound
        else row
        for row in problem.requirements
    ]
    return replace(problem, requirements=tuple(rows), sites=(*others, emptied))


@pytest.mark.parametrize("seed", range(2))
def test_neither_settled_floors_nor_empty_pools_need_another_road(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    problem = unequal(bench_problem(1010, 5, seed))
    assert len(problem.requirements) > engine.DIRECT
    rounds: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(engine, "Master", no_other_road)
        quick = solve(problem, progress=lambda note: rounds.append(note.round if note.level == "fairness" else 0))
    monkeypatch.setattr(engine, "DIRECT", len(problem.requirements))
    direct = solve(problem)
    assert quick.status == direct.status == "optimal"
    assert max(differences(direct, quick).values()) < 1e-6
    assert quick.certificate.feasible
    assert sum(before != now == 1 for before, now in pairwise(rounds)) == 3, "how often the lowest were raised"


def steered(**asked: Any) -> Callable[[Problem], Problem]:
    return lambda problem: replace(problem, policy=replace(problem.policy, **asked))


def pinned(every: int) -> Callable[[Problem], Problem]:
    """Each so many requirements at the second site that suits them."""

    def change(problem: Problem) -> Problem:
        pins = {row.code: (row.sites or ())[1] for row in problem.requirements[::every]}
        return steered(pins=pins)(problem)

    return change


NARROW: dict[str, Callable[[Problem], Problem]] = {
    "a floor of everything": steered(floors={"M00": 1.0}),
    "floors that cannot hold": steered(floors={f"M{m:02}": 1.0 for m in range(20)}),
    "a cap of nothing": steered(caps={"M00": 0.0}),
    "pins": pinned(100),
    "many pins": pinned(4),
    "two thirds of the running costs": steered(opex_limit=(107e6,) * 5),
}


@pytest.mark.parametrize("change", NARROW.values(), ids=NARROW)
def test_policies_that_leave_little_room_need_no_other_road(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Problem], Problem]
) -> None:
    problem = change(bench_problem(1010, 5, 0))
    with monkeypatch.context() as patch:
        patch.setattr(engine, "Master", no_other_road)
        quick = solve(problem)
    monkeypatch.setattr(engine, "DIRECT", len(problem.requirements))
    direct = solve(problem)
    assert quick.status == direct.status == "optimal"
    assert max(differences(direct, quick).values()) < 5e-6
    assert quick.certificate.feasible
    assert quick.certificate.values_agree


def test_a_pin_costs_what_it_is_worth_to_stand_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "DIRECT", 0)
    monkeypatch.setattr(engine, "Master", no_other_road)
    problem = bench_problem(300, 4, 0)
    stands = [(row.requirement, row.site) for row in solve(problem).placements if row.share >= 1]

    def highest_price(change: Callable[[Problem], Problem]) -> float:
        levels = solve(change(problem)).levels
        return max(price for level in levels for row, price in level.prices.items() if row.startswith("pin/"))

    assert highest_price(steered(pins=dict(stands[::7]))) < 1e-3, "they stand there anyway"
    assert highest_price(pinned(7)) > 1.0


@pytest.mark.parametrize("seed", range(2000, 2024))
def test_the_interior_point_settles_every_ministry_where_the_exact_master_does(
    monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    problem = random_problem(seed)
    policy = Policy(levels=("fairness",), tolerance=0.0, opex_limit=problem.policy.opex_limit)
    problem = replace(problem, policy=replace(policy, standby_ratio=problem.policy.standby_ratio))
    (direct,) = solve(problem).levels
    monkeypatch.setattr(engine, "DIRECT", 0)
    monkeypatch.setattr(engine, "Master", no_other_road)
    (quick,) = solve(problem).levels
    assert quick.status == "optimal"
    assert quick.values == pytest.approx(direct.values, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_what_the_interior_point_cannot_prove_the_exact_master_does(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    problem = random_problem(seed)
    direct = solve(problem)
    monkeypatch.setattr(engine, "DIRECT", 0)
    quick = solve(problem)
    assert quick.status == "optimal"
    assert max(differences(direct, quick).values()) < 1e-4
    assert quick.certificate.feasible
    assert quick.certificate.values_agree


@pytest.mark.usefixtures("interior_first")
@pytest.mark.parametrize("seed", range(4))
def test_a_master_over_some_requirements_is_the_master_with_their_options_alone(seed: int) -> None:
    instance = build_instance(random_problem(seed, 25))
    layout = build_layout(instance)
    free = np.random.default_rng(seed).random(len(instance.requirements)) < 0.5
    options = list_all_options(instance)
    options = options.take(free[options.requirement])
    results = []
    for some in (None, free):
        master = Master(instance, layout, read_statement(instance, layout), free=some)
        master.add(options.take(np.arange(len(options)) % 2 == 0))
        master.add(options.take(np.arange(len(options)) % 2 == 1))
        results.append(master.solve("fairness", 0.0, None, lambda: None))
    every, only = results
    assert only.value == pytest.approx(every.value, abs=1e-9)
    assert not only.surplus[~free].any()
    entries = build_entries(instance, layout, options)
    for result in results:
        weights = result.multipliers.copy()
        weights[layout.level["fairness"]] = 1.0
        costs = np.bincount(entries.column, entries.value * weights[entries.row], len(options))
        gains = np.zeros(len(free))
        np.maximum.at(gains, options.requirement, -costs)
        np.testing.assert_allclose(result.surplus, gains, atol=1e-9)


def test_a_rounding_that_begins_with_too_few_takes_in_more(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = bench_problem(200, 4)
    direct = solve(problem)
    monkeypatch.setattr(engine, "DIRECT", 0)
    monkeypatch.setattr(engine, "Master", no_other_road)
    monkeypatch.setattr(rounding, "FEWEST", 1)
    monkeypatch.setattr(rounding, "ROOM", 0.0)
    tried: list[int] = []
    solve_free = Rounding._solve_free

    def count(self: Rounding, fixed: Options, choice: Options, free: Flags) -> Vertex | None:
        tried.append(int(free.sum()))
        return solve_free(self, fixed, choice, free)

    monkeypatch.setattr(Rounding, "_solve_free", count)
    quick = solve(problem)
    assert len(tried) > 1
    assert tried[:-1] == [2**n for n in range(len(tried) - 1)]
    assert quick.status == direct.status == "optimal"
    assert max(differences(direct, quick).values()) < 5e-6


def test_the_order_of_the_rows_does_not_matter_to_the_interior_point() -> None:
    problem = bench_problem(150, 4, 0)
    turned: Problem = replace(problem, requirements=tuple(reversed(problem.requirements)))
    assert dump_plan(solve(turned), with_seconds=False) == dump_plan(solve(problem), with_seconds=False)


@pytest.mark.usefixtures("interior_first")
def test_whoever_listens_may_end_an_interior_point_between_its_rounds() -> None:
    class EnoughError(Exception):
        pass

    heard: list[Progress] = []

    def listen(note: Progress) -> None:
        heard.append(note)
        if note.level == "fairness" and len(heard) > 30:
            raise EnoughError

    with pytest.raises(EnoughError):
        solve(bench_problem(200, 5, 0), progress=listen)
    assert heard[-1].round <= 3, "told within the first rounds, not after the level"


@pytest.mark.usefixtures("interior_first")
@pytest.mark.parametrize("seed", range(4))
def test_a_coarse_point_is_never_called_optimal(seed: int) -> None:
    plan = solve(bench_problem(200, 5, seed), time_limit=0)
    assert plan.status == "feasible"
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    *coarse, last = plan.levels
    assert {level.status for level in coarse} == {"feasible"}
    assert (last.name, last.kept, last.bound) == ("moves", 0.0, 0.0), "which needs no price to be proved"
    for level in coarse:
        assert level.value == level.kept, "what is not proved says what the plan has"
        worse = level.bound - level.kept if level.name == "fairness" else level.kept - level.bound
        assert worse >= -1e-6 * max(1.0, abs(level.bound)), level.name


@pytest.mark.parametrize("requirements", [300, 1500])  # by the exact master, and by an interior point
def test_a_wider_gap_is_proven_as_wide_and_no_wider(requirements: int) -> None:
    problem, gap = bench_problem(requirements, 6), 1e-3
    wide, usual = solve(problem, gap=gap), solve(problem)
    assert wide.status == "optimal"
    assert wide.certificate.feasible
    assert wide.certificate.values_agree
    assert max(level.gap for level in wide.levels) <= gap
    first, exact = wide.levels[1], usual.levels[1]  # all of statutory needs are served, so fairness is held at nothing
    assert first.name == "fairness"
    assert first.value == pytest.approx(exact.value, rel=gap)
    assert first.bound >= exact.value - 1e-6


def by_agency(problem: Problem) -> Problem:
    """The same problem of 250 agencies, each with staff for five eighths of four of its requirements."""
    agencies = tuple(Agency(f"A{n:03}", problem.ministries[n % len(problem.ministries)].code) for n in range(250))
    rows = tuple(
        replace(row, agency=agencies[n % len(agencies)].code, staff_load={"steward": 0.1})
        for n, row in enumerate(problem.requirements)
    )
    staff = tuple(Staff(agency.code, "steward", (0.25,) * len(problem.fiscal_years)) for agency in agencies)
    policy = replace(problem.policy, staff_gate=True, levels=("fairness", "priority"))
    return replace(problem, agencies=agencies, requirements=rows, staff=staff, policy=policy)


def test_what_falls_apart_by_agency_is_left_to_the_exact_master(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = by_agency(bench_problem(1010, 5, 0))
    assert len(problem.requirements) > engine.DIRECT
    with monkeypatch.context() as patch:
        patch.setattr(engine, "APART", 0.1)
        patch.setattr(engine, "_starts", no_other_road)
        exact = solve(problem)
    interior = solve(problem)
    assert exact.status == interior.status == "optimal"
    assert max(differences(exact, interior).values()) < 1e-6
