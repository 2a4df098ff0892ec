"""From the tables to the register as plain values, as it stands on a day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

import models
from planner.services.names import name_of
from planner.workforce.problem import (
    Agency,
    Duty,
    Enrolment,
    Level,
    Norm,
    Person,
    Posts,
    Role,
    Secondment,
    Series,
    Share,
    Workforce,
    Workload,
)

YEARS: Final = 5
"""How many fiscal years the register looks ahead, the present one included."""
PROCESSORS: Final = "vcpu"
"""The resource type whose demand is an agency's vCPU."""


def fiscal_year_of(day: dt.date) -> int:
    """The fiscal year of `day`, CE: October to September, named by the year it ends in."""
    return day.year + (day.month >= 10)


def days_of(year: int) -> tuple[dt.date, dt.date]:
    """The first and the last day of a fiscal year."""
    return dt.date(year - 1, 10, 1), dt.date(year, 9, 30)


def load_workforce(session: Session, on: dt.date) -> Workforce:
    """The register on the day `on`, over five fiscal years, in a number of queries that does not grow with the rows.

    Rows stand by code, roles and levels in their own order. People who have left are there, and gone. An agency's
    workload: its datasets in use, their volume as it grows, and the vCPU that its approved requirements ask for; after
    the last year of the plan as much as in that one. Every dataset in use has a duty, of nobody where none is stored.
    """
    first = fiscal_year_of(on)
    years = tuple(range(first, first + YEARS))
    agencies = session.execute(
        select(models.Agency, models.Ministry.code).join(models.Agency.ministry).order_by(models.Agency.code)
    ).all()
    levels = session.scalars(select(models.SkillLevel).order_by(models.SkillLevel.rank)).all()
    roles = session.scalars(select(models.WorkRole).order_by(models.WorkRole.position)).all()
    people = _load_people(session, on, years)
    return Workforce(
        fiscal_years=years,
        roles=tuple(Role(row.code, row.attrition, name_of(row)) for row in roles),
        agencies=tuple(Agency(row.code, ministry, name_of(row)) for row, ministry in agencies),
        norms=tuple(_load_norms(session)),
        workloads=tuple(_load_workloads(session, years)),
        posts=tuple(_load_posts(session, years)),
        people=people,
        secondments=tuple(_load_secondments(session)),
        enrolments=tuple(_load_enrolments(session, people, [row.code for row in levels])),
        duties=tuple(_load_duties(session)),
        levels=tuple(Level(row.code, row.factor, name_of(row)) for row in levels),
    )


def last_day(contract_ends_on: dt.date | None, retires_on: dt.date | None) -> dt.date | None:
    """The last day of a person's work that is known."""
    return min((day for day in (contract_ends_on, retires_on) if day), default=None)


def _load_norms(session: Session) -> Iterator[Norm]:
    norm = models.Norm
    query = select(models.WorkRole.code, norm).join(norm.role).order_by(models.WorkRole.code, norm.from_year)
    for role, row in session.execute(query):
        yield Norm(
            role=role,
            start=row.from_year,
            floor=row.floor,
            per_dataset=row.per_dataset,
            per_personal_dataset=row.per_personal_dataset,
            per_tb=row.per_tb,
            per_vcpu=row.per_vcpu,
        )


def _load_posts(session: Session, years: tuple[int, ...]) -> Iterator[Posts]:
    """Posts of each agency and role: in each year those of the latest row begun, none before the first."""
    position = models.Position
    query = (
        select(
            models.Agency.code,
            models.WorkRole.code,
            position.from_year,
            position.authorised,
            position.funded - position.frozen,
        )
        .join(position.agency)
        .join(position.role)
        .order_by(models.Agency.code, models.WorkRole.code, position.from_year)
    )
    steps: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(list)
    for agency, role, start, authorised, fillable in session.execute(query):
        steps[agency, role].append((start, authorised, fillable))
    for (agency, role), rows in steps.items():
        in_force = [max((row for row in rows if row[0] <= year), default=(year, 0.0, 0.0)) for year in years]
        yield Posts(agency, role, tuple(row[1] for row in in_force), tuple(row[2] for row in in_force))


def _load_people(session: Session, on: dt.date, years: tuple[int, ...]) -> tuple[Person, ...]:
    person, role = models.Person, models.PersonRole
    shares: dict[int, list[Share]] = defaultdict(list)
    query = (
        select(role.person_id, models.WorkRole.code, role.fte, models.SkillLevel.code)
        .join(role.role)
        .join(role.level)
        .order_by(models.WorkRole.position)
    )
    for key, code, fte, level in session.execute(query):
        shares[key].append(Share(code, fte, level))
    away: dict[int, dict[int, float]] = defaultdict(dict)
    leave = models.PlannedLeave
    for key, year, share in session.execute(select(leave.person_id, leave.year, leave.away)):
        away[key][year] = share
    rows = session.execute(
        select(
            person.id,
            person.code,
            models.Agency.code,
            person.starts_on,
            person.contract_ends_on,
            person.retires_on,
        )
        .join(person.agency)
        .order_by(person.code)
    )
    return tuple(
        Person(
            code=code,
            agency=agency,
            shares=tuple(shares[key]),
            availability=_availability(starts if starts and starts > on else None, last, away[key], years),
            leaves=_leaves(last, on),
        )
        for key, code, agency, starts, contract_ends, retires in rows
        for last in (last_day(contract_ends, retires),)
    )


def _leaves(last: dt.date | None, on: dt.date) -> int | None:
    """The first fiscal year in which somebody is gone whose last day is `last`: this one if that has passed."""
    if last is None:
        return None
    return fiscal_year_of(on) if last < on else fiscal_year_of(last) + 1


def _availability(
    starts: dt.date | None, last: dt.date | None, away: Mapping[int, float], years: Iterable[int]
) -> Series | None:
    """The share of each year in which somebody works: from the day they start to the last one, less planned leave."""
    if starts is None and last is None and not away:
        return None
    return tuple(_there(year, starts, last) * (1 - away.get(year, 0.0)) for year in years)


def _there(year: int, starts: dt.date | None, last: dt.date | None) -> float:
    begin, end = days_of(year)
    days = (min(last or end, end) - max(starts or begin, begin)).days + 1
    return max(days, 0) / ((end - begin).days + 1)


def _load_secondments(session: Session) -> Iterator[Secondment]:
    row = models.Secondment
    query = (
        select(models.Person.code, models.Agency.code, row.from_year, row.to_year)
        .join(models.Person, models.Person.id == row.person_id)
        .join(row.agency)
        .order_by(models.Person.code, row.from_year)
    )
    return (Secondment(*found) for found in session.execute(query))


def _load_enrolments(session: Session, people: Iterable[Person], levels: list[str]) -> Iterator[Enrolment]:
    """Training under way that raises somebody in a role that they do."""
    row, course = models.Enrolment, models.Course
    query = (
        select(
            models.Person.code,
            models.WorkRole.code,
            models.SkillLevel.code,
            models.Cohort.year + course.lead_years,
        )
        .select_from(row)
        .join(models.Person, models.Person.id == row.person_id)
        .join(row.cohort)
        .join(models.Cohort.course)
        .join(course.role)
        .join(course.level)
        .where(row.completed_on.is_(None))
        .order_by(models.Person.code, models.Cohort.code)
    )
    present = {(person.code, share.role): share.level for person in people for share in person.shares}
    for person, role, level, start in session.execute(query):
        now = present.get((person, role))
        if now is not None and levels.index(level) > levels.index(now):
            yield Enrolment(person, role, level, start)


def _load_duties(session: Session) -> Iterator[Duty]:
    people = dict(session.execute(select(models.Person.id, models.Person.code)).all())

    def duty(agency: str, dataset: str | None, row: models.AgencyDuty | models.DatasetDuty | None) -> Duty:
        if row is None:
            return Duty(agency, dataset)
        accountable, deputy = (people.get(key) if key else None for key in (row.accountable_id, row.deputy_id))
        return Duty(agency, dataset, accountable, deputy, row.acting, row.expires_on)

    whole = select(models.Agency.code, models.AgencyDuty).join(models.AgencyDuty.agency).order_by(models.Agency.code)
    for agency, row in session.execute(whole):
        yield duty(agency, None, row)
    single = (
        select(models.Agency.code, models.Dataset.code, models.DatasetDuty)
        .select_from(models.Dataset)
        .join(models.Dataset.agency)
        .outerjoin(models.DatasetDuty, models.DatasetDuty.dataset_id == models.Dataset.id)
        .where(~models.Dataset.retired)
        .order_by(models.Agency.code, models.Dataset.code)
    )
    for agency, dataset, found in session.execute(single):
        yield duty(agency, dataset, found)


def _load_workloads(session: Session, years: tuple[int, ...]) -> Iterator[Workload]:
    """What each agency that has any looks after."""
    datasets: dict[str, int] = defaultdict(int)
    personal: dict[str, int] = defaultdict(int)
    terabytes: dict[str, list[float]] = defaultdict(lambda: [0.0] * len(years))
    row = models.Dataset
    grouped = (
        select(
            models.Agency.code,
            row.growth,
            func.count(),
            func.sum(case((row.personal_data, 1), else_=0)),
            func.sum(func.coalesce(row.volume_tb, 0.0)),
        )
        .join(row.agency)
        .where(~row.retired)
        .group_by(models.Agency.code, row.growth)
        .order_by(models.Agency.code, row.growth)
    )
    for agency, growth, count, with_people, volume in session.execute(grouped):
        datasets[agency] += count
        personal[agency] += with_people
        for ahead in range(len(years)):
            terabytes[agency][ahead] += volume * (1 + growth) ** ahead
    processors = _load_processors(session, years)
    for agency in sorted({*datasets, *processors}):
        yield Workload(
            agency=agency,
            datasets=(float(datasets[agency]),) * len(years),
            personal_datasets=(float(personal[agency]),) * len(years),
            terabytes=tuple(terabytes[agency]),
            vcpu=processors.get(agency, (0.0,) * len(years)),
        )


def _load_processors(session: Session, years: tuple[int, ...]) -> Mapping[str, Series]:
    """The vCPU that the approved requirements of each agency ask for, by year."""
    line, requirement = models.DemandLine, models.Requirement
    query = (
        select(models.Agency.code, line.year, func.sum(line.amount))
        .join(line.requirement)
        .join(requirement.agency)
        .join(line.resource_type)
        .where(
            requirement.status == models.RequirementStatus.APPROVED,
            models.ResourceType.code == PROCESSORS,
        )
        .group_by(models.Agency.code, line.year)
    )
    amounts: dict[str, dict[int, float]] = defaultdict(dict)
    for agency, year, amount in session.execute(query):
        amounts[agency][year] = amount
    last = session.scalar(select(func.max(models.FiscalYear.year))) or years[-1]
    return {agency: tuple(by_year.get(min(year, last), 0.0) for year in years) for agency, by_year in amounts.items()}
