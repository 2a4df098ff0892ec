"""A point to go on from when requirements join that were no part of the LP, each standing whole at one option."""

import numpy as np

from planner.allocation.instance import Ints
from planner.allocation.interior.columns import Columns
from planner.allocation.interior.points import NEW, Interior, Point


def grow(lp: Interior, point: Point, home: Ints) -> tuple[Point, float]:
    """`point` with the last len(`home`) choices of `lp` added, and how wrong it is about them.

    `home` is the option, by its position in `lp`, at which each of them stands; those options follow the point's own,
    in this order. All of a new choice but a small share stays where it stood. Slacks are what costs and prices say, so
    that the gap has what each would gain by standing elsewhere; the most of that, in average products of the pairs, is
    how wrong the point is.
    """
    columns = Columns(lp.matrix, len(lp.shared.limits))
    mu = point.gap() / point.count()
    reduced = lp.costs - columns.charge(point.rho)
    best = np.full(lp.choices, np.inf)
    np.minimum.at(best, columns.requirement, reduced)
    alpha = best[lp.choices - len(home) :] - mu / NEW
    slack = reduced[home] - alpha
    values, slacks = point.values, point.slacks
    grown = Point.of(
        values._replace(x=np.concatenate([values.x, np.full(len(home), 1.0 - NEW)])),
        slacks._replace(x=np.concatenate([slacks.x, slack])),
        alpha=np.concatenate([point.alpha, alpha]),
        rho=point.rho,
    )
    return grown, float(slack.max(initial=0.0)) / mu
