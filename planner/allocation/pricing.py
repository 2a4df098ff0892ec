"""At given prices every requirement's best option is a closed form; summed, that proves a bound.

`docs/formulation.md`, "How to solve it". All sums run over arrays, a block of requirements at a time.
"""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout, unmet_weight
from planner.allocation.options import Options, may_start

BLOCK = 10_000
AHEAD = 2
"""Requirements of which the options are priced together, and how many blocks are worked on while one is looked at."""


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
    """Every requirement's best option and its reduced cost, (n,); one without any option costs inf and is left out."""

    cost: Floats
    options: Options


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


def price(instance: Instance, prices: Prices, among: Ints | None = None) -> Best:
    """The best option of every requirement (of those at positions `among`) at `prices`."""
    costs, options = [np.zeros(0)], [Options.none()]
    for rows, table in price_tables(instance, prices, among):
        flat = table.total.reshape(len(rows), -1)
        at = np.arange(len(rows))
        best = flat.argmin(axis=1) if flat.size else np.zeros(len(rows), dtype=np.int64)
        cost = flat[at, best] if flat.size else np.full(len(rows), np.inf)
        site, start = np.divmod(best, len(instance.years))
        found = np.flatnonzero(np.isfinite(cost))
        s, t = site[found], start[found]
        options.append(Options(rows[found], s, table.standby[found, s, t], t))
        costs.append(cost)
    return Best(np.concatenate(costs), Options.join(options))


@dataclass(frozen=True, eq=False)
class Table:
    """Reduced cost of a block's options by site and start year, (block, S, T), each with its best standby site."""

    total: Floats
    standby: Ints


def price_tables(instance: Instance, prices: Prices, among: Ints | None = None) -> Iterator[tuple[Ints, Table]]:
    """Every option's reduced cost, a block of requirements at a time, in order: (positions, table)."""
    unit = prices.capacity + instance.running_cost * prices.running
    positions = np.arange(len(instance.requirements)) if among is None else among
    blocks = [positions[first : first + BLOCK] for first in range(0, len(positions), BLOCK)]

    def price_block(rows: Ints) -> tuple[Ints, Table]:
        return rows, _price_block(instance, prices, unit, rows)

    if len(blocks) < 2:  # nothing to be ahead with
        yield from map(price_block, blocks)
        return
    at_work: deque[Future[tuple[Ints, Table]]] = deque()
    with ThreadPoolExecutor(AHEAD) as pool:
        for rows in blocks:
            at_work.append(pool.submit(price_block, rows))
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
