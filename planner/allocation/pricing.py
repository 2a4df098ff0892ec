"""At given prices every requirement's best option is a closed form; summed, that proves a bound.

`docs/formulation.md`, "How to solve it". All sums run over arrays, a block of requirements at a time.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.layout import Layout, unmet_weight
from planner.allocation.options import Options, may_start

BLOCK = 10_000
AHEAD = 2
"""Requirements of which the options are priced together, and how many blocks are worked on while one is looked at."""
FEW = 1_000
"""Up to so many requirements a problem has its best options looked for in tables, without a compiler."""
Block = TypeVar("Block")


@dataclass(frozen=True, eq=False)
class Prices:
    """What rows charge, spread over what options use.

    `capacity` (S, R, T) per unit used; `running` (T,) per THB of running cost; `value` (n, T) of serving a requirement
    in a year; `moves` (T,) per unit moved; `pin` (n,) for standing at the pinned site.
    """

    capacity: Floats
    running: Floats
    value: Floats
    moves: Floats
    pin: Floats


@dataclass(frozen=True, eq=False)
class Best:
    """The best options of the requirements at positions `rows` and their reduced costs, (rows,).

    A requirement without any option costs inf, and says nothing of an option.
    """

    rows: Ints
    cost: Floats
    site: Ints
    standby: Ints
    start: Ints

    def options(self, those: Flags) -> Options:
        """The options of `those` (rows,)."""
        at = np.flatnonzero(those)
        return Options(self.rows[at], self.site[at], self.standby[at], self.start[at])


def spread_prices(instance: Instance, layout: Layout, multipliers: Floats) -> Prices:
    """`multipliers` (one a row, >= 0; a level's own objective counts as its row with multiplier 1) as prices."""
    padded = np.append(multipliers, 0.0)  # position -1 finds the zero
    of_level = {level: multipliers[row] for level, row in layout.level.items()}
    share = padded[layout.service] + padded[layout.floor] - padded[layout.cap]
    weight = np.divide(share, instance.ministry_size, out=np.zeros_like(share), where=instance.ministry_size > 0)[
        instance.ministry
    ]
    for level in ("statutory", "priority"):
        if of_level.get(level):
            weight = weight + of_level[level] * unmet_weight(instance, level)
    value = instance.size * weight[:, None]
    if len(instance.load):
        charge = instance.load[:, None] * padded[layout.staff][instance.load_staff]
        np.subtract.at(value, instance.load_requirement, charge * instance.active[instance.load_requirement])
    return Prices(
        capacity=padded[layout.capacity],
        running=padded[layout.opex] + of_level.get("cost", 0.0),
        value=value,
        moves=padded[layout.moves] + of_level.get("moves", 0.0),
        pin=padded[layout.pin],
    )


def price(
    instance: Instance, prices: Prices, among: Ints | None = None, at_once: Flags | None = None
) -> Iterator[Best]:
    """The best option of every requirement (of those at positions `among`) at `prices`, a block at a time, in order.

    Those that are `at_once` (n,) must be served from their first year. Of many the best are looked for in compiled
    loops; importing the compiler is not worth it for few.
    """
    unit = prices.capacity + instance.running_cost * prices.running
    at_once = np.zeros(len(instance.requirements), dtype=bool) if at_once is None else at_once
    if len(instance.requirements) <= FEW:

        def look(rows: Ints) -> Best:
            return _best_of(instance, rows, _price_block(instance, prices, unit, rows), at_once)

    else:
        from planner.allocation.best_options import Asked, find_best  # noqa: PLC0415 - see above

        asked = Asked(
            demand=instance.demand,
            start=instance.start,
            end=instance.end,
            home=instance.home,
            pin=instance.pin,
            paired=instance.paired,
            allowed=instance.allowed,
            movable=instance.movable,
            opens=instance.opens,
            closes=instance.closes,
            region=instance.region,
            ratio=instance.standby_ratio,
            unit=unit,
            value=prices.value,
            moves=prices.moves,
            pin_price=prices.pin,
        )

        def look(rows: Ints) -> Best:
            return Best(rows, *find_best(asked, rows, at_once))

    yield from _in_blocks(instance, look, among)


def _best_of(instance: Instance, rows: Ints, table: "Table", at_once: Flags) -> Best:
    """The best of a table of options."""
    if not table.total.size:
        nowhere = np.full(len(rows), -1)
        return Best(rows, np.full(len(rows), np.inf), nowhere, nowhere, nowhere)
    late = np.arange(table.total.shape[2]) > instance.start[rows, None]
    barred = (at_once[rows] & (instance.home[rows] < 0))[:, None, None] & late[:, None, :]
    flat, at = np.where(barred, np.inf, table.total).reshape(len(rows), -1), np.arange(len(rows))
    best = flat.argmin(axis=1)
    site, start = np.divmod(best, table.total.shape[2])
    return Best(rows, flat[at, best], site, table.standby[at, site, start], start)


@dataclass(frozen=True, eq=False)
class Table:
    """Reduced cost of a block's options by site and start year, (block, S, T), each with its best standby site."""

    total: Floats
    standby: Ints


def price_tables(instance: Instance, prices: Prices, among: Ints | None = None) -> Iterator[tuple[Ints, Table]]:
    """Every option's reduced cost, a block of requirements at a time, in order: (positions, table)."""
    unit = prices.capacity + instance.running_cost * prices.running

    def look(rows: Ints) -> tuple[Ints, Table]:
        return rows, _price_block(instance, prices, unit, rows)

    yield from _in_blocks(instance, look, among)


def _in_blocks(instance: Instance, look: Callable[[Ints], Block], among: Ints | None) -> Iterator[Block]:
    """What `look` says of every requirement (of those at positions `among`), a block at a time, in order."""
    positions = np.arange(len(instance.requirements)) if among is None else among
    blocks = [positions[first : first + BLOCK] for first in range(0, len(positions), BLOCK)]
    if len(blocks) < 2:  # nothing to be ahead with
        yield from map(look, blocks)
        return
    at_work: deque[Future[Block]] = deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        for rows in blocks:
            at_work.append(pool.submit(look, rows))
            if len(at_work) > AHEAD:
                yield at_work.popleft().result()
        for block in at_work:
            yield block.result()


def _price_block(instance: Instance, prices: Prices, unit: Floats, rows: Ints) -> Table:
    demand, value = instance.demand[rows], prices.value[rows]
    possible = may_start(instance, rows)
    use = _use_cost(demand, unit)  # (block, S, T)
    total = _from_start(use - value[:, None, :])
    total = np.where(possible, total, np.inf)
    standby = np.full(total.shape, -1, dtype=np.int64)
    hosted = np.flatnonzero(instance.home[rows] >= 0)
    if len(hosted):
        home = instance.home[rows[hosted]]
        at_home = use[hosted, home] - value[hosted]  # (hosted, T); demand and value are 0 before the first year
        before = np.cumsum(at_home, axis=1) - at_home
        move = prices.moves * instance.moved[rows[hosted]]
        away = np.arange(len(instance.sites)) != home[:, None]
        total[hosted] += before[:, None, :] + move[:, None, :] * away[:, :, None]
    paired = np.flatnonzero(instance.paired[rows])
    if len(paired):
        copy = _use_cost(demand[paired], unit * instance.standby_ratio[:, None])
        extra, standby[paired] = _best_standby(instance, rows[paired], _from_start(copy))
        total[paired] += extra
    pinned = np.flatnonzero(instance.pin[rows] >= 0)
    total[pinned, instance.pin[rows[pinned]]] -= prices.pin[rows[pinned], None]
    return Table(total, standby)


def _use_cost(demand: Floats, unit: Floats) -> Floats:
    """Cost of hosting `demand` (n, R, T) at `unit` prices (S, R, T), (n, S, T)."""
    by_year = np.matmul(demand.transpose(2, 0, 1), unit.transpose(2, 1, 0))  # (T, n, S)
    return np.ascontiguousarray(by_year.transpose(1, 2, 0))


def _from_start(yearly: Floats) -> Floats:
    """Sums from each year to the last along the last axis."""
    return np.flip(np.cumsum(np.flip(yearly, -1), axis=-1), -1)


def _best_standby(instance: Instance, rows: Ints, cost: Floats) -> tuple[Floats, Ints]:
    """Cheapest standby for every primary site and start, in another region: cost and site, (rows, S, T)."""
    year = np.arange(len(instance.years))
    opened = year >= instance.opens[:, None]
    lasts = instance.closes >= instance.end[rows, None]
    possible = (instance.allowed[rows] & lasts)[:, :, None] & opened
    cost = np.where(possible, cost, np.inf)
    best_cost = np.full(cost.shape, np.inf)
    best_site = np.full(cost.shape, -1, dtype=np.int64)
    for region in np.unique(instance.region):
        outside = np.flatnonzero(instance.region != region)
        if not len(outside):
            continue
        inside = np.flatnonzero(instance.region == region)
        choice = cost[:, outside].argmin(axis=1)  # (rows, T)
        best_site[:, inside] = outside[choice][:, None, :]
        best_cost[:, inside] = np.take_along_axis(cost, outside[choice][:, None, :], axis=1)
    return best_cost, best_site
