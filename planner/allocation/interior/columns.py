"""The options' matrix as one operator that may work in threads."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.matrix import Matrix

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CHUNK = 2_500
PARTS = 16
"""Requirements that one thread takes at a time at least, and how many times that is all of them at most."""


class Columns:
    """The matrix as an operator on shares and prices, over `rows` rows.

    `each` maps and may work in threads: what the items yield is added up in the order of the items, so that sums do not
    depend on how many threads there are. `tick` is called again and again within what takes longest; what it raises is
    raised there.
    """

    def __init__(
        self,
        matrix: Matrix,
        rows: int,
        partial: Ints,
        *,
        each: Callable[..., Iterable[Any]] = map,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        from planner.allocation.interior import kernels  # noqa: PLC0415 - the compiler takes a second to import

        self.matrix, self.choices, self.rows, self.partial = matrix, len(matrix.home), rows, partial
        self.each, self.tick, self.kernels = each, tick, kernels
        self.requirement = np.repeat(np.arange(self.choices), np.diff(matrix.first))
        self.counted = np.flatnonzero(matrix.row >= 0)
        self.row, self.scale = matrix.row[self.counted], matrix.scale[self.counted]
        step = max(CHUNK, -(-self.choices // PARTS))
        self.parts = list(pairwise([*range(0, self.choices, step), self.choices]))

    def use(self, amounts: Floats) -> Floats:
        """A x, (p,)."""
        slots = np.zeros(len(self.matrix.row))
        for used in self.each(lambda part: self.kernels.use(self.matrix, amounts, *part), self.parts):
            slots += used
        total = np.zeros(self.rows)
        total[self.row] = slots[self.counted] / self.scale
        return total

    def charge(self, prices: Floats) -> Floats:
        """Transpose of A times `prices`, one an option."""
        slots, charges = np.zeros(len(self.matrix.row)), np.empty(len(self.matrix.site))
        slots[self.counted] = prices[self.row] / self.scale
        list(self.each(lambda part: self.kernels.charge(self.matrix, slots, *part, charges), self.parts))
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
        sites, width = self.matrix.sites, self.matrix.profile.shape[2] * self.matrix.profile.shape[3]
        total, blocks = np.zeros((len(self.matrix.row),) * 2), np.zeros((sites**2, width**2))
        for some, of_pairs in self.each(lambda part: self.kernels.gram(self.matrix, theta, weight, *part), self.parts):
            total += some
            blocks += of_pairs
            self.tick()
        cells = sites * width
        total[:cells, :cells] += blocks.reshape(sites, sites, width, width).swapaxes(1, 2).reshape(cells, cells)
        counted = (total + total.T)[np.ix_(self.counted, self.counted)] / (self.scale[:, None] * self.scale)
        gram = np.zeros((self.rows, self.rows))
        gram[np.ix_(self.row, self.row)] = counted
        return gram


@contextmanager
def in_threads(choices: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A way to map for `Columns`: by all cores where `choices` are enough to be worth it."""
    if WORKERS == 1 or choices <= CHUNK:
        yield map
        return
    pool = ThreadPoolExecutor(WORKERS)
    try:
        yield pool.map
    finally:
        pool.shutdown(cancel_futures=True)  # of what was ended half-way nobody wants the rest
