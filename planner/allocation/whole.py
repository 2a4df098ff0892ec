"""What may not be divided is placed whole: after the LP, what came out split is settled, and its prices stay.

First each of these goes where its largest share lies, if the LP grants most of it and it fits once what is divisible
gives way, or else nowhere. Then shares and modules are found anew for the levels (`planner.allocation.elastic`) and,
while a level is worse off than in the LP, better whole numbers are looked for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from planner.allocation.columns import build_entries, row_use
from planner.allocation.elastic import NEGLIGIBLE, Draft, Effort, Elastic, Outlook
from planner.allocation.engine import Solution
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import Options, list_options, option_key
from planner.allocation.pricing import price_tables, spread_prices
from planner.allocation.statement import read_statement

HALF: Final = 0.5
"""What the LP grants at least this share of is placed at first, anything else not."""
TURNING: Final = Effort(misses=2)
SEARCHING: Final = Effort(nodes=50)


@dataclass(frozen=True, slots=True)
class Scope:
    """How much is looked at.

    `wide` divisible requirements give way to what is placed whole, those that the LP's prices decide least, each with
    its `homes` best options. Then `turns` times `at_once` of the split ones are placed anew by a MILP, with `beside`
    others of any kind.
    """

    wide: int = 500
    homes: int = 4
    turns: int = 10
    at_once: int = 10
    beside: int = 30
    turning: Effort = TURNING
    searching: Effort = SEARCHING


USUAL: Final = Scope()


def place_whole(
    instance: Instance,
    layout: Layout,
    solution: Solution,
    *,
    tick: Callable[[], None],
    is_late: Callable[[], bool],
    scope: Scope = USUAL,
) -> Solution:
    """`solution` itself if nothing indivisible is split in it, else one with each of those whole or not at all.

    Every pool keeps its limit; levels may lose. Once `is_late` says so, nothing better is looked for. What `tick`
    raises ends everything.
    """
    split = find_split(instance, solution.options, solution.shares)
    if not len(split):
        return solution
    stated = read_statement(instance, layout)
    used = row_use(instance, layout, solution.options, solution.shares)
    outlook = Outlook(instance, layout, stated, np.maximum(solution.limits, used), tick)
    desk = _Desk(instance, layout, solution)
    others = desk.least_decided(split)
    gives_way = others[~instance.indivisible[others]][: scope.wide]
    could = desk.options(split, scope.homes)
    draft = _round(outlook, could, solution, split, gives_way)
    options = Options.join([could, desk.homes(gives_way, scope.homes)])
    draft = Elastic(outlook, draft, options, Effort() if is_late() else scope.turning).settle()
    for first in range(0, min(len(split), scope.turns * scope.at_once), scope.at_once):
        if draft.loss <= NEGLIGIBLE or is_late():
            break
        again = np.union1d(split[first : first + scope.at_once], others[: scope.beside])
        draft = Elastic(outlook, draft, desk.options(again, scope.homes, draft.options), scope.searching).settle()
    modules = np.zeros_like(solution.modules)
    for (e, t), column in stated.modules.items():
        modules[e, t] = draft.shared[column]
    given = {layout.names[row]: float(draft.shared[at]) for row, at in stated.giving.items()}
    return replace(solution, options=draft.options, shares=draft.shares, modules=modules, given=given)


def find_split(instance: Instance, options: Options, shares: Floats) -> Ints:
    """The requirements that may not be divided and hold a share other than 1."""
    holders = options.requirement[shares != 1.0]
    return np.unique(holders[instance.indivisible[holders]])


class _Desk:
    """What requirements could have, at the LP's prices of the level that decides who is served."""

    def __init__(self, instance: Instance, layout: Layout, solution: Solution) -> None:
        self._instance, self._layout, self._solution = instance, layout, solution
        prices = {outcome.name: outcome.multipliers for outcome in solution.levels}
        level = next((name for name in ("priority", "fairness", "statutory") if name in prices), layout.levels[-1])
        self._weights = prices[level].copy()
        self._weights[layout.level[level]] = 1.0
        self._prices = spread_prices(instance, layout, self._weights)

    def least_decided(self, but: Ints) -> Ints:
        """All requirements that have options, save `but`: those first for which the second best costs little more."""
        instance = self._instance
        regret = np.full(len(instance.requirements), np.inf)
        for rows, table in price_tables(instance, self._prices):
            best = np.sort(table.total.min(axis=2), axis=1)
            served = best[:, 0] if best.shape[1] else np.full(len(rows), np.inf)
            second = np.minimum(best[:, 1] if best.shape[1] > 1 else np.inf, 0.0)
            has = np.isfinite(served)
            regret[rows[has]] = np.where(served < 0, second - served, served)[has]
        regret /= np.maximum(instance.size.sum(axis=1), 1e-12)
        regret[but] = np.inf
        order: Ints = np.argsort(regret, kind="stable")[: int(np.isfinite(regret).sum())]
        return order

    def homes(self, those: Ints, most: int) -> Options:
        """The `most` best sites and starts for each of `those`, each with its best standby, and what the LP granted."""
        held = self._solution.options
        found = [held.take(np.isin(held.requirement, those))]
        for rows, table in price_tables(self._instance, self._prices, those):
            cost = table.total.reshape(len(rows), -1)
            best = np.argsort(cost, axis=1, kind="stable")[:, :most]
            i, nth = np.nonzero(np.isfinite(np.take_along_axis(cost, best, axis=1)))
            s, t = np.divmod(best[i, nth], len(self._instance.years))
            found.append(Options(rows[i], s, table.standby[i, s, t], t))
        options = Options.join(found)
        _, first = np.unique(option_key(self._instance, options), return_index=True)
        return options.take(first)

    def options(self, those: Ints, most: int, held: Options | None = None) -> Options:
        """The `most` best options of each of `those`, and what the LP granted them or they have among `held`."""
        instance = self._instance
        options = Options.join([Options.none(), *(list_options(instance, n) for n in those.tolist())])
        entries = build_entries(instance, self._layout, options)
        cost = np.bincount(entries.column, entries.value * self._weights[entries.row], len(options)).astype(np.float64)
        key = option_key(instance, options)
        for known in (self._solution.options, held or Options.none()):
            cost[np.isin(key, option_key(instance, known))] = -np.inf
        order = np.lexsort((cost, options.requirement))
        rank = np.arange(len(order)) - np.searchsorted(options.requirement[order], options.requirement[order])
        return options.take(np.sort(order[(rank < most) | np.isneginf(cost[order])]))


def _round(outlook: Outlook, could: Options, solution: Solution, split: Ints, gives_way: Ints) -> Draft:
    """Each of `split` whole at the one of its options in `could` where its largest share lies, or another, or nowhere.

    It goes nowhere if the LP grants less than half of it, or if it has no room even when all of `gives_way` go.
    """
    instance, layout, stated = outlook.instance, outlook.layout, outlook.stated
    shared = stated.nothing()
    for (e, t), column in stated.modules.items():
        shared[column] = solution.modules[e, t]
    for row, column in stated.giving.items():
        shared[column] = solution.given[layout.names[row]]
    holder = solution.options.requirement
    firm = ~np.isin(holder, np.union1d(split, gives_way))
    room = layout.limits - row_use(instance, layout, solution.options.take(firm), solution.shares[firm])
    room -= stated.coefficients @ shared

    n, granted = could.requirement, _shares_of(instance, could, solution)
    mostly = np.bincount(n, granted, len(instance.requirements)) >= HALF
    largest = np.zeros(len(mostly))
    np.maximum.at(largest, n, granted)
    entries = build_entries(instance, layout, could)
    order = np.lexsort((entries.row, entries.column))
    cuts = np.searchsorted(entries.column[order], np.arange(len(could) + 1))
    placed: dict[int, int] = {}
    for k in np.lexsort((-granted, n, -largest[n], ~instance.protected[n])).tolist():
        mine = order[cuts[k] : cuts[k + 1]]
        rows, amounts = entries.row[mine], entries.value[mine]
        pools = rows < layout.pools
        if mostly[n[k]] and n[k] not in placed and (amounts[pools] <= room[rows[pools]]).all():
            placed[n[k]] = k
            room[rows] -= amounts
    stays = ~np.isin(holder, split)
    chosen = could.take(np.array(sorted(placed.values()), dtype=np.int64))
    options = Options.join([solution.options.take(stays), chosen])
    return Draft(options, np.concatenate([solution.shares[stays], np.ones(len(chosen))]), shared)


def _shares_of(instance: Instance, options: Options, solution: Solution) -> Floats:
    """What `solution` grants of each of `options`."""
    granted = dict(zip(option_key(instance, solution.options).tolist(), solution.shares.tolist(), strict=True))
    return np.array([granted.get(key, 0.0) for key in option_key(instance, options).tolist()])
