"""The rounds of the interior-point method, to a precision that is asked for."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.interior.columns import Columns, in_threads
from planner.allocation.interior.normal import require_finite
from planner.allocation.interior.points import Interior, Point, Waypoint, first_point
from planner.allocation.interior.system import System

ROUNDS = 120
STALL = 20
NEARER = 0.9
"""Rounds in all, and rounds without getting nearer by a tenth, after which a point is as good as doubles let it be."""
HALFWAY = 1e-3
CLOSER = 0.1


@dataclass(frozen=True, eq=False)
class InteriorResult:
    """Shares x, shared values y, row multipliers (p,) and slack (p,), choice surplus (choices,).

    All are positive but the surplus; `error` is the largest of the relative residuals
    and the relative gap. `waypoints` are points to start from when something changes, from coarse to fine: one for
    about every power of ten by which the gap fell, or the nearest point.
    """

    shares: Floats
    shared: Floats
    multipliers: Floats
    slack: Floats
    surplus: Floats
    error: float
    point: Point
    waypoints: tuple[Waypoint, ...]


def solve_interior(
    lp: Interior,
    precision: float,
    start: Point | None = None,
    tick: Callable[[], None] = lambda: None,
) -> InteriorResult:
    """The optimum of `lp` to `precision` (relative residuals and gap), or the nearest point that could be computed.

    `start` goes on from an earlier point. `tick` is called several times in each round; what it raises ends the solve.
    """
    with in_threads(lp.choices) as each:
        columns = Columns(lp.matrix, len(lp.shared.limits), each=each, tick=tick)
        tick()
        return _iterate(lp, columns, precision, start, tick)


def _iterate(
    lp: Interior, columns: Columns, precision: float, start: Point | None, tick: Callable[[], None]
) -> InteriorResult:
    """`solve_interior`, round by round."""
    shared, costs = lp.shared, lp.costs
    waypoints: list[Waypoint] = []
    near = 1.0
    point = start or first_point(columns, shared, costs)
    norm_b = 1.0 + max(float(np.abs(shared.limits).max(initial=0.0)), 1.0)
    norm_c = 1.0 + max(float(np.abs(costs).max(initial=0.0)), float(np.abs(shared.costs).max(initial=0.0)))
    nearest, error, mark, gap, since = point, np.inf, np.inf, np.inf, 0
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        for _ in range(ROUNDS):
            try:
                system = System(columns, shared, costs, point)
                primal, dual = system.off()
                size = 1.0 + abs(float(costs @ point.values.x + shared.costs @ point.values.y))
                gap = max(point.gap(), system.owed()) / size
                require_finite(primal, dual, gap)
                if gap <= near and primal / norm_b <= max(CLOSER * near, HALFWAY):
                    waypoints.append(Waypoint(gap, point))
                    near = CLOSER * gap
                since += 1
                if max(primal / norm_b, dual / norm_c, gap) < error:
                    nearest, error = point, max(primal / norm_b, dual / norm_c, gap)
                if error < NEARER * mark:
                    mark, since = error, 0
                if error <= precision or since > STALL:
                    break
                system.factorise()
                following = system.step(0.1 * precision * size)
            except (FloatingPointError, np.linalg.LinAlgError):
                break
            point = following
            tick()
    return InteriorResult(
        shares=nearest.values.x,
        shared=nearest.values.y,
        multipliers=np.maximum(-nearest.rho, 0.0),
        slack=nearest.values.w,
        surplus=-nearest.alpha,
        error=error,
        point=nearest,
        waypoints=tuple(waypoints) or (Waypoint(gap, nearest),),
    )
