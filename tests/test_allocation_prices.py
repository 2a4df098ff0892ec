"""A price is what one more unit of its pool is worth, in the level that it names: proved by solving again."""

import os
from dataclasses import replace

import pytest

from planner.allocation import Expansion, Plan, Policy, PoolUse, Problem, Requirement, Site, Staff, solve
from planner.bench.problems import random_problem, small_problem

PROBLEMS = int(os.environ.get("RANDOM_PROBLEMS", "60"))
STEP = 1e-3
SITE = Site("S1", "central", "restricted", {"vcpu": (10.0, 10.0)}, running_cost={"vcpu": (3.0, 3.0)})
ROW = Requirement("R1", "a1", "open", {"vcpu": (20.0, 20.0)}, 2027)


def with_more(problem: Problem, pool: str, extra: float) -> Problem:
    """`problem` with the limit of a pool (any but staff) raised by `extra`, in the pool's unit."""
    *_, year = parts = pool.split("/")
    if parts[0] == "expansion":
        rows = (replace(row, max_modules=row.max_modules + extra * (row.code == year)) for row in problem.expansions)
        return replace(problem, expansions=tuple(rows))
    at = problem.fiscal_years.index(int(year))
    names = {"capex": "capex_limit", "opex": "opex_limit", "moves": "move_limit_tb"}
    if len(parts) == 2:
        name = names[parts[0]]
        limits = [limit if n != at else limit + extra for n, limit in enumerate(getattr(problem.policy, name))]
        return replace(problem, policy=replace(problem.policy, **{name: tuple(limits)}))
    code, resource, _ = parts
    sites = []
    for site in problem.sites:
        if site.code == code:
            usable = site.overcommit.get(resource, 1.0) * (1 - site.reserve_margin.get(resource, 0.0))
            series = list(site.capacity.get(resource, (0.0,) * len(problem.fiscal_years)))
            series[at] += extra / usable
            site = replace(site, capacity={**site.capacity, resource: tuple(series)})  # noqa: PLW2901
        sites.append(site)
    return replace(problem, sites=tuple(sites))


def reached(problem: Problem) -> float:
    """The value of the only level of `problem`, as something to make small."""
    (level,) = solve(problem).levels
    return -level.value if level.name == "fairness" else level.value


def pool_of(plan: Plan, name: str) -> PoolUse:
    return next(pool for pool in plan.pools if pool.pool == name)


@pytest.mark.parametrize("level", ["statutory", "fairness", "priority"])
@pytest.mark.parametrize("seed", range(PROBLEMS // 10))
def test_a_price_lies_between_the_differences_on_both_sides(level: str, seed: int) -> None:
    problem = random_problem(seed, 12)
    policy = replace(problem.policy, levels=(level,), floors={}, caps={}, pins={}, fairness="maxmin", staff_gate=False)
    problem = replace(problem, policy=policy)
    plan = solve(problem)
    value = reached(problem)
    for pool in sorted(plan.pools, key=lambda pool: -pool.price)[:4]:
        if pool.price == 0 or pool.limit <= STEP:
            continue
        assert pool.level == level
        gained = value - reached(with_more(problem, pool.pool, STEP))
        lost = reached(with_more(problem, pool.pool, -STEP)) - value
        noise = 1e-8 + 1e-4 * pool.price * STEP
        assert gained - noise <= pool.price * STEP <= lost + noise, pool


@pytest.mark.parametrize("seed", range(10))
def test_a_pool_with_room_has_no_price_and_no_pool_a_negative_one(seed: int) -> None:
    problem = random_problem(seed)
    problem = replace(problem, policy=replace(problem.policy, levels=("priority",), floors={}, caps={}, pins={}))
    for pool in solve(problem).pools:
        assert pool.price >= 0
        assert (pool.level is None) == (pool.price == 0)
        if pool.use < pool.limit * (1 - 1e-6) - 1e-6:
            assert pool.price == 0, pool


def test_what_is_short_is_priced_by_what_it_would_serve() -> None:
    plan = solve(small_problem([ROW], [SITE], policy=Policy(levels=("priority",))))
    # A vCPU in both years serves 1/20 of a requirement of size 2 and weight 2; the plan needs both years' pools.
    prices = [pool_of(plan, f"S1/vcpu/{year}").price for year in (2027, 2028)]
    assert sum(prices) == pytest.approx(4 / 20)


def test_a_cheap_site_that_is_full_is_priced_by_what_it_saves() -> None:
    dear = replace(SITE, code="S2", capacity={"vcpu": (90.0, 90.0)}, running_cost={"vcpu": (8.0, 8.0)})
    plan = solve(small_problem([ROW], [SITE, dear], policy=Policy(tolerance=0.0)))
    pools = [pool_of(plan, f"S1/vcpu/{year}") for year in (2027, 2028)]
    assert sum(pool.price for pool in pools) == pytest.approx(2 * (8 - 3), rel=1e-5)
    assert {pool.level for pool in pools if pool.price > 0} == {"cost"}


def test_a_baht_of_budget_is_priced_by_what_it_buys() -> None:
    expansion = Expansion("E1", "S1", "vcpu", module_size=2.0, module_price=10.0, lead_years=0, max_modules=9)
    policy = Policy(levels=("priority",), capex_limit=(10.0, 0.0))
    plan = solve(small_problem([ROW], [SITE], expansions=(expansion,), policy=policy))
    assert pool_of(plan, "capex/2027").price == pytest.approx(4 / 20 * 2 / 10)
    bought = pool_of(plan, "S1/vcpu/2027")
    assert (bought.limit, bought.use) == pytest.approx((12, 12))


def test_a_modules_worth_stands_at_its_expansion_when_all_are_bought() -> None:
    expansion = Expansion("E1", "S1", "vcpu", module_size=2.0, module_price=10.0, lead_years=0, max_modules=1)
    plan = solve(small_problem([ROW], [SITE], expansions=(expansion,), policy=Policy(levels=("priority",))))
    pool = pool_of(plan, "expansion/E1")
    assert (pool.limit, pool.use) == pytest.approx((1, 1))
    assert pool.price == pytest.approx(4 / 20 * 2)


def test_one_more_steward_is_priced_by_what_one_could_look_after() -> None:
    row = replace(ROW, demand={"vcpu": (5.0, 5.0)}, staff_load={"steward": 4.0})
    staff = (Staff("a1", "steward", (1.0, 9.0)),)
    policy = Policy(levels=("priority",), staff_gate=True)
    plan = solve(small_problem([row], [SITE], staff=staff, policy=policy))
    # In 2028 there are enough: a start in that year serves the rest, so a steward in 2027 is worth that year's half.
    assert pool_of(plan, "staff/a1/steward/2027").price == pytest.approx(2 / 4)
