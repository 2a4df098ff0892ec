"""The floors of ministries that leximin has settled, as the interior point sees them.

Held as limits they would leave no interior: what is settled can rise no further, so its rows and all that these compete
for are tight in every plan that is left. Each floor is a variable instead, with a price that no plan gains by falling
short of: weights that are steep enough have the optimum of goals in strict order (Isermann, OR Spektrum 4, 1982). That
they are too low shows, for a settled floor then comes out lower than it was.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np

from planner.allocation.instance import Floats
from planner.allocation.layout import SLACK

STEEPER: Final = 8.0
STEEPEST: Final = 1e6
"""By how much prices rise at a time; beyond the steepest, doubles no longer tell what the floor that rises is worth."""
DOUBT: Final = 10.0
"""A floor lies too low if it is short by more than so many times what the error of the point would pay for."""


class Floors:
    """Settled rows (`floor_of` each by position) and the g floors of those that were settled together, in that order.

    `shares` (g,) are where they were settled, and `prices` (g,) what they are worth beside the floor that still rises.
    """

    def __init__(self) -> None:
        self._floor_of: dict[int, int] = {}
        self.shares = np.zeros(0)
        self.prices = np.zeros(0)

    @property
    def floor_of(self) -> Mapping[int, int]:
        """The floor of each settled row."""
        return self._floor_of

    def settle(self, row: int, share: float) -> None:
        """Settle `row` at `share`, together with those that were settled there last."""
        if not len(self.shares) or self.shares[-1] != share:
            self.shares, self.prices = np.append(self.shares, share), np.append(self.prices, 1.0)
        self._floor_of[row] = len(self.shares) - 1

    def short(self, reached: Floats) -> Floats:
        """By how much floors that came out at `reached` (g,) are short of where they were settled, (g,)."""
        short: Floats = np.maximum(self.shares - reached, 0.0)
        return short

    def hold(self, reached: Floats, error: float) -> bool:
        """Whether floors that came out at `reached` (g,) are what was settled, at a point as wrong as `error`."""
        return bool((self.short(reached) <= np.maximum(SLACK, DOUBT * error / self.prices)).all())

    def steepen(self) -> bool:
        """Raise the prices, all alike, for those settled first come first; False if they would be too steep."""
        self.prices = STEEPER * self.prices
        return bool((self.prices <= STEEPEST).all())
