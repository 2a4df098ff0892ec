"""Points strictly within all bounds: where to start, how far to go, and how to go on after a change."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.matrix import Matrix

ROOM = 1e-3
NEW = 0.1
"""The largest share that an option is let in with."""


@dataclass(frozen=True, eq=False)
class Shared:
    """The variables and rows that requirements share: B (p, m), b (p,), d (m,), top (m,)."""

    coefficients: Floats
    limits: Floats
    costs: Floats
    top: Floats


@dataclass(frozen=True, eq=False)
class Interior:
    """An LP for `solve_interior`, scaled to about one; `costs` c in the order of the options."""

    matrix: Matrix
    costs: Floats
    shared: Shared

    @property
    def choices(self) -> int:
        """How many requirements there are."""
        return len(self.matrix.home)


class Kinds(NamedTuple):
    """What belongs to each kind of variable: x, w, y and s (what y is below its top)."""

    x: Floats
    w: Floats
    y: Floats
    s: Floats


class Pairs(NamedTuple):
    """Primal values and their dual slacks."""

    value: Floats
    slack: Floats


@dataclass(frozen=True, eq=False)
class Point:
    """The pairs, kind by kind, of which each ends where `ends` says, and the multipliers."""

    pairs: Pairs
    alpha: Floats
    rho: Floats
    ends: Ints

    @classmethod
    def of(cls, values: Kinds, slacks: Kinds, alpha: Floats, rho: Floats) -> "Point":
        """The point of these values and slacks."""
        ends = np.cumsum([len(kind) for kind in values])
        return cls(Pairs(np.concatenate(values), np.concatenate(slacks)), alpha, rho, ends)

    def kinds(self, vector: Floats) -> Kinds:
        """A `vector` over all pairs, kind by kind."""
        x, w, y, _ = self.ends.tolist()
        return Kinds(vector[:x], vector[x:w], vector[w:y], vector[y:])

    @property
    def values(self) -> Kinds:
        """Primal values."""
        return self.kinds(self.pairs.value)

    @property
    def slacks(self) -> Kinds:
        """Dual slacks."""
        return self.kinds(self.pairs.slack)

    def gap(self) -> float:
        """Sum of products of the pairs."""
        return float(self.pairs.value @ self.pairs.slack)

    def count(self) -> int:
        """How many pairs there are."""
        return len(self.pairs.value)


@dataclass(frozen=True, eq=False)
class Waypoint:
    """A point passed on the way, and its gap relative to the value."""

    gap: float
    point: Point


def first_point(columns: Columns, shared: Shared, costs: Floats) -> Point:
    """Every share equal, every limit slack, prices at one."""
    share = 1.0 / np.maximum(columns.by_choice(np.ones(len(costs))), 1.0)
    x = share[columns.requirement] if len(costs) else np.zeros(0)
    y = np.minimum(0.5 * shared.top, 1.0)
    y = np.where(shared.top > 0, np.maximum(y, 1e-3), 1.0)
    use = columns.use(x) + shared.coefficients @ y
    w = np.maximum(shared.limits - use, np.maximum(0.1 * np.abs(shared.limits), 1.0))
    price = highest(costs, shared)
    s = np.maximum(shared.top - y, np.maximum(0.1 * shared.top, 1e-3))
    values = Kinds(x, w, y, s)
    slacks = Kinds(*(np.full(len(kind), price) for kind in values))._replace(
        w=np.full(columns.rows, price / columns.rows)
    )
    return Point.of(
        values, slacks, alpha=np.full(columns.choices, -price), rho=np.full(columns.rows, -price / columns.rows)
    )


def let_in(lp: Interior, point: Point, x: Floats, zx: Floats) -> tuple[Point, float]:
    """`point` over the options of `lp`: shares x and dual slacks zx of those it has, nan for those that are new.

    A requirement whose new option is better than what it has pays that much more: all its slacks grow alike, so that
    costs are missed by no more than before, and the gap says what the new option is worth. A new one starts at the
    average product of the pairs. With the point comes the most by which slacks grow, in average products: beyond a
    thousand or so, the point is too fine to go on from.
    """
    columns = Columns(lp.matrix, len(lp.shared.limits))
    mu = point.gap() / point.count()
    reduced = lp.costs - columns.charge(point.rho) - point.alpha[columns.requirement]
    new = np.isnan(x)
    growth = np.zeros(lp.choices)
    np.maximum.at(growth, columns.requirement[new], mu / NEW - reduced[new])
    slack = np.where(new, reduced, zx) + growth[columns.requirement]
    values = point.values._replace(x=np.where(new, mu / slack, x))
    slacks = point.slacks._replace(x=slack)
    return Point.of(values, slacks, point.alpha - growth, point.rho), float(growth.max(initial=0.0)) / mu


def take_over(lp: Interior, x: Floats, y: Floats, s: Floats) -> Point:
    """The values that another objective led to, kept off their bounds, and prices that fit them."""
    columns = Columns(lp.matrix, len(lp.shared.limits))
    w = lp.shared.limits - columns.use(x) - lp.shared.coefficients @ y
    values = Kinds(*(np.maximum(kind, ROOM) for kind in (x, w, y, s)))
    mu = ROOM * highest(lp.costs, lp.shared)
    slacks = Kinds(*(mu / kind for kind in values))
    return Point.of(values, slacks, alpha=np.full(columns.choices, -10 * mu), rho=-slacks.w)


def highest(costs: Floats, shared: Shared) -> float:
    """The largest cost, at least 1."""
    return max(1.0, float(np.abs(costs).max(initial=0.0)), float(np.abs(shared.costs).max(initial=0.0)))
