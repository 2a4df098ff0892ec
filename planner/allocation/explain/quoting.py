"""Quotes: what the stored prices say of a requirement that is not planned yet, in milliseconds and without a solver.

Two figures bound what granting it would change. Its best option's reduced cost is the least: at these prices no plan
could gain more. The most adds what others lose who would have to make room at one of its homes. A quote is sure where
both say the same, clearly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from planner.allocation.columns import Entries, build_entries
from planner.allocation.explain.standing import find_standing
from planner.allocation.explain.view import NOISE, Single, View, placed_options, row_weights
from planner.allocation.instance import Floats, Ints
from planner.allocation.options import Options
from planner.allocation.pricing import price_tables, spread_prices
from planner.allocation.problem import Requirement

Answer: TypeAlias = Literal["served", "not_served", "uncertain"]
MARGIN = 0.02
"""The least margin, relative to what is at stake, by which a sure quote wins or loses."""
LEVERAGE = 8.0
"""How much the margin must grow with the part of a pool that others must leave to the requirement, or with its part of
a ministry held to its guarantee: prices hold for small changes only."""
SHIFT = 2.0
"""How much the margin of one that loses must grow with its part of national demand, by which all sizes shrink even if
it is not served: that part of what an option earns is twice that part of what is at stake, at most."""
DISSENT = 1e-3
"""From what margin on a level that says otherwise than the one that decides makes a quote uncertain."""
SITES = 4
"""How many sites, the cheapest first, are tried for room."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What to expect of a requirement: `served` and `not_served` mean nine tenths of it or more.

    The home is the best there is at the level that decides, even where it would not be granted. `thb` is what it costs
    over the horizon at the prices of the level `cost` (running cost and what its pools are worth to others), `priority`
    what its pools are worth in the level `priority`; None without such a level. `pool` is the shortest of its pools, if
    any is short. `margin` is by how much it wins (> 0) or loses (< 0), relative to what is at stake.
    """

    requirement: str
    answer: Answer
    level: str | None = None
    site: str | None = None
    standby: str | None = None
    start: int | None = None
    thb: float | None = None
    priority: float | None = None
    pool: str | None = None
    margin: float = 0.0


@dataclass(frozen=True, eq=False)
class QuoteBook:
    """A view, and what each placement uses and would lose, per level, by making room."""

    view: View
    row_at: Mapping[str, int]
    uses: Entries
    """What placements use, as granted, sorted by row; `first` is where each row begins."""
    first: Ints
    loss: Mapping[str, Floats]


def open_quote_book(view: View) -> QuoteBook:
    """What quotes need, from a stored plan: built once, used for every quote."""
    placements = view.plan.placements
    options = placed_options(view.instance, placements)
    shares = np.array([row.share for row in placements])
    entries = build_entries(view.instance, view.layout, options)
    order = np.argsort(entries.row, kind="stable")
    row, column = entries.row[order], entries.column[order]
    uses = Entries(row, column, entries.value[order] * shares[column])
    loss = {level: shares * _regret(view, level, options, entries) for level in view.weights}
    names = {name: at for at, name in enumerate(view.layout.names)}
    return QuoteBook(view, names, uses, np.searchsorted(row, np.arange(len(names) + 1)), loss)


def _regret(view: View, level: str, options: Options, entries: Entries) -> Floats:
    """What each placed option's requirement would lose, per share, by going to another site or, if better, nowhere."""
    weights = row_weights(view.layout, view.weights[level])
    own = np.bincount(entries.column, entries.value * weights[entries.row], len(options))
    other = np.zeros(len(options))
    order = np.argsort(options.requirement, kind="stable")
    placed = options.requirement[order]
    for rows, table in price_tables(view.instance, spread_prices(view.instance, view.layout, weights)):
        k = order[slice(*np.searchsorted(placed, [rows[0], rows[-1] + 1]).tolist())]
        by_site = table.total.min(axis=2)[options.requirement[k] - rows[0]]
        by_site[np.arange(len(k)), options.site[k]] = np.inf
        other[k] = np.minimum(by_site.min(axis=1, initial=np.inf), 0.0)
    return np.maximum(other - own, 0.0)


@dataclass(frozen=True, eq=False)
class _Market:
    """One level's prices for a requirement: its cheapest homes, their cost, and what they take of every row.

    `least` is the best home's cost relative to what is at stake, half of all that it would pay or earn.
    """

    level: str
    options: Options
    costs: Floats
    uses: Floats
    weights: Floats

    @cached_property
    def stakes(self) -> Floats:
        stakes: Floats = np.abs(self.uses * self.weights).sum(axis=1) / 2
        return stakes

    @property
    def least(self) -> float:
        return float(self.costs[0] / self.stakes[0]) if self.stakes[0] > 0 else 0.0

    def relative(self, home: int, cost: float) -> float:
        """`cost` relative to what is at stake."""
        if self.stakes[home] > 0:
            return cost / float(self.stakes[home])
        # Where nothing has a price, nothing is won or lost: there is room, or there is not.
        return np.inf if cost > 0 else 0.0

    def dissents(self, answer: Answer) -> bool:
        """Whether this level would rather have the opposite of `answer`."""
        return self.least > DISSENT if answer == "served" else self.least < -DISSENT


def quote(book: QuoteBook, requirement: Requirement) -> Quote:
    """The quote of `requirement`, which the book's problem does not have yet."""
    single = book.view.single(requirement)
    markets = _markets(single)
    if not markets:
        return Quote(requirement.code, "not_served")
    decisive = [market for market in markets if abs(market.least) > NOISE]
    headroom = single.headroom()
    for market in decisive:
        best, after, wins = _try_homes(book, single, market, headroom)
        if np.isfinite(after):
            answer: Answer = "served" if wins else "not_served" if _loses(single, market) else "uncertain"
            if any(other.dissents(answer) for other in decisive):
                answer = "uncertain"
            return _quote(single, market, best, answer, headroom, margin=-after)
    return Quote(requirement.code, "uncertain")


def _markets(single: Single) -> list[_Market]:
    """The markets of all levels, the last first; none if no site may host the requirement."""
    found = []
    for level in reversed(single.view.weights):
        options, costs = single.best_by_site(level)
        if not len(options):
            return []
        found.append((level, options.take(np.arange(min(SITES, len(options)))), costs[:SITES]))
    # All at once: laying options out costs more than their number.
    uses = single.uses(Options.join([options for _, options, _ in found]))
    ends = np.cumsum([len(options) for _, options, _ in found]).tolist()
    return [
        _Market(level, options, costs, uses[end - len(options) : end], single.weights[level])
        for (level, options, costs), end in zip(found, ends, strict=True)
    ]


def _try_homes(book: QuoteBook, single: Single, market: _Market, headroom: Floats) -> tuple[int, float, bool]:
    """The cheapest home once there is room for it, what it costs then, and whether any of them surely wins.

    The cost is relative to what is at stake, and inf where there can be no room. Each home bounds from above what
    granting the requirement would change, so that one that wins is enough.
    """
    best, least, wins = 0, np.inf, False
    for home, cost in enumerate(market.costs.tolist()):
        if wins and market.relative(home, cost) >= least:
            continue
        lacking = _lacking(market.uses[home], headroom)
        room = _making_room(book, single, market, lacking) if market.least < 0 else 0.0
        after = market.relative(home, cost + room)
        wins = wins or _wins(single, market, home, lacking, after)
        if after < least:
            best, least = home, after
    return best, least, wins


def _wins(single: Single, market: _Market, home: int, lacking: Floats, after: float) -> bool:
    """Whether `home` wins clearly enough for a requirement of this size, once others left what is `lacking`."""
    ministry, limits = find_standing(single), single.layout.limits[: single.layout.pools]
    part = max(_largest_part(lacking, limits), ministry.part if ministry.held else 0.0)
    unpaid = (1 - ministry.share) * _guarantee(single, market, home)
    return after < -(MARGIN + LEVERAGE * part) and after + unpaid < -MARGIN


def _loses(single: Single, market: _Market) -> bool:
    """Whether every home loses clearly enough; others need not make room then, but may have to be served instead."""
    ministry = find_standing(single)
    shift = SHIFT * _largest_part(single.instance.demand[0], single.view.national)
    if ministry.owed > 0:
        shift = max(shift, LEVERAGE * ministry.part + ministry.owed)
    return market.least > MARGIN + shift and not ministry.at_cap


def _largest_part(amounts: Floats, limits: Floats) -> float:
    """The largest part of a limit that an amount makes up, infinite for some of nothing."""
    parts = np.divide(amounts, limits, out=np.where(amounts > 0, np.inf, 0.0), where=limits > 0)
    return float(parts.max(initial=0.0))


def _guarantee(single: Single, market: _Market, home: int) -> float:
    """What `home` earns by what its ministry is guaranteed, relative to what is at stake.

    A guarantee pays for the share that it promises only: the rest of a requirement must win without it.
    """
    ministry = single.instance.ministry[0]
    rows = [row for row in (single.layout.service[ministry], single.layout.floor[ministry]) if row >= 0]
    return market.relative(home, -float((market.uses[home] * market.weights)[rows].sum()))


def _lacking(use: Floats, headroom: Floats) -> Floats:
    """What pools lack for `use`, 0 where there is room, (pools,)."""
    taken = use[: len(headroom)]
    lacking: Floats = np.where(taken - headroom > NOISE * taken, taken - headroom, 0.0) * (taken > 0)
    return lacking


def _making_room(book: QuoteBook, single: Single, market: _Market, lacking: Floats) -> float:
    """What placements lose, at the prices of the market, that would have to go for nothing to be `lacking`.

    Those go first who free most for the least loss, until every pool that lacks room has enough. It is inf where none
    could, and where none of the pools that lack room has a price: the prices know nothing of them yet.
    """
    short = np.flatnonzero(lacking)
    if not len(short):
        return 0.0
    names = [single.layout.names[row] for row in short.tolist()]
    if not market.weights[short].any() or not all(name in book.row_at for name in names):
        return np.inf
    ranges = [slice(*book.first[book.row_at[name] :][:2].tolist()) for name in names]
    frees = np.zeros(len(book.loss[market.level]), dtype=bool)
    for mine in ranges:
        frees[book.uses.column[mine]] = True
    position, loss = np.cumsum(frees) - 1, book.loss[market.level][frees]
    freed = np.zeros((len(loss), len(short)))
    for nth, mine in enumerate(ranges):
        freed[position[book.uses.column[mine]], nth] = book.uses.value[mine] / lacking[short[nth]]
    order = np.argsort(loss / np.minimum(freed, 1.0).sum(axis=1), kind="stable")
    enough = (np.cumsum(freed[order], axis=0) >= 1).all(axis=1)
    return float(loss[order[: enough.argmax() + 1]].sum()) if enough.any() else np.inf


def _quote(single: Single, market: _Market, best: int, answer: Answer, headroom: Floats, *, margin: float) -> Quote:
    ((_, site, standby, start),) = market.options.take(np.array([best]))
    instance, layout, use = single.instance, single.layout, market.uses[best]
    pools = np.arange(len(use)) < layout.pools
    thb = priority = None
    if "cost" in layout.level:
        counted = pools.copy()
        counted[layout.level["cost"]] = True
        thb = float((use * single.weights["cost"])[counted].sum())
    if "priority" in layout.level:
        priority = float((use * single.weights["priority"])[pools].sum())
    return Quote(
        requirement=single.requirement.code,
        answer=answer,
        level=market.level,
        site=instance.sites[site],
        standby=instance.sites[standby] if standby >= 0 else None,
        start=instance.years[start],
        thb=thb,
        priority=priority,
        pool=_shortest(single, use, market.weights, headroom),
        margin=margin,
    )


def _shortest(single: Single, use: Floats, weights: Floats, headroom: Floats) -> str | None:
    """The dearest pool of those that `use` would pay for; failing that the one that lacks most; or none."""
    pools = single.layout.pools
    paid = (use * weights)[:pools]
    if paid.max(initial=0.0) > 0:
        return single.layout.names[int(paid.argmax())]
    lacking = np.divide(use[:pools] - headroom, use[:pools], out=np.zeros(pools), where=use[:pools] > 0)
    return single.layout.names[int(lacking.argmax())] if lacking.max(initial=0.0) > NOISE else None
