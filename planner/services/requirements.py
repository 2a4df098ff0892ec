"""What agencies ask to have hosted: the list, and one requirement with what the newest plan gives it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from models import (
    Agency,
    Clearance,
    DemandLine,
    Ministry,
    Priority,
    Requirement,
    RequirementStatus,
    ResourceType,
)
from models import FiscalYear as Year
from planner.errors import NotFoundError
from planner.services.lists import AnySelect, ListFilter, Listing, Sorts, load_slice, matches, sorted_by
from planner.services.outcomes import Outcome, granted_share, load_outcome
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.plan_storage import newest_solved
from planner.services.problems import name_of
from planner.services.wording import requirement_status_phrase
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Cell, Column, Table

COLUMNS: Final = (
    Column("code", N_("Code"), "code"),
    Column("title", N_("Title")),
    Column("ministry", N_("Ministry")),
    Column("agency", N_("Agency")),
    Column("priority", N_("Priority")),
    Column("clearance", N_("Clearance")),
    Column("start", N_("From fiscal year"), "year"),
    Column("end", N_("To fiscal year"), "year"),
    Column("status", N_("Status")),
    Column("granted", N_("Share granted"), "share"),
)
SORTABLE: Final = tuple(column.key for column in COLUMNS)
"""The keys that a list may be sorted by: titles as a Thai dictionary has them, names by their codes."""


@dataclass(frozen=True)
class RequirementFilter(ListFilter):
    """Which requirements: codes narrow, an unknown one to nothing; `text` is looked for in codes, titles, agencies."""

    ministry: str | None = None
    agency: str | None = None
    priority: str | None = None
    clearance: str | None = None
    status: str | None = None


@dataclass(frozen=True)
class FilterChoices:
    """What a list may be narrowed to: codes and what they are called."""

    ministries: tuple[tuple[str, LocalText], ...]
    agencies: tuple[tuple[str, LocalText], ...]
    priorities: tuple[tuple[str, LocalText], ...]
    clearances: tuple[tuple[str, LocalText], ...]
    statuses: tuple[tuple[str, Phrase], ...]


@dataclass(frozen=True)
class RequirementDetail:
    """One requirement in plain values. Empty `regions` and `sites` mean anywhere; `end` None means no end."""

    code: str
    title: str
    note: str
    ministry: LocalText
    agency: LocalText
    priority: LocalText
    clearance: LocalText
    status: Phrase
    weight: float
    copies: int
    divisible: bool
    start: FiscalYear
    end: FiscalYear | None
    regions: tuple[LocalText, ...]
    sites: tuple[LocalText, ...]
    incumbent: LocalText | None
    demand: Table
    outcome: Outcome | None


def list_requirements(session: Session, actor: Actor, wanted: RequirementFilter) -> Listing:
    """The requirements that `actor` may see and `wanted` lets through, in three queries.

    "Share granted" is of the newest solved plan, and empty for what is in none.
    """
    require(actor, Permission.VIEW_REQUIREMENTS)
    granted = granted_share(newest_solved(session))
    sorts: Sorts = {
        "code": Requirement.code,
        "title": Requirement.title_key,
        "ministry": Ministry.code,
        "agency": Agency.code,
        "priority": Priority.rank,
        "clearance": Clearance.level,
        "start": Requirement.start_year,
        "end": Requirement.end_year,
        "status": Requirement.status,
        "granted": granted,
    }
    query = sorted_by(_visible(actor, granted, wanted), sorts, wanted)
    found = load_slice(session, query, wanted)
    rows = tuple(_cells(row, granted) for row, granted in found.rows)
    return found.listing(Table("requirements", N_("Requirements"), COLUMNS, rows))


def _visible(
    actor: Actor, granted: ColumnElement[float | None], wanted: RequirementFilter
) -> Select[Requirement, float | None]:
    """Each requirement, and the share of it that is granted, within the actor's ministry and the filter."""
    query = (
        select(Requirement, granted)
        .join(Requirement.agency)
        .join(Agency.ministry)
        .join(Requirement.priority)
        .join(Requirement.clearance)
        .options(
            contains_eager(Requirement.agency).contains_eager(Agency.ministry),
            contains_eager(Requirement.priority),
            contains_eager(Requirement.clearance),
        )
    )
    if (home := ministry_scope(actor)) is not None:
        query = query.where(Agency.ministry_id == home)
    if wanted.text:
        query = query.where(
            matches(wanted.text, Requirement.code, Requirement.title, Agency.code, Agency.name_th, Agency.name_en)
        )
    for code, column in (
        (wanted.ministry, Ministry.code),
        (wanted.agency, Agency.code),
        (wanted.priority, Priority.code),
        (wanted.clearance, Clearance.code),
    ):
        if code is not None:
            query = query.where(column == code)
    if wanted.status is not None:
        known = wanted.status in RequirementStatus.__members__.values()
        query = query.where(Requirement.status == RequirementStatus(wanted.status) if known else false())
    return query


def _cells(row: Requirement, granted: float | None) -> tuple[Cell, ...]:
    return (
        row.code,
        row.title,
        name_of(row.agency.ministry),
        name_of(row.agency),
        name_of(row.priority),
        name_of(row.clearance),
        FiscalYear(row.start_year),
        _year(row.end_year),
        requirement_status_phrase(row.status),
        granted,
    )


def _year(year: int | None) -> FiscalYear | None:
    return None if year is None else FiscalYear(year)


def filter_choices(session: Session, actor: Actor) -> FilterChoices:
    """What `actor` may narrow a list to: ministries and agencies within the own ministry alone where one is bound."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    ministries = select(Ministry).order_by(Ministry.code)
    agencies = select(Agency).order_by(Agency.code)
    if (home := ministry_scope(actor)) is not None:
        ministries = ministries.where(Ministry.id == home)
        agencies = agencies.where(Agency.ministry_id == home)

    def choices(query: AnySelect) -> tuple[tuple[str, LocalText], ...]:
        return tuple((row.code, name_of(row)) for row in session.scalars(query))

    return FilterChoices(
        ministries=choices(ministries),
        agencies=choices(agencies),
        priorities=choices(select(Priority).order_by(Priority.rank)),
        clearances=choices(select(Clearance).order_by(Clearance.level)),
        statuses=tuple((status.value, requirement_status_phrase(status)) for status in RequirementStatus),
    )


def get_requirement(session: Session, actor: Actor, code: str) -> RequirementDetail:
    """The requirement called `code`; `NotFoundError` if there is none or another ministry's is asked for."""
    require(actor, Permission.VIEW_REQUIREMENTS)
    row = session.scalar(
        select(Requirement)
        .where(Requirement.code == code)
        .options(
            joinedload(Requirement.agency).joinedload(Agency.ministry),
            joinedload(Requirement.priority),
            joinedload(Requirement.clearance),
            joinedload(Requirement.incumbent),
            selectinload(Requirement.regions),
            selectinload(Requirement.sites),
        )
    )
    if row is None or ministry_scope(actor) not in {None, row.agency.ministry_id}:
        raise NotFoundError
    return RequirementDetail(
        code=row.code,
        title=row.title,
        note=row.note,
        ministry=name_of(row.agency.ministry),
        agency=name_of(row.agency),
        priority=name_of(row.priority),
        clearance=name_of(row.clearance),
        status=requirement_status_phrase(row.status),
        weight=row.weight,
        copies=row.copies,
        divisible=row.divisible,
        start=FiscalYear(row.start_year),
        end=_year(row.end_year),
        regions=tuple(map(name_of, row.regions)),
        sites=tuple(map(name_of, row.sites)),
        incumbent=name_of(row.incumbent) if row.incumbent else None,
        demand=_demand_table(session, row),
        outcome=load_outcome(session, code),
    )


def _demand_table(session: Session, requirement: Requirement) -> Table:
    """Demand by resource type (rows) and fiscal year (columns); a year without demand is empty."""
    years = session.scalars(select(Year.year).order_by(Year.year)).all()
    lines = session.execute(
        select(ResourceType, DemandLine.year, DemandLine.amount)
        .join(DemandLine.resource_type)
        .where(DemandLine.requirement_id == requirement.id)
        .order_by(ResourceType.position)
    )
    amounts: dict[ResourceType, dict[int, float]] = {}
    for resource_type, year, amount in lines:
        amounts.setdefault(resource_type, {})[year] = amount
    return Table(
        key="demand",
        title=N_("Demand"),
        columns=(
            Column("resource_type", N_("Resource type")),
            Column("unit", N_("Unit")),
            *(Column(str(year), FiscalYear(year), "number") for year in years),
        ),
        rows=tuple(
            (name_of(resource_type), resource_type.unit, *(by_year.get(year) for year in years))
            for resource_type, by_year in amounts.items()
        ),
    )
