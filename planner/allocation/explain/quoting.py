"""Quotes: what the stored prices say of a requirement that is not planned yet, in milliseconds and without a solver.

Two figures bound what granting it would change. Its best option's reduced cost is the least: at these prices no plan
could gain more. The most adds what others lose who would have to make room. A quote is sure where both say the same,
clearly.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from planner.allocation.columns import Entries, build_entries
from planner.allocation.explain.view import NOISE, Single, View, placed_options, row_weights
from planner.allocation.instance import Floats, Ints
from planner.allocation.options import Options
from planner.allocation.pricing import price_tables, spread_prices
from planner.allocation.problem import Requirement

Answer: TypeAlias = Literal["served", "not_served", "uncertain"]
MARGIN = 0.02
"""The least margin, relative to what is at stake, by which a sure quote wins or loses."""
LEVERAGE = 8.0
"""How much the margin must grow with the part of a priced pool, or of its ministry, that the requirement makes up:
prices hold for small changes only."""
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

    @property
    def stake(self) -> Floats:
        stake: Floats = np.abs(self.uses * self.weights).sum(axis=1) / 2
        return stake

    @property
    def least(self) -> float:
        return float(self.costs[0] / self.stake[0]) if self.stake[0] > 0 else 0.0

    def dissents(self, answer: Answer) -> bool:
        """Whether this level would rather have the opposite of `answer`."""
        return self.least > DISSENT if answer == "served" else self.least < -DISSENT


def quote(book: QuoteBook, requirement: Requirement) -> Quote:
    """The quote of `requirement`, which the book's problem does not have yet."""
    single = book.view.single(requirement)
    markets = [_market(single, level) for level in reversed(book.view.weights)]
    if not len(markets[0].options):
        return Quote(requirement.code, "not_served")
    decisive = [market for market in markets if abs(market.least) > NOISE]
    headroom = single.headroom()
    for market in decisive:
        rooms = [_making_room(book, single, market, use, headroom) for use in market.uses]
        total = market.costs + (rooms if market.least < 0 else 0.0)
        # Where nothing has a price, nothing is won or lost: there is room, or there is not.
        after = np.where(total > 0, np.inf, 0.0)
        np.divide(total, market.stake, out=after, where=market.stake > 0)
        best = int(after.argmin())
        if np.isfinite(after[best]):
            answer = _answer(book, single, market, float(after[best]))
            if any(other.dissents(answer) for other in decisive):
                answer = "uncertain"
            return _quote(single, market, best, answer, headroom, margin=-float(after[best]))
    return Quote(requirement.code, "uncertain")


def _answer(book: QuoteBook, single: Single, market: _Market, after: float) -> Answer:
    """What the market that decides says, if it says it clearly enough for a requirement of this size."""
    needed = MARGIN + LEVERAGE * _part(single, market)
    if market.least > needed and not _would_fall(book, single):
        return "not_served"
    return "served" if after < -needed else "uncertain"


def _market(single: Single, level: str) -> _Market:
    options, costs = single.best_by_site(level)
    options = options.take(np.arange(min(SITES, len(options))))
    return _Market(level, options, costs[:SITES], single.uses(options), single.weights(level))


def _would_fall(book: QuoteBook, single: Single) -> bool:
    """Whether its ministry, at ease so far, would fall by this requirement: fairness might then ask for it after
    all."""
    if "fairness" not in book.view.weights:
        return False
    name = f"service/{book.view.ministry_of(single.requirement)}"
    return name not in book.view.weights["fairness"]


def _part(single: Single, market: _Market) -> float:
    """The greatest part of a priced pool, or of its ministry, that the requirement would make up."""
    pools, instance = single.layout.pools, single.instance
    limits = single.layout.limits[:pools]
    of_pools = market.uses[:, :pools] / np.where(limits > 0, limits, np.inf) * (market.weights[:pools] > 0)
    own = float(instance.size.sum())
    return max(float(of_pools.max(initial=0.0)), own / (own + float(instance.ministry_size[instance.ministry[0]])))


def _making_room(book: QuoteBook, single: Single, market: _Market, use: Floats, headroom: Floats) -> float:
    """What placements lose, at the prices of the market, that would have to go for `use` to fit.

    Those go first who free most for the least loss, until every pool that lacks room has enough. It is inf where none
    could, and where none of the pools that lack room has a price: the prices know nothing of them yet.
    """
    pools = single.layout.pools
    lacking = use[:pools] - headroom
    short = np.flatnonzero((use[:pools] > 0) & (lacking > NOISE * use[:pools]))
    if not len(short):
        return 0.0
    names = [single.layout.names[row] for row in short.tolist()]
    if not market.weights[short].any() or not all(name in book.row_at for name in names):
        return np.inf
    ranges = [slice(*book.first[book.row_at[name] :][:2].tolist()) for name in names]
    who, position = np.unique(np.concatenate([book.uses.column[mine] for mine in ranges]), return_inverse=True)
    freed = np.zeros((len(who), len(short)))
    which = np.repeat(np.arange(len(short)), [mine.stop - mine.start for mine in ranges])
    freed[position, which] = np.concatenate([book.uses.value[mine] for mine in ranges])
    freed /= lacking[short]
    loss = book.loss[market.level][who]
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
        thb = float((use * single.weights("cost"))[counted].sum())
    if "priority" in layout.level:
        priority = float((use * single.weights("priority"))[pools].sum())
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
