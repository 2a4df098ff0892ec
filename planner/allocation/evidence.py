"""A problem and a plan's rows as arrays, for the certificate: read from the rows themselves, none of the solver's code.

Axes: n requirements, S sites, R resource types and T fiscal years in the order of the problem, k placements in the
order of the plan. Position -1 stands for no site. What goes by requirement or placement has that as its last axis.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from planner.allocation.plan import Placement
from planner.allocation.problem import Problem, Requirement, Series, Site

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


class Facts:
    """What a problem says of its requirements and sites."""

    def __init__(self, problem: Problem) -> None:
        rows, sites, policy = problem.requirements, problem.sites, problem.policy
        types = [row.code for row in problem.resource_types]
        self.problem = problem
        self.years: Ints = np.array(problem.fiscal_years)
        self.requirement_at = {row.code: n for n, row in enumerate(rows)}
        self.site_at = {site.code: s for s, site in enumerate(sites)}
        self.type_at = {code: r for r, code in enumerate(types)}

        self.demand: Floats = _by_type([row.demand for row in rows], types, len(self.years))  # (R, T, n), as stated
        self.named: Flags = np.empty((len(types), len(rows)), dtype=bool)  # (R, n), at all
        for r, code in enumerate(types):
            self.named[r] = _flags(code in row.demand for row in rows)
        self.start: Ints = _ints(row.start for row in rows)
        self.active = self._between(self.start, _ints(self._last(row) for row in rows))  # (T, n), years of its own
        self.asks: Flags = np.empty((len(types), len(rows)), dtype=bool)  # (R, n), in some year of its own
        for r, demand in enumerate(self.demand):
            self.asks[r] = ((demand > 0) & self.active).any(axis=0)
        self.paired = _flags(row.copies == 2 for row in rows)
        self.indivisible = _flags(not row.divisible for row in rows)

        region_at = {row.code: position for position, row in enumerate(problem.regions)}
        self.region = _ints(region_at[site.region] for site in sites)
        self.operates = self._between(  # (T, S)
            _ints(self.years[0] if site.start is None else site.start for site in sites),
            _ints(self._last(site) for site in sites),
        )
        capacity = _by_type([site.capacity for site in sites], types, len(self.years)) * self.operates
        margin = np.array([[1 - site.reserve_margin.get(code, 0.0) for site in sites] for code in types])
        overcommit = np.array([[site.overcommit.get(code, 1.0) for site in sites] for code in types])
        shape = (len(types), 1, len(sites))
        self.usable: Floats = capacity * overcommit.reshape(shape) * margin.reshape(shape)  # (R, T, S), without modules
        self.running_cost = _by_type([site.running_cost for site in sites], types, len(self.years))  # (R, T, S)
        self.movable: Flags = np.array([row.movable for row in problem.resource_types], dtype=bool)
        self.standby_ratio = [policy.standby_ratio.get(code, 1.0) for code in types]
        self.offers: Flags = capacity.max(axis=1) > 0  # (R, S), ever
        for row in problem.expansions:
            self.offers[self.type_at[row.resource_type], self.site_at[row.site]] = True

        clearance = {code: rank for rank, code in enumerate(problem.clearances)}
        self._asked_clearance = _ints(clearance[row.clearance] for row in rows)
        self._clearance = _ints(clearance[site.clearance] for site in sites)
        self.home = _ints(-1 if row.incumbent is None else self.site_at[row.incumbent] for row in rows)
        hosted = np.flatnonzero(self.home >= 0)
        site, first = self.home[hosted], self.years[:, None] == self.start[hosted]
        self.home[hosted[~(self.may_host(hosted, site) & self.runs(site, first))]] = -1  # may not go on there

    def may_host(self, n: Ints, s: Ints) -> Flags:
        """Whether site `s[i]` may host requirement `n[i]`: clearance, region, site, all it asks for."""
        rows, sites = self.problem.requirements, self.problem.sites
        pairs = zip(n.tolist(), s.tolist(), strict=True)
        admitted = _flags(_admits(rows[i], sites[j]) for i, j in pairs)
        offered = np.logical_and.reduce(self.offers[:, s] | ~self.asks[:, n])
        may: Flags = admitted & offered & (self._clearance[s] >= self._asked_clearance[n])
        return may

    def runs(self, s: Ints, years: Flags) -> Flags:
        """Whether site `s[i]` operates in all of `years[:, i]`."""
        runs: Flags = np.logical_and.reduce(self.operates[:, s] | ~years)
        return runs

    def _last(self, row: Requirement | Site) -> int:
        return int(self.years[-1]) if row.end is None else row.end

    def _between(self, first: Ints, last: Ints) -> Flags:
        year = self.years[:, None]
        between: Flags = (year >= first) & (year <= last)
        return between


class Homes:
    """Where a plan's placements host their requirement, and when."""

    def __init__(self, facts: Facts, placements: Sequence[Placement]) -> None:
        start = _ints(row.start for row in placements)
        self.requirement = _ints(facts.requirement_at[row.requirement] for row in placements)
        self.site = _ints(facts.site_at[row.site] for row in placements)
        self.standby = _ints(-1 if row.standby is None else facts.site_at[row.standby] for row in placements)
        self.share: Floats = np.fromiter((row.share for row in placements), np.float64)
        self.before = facts.home[self.requirement]
        self.hosts: Ints = np.stack([self.site, self.before, self.standby], axis=1)  # (k, 3)
        self.leaves: Flags = (self.before >= 0) & (self.before != self.site)

        active, year = facts.active[:, self.requirement], facts.years[:, None]
        self.starts: Flags = (active & (year == start)).any(axis=0)  # (k,), in a year of the requirement
        self.begun: Flags = active & (year >= start)  # (T, k), hosted at its site, and at its standby site
        self.waits: Flags = active & (year < start) & (self.before >= 0)  # (T, k), hosted at its home before
        self.moves: Flags = (year == start) & self.leaves  # (T, k), the year in which it leaves its home
        self.served: Flags = self.begun | self.waits
        self.first: Ints = np.sort(np.unique(self.requirement, return_index=True)[1])  # placement of each requirement


def _admits(row: Requirement, site: Site) -> bool:
    return (row.regions is None or site.region in row.regions) and (row.sites is None or site.code in row.sites)


def _by_type(rows: Sequence[Mapping[str, Series]], types: Sequence[str], horizon: int) -> Floats:
    """Series by resource type, (R, T, rows); none is 0."""
    table, none = np.empty((len(types), horizon, len(rows))), (0.0,) * horizon
    for r, code in enumerate(types):
        numbers = chain.from_iterable(row.get(code, none) for row in rows)
        table[r] = np.fromiter(numbers, np.float64).reshape(-1, horizon).T
    return table


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, np.int64)


def _flags(values: Iterable[bool]) -> Flags:
    return np.fromiter(values, np.bool_)
