"""The normal equations of a direction: what prices bring rows to what they should come to."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.matrix import Weights
from planner.allocation.interior.points import Shared

FAINT = 1e-8
"""What a change of all prices alike may be worth, as a part of what rows charge, to be lost in the rounding of that."""


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
class Along:
    """A `change` of all prices alike, what it makes rows come to, (p,), and its `stiffness`: what that is worth.

    Where limits leave little room, prices are far above costs, and such a change is worth next to nothing beside that
    of any one price: too little for doubles to tell by rows. Costs and slacks tell it.
    """

    prices: Prices
    change: Change
    used: Floats
    stiffness: float

    def part(self, goals: Goals, x: Floats, w: Floats, y: Floats) -> float:
        """How much of it makes up for what x, w and y leave of the goals at the prices."""
        rho, alpha, by_x, by_y = self.prices
        worth = (rho * goals.row).sum() + (alpha * goals.choice).sum() - by_x @ x - rho @ w - by_y @ y
        return float(worth) / self.stiffness

    def part_in(self, rho: Floats) -> float:
        """How much of it is in a change of prices."""
        return float(self.used @ rho) / self.stiffness


@dataclass(frozen=True, eq=False)
class Normal:
    """The equations for rho and alpha at which values that follow their gains come to what they should, factorised.

    With E the sums over each requirement's options: A x + B y + w + proximal rho = row, E x = choice,
    x = theta (A' rho + E' alpha + gain), w = theta (rho + gain), y = theta (B' rho + gain).

    Where a change `along` the prices is too faint for the factor, it is solved for apart, and the factor is asked for
    the rest alone (deflation: Nicolaides, SIAM J. Numer. Anal. 24, 1987).
    """

    columns: Columns
    b: Floats
    weights: Weights
    theta: Theta
    proximal: float
    scale: Floats
    factor: Floats
    along: Along | None

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
        change = Change(prices.rho, prices.alpha + alpha, x, theta.w * prices.rho, theta.y * prices.y)
        stiffness = x @ (prices.x + alpha[columns.requirement]) + change.y @ prices.y
        stiffness += (change.w + proximal * prices.rho) @ prices.rho
        along = None
        if 0.0 < stiffness < FAINT * ((prices.rho / scale) ** 2).sum():
            used = columns.use(x) + change.w + b @ change.y + proximal * prices.rho
            along = Along(prices, change, used, float(stiffness))
        return cls(columns, b, weights, theta, proximal, scale, factor, along)

    def solve(self, goals: Goals) -> Change:
        """What comes to `goals`, but for rounding."""
        require_finite(*goals)
        columns, b, theta, along = self.columns, self.b, self.theta, self.along
        by_themselves, _ = columns.share_out(self.weights, goals.x, goals.choice)
        w, y = theta.w * goals.w, theta.y * goals.y
        row = goals.row - columns.use(by_themselves) - w - b @ y
        part = along.part(goals, by_themselves, w, y) if along else 0.0
        if along:
            row = row - part * along.used
        rho = self.scale * columns.pairs.substitute(self.factor, self.scale * row)
        if along:
            rho = rho - along.part_in(rho) * along.prices.rho
        x, alpha = columns.share_out(self.weights, columns.charge(rho) + goals.x, goals.choice)
        found = Change(rho, alpha, x, theta.w * (rho + goals.w), theta.y * (b.T @ rho + goals.y))
        return found.plus(along.change, part) if along else found

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
