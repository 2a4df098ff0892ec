"""Newton's system at a point: what is missed, the direction that makes up for it, and the step."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.normal import Change, Goals, Normal, Prices, Theta, largest
from planner.allocation.interior.points import Pairs, Point, Shared, highest

STEP = 0.99
CORRECTORS = 3
BENT = 5.0
"""How many times the average product of a pair it may be off by what was neglected, when that is made up for."""
REACH = 0.3
WEIGHTS = 9
REFINEMENTS = 3
ACCURATE = 1e-6
MENDED = 1e-2
"""How much of what the rows are missed by at a point a direction from it may leave."""
ROUNDING = 1e-12
"""A point's costs are met if they are missed by no more than this part of its highest price."""
PROXIMAL = 1e-2
"""How strongly prices are held where they are, in units of the average product of the pairs."""


@dataclass(frozen=True, eq=False)
class Missed:
    """By how much a point misses the choice rows, the shared rows and the tops, and the costs of x, w and y."""

    choice: Floats
    row: Floats
    top: Floats
    shares: Floats
    w: Floats
    y: Floats


NOTHING: Final = Missed(*[np.zeros(1)] * 6)


class System:
    """The Newton system at one point: residuals, the factorised normal equations, and the step."""

    def __init__(self, columns: Columns, shared: Shared, costs: Floats, point: Point) -> None:
        self.columns, self.shared, self.costs, self.point = columns, shared, costs, point
        self.loops, self.values, self.slacks = columns.pairs, point.values, point.slacks
        (x, w, y, s), (zx, zw, zy, zs) = self.values, self.slacks
        self.missed = Missed(
            choice=1.0 - columns.by_choice(x),
            row=shared.limits - columns.use(x) - shared.coefficients @ y - w,
            top=shared.top - y - s,
            shares=costs - columns.charge(point.rho) - point.alpha[columns.requirement] - zx,
            w=-point.rho - zw,
            y=shared.costs - shared.coefficients.T @ point.rho - zy + zs,
        )

    def off(self) -> tuple[float, float]:
        """The largest amounts by which the point misses a row or a top, and a cost."""
        missed = self.missed
        primal = max(largest(by) for by in (missed.choice, missed.row, missed.top))
        return primal, max(largest(by) for by in (missed.shares, missed.w, missed.y))

    def owed(self) -> float:
        """What it would cost at the point's prices to meet the rows that are missed."""
        point, missed = self.point, self.missed
        rows = float(missed.choice @ point.alpha) + float(missed.row @ point.rho)
        return abs(rows - float(missed.top @ self.slacks.s))

    def factorise(self) -> None:
        """Form and factorise the normal equations; `LinAlgError` or `FloatingPointError` where doubles fail."""
        shared, values, slacks = self.shared, self.values, self.slacks
        theta_w, theta_y = values.w / slacks.w, 1.0 / (slacks.y / values.y + slacks.s / values.s)
        # A row that no plan leaves room in has prices without end. A proximal term that fades with the gap keeps them
        # near (Altman and Gondzio, Optim. Methods Softw. 11, 1999): by so much the row is missed a little longer.
        self.proximal = PROXIMAL * self.point.gap() / self.point.count() / highest(self.costs, shared) ** 2
        theta = Theta(values.x / slacks.x, theta_w, theta_y)
        self.normal = Normal.of(self.columns, shared, theta, self.proximal, self._prices())

    def _prices(self) -> Prices:
        """What is paid by the prices: costs less slacks, but for what those are missed by if that is not rounding."""
        point, slacks, missed = self.point, self.slacks, self.missed
        by_x, by_y = self.costs - slacks.x, self.shared.costs - slacks.y + slacks.s
        if max(largest(missed.shares), largest(missed.y)) > ROUNDING * largest(point.rho):
            by_x, by_y = by_x - missed.shares, by_y - missed.y
        return Prices(point.rho, point.alpha, by_x, by_y)

    def step(self, owed: float) -> Point:
        """The next point: predict, centre, correct.

        Rows may be missed by what costs `owed` at the point's prices, and no less than that is aimed at for the gap: a
        point that comes too near its bounds can no longer meet its rows.
        """
        point, loops = self.point, self.loops
        self.accurate = False
        self.enough = owed / max(float(np.abs(point.rho).sum()), 1.0)
        affine = self._direction(self.missed, loops.remainder(0.0, point.pairs))
        mu = point.gap() / point.count()
        reached = loops.gap(point.pairs, affine.pairs, *self._lengths(affine))
        aim = max((reached / point.count() / mu) ** 3 * mu, owed / point.count())
        centring = self._direction(NOTHING, loops.bends(aim, affine.pairs, BENT * mu))
        direction = self._moved(affine, centring, (1.0, 1.0))
        primal, dual = self._lengths(direction)
        for _ in range(CORRECTORS):
            reach = min(1.0, primal + REACH), min(1.0, dual + REACH)
            correction = self._direction(NOTHING, loops.centre(point.pairs, direction.pairs, *reach, aim))
            weights, longer = self._blended(direction, correction, primal * dual)
            if sum(longer) < primal + dual + 0.1 * REACH:
                break
            direction, (primal, dual) = self._moved(direction, correction, weights), longer
        return self._moved(point, direction, (_short_of(primal), _short_of(dual)))

    def _lengths(self, direction: Point) -> tuple[float, float]:
        """The longest primal and dual steps, at most 1, that keep everything positive."""
        (values, slacks), change = self.point.pairs, direction.pairs
        return 1.0 / self.loops.fastest(values, change.value), 1.0 / self.loops.fastest(slacks, change.slack)

    def _blended(
        self, direction: Point, correction: Point, least: float
    ) -> tuple[tuple[float, float], tuple[float, float]]:
        """With how much of `correction`, from `least` to all of it, `direction` goes furthest; and the lengths.

        A correction is meant for a longer step than may come of it, and all of it can then be too much (Colombo and
        Gondzio, Comput. Optim. Appl. 41, 2008). Lengths end where something becomes zero, and are at most 1.
        """
        weights = np.linspace(1.0, least, WEIGHTS)
        sides = zip(self.point.pairs, direction.pairs, correction.pairs, strict=True)
        primal, dual = (self.loops.blend(*side, weights) for side in sides)
        best = float(weights[primal.argmin()]), float(weights[dual.argmin()])
        return best, (1.0 / float(primal.min()), 1.0 / float(dual.min()))

    def _moved(self, point: Point, direction: Point, lengths: tuple[float, float]) -> Point:
        """`point` as far along `direction` as the primal and the dual length say."""
        alpha, rho = point.alpha + lengths[1] * direction.alpha, point.rho + lengths[1] * direction.rho
        return Point(self.loops.move(point.pairs, direction.pairs, *lengths), alpha, rho, point.ends)

    def _direction(self, missed: Missed, goals: Floats) -> Point:
        """Newton's direction: to make up for what is `missed`, and to change the products of the pairs by `goals`.

        `goals` become part of it.
        """
        self.columns.tick()
        point = self.point
        makes_up = float(missed is self.missed)
        gains = self.loops.gain(self.missed.shares, makes_up, point.pairs.value, goals)
        (*_, w, y, s), (*_, t_w, t_y, t_s) = self.values, point.kinds(goals)
        g_y = t_y / y - t_s / s + self.slacks.s / s * missed.top - missed.y
        by = self._solve(Goals(missed.row, missed.choice, gains, t_w / w - missed.w, g_y))
        change = Pairs(np.concatenate([by.x, by.w, by.y, missed.top - by.y]), goals)
        self.loops.follow(point.pairs, change)
        return Point(change, by.alpha, by.rho, point.ends)

    def _solve(self, goals: Goals) -> Change:
        """The change that comes to `goals`, refined against the operator itself where needed, and while it helps.

        Where the first direction from a point needed no refinement, those that correct it are spared the look.
        """
        found = self.normal.solve(goals)
        if self.accurate:
            return found
        missed, used = self.normal.missed(goals, found)
        size = max(largest(used), largest(found.w))
        enough = max(min(ACCURATE * size, self.enough), MENDED * largest(self.missed.row))
        self.accurate = largest(missed) <= enough
        for _ in range(REFINEMENTS):
            if largest(missed) <= enough:
                break
            refined = found.plus(self.normal.solve(self.normal.left(goals, found, missed)))
            less, _ = self.normal.missed(goals, refined)
            if not largest(less) < largest(missed):
                break
            found, missed = refined, less
        return found


def _short_of(length: float) -> float:
    """A little less, where that is how far something may go until it is zero."""
    return STEP * length if length < 1.0 else 1.0
