"""What a plan of the workforce works on: the register of a day without anybody's identity, and what may be done."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

import models
from planner.services.closing.terms import load_terms
from planner.services.names import name_of
from planner.services.register.loading import load_workforce
from planner.workforce.measures import ClosingProblem, Cohort, Course, Hiring, Lending, Measures
from planner.workforce.problem import Workforce


def load_closing_problem(session: Session, on: dt.date) -> ClosingProblem:
    """The register on the day `on` with the measures in force; `InvalidInputError` if they have faults.

    People are numbered anew, so that what is kept with a plan for good is about nobody.
    """
    workforce = without_identities(load_workforce(session, on))
    return ClosingProblem(workforce, load_measures(session, workforce.fiscal_years))


def without_identities(workforce: Workforce) -> Workforce:
    """`workforce` with a number in place of each person's code."""
    number = {person.code: str(n) for n, person in enumerate(workforce.people, start=1)}

    def same(code: str | None) -> str | None:
        return None if code is None else number[code]

    return replace(
        workforce,
        people=tuple(replace(row, code=number[row.code]) for row in workforce.people),
        secondments=tuple(replace(row, person=number[row.person]) for row in workforce.secondments),
        enrolments=tuple(replace(row, person=number[row.person]) for row in workforce.enrolments),
        duties=tuple(
            replace(row, accountable=same(row.accountable), deputy=same(row.deputy)) for row in workforce.duties
        ),
    )


def load_measures(session: Session, years: tuple[int, ...]) -> Measures:
    """Courses with the seats that are left of their cohorts, terms of hiring and lending, and the budget by year."""
    terms = load_terms(session)
    budget = tuple(terms.budget.get(year) for year in years)
    return Measures(
        courses=tuple(_load_courses(session)),
        cohorts=tuple(_load_cohorts(session, years)),
        hiring=tuple(_load_hiring(session)),
        lending=None if terms.lend_cost is None else Lending(terms.lend_cost, terms.lend_efficiency),
        budget=None if set(budget) == {None} else budget,
        backup=terms.backup,
    )


def _load_courses(session: Session) -> Iterator[Course]:
    course, old, new = models.Course, aliased(models.WorkRole), aliased(models.WorkRole)
    below, level = aliased(models.SkillLevel), aliased(models.SkillLevel)
    query = (
        select(course, old.code, below.code, new.code, level.code)
        .join(old, old.id == course.from_role_id)
        .join(below, below.id == course.from_level_id)
        .join(new, new.id == course.role_id)
        .join(level, level.id == course.level_id)
        .order_by(course.code)
    )
    for row, from_role, from_level, role, reached in session.execute(query):
        name = name_of(row)
        yield Course(row.code, from_role, from_level, role, reached, row.price, row.lead_years, row.lost_time, name)


def _load_cohorts(session: Session, years: tuple[int, ...]) -> Iterator[Cohort]:
    """Cohorts of the years planned that have seats left."""
    cohort = models.Cohort
    taken = (
        select(models.Enrolment.cohort_id, func.count().label("taken"))
        .where(models.Enrolment.completed_on.is_(None))
        .group_by(models.Enrolment.cohort_id)
        .subquery()
    )
    left = cohort.seats - func.coalesce(taken.c.taken, 0)
    query = (
        select(models.Course.code, cohort.year, left)
        .join(cohort.course)
        .outerjoin(taken, taken.c.cohort_id == cohort.id)
        .where(cohort.year.in_(years), left > 0)
        .order_by(cohort.code)
    )
    return (Cohort(code, year, float(seats)) for code, year, seats in session.execute(query))


def _load_hiring(session: Session) -> Iterator[Hiring]:
    role = models.WorkRole
    query = select(role, models.SkillLevel.code).join(role.hire_level).order_by(role.position)
    for row, level in session.execute(query):
        if row.hire_cost is not None:
            yield Hiring(row.code, row.hire_cost, level, row.hire_lead_years)
