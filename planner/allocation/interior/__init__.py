"""An interior-point method for the master that never forms more than its shared rows.

Mehrotra's predictor-corrector method (SIAM J. Optim. 2, 1992) with Gondzio's multiple centrality correctors
(Comput. Optim. Appl. 6, 1996), each taken in as far as it helps, for

    min c x + d y   subject to   sum over a requirement's options of x = 1,   A x + B y + w = b,
                                 x, w >= 0,   0 <= y <= top,

where to be granted nothing is an option of every requirement that need not be granted whole.

The choice rows are eliminated by hand: what is factorised is the Schur complement on the shared rows (p x p), a few
hundred to a few thousand, however many requirements there are. The options of a requirement share its demand, and
compiled loops work with that instead of the matrix.
"""

from planner.allocation.interior.growing import grow
from planner.allocation.interior.matrix import Matrix
from planner.allocation.interior.points import Interior, Point, Shared, Waypoint, let_in, take_over
from planner.allocation.interior.solving import HALFWAY, InteriorResult, solve_interior

__all__ = [
    "HALFWAY",
    "Interior",
    "InteriorResult",
    "Matrix",
    "Point",
    "Shared",
    "Waypoint",
    "grow",
    "let_in",
    "solve_interior",
    "take_over",
]
