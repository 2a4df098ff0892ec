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
from planner.allocation.explain.view import NOISE, Single, View, open_view, placed_options, row_weights
from planner.allocation.instance import Floats, Ints
from planner.allocation.options import Options
from planner.allocation.plan import Plan
from planner.allocation.problem import Problem, Requirement

Answer: TypeAlias = Literal["served", "not_served", "uncertain"]
MARGIN = 0.02
"""The least margin, relative to what is at stake, by which a sure quote wins or loses."""
LEVERAGE = 5.0
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


def open_quote_book(problem: Problem, plan: Plan) -> QuoteBook:
    """What quotes need, from a stored plan: built once, used for every quote."""
    view = open_view(problem, plan)
    options = placed_options(view.instance, plan.placements)
    shares = np.array([row.share for row in plan.placements])
    entries = build_entries(view.instance, view.layout, options)
    order = np.argsort(entries.row, kind="stable")
    row, column = entries.row[order], entries.column[order]
    uses = Entries(row, column, entries.value[order] * shares[column])
    loss = {}
    for level, prices in view.weights.items():
        charged = uses.value * row_weights(view.layout, prices)[row]
        loss[level] = np.maximum(-np.bincount(column, charged, len(options)), 0.0)
    names = {name: at for at, name in enumerate(view.layout.names)}
    return QuoteBook(view, names, uses, np.searchsorted(row, np.arange(len(names) + 1)), loss)


@dataclass(frozen=True, eq=False)
class _Verdict:
    """What one level says: the homes tried, and the margin of the best of them, without and with making room."""

    level: str
    options: Options
    best: int
    least: float
    most: float
    needed: float

    @property
    def answer(self) -> Answer:
        if self.least > self.needed:
            return "not_served"
        return "served" if self.most < -self.needed else "uncertain"

    def dissents(self, answer: Answer) -> bool:
        """Whether this level would rather have the opposite of `answer`."""
        return self.least > DISSENT if answer == "served" else self.least < -DISSENT


def quote(book: QuoteBook, requirement: Requirement) -> Quote:
    """The quote of `requirement`, which the book's problem does not have yet."""
    single = book.view.single(requirement)
    verdicts = [_judge(book, single, level) for level in reversed(book.view.weights)]
    decisive = [verdict for verdict in verdicts if verdict is not None and abs(verdict.least) > NOISE]
    if not decisive:
        nowhere = not len(single.best_by_site(book.view.plan.levels[-1].name)[0])
        return Quote(requirement.code, "not_served" if nowhere else "uncertain")
    lowest = decisive[0]
    answer = lowest.answer
    if answer != "uncertain" and any(verdict.dissents(answer) for verdict in decisive[1:]):
        answer = "uncertain"
    if answer == "not_served" and _would_fall(book, single):
        answer = "uncertain"
    return _quote(book, single, lowest, answer)


def _judge(book: QuoteBook, single: Single, level: str) -> _Verdict | None:
    """What `level` says, or None without any option or anything at stake."""
    options, costs = single.best_by_site(level)
    options, costs = options.take(np.arange(min(SITES, len(options)))), costs[:SITES]
    uses, weights = single.uses(options), single.weights(level)
    stake = np.abs(uses * weights).sum(axis=1) / 2
    if not stake.all() or not len(options):
        return None
    after = (costs + [_making_room(book, single, level, use) for use in uses]) / stake
    best = int(after.argmin())
    least = float(costs[0] / stake[0])
    chosen = best if least < 0 else 0
    return _Verdict(level, options, chosen, least, float(after[best]), MARGIN + LEVERAGE * _part(single, uses, weights))


def _would_fall(book: QuoteBook, single: Single) -> bool:
    """Whether its ministry, at ease so far, would fall by this requirement: fairness might then ask for it after
    all."""
    if "fairness" not in book.view.weights:
        return False
    name = f"service/{book.view.ministry_of(single.requirement)}"
    return name not in book.view.weights["fairness"]


def _part(single: Single, uses: Floats, weights: Floats) -> float:
    """The greatest part of a priced pool, or of its ministry, that the requirement would make up."""
    pools, instance = single.layout.pools, single.instance
    limits = single.layout.limits[:pools]
    of_pools = uses[:, :pools] / np.where(limits > 0, limits, np.inf) * (weights[:pools] > 0)
    own = float(instance.size.sum())
    return max(float(of_pools.max(initial=0.0)), own / (own + float(instance.ministry_size[instance.ministry[0]])))


def _making_room(book: QuoteBook, single: Single, level: str, use: Floats) -> float:
    """What placements lose, at the prices of `level`, that would have to go for `use` to fit; inf where none could.

    Those go first who free most for the least loss, until every pool that lacks room has enough.
    """
    pools = single.layout.pools
    lacking = use[:pools] - single.headroom()
    short = np.flatnonzero((use[:pools] > 0) & (lacking > NOISE * use[:pools]))
    if not len(short):
        return 0.0
    loss = book.loss[level]
    freed = np.zeros((len(loss), len(short)))
    for at, row in enumerate(short.tolist()):
        name = single.layout.names[row]
        if name not in book.row_at:
            return np.inf
        of_row = slice(*book.first[book.row_at[name] :][:2].tolist())
        freed[book.uses.column[of_row], at] = book.uses.value[of_row] / lacking[row]
    coverage = np.minimum(freed, 1.0).sum(axis=1)
    who = np.flatnonzero(coverage)
    who = who[np.argsort(loss[who] / coverage[who], kind="stable")]
    enough = (np.cumsum(freed[who], axis=0) >= 1).all(axis=1)
    return float(loss[who[: enough.argmax() + 1]].sum()) if enough.any() else np.inf


def _quote(book: QuoteBook, single: Single, verdict: _Verdict, answer: Answer) -> Quote:
    option = verdict.options.take(np.array([verdict.best]))
    ((_, site, standby, start),) = option
    (use,) = single.uses(option)
    pools = np.arange(len(use)) < single.layout.pools
    instance, layout, weights = single.instance, single.layout, book.view.weights
    thb = priority = None
    if "cost" in weights:
        counted = pools.copy()
        counted[layout.level["cost"]] = True
        thb = float((use * single.weights("cost"))[counted].sum())
    if "priority" in weights:
        priority = float((use * single.weights("priority"))[pools].sum())
    return Quote(
        requirement=single.requirement.code,
        answer=answer,
        level=verdict.level,
        site=instance.sites[site],
        standby=instance.sites[standby] if standby >= 0 else None,
        start=instance.years[start],
        thb=thb,
        priority=priority,
        pool=_shortest(single, use, single.weights(verdict.level)),
        margin=-(verdict.least if verdict.least > 0 else max(verdict.least, verdict.most)) + 0.0,
    )


def _shortest(single: Single, use: Floats, weights: Floats) -> str | None:
    """The dearest pool of those that `use` would pay for; failing that the one that lacks most; or none."""
    pools = single.layout.pools
    paid = (use * weights)[:pools]
    if paid.max(initial=0.0) > 0:
        return single.layout.names[int(paid.argmax())]
    lacking = np.divide(use[:pools] - single.headroom(), use[:pools], out=np.zeros(pools), where=use[:pools] > 0)
    return single.layout.names[int(lacking.argmax())] if lacking.max(initial=0.0) > NOISE else None
