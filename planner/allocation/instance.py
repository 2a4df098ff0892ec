"""A problem as arrays, in canonical order: what the engine works on.

Rows are sorted by code, so a permutation of the input's rows gives the same instance, the same master and the same
plan. Axes: n requirements, S sites, R resource types, T fiscal years, M ministries, E expansions, K staff rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from planner.allocation.problem import STATUTORY, Policy, Problem, Requirement, Site

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Instance:
    """Arrays of one problem; shapes stand behind each name, years are positions in the horizon."""

    policy: Policy
    years: tuple[int, ...]
    requirements: tuple[str, ...]
    sites: tuple[str, ...]
    types: tuple[str, ...]
    ministries: tuple[str, ...]
    expansions: tuple[str, ...]
    staff: tuple[tuple[str, str], ...]

    demand: Floats  # (n, R, T), units; 0 outside the requirement's years
    start: Ints  # (n,)
    end: Ints  # (n,), inclusive
    ministry: Ints  # (n,)
    weight: Floats  # (n,), priority weight x own weight
    protected: Flags  # (n,), counted in the statutory level
    paired: Flags  # (n,), asks for a standby copy
    indivisible: Flags  # (n,), placed whole or not at all
    home: Ints  # (n,), site that hosts it today and may go on, or -1
    pin: Ints  # (n,), site that policy asks for, or -1
    allowed: Flags  # (n, S), every rule but the operating years

    region: Ints  # (S,)
    opens: Ints  # (S,)
    closes: Ints  # (S,), inclusive, T for no end
    capacity: Floats  # (S, R, T), usable units
    running_cost: Floats  # (S, R, T), THB per unit in use and year
    standby_ratio: Floats  # (R,)
    movable: Flags  # (R,)

    expansion_site: Ints  # (E,)
    expansion_type: Ints  # (E,)
    module_size: Floats  # (E,), units
    module_price: Floats  # (E,), THB
    lead: Ints  # (E,), years
    max_modules: Floats  # (E,)

    capex_limit: Floats  # (T,), THB, inf for none
    opex_limit: Floats  # (T,)
    move_limit: Floats  # (T,), units of the movable types
    fte: Floats  # (K, T)
    load_requirement: Ints  # (L,), staff load as triples
    load_staff: Ints  # (L,)
    load: Floats  # (L,), FTE
    floor: Floats  # (M,), 0 for none
    cap: Floats  # (M,), 1 for none

    size: Floats  # (n, T), share of the national demand of the year
    ministry_size: Floats  # (M,)

    @property
    def incumbent(self) -> Flags:
        """Which requirements have a home to keep, (n,)."""
        return self.home >= 0

    @property
    def active(self) -> Flags:
        """The years in which each requirement asks, (n, T)."""
        year = np.arange(len(self.years))
        active: Flags = (year >= self.start[:, None]) & (year <= self.end[:, None])
        return active

    @property
    def moved(self) -> Floats:
        """Movable demand by year, (n, T): what moves if the move falls in that year."""
        moved: Floats = self.demand[:, self.movable, :].sum(axis=1)
        return moved


def build_instance(problem: Problem) -> Instance:
    """The arrays of `problem`."""
    policy, years = problem.policy, problem.fiscal_years
    horizon = len(years)
    types = sorted(problem.resource_types, key=lambda row: row.code)
    sites = sorted(problem.sites, key=lambda row: row.code)
    requirements = sorted(problem.requirements, key=lambda row: row.code)
    expansions = sorted(problem.expansions, key=lambda row: row.code)
    ministries = sorted(row.code for row in problem.ministries)
    type_at = _positions(row.code for row in types)
    site_at = _positions(row.code for row in sites)
    ministry_at = _positions(ministries)
    region_at = _positions(sorted(row.code for row in problem.regions))
    agency_ministry = {row.code: ministry_at[row.ministry] for row in problem.agencies}

    capacity = _by_type([site.capacity for site in sites], type_at, horizon)
    for s, site in enumerate(sites):
        for code, r in type_at.items():
            capacity[s, r] *= site.overcommit.get(code, 1.0) * (1.0 - site.reserve_margin.get(code, 0.0))
    opens = np.array([max(0, (row.start or years[0]) - years[0]) for row in sites], dtype=np.int64)
    closes = np.array([horizon if row.end is None else row.end - years[0] for row in sites], dtype=np.int64)
    operating = np.arange(horizon)
    capacity *= ((operating >= opens[:, None]) & (operating <= closes[:, None]))[:, None, :]

    start = np.array([row.start - years[0] for row in requirements], dtype=np.int64)
    end = np.array([_last_year(row, years) - years[0] for row in requirements], dtype=np.int64)
    demand = _by_type([row.demand for row in requirements], type_at, horizon)
    demand *= ((operating >= start[:, None]) & (operating <= end[:, None]))[:, None, :]

    expansion_site = np.array([site_at[row.site] for row in expansions], dtype=np.int64)
    expansion_type = np.array([type_at[row.resource_type] for row in expansions], dtype=np.int64)
    offered = capacity.max(axis=2, initial=0.0) > 0
    offered[expansion_site, expansion_type] = True
    allowed = _allowed(problem, requirements, sites) & ~((demand.max(axis=2, initial=0.0) > 0) @ ~offered.T)

    incumbent_site = [-1 if row.incumbent is None else site_at[row.incumbent] for row in requirements]
    home = np.array(incumbent_site, dtype=np.int64)
    hosted = np.flatnonzero(home >= 0)
    stays = allowed[hosted, home[hosted]] & (opens[home[hosted]] <= start[hosted])
    stays &= closes[home[hosted]] >= start[hosted]
    home[hosted[~stays]] = -1

    weights = {STATUTORY: max(policy.priority_weights.values(), default=1.0), **policy.priority_weights}
    protected = np.array([row.priority == STATUTORY for row in requirements], dtype=bool)
    if policy.protect_incumbents:
        protected |= np.array([row.incumbent is not None for row in requirements], dtype=bool)
    ministry = np.array([agency_ministry[row.agency] for row in requirements], dtype=np.int64)
    staff, fte, loads = _staff(problem, requirements)
    size = _sizes(demand)
    return Instance(
        policy=policy,
        years=tuple(years),
        requirements=tuple(row.code for row in requirements),
        sites=tuple(site_at),
        types=tuple(type_at),
        ministries=tuple(ministries),
        expansions=tuple(row.code for row in expansions),
        staff=staff,
        demand=demand,
        start=start,
        end=end,
        ministry=ministry,
        weight=np.array([weights[row.priority] * row.weight for row in requirements], dtype=np.float64),
        protected=protected,
        paired=np.array([row.copies == 2 for row in requirements], dtype=bool),
        indivisible=np.array([not row.divisible for row in requirements], dtype=bool),
        home=home,
        pin=np.array([site_at.get(policy.pins.get(row.code, ""), -1) for row in requirements], dtype=np.int64),
        allowed=allowed,
        region=np.array([region_at[row.region] for row in sites], dtype=np.int64),
        opens=opens,
        closes=closes,
        capacity=capacity,
        running_cost=_by_type([row.running_cost for row in sites], type_at, horizon),
        standby_ratio=np.array([policy.standby_ratio.get(row.code, 1.0) for row in types], dtype=np.float64),
        movable=np.array([row.movable for row in types], dtype=bool),
        expansion_site=expansion_site,
        expansion_type=expansion_type,
        module_size=np.array([row.module_size for row in expansions], dtype=np.float64),
        module_price=np.array([row.module_price for row in expansions], dtype=np.float64),
        lead=np.array([row.lead_years for row in expansions], dtype=np.int64),
        max_modules=np.array([row.max_modules for row in expansions], dtype=np.float64),
        capex_limit=_limits(policy.capex_limit, horizon),
        opex_limit=_limits(policy.opex_limit, horizon),
        move_limit=_limits(policy.move_limit_tb, horizon),
        fte=fte,
        load_requirement=np.array([row for row, _, _ in loads], dtype=np.int64),
        load_staff=np.array([row for _, row, _ in loads], dtype=np.int64),
        load=np.array([amount for _, _, amount in loads], dtype=np.float64),
        floor=np.array([policy.floors.get(code, 0.0) for code in ministries], dtype=np.float64),
        cap=np.array([policy.caps.get(code, 1.0) for code in ministries], dtype=np.float64),
        size=size,
        ministry_size=np.bincount(ministry, size.sum(axis=1), len(ministries)).astype(np.float64),
    )


def _last_year(requirement: Requirement, years: Sequence[int]) -> int:
    return years[-1] if requirement.end is None else min(requirement.end, years[-1])


def _positions(codes: Any) -> dict[str, int]:
    return {code: position for position, code in enumerate(codes)}


def _by_type(rows: Sequence[Mapping[str, Sequence[float]]], type_at: Mapping[str, int], horizon: int) -> Floats:
    table, none = np.empty((len(rows), len(type_at), horizon)), (0.0,) * horizon
    for code, r in type_at.items():
        numbers = chain.from_iterable(row.get(code, none) for row in rows)
        table[:, r] = np.fromiter(numbers, np.float64).reshape(-1, horizon)
    return table


def _limits(limits: Sequence[float | None] | None, horizon: int) -> Floats:
    if limits is None:
        return np.full(horizon, np.inf)
    return np.array([np.inf if limit is None else limit for limit in limits], dtype=np.float64)


def _allowed(problem: Problem, requirements: Sequence[Requirement], sites: Sequence[Site]) -> Flags:
    """Clearance, region and site rules, (n, S)."""
    level = _positions(problem.clearances)
    region_at = _positions(row.code for row in problem.regions)
    needed = np.array([level[row.clearance] for row in requirements], dtype=np.int64)
    allowed: Flags = np.array([level[site.clearance] for site in sites], dtype=np.int64) >= needed[:, None]
    allowed &= _named([row.sites for row in requirements], _positions(site.code for site in sites))
    regions = _named([row.regions for row in requirements], region_at)
    allowed &= regions[:, [region_at[site.region] for site in sites]]
    return allowed


def _named(lists: Sequence[Sequence[str] | None], at: Mapping[str, int]) -> Flags:
    """Which codes each of `lists` names, (lists, codes); no list names all."""
    named = np.zeros((len(lists), len(at)), dtype=bool)
    named[[codes is None for codes in lists]] = True
    rows = np.repeat(np.arange(len(lists)), [len(codes or ()) for codes in lists])
    named[rows, np.fromiter((at[code] for codes in lists for code in codes or ()), np.int64)] = True
    return named


def _staff(
    problem: Problem, requirements: Sequence[Requirement]
) -> tuple[tuple[tuple[str, str], ...], Floats, list[tuple[int, int, float]]]:
    """Staff rows (agency, role), FTE (K, T), and loads; nothing unless the policy's staff gate is on.

    A role that an agency's requirements need and nobody fills counts as no FTE at all.
    """
    if not problem.policy.staff_gate:
        return (), np.zeros((0, len(problem.fiscal_years))), []
    fte_of = {(row.agency, row.role): row.fte for row in problem.staff}
    needed = {(row.agency, role) for row in requirements for role, load in row.staff_load.items() if load > 0}
    staff = tuple(sorted(needed))
    at = {key: position for position, key in enumerate(staff)}
    none = (0.0,) * len(problem.fiscal_years)
    fte = np.array([fte_of.get(key, none) for key in staff], dtype=np.float64).reshape(len(staff), len(none))
    loads = [
        (n, at[row.agency, role], load)
        for n, row in enumerate(requirements)
        for role, load in sorted(row.staff_load.items())
        if load > 0
    ]
    return staff, fte, loads


def _sizes(demand: Floats) -> Floats:
    """Mean over resource types with national demand of the requirement's share of it, (n, T).

    `docs/formulation.md`, "Data": size[i, t].
    """
    national = demand.sum(axis=0)
    asked = national > 0
    shares = np.divide(demand, national, out=np.zeros_like(demand), where=asked)
    sizes: Floats = shares.sum(axis=1) / np.maximum(asked.sum(axis=0), 1)
    return sizes
