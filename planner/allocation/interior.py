"""An interior-point method for the master that never forms more than its shared rows.

Mehrotra's predictor-corrector method (SIAM J. Optim. 2, 1992) with Gondzio's multiple centrality correctors
(Comput. Optim. Appl. 6, 1996) for

    min c x + d y   subject to   sum over a requirement's options of x + u = 1,   A x + B y + w = b,
                                 x, u, w >= 0,   0 <= y <= top,

where requirements that must be granted whole have no u.

The choice rows are eliminated by hand: what is factorised is the Schur complement on the shared rows (p x p), a few
hundred to a few thousand, however many requirements there are. Options with the same rows form dense blocks, so that
the work is matrix products.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from planner.allocation.instance import Floats, Ints

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
STEP = 0.9995
ROUNDS = 120
STALL = 20
"""Rounds in all, and rounds without getting nearer, after which a point is as good as doubles let it be."""
CORRECTORS = 1
REACH = 0.3
REFINEMENTS = 3
ACCURATE = 1e-8
CHUNK = 2_500
CELLS = 500_000
"""Requirements, and coefficients of blocks, that one thread takes at a time."""
HALFWAY = 1e-3
CLOSER = 0.1
ROOM = 1e-3
SHY = 1e-2


@dataclass(frozen=True, eq=False)
class Block:
    """Options with the same rows: positions of the rows (g,), coefficients (k, g), requirement (k,), ascending.

    `distinct` if no requirement stands twice.
    """

    rows: Ints
    coefficients: Floats
    requirement: Ints
    distinct: bool

    @cached_property
    def runs(self) -> list[tuple[slice, slice]]:
        """Stretches of columns whose rows follow each other, with those rows: slices are quicker than positions."""
        cuts = [0, *(np.flatnonzero(np.diff(self.rows) != 1) + 1).tolist(), len(self.rows)]
        starts = self.rows.tolist()
        return [(slice(a, b), slice(starts[a], starts[a] + b - a)) for a, b in pairwise(cuts) if b > a]


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

    `choices` requirements, of which those at `partial` may go without; `costs` c in the order of the blocks' options.
    """

    blocks: Sequence[Block]
    choices: int
    partial: Ints
    costs: Floats
    shared: Shared


@dataclass(frozen=True, eq=False)
class InteriorResult:
    """Shares x (block after block), shared values y, row multipliers (p,) and slack (p,), choice surplus (choices,).

    All are positive, save the surplus of what must be granted whole; `error` is the largest of the relative residuals
    and the relative gap. `waypoints` are points to start from when something changes, from coarse to fine: one for
    about every power of ten by which the gap fell, or the nearest point.
    """

    shares: Floats
    shared: Floats
    multipliers: Floats
    slack: Floats
    surplus: Floats
    error: float
    point: "Point"
    waypoints: tuple["Waypoint", ...]


class _Columns:
    """The blocks as one operator.

    `each` maps and may work in threads: what the items yield is added up in the order of the items, so that sums do not
    depend on how many threads there are.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        choices: int,
        rows: int,
        partial: Ints,
        each: Callable[..., Iterable[Any]] = map,
    ) -> None:
        self.blocks, self.choices, self.rows, self.partial, self.each = blocks, choices, rows, partial, each
        cells = np.cumsum([0, *(block.coefficients.size for block in blocks)])
        cuts = np.flatnonzero(np.diff(cells[:-1] // CELLS, prepend=-1)).tolist()
        self.groups = [range(first, last) for first, last in pairwise([*cuts, len(blocks)])]
        ends = np.cumsum([0, *(len(block.requirement) for block in blocks)]).tolist()
        self.parts = [slice(first, last) for first, last in pairwise(ends)]
        self.requirement = np.concatenate([np.zeros(0, dtype=np.int64), *(block.requirement for block in blocks)])

    def use(self, amounts: Floats) -> Floats:
        """A x, (p,)."""
        total = np.zeros(self.rows)

        def use_of(group: range) -> list[Floats]:
            return [amounts[self.parts[at]] @ self.blocks[at].coefficients for at in group]

        for group, uses in zip(self.groups, self.each(use_of, self.groups), strict=True):
            for at, use in zip(group, uses, strict=True):
                total[self.blocks[at].rows] += use
        return total

    def charge(self, prices: Floats) -> Floats:
        """Transpose of A times `prices`, one an option."""
        charges = np.empty(len(self.requirement))

        def charge_of(group: range) -> None:
            for at in group:
                block = self.blocks[at]
                charges[self.parts[at]] = block.coefficients @ prices[block.rows]

        list(self.each(charge_of, self.groups))
        return charges

    def by_choice(self, amounts: Floats) -> Floats:
        """Sums over each requirement's options, (choices,)."""
        sums: Floats = np.bincount(self.requirement, amounts, self.choices).astype(np.float64)
        return sums

    def spread(self, amounts: Floats) -> Floats:
        """Amounts of the requirements that may go without, over all of them."""
        spread = np.zeros(self.choices)
        spread[self.partial] = amounts
        return spread

    def gram(self, theta: Floats, weight: Floats) -> Floats:
        """A theta A' - E' diag(weight) E with E the requirements' sums of theta a', (p, p)."""
        gram = np.zeros((self.rows, self.rows))
        root = np.sqrt(theta)

        def gram_of(group: range) -> list[Floats]:
            scaled = (self.blocks[at].coefficients * root[self.parts[at], None] for at in group)
            return [columns.T @ columns for columns in scaled]  # one array by itself takes half the work

        def gram_of_choices(first: int) -> Floats:
            sums = self._sums(theta, first, min(first + CHUNK, self.choices))
            sums *= np.sqrt(weight[first : first + CHUNK, None])
            product: Floats = sums.T @ sums
            return product

        for group, grams in zip(self.groups, self.each(gram_of, self.groups), strict=True):
            for at, part in zip(group, grams, strict=True):
                rows = self.blocks[at].rows
                gram[np.ix_(rows, rows)] += part
        for product in self.each(gram_of_choices, range(0, self.choices, CHUNK)):
            gram -= product
        return gram

    def _sums(self, theta: Floats, first: int, last: int) -> Floats:
        """E of requirements first to last, (last - first, p)."""
        sums = np.zeros((last - first, self.rows))
        for block, part in zip(self.blocks, self.parts, strict=True):
            low, high = np.searchsorted(block.requirement, (first, last)).tolist()
            if high == low:
                continue
            requirement = block.requirement[low:high]
            sums_of = block.coefficients[low:high] * theta[part.start + low : part.start + high, None]
            if not block.distinct:
                requirement, starts = np.unique(requirement, return_index=True)
                sums_of = np.add.reduceat(sums_of, starts, axis=0)
            at = requirement - first
            for run, rows in block.runs:
                sums[at, rows] += sums_of[:, run]
        return sums


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


def solve_interior(
    lp: Interior,
    precision: float,
    start: Point | None = None,
    tick: Callable[[], None] = lambda: None,
) -> InteriorResult:
    """The optimum of `lp` to `precision` (relative residuals and gap), or the nearest point that could be computed.

    `start` goes on from an earlier point. `tick` is called after each round; what it raises ends the solve.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        each = pool.map if WORKERS > 1 and lp.choices > CHUNK else map
        columns = _Columns(lp.blocks, lp.choices, len(lp.shared.limits), lp.partial, each)
        return _iterate(lp, columns, precision, start, tick)


def _iterate(
    lp: Interior, columns: _Columns, precision: float, start: Point | None, tick: Callable[[], None]
) -> InteriorResult:
    """`solve_interior`, round by round."""
    shared, costs = lp.shared, lp.costs
    waypoints: list[Waypoint] = []
    near = 1.0
    point = start or _start(columns, shared, costs)
    norm_b = 1.0 + max(float(np.abs(shared.limits).max(initial=0.0)), 1.0)
    norm_c = 1.0 + max(float(np.abs(costs).max(initial=0.0)), float(np.abs(shared.costs).max(initial=0.0)))
    nearest, error, gap, since = point, np.inf, np.inf, 0
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        for _ in range(ROUNDS):
            try:
                system = _System(columns, shared, costs, point)
                primal = max(float(np.abs(r).max(initial=0.0)) for r in (system.r_choice, system.r_row, system.r_top))
                dual = max(float(np.abs(r).max(initial=0.0)) for r in (system.d_x, system.d_u, system.d_w, system.d_y))
                size = 1.0 + abs(float(costs @ point.x + shared.costs @ point.y))
                gap = max(point.gap(), system.owed()) / size
                if gap <= near and primal / norm_b <= max(CLOSER * near, HALFWAY):
                    waypoints.append(Waypoint(gap, point))
                    near = CLOSER * gap
                since += 1
                if max(primal / norm_b, dual / norm_c, gap) < error:
                    nearest, error, since = point, max(primal / norm_b, dual / norm_c, gap), 0
                if error <= precision or since > STALL:
                    break
                system.factorise()
                following = system.step(0.1 * precision * size)
            except (FloatingPointError, np.linalg.LinAlgError):
                break
            point = following
            tick()
    return InteriorResult(
        shares=nearest.x,
        shared=nearest.y,
        multipliers=np.maximum(-nearest.rho, 0.0),
        slack=nearest.w,
        surplus=-nearest.alpha,
        error=error,
        point=nearest,
        waypoints=tuple(waypoints) or (Waypoint(gap, nearest),),
    )


class _System:
    """The Newton system at one point: residuals, the factorised Schur complement, and the step."""

    def __init__(self, columns: _Columns, shared: Shared, costs: Floats, point: Point) -> None:
        self.columns, self.shared, self.point = columns, shared, point
        self.r_choice = 1.0 - columns.by_choice(point.x) - columns.spread(point.u)
        self.r_row = shared.limits - columns.use(point.x) - shared.coefficients @ point.y - point.w
        self.r_top = shared.top - point.y - point.s
        self.d_x = costs - columns.charge(point.rho) - point.alpha[columns.requirement] - point.zx
        self.d_u = -point.alpha[columns.partial] - point.zu
        self.d_w = -point.rho - point.zw
        self.d_y = shared.costs - shared.coefficients.T @ point.rho - point.zy + point.zs

    def owed(self) -> float:
        """What it would cost at the point's prices to meet the rows that are missed."""
        point = self.point
        return abs(float(self.r_choice @ point.alpha) + float(self.r_row @ point.rho) - float(self.r_top @ point.zs))

    def factorise(self) -> None:
        """Form and invert the Schur complement; `LinAlgError` or `FloatingPointError` where doubles do not suffice."""
        point, shared = self.point, self.shared
        self.theta_x, self.theta_u, self.theta_w = point.x / point.zx, point.u / point.zu, point.w / point.zw
        self.theta_y = 1.0 / (point.zy / point.y + point.zs / point.s)
        self.diagonal = self.columns.by_choice(self.theta_x) + self.columns.spread(self.theta_u)
        self.diagonal = np.where(self.diagonal > 0, self.diagonal, 1.0)
        schur = self.columns.gram(self.theta_x, 1.0 / self.diagonal)
        schur += (shared.coefficients * self.theta_y) @ shared.coefficients.T
        schur[np.diag_indices_from(schur)] += self.theta_w
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
        self.enough = owed / max(float(np.abs(point.rho).sum()), 1.0)
        products = [value * slack for value, slack in point.pairs()]
        affine = self._direction([-product for product in products])
        primal, dual = _lengths(point, affine, 1.0)
        mu = point.gap() / point.count()
        reached = sum(
            float((value + primal * dv) @ (slack + dual * ds))
            for (value, slack), (dv, ds) in zip(point.pairs(), affine.pairs(), strict=True)
        )
        aim = max((reached / point.count() / mu) ** 3 * mu, owed / point.count())
        targets = [aim - product - dv * ds for product, (dv, ds) in zip(products, affine.pairs(), strict=True)]
        direction = self._direction(targets)
        primal, dual = _lengths(point, direction, STEP)
        for _ in range(CORRECTORS):
            goals = _centred(point, direction, min(1.0, primal + REACH), min(1.0, dual + REACH), aim)
            corrected = [target + goal for target, goal in zip(targets, goals, strict=True)]
            better = self._direction(corrected)
            longer = _lengths(point, better, STEP)
            if longer[0] + longer[1] < primal + dual + 0.1 * REACH:
                break
            targets, direction, (primal, dual) = corrected, better, longer
        return _moved(point, direction, primal, dual)

    def _direction(self, targets: Sequence[Floats]) -> Point:
        """Newton's direction for the products of the pairs to change by `targets`."""
        point, columns, shared = self.point, self.columns, self.shared
        t_x, t_u, t_w, t_y, t_s = targets
        g_x = self.theta_x * (self.d_x - t_x / point.x)
        g_u = self.theta_u * (self.d_u - t_u / point.u)
        g_w = self.theta_w * (self.d_w - t_w / point.w)
        ratio = point.zs / point.s
        g_y = self.theta_y * (self.d_y - t_y / point.y + t_s / point.s - ratio * self.r_top)
        right_choice = self.r_choice + columns.by_choice(g_x) + columns.spread(g_u)
        right_row = self.r_row + columns.use(g_x) + shared.coefficients @ g_y + g_w
        share = right_choice / self.diagonal
        right = right_row - columns.use(self.theta_x * share[columns.requirement])
        rho = self._solve(right)
        charge = columns.charge(rho)
        alpha = share - columns.by_choice(self.theta_x * charge) / self.diagonal
        x = self.theta_x * (charge + alpha[columns.requirement]) - g_x
        u = self.theta_u * alpha[columns.partial] - g_u
        w = self.theta_w * rho - g_w
        y = self.theta_y * (shared.coefficients.T @ rho) - g_y
        s = self.r_top - y
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
        """The Schur system, refined against the operator itself where that is needed, and while it helps."""
        rho: Floats = self.inverse @ right
        residual = right - self._schur(rho)
        size = float(np.abs(residual).max(initial=0.0))
        enough = min(ACCURATE * float(np.abs(right).max(initial=0.0)), self.enough)
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
        return use + shared_use + self.theta_w * rho


def _start(columns: _Columns, shared: Shared, costs: Floats) -> Point:
    """Every share equal, every limit slack, prices at one."""
    ones = columns.spread(np.ones(len(columns.partial)))
    share = 1.0 / np.maximum(columns.by_choice(np.ones(len(costs))) + ones, 1.0)
    x = share[columns.requirement] if len(costs) else np.zeros(0)
    y = np.minimum(0.5 * shared.top, 1.0)
    y = np.where(shared.top > 0, np.maximum(y, 1e-3), 1.0)
    use = columns.use(x) + shared.coefficients @ y
    w = np.maximum(shared.limits - use, np.maximum(0.1 * np.abs(shared.limits), 1.0))
    price = _highest(costs, shared)
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
    the point comes the largest error of a slack, relative to the least that new ones get: beyond a few, the point is
    too fine to go on from.
    """
    columns = _Columns(lp.blocks, lp.choices, len(lp.shared.limits), lp.partial)
    mu = point.gap() / point.count()
    reduced = lp.costs - columns.charge(point.rho) - point.alpha[columns.requirement]
    slack = np.maximum(reduced, mu / SHY)
    new = np.isnan(x)
    x, zx = np.where(new, mu / slack, x), np.where(new, slack, zx)
    return replace(point, x=x, zx=zx), float(np.abs(zx - reduced).max(initial=0.0)) * SHY / mu


def take_over(lp: Interior, x: Floats, u: Floats, y: Floats, s: Floats) -> Point:
    """The values that another objective led to, kept off their bounds, and prices that fit them."""
    columns = _Columns(lp.blocks, lp.choices, len(lp.shared.limits), lp.partial)
    w = lp.shared.limits - columns.use(x) - lp.shared.coefficients @ y
    x, u, w, y, s = (np.maximum(values, ROOM) for values in (x, u, w, y, s))
    mu = ROOM * _highest(lp.costs, lp.shared)
    alpha = np.full(columns.choices, -10 * mu)
    return Point(
        x=x, u=u, w=w, y=y, s=s, alpha=alpha, rho=-mu / w, zx=mu / x, zu=mu / u, zw=mu / w, zy=mu / y, zs=mu / s
    )


def _highest(costs: Floats, shared: Shared) -> float:
    """The largest cost, at least 1."""
    return max(1.0, float(np.abs(costs).max(initial=0.0)), float(np.abs(shared.costs).max(initial=0.0)))


def _centred(point: Point, direction: Point, primal: float, dual: float, mu: float) -> list[Floats]:
    """By how much each pair's product should change to lie between a tenth and ten times `mu` after a bold step."""
    goals = []
    for (value, slack), (dv, ds) in zip(point.pairs(), direction.pairs(), strict=True):
        product = (value + primal * dv) * (slack + dual * ds)
        goals.append(np.maximum(np.clip(product, 0.1 * mu, 10 * mu) - product, -10 * mu))
    return goals


def _lengths(point: Point, direction: Point, most: float) -> tuple[float, float]:
    """The longest primal and dual steps that keep everything positive, at most 1, times `most` where one is hit."""
    primal = dual = 1.0 / most
    for (value, slack), (dv, ds) in zip(point.pairs(), direction.pairs(), strict=True):
        falling, sinking = dv < 0, ds < 0
        primal = min(primal, float((value[falling] / -dv[falling]).min(initial=primal)))
        dual = min(dual, float((slack[sinking] / -ds[sinking]).min(initial=dual)))
    return min(1.0, most * primal), min(1.0, most * dual)


def _moved(point: Point, direction: Point, primal: float, dual: float) -> Point:
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
