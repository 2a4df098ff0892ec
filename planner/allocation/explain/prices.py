"""What pools are worth, in which unit and range, and what one module more of an expansion would bring, by solving
again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from planner.allocation.explain.adjust import more_of_pool
from planner.allocation.plan import LevelResult, Plan, PoolUse
from planner.allocation.problem import Problem
from planner.allocation.solving import solve as solve_problem
from planner.errors import NotFoundError

Solve: TypeAlias = Callable[[Problem], Plan]
LEVEL_UNITS: Final[Mapping[str, str]] = {
    "policy": "share",
    "statutory": "size",
    "fairness": "share",
    "priority": "weighted size",
    "cost": "THB",
    "moves": "TB",
}
AGREES: Final = 0.01
"""A price holds as far as the difference between two plans is within this part of it."""
ROUNDING: Final = 2e-6
"""To what part of its value a level is known: the gap at which it is optimal, of two plans."""
FIRST_STEPS: Final = (0.01, 0.001)
"""First moves of a pool's limit, relative to it."""
HALVINGS: Final = 4


@dataclass(frozen=True, slots=True)
class PoolPrice:
    """A pool's price: `level_unit` of `level` per `unit` of the pool; `limit` and `use` in `unit`."""

    pool: str
    unit: str
    limit: float
    use: float
    price: float
    level: str
    level_unit: str


@dataclass(frozen=True, slots=True)
class PriceRange:
    """The limits of the pool, all else equal, between which its price holds to within a hundredth.

    A bound equal to the pool's limit says that the price does not hold on that side at all.
    """

    price: PoolPrice
    lowest: float
    highest: float


def pool_prices(problem: Problem, plan: Plan) -> tuple[PoolPrice, ...]:
    """Every pool with a price, by level in strict order and what its whole limit is worth there, the dearest first."""
    order = [level.name for level in plan.levels]
    prices = [_pool_price(problem, pool) for pool in plan.pools if pool.level is not None]
    return tuple(sorted(prices, key=lambda row: (order.index(row.level), -row.price * row.limit, row.pool)))


def pool_unit(problem: Problem, pool: str) -> str:
    """The unit of a pool: of its resource type, THB, modules or FTE; of the movable resource types for moves."""
    head, *rest = pool.split("/")
    if len(rest) == 1:
        movable = "+".join(sorted({row.unit for row in problem.resource_types if row.movable}))
        return {"capex": "THB", "opex": "THB", "expansion": "modules", "moves": movable}[head]
    if len(rest) == 3:
        return "FTE"
    return next(row.unit for row in problem.resource_types if row.code == rest[0])


def price_range(problem: Problem, plan: Plan, pool: str, *, solve: Solve = solve_problem) -> PriceRange:
    """How far the limit of `pool` may move before its price changes, found by solving with it moved.

    `NotFoundError` for a pool that the plan does not have or that has no price.
    """
    row = next((row for row in plan.pools if row.pool == pool and row.level is not None), None)
    if row is None:
        raise NotFoundError
    price = _pool_price(problem, row)
    before = _level(plan, price.level)

    def holds(change: float) -> bool:
        after = _level(solve(more_of_pool(problem, pool, change)), price.level)
        noise = ROUNDING * max(abs(before.value), abs(after.value))
        return abs(improvement(before, after) - price.price * change) <= AGREES * price.price * abs(change) + noise

    # Purchases are part of a plan's limit and cannot be taken away; down to them the limit is the problem's own.
    down = _farthest(lambda size: holds(-size), price.limit, price.limit)
    up = _farthest(holds, price.limit or 1.0, 16 * (price.limit or 1.0))
    return PriceRange(price, price.limit - down, price.limit + up)


def module_value(problem: Problem, plan: Plan, expansion: str, *, solve: Solve = solve_problem) -> dict[str, float]:
    """What one more module of `expansion` to buy improves each level by, in its unit and in strict order."""
    if all(row.code != expansion for row in problem.expansions):
        raise NotFoundError
    return improvements(plan, solve(more_of_pool(problem, f"expansion/{expansion}", 1.0)))


def improvements(before: Plan, after: Plan) -> dict[str, float]:
    """By how much each level that both plans have is better in `after`, in its unit and in strict order."""
    levels = {level.name: level for level in after.levels}
    return {level.name: improvement(level, levels[level.name]) for level in before.levels if level.name in levels}


def improvement(before: LevelResult, after: LevelResult) -> float:
    """By how much a level's value is better in `after`; fairness is better the greater it is, all others the
    smaller."""
    gain = after.value - before.value
    return gain if before.name == "fairness" else -gain + 0.0


def _farthest(holds: Callable[[float], bool], limit: float, most: float) -> float:
    """The farthest move up to `most` at which the price holds, to a sixteenth of the last step; 0 if at none."""
    reached = next((step * limit for step in FIRST_STEPS if holds(step * limit)), 0.0)
    if not reached:
        return 0.0
    broken = None
    for size in _doublings(reached, most):
        if not holds(size):
            broken = size
            break
        reached = size
    for _ in range(HALVINGS if broken is not None else 0):
        middle = (reached + (broken or reached)) / 2
        reached, broken = (middle, broken) if holds(middle) else (reached, middle)
    return reached


def _doublings(first: float, most: float) -> Iterator[float]:
    size = 2 * first
    while size < most:
        yield size
        size *= 2
    yield most


def _pool_price(problem: Problem, pool: PoolUse) -> PoolPrice:
    level = str(pool.level)
    unit = pool_unit(problem, pool.pool)
    return PoolPrice(pool.pool, unit, pool.limit, pool.use, pool.price, level, LEVEL_UNITS[level])


def _level(plan: Plan, name: str) -> LevelResult:
    return next(level for level in plan.levels if level.name == name)
