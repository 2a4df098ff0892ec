"""A point to go on from when requirements join that were no part of the LP, each standing whole at one option."""

import numpy as np

from planner.allocation.instance import Ints
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.points import Interior, Point

SHY = 1e-2
"""The share of whoever joins that does not stay where it stood."""


def grow(lp: Interior, point: Point, home: Ints) -> tuple[Point, float]:
    """`point` with the last len(`home`) choices of `lp` added, and how wrong it is about them.

    `home` is the option, by its position in `lp`, at which each of them stands, or -1 if it has been granted nothing;
    those options follow the point's own, in this order. All of a new choice but a small share stays where it stood,
    with a slack at the average product of the pairs. What that slack would have to be is measured as `let_in` does it.
    """
    columns = Columns(lp.matrix, len(lp.shared.limits), lp.partial)
    before = lp.choices - len(home)
    mu = point.gap() / point.count()
    reduced = lp.costs - columns.charge(point.rho)
    best = np.full(lp.choices, np.inf)
    best[lp.partial] = 0.0
    np.minimum.at(best, columns.requirement, reduced)
    alpha = best[before:] - mu / SHY
    stood, partial = home >= 0, lp.partial[lp.partial >= before] - before
    most = 1.0 - SHY
    x = np.full(int(stood.sum()), most)
    u = np.where(stood, SHY, most)[partial]
    slack = np.where(stood, reduced[home], 0.0) - alpha
    values, slacks = point.values, point.slacks
    grown = Point.of(
        values._replace(x=np.concatenate([values.x, x]), u=np.concatenate([values.u, u])),
        slacks._replace(
            x=np.concatenate([slacks.x, mu / x]),
            u=np.concatenate([slacks.u, np.where(stood, -alpha, mu / most)[partial]]),
        ),
        alpha=np.concatenate([point.alpha, alpha]),
        rho=point.rho,
    )
    return grown, float(slack.max(initial=0.0)) / mu
