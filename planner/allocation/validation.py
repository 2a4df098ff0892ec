"""Every rule that a problem must keep, each fault at its path in the problem file."""

import math
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from planner.errors import Fault, InvalidInputError, fault
from planner.text import N_

if TYPE_CHECKING:
    from planner.allocation.problem import Expansion, Policy, Problem, Requirement, Site, Staff

LARGEST: Final = 1e15
"""Amounts beyond this lose whole units in double precision."""


def require_valid(problem: "Problem") -> None:
    """Raise `InvalidInputError` with every fault of `problem`, or return."""
    if faults := list(check_problem(problem)):
        raise InvalidInputError(faults)


def check_problem(problem: "Problem") -> Iterator[Fault]:
    """Every fault of `problem`, in the order of the file."""
    known = _Known(problem)
    yield from _check_years(problem.fiscal_years)
    for name in ("resource_types", "ministries", "agencies", "regions", "sites", "expansions", "requirements"):
        yield from _check_codes(name, [row.code for row in getattr(problem, name)])
    yield from _check_codes("clearances", problem.clearances)
    for n, agency in enumerate(problem.agencies):
        yield from known.check(f"agencies[{n}].ministry", "ministries", agency.ministry)
    for n, site in enumerate(problem.sites):
        yield from _check_site(f"sites[{n}]", site, known)
    for n, expansion in enumerate(problem.expansions):
        yield from _check_expansion(f"expansions[{n}]", expansion, known)
    for n, requirement in enumerate(problem.requirements):
        yield from _check_requirement(f"requirements[{n}]", requirement, known)
    yield from _check_staff(problem.staff, known)
    yield from _check_policy(problem.policy, known)


class _Known:
    """The codes that a problem defines, to find dangling references."""

    def __init__(self, problem: "Problem") -> None:
        self.years = problem.fiscal_years
        self.codes: dict[str, frozenset[str]] = {
            "clearances": frozenset(problem.clearances),
            "priorities": frozenset(problem.policy.priority_weights) | {"statutory"},
        }
        for name in ("resource_types", "ministries", "agencies", "regions", "sites", "requirements"):
            self.codes[name] = frozenset(row.code for row in getattr(problem, name))

    def check(self, path: str, what: str, code: str) -> Iterator[Fault]:
        if code not in self.codes[what]:
            yield fault(path, "unknown_code", N_("There is no %(code)s among the %(what)s."), code=code, what=what)

    def check_series(self, path: str, by_type: Mapping[str, Sequence[float]]) -> Iterator[Fault]:
        for code, series in by_type.items():
            yield from self.check(f"{path}.{code}", "resource_types", code)
            yield from self.check_amounts(f"{path}.{code}", series)

    def check_amounts(self, path: str, series: Sequence[float | None]) -> Iterator[Fault]:
        if len(series) != len(self.years):
            yield fault(
                path,
                "wrong_length",
                N_("%(found)s numbers stand here; there must be one for each of the %(years)s fiscal years."),
                found=len(series),
                years=len(self.years),
            )
        for n, amount in enumerate(series):
            if amount is not None:
                yield from check_amount(f"{path}[{n}]", amount)


def check_amount(path: str, amount: float, low: float = 0.0, high: float = LARGEST) -> Iterator[Fault]:
    """A fault unless `amount` is finite and within [low, high]."""
    if low <= amount <= high:
        return
    shown = reprlib.repr(amount)  # a file may hold numbers of any length
    if not -math.inf < amount < math.inf:  # math.isfinite cannot take whole numbers beyond a float
        yield fault(path, "not_finite", N_("%(value)s is not a finite number."), value=shown)
    elif amount < low and low == 0:
        yield fault(path, "negative", N_("%(value)s is negative."), value=shown)
    else:
        message = N_("%(value)s is not between %(low)s and %(high)s.")
        yield fault(path, "out_of_range", message, value=shown, low=low, high=high)


def _check_positive(path: str, amount: float) -> Iterator[Fault]:
    if amount == 0:
        yield fault(path, "not_positive", N_("The number must be greater than zero."))
    yield from check_amount(path, amount)


def _check_codes(path: str, codes: Iterable[str]) -> Iterator[Fault]:
    seen: set[str] = set()
    for n, code in enumerate(codes):
        address = f"{path}[{n}]" if path == "clearances" else f"{path}[{n}].code"
        if not code or any(character.isspace() for character in code) or "/" in code:
            yield fault(address, "bad_code", N_("%(code)s is not a code: one word without a slash."), code=repr(code))
        if code in seen:
            yield fault(address, "duplicate_code", N_("The code %(code)s stands here twice."), code=code)
        seen.add(code)


def _check_years(years: Sequence[int]) -> Iterator[Fault]:
    if not years:
        yield fault("fiscal_years", "empty", N_("There must be at least one fiscal year."))
    for n, year in enumerate(years):
        yield from _check_year(f"fiscal_years[{n}]", year)
        if n and year != years[n - 1] + 1:
            yield fault(f"fiscal_years[{n}]", "year_gap", N_("Fiscal years must follow one another."))


def _check_year(path: str, year: int | None) -> Iterator[Fault]:
    if year is not None and not 1900 <= year <= 2250:
        yield fault(path, "not_ce_year", N_("%(year)s is not a year of the common era."), year=reprlib.repr(year))


def _check_period(path: str, start: int | None, end: int | None) -> Iterator[Fault]:
    if start is not None and end is not None and end < start:
        yield fault(path, "ends_before_start", N_("It ends before it starts."))


def _check_site(path: str, site: "Site", known: _Known) -> Iterator[Fault]:
    yield from known.check(f"{path}.region", "regions", site.region)
    yield from known.check(f"{path}.clearance", "clearances", site.clearance)
    yield from known.check_series(f"{path}.capacity", site.capacity)
    yield from known.check_series(f"{path}.running_cost", site.running_cost)
    for code, factor in site.overcommit.items():
        yield from known.check(f"{path}.overcommit.{code}", "resource_types", code)
        yield from _check_positive(f"{path}.overcommit.{code}", factor)
    for code, share in site.reserve_margin.items():
        yield from known.check(f"{path}.reserve_margin.{code}", "resource_types", code)
        yield from check_amount(f"{path}.reserve_margin.{code}", share, high=1.0)
    yield from _check_year(f"{path}.from", site.start)
    yield from _check_year(f"{path}.to", site.end)
    yield from _check_period(f"{path}.to", site.start, site.end)


def _check_expansion(path: str, expansion: "Expansion", known: _Known) -> Iterator[Fault]:
    yield from known.check(f"{path}.site", "sites", expansion.site)
    yield from known.check(f"{path}.resource_type", "resource_types", expansion.resource_type)
    yield from _check_positive(f"{path}.module_size", expansion.module_size)
    yield from check_amount(f"{path}.module_price", expansion.module_price)
    yield from check_amount(f"{path}.lead_years", expansion.lead_years, high=100)
    yield from check_amount(f"{path}.max_modules", expansion.max_modules)


def _check_requirement(path: str, requirement: "Requirement", known: _Known) -> Iterator[Fault]:
    yield from known.check(f"{path}.agency", "agencies", requirement.agency)
    yield from known.check(f"{path}.clearance", "clearances", requirement.clearance)
    yield from known.check(f"{path}.priority", "priorities", requirement.priority)
    yield from _check_positive(f"{path}.weight", requirement.weight)
    for n, code in enumerate(requirement.regions or ()):
        yield from known.check(f"{path}.regions[{n}]", "regions", code)
    for n, code in enumerate(requirement.sites or ()):
        yield from known.check(f"{path}.sites[{n}]", "sites", code)
    if requirement.incumbent is not None:
        yield from known.check(f"{path}.incumbent", "sites", requirement.incumbent)
    if requirement.copies not in (1, 2):
        yield fault(f"{path}.copies", "bad_copies", N_("Copies must be 1, or 2 for a standby copy."))
    if known.years and requirement.start not in known.years:
        yield fault(f"{path}.start", "outside_horizon", N_("The start year is not a fiscal year of this problem."))
    yield from _check_year(f"{path}.end", requirement.end)
    yield from _check_period(f"{path}.end", requirement.start, requirement.end)
    yield from known.check_series(f"{path}.demand", requirement.demand)
    for role, load in requirement.staff_load.items():
        yield from check_amount(f"{path}.staff_load.{role}", load)


def _check_staff(staff: Sequence["Staff"], known: _Known) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for n, row in enumerate(staff):
        path = f"staff[{n}]"
        yield from known.check(f"{path}.agency", "agencies", row.agency)
        yield from known.check_amounts(f"{path}.fte", row.fte)
        if (row.agency, row.role) in seen:
            yield fault(path, "duplicate_code", N_("The code %(code)s stands here twice."), code=row.role)
        seen.add((row.agency, row.role))


def _check_policy(policy: "Policy", known: _Known) -> Iterator[Fault]:
    levels: Mapping[str, Any] = dict.fromkeys(("statutory", "fairness", "priority", "cost", "moves"))
    for n, level in enumerate(policy.levels):
        if level not in levels or level in policy.levels[:n]:
            yield fault(f"policy.levels[{n}]", "bad_level", N_("%(level)s is unknown or stands twice."), level=level)
    if not policy.levels:
        yield fault("policy.levels", "empty", N_("There must be at least one level."))
    yield from check_amount("policy.tolerance", policy.tolerance, high=1.0)
    for code, weight in policy.priority_weights.items():
        yield from _check_positive(f"policy.priority_weights.{code}", weight)
    for code, ratio in policy.standby_ratio.items():
        yield from known.check(f"policy.standby_ratio.{code}", "resource_types", code)
        yield from check_amount(f"policy.standby_ratio.{code}", ratio, high=1.0)
    for name in ("capex_limit", "opex_limit", "move_limit_tb"):
        limits = getattr(policy, name)
        if limits is not None:
            yield from known.check_amounts(f"policy.{name}", limits)
    for name in ("floors", "caps"):
        for code, share in getattr(policy, name).items():
            yield from known.check(f"policy.{name}.{code}", "ministries", code)
            yield from check_amount(f"policy.{name}.{code}", share, high=1.0)
    for code, site in policy.pins.items():
        yield from known.check(f"policy.pins.{code}", "requirements", code)
        yield from known.check(f"policy.pins.{code}", "sites", site)
