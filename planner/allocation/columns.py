"""Options as columns: what each uses of every row, vectorised over options."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.layout import POLICY, Layout, unmet_weight
from planner.allocation.options import Options

BLOCK: Final = 10_000
"""Options of which the entries are in memory together."""


@dataclass(frozen=True, eq=False)
class Entries:
    """Entries of a sparse matrix: parallel arrays of row, column and value; no position stands twice."""

    row: Ints
    column: Ints
    value: Floats

    def among(self, kept: Flags) -> "Entries":
        """Those of the columns that are `kept`, which are counted among themselves."""
        at = kept[self.column]
        return Entries(self.row[at], (np.cumsum(kept) - 1)[self.column[at]], self.value[at])


@dataclass(frozen=True, eq=False)
class Hosting:
    """Where k options host their requirement in each year: site and standby site (-1: nowhere), (k, T) each.

    Before its start, an incumbent's option uses the present home; any other option uses nothing.
    """

    site: Ints
    standby: Ints

    @property
    def granted(self) -> Flags:
        """Whether the requirement is served in the year, (k, T)."""
        return self.site >= 0


def build_hosting(instance: Instance, options: Options) -> Hosting:
    """Where `options` host in each year."""
    year = np.arange(len(instance.years))
    n = options.requirement
    active = (year >= instance.start[n, None]) & (year <= instance.end[n, None])
    begun = active & (year >= options.start[:, None])
    before = np.where(active, instance.home[n, None], -1)
    return Hosting(
        site=np.where(begun, options.site[:, None], before),
        standby=np.where(begun, options.standby[:, None], -1),
    )


def build_entries(instance: Instance, layout: Layout, options: Options) -> Entries:
    """The master's columns of `options` over the layout's rows, unscaled."""
    hosting = build_hosting(instance, options)
    demand = instance.demand[options.requirement]
    site = _capacity(layout, hosting.site, demand)
    standby = _capacity(layout, hosting.standby, demand * instance.standby_ratio[:, None])
    return _joined([site, standby, build_extras(instance, layout, options)])


def build_extras(instance: Instance, layout: Layout, options: Options) -> Entries:
    """`build_entries` without the capacity of sites."""
    hosting = build_hosting(instance, options)
    n = options.requirement
    at_pin = (instance.pin[n] == options.site) & (instance.pin[n] >= 0)
    served = _served(instance, layout, n, hosting.granted.astype(np.float64))
    return _joined([*_spent(instance, layout, options, hosting), *served, _pinned(layout, n, at_pin)])


def build_wanting(instance: Instance, layout: Layout, options: Options) -> Entries:
    """`build_extras` less what all of the requirement would be, `build_whole`, in the rows that count what is served.

    So these rows have what each option leaves wanting, the whole of it where it is at no site, and nothing but that.
    Pins have no rows: by as much as an option is elsewhere its pin gives way, and that is a part of its level.
    """
    hosting = build_hosting(instance, options)
    n = options.requirement
    wanting = instance.active[n] & ~hosting.granted
    elsewhere = (instance.pin[n] != options.site) & (instance.pin[n] >= 0)
    gives_way = _at_row(np.full(len(n), layout.level.get(POLICY, -1)), elsewhere.astype(np.float64))
    served = _served(instance, layout, n, -wanting.astype(np.float64))
    return _joined([*_spent(instance, layout, options, hosting), *served, gives_way])


def build_whole(instance: Instance, layout: Layout) -> Entries:
    """What each requirement, (n,), adds to rows that count what is served, granted whole and where it is pinned."""
    n = np.arange(len(instance.requirements))
    served = _served(instance, layout, n, instance.active.astype(np.float64))
    return _joined([*served, _pinned(layout, n, instance.pin >= 0)])


def idle_staff(instance: Instance, layout: Layout) -> Flags:
    """Which rows are of staff and limit nothing that others do not, (rows,).

    Everything that is asked for fits in; or the year after has no more FTE, and whatever is served in the one is served
    in the other, for nothing ends between.
    """
    active = instance.active[instance.load_requirement]
    most, ends = np.zeros(instance.fte.shape), np.zeros(instance.fte.shape, dtype=bool)
    np.add.at(most, instance.load_staff, instance.load[:, None] * active)
    idle = most <= instance.fte
    np.logical_or.at(ends[:, :-1], instance.load_staff, active[:, :-1] & ~active[:, 1:])
    idle[:, :-1] |= ~ends[:, :-1] & (instance.fte[:, 1:] <= instance.fte[:, :-1])
    rows = np.zeros(len(layout), dtype=bool)
    rows[layout.staff[idle & (layout.staff >= 0)]] = True
    return rows


def in_blocks(options: Options) -> Iterator[tuple[Ints, Options]]:
    """`options` a block at a time, each block with its positions: what they use takes far more memory than they do."""
    for first in range(0, len(options), BLOCK):
        at = np.arange(first, min(first + BLOCK, len(options)))
        yield at, options.take(at)


def row_use(instance: Instance, layout: Layout, options: Options, shares: Floats) -> Floats:
    """What `shares` of `options` take of every row, (rows,), unscaled."""
    use = np.zeros(len(layout))
    for at, block in in_blocks(options):
        entries = build_entries(instance, layout, block)
        use += np.bincount(entries.row, entries.value * shares[at][entries.column], len(layout))
    return use


def _spent(instance: Instance, layout: Layout, options: Options, hosting: Hosting) -> list[Entries]:
    """What options use of rows that count where and when they host, but for the capacity of sites."""
    n = options.requirement
    running = _running_cost(instance, hosting, instance.demand[n])
    move_year, moved = _moves(instance, options)
    blocks = [_by_row(layout.opex, running), _at_row(layout.moves[move_year], moved)]
    for level, value in (("cost", running.sum(axis=1)), ("moves", moved)):
        if level in layout.level:
            blocks.append(_at_row(np.full(len(n), layout.level[level]), value))
    return blocks


def _served(instance: Instance, layout: Layout, n: Ints, served: Floats) -> list[Entries]:
    """What it adds to rows that count service to serve requirements n by `served`, (k, T)."""
    size = (instance.size[n] * served).sum(axis=1)
    of_all = np.where(instance.ministry_size > 0, instance.ministry_size, 1.0)
    share = size / of_all[instance.ministry[n]]
    blocks = [
        *_staff(instance, layout, n, served),
        _at_row(layout.cap[instance.ministry[n]], share),
        _at_row(layout.service[instance.ministry[n]], -share),
        _at_row(layout.floor[instance.ministry[n]], -share),
    ]
    for level, row in layout.level.items():
        blocks.append(_at_row(np.full(len(n), row), -unmet_weight(instance, level)[n] * size))
    return blocks


def _pinned(layout: Layout, n: Ints, at_pin: Flags) -> Entries:
    """What it adds to pins that requirements n stand there, (k,)."""
    return _at_row(layout.pin[n], -at_pin.astype(np.float64))


def _joined(blocks: Sequence[Entries]) -> Entries:
    return Entries(
        np.concatenate([block.row for block in blocks]),
        np.concatenate([block.column for block in blocks]),
        np.concatenate([block.value for block in blocks]),
    )


def _capacity(layout: Layout, site: Ints, demand: Floats) -> Entries:
    k, r, t = np.nonzero(demand * (site >= 0)[:, None, :])
    return _kept(layout.capacity[site[k, t], r, t], k, demand[k, r, t])


def _running_cost(instance: Instance, hosting: Hosting, demand: Floats) -> Floats:
    """THB by year, (k, T)."""
    year = np.arange(len(instance.years))
    cost = np.zeros(hosting.site.shape)
    for site, ratio in ((hosting.site, np.ones(len(instance.types))), (hosting.standby, instance.standby_ratio)):
        unit_cost = instance.running_cost[site, :, year] * (site >= 0)[:, :, None]  # (k, T, R)
        cost += np.einsum("krt,ktr,r->kt", demand, unit_cost, ratio)
    return cost


def _staff(instance: Instance, layout: Layout, n: Ints, served: Floats) -> list[Entries]:
    blocks = []
    order = np.argsort(instance.load_requirement, kind="stable")
    of_load = instance.load_requirement[order]
    first, last = (np.searchsorted(of_load, n, side) for side in ("left", "right"))
    for nth in range(int((last - first).max(initial=0))):
        column = np.flatnonzero(first + nth < last)
        triple = order[first[column] + nth]
        k, t = np.nonzero(served[column])
        row = layout.staff[instance.load_staff[triple[k]], t]
        blocks.append(_kept(row, column[k], instance.load[triple[k]] * served[column[k], t]))
    return blocks


def _moves(instance: Instance, options: Options) -> tuple[Ints, Floats]:
    """The year in which each option moves, and how much moves."""
    n = options.requirement
    leaves = (instance.home[n] >= 0) & (options.site != instance.home[n]) & (options.site >= 0)
    return options.start, np.where(leaves, instance.moved[n, options.start], 0.0)


def _by_row(rows: Ints, value: Floats) -> Entries:
    k, t = np.nonzero(value)
    return _kept(rows[t], k, value[k, t])


def _at_row(row: Ints, value: Floats) -> Entries:
    column = np.flatnonzero(value)
    return _kept(row[column], column, value[column])


def _kept(row: Ints, column: Ints, value: Floats) -> Entries:
    keep = row >= 0
    return Entries(row[keep], column[keep], value[keep])
