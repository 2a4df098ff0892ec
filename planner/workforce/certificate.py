"""The independent check of a closing plan: the register and the plan's own rows, none of the solver's code.

Every rule of `docs/workforce.md` is evaluated from the plan's people one by one; breaches are relative to the rule's
limit, or to one unit where it is smaller.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planner.workforce.accountability import count_alone
from planner.workforce.coverage import share_of
from planner.workforce.measures import ClosingProblem, Lending
from planner.workforce.norms import Floats
from planner.workforce.plan import Certificate, Hire, LevelResult, Loan, Seats
from planner.workforce.register import Register, build_register

TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class Effects:
    """What a plan comes to: FTE available and coverage by agency after it, backup missing, THB by fiscal year."""

    available: Floats  # (A, R, T)
    coverage: Floats  # (A,), over all roles and years
    single_person: float
    spent: Floats  # (T,)


def work_out(problem: ClosingProblem, seats: Sequence[Seats], hires: Sequence[Hire], loans: Sequence[Loan]) -> Effects:
    """The effects of a plan's rows."""
    return _Ledger(problem, seats, hires, loans).effects()


def certify(
    problem: ClosingProblem,
    seats: Sequence[Seats],
    hires: Sequence[Hire],
    loans: Sequence[Loan],
    levels: Sequence[LevelResult],
) -> Certificate:
    """Whether a plan keeps every rule of `problem` within `TOLERANCE`, and whether its level values are its own."""
    ledger = _Ledger(problem, seats, hires, loans)
    ledger.check()
    effects = ledger.effects()
    asked = ledger.register.required.sum(axis=(1, 2)) > 0
    values = {
        "coverage": float(effects.coverage[asked].min(initial=1.0)),
        "single_person": effects.single_person,
        "cost": float(effects.spent.sum()),
    }
    worst = max(ledger.breaches, key=lambda rule: ledger.breaches[rule], default="")
    violation = ledger.breaches.get(worst, 0.0)
    return Certificate(
        feasible=violation <= TOLERANCE,
        largest_violation=violation,
        worst_rule=worst if violation > 0 else "",
        checked=ledger.checked,
        values_agree=all(
            abs(values[level.name] - level.value) <= TOLERANCE * max(1.0, abs(level.value)) for level in levels
        ),
        largest_gap=max((level.gap for level in levels), default=0.0),
    )


class _Ledger:
    """Adds up what a plan's rows do, and notes the breach of every rule."""

    def __init__(
        self, problem: ClosingProblem, seats: Sequence[Seats], hires: Sequence[Hire], loans: Sequence[Loan]
    ) -> None:
        self.problem, self.register = problem, build_register(problem.workforce)
        register = self.register
        self.agency = {code: n for n, code in enumerate(register.agencies)}
        self.role = {code: n for n, code in enumerate(register.roles)}
        self.level = {code: n for n, code in enumerate(register.levels)}
        self.year = {code: n for n, code in enumerate(register.years)}
        self.added, self.newcomers, self.hired, self.lent = (np.zeros(register.required.shape) for _ in range(4))
        self.sent: defaultdict[tuple[str, int], float] = defaultdict(float)
        self.flow = np.zeros((*register.stock.shape, len(register.years)))
        self.spent = np.zeros(len(register.years))
        self.breaches: dict[str, float] = {}
        self.checked = 0
        self.train(seats)
        self.hire(hires)
        self.lend(loans)

    def survives(self, role: int, since: int, until: int) -> float:
        """What attrition leaves of a role's people from one year to another."""
        survival = self.register.survival
        return float(survival[role, until] / survival[role, since])

    def train(self, seats: Sequence[Seats]) -> None:
        courses = {course.code: course for course in self.problem.measures.courses}
        years = len(self.register.years)
        for row in seats:
            course, a, t = courses[row.course], self.agency[row.agency], self.year[row.fiscal_year]
            old, new = self.role[course.from_role], self.role[course.role]
            old_level, new_level = self.level[course.from_level], self.level[course.level]
            before, after = self.register.factor[old_level], self.register.factor[new_level]
            done = t + course.lead_years
            self.note("seats", -row.seats, 0.0)
            self.sent[row.course, row.fiscal_year] += row.seats
            self.spent[t] += row.seats * course.price
            self.added[a, old, t] -= row.seats * course.lost_time * before
            self.flow[a, old, old_level, t:] += row.seats / self.survives(old, 0, t)
            for year in range(done, years):
                stay = row.seats * self.survives(old, t, done) * self.survives(new, done, year)
                self.added[a, old, year] -= row.seats * self.survives(old, t, year) * before
                self.added[a, new, year] += stay * after
                self.newcomers[a, new, year] += stay * after if old != new else 0.0
            if done < years:
                arrived = row.seats * self.survives(old, t, done) / self.survives(new, 0, done)
                self.flow[a, new, new_level, done:] -= arrived

    def hire(self, hires: Sequence[Hire]) -> None:
        terms = {row.role: row for row in self.problem.measures.hiring}
        for row in hires:
            a, r, decided = self.agency[row.agency], self.role[row.role], self.year[row.fiscal_year]
            self.note("hires", -row.fte, 0.0)
            factor = self.register.factor[self.level[terms[row.role].level]]
            begins = decided + terms[row.role].lead_years
            for year in range(begins, len(self.register.years)):
                in_post = row.fte * self.survives(r, begins, year)
                self.hired[a, r, year] += in_post
                self.added[a, r, year] += in_post * factor
                self.newcomers[a, r, year] += in_post * factor
                self.spent[year] += in_post * terms[row.role].cost

    def lend(self, loans: Sequence[Loan]) -> None:
        lending = self.problem.measures.lending or Lending(0.0, 0.0)
        for row in loans:
            r, t = self.role[row.role], self.year[row.fiscal_year]
            self.note("loans", -row.fte, 0.0)
            arrives = row.fte * lending.efficiency
            self.lent[self.agency[row.lender], r, t] += row.fte
            self.added[self.agency[row.lender], r, t] -= row.fte
            self.added[self.agency[row.borrower], r, t] += arrives
            self.newcomers[self.agency[row.borrower], r, t] += arrives
            self.spent[t] += arrives * lending.cost

    def note(self, rule: str, use: Floats | float, limit: Floats | float) -> None:
        """Count rules `use <= limit`, and remember the worst breach."""
        breach = (np.asarray(use) - limit) / np.maximum(np.abs(limit), 1.0)
        breach = np.where(np.isnan(breach), np.inf, breach)
        self.checked += breach.size
        if (worst := float(breach.max(initial=0.0))) > 0:
            self.breaches[rule] = max(worst, self.breaches.get(rule, 0.0))

    def check(self) -> None:
        register, measures = self.register, self.problem.measures
        self.note("vacancy", self.hired, np.where(self.hired > 0, register.vacant, 0.0))
        self.note("surplus", self.lent, register.surplus)
        self.note("trainees", self.flow, register.stock[..., None])
        seats: defaultdict[tuple[str, int], float] = defaultdict(float)
        for cohort in measures.cohorts:
            seats[cohort.course, cohort.fiscal_year] += cohort.seats
        for key, used in self.sent.items():
            self.note(f"seats/{key[0]}/{key[1]}", used, seats[key])
        for year, spent, limit in zip(register.years, self.spent, measures.budget or (), strict=False):
            if limit is not None:
                self.note(f"budget/{year}", float(spent), limit)

    def effects(self) -> Effects:
        register = self.register
        available = register.available + self.added
        covered = np.minimum(register.required, available).sum(axis=(1, 2))
        missing = self.problem.measures.backup * register.required - (register.available - register.largest)
        missing = np.where(register.people > 0, np.maximum(missing - self.newcomers, 0.0), 0.0)
        missing *= self.weights(register)[:, :, None]
        coverage = share_of(covered, register.required.sum(axis=(1, 2)))
        return Effects(available, coverage, float(missing.sum()), self.spent)

    def weights(self, register: Register) -> Floats:
        """1 + datasets that an agency's people in a role answer for without a deputy, (A, R)."""
        alone = count_alone(self.problem.workforce)
        weight = np.ones(register.required.shape[:2])
        for person in self.problem.workforce.people:
            for share in person.shares:
                weight[self.agency[person.agency], self.role[share.role]] += alone[person.code]
        return weight
