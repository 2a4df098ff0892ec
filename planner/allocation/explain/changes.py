"""The least single change that would serve a shortfall, sized from headroom and needs and proved by solving again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from planner.allocation.explain.adjust import more_of_pools, without_rule
from planner.allocation.explain.view import NOISE, Single, open_view
from planner.allocation.options import list_options
from planner.allocation.plan import Plan
from planner.allocation.problem import Problem
from planner.allocation.solving import solve as solve_problem

Solve: TypeAlias = Callable[[Problem], Plan]
Kind: TypeAlias = Literal["capacity", "capex", "opex", "staff", "moves", "expansion", "regions", "sites"]
SERVED = 1e-3
"""A requirement counts as served with this share of it missing: what the tolerance of a level may leave out."""
STEP = 0.9
"""A change is the least one if this part of it does not serve."""
GROWTH = 2.0
MOST_SOLVES = 16


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could be changed for `requirement`: `amount` more of each of `pools`, in their unit.

    The pools are of one kind (of one site and resource type, of one role), in all the years that need it. For `regions`
    and `sites` it is the requirement's own rule that goes, and there are no pools and no amount.
    """

    requirement: str
    kind: Kind
    pools: tuple[str, ...] = ()
    amount: float = 0.0


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change with what is known of it.

    `proved`: it serves, and nine tenths of it do not (for a rule: it serves). `unproved`: not solved again, or more
    might serve yet. `refused`: it does not serve, however much. `served` is the share granted after it, None if not
    solved.
    """

    change: Change
    status: Literal["proved", "unproved", "refused"]
    served: float | None = None


def candidate_changes(problem: Problem, plan: Plan, requirement: str) -> tuple[Change, ...]:
    """Single changes that could serve the shortfall of `requirement`, without solving: none if it has none.

    From every option, what is not granted yet is set against what each pool has left; an option that lacks one kind of
    thing alone makes a candidate of it, of the amount that lacks. Where others would come first with it, more is
    needed.
    """
    if all(row.requirement != requirement for row in plan.shortfalls):
        return ()
    view = open_view(problem, plan)
    row = view.requirement(requirement)
    least: dict[tuple[Kind, tuple[str, ...]], float] = {}
    for kind, pools, amount in _lacks(view.single(row)):
        least[kind, pools] = min(amount, least.get((kind, pools), np.inf))
    changes = [Change(requirement, kind, pools, amount) for (kind, pools), amount in sorted(least.items())]
    if row.regions is not None:
        changes.append(Change(requirement, "regions"))
    if row.sites is not None:
        changes.append(Change(requirement, "sites"))
    return tuple(changes)


def least_change(
    problem: Problem, plan: Plan, requirement: str, *, solve: Solve | None = solve_problem
) -> tuple[Remedy, ...]:
    """What would serve the shortfall of `requirement`: every candidate, those proved first; unproved if `solve` is
    None.

    A candidate is grown until it serves and cut until nine tenths of it do not, each time by solving again.
    """
    changes = candidate_changes(problem, plan, requirement)
    if solve is None:
        return tuple(Remedy(change, "unproved") for change in changes)
    remedies = [_prove(problem, change, solve) for change in changes]
    order = ("proved", "unproved", "refused")
    return tuple(sorted(remedies, key=lambda remedy: order.index(remedy.status)))


def prove_change(problem: Problem, change: Change, *, solve: Solve = solve_problem) -> float:
    """The share of its requirement that a plan grants after `change`, averaged over its years by size."""
    plan = solve(apply_change(problem, change))
    return 1.0 - sum(row.share for row in plan.shortfalls if row.requirement == change.requirement)


def apply_change(problem: Problem, change: Change) -> Problem:
    """`problem` after `change`."""
    if change.kind in ("regions", "sites"):
        return without_rule(problem, change.requirement, change.kind)
    return more_of_pools(problem, change.pools, change.amount)


def _prove(problem: Problem, change: Change, solve: Solve) -> Remedy:
    served = prove_change(problem, change, solve=solve)
    if not change.pools:
        return Remedy(change, "proved" if served >= 1 - SERVED else "refused", served)
    low, solves = 0.0, 1
    while served < 1 - SERVED and solves < MOST_SOLVES / 2:
        low, change = change.amount, replace(change, amount=change.amount * GROWTH)
        served, solves = prove_change(problem, change, solve=solve), solves + 1
    if served < 1 - SERVED:
        return Remedy(change, "refused", served)
    while solves < MOST_SOLVES:
        less = replace(change, amount=min(STEP * change.amount, max((low + change.amount) / 2, low / STEP)))
        found, solves = prove_change(problem, less, solve=solve), solves + 1
        if found >= 1 - SERVED:
            change, served = less, found
        elif less.amount >= STEP * change.amount * (1 - NOISE):
            return Remedy(change, "proved", served)
        else:
            low = less.amount
    return Remedy(change, "unproved", served)


def _lacks(single: Single) -> Iterator[tuple[Kind, tuple[str, ...], float]]:
    """For every option that lacks one kind of thing alone: the kind, its pools, and how much more of each it takes."""
    options = list_options(single.instance, 0)
    pools, names = single.layout.pools, single.layout.names
    left = single.headroom() + single.granted_use()[:pools]
    lacking = single.uses(options)[:, :pools] - left
    room = NOISE * np.maximum(single.layout.limits[:pools], 1.0)
    for lack in lacking:
        short = np.flatnonzero(lack > room).tolist()
        families = {names[row].rsplit("/", 1)[0] for row in short}
        amount = float(lack[short].max(initial=0.0))
        for family in families if len(families) == 1 else ():
            group = tuple(names[row] for row in short)
            yield _KINDS.get(family.split("/", 1)[0], "capacity"), group, amount
            if group[0].count("/") == 2 and not family.startswith("staff/"):
                yield from _by_expansion(single, family, group, amount)


_KINDS: Mapping[str, Kind] = {"capex": "capex", "opex": "opex", "staff": "staff", "moves": "moves"}


def _by_expansion(
    single: Single, family: str, group: tuple[str, ...], amount: float
) -> Iterator[tuple[Kind, tuple[str, ...], float]]:
    """More modules, or more to spend on them, where the site's expansion could cover what lacks in time."""
    problem = single.view.problem
    first = min(int(name.rsplit("/", 1)[1]) for name in group)
    for row in problem.expansions:
        years = [year for year in problem.fiscal_years if year + row.lead_years <= first]
        if f"{row.site}/{row.resource_type}" != family or not years:
            continue
        modules = amount / row.module_size
        left = single.view.headroom.get(f"expansion/{row.code}", 0.0)
        if modules > left:
            yield "expansion", (f"expansion/{row.code}",), modules - left
        limits = problem.policy.capex_limit
        if limits is not None and limits[problem.fiscal_years.index(years[-1])] is not None:
            yield "capex", (f"capex/{years[-1]}",), modules * row.module_price
