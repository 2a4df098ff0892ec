"""The published optimum of Williams's "Manpower planning", by PuLP and by HiGHS directly.

The least redundancy is 842 workers (841.797), the least cost £498,677; a vendor's test of the same model has the cost
to ten digits.
"""

from collections.abc import Callable

import pytest

from planner.bench.manpower import Goal, ManpowerAnswer, solve_directly, solve_with_pulp


@pytest.mark.parametrize("solve", [solve_with_pulp, solve_directly])
def test_the_published_optimum_is_reached(solve: Callable[[Goal], ManpowerAnswer]) -> None:
    assert solve("redundancy").redundancies == pytest.approx(841.796875, abs=1e-6)
    cheapest = solve("cost")
    assert cheapest.cost == pytest.approx(498677.2853185597, abs=1e-4)
    assert cheapest.redundancies == pytest.approx(1423.7, abs=0.1)
