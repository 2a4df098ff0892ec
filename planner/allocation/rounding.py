"""From an interior point to a plan: break ties, fix the clear winners, and solve exactly over what stays.

An interior point spreads shares over every option that is as good as the best. A preference among those, drawn from the
codes alone, leaves a few hundred requirements undecided; the exact master settles them, and some more, while the rest
stand fixed. If the plan then misses the bound, more requirements are set free, in the end all of them.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from planner.allocation.columns import build_entries
from planner.allocation.instance import Flags, Floats, Instance
from planner.allocation.interior_master import InteriorMaster
from planner.allocation.layout import Layout
from planner.allocation.master import Master
from planner.allocation.options import Options
from planner.allocation.statement import Stated
from planner.errors import NotSolvedError

DECIDED = 0.99
"""A requirement is clearly decided with at least so much of it at one option, or nowhere."""
ROOM = 1.5
FEWEST = 100
"""The exact master takes in so many times those that are not, at first, and no fewer: the least decided ones."""


@dataclass(frozen=True, eq=False)
class Vertex:
    """A plan at a vertex: options, their shares, the shared values, and the level's value without its constant."""

    options: Options
    shares: Floats
    shared_values: Floats
    value: float


@dataclass(frozen=True, eq=False)
class Rounding:
    """What rounding needs to know: the instance and its rows, the point reached, and the level with its `bound`.

    `bound` is without the level's constant, and to be met within `gap`; `tick` is called now and then.
    """

    instance: Instance
    layout: Layout
    stated: Stated
    interior: InteriorMaster
    level: str
    bound: float
    gap: float
    tick: Callable[[], None]

    def settle(self) -> Vertex:
        """The plan near the point; `NotSolvedError` if nothing is feasible even with every requirement free."""
        at_hand = self.interior.options
        shares = self.interior.break_ties(self.level, _preferences(self.instance, at_hand), self.tick)
        options, count = self.interior.options, len(self.instance.requirements)
        clarity = np.maximum(1.0 - np.bincount(options.requirement, shares, count), 0.0)
        np.maximum.at(clarity, options.requirement, shares)
        order = np.argsort(clarity, kind="stable")
        few = max(FEWEST, int(ROOM * np.count_nonzero(clarity < DECIDED)))
        while True:
            free = np.zeros(count, dtype=bool)
            free[order[:few]] = True
            decided = options.take((shares > 0.5) & ~free[options.requirement])
            fixed = Options.join([self.interior.fixed, decided])
            choice = options if few < count else at_hand
            found = self._solve_free(fixed, choice.take(free[choice.requirement]), free)
            if found is not None and (few >= count or self._is_close(found)):
                return found
            if few >= count:
                raise NotSolvedError
            few *= 2

    def _is_close(self, found: Vertex) -> bool:
        return self.level == "fairness" or self.layout.gap(self.level, found.value, self.bound) <= self.gap

    def _solve_free(self, fixed: Options, choice: Options, free: Flags) -> Vertex | None:
        """The exact master over the `choice` of options that the `free` have, (n,), and those of `fixed` granted whole.

        None if that is infeasible.
        """
        row = self.layout.level[self.level]
        entries = build_entries(self.instance, self.layout, fixed)
        taken = np.bincount(entries.row, entries.value, len(self.layout))
        limits = self.interior.limits - taken
        limits[row] = np.inf
        master = Master(self.instance, self.layout, self.stated, limits, free)
        master.add(choice)
        try:
            result = master.solve(self.level, 0.0, None, self.tick)
        except NotSolvedError:
            return None
        return Vertex(
            options=Options.join([fixed, choice]),
            shares=np.concatenate([np.ones(len(fixed)), master.shares]),
            shared_values=master.shared_values,
            value=result.value + float(taken[row]),
        )


def _preferences(instance: Instance, options: Options) -> Floats:
    """A number in [0, 1) for every option, drawn from its codes alone."""
    sites, years = instance.sites, instance.years
    names = (f"{instance.requirements[n]}/{sites[s]}/{sites[other]}/{years[t]}" for n, s, other, t in options)
    return np.array([zlib.crc32(name.encode()) / 2**32 for name in names])
