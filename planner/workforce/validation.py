"""Every rule that a register and the measures must keep, each fault at its path."""

import math
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from planner.errors import Fault, InvalidInputError, fault
from planner.text import N_

if TYPE_CHECKING:
    from planner.workforce.measures import ClosingProblem
    from planner.workforce.problem import Person, Workforce

LARGEST: Final = 1e12
"""Amounts beyond this are mistakes in any unit."""


def require_valid_workforce(workforce: "Workforce") -> None:
    """Raise `InvalidInputError` with every fault of `workforce`, or return."""
    if faults := list(check_workforce(workforce)):
        raise InvalidInputError(faults)


def require_valid_measures(problem: "ClosingProblem") -> None:
    """Raise `InvalidInputError` with every fault of the measures of `problem`, or return."""
    if faults := list(check_measures(problem)):
        raise InvalidInputError(faults)


def check_workforce(workforce: "Workforce") -> Iterator[Fault]:
    """Every fault of `workforce`, in the order of its fields."""
    known = _Known(workforce)
    yield from _check_years(workforce.fiscal_years)
    for name in ("roles", "agencies", "levels", "people"):
        yield from _check_unique(f"{name}[{{}}].code", [row.code for row in getattr(workforce, name)])
    for n, level in enumerate(workforce.levels):
        yield from _check_amount(f"levels[{n}].factor", level.factor)
    for n, role in enumerate(workforce.roles):
        yield from _check_amount(f"roles[{n}].attrition", role.attrition, high=0.99)
    for n, norm in enumerate(workforce.norms):
        yield from known.check(f"norms[{n}].role", "roles", norm.role)
        for name in ("floor", "per_dataset", "per_personal_dataset", "per_tb", "per_vcpu"):
            yield from _check_amount(f"norms[{n}].{name}", getattr(norm, name))
    yield from _check_unique("norms[{}].start", [(norm.role, norm.start) for norm in workforce.norms])
    for n, load in enumerate(workforce.workloads):
        yield from known.check(f"workloads[{n}].agency", "agencies", load.agency)
        for name in ("datasets", "personal_datasets", "terabytes", "vcpu"):
            yield from known.check_series(f"workloads[{n}].{name}", getattr(load, name))
    yield from _check_unique("workloads[{}].agency", [load.agency for load in workforce.workloads])
    for n, row in enumerate(workforce.posts):
        yield from known.check(f"posts[{n}].agency", "agencies", row.agency)
        yield from known.check(f"posts[{n}].role", "roles", row.role)
        yield from known.check_series(f"posts[{n}].authorised", row.authorised)
        yield from known.check_series(f"posts[{n}].funded", row.authorised if row.funded is None else row.funded)
    yield from _check_unique("posts[{}].role", [(row.agency, row.role) for row in workforce.posts])
    for n, person in enumerate(workforce.people):
        yield from _check_person(f"people[{n}]", person, known)
    yield from _check_changes(workforce, known)
    yield from _check_duties(workforce, known)


def check_measures(problem: "ClosingProblem") -> Iterator[Fault]:
    """Every fault of the measures of `problem`, in the order of their fields."""
    measures, known = problem.measures, _Known(problem.workforce)
    yield from _check_unique("courses[{}].code", [course.code for course in measures.courses])
    for n, course in enumerate(measures.courses):
        for name, among in (("from_role", "roles"), ("role", "roles"), ("from_level", "levels"), ("level", "levels")):
            yield from known.check(f"courses[{n}].{name}", among, getattr(course, name))
        if (course.from_role, course.from_level) == (course.role, course.level):
            yield fault(f"courses[{n}].level", "leads_nowhere", N_("The course ends where it begins."))
        yield from _check_amount(f"courses[{n}].price", course.price)
        yield from _check_amount(f"courses[{n}].lost_time", course.lost_time, high=1.0)
        yield from _check_amount(f"courses[{n}].lead_years", course.lead_years)
    courses = {course.code for course in measures.courses}
    for n, cohort in enumerate(measures.cohorts):
        if cohort.course not in courses:
            yield _unknown(f"cohorts[{n}].course", "courses", cohort.course)
        yield from known.check(f"cohorts[{n}].fiscal_year", "fiscal_years", cohort.fiscal_year)
        yield from _check_amount(f"cohorts[{n}].seats", cohort.seats)
    yield from _check_unique("hiring[{}].role", [terms.role for terms in measures.hiring])
    for n, terms in enumerate(measures.hiring):
        yield from known.check(f"hiring[{n}].role", "roles", terms.role)
        yield from known.check(f"hiring[{n}].level", "levels", terms.level)
        yield from _check_amount(f"hiring[{n}].cost", terms.cost)
        yield from _check_amount(f"hiring[{n}].lead_years", terms.lead_years)
    if measures.lending is not None:
        yield from _check_amount("lending.cost", measures.lending.cost)
        yield from _check_amount("lending.efficiency", measures.lending.efficiency, high=1.0)
    if measures.budget is not None:
        yield from known.check_series("budget", [0.0 if amount is None else amount for amount in measures.budget])
    yield from _check_amount("backup", measures.backup, high=1.0)


class _Known:
    """The codes that a register defines, to find dangling references."""

    def __init__(self, workforce: "Workforce") -> None:
        self.years = workforce.fiscal_years
        self.codes: dict[str, frozenset[Hashable]] = {
            name: frozenset(row.code for row in getattr(workforce, name))
            for name in ("roles", "agencies", "levels", "people")
        }
        self.codes["fiscal_years"] = frozenset(self.years)

    def check(self, path: str, among: str, code: str | int) -> Iterator[Fault]:
        if code not in self.codes[among]:
            yield _unknown(path, among, code)

    def check_series(self, path: str, series: Sequence[float]) -> Iterator[Fault]:
        if len(series) != len(self.years):
            message = N_("%(found)s numbers stand here; there must be one for each of the %(years)s fiscal years.")
            yield fault(path, "wrong_length", message, found=len(series), years=len(self.years))
        for n, amount in enumerate(series):
            yield from _check_amount(f"{path}[{n}]", amount)


def _unknown(path: str, among: str, code: str | int) -> Fault:
    return fault(path, "unknown_code", N_("There is no %(code)s among the %(what)s."), code=code, what=among)


def _check_amount(path: str, amount: float, high: float = LARGEST) -> Iterator[Fault]:
    if not -math.inf < amount < math.inf:
        yield fault(path, "not_finite", N_("%(value)s is not a finite number."), value=amount)
    elif amount < 0:
        yield fault(path, "negative", N_("%(value)s is negative."), value=amount)
    elif amount > high:
        message = N_("%(value)s is not between %(low)s and %(high)s.")
        yield fault(path, "out_of_range", message, value=amount, low=0.0, high=high)


def _check_unique(path: str, keys: Iterable[Hashable]) -> Iterator[Fault]:
    """`path` has a place for the row's position."""
    seen: set[Hashable] = set()
    for n, key in enumerate(keys):
        if key in seen:
            shown = "/".join(map(str, key)) if isinstance(key, tuple) else str(key)
            yield fault(path.format(n), "duplicate_code", N_("The code %(code)s stands here twice."), code=shown)
        seen.add(key)


def _check_years(years: Sequence[int]) -> Iterator[Fault]:
    if not years:
        yield fault("fiscal_years", "empty", N_("There must be at least one fiscal year."))
    for n, year in enumerate(years):
        if not 1900 <= year <= 2250:
            yield fault(f"fiscal_years[{n}]", "not_ce_year", N_("%(year)s is not a year of the common era."), year=year)
        if n and year != years[n - 1] + 1:
            yield fault(f"fiscal_years[{n}]", "year_gap", N_("Fiscal years must follow one another."))


def _check_person(path: str, person: "Person", known: _Known) -> Iterator[Fault]:
    yield from known.check(f"{path}.agency", "agencies", person.agency)
    yield from _check_unique(f"{path}.shares[{{}}].role", [share.role for share in person.shares])
    for n, share in enumerate(person.shares):
        yield from known.check(f"{path}.shares[{n}].role", "roles", share.role)
        yield from known.check(f"{path}.shares[{n}].level", "levels", share.level)
        yield from _check_amount(f"{path}.shares[{n}].fte", share.fte, high=2.0)
    if person.availability is not None:
        yield from known.check_series(f"{path}.availability", person.availability)
        for n, amount in enumerate(person.availability):
            if 1 < amount < LARGEST:
                yield from _check_amount(f"{path}.availability[{n}]", amount, high=1.0)


def _check_changes(workforce: "Workforce", known: _Known) -> Iterator[Fault]:
    """Secondments and training under way."""
    roles = {person.code: {share.role for share in person.shares} for person in workforce.people}
    taken: set[tuple[str, int]] = set()
    for n, row in enumerate(workforce.secondments):
        yield from known.check(f"secondments[{n}].person", "people", row.person)
        yield from known.check(f"secondments[{n}].agency", "agencies", row.agency)
        if row.end < row.start:
            yield fault(f"secondments[{n}].end", "ends_before_start", N_("It ends before it starts."))
        years = {(row.person, year) for year in workforce.fiscal_years if row.start <= year <= row.end}
        if years & taken:
            message = N_("%(person)s is seconded twice in one fiscal year.")
            yield fault(f"secondments[{n}].start", "overlap", message, person=row.person)
        taken |= years
    for n, enrolment in enumerate(workforce.enrolments):
        yield from known.check(f"enrolments[{n}].person", "people", enrolment.person)
        yield from known.check(f"enrolments[{n}].level", "levels", enrolment.level)
        if enrolment.role not in roles.get(enrolment.person, {enrolment.role}):
            message = N_("%(person)s does not do the role %(role)s.")
            path = f"enrolments[{n}].role"
            yield fault(path, "not_their_role", message, person=enrolment.person, role=enrolment.role)


def _check_duties(workforce: "Workforce", known: _Known) -> Iterator[Fault]:
    yield from _check_unique("duties[{}].dataset", [(duty.agency, duty.dataset or "") for duty in workforce.duties])
    for n, duty in enumerate(workforce.duties):
        yield from known.check(f"duties[{n}].agency", "agencies", duty.agency)
        for name in ("accountable", "deputy"):
            if (person := getattr(duty, name)) is not None:
                yield from known.check(f"duties[{n}].{name}", "people", person)
        if duty.deputy is not None and duty.deputy == duty.accountable:
            yield fault(f"duties[{n}].deputy", "own_deputy", N_("Nobody can be their own deputy."))
