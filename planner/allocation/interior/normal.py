"""The normal equations of a direction: what prices bring rows to what they should come to."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.matrix import Weights
from planner.allocation.interior.points import Shared


class Theta(NamedTuple):
    """How much values change where they gain one by the unit: of x (k,), w (p,) and y (m,)."""

    x: Floats
    w: Floats
    y: Floats


class Goals(NamedTuple):
    """What rows and choices are to come to, and what x, w and y gain, by the unit, beside prices."""

    row: Floats
    choice: Floats
    x: Floats
    w: Floats
    y: Floats


class Change(NamedTuple):
    """The changes of prices rho (p,) and alpha (choices,), and of x, w and y."""

    rho: Floats
    alpha: Floats
    x: Floats
    w: Floats
    y: Floats

    def plus(self, more: "Change", times: float = 1.0) -> "Change":
        """This and so many times `more`."""
        return Change(*(some + times * other for some, other in zip(self, more, strict=True)))


class Prices(NamedTuple):
    """Prices rho and alpha at a point, and what x and y pay by them, as their costs and slacks say."""

    rho: Floats
    alpha: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class Normal:
    """The equations for rho and alpha at which values that follow their gains come to what they should, factorised.

    With E the sums over each requirement's options: A x + B y + w + proximal rho = row, E x = choice,
    x = theta (A' rho + E' alpha + gain), w = theta (rho + gain), y = theta (B' rho + gain).

    Where limits leave little room, prices are far above costs, and a change of all prices alike is worth next to
    nothing beside that of any one: too little for doubles to tell by rows. Costs and slacks tell it. So the change
    `along` the prices, what it makes rows come to (`used`) and its `stiffness` are known apart, and the factor is asked
    for the rest alone (deflation: Nicolaides, SIAM J. Numer. Anal. 24, 1987).
    """

    columns: Columns
    b: Floats
    weights: Weights
    theta: Theta
    proximal: float
    scale: Floats
    factor: Floats
    prices: Prices
    along: Change
    used: Floats
    stiffness: float

    @classmethod
    def of(cls, columns: Columns, shared: Shared, theta: Theta, proximal: float, prices: Prices) -> "Normal":
        """The equations with these theta at these prices; `LinAlgError` or `FloatingPointError` where doubles fail."""
        b, weights = shared.coefficients, columns.weigh(theta.x)
        schur = columns.gram(weights)
        schur += (b * theta.y) @ b.T
        schur[np.diag_indices_from(schur)] += theta.w + proximal
        require_finite(schur)
        scale = 1.0 / np.sqrt(np.maximum(schur.diagonal(), 1e-300))
        schur *= scale[:, None] * scale
        schur[np.diag_indices_from(schur)] += 1e-13
        factor = np.linalg.cholesky(schur).astype(np.float64, copy=False)
        x, alpha = columns.share_out(weights, prices.x, np.zeros(columns.choices))
        along = Change(prices.rho, prices.alpha + alpha, x, theta.w * prices.rho, theta.y * prices.y)
        used = columns.use(x) + along.w + b @ along.y + proximal * prices.rho
        stiffness = x @ (prices.x + alpha[columns.requirement]) + along.y @ prices.y
        stiffness += (along.w + proximal * prices.rho) @ prices.rho
        return cls(columns, b, weights, theta, proximal, scale, factor, prices, along, used, float(stiffness) or 1.0)

    def solve(self, goals: Goals) -> Change:
        """What comes to `goals`, but for rounding."""
        require_finite(*goals)
        columns, b, theta, prices = self.columns, self.b, self.theta, self.prices
        by_themselves, _ = columns.share_out(self.weights, goals.x, goals.choice)
        w, y = theta.w * goals.w, theta.y * goals.y
        row = goals.row - columns.use(by_themselves) - w - b @ y
        worth = (prices.rho * goals.row).sum() + (prices.alpha * goals.choice).sum()
        worth -= prices.x @ by_themselves + prices.rho @ w + prices.y @ y
        along = float(worth) / self.stiffness
        rho = self.scale * columns.pairs.substitute(self.factor, self.scale * (row - along * self.used))
        rho -= float(self.used @ rho) / self.stiffness * prices.rho
        x, alpha = columns.share_out(self.weights, columns.charge(rho) + goals.x, goals.choice)
        found = Change(rho, alpha, x, theta.w * (rho + goals.w), theta.y * (b.T @ rho + goals.y))
        return found.plus(self.along, along)

    def missed(self, goals: Goals, by: Change) -> tuple[Floats, Floats]:
        """By how much a change misses what the rows are to come to, and how much of them x makes up."""
        used = self.columns.use(by.x)
        missed: Floats = goals.row - used - by.w - self.b @ by.y - self.proximal * by.rho
        return missed, used

    def left(self, goals: Goals, by: Change, row: Floats) -> Goals:
        """What a change leaves of `goals`, where it misses the rows by `row`.

        There values stand for themselves. As theta times what they gain, rounding would count as often as theta,
        without end where they lie within their bounds.
        """
        columns, theta = self.columns, self.theta
        paid = columns.charge(by.rho) + by.alpha[columns.requirement]
        return Goals(
            row=row,
            choice=np.zeros(columns.choices),
            x=goals.x + paid - by.x / theta.x,
            w=goals.w + by.rho - by.w / theta.w,
            y=goals.y + self.b.T @ by.rho - by.y / theta.y,
        )


def require_finite(*numbers: Floats | float) -> None:
    """`FloatingPointError` for what is no number: compiled loops go on with it."""
    if not all(np.isfinite(some).all() for some in numbers):
        raise FloatingPointError


def largest(vector: Floats) -> float:
    """The largest absolute value."""
    return max(float(vector.max(initial=0.0)), -float(vector.min(initial=0.0)))
