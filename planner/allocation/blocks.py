"""Options in dense blocks: those with the same homes touch the same rows, so their columns form a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.allocation.columns import Entries, build_entries
from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.interior import Block
from planner.allocation.layout import Layout
from planner.allocation.options import Options

SMALL = 60


@dataclass(frozen=True, eq=False)
class Blocks:
    """`options` in the order of the blocks, their unscaled `entries`, and the scaled `blocks` over all rows."""

    options: Options
    entries: Entries
    blocks: tuple[Block, ...]

    def over(self, rows: Flags) -> tuple[Block, ...]:
        """The blocks over those of the rows, with positions counted among them."""
        at = np.cumsum(rows) - 1
        kept = ((block, rows[block.rows]) for block in self.blocks)
        return tuple(
            replace(block, rows=at[block.rows[keep]], coefficients=block.coefficients[:, keep]) for block, keep in kept
        )

    def values(self, row: int) -> Floats:
        """The options' unscaled coefficients of one row, (k,)."""
        of_row = self.entries.row == row
        values = np.bincount(self.entries.column[of_row], self.entries.value[of_row], len(self.options))
        return values.astype(np.float64)


def place_requirements(instance: Instance) -> Ints:
    """A place for every requirement, (n,), such that those that may live at the same sites stand together."""
    rules = np.hstack([instance.allowed, instance.paired[:, None]])
    kinds = np.packbits(rules, axis=1)
    order = np.lexsort(kinds.T)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return place


def build_blocks(instance: Instance, layout: Layout, options: Options, place: Ints) -> Blocks:
    """`options` as blocks, one for each site, standby site, start and home before the start.

    Where those are small, all starts share one, and where that is small as well, all that has the same primary site.
    """
    sites, years = len(instance.sites) + 1, len(instance.years)
    n = options.requirement
    waits = (options.start > instance.start[n]) & (instance.home[n] >= 0)
    before = np.where(waits, instance.home[n] + 1, 0)
    homes = (options.site * sites + options.standby + 1) * sites + before
    key = _merged(homes * (years + 1) + options.start + 1, [homes * (years + 1), -1 - options.site])
    order = np.lexsort((place[n], key))
    options, key = options.take(order), key[order]
    entries = build_entries(instance, layout, options)
    by_column = np.argsort(entries.column, kind="stable")
    row, column = entries.row[by_column], entries.column[by_column]
    value = entries.value[by_column] / layout.scale[row]
    cuts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]])) if len(key) else np.zeros(1, dtype=int)
    starts = np.searchsorted(column, cuts)
    blocks = []
    position = np.empty(len(layout), dtype=np.int64)
    for first, last, low, high in zip(cuts[:-1], cuts[1:], starts[:-1], starts[1:], strict=True):
        rows = np.flatnonzero(np.bincount(row[low:high], minlength=len(layout)))
        position[rows] = np.arange(len(rows))
        coefficients = np.zeros((last - first, len(rows)))
        coefficients[column[low:high] - first, position[row[low:high]]] = value[low:high]
        requirement = place[options.requirement[first:last]]
        blocks.append(Block(rows, coefficients, requirement))
    return Blocks(options, entries, tuple(blocks))


def _merged(key: Ints, coarser: Sequence[Ints]) -> Ints:
    """`key`, and where blocks would be too small to be worth a matrix, the first of the `coarser` ones that is not."""
    for other in coarser:
        _, at, count = np.unique(key, return_inverse=True, return_counts=True)
        key = np.where(count[at] < SMALL, other, key)
    return key
