"""Why a share was not granted, as data: the rules, the pools and the rivals that kept a requirement out.

The reasons are read at the prices of the level that decided: a requirement stays out where even its best option costs
more, in the pools that it would need, than its service is worth there.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.allocation.columns import build_entries, in_blocks
from planner.allocation.engine import Solution
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import Options, ruled_out
from planner.allocation.plan import Reason
from planner.allocation.pricing import price, spread_prices
from planner.allocation.problem import Problem, Requirement

NOTABLE = 0.05
"""A pool is named when it makes up this share of what the requirement would have to pay; the dearest always is."""
MOST_POOLS = 3
_CODES: Mapping[str, str] = {
    "capex": "budget",
    "opex": "budget",
    "expansion": "budget",
    "staff": "staff",
    "moves": "move_limit",
    "cap": "cap",
    "level": "goal",
}


def find_reasons(
    problem: Problem, instance: Instance, layout: Layout, solution: Solution, missing: Ints
) -> dict[int, tuple[Reason, ...]]:
    """The reasons of the requirements `missing` (positions), the weightiest first; each has at least one."""
    rivals = _strongest_users(instance, layout, solution)
    prices = {outcome.name: outcome.multipliers for outcome in solution.levels}
    found: dict[int, tuple[Reason, ...]] = {}
    for level, those in _by_deciding_level(instance, layout, missing).items():
        weights = prices[level].copy()
        weights[layout.level[level]] = 1.0
        deciding = _Deciding(instance, layout, weights, rivals)
        priced = price(instance, spread_prices(instance, layout, weights), those)
        best = Options.join([Options.none(), *(block.options(np.isfinite(block.cost)) for block in priced)])
        late = best.start > instance.start[best.requirement]
        for n, is_late, dearest in zip(best.requirement.tolist(), late.tolist(), deciding.dearest(best), strict=True):
            found[n] = deciding.reasons(n, dearest) if dearest else (Reason("late_start" if is_late else "tolerance"),)
    homeless = {instance.requirements[n]: n for n in missing.tolist() if n not in found}
    for row in problem.requirements:
        if row.code in homeless:
            found[homeless[row.code]] = (_no_site(problem, row),)
    return found


def divided_reasons(reasons: tuple[Reason, ...], share: float) -> tuple[Reason, ...]:
    """The reasons of a requirement that is placed whole or not at all, of which the LP granted `share`."""
    pools = (reason for reason in reasons if reason.code not in {"late_start", "tolerance"})
    return (Reason("indivisible", None, {"share": share}), *pools)


@dataclass(frozen=True, slots=True)
class _Need:
    """What an option would take of a row, and which part of all that it would have to pay the row charges for it."""

    row: int
    amount: float
    part: float


def _by_deciding_level(instance: Instance, layout: Layout, missing: Ints) -> dict[str, Ints]:
    """`missing` split by the level whose prices decided."""
    protected = instance.protected[missing]
    deciding: dict[str, Ints] = {}
    for those, choices in (
        (missing[protected], ("statutory", "priority", "fairness")),
        (missing[~protected], ("priority", "fairness", "statutory")),
    ):
        level = next((level for level in choices if level in layout.level), layout.levels[-1])
        deciding[level] = np.union1d(deciding.get(level, those), those)
    return deciding


def _strongest_users(instance: Instance, layout: Layout, solution: Solution) -> Floats:
    """For every row the greatest weight of a requirement that was granted some of it; inf for a protected one."""
    strongest = np.zeros(len(layout))
    weight = np.where(instance.protected, np.inf, instance.weight)
    for _, used in in_blocks(solution.options.take(solution.shares > 0)):
        entries = build_entries(instance, layout, used)
        np.maximum.at(strongest, entries.row, weight[used.requirement[entries.column]])
    return strongest


class _Deciding:
    """What rows charge at the level that decided, and who was granted most of them."""

    def __init__(self, instance: Instance, layout: Layout, weights: Floats, rivals: Floats) -> None:
        self._instance, self._layout, self._weights, self._rivals = instance, layout, weights, rivals
        self._sites = int(layout.capacity.max(initial=-1)) + 1  # rows that are pools of sites come first
        self._paid = float((weights[layout.service[layout.service >= 0]] > 0).sum())
        self._budgets: dict[int, tuple[Reason, ...]] = {}

    def dearest(self, options: Options) -> list[list[_Need]]:
        """The few rows for which each of `options` would have to pay most, the dearest first; none if it pays none."""
        entries = build_entries(self._instance, self._layout, options)
        charge = entries.value * self._weights[entries.row]
        (charged,) = np.nonzero(charge > 0)
        column = entries.column[charged]
        part = charge[charged] / np.bincount(column, charge[charged], len(options))[column]
        order = np.lexsort((-part, column))
        rank = np.arange(len(order)) - np.searchsorted(column[order], column[order])
        those = order[(rank == 0) | (rank < MOST_POOLS) & (part[order] >= NOTABLE)]
        dearest: list[list[_Need]] = [[] for _ in range(len(options))]
        rows, amounts = entries.row[charged[those]].tolist(), entries.value[charged[those]].tolist()
        for k, *need in zip(column[those].tolist(), rows, amounts, part[those].tolist(), strict=True):
            dearest[k].append(_Need(*need))
        return dearest

    def reasons(self, n: int, dearest: Sequence[_Need]) -> tuple[Reason, ...]:
        """Why requirement `n` is not granted what its best option would need."""
        layout = self._layout
        reasons: list[Reason] = []
        for need in dearest:
            name, of_site = layout.names[need.row], need.row < self._sites
            facts = {"need": need.amount, "limit": float(layout.limits[need.row]), "part": need.part}
            if of_site:
                reasons.extend(self._budget(need.row))
            reasons.append(Reason("capacity" if of_site else _CODES[name.split("/", 1)[0]], name, facts))
        reasons.extend(self._fairness(n))
        reasons.extend(self._outranked(n, dearest[0].row))
        return tuple({(reason.code, reason.pool): reason for reason in reasons}.values())

    def _budget(self, row: int) -> tuple[Reason, ...]:
        """The spending limit, if one binds, that holds back the expansion of a full capacity pool."""
        if row not in self._budgets:
            self._budgets[row] = self._find_budget(row)
        return self._budgets[row]

    def _find_budget(self, row: int) -> tuple[Reason, ...]:
        instance, layout = self._instance, self._layout
        s, r, t = (int(axis[0]) for axis in np.nonzero(layout.capacity == row))
        here = (instance.expansion_site == s) & (instance.expansion_type == r) & (instance.lead <= t)
        latest = int(t - instance.lead[here].min()) if here.any() else -1
        for year in range(latest + 1):
            capex = int(layout.capex[year])
            if capex >= 0 and self._weights[capex] > 0:
                return (Reason("budget", layout.names[capex], {"limit": float(instance.capex_limit[year])}),)
        return ()

    def _fairness(self, n: int) -> tuple[Reason, ...]:
        """Gave way to other ministries' floors: theirs are paid for at these prices, its own is not."""
        own = int(self._layout.service[self._instance.ministry[n]])
        if own >= 0 and self._weights[own] <= 0 and self._paid:
            return (Reason("fairness", None, {"ministries": self._paid}),)
        return ()

    def _outranked(self, n: int, row: int) -> tuple[Reason, ...]:
        """Others of greater weight, or in the statutory level, were granted some of the dearest pool."""
        own, rival = float(self._instance.weight[n]), float(self._rivals[row])
        if self._instance.protected[n] or rival <= own:
            return ()
        others = {} if np.isinf(rival) else {"others": rival}
        return (Reason("outranked", self._layout.names[row], {"own": own} | others),)


def _no_site(problem: Problem, requirement: Requirement) -> Reason:
    """How many sites each rule ruled out."""
    counts = Counter(ruled_out(problem, requirement).values())
    return Reason("no_eligible_site", None, {rule: float(count) for rule, count in sorted(counts.items())})
