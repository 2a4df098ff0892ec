"""The start page: the four parts of the tool, with what each holds today."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from models import (
    Agency,
    AgencyDuty,
    Dataset,
    ImportBatch,
    Ministry,
    Person,
    PersonRole,
    Requirement,
    RequirementStatus,
    ServiceShare,
    Shortfall,
    Site,
)
from models import (
    FiscalYear as Year,
)
from planner.services.datasets.readiness import READY, level_reached
from planner.services.permissions import Actor, Permission, may, ministry_scope
from planner.services.publishing.standing import plan_for
from planner.services.reporting.ledger import SERVED
from planner.text import FiscalYear
from reports.words import BANGKOK


@dataclass(frozen=True)
class DatasetsOverview:
    """The datasets that are kept, of how many agencies, how much they measure, and how many are ready to be hosted."""

    datasets: int
    agencies: int
    volume_tb: float
    personal: int
    ready: int


@dataclass(frozen=True)
class CentresOverview:
    """The data centres: how many, in how many regions, and the fiscal years that are planned."""

    sites: int
    regions: int
    first_year: FiscalYear | None
    last_year: FiscalYear | None


@dataclass(frozen=True)
class PlanOverview:
    """The plan that the person goes by: requirements with a shortfall, and the lowest service share of a ministry.

    Both are of the own ministry alone for those who are bound to one.
    """

    code: str
    name: str
    synthetic: bool
    short: int
    lowest_service: float | None


@dataclass(frozen=True)
class HostingOverview:
    """The hosting service: what is asked for, by how many agencies, and what the plan came to (if any)."""

    requirements: int
    approved: int
    agencies: int
    plan: PlanOverview | None


@dataclass(frozen=True)
class WorkforceOverview:
    """The data staff: people who are there, the FTE that they give to data work, and for how many agencies' data
    somebody answers."""

    people: int
    fte: float
    accountable: int
    agencies: int


@dataclass(frozen=True)
class Overview:
    """The four parts, None where the person may not see one; `synthetic` tells of made-up data."""

    datasets: DatasetsOverview | None
    centres: CentresOverview | None
    hosting: HostingOverview | None
    workforce: WorkforceOverview | None
    synthetic: bool


def load_overview(session: Session, actor: Actor) -> Overview:
    """What `actor` sees on the start page, in a number of queries that does not grow."""
    return Overview(
        datasets=_datasets(session, ministry_scope(actor)) if may(actor, Permission.VIEW_DATASETS) else None,
        centres=_centres(session) if may(actor, Permission.VIEW_SITES) else None,
        hosting=_hosting(session, actor) if may(actor, Permission.VIEW_REQUIREMENTS) else None,
        workforce=_workforce(session, ministry_scope(actor)) if may(actor, Permission.VIEW_WORKFORCE) else None,
        synthetic=is_synthetic(session),
    )


def is_synthetic(session: Session) -> bool:
    """Whether any import so far was of made-up data."""
    return bool(session.scalar(select(exists().where(ImportBatch.synthetic, ImportBatch.undone_at.is_(None)))))


def _datasets(session: Session, home: int | None) -> DatasetsOverview:
    query = select(
        func.count(Dataset.id),
        func.count(Dataset.agency_id.distinct()),
        func.sum(Dataset.volume_tb),
        func.count(Dataset.id).filter(Dataset.personal_data),
        func.count(Dataset.id).filter(level_reached == READY),
    ).where(Dataset.retired.is_(False))
    if home is not None:
        query = query.join(Dataset.agency).where(Agency.ministry_id == home)
    datasets, agencies, volume_tb, personal, ready = session.execute(query).one()
    return DatasetsOverview(datasets, agencies, volume_tb or 0.0, personal, ready)


def _centres(session: Session) -> CentresOverview:
    sites, regions = session.execute(select(func.count(Site.id), func.count(Site.region_id.distinct()))).one()
    first, last = session.execute(select(func.min(Year.year), func.max(Year.year))).one()
    return CentresOverview(sites, regions, FiscalYear(first) if first else None, FiscalYear(last) if last else None)


def _hosting(session: Session, actor: Actor) -> HostingOverview:
    """Each number by itself, since an index answers each; together they would read every row."""
    home = ministry_scope(actor)
    agencies = select(func.count()).where(exists().where(Requirement.agency_id == Agency.id)).select_from(Agency)
    requirements = select(func.count()).select_from(Requirement)
    if home is not None:
        agencies = agencies.where(Agency.ministry_id == home)
        requirements = requirements.where(
            Requirement.agency_id.in_(select(Agency.id).where(Agency.ministry_id == home))
        )
    approved = requirements.where(Requirement.status == RequirementStatus.APPROVED)
    counts = select(*(query.scalar_subquery() for query in (requirements, approved, agencies)))
    number, approved_number, asking = session.execute(counts).one()
    return HostingOverview(number, approved_number, asking, _plan(session, actor))


def _plan(session: Session, actor: Actor) -> PlanOverview | None:
    run, home = plan_for(session, actor), ministry_scope(actor)
    if run is None:
        return None
    short = select(func.count()).select_from(Shortfall).where(Shortfall.run_id == run.id, Shortfall.share > SERVED)
    service = select(func.min(ServiceShare.share)).where(ServiceShare.run_id == run.id)
    if home is not None:
        own = select(Requirement.code).join(Requirement.agency).where(Agency.ministry_id == home)
        short = short.where(Shortfall.requirement.in_(own))
        service = service.where(
            ServiceShare.ministry == select(Ministry.code).where(Ministry.id == home).scalar_subquery()
        )
    return PlanOverview(run.code, run.name, run.synthetic, session.scalar(short) or 0, session.scalar(service))


def _workforce(session: Session, home: int | None) -> WorkforceOverview:
    today = dt.datetime.now(BANGKOK).date()
    stays = [or_(day.is_(None), day >= today) for day in (Person.contract_ends_on, Person.retires_on)]
    people = select(func.count(Person.id)).where(*stays)
    fte = select(func.sum(PersonRole.fte)).join(Person, Person.id == PersonRole.person_id).where(*stays)
    accountable = select(func.count(AgencyDuty.id)).where(AgencyDuty.accountable_id.is_not(None))
    agencies = select(func.count(Agency.id))
    if home is not None:
        own = select(Agency.id).where(Agency.ministry_id == home)
        people = people.where(Person.agency_id.in_(own))
        fte = fte.where(Person.agency_id.in_(own))
        accountable = accountable.where(AgencyDuty.agency_id.in_(own))
        agencies = agencies.where(Agency.ministry_id == home)
    counts = select(*(query.scalar_subquery() for query in (people, fte, accountable, agencies)))
    number, given, answered, every = session.execute(counts).one()
    return WorkforceOverview(number, given or 0.0, answered, every)
