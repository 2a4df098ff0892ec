"""Newton's system at a point: what is missed, the Schur complement on the shared rows, and the step."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.points import Pairs, Point, Shared, highest

STEP = 0.99
CORRECTORS = 3
BENT = 5.0
"""How many times the average product of a pair it may be off by what was neglected, when that is made up for."""
REACH = 0.3
WEIGHTS = 9
REFINEMENTS = 3
DOMINANT = 1e3
"""How many times more than all else in its row a shared variable must weigh to be given that row for its own."""
ACCURATE = 1e-8
MENDED = 1e-2
"""How much of what the rows are missed by at a point a direction from it may leave."""
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
    """The Newton system at one point: residuals, the factorised Schur complement, and the step."""

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
        primal = max(_largest(by) for by in (missed.choice, missed.row, missed.top))
        return primal, max(_largest(by) for by in (missed.shares, missed.w, missed.y))

    def owed(self) -> float:
        """What it would cost at the point's prices to meet the rows that are missed."""
        point, missed = self.point, self.missed
        rows = float(missed.choice @ point.alpha) + float(missed.row @ point.rho)
        return abs(rows - float(missed.top @ self.slacks.s))

    def factorise(self) -> None:
        """Form and factorise the Schur complement; `LinAlgError` or `FloatingPointError` where doubles fail."""
        shared, values, slacks = self.shared, self.values, self.slacks
        self.theta_w = values.w / slacks.w
        self.theta_y = 1.0 / (slacks.y / values.y + slacks.s / values.s)
        self.weights = self.columns.weigh(values.x / slacks.x)
        schur = self.columns.gram(self.weights)
        # A row that no plan leaves room in has prices without end. A proximal term that fades with the gap keeps them
        # near (Altman and Gondzio, Optim. Methods Softw. 11, 1999): by so much the row is missed a little longer.
        self.proximal = PROXIMAL * self.point.gap() / self.point.count() / highest(self.costs, shared) ** 2
        schur[np.diag_indices_from(schur)] += self.theta_w + self.proximal
        require_finite(schur)
        self.b = shared.coefficients.copy()
        self.t = self.loops.key_rows(schur, self.b, self.theta_y, DOMINANT)
        schur += (self.b * self.theta_y) @ self.b.T
        self.scale = 1.0 / np.sqrt(np.maximum(schur.diagonal(), 1e-300))
        schur *= self.scale[:, None] * self.scale
        schur[np.diag_indices_from(schur)] += 1e-13
        self.factor = np.linalg.cholesky(schur)

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
        point, columns, shared = self.point, self.columns, self.shared
        makes_up = float(missed is self.missed)
        gains = self.loops.gain(self.missed.shares, makes_up, point.pairs.value, goals)
        by_themselves, _ = columns.share_out(self.weights, gains, missed.choice)
        (*_, w, y, s), (*_, t_w, t_y, t_s) = self.values, point.kinds(goals)
        g_w = self.theta_w * (missed.w - t_w / w)
        gains_y = missed.y - t_y / y + t_s / s - self.slacks.s / s * missed.top
        rho, by_y = self._solve(missed.row - columns.use(by_themselves) + g_w, gains_y)
        by_x, alpha = columns.share_out(self.weights, columns.charge(rho) + gains, missed.choice)
        change = Pairs(np.concatenate([by_x, self.theta_w * rho - g_w, by_y, missed.top - by_y]), goals)
        self.loops.follow(point.pairs, change)
        return Point(change, alpha, rho, point.ends)

    def _solve(self, right: Floats, gains: Floats) -> tuple[Floats, Floats]:
        """Prices rho and changes of y at which rows come to `right`, and y, by the unit, gains `gains` more than nothing.

        The solution is refined against the operator itself where that is needed, and while it helps. There y stands for
        itself: as theta B' rho, rounding would count as often as theta, without end where y lies within its bounds.
        Where the first direction from a point needed none, those that correct it are spared the look.
        """
        require_finite(right, gains)
        rho, by_y = self._undone(right, gains)
        if self.accurate:
            return rho, by_y
        residual = right - self._used(rho, by_y)
        size = _largest(residual)
        enough = max(min(ACCURATE * _largest(right), self.enough), MENDED * _largest(self.missed.row))
        self.accurate = size <= enough
        for _ in range(REFINEMENTS):
            if size <= enough:
                break
            more, more_y = self._undone(residual, gains - self.shared.coefficients.T @ rho + by_y / self.theta_y)
            refined, refined_y = rho + more, by_y + more_y
            residual = right - self._used(refined, refined_y)
            left = _largest(residual)
            if not left < size:
                break
            rho, by_y, size = refined, refined_y, left
        return rho, by_y

    def _undone(self, right: Floats, gains: Floats) -> tuple[Floats, Floats]:
        """What the factors make of the right-hand sides, a solution but for rounding."""
        whole = self.t @ right + self.b @ (self.theta_y * gains)
        rho = self.scale * self.loops.substitute(self.factor, self.scale * whole)
        return self.t.T @ rho, self.theta_y * (self.b.T @ rho - gains)

    def _used(self, rho: Floats, by_y: Floats) -> Floats:
        """What rows come to at prices rho and changes of y."""
        columns = self.columns
        by_x, _ = columns.share_out(self.weights, columns.charge(rho), NOTHING.choice)
        return columns.use(by_x) + self.shared.coefficients @ by_y + (self.theta_w + self.proximal) * rho


def require_finite(*numbers: Floats | float) -> None:
    """`FloatingPointError` for what is no number: compiled loops go on with it."""
    if not all(np.isfinite(some).all() for some in numbers):
        raise FloatingPointError


def _largest(vector: Floats) -> float:
    """The largest absolute value."""
    return max(float(vector.max(initial=0.0)), -float(vector.min(initial=0.0)))


def _short_of(length: float) -> float:
    """A little less, where that is how far something may go until it is zero."""
    return STEP * length if length < 1.0 else 1.0
