"""Points strictly within all bounds: where to start, how far to go, and how to go on after a change."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.matrix import Matrix

ROOM = 1e-3
SHY = 1e-2
WEIGHTS = 9


@dataclass(frozen=True, eq=False)
class Shared:
    """The variables and rows that requirements share: B (p, m), b (p,), d (m,), top (m,)."""

    coefficients: Floats
    limits: Floats
    costs: Floats
    top: Floats


@dataclass(frozen=True, eq=False)
class Interior:
    """An LP for `solve_interior`, scaled to about one.

    Of the requirements those at `partial` may go without; `costs` c in the order of the options.
    """

    matrix: Matrix
    partial: Ints
    costs: Floats
    shared: Shared

    @property
    def choices(self) -> int:
        """How many requirements there are."""
        return len(self.matrix.home)


@dataclass(frozen=True, eq=False)
class Point:
    """Primal values and dual slacks: x, u, w, y and s (what y is below its top), then the multipliers' side."""

    x: Floats
    u: Floats
    w: Floats
    y: Floats
    s: Floats
    alpha: Floats
    rho: Floats
    zx: Floats
    zu: Floats
    zw: Floats
    zy: Floats
    zs: Floats

    def pairs(self) -> Iterator[tuple[Floats, Floats]]:
        """Every primal variable with its dual slack."""
        return iter(((self.x, self.zx), (self.u, self.zu), (self.w, self.zw), (self.y, self.zy), (self.s, self.zs)))

    def gap(self) -> float:
        """Sum of products of the pairs."""
        return float(sum(value @ slack for value, slack in self.pairs()))

    def count(self) -> int:
        """How many pairs there are."""
        return sum(len(value) for value, _ in self.pairs())


@dataclass(frozen=True, eq=False)
class Waypoint:
    """A point passed on the way, and its gap relative to the value."""

    gap: float
    point: Point


def first_point(columns: Columns, shared: Shared, costs: Floats) -> Point:
    """Every share equal, every limit slack, prices at one."""
    ones = columns.spread(np.ones(len(columns.partial)))
    share = 1.0 / np.maximum(columns.by_choice(np.ones(len(costs))) + ones, 1.0)
    x = share[columns.requirement] if len(costs) else np.zeros(0)
    y = np.minimum(0.5 * shared.top, 1.0)
    y = np.where(shared.top > 0, np.maximum(y, 1e-3), 1.0)
    use = columns.use(x) + shared.coefficients @ y
    w = np.maximum(shared.limits - use, np.maximum(0.1 * np.abs(shared.limits), 1.0))
    price = highest(costs, shared)
    return Point(
        x=x,
        u=share[columns.partial],
        w=w,
        y=y,
        s=np.maximum(shared.top - y, np.maximum(0.1 * shared.top, 1e-3)),
        alpha=np.full(columns.choices, -price),
        rho=np.full(columns.rows, -price / columns.rows),
        zx=np.full(len(costs), price),
        zu=np.full(len(columns.partial), price),
        zw=np.full(columns.rows, price / columns.rows),
        zy=np.full(len(y), price),
        zs=np.full(len(y), price),
    )


def let_in(lp: Interior, point: Point, x: Floats, zx: Floats) -> tuple[Point, float]:
    """`point` over the options of `lp`: shares x and dual slacks zx of those it has, nan for those that are new.

    A new one starts with the slack that its cost gives it, at the average product of the pairs, and a small share. With
    the point comes the largest error of the slack of a new one, relative to the least that they get: beyond a few, the
    point is too fine to go on from. What slacks were wrong by already does not count.
    """
    columns = Columns(lp.matrix, len(lp.shared.limits), lp.partial)
    mu = point.gap() / point.count()
    reduced = lp.costs - columns.charge(point.rho) - point.alpha[columns.requirement]
    slack = np.maximum(reduced, mu / SHY)
    new = np.isnan(x)
    x, zx = np.where(new, mu / slack, x), np.where(new, slack, zx)
    return replace(point, x=x, zx=zx), float((slack - reduced)[new].max(initial=0.0)) * SHY / mu


def take_over(lp: Interior, x: Floats, u: Floats, y: Floats, s: Floats) -> Point:
    """The values that another objective led to, kept off their bounds, and prices that fit them."""
    columns = Columns(lp.matrix, len(lp.shared.limits), lp.partial)
    w = lp.shared.limits - columns.use(x) - lp.shared.coefficients @ y
    x, u, w, y, s = (np.maximum(values, ROOM) for values in (x, u, w, y, s))
    mu = ROOM * highest(lp.costs, lp.shared)
    alpha = np.full(columns.choices, -10 * mu)
    return Point(
        x=x, u=u, w=w, y=y, s=s, alpha=alpha, rho=-mu / w, zx=mu / x, zu=mu / u, zw=mu / w, zy=mu / y, zs=mu / s
    )


def highest(costs: Floats, shared: Shared) -> float:
    """The largest cost, at least 1."""
    return max(1.0, float(np.abs(costs).max(initial=0.0)), float(np.abs(shared.costs).max(initial=0.0)))


def centred(point: Point, direction: Point, primal: float, dual: float, mu: float) -> list[Floats]:
    """By how much each pair's product should change to lie between a tenth and ten times `mu` after a bold step."""
    goals = []
    for (value, slack), (dv, ds) in zip(point.pairs(), direction.pairs(), strict=True):
        product = (value + primal * dv) * (slack + dual * ds)
        goals.append(np.maximum(np.clip(product, 0.1 * mu, 10 * mu) - product, -10 * mu))
    return goals


def lengths(point: Point, direction: Point, most: float) -> tuple[float, float]:
    """The longest primal and dual steps that keep everything positive, at most 1, times `most` where one is hit."""
    primal = dual = most
    for (value, slack), (dv, ds) in zip(point.pairs(), direction.pairs(), strict=True):
        primal = max(primal, float((-dv / value).max(initial=0.0)))
        dual = max(dual, float((-ds / slack).max(initial=0.0)))
    return most / primal, most / dual


def moved(point: Point, direction: Point, primal: float, dual: float) -> Point:
    """`point` as far along `direction` as the two lengths say."""
    return Point(
        x=point.x + primal * direction.x,
        u=point.u + primal * direction.u,
        w=point.w + primal * direction.w,
        y=point.y + primal * direction.y,
        s=point.s + primal * direction.s,
        alpha=point.alpha + dual * direction.alpha,
        rho=point.rho + dual * direction.rho,
        zx=point.zx + dual * direction.zx,
        zu=point.zu + dual * direction.zu,
        zw=point.zw + dual * direction.zw,
        zy=point.zy + dual * direction.zy,
        zs=point.zs + dual * direction.zs,
    )


def blended(point: Point, direction: Point, correction: Point, least: float) -> tuple[Point, float, float]:
    """`direction` with as much of `correction`, from `least` to all of it, as lets it go furthest; and the lengths.

    A correction is meant for a longer step than may come of it, and all of it can then be too much (Colombo and
    Gondzio, Comput. Optim. Appl. 41, 2008). Lengths end where something becomes zero, and are at most 1.
    """
    weights = np.linspace(1.0, least, WEIGHTS)
    fastest = np.ones((2, WEIGHTS))
    for pair, changes, more in zip(point.pairs(), direction.pairs(), correction.pairs(), strict=True):
        for side, (value, change, added) in enumerate(zip(pair, changes, more, strict=True)):
            by, bend = change / value, added / value
            telling = np.minimum(by + bend, by + least * bend) < -1.0  # nothing else becomes zero on the way
            drops = -(by[telling] + weights[:, None] * bend[telling])
            fastest[side] = np.maximum(fastest[side], drops.max(axis=1, initial=1.0))
    (primal, dual), (quick, swift) = fastest.argmin(axis=1).tolist(), fastest.min(axis=1).tolist()
    return moved(direction, correction, weights[primal], weights[dual]), 1.0 / quick, 1.0 / swift
