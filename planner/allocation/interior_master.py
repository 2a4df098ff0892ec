"""The master solved by an interior point: near-exact prices at any size, shares spread over all that is best."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.allocation.columns import build_whole, idle_staff
from planner.allocation.floors import Floors
from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.interior import (
    HALFWAY,
    Interior,
    InteriorResult,
    Point,
    Shared,
    let_in,
    solve_interior,
    take_over,
)
from planner.allocation.layout import GAP, POLICY, SLACK, Layout, unmet_weight
from planner.allocation.master import MasterResult
from planner.allocation.option_matrix import build_matrix
from planner.allocation.options import Options, option_key
from planner.allocation.statement import Stated

FAR = 1000.0
"""A point suits new options if none makes slacks grow by more than so many average products of its pairs."""
CENTRAL = 2e-2
"""The gap of a point that is still well within all limits."""
NARROW = 0.1
"""With an error above this part of the gap that proves a level, the level may yet stay unproven: better begin anew."""
TIES = 1e-8
WEIGHT = 1e-5
LOOSE = 1e-3
"""Ties are broken by preferences of this weight beside scaled costs of about one, at points of the first precision.

They begin at a point with a gap of at least the last: a finer one lies too near its bounds to suit other costs.
"""
TOLD = 1e-5
"""What a pair may be worth on average beside a preference: with more, shares stay spread over what preferences tell."""


@dataclass(frozen=True, eq=False)
class Met:
    """A waypoint: keys of the options in the order of its shares, and its relative gap."""

    options: Ints
    gap: float
    point: Point


class InteriorMaster:
    """The LP over the options at hand as `Master` has it, solved to a precision that grows from round to round.

    A level is proven by a `gap` of that much.

    A level that is reached with nothing unmet is held by granting its requirements whole and from their first year: as
    a limit it would leave an interior point no interior.
    """

    def __init__(self, instance: Instance, layout: Layout, stated: Stated, gap: float = GAP) -> None:
        self._instance, self._layout, self._gap = instance, layout, gap
        self._stated = stated.without_pins(layout)
        self.precisions: tuple[float, ...] = (1e-2, min(1e-3, 100 * gap), gap / 10, gap / 1000, gap / 10_000)
        self._at_hand = build_matrix(instance, layout)
        self._place = self._at_hand.place
        self._whole = build_whole(instance, layout)
        self._point: Point | None = None
        self._met: list[Met] = []
        self._near = False
        self._level = ""
        self._by_choice = np.zeros(len(layout), dtype=bool)
        self._floors = Floors()
        self.fixed = Options.none()
        self.limits = layout.limits.copy()
        self._pins = layout.pin[layout.pin >= 0]
        self._idle = idle_staff(instance, layout)
        self._rows = self._limited()
        self.whole: Flags = np.zeros(len(instance.requirements), dtype=bool)

    @property
    def options(self) -> Options:
        """The options at hand, in the order of the shares; to be granted nothing is not among them."""
        return self._at_hand.options.take(self._somewhere)

    @property
    def _somewhere(self) -> Flags:
        return self._at_hand.options.site >= 0

    def central(self) -> tuple[Floats, float]:
        """Prices (rows,) and the average product of the pairs at a point well within all limits on the way to the last.

        Both are in the level's unit.
        """
        point = next((met for met in self._met if met.gap <= CENTRAL), self._met[-1]).point
        scale = self._layout.scale
        unit = scale[self._layout.level[self._level]]
        prices = np.zeros(len(scale))
        prices[self._rows] = np.maximum(-point.rho, 0.0) * unit / scale[self._rows]
        self._charge_pins(prices, np.zeros(len(self._at_hand.options)))
        return prices, point.gap() / point.count() * unit

    @property
    def rough(self) -> tuple[Floats, Floats]:
        """Shares of the options and values of the shared variables at the last point: near a plan, but not one."""
        if self._point is None:
            return np.zeros(len(self.options)), self._stated.nothing()
        values = self._point.values
        return values.x[self._somewhere], values.y[: len(self._stated.top)]

    def add(self, options: Options) -> None:
        """Let `options` enter; the caller adds none twice."""
        self._at_hand = self._at_hand.join(self._instance, self._layout, options)
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
        """Take a ministry out of the fairness floor and guarantee it `share` instead while the others rise."""
        row = int(self._layout.service[ministry])
        self._stated.coefficients[row, self._stated.fairness] = 0.0
        self.limits[row] = -share
        self._floors.settle(row, share)
        self._point, self._near = None, False

    def keep(self, ministry: int, share: float) -> None:
        """Guarantee `share`, less rounding, to a ministry that is settled, now that none rises any more."""
        self.limits[self._layout.service[ministry]] = SLACK - share
        self._floors = Floors()
        self._point, self._near = None, False

    def solve(self, level: str, precision: float, seconds: float | None, tick: Callable[[], None]) -> MasterResult:
        """The least value of `level` over the options at hand, to `precision`; `tick` is called again and again.

        Unfinished if neither that precision was reached nor the gap that proves a level; `seconds` are not looked at.
        """
        if level != self._level:
            self._level, self._point, self._near = level, None, False
            self._drop_wanting()
        row, scale = self._layout.level[level], self._layout.scale
        costs = self._at_hand.values(row) / scale[row]
        return self._solve(costs, self._stated.coefficients[row] / scale[row], row, precision, tick)

    def _solve(
        self, costs: Floats, shared_costs: Floats, row: int, precision: float, tick: Callable[[], None]
    ) -> MasterResult:
        scale, floors, given = self._layout.scale, self._floors, len(shared_costs)
        self._rows = rows = self._limited()
        while True:
            lp = self._state(rows, costs, shared_costs)
            start = self._point or self._start(lp)
            result = solve_interior(lp, precision, start, tick)
            enough = max(precision, self._gap)
            if start is not None and result.error > max(precision, NARROW * self._gap):
                result = min(result, solve_interior(lp, precision, None, tick), key=lambda found: found.error)
            self._remember(result)
            objective = float(costs @ result.shares + lp.shared.costs @ result.shared)
            error, reached = result.error * (1.0 + abs(objective)), result.shared[given:]
            hold = floors.hold(reached, error)
            finished = result.error <= enough and hold
            if result.error > enough or hold or not floors.steepen():
                break
            self._point, self._near = None, False
        self._point, self._near = (result.point if finished else start or result.point), True
        multipliers, slack = np.zeros(len(scale)), np.full(len(scale), np.inf)
        multipliers[rows] = result.multipliers * scale[row] / scale[rows]
        slack[rows] = result.slack
        self._charge_pins(multipliers, result.point.slacks.x * scale[row])
        slack[self._pins] = 0.0
        short = float(floors.prices @ floors.short(reached))
        value = (objective + float(floors.prices @ reached) + short) * scale[row] + float(self._whole_use()[row])
        weights = multipliers.copy()
        weights[row] = 1.0
        whole = self._whole
        paid = np.bincount(whole.column, whole.value * weights[whole.row], len(self._place))
        surplus = result.surplus[self._place] * scale[row] - paid
        owed = (error + short) * scale[row]
        return MasterResult(value, multipliers, slack, surplus, finished, owed, nearest=result.error > precision)

    def _limited(self) -> Flags:
        """The rows that are limits of the LP, (rows,)."""
        limited = np.isfinite(self.limits) & ~self._by_choice & ~self._idle
        limited[self._pins] = False
        return limited

    def _charge_pins(self, multipliers: Floats, slacks: Floats) -> None:
        """Set what pins cost beside these multipliers: what it is worth to stand elsewhere, up to their level's charge.

        `slacks` are what each option at hand costs more than the best, in the level's unit, with that charge in them.
        """
        if not len(self._pins):
            return
        charge = 1.0 if self._level == POLICY else float(multipliers[self._layout.level[POLICY]])
        n, pin = self._at_hand.options.requirement, self._instance.pin
        least = np.full((2, len(pin)), np.inf)
        np.minimum.at(least, ((self._at_hand.options.site == pin[n]).astype(np.int64), n), slacks)
        elsewhere, there = np.where(np.isfinite(least), least, 0.0)[:, pin >= 0]
        multipliers[self._layout.pin[pin >= 0]] = charge - np.clip(elsewhere - there, 0.0, charge)

    def _remember(self, result: InteriorResult) -> None:
        """Keep the waypoints of a solve."""
        keys = self._keys()
        self._met.extend(Met(keys, way.gap, way.point) for way in result.waypoints)

    def _keys(self) -> Ints:
        return option_key(self._instance, self._at_hand.options)

    def _whole_use(self) -> Floats:
        """What all choices granted whole add to rows that ask for service: their limits are of what is left wanting."""
        whole = self._whole
        at_hand = self._place[whole.column] >= 0
        use: Floats = np.bincount(whole.row[at_hand], whole.value[at_hand], len(self.limits)).astype(np.float64)
        return use

    def _state(self, rows: Flags, costs: Floats, shared_costs: Floats) -> Interior:
        """The LP over the options at hand and those of the rows, scaled, with floors as further shared variables."""
        floors, scale, limits = self._floors, self._layout.scale[rows], self.limits.copy()
        raised = np.zeros((len(limits), len(floors.shares)))
        for row, floor in floors.floor_of.items():
            raised[row, floor], limits[row] = 1.0, 0.0
        limits -= self._whole_use()
        shared = Shared(
            coefficients=np.hstack([self._stated.coefficients, raised])[rows] / scale[:, None],
            limits=limits[rows] / scale,
            costs=np.concatenate([shared_costs, -floors.prices]),
            top=np.concatenate([self._stated.top, np.ones(len(floors.shares))]),
        )
        return Interior(self._at_hand.over(rows), costs, shared)

    def _start(self, lp: Interior, least: float = 0.0) -> Point | None:
        """Where to begin after a change, from the points met before; None if there are none.

        After new options: the finest point that suits them and has a gap of `least`. After another change: the values
        half-way between a coarse point, which is well within all limits, and the last.
        """
        while self._near:
            met = self._met[-1]
            known, at = self._known_to(met)
            x, zx = met.point.values.x[at], met.point.slacks.x[at]
            start, wrong = let_in(lp, met.point, np.where(known, x, np.nan), np.where(known, zx, np.nan))
            if (wrong <= FAR and met.gap >= least) or len(self._met) == 1:
                return start
            self._met.pop()
        if not self._met:
            return None
        last = self._met[-1]
        coarse = next((met for met in self._met if met.gap <= HALFWAY), last)
        self._met = []
        x = self._shares(coarse) + self._shares(last)
        given, floors = len(self._stated.top), self._floors.shares
        y = np.concatenate([(coarse.point.values.y[:given] + last.point.values.y[:given]) / 2, floors])
        s = np.concatenate([(coarse.point.values.s[:given] + last.point.values.s[:given]) / 2, 1.0 - floors])
        return take_over(lp, x / 2, y, s)

    def _shares(self, met: Met) -> Floats:
        """The shares of the options at `met`, 0 for those that were not there."""
        known, at = self._known_to(met)
        return np.where(known, met.point.values.x[at], 0.0)

    def _known_to(self, met: Met) -> tuple[Flags, Ints]:
        """Which options `met` had, and where."""
        order = np.argsort(met.options)
        options = self._keys()
        at = order[np.minimum(np.searchsorted(met.options[order], options), len(order) - 1)]
        return met.options[at] == options, at

    def _drop_wanting(self) -> None:
        """Drop the options that serve less than what must be granted whole."""
        options = self._at_hand.options
        n = options.requirement
        late = (options.start > self._instance.start[n]) & (self._instance.home[n] < 0)
        wanting = (late | (options.site < 0)) & self.whole[n]
        if wanting.any():
            self._at_hand = self._at_hand.take(~wanting)

    def break_ties(self, level: str, preferences: Floats, tick: Callable[[], None]) -> Floats:
        """Drop every option that is not among the best for `level`, and let `preferences` in [0, 1) weigh the rest.

        Returns the shares of the options that stay; to be granted nothing always stays, too. The point is strictly
        complementary: an option has a share or costs more than the best. Among the best the level's cost is what rows
        that have a price leave unused, so that beside it a preference however small decides, and one small enough costs
        nothing. How precise the shares are matters to how many ties are broken, not to what is proved.
        """
        row, scale = self._layout.level[level], self._layout.scale
        weights = np.zeros(len(self._at_hand.options))
        weights[self._somewhere] = preferences
        if self._point is not None and self._level == level:
            shares, slack = np.where(self._somewhere, self._point.values.x, 0.0), self._point.slacks.x
            lead, n = np.zeros(len(self._instance.requirements)), self._at_hand.options.requirement
            np.maximum.at(lead, n, shares)
            best = (shares > slack) | (shares >= lead[n]) | ~self._somewhere
            self._at_hand, weights = self._at_hand.take(best), weights[best]
        self._point, self._near = None, self._near and not self._by_choice[row]
        rows = self._limited()
        rows[row] = False
        costs = self._at_hand.values(row) / scale[row] + WEIGHT * weights
        lp = self._state(rows, costs, self._stated.coefficients[row] / scale[row])
        start = self._start(lp, LOOSE)
        size = 1.0 + (abs(float(costs @ start.values.x)) if start is not None else 0.0)
        precision = min(TIES, WEIGHT * TOLD * len(costs) / size)
        result = solve_interior(lp, precision, start, tick)
        if start is not None and result.error > self._gap:
            result = solve_interior(lp, precision, None, tick)
        return result.shares[self._somewhere]
