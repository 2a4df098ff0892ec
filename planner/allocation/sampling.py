"""A large problem's beginning: a sample of its requirements, with its part of every limit, tells the prices of all.

At these prices every requirement has a place to begin at, and nearly all of them may stay there
(`planner.allocation.holding`). What the sample is wrong about costs time, and never the proof.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.allocation.holding import Standing, draw_lots
from planner.allocation.instance import Flags, Floats, Instance, Ints
from planner.allocation.layout import POLICY, Layout
from planner.allocation.options import Options
from planner.allocation.pricing import price_tables, spread_prices

PART: Final = 0.1
LEAST: Final = 6_000
"""The part of all requirements that is drawn, and how many that is at least."""
STEPS: Final = 12
EXACT: Final = 1e-6
"""Newton's steps for where a requirement's centre lies, and how exact that must be, relatively."""


@dataclass(frozen=True, eq=False)
class Sample:
    """An `instance` of the requirements drawn, and which `part` of all that is asked for it asks for."""

    instance: Instance
    part: float


@dataclass(frozen=True, eq=False)
class Reached:
    """What a sample's solve came to, by the rows of its `layout`, each level in its own unit.

    `prices` by level; of the last level also `central` prices and the products `mu` of shares and reduced costs at a
    point that is still well within all limits; `values` of the levels, and the `modules` bought, (E, T).
    """

    layout: Layout
    prices: dict[str, Floats]
    values: dict[str, float]
    central: Floats
    mu: float
    modules: Floats


def draw_sample(instance: Instance) -> Sample:
    """A tenth of the requirements or so, by lot, and all that policy pins."""
    count = len(instance.requirements)
    share = max(PART, LEAST / count)
    drawn = (draw_lots(instance, f"sample of {count} ") < share) | (instance.pin >= 0)  # a sample's sample draws anew
    at = np.flatnonzero(drawn)
    position = np.cumsum(drawn) - 1
    asked = instance.demand * (1.0 + instance.paired[:, None] * instance.standby_ratio)[:, :, None]
    part = _part(asked[at].sum(axis=0), asked.sum(axis=0), share)  # (R, T)
    whole, by_type = float(part.mean()), part.mean(axis=1)
    hosted = instance.incumbent
    moved = _part(instance.moved[drawn & hosted].sum(axis=0), instance.moved[hosted].sum(axis=0), whole)
    loads = np.flatnonzero(drawn[instance.load_requirement])
    load_staff, load = instance.load_staff[loads], instance.load[loads]
    fte = _part(_by_staff(instance, load_staff, load), _by_staff(instance, instance.load_staff, instance.load), whole)
    module = by_type[instance.expansion_type]
    size, ministry = instance.size[at], instance.ministry[at]
    smaller = replace(
        instance,
        requirements=tuple(instance.requirements[n] for n in at.tolist()),
        demand=instance.demand[at],
        start=instance.start[at],
        end=instance.end[at],
        ministry=ministry,
        weight=instance.weight[at],
        protected=instance.protected[at],
        paired=instance.paired[at],
        indivisible=instance.indivisible[at],
        home=instance.home[at],
        pin=instance.pin[at],
        allowed=instance.allowed[at],
        capacity=instance.capacity * part,
        module_size=instance.module_size * module,
        module_price=instance.module_price * module,
        capex_limit=instance.capex_limit * whole,
        opex_limit=instance.opex_limit * whole,
        move_limit=instance.move_limit * moved,
        fte=instance.fte * fte[:, None],
        load_requirement=position[instance.load_requirement[loads]],
        load_staff=load_staff,
        load=load,
        size=size,
        ministry_size=np.bincount(ministry, size.sum(axis=1), len(instance.ministries)).astype(np.float64),
    )
    return Sample(smaller, whole)


def stand_by(instance: Instance, layout: Layout, sample: Sample, reached: Reached) -> Standing:
    """Where all requirements of `instance` may begin, by what the sample's solve came to.

    Of options that are as good, each is drawn as often as the sample needs it, so that the pools come out about full.
    """
    at = {name: row for row, name in enumerate(layout.names)}
    rows = np.array([at[name] for name in reached.layout.names], dtype=np.int64)

    def of_all(level: str, prices: Floats) -> Floats:
        weights = np.zeros(len(layout))
        weights[rows] = prices * _amounts(reached.layout, sample.part) / _amount(level, sample.part)
        weights[layout.level[level]] = 1.0
        return weights

    last = reached.layout.levels[-1]
    bought = np.zeros(layout.pools)
    for e, t in zip(*np.nonzero(reached.modules), strict=True):
        cells = layout.capacity[instance.expansion_site[e], instance.expansion_type[e], t + instance.lead[e] :]
        bought[cells[cells >= 0]] += instance.module_size[e] * reached.modules[e, t]
    options = _draw_options(instance, of_all(last, reached.central), reached.mu, layout)
    return Standing(
        options=options,
        shares=np.ones(len(options)),
        weights={level: of_all(level, prices) for level, prices in reached.prices.items()},
        values={level: value / _amount(level, sample.part) for level, value in reached.values.items()},
        bought=bought,
    )


def _by_staff(instance: Instance, load_staff: Ints, load: Floats) -> Floats:
    return np.bincount(load_staff, load, len(instance.staff)).astype(np.float64)


def _part(some: Floats, everything: Floats, otherwise: float) -> Floats:
    part: Floats = np.divide(some, everything, out=np.full(everything.shape, otherwise), where=everything > 0)
    return part


def _amount(level: str, part: float) -> float:
    """What one unit of a level is in the sample: levels that are shares have the same, sums have their part."""
    return 1.0 if level in ("fairness", POLICY) else part


def _amounts(layout: Layout, part: float) -> Floats:
    """What one unit of each row's limit is in the sample, (rows,): its part of every pool, but whole modules."""
    amounts = np.ones(len(layout))
    amounts[: layout.pools] = part
    amounts[layout.expansion[layout.expansion >= 0]] = 1.0
    for level, row in layout.level.items():
        amounts[row] = _amount(level, part)
    return amounts


def _draw_options(instance: Instance, weights: Floats, mu: float, layout: Layout) -> Options:
    """At most one option for each requirement, drawn by its share at the centre that belongs to the prices and `mu`."""
    lots, found = draw_lots(instance, "option"), [Options.none()]
    for rows, table in price_tables(instance, spread_prices(instance, layout, weights)):
        total = table.total.reshape(len(rows), -1)
        shares = _central_shares(total, instance.protected[rows], mu)
        up_to = np.cumsum(shares, axis=1)
        lot = lots[rows] * np.where(instance.protected[rows], up_to[:, -1], 1.0)
        drawn = (up_to > lot[:, None]).argmax(axis=1)
        (i,) = np.nonzero((up_to[:, -1] > lot) & np.isfinite(total[np.arange(len(rows)), drawn]))
        s, t = np.divmod(drawn[i], table.total.shape[2])
        found.append(Options(rows[i], s, table.standby[i, s, t], t))
    return Options.join(found)


def _central_shares(costs: Floats, whole: Flags, mu: float) -> Floats:
    """Shares x of options (n, k) at reduced costs c (inf: impossible), such that x (c - a) = mu with a for each row.

    They add up to one, with the share u (0 - a) = mu of going without; those that are `whole` have no such share.
    """
    least = np.where(whole, np.inf, 0.0)
    lowest = np.minimum(costs.min(axis=1, initial=np.inf), least)
    lowest = np.where(np.isfinite(lowest), lowest, 0.0)
    above = np.column_stack([costs, least]) - lowest[:, None]
    slack = np.full(len(costs), mu)  # of the cheapest; from here 1 / sum(1 / (above + slack)) is followed to mu
    for _ in range(STEPS):
        parts = 1.0 / (above + slack[:, None])
        total = parts.sum(axis=1)
        squares = (parts * parts).sum(axis=1)
        step = np.divide((mu * total - 1.0) * total, squares, out=np.zeros_like(total), where=squares > 0)
        slack += step
        if (np.abs(step) <= EXACT * slack).all():
            break
    shares: Floats = mu / (above + slack[:, None])
    return shares[:, :-1]
