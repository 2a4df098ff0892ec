"""Explanations of a stored plan: read off its prices, and proved by solving again."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest

from planner.allocation import (
    Expansion,
    Placement,
    Plan,
    Policy,
    Problem,
    Requirement,
    Site,
    Staff,
    dump_plan,
    read_plan,
    solve,
)
from planner.allocation.explain import (
    Change,
    View,
    apply_change,
    failover_drill,
    least_change,
    marginal_cost,
    module_value,
    open_view,
    pool_prices,
    price_of_fairness,
    price_range,
    prove_change,
    why_here,
    why_not,
)
from planner.allocation.problem import LEVELS
from planner.bench.problems import random_problem, small_problem
from planner.errors import NotFoundError

PROBLEMS = int(os.environ.get("RANDOM_PROBLEMS", "60"))
SITE = Site("S1", "central", "protected", {"vcpu": (10.0, 10.0)}, running_cost={"vcpu": (3.0, 3.0)})
DEAR = replace(SITE, code="S2", region="north", capacity={"vcpu": (90.0, 90.0)}, running_cost={"vcpu": (8.0, 8.0)})
ROW = Requirement("R1", "a1", "open", {"vcpu": (4.0, 4.0)}, 2027)


def solved(problem: Problem) -> Plan:
    """The plan as it is stored: explanations must live on that alone."""
    return read_plan(dump_plan(solve(problem)))


def viewed(problem: Problem) -> View:
    """`problem` with its stored plan, open."""
    return open_view(problem, solved(problem))


def plain(problem: Problem) -> Problem:
    """`problem` with the usual levels and nothing that policy forces."""
    policy = replace(problem.policy, levels=LEVELS, floors={}, caps={}, pins={}, staff_gate=False)
    return replace(problem, policy=policy)


# Why here, why not


def test_the_cheaper_site_is_why() -> None:
    problem = small_problem([ROW], [SITE, DEAR], policy=Policy(tolerance=0.0))
    (why,) = why_here(viewed(problem), "R1")
    assert why.other is not None
    assert (why.placement.site, why.other.site, why.level) == ("S1", "S2", "cost")
    assert why.dearer == pytest.approx(4 * 2 * (8 - 3))
    assert why.parts[0].name == "level/cost"
    assert (why.parts[0].here, why.parts[0].there) == (pytest.approx(24), pytest.approx(64))


def test_a_full_cheaper_site_is_dearer_by_what_its_pool_is_worth() -> None:
    rows = [replace(ROW, code=f"R{n}", demand={"vcpu": (10.0 + n, 10.0 + n)}) for n in range(3)]
    problem = small_problem(rows, [replace(SITE, capacity={"vcpu": (5.0, 5.0)}), DEAR], policy=Policy(tolerance=0.0))
    view = viewed(problem)
    found = [part for row in rows for why in why_here(view, row.code) for part in why.parts]
    found += [part for row in rows for part in why_not(view, row.code, "S1").parts]
    assert all(part.price > 0 for part in found)
    prices = {pool.pool: pool.price for pool in view.plan.pools}
    assert sum(prices[f"S1/vcpu/{year}"] for year in (2027, 2028)) == pytest.approx(2 * 5)
    # Whoever is at S2 would save as much running cost at S1 as its pools are worth: equal.
    assert {why_not(view, row.code, "S1").level for row in rows} == {None}


@pytest.mark.parametrize(
    ("rule", "row", "site"),
    [
        ("site_rule", replace(ROW, sites=("S2",)), SITE),
        ("region_rule", replace(ROW, regions=("north",)), SITE),
        ("clearance", replace(ROW, clearance="protected"), replace(SITE, clearance="open")),
        ("operating_years", ROW, replace(SITE, end=2027)),
        ("not_offered", ROW, replace(SITE, capacity={})),
        ("standby_region", replace(ROW, copies=2, sites=("S1",)), SITE),
    ],
)
def test_a_rule_is_named_first(rule: str, row: Requirement, site: Site) -> None:
    problem = small_problem([row], [site, DEAR])
    assert why_not(viewed(problem), "R1", "S1").rule == rule


def test_why_not_says_what_lacks_room() -> None:
    rows = [replace(ROW, demand={"vcpu": (30.0, 30.0)}, sites=("S1",))]
    problem = small_problem(rows, [SITE, DEAR])
    why = why_not(viewed(problem), "R1", "S1")
    assert why.rule is None
    # Two thirds of it are short of 20 vCPU in each year, and the site is its best home all the same.
    assert why.level is None or dict(why.lacking) == pytest.approx({"S1/vcpu/2027": 20, "S1/vcpu/2028": 20})


def test_an_equal_site_is_called_equal() -> None:
    twin = replace(SITE, code="S2")
    problem = small_problem([ROW], [SITE, twin])
    view = viewed(problem)
    (placement,) = view.plan.placements
    (other,) = {"S1", "S2"} - {placement.site}
    why = why_not(view, "R1", other)
    assert (why.rule, why.level, why.parts) == (None, None, ())


@pytest.mark.parametrize("seed", range(PROBLEMS // 6))
def test_no_other_home_is_cheaper_where_it_decides(seed: int) -> None:
    view = viewed(random_problem(seed))
    for code in sorted({row.requirement for row in view.plan.placements})[:6]:
        for why in why_here(view, code):
            assert why.dearer == pytest.approx(sum(part.dearer for part in why.parts))
            assert (why.level is None) == (why.dearer == 0)
            assert why.other is None or why.other.site != why.placement.site


def test_who_asks_for_what_is_not_there_is_told_so() -> None:
    problem = small_problem([ROW], [SITE])
    plan = solved(problem)
    view = open_view(problem, plan)
    for ask in (
        lambda: why_here(view, "R9"),
        lambda: why_not(view, "R1", "S9"),
        lambda: price_range(problem, plan, "S9/vcpu/2027"),
        lambda: module_value(problem, plan, "E9"),
        lambda: marginal_cost(view, "z"),
    ):
        with pytest.raises(NotFoundError):
            ask()


# The least change


def test_the_least_change_for_each_thing_that_can_lack() -> None:
    big = replace(ROW, demand={"vcpu": (12.0, 12.0)})
    expansion = Expansion("E1", "S1", "vcpu", module_size=2.0, module_price=10.0, lead_years=0, max_modules=0)
    steward = replace(ROW, staff_load={"steward": 2.0})
    moving = replace(ROW, demand={"tb": (4.0, 4.0)}, incumbent="S2")
    storage = replace(SITE, capacity={"tb": (9.0, 9.0)}, running_cost={})
    problems = {
        "capacity": small_problem([big], [SITE]),
        "site": small_problem([replace(big, demand={"vcpu": (12.0, 12.0), "tb": (3.0, 3.0)})],
                              [replace(SITE, capacity={"vcpu": (10.0, 10.0), "tb": (2.0, 2.0)})]),
        "expansion": small_problem([big], [SITE], expansions=(expansion,)),
        "capex": small_problem([big], [SITE], expansions=(replace(expansion, max_modules=9),),
                               policy=Policy(capex_limit=(5.0, 0.0))),
        "opex": small_problem([ROW], [SITE], policy=Policy(opex_limit=(6.0, None))),
        "staff": small_problem([steward], [SITE], staff=(Staff("a1", "steward", (1.0, 1.0)),),
                               policy=Policy(staff_gate=True)),
        "moves": small_problem([moving], [storage, replace(storage, code="S2", end=2027)],
                               policy=Policy(move_limit_tb=(0.0, 0.0))),
        "regions": small_problem([replace(ROW, regions=("north",))], [SITE, replace(DEAR, end=2027)]),
        "sites": small_problem([replace(ROW, sites=("S2",))], [SITE, replace(DEAR, end=2027)]),
    }  # fmt: skip
    expected = {
        "capacity": {"S1/vcpu/2027": 2, "S1/vcpu/2028": 2},
        "site": {"S1/tb/2027": 1, "S1/tb/2028": 1, "S1/vcpu/2027": 2, "S1/vcpu/2028": 2},
        "expansion": {"expansion/E1": 1},
        "capex": {"capex/2027": 5},
        "opex": {"opex/2027": 6},
        "staff": {"staff/a1/steward/2027": 1, "staff/a1/steward/2028": 1},
        "moves": {"moves/2027": 4},  # or in 2028
        "regions": {},
        "sites": {},
    }
    for kind, problem in problems.items():
        found = [row for row in least_change(viewed(problem), "R1") if row.change.kind == kind]
        assert {row.status for row in found} == {"proved"}, kind
        assert found[0].change.amounts == pytest.approx(expected[kind], rel=0.11), kind
        assert found[0].served == pytest.approx(1, abs=1e-3)


def shortfalls() -> Iterator[tuple[View, str]]:
    for seed in range(PROBLEMS // 6):
        view = viewed(plain(random_problem(seed)))
        for row in view.plan.shortfalls[:4]:
            yield view, row.requirement


def test_what_is_proved_serves_and_a_tenth_less_does_not() -> None:
    found: Counter[str] = Counter()
    for view, code in shortfalls():
        assert {row.status for row in least_change(view, code, solve=None)} <= {"unproved"}
        for remedy in least_change(view, code):
            found[remedy.status] += 1
            if remedy.status == "proved":
                assert prove_change(view.problem, remedy.change) >= 1 - 1e-3
                if remedy.change.amounts:
                    assert prove_change(view.problem, remedy.change.times(0.9)) < 1 - 1e-3
            if remedy.status == "refused":
                assert prove_change(view.problem, remedy.change) < 1 - 1e-3
    assert found["proved"] >= PROBLEMS // 10, found


def test_who_is_served_needs_no_change() -> None:
    problem = small_problem([ROW], [SITE])
    assert least_change(viewed(problem), "R1") == ()


def test_a_change_of_a_pool_that_was_never_there_makes_one() -> None:
    problem = small_problem([ROW], [replace(SITE, reserve_margin={"vcpu": 1.0})])
    changed = apply_change(problem, Change("R1", "capacity", {"S1/vcpu/2027": 4.0, "S1/vcpu/2028": 4.0}))
    assert solve(changed).shortfalls == ()


# Prices


def test_prices_name_their_unit_and_the_range_in_which_they_hold() -> None:
    problem = small_problem([ROW, replace(ROW, code="R2", priority="high")], [replace(SITE, capacity={"vcpu": (6, 9)})])
    problem = replace(problem, policy=Policy(levels=("priority",)))
    plan = solved(problem)
    (price,) = pool_prices(problem, plan)
    assert (price.pool, price.unit, price.level, price.level_unit) == (
        "S1/vcpu/2027", "vcpu", "priority", "weighted size"
    )  # fmt: skip
    # R2 (weight 4) has its 4; R1 (weight 2) has 2 of 4 and would take 2 more; with less than 4, R2 would lose.
    found = price_range(problem, plan, price.pool)
    assert (found.lowest, found.highest) == (pytest.approx(4, abs=0.2), pytest.approx(8, abs=0.3))


@pytest.mark.parametrize("seed", range(PROBLEMS // 10))
def test_a_price_holds_within_its_range(seed: int) -> None:
    problem = plain(random_problem(seed))
    plan = solved(problem)
    values = {level.name: level.value for level in plan.levels}
    for price in pool_prices(problem, plan)[:2]:
        found = price_range(problem, plan, price.pool)
        assert found.lowest <= price.limit <= found.highest
        for limit in (found.lowest, found.highest):
            change = Change("", "capacity", {price.pool: limit - price.limit})
            after = next(row for row in solve(apply_change(problem, change)).levels if row.name == price.level)
            gained = (after.value - values[price.level]) * (1 if price.level == "fairness" else -1)
            worth = price.price * (limit - price.limit)
            assert gained == pytest.approx(worth, rel=0.011, abs=4e-6 * max(abs(after.value), 1e-6))


def test_a_module_more_is_worth_what_it_serves() -> None:
    expansion = Expansion("E1", "S1", "vcpu", module_size=2.0, module_price=10.0, lead_years=0, max_modules=0)
    row = replace(ROW, demand={"vcpu": (20.0, 20.0)})
    problem = small_problem([row], [SITE], expansions=(expansion,), policy=Policy(tolerance=0.0))
    value = module_value(problem, solved(problem), "E1")
    assert list(value) == list(LEVELS)
    # 2 of 20 vCPU in both years, of weight 2; and it has to be paid for, and run.
    assert value["priority"] == pytest.approx(2 * 2 * 2 / 20)
    assert value["fairness"] == pytest.approx(0.1)
    assert value["cost"] == pytest.approx(-(10 + 2 * 2 * 3))


# Costs


def test_the_next_unit_of_size_costs_what_raising_the_guarantee_does() -> None:
    proved = 0
    for seed in range(PROBLEMS // 2):
        problem = plain(random_problem(seed, 15))
        problem = replace(problem, policy=replace(problem.policy, levels=("fairness", "cost"), tolerance=0.05))
        view = viewed(problem)
        for row in view.plan.service:
            cost = marginal_cost(view, row.ministry)
            if cost.guarantee == 0:
                continue
            step = 1e-3 * row.share
            floors = {row.ministry: row.share + step}
            after = solve(replace(problem, policy=replace(problem.policy, floors=floors)))
            values = {level.name: level.value for level in after.levels}
            before = {level.name: level.value for level in view.plan.levels}
            if values["policy"] > 1e-9 or values["fairness"] != pytest.approx(before["fairness"], rel=1e-6):
                continue  # beyond its range: a level above would change
            size = ministry_size(problem, row.ministry) * step
            paid = (values["cost"] - before["cost"]) / size
            assert paid >= cost.guarantee * (1 - 1e-3) - 1e-3
            proved += paid == pytest.approx(cost.guarantee, rel=1e-2)
    assert proved >= PROBLEMS // 10


def ministry_size(problem: Problem, ministry: str) -> float:
    """By the book: `docs/formulation.md`, "Data"."""
    agencies = {row.code for row in problem.agencies if row.ministry == ministry}
    total = 0.0
    for t, year in enumerate(problem.fiscal_years):
        asked: dict[str, float] = {}
        own: dict[str, float] = {}
        for row in problem.requirements:
            if row.start <= year <= (row.end or year):
                for code, series in row.demand.items():
                    asked[code] = asked.get(code, 0.0) + series[t]
                    own[code] = own.get(code, 0.0) + series[t] * (row.agency in agencies)
        total += sum(own[code] / asked[code] for code in asked if asked[code] > 0) / max(len(asked), 1)
    return total


def test_what_a_ministry_is_short_of_costs_its_running_cost_and_what_it_displaces() -> None:
    row = replace(ROW, demand={"vcpu": (20.0, 20.0)})
    problem = small_problem([row], [SITE], policy=Policy(levels=("priority", "cost"), tolerance=0.0))
    cost = marginal_cost(viewed(problem), "a")
    assert cost.requirement == "R1"
    assert cost.resources is not None
    assert cost.resources >= 2 * 20 * 3 / 2 - 1e-6  # both years of it are of size 2


def test_fairness_has_a_price() -> None:
    rows = [replace(ROW, priority="high", demand={"vcpu": (10.0, 10.0)}), replace(ROW, code="R2", agency="b1")]
    problem = small_problem(rows, [SITE], policy=Policy(tolerance=0.0))
    found = price_of_fairness(problem)
    assert found.lowest_with == pytest.approx(10 / 14, rel=1e-4)
    assert found.lowest_without < found.lowest_with
    assert found.gains["priority"] > 0
    assert "fairness" not in found.gains
    unfair = replace(problem, policy=Policy(levels=("priority",)))
    assert price_of_fairness(unfair).gains == {"priority": 0}


# The failover drill


def test_a_lost_site_takes_what_has_no_copy_and_what_copies_do_not_hold() -> None:
    rows = [
        replace(ROW, demand={"vcpu": (4.0, 4.0), "tb": (2.0, 2.0)}, copies=2),
        replace(ROW, code="R2", demand={"vcpu": (4.0, 4.0), "tb": (2.0, 2.0)}),
    ]
    sites = [replace(row, capacity={"vcpu": (9.0, 9.0), "tb": (9.0, 9.0)}) for row in (SITE, DEAR)]
    problem = small_problem(rows, sites, policy=Policy(standby_ratio={"vcpu": 0.5}))
    plan = replace(solved(problem), placements=(
        Placement("R1", "S1", "S2", 2027, 1.0), Placement("R2", "S1", None, 2028, 1.0),
    ))  # fmt: skip
    first, second = failover_drill(open_view(problem, plan))
    assert (first.site, first.paired, first.single) == ("S1", pytest.approx(1.0), pytest.approx(0.5))
    assert first.by_type == pytest.approx({"tb": 1.0, "vcpu": 0.5})
    assert first.survives == pytest.approx(0.75)
    assert first.lost == pytest.approx({"R1": 0.25, "R2": 0.5})
    assert (second.site, second.paired, second.single, second.survives, second.lost) == ("S2", 0, 0, 1, {})


@pytest.mark.parametrize("seed", range(PROBLEMS // 6))
def test_the_drill_counts_all_that_is_placed(seed: int) -> None:
    problem = random_problem(seed)
    drill = failover_drill(viewed(problem))
    assert [row.site for row in drill] == sorted(row.code for row in problem.sites)
    for row in drill:
        assert 0 <= row.survives <= 1
        assert sum(row.lost.values()) == pytest.approx(row.single + (1 - row.survives) * row.paired)
