"""What of an earlier plan may stay where it is while a changed problem is solved over the rest.

Nearly every requirement of a plan stands whole at one option, or nowhere, and nearly every one has other options that
are as good. So most can stay, as long as some of each full pool's are free to take up what the change moves.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.allocation.columns import build_entries
from planner.allocation.instance import Flags, Floats, Instance
from planner.allocation.layout import Layout
from planner.allocation.options import Options, may_start
from planner.allocation.plan import LevelResult, Plan
from planner.allocation.pricing import BLOCK, price, spread_prices

PER_POOL: Final = 2.0
"""So many requirements' mean part of all is left of each pool: its price is found by those that could go elsewhere."""
FEW: Final = 0.3
"""What is drawn by lot, as a part of what is left of each pool: some of every ministry, whatever its size."""
MOST: Final = 0.5
"""Where more than this share of all requirements would be free, little would be saved."""
LOSS: Final = 1e-9
"""A requirement whose option loses more than this of a level's value to its best one, at the last prices, is free."""


@dataclass(frozen=True, eq=False)
class Held:
    """The earlier plan's `options` that are still possible, and the requirements that are `free`, (n,).

    All others stand whole at their one option, or nowhere.
    """

    options: Options
    free: Flags


@dataclass(frozen=True, eq=False)
class Standing:
    """Where requirements stand before a solve, and what an earlier one says of its prices.

    `options` with `shares` granted of them; by level the `weights` of all rows, (rows,), 1 for its own, and the
    `values`; what has been `bought` adds to pools, (pools,).
    """

    options: Options
    shares: Floats
    weights: Mapping[str, Floats]
    values: Mapping[str, float]
    bought: Floats


def hold_last(instance: Instance, layout: Layout, last: Plan) -> Held | None:
    """What of `last` stays in `instance`, or None if so little does that it saves nothing.

    `last` may be of any problem: what its codes do not name stands nowhere, and its prices decide only who is free.
    """
    options, shares, lost = _still_possible(instance, *_granted(instance, last))
    levels = [level for level in last.levels if level.name in layout.level]
    standing = Standing(
        options=options,
        shares=shares,
        weights={level.name: _weights(layout, level) for level in levels},
        values={level.name: level.value for level in levels},
        bought=_bought(instance, layout, last),
    )
    return hold(instance, layout, standing, lost, PER_POOL * layout.pools / max(len(lost), 1))


def hold(instance: Instance, layout: Layout, standing: Standing, lost: Flags, spare: float) -> Held | None:
    """What of `standing` stays, or None if so little does that it saves nothing.

    Free are those that `lost` something, (n,), stand at several options, or would rather stand elsewhere; and so many
    of the others that about the share `spare` of every pool is theirs.
    """
    options, shares = standing.options, standing.shares
    whole = np.bincount(options.requirement[shares >= 1], minlength=len(lost)) == 1
    some = np.bincount(options.requirement, minlength=len(lost)) > 0
    late = (options.start > instance.start[options.requirement]) & (instance.home[options.requirement] < 0)
    free = lost | (some & ~whole) | _beaten(instance, layout, standing)
    free[options.requirement[late]] |= instance.protected[options.requirement[late]]
    stays = options.take(~free[options.requirement])
    free |= _largest_users(instance, layout, standing.bought, stays, min(1.0, spare))
    return Held(options, free) if free.any() and free.mean() <= MOST else None


def _granted(instance: Instance, last: Plan) -> tuple[Options, Floats]:
    """The placements of `last` whose codes `instance` knows, and their shares."""
    requirement = {code: n for n, code in enumerate(instance.requirements)}
    site = {code: s for s, code in enumerate(instance.sites)}
    year = {number: t for t, number in enumerate(instance.years)}
    rows, shares = [], []
    for row in sorted(last.placements, key=lambda row: (row.requirement, row.start, row.site, row.standby or "")):
        other = -1 if row.standby is None else site.get(row.standby, -2)
        if row.requirement in requirement and row.site in site and other > -2 and row.start in year:
            rows.append((requirement[row.requirement], site[row.site], other, year[row.start]))
            shares.append(row.share)
    return Options.of(rows), np.array(shares, dtype=np.float64)


def _still_possible(instance: Instance, options: Options, shares: Floats) -> tuple[Options, Floats, Flags]:
    """Those of `options` that `instance` allows, their shares, and who lost one, (n,)."""
    n, s, other, t = options.requirement, options.site, options.standby, options.start
    possible = np.zeros(len(options), dtype=bool)
    for first in range(0, len(options), BLOCK):
        part = slice(first, first + BLOCK)
        possible[part] = may_start(instance, n[part])[np.arange(len(n[part])), s[part], t[part]]
    lasts = (instance.opens[other] <= t) & (instance.closes[other] >= instance.end[n])
    apart = instance.allowed[n, other] & lasts & (instance.region[other] != instance.region[s])
    possible &= np.where(instance.paired[n], apart & (other >= 0), other < 0)
    lost = np.zeros(len(instance.requirements), dtype=bool)
    lost[n[~possible]] = True
    return options.take(possible), shares[possible], lost


def _weights(layout: Layout, level: LevelResult) -> Floats:
    at = {name: row for row, name in enumerate(layout.names)}
    weights = np.zeros(len(layout))
    for name in level.prices.keys() & at.keys():
        weights[at[name]] = level.prices[name]
    weights[layout.level[level.name]] = 1.0
    return weights


def _beaten(instance: Instance, layout: Layout, standing: Standing) -> Flags:
    """Who would rather be elsewhere, or be served at all, or not, at the prices of a level."""
    options, count = standing.options, len(instance.requirements)
    entries = build_entries(instance, layout, options)
    beaten = np.zeros(count, dtype=bool)
    for level, weights in standing.weights.items():
        best = np.concatenate([block.cost for block in price(instance, spread_prices(instance, layout, weights))])
        best = np.where(instance.protected, best, np.minimum(best, 0.0))
        costs = np.bincount(entries.column, entries.value * weights[entries.row], len(options))
        own = np.bincount(options.requirement, costs * standing.shares, count)
        stake = layout.at_stake[level] or layout.scale[layout.level[level]]
        beaten |= own - best > LOSS * max(abs(standing.values[level]), 1e-3 * stake)
    return beaten


def draw_lots(instance: Instance, purpose: str = "") -> Floats:
    """A number in [0, 1) for every requirement, drawn from its code and the purpose alone.

    A checksum would not do: those of two purposes differ in the same bits for every code, so that whoever was drawn for
    the one would be drawn for the other, too, or nobody.
    """
    marks = (hashlib.blake2b((purpose + code).encode(), digest_size=8).digest() for code in instance.requirements)
    return np.frombuffer(b"".join(marks), dtype=">u8") / 2.0**64


def _largest_users(instance: Instance, layout: Layout, bought: Floats, held: Options, spare: float) -> Flags:
    """Who is set free, (n,), so that what stays of `held` leaves the share `spare` of what is had or used of each pool.

    Those are the largest users of each pool, for of them it takes the fewest, and a few of all others by lot.
    """
    entries = build_entries(instance, layout, held)
    pools = entries.row < layout.pools
    row, value, user = entries.row[pools], entries.value[pools], held.requirement[entries.column[pools]]
    use = np.bincount(row, value, layout.pools)
    room = np.maximum(layout.limits[: layout.pools] + bought, 0.0)
    leaves = use - (1.0 - spare) * np.minimum(room, use)
    by_pool = np.argsort(row, kind="stable")
    cuts = np.searchsorted(row[by_pool], np.arange(layout.pools + 1))
    free = draw_lots(instance) < FEW * spare
    for pool in np.argsort(-leaves / np.where(use > 0, use, 1.0), kind="stable").tolist():
        mine = by_pool[cuts[pool] : cuts[pool + 1]]
        stays = mine[~free[user[mine]]]
        left = leaves[pool] - (value[mine].sum() - value[stays].sum())
        if left > 0:
            largest = stays[np.argsort(-value[stays], kind="stable")]
            free[user[largest[: np.searchsorted(np.cumsum(value[largest]), left) + 1]]] = True
    return free


def _bought(instance: Instance, layout: Layout, last: Plan) -> Floats:
    """What the purchases of `last` add to pools, (pools,)."""
    added = np.zeros(layout.pools)
    expansion = {code: e for e, code in enumerate(instance.expansions)}
    for row in last.purchases:
        if row.expansion in expansion and row.fiscal_year in instance.years:
            e = expansion[row.expansion]
            ready = instance.years.index(row.fiscal_year) + int(instance.lead[e])
            rows = layout.capacity[instance.expansion_site[e], instance.expansion_type[e], ready:]
            added[rows[rows >= 0]] += instance.module_size[e] * row.modules
    return added
