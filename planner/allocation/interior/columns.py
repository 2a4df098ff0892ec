"""The options' matrix as one operator that may work in threads."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from planner.allocation.instance import Floats, Ints
from planner.allocation.interior.matrix import Matrix, Weights

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
        *,
        each: Callable[..., Iterable[Any]] = map,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        from planner.allocation.interior import kernels, pairs  # noqa: PLC0415 - the compiler takes a second to import

        self.matrix, self.choices, self.rows = matrix, len(matrix.home), rows
        self.each, self.tick, self.kernels, self.pairs = each, tick, kernels, pairs
        self.counted = np.flatnonzero(matrix.row >= 0)
        self.row, self.scale = matrix.row[self.counted], matrix.scale[self.counted]
        step = max(CHUNK, -(-self.choices // PARTS))
        self.parts = list(pairwise([*range(0, self.choices, step), self.choices]))

    def use(self, amounts: Floats) -> Floats:
        """A x, (p,)."""
        return self._used(lambda span: self.kernels.use(self.matrix, amounts, span))

    def charge(self, prices: Floats) -> Floats:
        """Transpose of A times `prices`, one an option."""
        slots, charges = self._slots(prices), np.empty(len(self.matrix.site))
        list(self.each(lambda span: self.kernels.charge(self.matrix, slots, charges, span), self.parts))
        return charges

    def weigh(self, theta: Floats) -> Weights:
        """The weights of all shares."""
        weights = Weights(theta, np.empty(self.choices), np.empty(self.choices, dtype=np.int64))
        list(self.each(lambda span: self.kernels.weigh(self.matrix.first, weights, span), self.parts))
        return weights

    def share_out(self, weights: Weights, gains: Floats, missed: Floats) -> tuple[Floats, Floats]:
        """Changes d = theta (gains + E' alpha), one an option, and the alpha, (choices,), at which E d = missed.

        E sums over each requirement's options.
        """
        changes, alpha = gains.copy(), np.zeros(self.choices) + missed
        list(
            self.each(lambda span: self.kernels.share_out(self.matrix.first, weights, changes, alpha, span), self.parts)
        )
        return changes, alpha

    def _used(self, loop: Callable[[tuple[int, int]], Floats]) -> Floats:
        """The rows' sums of what `loop` says is used of every slot, part by part."""
        slots = np.zeros(len(self.matrix.row))
        for used in self.each(loop, self.parts):
            slots += used
        total = np.zeros(self.rows)
        total[self.row] = slots[self.counted] / self.scale
        return total

    def _slots(self, prices: Floats) -> Floats:
        """The rows' prices for every slot, unscaled."""
        slots = np.zeros(len(self.matrix.row))
        slots[self.counted] = prices[self.row] / self.scale
        return slots

    @cached_property
    def requirement(self) -> Ints:
        """Whose each option is, (k,)."""
        return np.repeat(np.arange(self.choices), np.diff(self.matrix.first))

    def by_choice(self, amounts: Floats) -> Floats:
        """Sums over each requirement's options, (choices,)."""
        sums: Floats = np.bincount(self.requirement, amounts, self.choices).astype(np.float64)
        return sums

    def gram(self, weights: Weights) -> Floats:
        """A theta A' - S' S / E theta with S the requirements' sums of theta a', (p, p)."""
        sites, width = self.matrix.sites, self.matrix.profile.shape[2] * self.matrix.profile.shape[3]
        cells, slots = sites * width, len(self.matrix.row)
        total, blocks = np.zeros((slots, slots)), np.zeros((sites**2, width**2))
        for rows, of_pairs in self.each(lambda span: self.kernels.gram(self.matrix, weights, span), self.parts):
            total[cells:] += rows
            blocks += of_pairs
            self.tick()
        total[:cells, :cells] = blocks.reshape(sites, sites, width, width).swapaxes(1, 2).reshape(cells, cells)
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
