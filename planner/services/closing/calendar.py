"""The training calendar: cohorts with their seats, who has them already, and how many the newest plan fills."""

from collections import Counter, defaultdict
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import models
from planner.services.closing.runs import load_closing, newest_closing
from planner.services.coverage.opening import today
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.register.loading import fiscal_year_of
from planner.services.reporting.ledger import tidy
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Column, Table

Held: TypeAlias = tuple[models.Cohort, models.Course, int]
"""A cohort, its course, and how many people have a seat in it."""


def load_calendar(session: Session, actor: Actor) -> tuple[Table, Table]:
    """The cohorts that are not over, by day; and one row a course and fiscal year, with what the newest plan fills."""
    require(actor, Permission.VIEW_WORKFORCE)
    cohorts = _load_cohorts(session)
    return _cohort_table(cohorts), _course_table(session, actor, cohorts)


def _load_cohorts(session: Session) -> list[Held]:
    """Cohorts of the present fiscal year and later, each with the people who have a seat in it."""
    table = models.Cohort
    taken = (
        select(models.Enrolment.cohort_id, func.count().label("taken")).group_by(models.Enrolment.cohort_id).subquery()
    )
    query = (
        select(table, models.Course, func.coalesce(taken.c.taken, 0))
        .join(table.course)
        .outerjoin(taken, taken.c.cohort_id == table.id)
        .where(table.year >= fiscal_year_of(today()))
        .order_by(table.year, table.starts_on.is_(None), table.starts_on, models.Course.code, table.code)
    )
    return [(cohort, course, count) for cohort, course, count in session.execute(query)]


def _cohort_table(cohorts: list[Held]) -> Table:
    rows = tuple(
        (
            cohort.code,
            name_of(course),
            FiscalYear(cohort.year),
            cohort.starts_on,
            cohort.ends_on,
            cohort.seats,
            taken,
            max(cohort.seats - taken, 0),
        )
        for cohort, course, taken in cohorts
    )
    columns = (
        Column("cohort", N_("Code"), "code"),
        Column("course", N_("Course")),
        Column("year", N_("Fiscal year"), "year"),
        Column("starts_on", N_("First day"), "date"),
        Column("ends_on", N_("Last day"), "date"),
        Column("seats", N_("Seats"), "integer"),
        Column("taken", N_("Taken"), "integer"),
        Column("free", N_("Free"), "integer"),
    )
    return Table("cohorts", N_("Cohorts, by their days"), columns, rows)


def _course_table(session: Session, actor: Actor, cohorts: list[Held]) -> Table:
    planned: defaultdict[tuple[str, int], float] = defaultdict(float)
    code = newest_closing(session)
    if code is not None:
        stored = load_closing(session, actor, code)
        home = ministry_scope(actor)
        own = session.scalar(select(models.Ministry.code).where(models.Ministry.id == home)) if home else None
        seen = {row.code for row in stored.problem.workforce.agencies if home is None or row.ministry == own}
        for row in stored.plan.seats:
            if row.agency in seen:
                planned[row.course, row.fiscal_year] += row.seats
    seats: Counter[tuple[str, int]] = Counter()
    free: Counter[tuple[str, int]] = Counter()
    names: dict[str, LocalText] = {}
    for cohort, course, taken in cohorts:
        names[course.code] = name_of(course)
        seats[course.code, cohort.year] += cohort.seats
        free[course.code, cohort.year] += max(cohort.seats - taken, 0)
    rows = tuple(
        (
            course,
            names[course],
            FiscalYear(year),
            seats[course, year],
            free[course, year],
            tidy(planned[course, year]) if code else None,
        )
        for course, year in sorted(seats)
    )
    columns = (
        Column("course", N_("Code"), "code"),
        Column("course_name", N_("Course")),
        Column("year", N_("Fiscal year"), "year"),
        Column("seats", N_("Seats"), "integer"),
        Column("free", N_("Free"), "integer"),
        Column("planned", N_("To be filled by the plan"), "number", N_("FTE")),
    )
    note = Phrase(N_("By the workforce plan %(code)s."), {"code": code}) if code else None
    return Table("courses", N_("Seats by course and fiscal year"), columns, rows, note=note)
