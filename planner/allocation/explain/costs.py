"""What a ministry's next unit of size costs, and what goals give up for fairness."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from planner.allocation.explain.adjust import without_level
from planner.allocation.explain.prices import improvements
from planner.allocation.explain.view import Single, View
from planner.allocation.plan import Plan
from planner.allocation.problem import Problem
from planner.allocation.solving import solve as solve_problem
from planner.errors import NotFoundError

Solve: TypeAlias = Callable[[Problem], Plan]


@dataclass(frozen=True, slots=True)
class MarginalCost:
    """THB for a ministry's next unit of size, at the prices of the level `cost`.

    `guarantee` is what the plan would cost more if one more unit of the ministry's size had to be granted, the levels
    above held: 0 where its guaranteed share does not bind. `resources` is what the cheapest unit that it is short of
    takes: running cost and what its pools are worth to others; `requirement` is whose it is. Both None if nothing is
    short or nothing could host it.
    """

    ministry: str
    guarantee: float
    resources: float | None
    requirement: str | None


@dataclass(frozen=True, slots=True)
class PriceOfFairness:
    """What each other level would gain, in its unit, without the level `fairness`, and the lowest service shares."""

    gains: Mapping[str, float]
    lowest_with: float
    lowest_without: float


def marginal_cost(view: View, ministry: str) -> MarginalCost:
    """The marginal cost of `ministry`; `NotFoundError` if it asks for nothing or the plan has no level `cost`."""
    if "cost" not in view.weights or all(row.ministry != ministry for row in view.plan.service):
        raise NotFoundError
    prices = view.weights["cost"]
    size = float(view.instance.ministry_size[view.instance.ministries.index(ministry)])
    per_share = prices.get(f"service/{ministry}", 0.0) + prices.get(f"floor/{ministry}", 0.0)
    of_ministry = {row.code for row in view.problem.agencies if row.ministry == ministry}
    short = [view.requirement(row.requirement) for row in view.plan.shortfalls]
    costs = [(_resources(view.single(row)), row.code) for row in short if row.agency in of_ministry]
    least, code = min(costs, default=(np.inf, ""))
    found = bool(np.isfinite(least))
    return MarginalCost(ministry, per_share / size, least if found else None, code if found else None)


def price_of_fairness(problem: Problem, *, solve: Solve = solve_problem) -> PriceOfFairness:
    """What fairness costs the other levels, by solving with it and without it.

    The gains are nothing, and the shares equal, where the policy has no other level or no fairness to begin with.
    """
    with_it = solve(problem)
    bare = without_level(problem, "fairness")
    without = solve(bare) if bare.policy.levels and bare.policy.levels != problem.policy.levels else with_it
    lowest = [min((row.share for row in plan.service), default=1.0) for plan in (with_it, without)]
    gains = improvements(with_it, without)
    gains.pop("fairness", None)
    return PriceOfFairness(gains, *lowest)


def _resources(single: Single) -> float:
    """THB of the cheapest unit of size: pools at their prices and running cost, over the size served; inf for none."""
    options, _ = single.best_by_site("cost")
    if not len(options):
        return float(np.inf)
    uses, layout = single.uses(options), single.layout
    counted = single.weights["cost"].copy()
    counted[layout.pools : layout.level["cost"]] = 0.0
    counted[layout.level["cost"] + 1 :] = 0.0
    ministry = single.instance.ministry[0]
    served = -uses[:, layout.service[ministry]] * single.instance.ministry_size[ministry]
    return float(np.divide(uses @ counted, served, out=np.full(len(options), np.inf), where=served > 0).min())
