"""What agencies ask to have hosted: the list, and one requirement with what the plan in force gives it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload, selectinload

from models import (
    Agency,
    Clearance,
    DemandLine,
    Ministry,
    Priority,
    Requirement,
    RequirementStatus,
    ResourceType,
    Site,
)
from models import FiscalYear as Year
from planner.errors import NotFoundError
from planner.services.lists import (
    AnySelect,
    Keys,
    ListFilter,
    Listing,
    Query,
    Sorts,
    load_slice,
    matches,
    search_words,
    sorted_by,
)
from planner.services.names import name_of
from planner.services.outcomes import Outcome, granted_share, load_outcome
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.publishing.homes import load_homes
from planner.services.publishing.standing import plan_for
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
    """One requirement in plain values. Empty `regions` and `sites` mean anywhere; `end` None means no end.

    `incumbent` is what was entered; `home` is where the published plans host it, which goes before that.
    """

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
    home: LocalText | None
    demand: Table
    outcome: Outcome | None


def list_requirements(session: Session, actor: Actor, wanted: RequirementFilter) -> Listing:
    """The requirements that `actor` may see and `wanted` lets through, in three queries.

    "Share granted" is of the plan that `actor` goes by (`plan_for`), and empty for what is not in it. Which rows
    stand on the page is found by their codes alone, in the order of an index where there is one; only those rows are
    then read whole.
    """
    require(actor, Permission.VIEW_REQUIREMENTS)
    granted = granted_share(plan_for(session, actor))
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
    visible = select(Requirement.code).where(*narrowing(actor, wanted))
    ordered = join_for_sorting(visible, wanted.sort)
    query = select(*_SHOWN, granted.label("granted")).select_from(Requirement)
    for relation in (Requirement.agency, Agency.ministry, Requirement.priority, Requirement.clearance):
        query = query.join(relation)
    found = load_slice(
        session,
        sorted_by(query, sorts, wanted, always=_ALWAYS),
        wanted,
        keys=Keys(Requirement.code, visible, sorted_by(ordered, sorts, wanted, always=_ALWAYS)),
    )
    return found.listing(Table("requirements", N_("Requirements"), COLUMNS, tuple(map(_cells, found.rows))))


_SORT_JOINS: Final[Mapping[str, tuple[InstrumentedAttribute[Any], ...]]] = {
    "ministry": (Requirement.agency, Agency.ministry),
    "agency": (Requirement.agency,),
    "priority": (Requirement.priority,),
    "clearance": (Requirement.clearance,),
}
"""What must be joined to sort by a column."""


def join_for_sorting(query: Query, sort: str) -> Query:
    """`query` of requirements with the tables that sorting by `sort` needs, and no others."""
    for relation in _SORT_JOINS.get(sort, ()):
        query = query.join(relation)
    return query


_ALWAYS: Final = frozenset(SORTABLE) - {"end", "granted"}

_SHOWN: Final = (
    Requirement.code,
    Requirement.title,
    *(name for named in (Ministry, Agency, Priority, Clearance) for name in (named.code, named.name_th, named.name_en)),
    Requirement.start_year,
    Requirement.end_year,
    Requirement.status,
)


def narrowing(actor: Actor, wanted: RequirementFilter) -> Iterator[ColumnElement[bool]]:
    """What a row must be to lie within the actor's ministry and the filter. None joins another table."""
    if (home := ministry_scope(actor)) is not None:
        yield Requirement.agency_id.in_(select(Agency.id).where(Agency.ministry_id == home))
    for word in search_words(wanted.text or ""):
        named = matches(word, Agency.code, Agency.name_th, Agency.name_en)
        yield or_(
            Requirement.search_key.contains(word, autoescape=True),
            Requirement.agency_id.in_(select(Agency.id).where(named)),
        )
    if wanted.ministry is not None:
        home_of = select(Ministry.id).where(Ministry.code == wanted.ministry).scalar_subquery()
        yield Requirement.agency_id.in_(select(Agency.id).where(Agency.ministry_id == home_of))
    for code, key, table in (
        (wanted.agency, Requirement.agency_id, Agency),
        (wanted.priority, Requirement.priority_id, Priority),
        (wanted.clearance, Requirement.clearance_id, Clearance),
    ):
        if code is not None:
            yield key == select(table.id).where(table.code == code).scalar_subquery()
    if wanted.status is not None:
        known = wanted.status in RequirementStatus.__members__.values()
        yield Requirement.status == RequirementStatus(wanted.status) if known else false()


def _cells(row: Row[*tuple[Any, ...]]) -> tuple[Cell, ...]:
    code, title, *names, start, end, status, granted = row
    return (
        code,
        title,
        *(LocalText(th or of, en) for of, th, en in zip(names[::3], names[1::3], names[2::3], strict=True)),
        FiscalYear(start),
        _year(end),
        requirement_status_phrase(status),
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
        home=_home(session, code),
        demand=_demand_table(session, row),
        outcome=load_outcome(session, actor, code),
    )


def _home(session: Session, code: str) -> LocalText | None:
    """The data centre that the published plans host the requirement `code` at, from which the next round starts."""
    site = load_homes(session, only=[code]).get(code)
    return name_of(session.scalars(select(Site).where(Site.code == site)).one()) if site else None


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
