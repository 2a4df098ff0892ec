"""People of the register: the list, and one person's record. Every look at a record is noted in the audit log."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models import (
    Agency,
    AgencyDuty,
    Cohort,
    Course,
    Dataset,
    DatasetDuty,
    Enrolment,
    Ministry,
    Person,
    PersonRole,
    Secondment,
    WorkRole,
)
from planner.errors import NotFoundError
from planner.services import audit
from planner.services.lists import ListFilter, Listing, Sorts, load_slice, matches, sorted_by
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.reference.lists import row_phrase
from planner.services.register.loading import last_day
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.sheets.workforce import BASES, ENROLMENTS, PERSON_ROLES, PLANNED_LEAVES, SECONDMENTS
from reports.values import Cell, Column, Fact, Table
from reports.words import BANGKOK

WHOLE: Final = 1.0 + 1e-9
"""Shares of a person's time that add up to more are pointed out."""
COLUMNS: Final = (
    Column("code", N_("Code"), "code"),
    Column("name", N_("Full name")),
    Column("ministry", N_("Ministry")),
    Column("agency", N_("Agency")),
    Column("roles", N_("Roles")),
    Column("fte", N_("Shares together"), "number", N_("FTE")),
    Column("remark", N_("To be looked at")),
)
SORTABLE: Final = ("code", "name", "ministry", "agency", "fte")
"""The keys that the list may be sorted by: names as a Thai dictionary has them, ministries and agencies by code."""
REMARKS: Final[Mapping[str, str]] = {
    "over": N_("More than one person's time"),
    "left": N_("Has left: erase when no longer needed"),
}
"""What is pointed out about people, by its code."""


@dataclass(frozen=True)
class PeopleFilter(ListFilter):
    """Which people: codes narrow, also one of `REMARKS`."""

    ministry: str | None = None
    agency: str | None = None
    role: str | None = None
    remark: str | None = None


@dataclass(frozen=True)
class PeopleChoices:
    """What the list may be narrowed to: codes and what they are called."""

    ministries: tuple[tuple[str, LocalText], ...]
    agencies: tuple[tuple[str, LocalText], ...]
    roles: tuple[tuple[str, LocalText], ...]
    remarks: tuple[tuple[str, Phrase], ...]


@dataclass(frozen=True)
class PersonRecord:
    """All that the register holds of one person. `parts` are tables whose first column is a row's code, by table key;
    `duties` what they answer for. `datasets` name the person in words of their own, which the register does not keep.
    """

    code: str
    full_name: str
    facts: tuple[Fact, ...]
    parts: Mapping[str, Table]
    duties: Table
    datasets: tuple[str, ...]
    over: bool

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of the record."""
        return (*self.parts.values(), self.duties)


def list_people(session: Session, actor: Actor, wanted: PeopleFilter, today: dt.date | None = None) -> Listing:
    """The people whom `actor` may see and `wanted` lets through, in three queries."""
    require(actor, Permission.VIEW_PEOPLE)
    day = today or dt.datetime.now(BANGKOK).date()
    fte = _shares()
    query = (
        select(Person, fte.label("fte"))
        .join(Person.agency)
        .join(Agency.ministry)
        .where(*_narrowing(actor, wanted, day))
        .options(joinedload(Person.agency).joinedload(Agency.ministry), _roles())
    )
    sorts: Sorts = {
        "code": Person.code,
        "name": Person.full_name_key,
        "ministry": Ministry.code,
        "agency": Agency.code,
        "fte": fte,
    }
    found = load_slice(session, sorted_by(query, sorts, wanted), wanted)
    rows = tuple(_cells(person, total or 0.0, day) for person, total in found.rows)
    return found.listing(Table("people", N_("People"), COLUMNS, rows))


def load_choices(session: Session, actor: Actor) -> PeopleChoices:
    """What the list may be narrowed to by `actor`."""
    require(actor, Permission.VIEW_PEOPLE)
    ministries = select(Ministry).order_by(Ministry.code)
    agencies = select(Agency).order_by(Agency.code)
    if (home := ministry_scope(actor)) is not None:
        ministries, agencies = ministries.where(Ministry.id == home), agencies.where(Agency.ministry_id == home)
    roles = select(WorkRole).order_by(WorkRole.position)
    return PeopleChoices(
        tuple((row.code, name_of(row)) for row in session.scalars(ministries)),
        tuple((row.code, name_of(row)) for row in session.scalars(agencies)),
        tuple((row.code, name_of(row)) for row in session.scalars(roles)),
        tuple((code, Phrase(remark)) for code, remark in REMARKS.items()),
    )


def find_person(session: Session, actor: Actor, code: str) -> Person:
    """The person called `code`; `NotFoundError` for another ministry's as for none."""
    require(actor, Permission.VIEW_PEOPLE)
    query = select(Person).join(Person.agency).where(Person.code == code)
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Agency.ministry_id == home)
    person = session.scalars(query).one_or_none()
    if person is None:
        raise NotFoundError
    return person


def load_person(session: Session, actor: Actor, code: str, *, action: str = "looked_at") -> PersonRecord:
    """The record of the person called `code`, in a fixed number of queries; that `actor` did `action` is noted."""
    person = find_person(session, actor, code)
    audit.record(session, actor, action, f"person:{code}")
    total = sum(role.fte for role in person.roles)
    facts = (
        Fact(N_("Ministry"), name_of(person.agency.ministry)),
        Fact(N_("Agency"), name_of(person.agency)),
        Fact(N_("Starts on"), person.starts_on, "date"),
        Fact(N_("Contract ends"), person.contract_ends_on, "date"),
        Fact(N_("Retires on"), person.retires_on, "date"),
        Fact(N_("Shares together"), total, "number", N_("FTE")),
    )
    parts = (_role_table(person), _leave_table(person), _secondment_table(session, person), _training(session, person))
    named = select(Dataset.code).where((Dataset.accountable == person.full_name) | (Dataset.deputy == person.full_name))
    return PersonRecord(
        code=code,
        full_name=person.full_name,
        facts=tuple(fact for fact in facts if fact.value is not None),
        parts={table.key: table for table in parts},
        duties=_duty_table(session, person),
        datasets=tuple(session.scalars(named.order_by(Dataset.code))),
        over=total > WHOLE,
    )


def note_look(session: Session, actor: Actor, code: str) -> None:
    """Note that `actor` looked at a part of the record of the person called `code`."""
    audit.record(session, actor, "looked_at", f"person:{code}")


def note_looks(session: Session, actor: Actor, codes: Iterable[str], action: str = "looked_at") -> None:
    """Note in one entry that `actor` looked at all of these people, or did another `action` with them."""
    audit.record(session, actor, action, "person:*", note=", ".join(dict.fromkeys(codes)))


def _shares() -> Any:
    return select(func.sum(PersonRole.fte)).where(PersonRole.person_id == Person.id).scalar_subquery()


def _roles() -> Any:
    return selectinload(Person.roles).joinedload(PersonRole.role)


def _narrowing(actor: Actor, wanted: PeopleFilter, day: dt.date) -> list[ColumnElement[bool]]:
    narrow: list[ColumnElement[bool]] = []
    if (home := ministry_scope(actor)) is not None:
        narrow.append(Agency.ministry_id == home)
    if wanted.text:
        narrow.append(matches(wanted.text, Person.code, Person.full_name, Agency.name_th, Agency.name_en))
    if wanted.ministry:
        narrow.append(Ministry.code == wanted.ministry)
    if wanted.agency:
        narrow.append(Agency.code == wanted.agency)
    if wanted.role:
        narrow.append(Person.roles.any(PersonRole.role.has(WorkRole.code == wanted.role)))
    if wanted.remark == "over":
        narrow.append(_shares() > WHOLE)
    elif wanted.remark == "left":
        narrow.append((Person.contract_ends_on < day) | (Person.retires_on < day))
    elif wanted.remark:
        narrow.append(false())
    return narrow


def _cells(person: Person, total: float, day: dt.date) -> tuple[Cell, ...]:
    last = last_day(person.contract_ends_on, person.retires_on)
    remark = "left" if last and last < day else "over" if total > WHOLE else None
    roles = sorted(person.roles, key=lambda row: row.role.position)
    return (
        person.code,
        person.full_name,
        name_of(person.agency.ministry),
        name_of(person.agency),
        _list_of([name_of(row.role) for row in roles]),
        total,
        Phrase(REMARKS[remark]) if remark else None,
    )


def _list_of(names: Sequence[LocalText]) -> LocalText | None:
    return LocalText(", ".join(name.th for name in names), ", ".join(name.en for name in names)) if names else None


def _role_table(person: Person) -> Table:
    columns = (
        Column("code", N_("Row"), "code"),
        Column("role", N_("Role")),
        Column("fte", N_("Share of time"), "number", N_("FTE")),
        Column("level", N_("Skill level")),
        Column("basis", N_("Known by")),
        Column("level_on", N_("As of"), "date"),
    )
    rows = sorted(person.roles, key=lambda row: row.role.position)
    return Table(
        "person_roles",
        N_("Roles and levels"),
        columns,
        tuple(
            (
                row_phrase(PERSON_ROLES, (person.code, row.role.code)),
                name_of(row.role),
                row.fte,
                name_of(row.level),
                BASES[row.basis.value],
                row.level_on,
            )
            for row in rows
        ),
    )


def _leave_table(person: Person) -> Table:
    columns = (
        Column("code", N_("Row"), "code"),
        Column("year", N_("Fiscal year"), "year"),
        Column("away", N_("Share away"), "share"),
    )
    rows = sorted(person.leaves, key=lambda row: row.year)
    cells = tuple((row_phrase(PLANNED_LEAVES, (person.code, row.year)), FiscalYear(row.year), row.away) for row in rows)
    return Table("planned_leaves", N_("Planned leave"), columns, cells)


def _secondment_table(session: Session, person: Person) -> Table:
    columns = (
        Column("code", N_("Row"), "code"),
        Column("agency", N_("To agency")),
        Column("from", N_("From fiscal year"), "year"),
        Column("to", N_("To fiscal year"), "year"),
    )
    query = select(Secondment).where(Secondment.person_id == person.id).options(joinedload(Secondment.agency))
    cells = tuple(
        (
            row_phrase(SECONDMENTS, (person.code, row.from_year)),
            name_of(row.agency),
            FiscalYear(row.from_year),
            FiscalYear(row.to_year),
        )
        for row in session.scalars(query.order_by(Secondment.from_year))
    )
    return Table("secondments", N_("Secondments"), columns, cells)


def _training(session: Session, person: Person) -> Table:
    columns = (
        Column("code", N_("Row"), "code"),
        Column("course", N_("Course")),
        Column("year", N_("Fiscal year"), "year"),
        Column("completed_on", N_("Completed on"), "date"),
    )
    query = (
        select(Enrolment, Cohort, Course)
        .join(Enrolment.cohort)
        .join(Cohort.course)
        .where(Enrolment.person_id == person.id)
        .order_by(Cohort.year, Cohort.code)
    )
    cells = tuple(
        (row_phrase(ENROLMENTS, (person.code, cohort.code)), name_of(course), FiscalYear(cohort.year), row.completed_on)
        for row, cohort, course in session.execute(query)
    )
    return Table("enrolments", N_("Training"), columns, cells)


def _duty_table(session: Session, person: Person) -> Table:
    columns = (
        Column("what", N_("Answers for")),
        Column("part", N_("As")),
        Column("expires_on", N_("Appointed until"), "date"),
    )
    of_agencies = session.execute(
        select(AgencyDuty, Agency).join(AgencyDuty.agency).where(_names(AgencyDuty, person)).order_by(Agency.code)
    )
    of_datasets = session.execute(
        select(DatasetDuty, Dataset).join(DatasetDuty.dataset).where(_names(DatasetDuty, person)).order_by(Dataset.code)
    )
    rows: list[tuple[Cell, ...]] = [
        *((name_of(agency), _part(duty, person), duty.expires_on) for duty, agency in of_agencies),
        *((dataset.title, _part(duty, person), duty.expires_on) for duty, dataset in of_datasets),
    ]
    return Table("duties", N_("Duties"), columns, tuple(rows))


def _names(kind: type[AgencyDuty] | type[DatasetDuty], person: Person) -> ColumnElement[bool]:
    return (kind.accountable_id == person.id) | (kind.deputy_id == person.id)


def _part(duty: AgencyDuty | DatasetDuty, person: Person) -> Phrase:
    if duty.accountable_id != person.id:
        return Phrase(N_("deputy"))
    return Phrase(N_("accountable, acting") if duty.acting else N_("accountable"))
