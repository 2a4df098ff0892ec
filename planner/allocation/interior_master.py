"""The master solved by an interior point: near-exact prices at any size, shares spread over all that is best."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from planner.allocation.blocks import build_blocks, place_requirements
from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.interior import Interior, Point, Shared, let_in, solve_interior, take_over
from planner.allocation.layout import Layout, unmet_weight
from planner.allocation.master import MasterResult
from planner.allocation.options import Options, option_key
from planner.allocation.statement import Stated

WARM = 0.02
"""When more than this share of the options is new, only the values of the point met last are kept, not its prices."""


@dataclass(frozen=True, eq=False)
class _Met:
    """A point on the way to an optimum: keys of the options in the order of its shares, u of every requirement."""

    options: Ints
    u: Floats
    point: Point


class InteriorMaster:
    """The LP over the options at hand as `Master` has it, solved to a precision that grows from round to round.

    A level that is reached with nothing unmet is held by granting its requirements whole and from their first year: as
    a limit it would leave an interior point no interior.
    """

    precisions: ClassVar[tuple[float, ...]] = (1e-2, 1e-4, 1e-7, 1e-9)

    def __init__(self, instance: Instance, layout: Layout, stated: Stated) -> None:
        self._instance, self._layout, self._stated = instance, layout, stated
        self._place = place_requirements(instance)
        self._blocks = build_blocks(instance, layout, Options.none(), self._place)
        self._point: Point | None = None
        self._met: _Met | None = None
        self._near = False
        self._level = ""
        self._by_choice = np.zeros(len(layout), dtype=bool)
        self.limits = layout.limits.copy()
        self.whole: Flags = np.zeros(len(instance.requirements), dtype=bool)

    @property
    def options(self) -> Options:
        """The options at hand, in the order of the shares."""
        return self._blocks.options

    @property
    def rough(self) -> tuple[Floats, Floats]:
        """Shares of the options and values of the shared variables at the last point: near a plan, but not one."""
        if self._point is None:
            return np.zeros(len(self.options)), self._stated.nothing()
        return self._point.x, self._point.y

    def add(self, options: Options) -> None:
        """Let `options` enter; the caller adds none twice."""
        joined = Options.join([self._blocks.options, options])
        self._near &= len(options) <= WARM * len(self._blocks.options)
        self._blocks = build_blocks(self._instance, self._layout, joined, self._place)
        self._point = None

    def hold(self, level: str, limit: float, unmet: float) -> None:
        """Keep `level` at `limit`, or, where `unmet` is nothing, grant its requirements whole."""
        row = self._layout.level[level]
        self.limits[row] = limit
        weight = unmet_weight(self._instance, level)
        if weight.any() and unmet <= 1e-7 * self._layout.at_stake[level]:
            self._by_choice[row] = True
            self.limits[row] = -self._layout.at_stake[level]
            self.whole |= (weight > 0) & (self._instance.size.sum(axis=1) > 0)

    def settle(self, ministry: int, share: float) -> None:
        """Take a ministry out of the fairness floor and guarantee it `share` instead."""
        row = int(self._layout.service[ministry])
        self._stated.coefficients[row, self._stated.fairness] = 0.0
        self.limits[row] = -share
        self._point, self._near = None, False

    def solve(self, level: str, precision: float, seconds: float | None, tick: Callable[[], None]) -> MasterResult:
        """The least value of `level` over the options at hand, to `precision`; `tick` is called again and again.

        Unfinished if that precision was not reached; `seconds` are not looked at.
        """
        if level != self._level:
            self._level, self._point, self._near = level, None, False
            self._drop_partial()
        row, scale = self._layout.level[level], self._layout.scale
        costs = self._blocks.values(row) / scale[row]
        return self._solve(costs, self._stated.coefficients[row] / scale[row], row, precision, tick)

    def _solve(
        self, costs: Floats, shared_costs: Floats, row: int, precision: float, tick: Callable[[], None]
    ) -> MasterResult:
        scale, count = self._layout.scale, len(self._instance.requirements)
        rows = np.isfinite(self.limits) & ~self._by_choice
        coefficients = self._stated.coefficients[rows] / scale[rows, None]
        shared = Shared(coefficients, self.limits[rows] / scale[rows], shared_costs, self._stated.top)
        partial = np.sort(self._place[~self.whole])
        lp = Interior(self._blocks.over(rows), count, partial, costs, shared)
        start = self._point or self._start(lp)
        result = solve_interior(lp, precision, start, tick)
        if start is not None and not result.precise:
            result = solve_interior(lp, precision, None, tick)
        u = np.zeros(count)
        u[partial] = result.waypoint.u
        self._met = _Met(option_key(self._instance, self.options), u, result.waypoint)
        self._point, self._near = (result.point if result.precise else start or result.point), True
        multipliers, slack = np.zeros(len(scale)), np.full(len(scale), np.inf)
        multipliers[rows] = result.multipliers * scale[row] / scale[rows]
        slack[rows] = result.slack
        value = float((costs @ result.shares + shared_costs @ result.shared) * scale[row])
        return MasterResult(value, multipliers, slack, result.surplus[self._place] * scale[row], result.precise)

    def _start(self, lp: Interior) -> Point | None:
        """The point that was met last, as far as it fits what changed since."""
        if self._met is None:
            return None
        met, order = self._met.point, np.argsort(self._met.options)
        options = option_key(self._instance, self.options)
        at = order[np.minimum(np.searchsorted(self._met.options[order], options), len(order) - 1)]
        known = self._met.options[at] == options
        if self._near:
            return let_in(lp, met, np.where(known, met.x[at], np.nan), np.where(known, met.zx[at], np.nan))
        return take_over(lp, np.where(known, met.x[at], 0.0), self._met.u[lp.partial], met.y, met.s)

    def _drop_partial(self) -> None:
        """Drop the options that serve less than what must be granted whole."""
        options = self._blocks.options
        n = options.requirement
        late = (options.start > self._instance.start[n]) & (self._instance.home[n] < 0)
        if (late & self.whole[n]).any():
            kept = options.take(~(late & self.whole[n]))
            self._blocks = build_blocks(self._instance, self._layout, kept, self._place)

    def break_ties(self, level: str, preferences: Floats, tick: Callable[[], None]) -> Floats:
        """Drop every option that is not among the best for `level`, and weigh the rest by `preferences`.

        Returns the shares of the options that stay. The point is strictly complementary: an option has a share or costs
        more than the best.
        """
        row = self._layout.level[level]
        if self._point is not None and self._level == level:
            shares, slack = self._point.x, self._point.zx
            lead = np.zeros(len(self._instance.requirements))
            np.maximum.at(lead, self.options.requirement, shares)
            best = (shares > slack) | (shares >= lead[self.options.requirement])
            value = float(self._blocks.values(row) @ shares + self._stated.coefficients[row] @ self._point.y)
            stake = self._layout.at_stake[level] or float(self._layout.scale[row])
            if level != "fairness":
                self.limits[row] = value + 1e-7 * max(abs(value), 1e-3 * stake)
            before = option_key(self._instance, self.options)
            kept = self.options.take(best)
            self._blocks = build_blocks(self._instance, self._layout, kept, self._place)
            order = np.argsort(before)
            preferences = preferences[order[np.searchsorted(before[order], option_key(self._instance, self.options))]]
        self._point = self._met = None  # of values on a face this narrow a start makes nothing
        self._solve(preferences, np.zeros(len(self._stated.top)), row, 1e-5, tick)
        return np.zeros(len(self.options)) if self._point is None else self._point.x
