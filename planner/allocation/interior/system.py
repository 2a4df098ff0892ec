"""Newton's system at a point: what is missed, the Schur complement on the shared rows, and the step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.points import Point, Shared, blended, centred, highest, lengths, moved

STEP = 0.9995
CORRECTORS = 3
REACH = 0.3
REFINEMENTS = 3
ACCURATE = 1e-8
PROXIMAL = 1e-2
"""How strongly prices are held where they are, in units of the average product of the pairs."""


@dataclass(frozen=True, eq=False)
class Missed:
    """By how much a point misses the choice rows, the shared rows and the tops, and the costs of x, u, w and y."""

    choice: Floats
    row: Floats
    top: Floats
    x: Floats
    u: Floats
    w: Floats
    y: Floats


NOTHING: Final = Missed(*[np.zeros(1)] * 7)


class System:
    """The Newton system at one point: residuals, the factorised Schur complement, and the step."""

    def __init__(self, columns: Columns, shared: Shared, costs: Floats, point: Point) -> None:
        self.columns, self.shared, self.costs, self.point = columns, shared, costs, point
        self.missed = Missed(
            choice=1.0 - columns.by_choice(point.x) - columns.spread(point.u),
            row=shared.limits - columns.use(point.x) - shared.coefficients @ point.y - point.w,
            top=shared.top - point.y - point.s,
            x=costs - columns.charge(point.rho) - point.alpha[columns.requirement] - point.zx,
            u=-point.alpha[columns.partial] - point.zu,
            w=-point.rho - point.zw,
            y=shared.costs - shared.coefficients.T @ point.rho - point.zy + point.zs,
        )

    def owed(self) -> float:
        """What it would cost at the point's prices to meet the rows that are missed."""
        point, missed = self.point, self.missed
        return abs(float(missed.choice @ point.alpha) + float(missed.row @ point.rho) - float(missed.top @ point.zs))

    def factorise(self) -> None:
        """Form and invert the Schur complement; `LinAlgError` or `FloatingPointError` where doubles do not suffice."""
        point, shared = self.point, self.shared
        self.theta_x, self.theta_u, self.theta_w = point.x / point.zx, point.u / point.zu, point.w / point.zw
        self.theta_y = 1.0 / (point.zy / point.y + point.zs / point.s)
        self.diagonal = self.columns.by_choice(self.theta_x) + self.columns.spread(self.theta_u)
        self.diagonal = np.where(self.diagonal > 0, self.diagonal, 1.0)
        schur = self.columns.gram(self.theta_x, 1.0 / self.diagonal)
        schur += (shared.coefficients * self.theta_y) @ shared.coefficients.T
        # A row that no plan leaves room in has prices without end. A proximal term that fades with the gap keeps them
        # near (Altman and Gondzio, Optim. Methods Softw. 11, 1999): by so much the row is missed a little longer.
        self.proximal = PROXIMAL * point.gap() / point.count() / highest(self.costs, shared) ** 2
        schur[np.diag_indices_from(schur)] += self.theta_w + self.proximal
        if not np.isfinite(schur).all():
            raise FloatingPointError  # which threads do not raise
        scale = 1.0 / np.sqrt(np.maximum(schur.diagonal(), 1e-300))
        schur *= scale[:, None] * scale
        schur[np.diag_indices_from(schur)] += 1e-13
        self.inverse = np.linalg.inv(schur) * (scale[:, None] * scale)

    def step(self, owed: float) -> Point:
        """The next point: predict, centre, correct.

        Rows may be missed by what costs `owed` at the point's prices, and no less than that is aimed at for the gap: a
        point that comes too near its bounds can no longer meet its rows.
        """
        point = self.point
        self.accurate = False
        self.enough = owed / max(float(np.abs(point.rho).sum()), 1.0)
        products = [value * slack for value, slack in point.pairs()]
        affine = self._direction(self.missed, [-product for product in products])
        primal, dual = lengths(point, affine, 1.0)
        mu = point.gap() / point.count()
        reached = sum(
            float((value + primal * dv) @ (slack + dual * ds))
            for (value, slack), (dv, ds) in zip(point.pairs(), affine.pairs(), strict=True)
        )
        aim = max((reached / point.count() / mu) ** 3 * mu, owed / point.count())
        bends = [aim - dv * ds for dv, ds in affine.pairs()]
        direction = moved(affine, self._direction(NOTHING, bends), 1.0, 1.0)
        primal, dual = lengths(point, direction, 1.0)
        for _ in range(CORRECTORS):
            goals = centred(point, direction, min(1.0, primal + REACH), min(1.0, dual + REACH), aim)
            better, *longer = blended(point, direction, self._direction(NOTHING, goals), primal * dual)
            if sum(longer) < primal + dual + 0.1 * REACH:
                break
            direction, (primal, dual) = better, longer
        return moved(point, direction, _short_of(primal), _short_of(dual))

    def _direction(self, missed: Missed, targets: Sequence[Floats]) -> Point:
        """Newton's direction: to make up for what is `missed`, and to change the products of the pairs by `targets`."""
        self.columns.tick()
        point, columns, shared = self.point, self.columns, self.shared
        t_x, t_u, t_w, t_y, t_s = targets
        g_x = self.theta_x * (missed.x - t_x / point.x)
        g_u = self.theta_u * (missed.u - t_u / point.u)
        g_w = self.theta_w * (missed.w - t_w / point.w)
        ratio = point.zs / point.s
        g_y = self.theta_y * (missed.y - t_y / point.y + t_s / point.s - ratio * missed.top)
        right_choice = missed.choice + columns.by_choice(g_x) + columns.spread(g_u)
        share = right_choice / self.diagonal
        use = columns.use(g_x - self.theta_x * share[columns.requirement])
        rho = self._solve(missed.row + use + shared.coefficients @ g_y + g_w)
        charge = columns.charge(rho)
        alpha = share - columns.by_choice(self.theta_x * charge) / self.diagonal
        x = self.theta_x * (charge + alpha[columns.requirement]) - g_x
        u = self.theta_u * alpha[columns.partial] - g_u
        w = self.theta_w * rho - g_w
        y = self.theta_y * (shared.coefficients.T @ rho) - g_y
        s = missed.top - y
        return Point(
            x=x,
            u=u,
            w=w,
            y=y,
            s=s,
            alpha=alpha,
            rho=rho,
            zx=(t_x - point.zx * x) / point.x,
            zu=(t_u - point.zu * u) / point.u,
            zw=(t_w - point.zw * w) / point.w,
            zy=(t_y - point.zy * y) / point.y,
            zs=(t_s - point.zs * s) / point.s,
        )

    def _solve(self, right: Floats) -> Floats:
        """The Schur system, refined against the operator itself where that is needed, and while it helps.

        Where the first direction from a point needed none, those that correct it are spared the look.
        """
        rho: Floats = self.inverse @ right
        if self.accurate:
            return rho
        residual = right - self._schur(rho)
        size = float(np.abs(residual).max(initial=0.0))
        enough = min(ACCURATE * float(np.abs(right).max(initial=0.0)), self.enough)
        self.accurate = size <= enough
        for _ in range(REFINEMENTS):
            if size <= enough:
                break
            refined = rho + self.inverse @ residual
            residual = right - self._schur(refined)
            left = float(np.abs(residual).max(initial=0.0))
            if not left < size:
                break
            rho, size = refined, left
        return rho

    def _schur(self, rho: Floats) -> Floats:
        columns, shared = self.columns, self.shared
        charge = self.theta_x * columns.charge(rho)
        alpha = columns.by_choice(charge) / self.diagonal
        use = columns.use(charge - self.theta_x * alpha[columns.requirement])
        shared_use: Floats = shared.coefficients @ (self.theta_y * (shared.coefficients.T @ rho))
        return use + shared_use + (self.theta_w + self.proximal) * rho


def _short_of(length: float) -> float:
    """A little less, where that is how far something may go until it is zero."""
    return STEP * length if length < 1.0 else 1.0
