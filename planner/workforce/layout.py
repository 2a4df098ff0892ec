"""The variables and rows of a closing problem, in order: what the PuLP statement and the arrays both go by.

Money is in million THB here, so that its numbers are of the size of the others.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.workforce.accountability import count_alone
from planner.workforce.coverage import share_of
from planner.workforce.measures import ClosingProblem
from planner.workforce.norms import Floats
from planner.workforce.register import Ints, Register, build_register

MILLION = 1e6
EXACT = 1e-9
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Terms:
    """The measures as arrays: courses (K,), roles (R,), fiscal years (T,); positions are the register's.

    `begins` and `ends` are (K, 2): role and level. `seats` is (K, T). `hire_cost` and `lend_cost` are million THB a
    year, NaN where a role may not be hired; `budget` is million THB, inf for no limit.
    """

    courses: tuple[str, ...]
    begins: Ints
    ends: Ints
    price: Floats
    lead: Ints
    lost_time: Floats
    seats: Floats
    hire_cost: Floats
    hire_factor: Floats
    hire_lead: Ints
    lend_cost: float
    efficiency: float
    budget: Floats


@dataclass(frozen=True, eq=False)
class Layout:
    """Variables (n, 3) and rows of one closing problem, by position.

    Variables: `train` (agency, course, year), FTE of today who are sent, so that attrition scales them; `hire`,
    `borrow` and `lend` (agency, role, year); `short` the gap left in a cell; `alone` the backup missing in a cell, with
    its `weight`. Rows: `supply` of each cell of `short`, `backup` of each of `alone`, `vacancy` (agency, role, year),
    `trainees` (agency, role, level, year), `seats` (course, year), `exchange` (role, year), `budget` (year) and
    `coverage` of each agency in `covered`.
    """

    register: Register
    terms: Terms
    train: Ints
    hire: Ints
    borrow: Ints
    lend: Ints
    short: Ints
    alone: Ints
    weight: Floats
    backup: Floats
    """FTE of backup missing today, one for each of `alone`."""
    vacancy: Ints
    trainees: Ints
    seats: Ints
    exchange: Ints
    budget: Ints
    covered: Ints

    @property
    def supply_limits(self) -> Floats:
        """FTE that each cell of `short` lacks today; negative where it has a surplus."""
        cells = tuple(self.short.T)
        limits: Floats = self.register.required[cells] - self.register.available[cells]
        return limits

    @property
    def stakes(self) -> Floats:
        """Required FTE-years of each agency in `covered`."""
        stakes: Floats = self.register.required[self.covered].sum(axis=(1, 2))
        return stakes

    @property
    def stake_of_short(self) -> Floats:
        """Required FTE-years of the agency of each cell of `short`."""
        stakes: Floats = self.register.required.sum(axis=(1, 2))[self.short[:, 0]]
        return stakes


def build_terms(problem: ClosingProblem, register: Register) -> Terms:
    """The measures of `problem` by the positions of `register`."""
    measures = problem.measures
    role = {code: n for n, code in enumerate(register.roles)}
    level = {code: n for n, code in enumerate(register.levels)}
    course = {row.code: n for n, row in enumerate(measures.courses)}
    year = {code: n for n, code in enumerate(register.years)}
    seats = np.zeros((len(course), len(year)))
    for cohort in measures.cohorts:
        seats[course[cohort.course], year[cohort.fiscal_year]] += cohort.seats
    hire_cost, hire_factor = np.full(len(role), np.nan), np.zeros(len(role))
    hire_lead = np.zeros(len(role), dtype=np.int64)
    for terms in measures.hiring:
        at = role[terms.role]
        hire_cost[at], hire_lead[at] = terms.cost / MILLION, terms.lead_years
        hire_factor[at] = register.factor[level[terms.level]]
    lending, budget = measures.lending, measures.budget or (None,) * len(year)
    ends = [
        [(role[row.from_role], level[row.from_level]), (role[row.role], level[row.level])] for row in measures.courses
    ]
    nodes = np.array(ends, dtype=np.int64).reshape(-1, 2, 2)
    return Terms(
        courses=tuple(course),
        begins=nodes[:, 0],
        ends=nodes[:, 1],
        price=np.array([row.price / MILLION for row in measures.courses]),
        lead=np.array([row.lead_years for row in measures.courses], dtype=np.int64),
        lost_time=np.array([row.lost_time for row in measures.courses]),
        seats=seats,
        hire_cost=hire_cost,
        hire_factor=hire_factor,
        hire_lead=hire_lead,
        lend_cost=np.nan if lending is None else lending.cost / MILLION,
        efficiency=0.0 if lending is None else lending.efficiency,
        budget=np.array([np.inf if amount is None else amount / MILLION for amount in budget]),
    )


def build_layout(problem: ClosingProblem) -> Layout:
    """The variables that could help and the rows that they need."""
    register = build_register(problem.workforce)
    terms = build_terms(problem, register)
    gap = register.required - register.available > EXACT
    train = _useful_training(register, terms, gap)
    vacancy = register.vacant > EXACT
    hire = _useful_hires(terms, gap, vacancy)
    borrow, lend = _useful_loans(register, terms, gap)
    taken = np.zeros_like(gap)
    taken[train[:, 0], terms.begins[train[:, 1], 0]] = True
    short = np.argwhere(gap | (taken & (register.required > 0)))
    weight = _weights(problem, register)
    missing = problem.measures.backup * register.required - (register.available - register.largest)
    alone = np.argwhere((missing > EXACT) & (register.people > 0))
    alone_at = tuple(alone.T)
    hired = np.zeros(gap.shape[:2], dtype=bool)
    hired[hire[:, 0], hire[:, 1]] = True
    later = np.arange(gap.shape[2]) >= terms.hire_lead[:, None]
    return Layout(
        register=register,
        terms=terms,
        train=train,
        hire=hire,
        borrow=borrow,
        lend=lend,
        short=short,
        alone=alone,
        weight=weight[alone_at[0], alone_at[1]],
        backup=missing[alone_at],
        vacancy=np.argwhere(hired[:, :, None] & later),
        trainees=_trainee_rows(gap.shape[2] - 1, terms, train),
        seats=_distinct(train[:, 1:]),
        exchange=_distinct(borrow[:, 1:]),
        budget=np.flatnonzero(np.isfinite(terms.budget)),
        covered=np.flatnonzero(register.required.sum(axis=(1, 2)) > 0),
    )


def today(layout: Layout) -> Floats:
    """Coverage over all years of each agency in `covered`, if nothing is done."""
    register = layout.register
    covered = np.minimum(register.required, register.available)[layout.covered].sum(axis=(1, 2))
    return share_of(covered, layout.stakes)


def _useful_training(register: Register, terms: Terms, gap: Flags) -> Ints:
    """(agency, course, year) with a seat, a trainee, and a gap that is open when it takes effect or later on."""
    agencies, _, years = gap.shape
    useful = np.zeros((agencies, len(terms.courses), years), dtype=bool)
    begun = register.stock > EXACT
    able = begun[:, terms.begins[:, 0], terms.begins[:, 1]].copy()
    for _ in terms.courses:  # whoever has done a course may go on: reached by steps, at most one a course
        for k, (role, level) in enumerate(terms.begins.tolist()):
            before = (terms.ends == (role, level)).all(axis=1)
            able[:, k] |= able[:, before].any(axis=1)
    for k in range(len(terms.courses)):
        helped = gap[:, terms.ends[k, 0]].copy()
        for after in _reachable(terms, k):
            helped |= gap[:, terms.ends[after, 0]]
        for t in range(years):
            effect = min(t + int(terms.lead[k]), years)
            if terms.seats[k, t] > 0:
                useful[:, k, t] = able[:, k] & helped[:, effect:].any(axis=1)
    return np.argwhere(useful)


def _reachable(terms: Terms, course: int) -> set[int]:
    """The courses that may follow `course`, at once or after others."""
    found: set[int] = set()
    ends = [course]
    while ends:
        node = terms.ends[ends.pop()]
        following = set(np.flatnonzero((terms.begins == node).all(axis=1)).tolist()) - found
        found |= following
        ends.extend(sorted(following))
    return found


def _useful_hires(terms: Terms, gap: Flags, vacancy: Flags) -> Ints:
    """(agency, role, year of the decision) with a vacancy and a gap by the time that the new person is in post."""
    years = gap.shape[2]
    useful = np.zeros_like(gap)
    for r in np.flatnonzero(~np.isnan(terms.hire_cost)).tolist():
        lead = int(terms.hire_lead[r])
        for t in range(years - lead):
            useful[:, r, t] = (gap[:, r, t + lead :] & vacancy[:, r, t + lead :]).any(axis=1)
    return np.argwhere(useful)


def _useful_loans(register: Register, terms: Terms, gap: Flags) -> tuple[Ints, Ints]:
    """(agency, role, year) of those who could borrow and of those who could lend, where there are both."""
    if np.isnan(terms.lend_cost):
        none = np.zeros((0, 3), dtype=np.int64)
        return none, none
    surplus = register.surplus > EXACT
    both = gap.any(axis=0) & surplus.any(axis=0)
    return np.argwhere(gap & both), np.argwhere(surplus & both)


def _trainee_rows(last: int, terms: Terms, train: Ints) -> Ints:
    """(agency, role, level, year) from where people are sent: in each year if courses lead there, else in the last."""
    arrives = {tuple(node) for node in terms.ends.tolist()}
    rows = [
        np.column_stack(
            [
                train[sent, 0],
                terms.begins[train[sent, 1]],
                train[sent, 2] if tuple(node) in arrives else np.full(int(sent.sum()), last),
            ]
        )
        for node in np.unique(terms.begins, axis=0).tolist()
        for sent in [(terms.begins[train[:, 1]] == node).all(axis=1)]
    ]
    return _distinct(np.concatenate([np.zeros((0, 4), dtype=np.int64), *rows]))


def _weights(problem: ClosingProblem, register: Register) -> Floats:
    """1 + datasets that an agency's people in a role answer for without a deputy, (A, R)."""
    place = {code: a for a, code in enumerate(register.agencies)}
    role = {code: r for r, code in enumerate(register.roles)}
    alone = count_alone(problem.workforce)
    weight = np.ones((len(place), len(role)))
    for person in problem.workforce.people:
        for share in person.shares:
            weight[place[person.agency], role[share.role]] += alone[person.code]
    return weight


def _distinct(rows: Ints) -> Ints:
    return np.unique(rows, axis=0) if len(rows) else rows
