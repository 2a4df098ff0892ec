"""Why a share was not granted, as data: the rules, the pools and the rivals that kept a requirement out.

The reasons are read at the prices of the level that decided: a requirement stays out where even its best option costs
more, in the pools that it would need, than its service is worth there.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from planner.allocation.columns import build_entries, in_blocks
from planner.allocation.engine import Solution
from planner.allocation.instance import Floats, Instance, Ints
from planner.allocation.layout import Layout
from planner.allocation.options import ruled_out
from planner.allocation.plan import Reason
from planner.allocation.pricing import price, spread_prices
from planner.allocation.problem import Problem, Requirement

NOTABLE = 0.05
"""A pool is named when it makes up this share of what the requirement would have to pay."""
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
    rows = {row.code: row for row in problem.requirements}
    rivals = _strongest_users(instance, layout, solution)
    deciding = {outcome.name: outcome.multipliers for outcome in solution.levels}
    found: dict[int, tuple[Reason, ...]] = {}
    for level, those in _by_deciding_level(instance, layout, missing).items():
        weights = deciding[level].copy()
        weights[layout.level[level]] = 1.0
        best = price(instance, spread_prices(instance, layout, weights), those)
        entries = build_entries(instance, layout, best.options)
        order = np.argsort(entries.column, kind="stable")
        cuts = np.searchsorted(entries.column[order], np.arange(len(best.options) + 1))
        for column, n in enumerate(best.options.requirement.tolist()):
            mine = order[cuts[column] : cuts[column + 1]]
            late = bool(best.options.start[column] > instance.start[n])
            need = _Need(n, late, entries.row[mine], entries.value[mine], weights)
            found[n] = _explain(instance, layout, need, rivals)
    for n in missing.tolist():
        if n not in found:
            found[n] = (_no_site(problem, rows[instance.requirements[n]]),)
    return found


def divided_reasons(reasons: tuple[Reason, ...], share: float) -> tuple[Reason, ...]:
    """The reasons of a requirement that is placed whole or not at all, of which the LP granted `share`."""
    pools = (reason for reason in reasons if reason.code not in {"late_start", "tolerance"})
    return (Reason("indivisible", None, {"share": share}), *pools)


@dataclass(frozen=True, eq=False)
class _Need:
    """What the best option of `requirement` would take of which rows, what rows charge, and whether it starts late."""

    requirement: int
    late: bool
    rows: Ints
    amounts: Floats
    weights: Floats


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


def _explain(instance: Instance, layout: Layout, need: _Need, rivals: Floats) -> tuple[Reason, ...]:
    charged = need.amounts * need.weights[need.rows] > 0
    rows, amounts = need.rows[charged], need.amounts[charged]
    if not len(rows):
        return (Reason("late_start" if need.late else "tolerance"),)
    part = amounts * need.weights[rows]
    part = part / part.sum()
    reasons = []
    dearest = [at for at in np.argsort(-part, kind="stable")[:MOST_POOLS].tolist() if part[at] >= NOTABLE]
    for at in dearest:
        row = int(rows[at])
        facts = {"need": float(amounts[at]), "limit": float(layout.limits[row]), "part": float(part[at])}
        of_site = row <= layout.capacity.max(initial=-1)
        code = "capacity" if of_site else _CODES[layout.names[row].split("/", 1)[0]]
        if of_site:
            reasons.extend(_budget(instance, layout, need, row))
        reasons.append(Reason(code, layout.names[row], facts))
    reasons.extend(_fairness(instance, layout, need))
    reasons.extend(_outranked(instance, layout, need, int(rows[dearest[0]]), rivals))
    return tuple({(reason.code, reason.pool): reason for reason in reasons}.values())


def _budget(instance: Instance, layout: Layout, need: _Need, row: int) -> list[Reason]:
    """The spending limit, if one binds, that holds back the expansion of a full capacity pool."""
    s, r, t = (int(axis[0]) for axis in np.nonzero(layout.capacity == row))
    here = (instance.expansion_site == s) & (instance.expansion_type == r) & (instance.lead <= t)
    latest = int(t - instance.lead[here].min()) if here.any() else -1
    for year in range(latest + 1):
        capex = int(layout.capex[year])
        if capex >= 0 and need.weights[capex] > 0:
            return [Reason("budget", layout.names[capex], {"limit": float(instance.capex_limit[year])})]
    return []


def _fairness(instance: Instance, layout: Layout, need: _Need) -> list[Reason]:
    """Gave way to other ministries' floors: theirs are paid for at these prices, its own is not."""
    rows = layout.service[layout.service >= 0]
    own = int(layout.service[instance.ministry[need.requirement]])
    paid = float((need.weights[rows] > 0).sum())
    if own >= 0 and need.weights[own] <= 0 and paid:
        return [Reason("fairness", None, {"ministries": paid})]
    return []


def _outranked(instance: Instance, layout: Layout, need: _Need, row: int, rivals: Floats) -> list[Reason]:
    """Others of greater weight, or in the statutory level, were granted some of the dearest pool."""
    own, rival = float(instance.weight[need.requirement]), float(rivals[row])
    if instance.protected[need.requirement] or rival <= own:
        return []
    return [Reason("outranked", layout.names[row], {"own": own} | ({} if np.isinf(rival) else {"others": rival}))]


def _no_site(problem: Problem, requirement: Requirement) -> Reason:
    """How many sites each rule ruled out."""
    counts = Counter(ruled_out(problem, requirement).values())
    return Reason("no_eligible_site", None, {rule: float(count) for rule, count in sorted(counts.items())})
