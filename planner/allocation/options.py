"""Options: the homes a requirement could have, and which rule ruled the others out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from planner.allocation.instance import Flags, Instance, Ints
from planner.allocation.problem import Problem, Requirement


@dataclass(frozen=True, eq=False)
class Options:
    """k options as parallel arrays: requirement, site, standby site (-1 for none) and start year, by position.

    Where that is said, to be granted nothing is an option, too: one at no site (-1).
    """

    requirement: Ints
    site: Ints
    standby: Ints
    start: Ints

    def __len__(self) -> int:
        return len(self.requirement)

    def __iter__(self) -> Iterator[tuple[int, int, int, int]]:
        return zip(
            self.requirement.tolist(), self.site.tolist(), self.standby.tolist(), self.start.tolist(), strict=True
        )

    def take(self, rows: Ints | Flags) -> "Options":
        """Those at `rows` (positions or a mask)."""
        return Options(self.requirement[rows], self.site[rows], self.standby[rows], self.start[rows])

    @staticmethod
    def none() -> "Options":
        """No options."""
        return Options.of([])

    @staticmethod
    def of(rows: Sequence[tuple[int, int, int, int]]) -> "Options":
        """Options from (requirement, site, standby or -1, start) tuples."""
        table = np.array(rows, dtype=np.int64).reshape(-1, 4)
        return Options(table[:, 0], table[:, 1], table[:, 2], table[:, 3])

    @staticmethod
    def nowhere(requirement: Ints) -> "Options":
        """For each `requirement` to be granted nothing, as an option at no site."""
        no_site = np.full(len(requirement), -1, dtype=np.int64)
        return Options(requirement, no_site, no_site, np.zeros_like(no_site))

    @staticmethod
    def join(parts: "Sequence[Options]") -> "Options":
        """All options of `parts`, in order."""
        return Options(
            np.concatenate([part.requirement for part in parts]),
            np.concatenate([part.site for part in parts]),
            np.concatenate([part.standby for part in parts]),
            np.concatenate([part.start for part in parts]),
        )


def may_start(instance: Instance, rows: Ints | slice) -> Flags:
    """Whether a requirement may be hosted at a site from a year to its end, (rows, S, T).

    The site allows it and operates in every year from the start on, and the start lies in the requirement's years.
    An incumbent's home has one start, its first year; every other start of it needs the home until then.
    """
    year = np.arange(len(instance.years))
    start, end, home = instance.start[rows], instance.end[rows], instance.home[rows]
    in_years = (year >= start[:, None]) & (year <= end[:, None])
    opened = year >= instance.opens[:, None]
    lasts = instance.closes >= end[:, None]
    possible: Flags = (instance.allowed[rows] & lasts)[:, :, None] & opened[None, :, :] & in_years[:, None, :]
    hosted = np.flatnonzero(home >= 0)
    if len(hosted):
        at_home = home[hosted]
        possible[hosted, at_home] &= year == start[hosted, None]
        kept = year <= instance.closes[at_home][:, None] + 1
        possible[hosted] &= kept[:, None, :]
    return possible


def list_options(instance: Instance, requirement: int) -> Options:
    """Every option of one requirement, by start, site and standby."""
    possible = may_start(instance, np.array([requirement]))[0]
    found = []
    for t in range(len(instance.years)):
        for s in np.flatnonzero(possible[:, t]).tolist():
            if not instance.paired[requirement]:
                found.append((requirement, s, -1, t))
                continue
            others = np.flatnonzero(
                _standby_possible(instance, requirement, t) & (instance.region != instance.region[s])
            )
            found.extend((requirement, s, other, t) for other in others.tolist())
    return Options.of(found)


def list_all_options(instance: Instance) -> Options:
    """Every option of every requirement; for small problems, tests and comparisons."""
    parts = [list_options(instance, n) for n in range(len(instance.requirements))]
    return Options.join([Options.none(), *parts])


def _standby_possible(instance: Instance, requirement: int, start: int) -> Flags:
    lasts = (instance.opens <= start) & (instance.closes >= instance.end[requirement])
    possible: Flags = instance.allowed[requirement] & lasts
    return possible


def option_key(instance: Instance, options: Options) -> Ints:
    """A number for each option, equal only for equal options; in order by requirement, site, standby and start."""
    sites, years = len(instance.sites) + 1, len(instance.years)
    key: Ints = ((options.requirement * sites + options.site) * sites + options.standby + 1) * years + options.start
    return key


def ruled_out(problem: Problem, requirement: Requirement) -> dict[str, str]:
    """For every site that can never host `requirement`, the first rule that says so.

    Rules, in order: `site_rule` (not among its sites), `region_rule`, `clearance`, `operating_years`, `not_offered` (a
    resource type that the site neither has nor may add), `standby_region` (no second region for the copy).
    """
    level = {code: n for n, code in enumerate(problem.clearances)}
    last = problem.fiscal_years[-1] if requirement.end is None else min(requirement.end, problem.fiscal_years[-1])
    asked = _types_in(problem, requirement.demand, requirement.start, requirement.end)
    expandable = {(row.site, row.resource_type) for row in problem.expansions}
    rules: dict[str, str] = {}
    for site in problem.sites:
        offered = _types_in(problem, site.capacity, site.start, site.end)
        has = {code for code in asked if code in offered or (site.code, code) in expandable}
        if requirement.sites is not None and site.code not in requirement.sites:
            rules[site.code] = "site_rule"
        elif requirement.regions is not None and site.region not in requirement.regions:
            rules[site.code] = "region_rule"
        elif level[site.clearance] < level[requirement.clearance]:
            rules[site.code] = "clearance"
        elif (site.start is not None and site.start > last) or (site.end is not None and site.end < last):
            rules[site.code] = "operating_years"
        elif has != asked:
            rules[site.code] = "not_offered"
    if requirement.copies == 2:
        open_sites = [site for site in problem.sites if site.code not in rules]
        for site in open_sites:
            if all(other.region == site.region for other in open_sites):
                rules[site.code] = "standby_region"
    return rules


def _types_in(problem: Problem, amounts: Mapping[str, Sequence[float]], start: int | None, end: int | None) -> set[str]:
    """The resource types of which there is any in the years from `start` to `end`."""
    years = problem.fiscal_years
    within = [n for n, year in enumerate(years) if (start or year) <= year <= (end or year)]
    return {code for code, series in amounts.items() if any(series[n] for n in within)}
