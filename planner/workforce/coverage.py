"""Coverage: how much of the FTE that is required is there, rolled up so that a surplus never hides a gap.

Coverage of an agency's role in a fiscal year is min(1, available / required); what stands above it adds up covered and
required FTE, never available FTE, so what one role or agency has too much of counts for no other.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.workforce.norms import Floats
from planner.workforce.problem import Workforce
from planner.workforce.register import Ints, Register, build_register


@dataclass(frozen=True, eq=False)
class Coverage:
    """FTE of g groups by role and fiscal year, (g, R, T) each. `codes` names the groups.

    `covered` is the required FTE that is there; `gap` what is missing; `surplus` what is there beyond it.
    """

    codes: tuple[str, ...]
    roles: tuple[str, ...]
    years: tuple[int, ...]
    required: Floats
    authorised: Floats
    available: Floats
    vacant: Floats
    covered: Floats
    surplus: Floats

    @property
    def gap(self) -> Floats:
        """FTE required and not there."""
        return self.required - self.covered

    @property
    def coverage(self) -> Floats:
        """Share of the required FTE that is there, (g, R, T); 1 where none is required."""
        return share_of(self.covered, self.required)

    @property
    def overall(self) -> Floats:
        """Coverage over all roles, (g, T)."""
        return share_of(self.covered.sum(axis=1), self.required.sum(axis=1))

    @property
    def over_years(self) -> Floats:
        """Coverage over all roles and years, (g,): what closing the gap raises."""
        return share_of(self.covered.sum(axis=(1, 2)), self.required.sum(axis=(1, 2)))


@dataclass(frozen=True, slots=True)
class CoverageChange:
    """What became of one agency's role in one fiscal year between two dates; FTE, and coverage as shares.

    `by_required` and `by_available` say how much of the change in coverage is owed to each: first the requirement is
    changed, then what is available.
    """

    agency: str
    role: str
    fiscal_year: int
    required: tuple[float, float]
    available: tuple[float, float]
    coverage: tuple[float, float]
    by_required: float
    by_available: float


def measure_coverage(workforce: Workforce) -> Coverage:
    """Coverage by agency over the register's years, with leaves, retirements, attrition and training under way."""
    return cover(build_register(workforce))


def cover(register: Register) -> Coverage:
    """Coverage by agency of a register's arrays."""
    return Coverage(
        codes=register.agencies,
        roles=register.roles,
        years=register.years,
        required=register.required,
        authorised=register.authorised,
        available=register.available,
        vacant=register.vacant,
        covered=np.minimum(register.required, register.available),
        surplus=register.surplus,
    )


def roll_up(coverage: Coverage, groups: Sequence[str]) -> Coverage:
    """`coverage` added up by group; `groups` names each row's. Groups come in the order in which they first stand."""
    codes = tuple(dict.fromkeys(groups))
    place = {code: g for g, code in enumerate(codes)}
    at: Ints = np.array([place[group] for group in groups], dtype=np.int64)

    def added(amounts: Floats) -> Floats:
        total = np.zeros((len(codes), *amounts.shape[1:]))
        np.add.at(total, at, amounts)
        return total

    return _each(coverage, codes, added)


def by_ministry(workforce: Workforce, coverage: Coverage) -> Coverage:
    """`coverage` of the agencies of `workforce`, added up by ministry."""
    return roll_up(coverage, [agency.ministry for agency in workforce.agencies])


def nationwide(coverage: Coverage) -> Coverage:
    """`coverage` added up to one row."""
    return roll_up(coverage, ["nation"] * len(coverage.codes))


def pick(coverage: Coverage, agencies: Collection[str]) -> Coverage:
    """The rows of `coverage` that are of `agencies`, in their order."""
    rows = [n for n, code in enumerate(coverage.codes) if code in agencies]
    return _each(coverage, tuple(coverage.codes[n] for n in rows), lambda amounts: amounts[rows])


def present_year(coverage: Coverage, year: int) -> Coverage:
    """The first fiscal year of `coverage` alone, called `year`: how it stood when it was measured."""
    first = _each(coverage, coverage.codes, lambda amounts: amounts[:, :, :1])
    return replace(first, years=(year,))


def compare_coverage(then: Coverage, now: Coverage) -> tuple[CoverageChange, ...]:
    """Every cell that both have and whose coverage, requirement or availability differs."""
    old, new = _common(then, now), _common(now, then)
    halfway = share_of(np.minimum(new.required, old.available), new.required)
    differs = ~np.isclose(old.required, new.required) | ~np.isclose(old.available, new.available)
    changes = []
    for a, r, t in np.argwhere(differs).tolist():
        cell = a, r, t
        coverages = float(old.coverage[cell]), float(new.coverage[cell])
        change = CoverageChange(
            agency=old.codes[a],
            role=old.roles[r],
            fiscal_year=old.years[t],
            required=(float(old.required[cell]), float(new.required[cell])),
            available=(float(old.available[cell]), float(new.available[cell])),
            coverage=coverages,
            by_required=float(halfway[cell]) - coverages[0],
            by_available=coverages[1] - float(halfway[cell]),
        )
        changes.append(change)
    return tuple(sorted(changes, key=lambda change: (change.agency, change.role, change.fiscal_year)))


def share_of(part: Floats, whole: Floats) -> Floats:
    """`part` / `whole`, 1 where the whole is nothing."""
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)


def _common(coverage: Coverage, other: Coverage) -> Coverage:
    """The rows, roles and years of `coverage` that `other` has too, in sorted order."""
    codes = sorted(set(coverage.codes) & set(other.codes))
    roles = sorted(set(coverage.roles) & set(other.roles))
    years = sorted(set(coverage.years) & set(other.years))
    picked = np.ix_(
        [coverage.codes.index(code) for code in codes],
        [coverage.roles.index(role) for role in roles],
        [coverage.years.index(year) for year in years],
    )
    common = _each(coverage, tuple(codes), lambda amounts: amounts[picked])
    return replace(common, roles=tuple(roles), years=tuple(years))


def _each(coverage: Coverage, codes: tuple[str, ...], change: Callable[[Floats], Floats]) -> Coverage:
    return Coverage(
        codes=codes,
        roles=coverage.roles,
        years=coverage.years,
        required=change(coverage.required),
        authorised=change(coverage.authorised),
        available=change(coverage.available),
        vacant=change(coverage.vacant),
        covered=change(coverage.covered),
        surplus=change(coverage.surplus),
    )
