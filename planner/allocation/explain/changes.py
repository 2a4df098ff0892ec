"""The least single change that would serve a shortfall, sized from headroom and needs and proved by solving again."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from planner.allocation.columns import build_hosting
from planner.allocation.explain.adjust import more_of_pool, without_rule
from planner.allocation.explain.view import NOISE, Single, View
from planner.allocation.options import Options, list_options
from planner.allocation.plan import Plan
from planner.allocation.problem import Problem
from planner.allocation.solving import solve as solve_problem

Solve: TypeAlias = Callable[[Problem], Plan]
Kind: TypeAlias = Literal["capacity", "site", "capex", "opex", "staff", "moves", "expansion", "regions", "sites"]
SERVED = 1e-3
"""A requirement counts as served with this share of it missing: what the tolerance of a level may leave out."""
STEP = 0.9
"""A change is the least one if this part of it does not serve."""
LARGEST = 256.0
"""Up to how many times what lacks a change is tried, where others come first with it."""
MOST_SOLVES = 20


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that could be changed for `requirement`: so much more of each pool in `amounts`, in its unit.

    `capacity` is of one site and resource type, `site` of several resource types of one site, `staff` of one role of an
    agency, in all years that need it; the others name one kind of limit. For `regions` and `sites` the requirement's
    own rule goes, and there are no amounts.
    """

    requirement: str
    kind: Kind
    amounts: Mapping[str, float] = field(default_factory=dict)

    def times(self, factor: float) -> "Change":
        """The same change, `factor` times as large."""
        return replace(self, amounts={pool: amount * factor for pool, amount in self.amounts.items()})


@dataclass(frozen=True, slots=True)
class Remedy:
    """A change with what is known of it.

    `proved`: it serves, and nine tenths of it do not (for a rule: it serves). `unproved`: not solved again, or less
    might do. `refused`: it does not serve, nor would 256 times what lacks. `served` is the share granted after it,
    None if it was not solved.
    """

    change: Change
    status: Literal["proved", "unproved", "refused"]
    served: float | None = None


def candidate_changes(view: View, requirement: str) -> tuple[Change, ...]:
    """Single changes that could serve the shortfall of `requirement`, without solving: none if it has none.

    From every option that serves it in full, what it takes is set against what each pool has left and what it was
    granted already; where things of one kind alone lack, they make a candidate, of the amounts that lack. Where others
    would come first with them, more is needed: `least_change` finds out.
    """
    if all(row.requirement != requirement for row in view.plan.shortfalls):
        return ()
    row = view.requirement(requirement)
    least: dict[tuple[str, ...], Change] = {}
    for kind, amounts in _lacks(view.single(row)):
        key = (kind, *sorted(amounts))
        if key not in least or sum(amounts.values()) < sum(least[key].amounts.values()):
            least[key] = Change(requirement, kind, amounts)
    changes = [least[key] for key in sorted(least)]
    if row.regions is not None:
        changes.append(Change(requirement, "regions"))
    if row.sites is not None:
        changes.append(Change(requirement, "sites"))
    return tuple(changes)


def least_change(view: View, requirement: str, *, solve: Solve | None = solve_problem) -> tuple[Remedy, ...]:
    """What would serve the shortfall of `requirement`: every candidate, those proved first; unproved without `solve`.

    A candidate is grown until it serves and cut until nine tenths of it do not, each time by solving again.
    """
    changes = candidate_changes(view, requirement)
    if solve is None:
        return tuple(Remedy(change, "unproved") for change in changes)
    remedies = [_prove(view.problem, change, solve) for change in changes]
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
    for pool, amount in change.amounts.items():
        problem = more_of_pool(problem, pool, amount)
    return problem


def _prove(problem: Problem, change: Change, solve: Solve) -> Remedy:
    if not change.amounts:
        served = prove_change(problem, change, solve=solve)
        return Remedy(change, "proved" if served >= 1 - SERVED else "refused", served)
    low, high, solves = 0.0, 1.0, 1
    while (served := prove_change(problem, change.times(high), solve=solve)) < 1 - SERVED:
        if high >= LARGEST:
            return Remedy(change, "refused", served)
        low, high, solves = high, 2 * high, solves + 1
    while solves < MOST_SOLVES:
        less = min(STEP * high, max((low + high) / 2, low / STEP))
        found, solves = prove_change(problem, change.times(less), solve=solve), solves + 1
        if found >= 1 - SERVED:
            high, served = less, found
        elif less >= STEP * high * (1 - NOISE):
            return Remedy(change.times(high), "proved", served)
        else:
            low = less
    return Remedy(change.times(high), "unproved", served)


def _lacks(single: Single) -> Iterator[tuple[Kind, dict[str, float]]]:
    """For every option that serves in full and lacks things of one kind alone: the kind, and how much of each pool."""
    options = _full(single)
    pools, names = single.layout.pools, single.layout.names
    lacking = single.uses(options)[:, :pools] - single.headroom() - single.granted_use()[:pools]
    for lack in lacking:
        rows = np.flatnonzero(lack > NOISE * np.maximum(single.layout.limits[:pools], 1.0)).tolist()
        amounts = {names[row]: float(lack[row]) for row in rows}
        families = {name.rsplit("/", 1)[0] for name in amounts}
        if len(families) == 1:
            (family,) = families
            yield _KINDS.get(family.split("/", 1)[0], "capacity"), amounts
            yield from _by_expansion(single, family, amounts)
        elif len({family.split("/", 1)[0] for family in families}) == 1 and all(
            row.count("/") == 1 for row in families
        ):
            yield "site", amounts


def _full(single: Single) -> Options:
    """The options that serve the requirement in all its years."""
    options = list_options(single.instance, 0)
    if not len(options):
        return options
    hosting = build_hosting(single.instance, options)
    asked = single.instance.size[0] > 0
    return options.take((hosting.granted | ~asked).all(axis=1))


_KINDS: Mapping[str, Kind] = {"capex": "capex", "opex": "opex", "staff": "staff", "moves": "moves"}


def _by_expansion(single: Single, family: str, amounts: Mapping[str, float]) -> Iterator[tuple[Kind, dict[str, float]]]:
    """More modules, or more to spend on them, where the site's expansion could cover what lacks in time."""
    problem = single.view.problem
    first = min(int(name.rsplit("/", 1)[1]) for name in amounts)
    for row in problem.expansions:
        years = [year for year in problem.fiscal_years if year + row.lead_years <= first]
        if f"{row.site}/{row.resource_type}" != family or not years:
            continue
        modules = max(amounts.values()) / row.module_size
        left = single.view.headroom.get(f"expansion/{row.code}", 0.0)
        if modules > left:
            yield "expansion", {f"expansion/{row.code}": modules - left}
        limits = problem.policy.capex_limit
        if limits is not None and limits[problem.fiscal_years.index(years[-1])] is not None:
            yield "capex", {f"capex/{years[-1]}": modules * row.module_price}
