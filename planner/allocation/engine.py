"""Solving level by level: price, let better options enter the master, and stop when value and bound meet.

`docs/formulation.md`, "How to solve it". Every level's bound comes from pricing all options of all requirements at the
master's prices (weak duality), never from the solver's word.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.allocation.instance import Floats, Instance
from planner.allocation.layout import Layout
from planner.allocation.master import Master, MasterResult, option_key
from planner.allocation.options import Options
from planner.allocation.plan import SolveStatus
from planner.allocation.pricing import Best, price, price_tables, spread_prices

GAP = 1e-6
SLACK = 1e-8
"""What a held level may lose to rounding, relative to what is at stake."""


@dataclass(frozen=True)
class Progress:
    """How far a solve is: which level, which round of it, and the gap proven so far (None before the first)."""

    level: str
    round: int
    gap: float | None


@dataclass(frozen=True, eq=False)
class LevelOutcome:
    """What one level came to, with the row prices (>= 0, in the level's unit) at its optimum."""

    name: str
    value: float
    bound: float
    gap: float
    status: SolveStatus
    seconds: float
    multipliers: Floats


@dataclass(frozen=True, eq=False)
class Solution:
    """Shares of options, values of the shared variables, and every level's outcome."""

    options: Options
    shares: Floats
    modules: Floats  # (E, T)
    given: dict[str, float]
    levels: tuple[LevelOutcome, ...]


def optimise(
    instance: Instance,
    layout: Layout,
    progress: Callable[[Progress], None] | None = None,
    time_limit: float | None = None,
) -> Solution:
    """The levels of `instance` in strict order, each held at what it reached within the policy's tolerance."""
    run = _Run(instance, layout, progress or (lambda _: None), time_limit)
    outcomes = tuple(run.reach(level) for level in layout.levels)
    return run.solution(outcomes)


class _Run:
    """One solve: the master, the options it knows, and the clock."""

    def __init__(
        self, instance: Instance, layout: Layout, progress: Callable[[Progress], None], time_limit: float | None
    ) -> None:
        self._instance, self._layout = instance, layout
        self._progress = progress
        self._deadline = None if time_limit is None else time.monotonic() + time_limit
        self._master = Master(instance, layout)
        self._known = np.zeros(0, dtype=np.int64)
        self._settled = np.full(len(instance.ministries), np.nan)
        self._enter(_first_options(instance, layout))

    def reach(self, level: str) -> LevelOutcome:
        """Optimise `level` and hold it for those below."""
        began = time.perf_counter()
        result, bound, gap = self._descend(level)
        first = result
        if level == "fairness":
            while self._settle_lowest(result) and self._instance.policy.fairness == "leximin":
                result, _, round_gap = self._descend(level)
                gap = max(gap, round_gap)
            self._keep_service()
        constant = self._layout.at_stake[level]
        value = first.value + constant
        if level != "fairness":
            tolerance = self._instance.policy.tolerance * abs(value)
            rounding = SLACK * max(constant, abs(value), self._layout.scale[self._layout.level[level]])
            self._master.hold(self._layout.level[level], first.value + tolerance + rounding)
        sign = -1.0 if level == "fairness" else 1.0
        return LevelOutcome(
            name=level,
            value=max(sign * value, 0.0) + 0.0,
            bound=sign * (bound + constant) + 0.0,
            gap=gap,
            status="optimal" if gap <= GAP else "feasible",
            seconds=time.perf_counter() - began,
            multipliers=first.multipliers,
        )

    def solution(self, levels: tuple[LevelOutcome, ...]) -> Solution:
        """What the last solve granted and bought."""
        shared = self._master.shared_values
        modules = np.zeros((len(self._instance.expansions), len(self._instance.years)))
        for (e, t), column in self._master.modules.items():
            modules[e, t] = shared[column]
        given = {self._layout.names[row]: float(shared[column]) for row, column in self._master.giving.items()}
        return Solution(self._master.options, self._master.shares, modules, given, levels)

    def _descend(self, level: str) -> tuple[MasterResult, float, float]:
        """Solve and price in turn until the gap closes or no option improves: last result, bound and gap."""
        bound = -1.0 if level == "fairness" else -self._layout.at_stake[level]
        rounds = 0
        while True:
            result = self._master.solve(level, self._seconds_left())
            best, round_bound = self._price(level, result)
            bound = max(bound, round_bound)
            gap = self._gap(level, result.value, bound)
            rounds += 1
            self._progress(Progress(level, rounds, gap))
            if gap <= GAP / 10 or not result.finished or not self._enter(self._improving(best, result)):
                return result, bound, gap

    def _price(self, level: str, result: MasterResult) -> tuple[Best, float]:
        """Every requirement's best option at the master's prices, and the bound that they prove together."""
        weights = result.multipliers.copy()
        row = self._layout.level[level]
        weights[row] = 1.0
        best = price(self._instance, spread_prices(self._instance, self._layout, weights))
        held = np.isfinite(self._master.limits)
        bound = np.minimum(best.cost, 0.0).sum() - result.multipliers[held] @ self._master.limits[held]
        multipliers = np.where(held, result.multipliers, 0.0)
        multipliers[row] = 1.0
        shared = multipliers @ self._master.coefficients
        return best, float(bound + np.minimum(shared, 0.0) @ self._master.upper)

    def _improving(self, best: Best, result: MasterResult) -> Options:
        """Options cheaper than what their requirement has in the master."""
        n = best.options.requirement
        gain = -best.cost[n] - result.surplus[n]
        return best.options.take(gain > 1e-12 * max(1.0, float(result.surplus.max(initial=0.0))))

    def _enter(self, options: Options) -> bool:
        """Let those of `options` enter that the master does not know; whether there was any."""
        keys = option_key(self._instance, options)
        new = ~np.isin(keys, self._known)
        if not new.any():
            return False
        self._master.add(options.take(new))
        self._known = np.concatenate([self._known, keys[new]])
        return True

    def _settle_lowest(self, result: MasterResult) -> bool:
        """Settle the ministries that cannot rise above the present floor; whether any other is left to raise.

        A service row with a positive price binds in every optimal plan, so its ministry cannot rise.
        """
        floor = -result.value
        service = self._layout.service
        rising = np.flatnonzero((service >= 0) & np.isnan(self._settled))
        stuck = rising[result.multipliers[service[rising]] > 1e-7]
        if not len(stuck) or self._instance.policy.fairness == "maxmin" or floor >= 1 - SLACK:
            stuck = rising
        for m in stuck.tolist():
            self._settled[m] = floor
            self._master.settle_service(m, floor - SLACK)
        return len(stuck) < len(rising)

    def _keep_service(self) -> None:
        """Hold every settled ministry at its share, less the policy's tolerance."""
        for m in np.flatnonzero(~np.isnan(self._settled)).tolist():
            self._master.settle_service(m, self._settled[m] * (1 - self._instance.policy.tolerance) - SLACK)

    def _gap(self, level: str, value: float, bound: float) -> float:
        """|value - bound| relative to the level's value, with a floor at a thousandth of what is at stake."""
        constant = self._layout.at_stake[level]
        stake = constant or float(self._layout.scale[self._layout.level[level]])
        largest = max(abs(value + constant), abs(bound + constant), 1e-3 * stake)
        return abs(value - bound) / largest

    def _seconds_left(self) -> float | None:
        return None if self._deadline is None else max(0.0, self._deadline - time.monotonic())


def _first_options(instance: Instance, layout: Layout) -> Options:
    """For every requirement and site the earliest start, each with the standby site that is cheapest to run."""
    nothing = np.zeros(len(layout))
    if "cost" in layout.level:
        nothing[layout.level["cost"]] = 1.0
    found = [Options.none()]
    for rows, table in price_tables(instance, spread_prices(instance, layout, nothing)):
        possible = np.isfinite(table.total)
        i, s = np.nonzero(possible.any(axis=2))
        t = possible.argmax(axis=2)[i, s]
        found.append(Options(rows[i], s, table.standby[i, s, t], t))
    return Options.join(found)
