"""What may not be divided is placed whole: by hand, against every whole plan there is, and against a direct MILP."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pulp
import pytest

from planner.allocation import Plan, Policy, Problem, Requirement, Site, dump_plan, read_plan, solve
from planner.allocation.certificate import certify
from planner.allocation.columns import build_entries, row_use
from planner.allocation.elastic import Effort
from planner.allocation.engine import Solution, optimise
from planner.allocation.formulation import level_terms, service_terms, state
from planner.allocation.instance import Floats, build_instance
from planner.allocation.layout import Layout, build_layout
from planner.allocation.options import Options, list_all_options, list_options
from planner.allocation.solving import tidy
from planner.allocation.statement import read_statement
from planner.allocation.whole import Scope, find_split, place_whole
from planner.bench.problems import bench_problem, random_problem, small_problem

SITE = Site("S1", "central", "restricted", {"vcpu": (10.0, 10.0)}, running_cost={"vcpu": (2.0, 2.0)})
ROW = Requirement("R1", "a1", "open", {"vcpu": (6.0, 6.0)}, 2027, divisible=False)
EXACT = Policy(tolerance=0.0)
PRIORITY = Policy(levels=("priority",), tolerance=0.0)
ROOM = 1e-6
"""What a goal that was reached may lose to the solver's rounding."""
EVERYTHING = Scope(10**6, 10**6, 1, 10**6, 10**6, Effort(misses=2), Effort(nodes=10**6, close=0.0))


def requirement(code: str, amount: float, **fields: Any) -> Requirement:
    return replace(ROW, code=code, demand={"vcpu": (amount, amount)}, **fields)


def indivisible(problem: Problem, share: float, seed: int = 0) -> Problem:
    chance = np.random.default_rng(seed)
    rows = tuple(replace(row, divisible=bool(chance.random() >= share)) for row in problem.requirements)
    return replace(problem, requirements=rows)


def shares(plan: Plan) -> dict[str, list[float]]:
    found = defaultdict(list)
    for row in plan.placements:
        found[row.requirement].append(row.share)
    return dict(found)


def assert_whole(problem: Problem, plan: Plan) -> None:
    """Whole where it must be, certified, and its first level no better than its bound."""
    granted = shares(plan)
    for row in problem.requirements:
        assert row.divisible or granted.get(row.code, [1.0]) == [1.0], row.code
    assert plan.certificate.feasible
    assert plan.certificate.values_agree
    first = plan.levels[0]
    sign = -1 if first.name == "fairness" else 1
    assert sign * first.kept >= sign * first.bound - 1e-6 * max(abs(first.bound), 1e-2)
    assert all(level.whole_loss >= 0 for level in plan.levels)


def test_of_two_that_compete_one_is_placed_whole_and_the_other_not() -> None:
    problem = small_problem([requirement("R1", 6.0), requirement("R2", 6.0)], [SITE], policy=EXACT)
    plan = solve(problem)
    assert_whole(problem, plan)
    assert sorted(shares(plan).values()) == [[1.0]]
    levels = {level.name: level for level in plan.levels}
    assert (levels["fairness"].value, levels["fairness"].kept) == pytest.approx((10 / 12, 6 / 12))
    assert levels["fairness"].whole_loss == pytest.approx(4 / 12)
    assert (levels["statutory"].whole_loss, levels["cost"].whole_loss) == (0.0, 0.0)
    assert plan.status == "optimal"
    (short,) = plan.shortfalls
    assert short.share == 1
    assert short.reasons[0].code == "indivisible"
    assert 0 < short.reasons[0].amounts["share"] <= 1


def test_what_fits_together_is_found_where_the_lp_had_another() -> None:
    rows = [requirement("R1", 6.0, weight=1.1), requirement("R2", 5.0), requirement("R3", 5.0)]
    plan = solve(small_problem(rows, [SITE], policy=PRIORITY))
    assert shares(plan) == {"R2": [1.0], "R3": [1.0]}


def test_what_is_left_goes_to_what_may_be_divided() -> None:
    amounts = {"R1": 6.0, "R2": 6.0, "R3": 20.0}
    rows = [requirement(code, amount, divisible=code == "R3") for code, amount in amounts.items()]
    plan = solve(small_problem(rows, [SITE], policy=PRIORITY))
    assert sum(share * amounts[code] for code, (share,) in shares(plan).items()) == pytest.approx(10)
    assert plan.levels[0].whole_loss == 0


def test_what_may_be_divided_gives_way_to_statutory_work_that_may_not() -> None:
    sites = [SITE, replace(SITE, code="S2")]
    rows = [
        requirement("R1", 8.0, priority="statutory"),
        requirement("R2", 7.0, priority="statutory"),
        requirement("R3", 9.0, divisible=True),
    ]
    plan = solve(small_problem(rows, sites, policy=EXACT))
    assert {code: len(granted) for code, granted in shares(plan).items()} == {"R1": 1, "R2": 1, "R3": 2}
    assert plan.levels[0].kept == pytest.approx(0, abs=1e-7)


def test_one_that_would_be_split_over_two_sites_stands_at_one_or_nowhere() -> None:
    sites = [SITE, replace(SITE, code="S2"), replace(SITE, code="S3", capacity={"vcpu": (2.0, 2.0)})]
    plan = solve(small_problem([requirement("R1", 12.0), requirement("R2", 9.0)], sites, policy=EXACT))
    assert shares(plan) == {"R2": [1.0]}
    (short,) = plan.shortfalls
    assert (short.requirement, short.share, short.reasons[0].code) == ("R1", 1.0, "indivisible")
    assert short.reasons[0].amounts == {"share": pytest.approx(1.0)}


def test_prices_values_bounds_and_gaps_are_those_of_the_lp() -> None:
    divided = random_problem(1)
    whole, lp = solve(indivisible(divided, 1.0)), solve(divided)
    for level, other in zip(whole.levels, lp.levels, strict=True):
        ours, theirs = (
            (row.value, row.bound, row.gap, row.status, row.prices, row.whole_loss >= 0) for row in (level, other)
        )
        assert ours == theirs
    assert [pool.price for pool in whole.pools] == [pool.price for pool in lp.pools]
    assert any(level.whole_loss > 0 for level in whole.levels)


def test_what_comes_out_whole_by_itself_changes_nothing() -> None:
    rows = [requirement("R1", 6.0), requirement("R2", 4.0)]
    problem = small_problem(rows, [SITE], policy=EXACT)
    plan = solve(problem)
    other = solve(replace(problem, requirements=tuple(replace(row, divisible=True) for row in rows)))
    assert [row.whole_loss for row in plan.levels] == [0.0] * 5
    assert (plan.placements, plan.pools, plan.shortfalls) == (other.placements, other.pools, other.shortfalls)


def test_what_fits_nowhere_in_one_piece_is_not_granted() -> None:
    plan = solve(small_problem([requirement("R1", 12.0)], [SITE], policy=EXACT))
    assert (plan.placements, plan.shortfalls[0].reasons[0].code) == ((), "indivisible")


def best_whole_value(problem: Problem) -> float:
    """The least unmet size of all plans of `problem` in whole shares, each option tried."""
    instance = build_instance(problem)
    layout = build_layout(instance)
    choices = [[None, *list_options(instance, n)] for n in range(len(instance.requirements))]
    best = np.inf
    for plan in itertools.product(*choices):
        options = Options.of([option for option in plan if option is not None])
        entries = build_entries(instance, layout, options)
        use = np.bincount(entries.row, entries.value, len(layout))
        if (use <= layout.limits + 1e-9).all():
            best = min(best, float(use[layout.level["priority"]]) + layout.at_stake["priority"])
    return best


@pytest.mark.parametrize("seed", range(20))
def test_no_whole_plan_is_better_where_all_are_tried(seed: int) -> None:
    problem = indivisible(random_problem(seed, 5, 2, 2), 1.0)
    policy = Policy(levels=("priority",), tolerance=0.0, opex_limit=problem.policy.opex_limit)
    problem = replace(problem, policy=policy, expansions=())
    plan = solve(problem)
    assert_whole(problem, plan)
    (level,) = plan.levels
    best = best_whole_value(problem)
    assert best - 1e-9 <= level.kept <= best + 0.02 * max(best - level.value, 0.0) + 1e-6
    assert level.kept - level.whole_loss == pytest.approx(level.value, abs=1e-6)


def excesses_of(layout: Layout, targets: Floats, used: Floats) -> list[float]:
    """By how much a plan exceeds the targets, goal by goal, each relative to its unit."""
    found = []
    for level, row in layout.level.items():
        if level != "fairness":
            found.append(max(float(used[row] - targets[row]), 0.0) / unit_of(layout, targets, level))
            continue
        rows = layout.service[layout.service >= 0]
        if len(rows):
            below = np.maximum((used - targets)[rows], 0.0)
            lowest = max(float((used[rows] - targets[rows].max()).max()), 0.0)
            found += [lowest, float(below.sum())]
    return found


def unit_of(layout: Layout, targets: Floats, level: str) -> float:
    row, constant = layout.level[level], layout.at_stake[level]
    return max(abs(float(targets[row]) + constant), 1e-3 * (constant or float(layout.scale[row])))


def least_excesses(problem: Problem, targets: Floats) -> list[float]:
    """The same for the best whole plan, goal by goal, from the whole problem stated in PuLP with every option."""
    instance = build_instance(problem)
    layout = build_layout(instance)
    statement = state(instance, layout, list_all_options(instance))
    model, least = statement.model, []
    solver = pulp.HiGHS(msg=False, threads=1, mip_rel_gap=0, mip_abs_gap=1e-9, mip_feasibility_tolerance=1e-9)
    for grant, n in zip(statement.grant, statement.options.requirement.tolist(), strict=True):
        if instance.indivisible[n]:
            grant.cat, grant.upBound = pulp.LpInteger, 1

    def seek(goal: Sequence[tuple[pulp.LpVariable, float]]) -> float:
        model.setObjective(pulp.LpAffineExpression(list(goal)))
        solver.actualSolve(model)
        assert model.solverModel.getModelStatus().name == "kOptimal"
        return float(pulp.value(model.objective))

    for position, (level, row) in enumerate(layout.level.items()):
        if level != "fairness":
            excess = model.add_variable(f"excess_{position}", 0)
            terms = [*level_terms(statement, level), (excess, -1.0)]
            model += pulp.LpAffineExpression(terms) <= float(targets[row])
            reached = seek([(excess, 1.0 / unit_of(layout, targets, level))])
            excess.upBound = (reached + ROOM) * unit_of(layout, targets, level)
            least.append(reached)
            continue
        rows = {m: at for m, at in enumerate(layout.service.tolist()) if at >= 0}
        if not rows:
            continue
        highest = max(float(targets[at]) for at in rows.values())
        lowest = model.add_variable("excess_lowest", 0)
        each = {m: model.add_variable(f"excess_of_{m}", 0) for m in rows}
        for m, at in rows.items():
            served = [(grant, -share) for grant, share in service_terms(statement, m)]
            model += pulp.LpAffineExpression([*served, (lowest, -1.0)]) <= highest
            model += pulp.LpAffineExpression([*served, (each[m], -1.0)]) <= float(targets[at])
        least.append(seek([(lowest, 1.0)]))
        lowest.upBound = least[-1] + ROOM
        least.append(seek([(excess, 1.0) for excess in each.values()]))
        for excess in each.values():
            excess.upBound = float(pulp.value(excess)) + ROOM
    return least


def test_nobody_is_granted_more_than_everything() -> None:
    """A small MILP keeps its rows to a millionth, which is more than the certificate allows."""
    options, nothing = Options.of([(1, 0, -1, 0), (1, 1, -1, 0), (3, 0, -1, 0), (4, 0, -1, 0)]), np.zeros((0, 2))
    solution = Solution(options, np.array([0.6, 0.4000013, 1.0000013, 0.25]), nothing, {}, (), np.zeros(0))
    shares = tidy(solution).shares
    assert shares[0] + shares[1] == pytest.approx(1.0, abs=1e-15)
    assert shares[2:].tolist() == [1.0, 0.25]


def whole_plan(problem: Problem, scope: Scope) -> tuple[Layout, Floats, Floats]:
    """The layout, the targets that the LP's plan gives, and what the whole plan uses of every row."""
    instance = build_instance(problem)
    layout = build_layout(instance)
    divided = tidy(optimise(instance, layout))
    whole = place_whole(instance, layout, divided, tick=lambda: None, is_late=lambda: False, scope=scope)
    assert not len(find_split(instance, whole.options, whole.shares))

    def used(solution: Solution) -> Floats:
        shared = np.zeros(len(stated.top))
        for (e, t), column in stated.modules.items():
            shared[column] = solution.modules[e, t]
        for row, column in stated.giving.items():
            shared[column] = solution.given[layout.names[row]]
        return row_use(instance, layout, solution.options, solution.shares) + stated.coefficients @ shared

    stated = read_statement(instance, layout)
    return layout, np.maximum(divided.limits, used(divided)), used(whole)


@pytest.mark.parametrize("share", [0.4, 1.0])
@pytest.mark.parametrize("seed", range(20))
def test_a_direct_milp_over_every_option_finds_nothing_better(seed: int, share: float) -> None:
    problem = indivisible(random_problem(seed, 8, 3, 2), share, seed)
    layout, targets, used = whole_plan(problem, EVERYTHING)
    ours, least = excesses_of(layout, targets, used), least_excesses(problem, targets)
    for ours_of, least_of in zip(ours, least, strict=True):
        assert ours_of == pytest.approx(least_of, abs=1e-4)


@pytest.mark.parametrize("seed", range(10))
def test_the_usual_effort_never_beats_the_direct_milp_and_seldom_misses_it(seed: int) -> None:
    problem = indivisible(random_problem(seed, 8, 3, 2), 0.4, seed)
    layout, targets, used = whole_plan(problem, Scope())
    ours, least = excesses_of(layout, targets, used), least_excesses(problem, targets)
    assert [round(goal, 4) for goal in ours] >= [round(goal, 4) for goal in least]


@pytest.mark.parametrize("share", [0.3, 1.0])
@pytest.mark.parametrize("seed", range(20))
def test_random_problems_are_placed_whole(seed: int, share: float) -> None:
    problem = indivisible(random_problem(seed), share, seed)
    plan = solve(problem)
    assert_whole(problem, plan)
    assert read_plan(dump_plan(plan)) == plan
    unserved = {row.requirement: row for row in plan.shortfalls}
    for row in problem.requirements:
        if not row.divisible and row.code in unserved and row.code not in shares(plan):
            assert unserved[row.code].share == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(10))
def test_the_order_of_rows_does_not_change_a_whole_plan(seed: int) -> None:
    problem, chance = indivisible(random_problem(seed), 0.5, seed), np.random.default_rng(seed)
    names = ("resource_types", "ministries", "agencies", "sites", "requirements", "expansions", "staff")
    mixed: dict[str, Any] = {}
    for name in names:
        rows = getattr(problem, name)
        mixed[name] = tuple(rows[n] for n in chance.permutation(len(rows)))
    plan, other = solve(problem), solve(replace(problem, **mixed))
    assert dump_plan(plan, with_seconds=False) == dump_plan(other, with_seconds=False)


def test_wholeness_costs_little_where_a_tenth_may_not_be_divided() -> None:
    problem = indivisible(bench_problem(500, 5), 0.1, 1)
    plan = solve(problem)
    assert_whole(problem, plan)
    levels = {level.name: level for level in plan.levels}
    assert levels["statutory"].whole_loss == 0
    assert levels["fairness"].whole_loss < 2e-3


@pytest.mark.parametrize(
    ("grants", "refused"), [((1.0,), False), ((0.5,), True), ((0.5, 0.5), True), ((0.9999999,), True), ((), False)]
)
def test_the_certificate_refuses_what_is_not_whole(grants: tuple[float, ...], *, refused: bool) -> None:
    problem = small_problem([ROW], [SITE, replace(SITE, code="S2")], policy=EXACT)
    (placed,) = solve(problem).placements
    rows = [replace(placed, site=f"S{n}", share=share) for n, share in enumerate(grants, start=1)]
    found = certify(problem, rows, (), ())
    assert (found.feasible, found.worst_rule) == ((False, "whole/R1") if refused else (True, ""))
    divisible = replace(problem, requirements=(replace(ROW, divisible=True),))
    assert certify(divisible, rows, (), ()).feasible
