"""Options in dense blocks, as one operator that may work in threads."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from planner.allocation.instance import Floats, Ints

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CHUNK = 2_500
CELLS = 500_000
"""Requirements, and coefficients of blocks, that one thread takes at a time."""


@dataclass(frozen=True, eq=False)
class Block:
    """Options with the same rows: positions of the rows (g,), coefficients (k, g), requirement (k,), ascending."""

    rows: Ints
    coefficients: Floats
    requirement: Ints


class Columns:
    """The blocks as one operator.

    `each` maps and may work in threads: what the items yield is added up in the order of the items, so that sums do not
    depend on how many threads there are. `tick` is called again and again within what takes longest; what it raises is
    raised there.
    """

    def __init__(
        self,
        blocks: Sequence[Block],
        choices: int,
        rows: int,
        partial: Ints,
        *,
        each: Callable[..., Iterable[Any]] = map,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.blocks, self.choices, self.rows, self.partial = blocks, choices, rows, partial
        self.each, self.tick = each, tick
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
        spread = theta * np.sqrt(weight)[self.requirement]

        def gram_of(group: range) -> list[Floats]:
            scaled = (self.blocks[at].coefficients * root[self.parts[at], None] for at in group)
            return [columns.T @ columns for columns in scaled]  # one array by itself takes half the work

        def gram_of_choices(chunk: Chunk) -> tuple[Ints, Floats]:
            sums = chunk.sums(spread)
            return chunk.rows, sums.T @ sums

        for group, grams in zip(self.groups, self.each(gram_of, self.groups), strict=True):
            for at, part in zip(group, grams, strict=True):
                rows = self.blocks[at].rows
                gram[np.ix_(rows, rows)] += part
            self.tick()
        for rows, product in self.each(gram_of_choices, self.chunks):
            gram[np.ix_(rows, rows)] -= product
            self.tick()
        return gram

    @cached_property
    def chunks(self) -> "list[Chunk]":
        """All requirements, some at a time."""
        bounds = [*range(0, self.choices, CHUNK), self.choices]
        parts: list[list[tuple[Ints, Ints, Floats]]] = [[] for _ in bounds[1:]]
        for block, part in zip(self.blocks, self.parts, strict=True):
            at, column = np.nonzero(block.coefficients)
            value, row, option = block.coefficients[at, column], block.rows[column], at + part.start
            cuts = np.searchsorted(block.requirement[at], bounds).tolist()
            for number, (low, high) in enumerate(pairwise(cuts)):
                if high > low:
                    parts[number].append((option[low:high], row[low:high], value[low:high]))
        return [
            self._chunk(first, last, entries) for (first, last), entries in zip(pairwise(bounds), parts, strict=True)
        ]

    def _chunk(self, first: int, last: int, entries: "list[tuple[Ints, Ints, Floats]]") -> "Chunk":
        """The requirements from `first` up to `last`, with `entries` (options, rows, values) of theirs."""
        none = np.zeros(0, dtype=np.int64)
        options = np.concatenate([none, *(part for part, _, _ in entries)])
        row = np.concatenate([none, *(part for _, part, _ in entries)])
        values = np.concatenate([np.zeros(0), *(part for _, _, part in entries)])
        touched = np.bincount(row, minlength=self.rows) > 0
        rows, position = np.flatnonzero(touched), np.cumsum(touched) - 1
        at = (self.requirement[options] - first) * len(rows) + position[row]
        return Chunk(last - first, rows, at, options, values)


@dataclass(frozen=True, eq=False)
class Chunk:
    """Some requirements, the rows that their options touch, and the coefficients of those one by one.

    Each stands `at` a position of the sums by requirement and row, and is an option's.
    """

    height: int
    rows: Ints
    at: Ints
    options: Ints
    values: Floats

    def sums(self, amounts: Floats) -> Floats:
        """Each requirement's sums of amount times coefficient, (height, rows)."""
        shape = self.height, len(self.rows)
        sums = np.bincount(self.at, self.values * amounts[self.options], shape[0] * shape[1])
        return sums.astype(np.float64, copy=False).reshape(shape)


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
