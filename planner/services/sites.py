"""The data centres: the list, and one site with its capacity by resource type and fiscal year."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from models import Capacity, Clearance, Expansion, Region, ResourceType, Site, SiteResource
from models import FiscalYear as Year
from planner.errors import NotFoundError
from planner.services.lists import ListFilter, Listing, load_slice, matches, sorted_by
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, require
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Cell, Column, Table

COLUMNS: Final = (
    Column("code", N_("Code"), "code"),
    Column("name", N_("Name")),
    Column("region", N_("Region")),
    Column("clearance", N_("Clearance")),
    Column("from", N_("From fiscal year"), "year"),
    Column("to", N_("To fiscal year"), "year"),
)
SORTABLE: Final = ("code", "region", "clearance", "from", "to")
"""The keys that a list may be sorted by: regions by their codes, clearances from low to high."""


@dataclass(frozen=True)
class SiteFilter(ListFilter):
    """Which sites; `text` is looked for in codes, names and regions."""


@dataclass(frozen=True)
class SiteDetail:
    """One site in plain values. `end` None means that no end is known."""

    code: str
    name: LocalText
    region: LocalText
    clearance: LocalText
    start: FiscalYear
    end: FiscalYear | None
    capacity: Table
    expansions: Table


def usable(resource: SiteResource, capacity: Capacity) -> float:
    """Usable capacity in units of the resource type: nameplate x overcommit x (1 - reserve margin)."""
    return capacity.nameplate * resource.overcommit * (1.0 - resource.reserve_margin)


def list_sites(session: Session, actor: Actor, wanted: SiteFilter) -> Listing:
    """The sites that `wanted` lets through, each with its usable capacity in the first fiscal year kept."""
    require(actor, Permission.VIEW_SITES)
    query = (
        select(Site)
        .join(Site.region)
        .join(Site.clearance)
        .options(
            contains_eager(Site.region),
            contains_eager(Site.clearance),
            selectinload(Site.resources).selectinload(SiteResource.years),
        )
    )
    if wanted.text:
        names = (Site.code, Site.name_th, Site.name_en, Region.code, Region.name_th, Region.name_en)
        query = query.where(matches(wanted.text, *names))
    sorts = {
        "code": Site.code,
        "region": Region.code,
        "clearance": Clearance.level,
        "from": Site.from_year,
        "to": Site.to_year,
    }
    query = sorted_by(query, sorts, wanted)
    found = load_slice(session, query, wanted)
    types = session.scalars(select(ResourceType).order_by(ResourceType.position)).all()
    year = session.scalar(select(Year.year).order_by(Year.year).limit(1))
    rows = tuple((*_cells(site), *_usable_cells(site, types, year)) for (site,) in found.rows)
    columns = tuple(Column(row.code, name_of(row), "number", row.unit) for row in types)
    note = (
        Phrase(N_("Capacity is what is usable in fiscal year %(year)s."), {"year": FiscalYear(year)}) if year else None
    )
    return found.listing(Table("sites", N_("Data centres"), COLUMNS + columns, rows, note=note))


def _cells(site: Site) -> tuple[Cell, ...]:
    return (
        site.code,
        name_of(site),
        name_of(site.region),
        name_of(site.clearance),
        FiscalYear(site.from_year),
        FiscalYear(site.to_year) if site.to_year else None,
    )


def _usable_cells(site: Site, types: Sequence[ResourceType], year: int | None) -> tuple[Cell, ...]:
    """Usable capacity of `site` in `year` for each type; empty where it offers none."""
    offered = {
        resource.resource_type_id: usable(resource, capacity)
        for resource in site.resources
        for capacity in resource.years
        if capacity.year == year
    }
    return tuple(offered.get(row.id) for row in types)


def get_site(session: Session, actor: Actor, code: str) -> SiteDetail:
    """The site called `code`; `NotFoundError` if there is none."""
    require(actor, Permission.VIEW_SITES)
    resources = selectinload(Site.resources)
    row = session.scalar(
        select(Site)
        .where(Site.code == code)
        .options(
            joinedload(Site.region),
            joinedload(Site.clearance),
            resources.joinedload(SiteResource.resource_type),
            resources.selectinload(SiteResource.years),
        )
    )
    if row is None:
        raise NotFoundError
    return SiteDetail(
        code=row.code,
        name=name_of(row),
        region=name_of(row.region),
        clearance=name_of(row.clearance),
        start=FiscalYear(row.from_year),
        end=FiscalYear(row.to_year) if row.to_year else None,
        capacity=_capacity_table(row),
        expansions=_expansion_table(session, row),
    )


def _capacity_table(site: Site) -> Table:
    return Table(
        key="capacity",
        title=N_("Capacity by resource type and fiscal year"),
        columns=(
            Column("resource_type", N_("Resource type")),
            Column("unit", N_("Unit")),
            Column("year", N_("Fiscal year"), "year"),
            Column("nameplate", N_("Nameplate"), "number"),
            Column("overcommit", N_("Overcommit"), "number"),
            Column("reserve_margin", N_("Reserve margin"), "share"),
            Column("usable", N_("Usable"), "number"),
            Column("running_cost", N_("Running cost per unit and year"), "money", N_("THB")),
        ),
        rows=tuple(
            (
                name_of(resource.resource_type),
                resource.resource_type.unit,
                FiscalYear(capacity.year),
                capacity.nameplate,
                resource.overcommit,
                resource.reserve_margin,
                usable(resource, capacity),
                capacity.running_cost,
            )
            for resource in sorted(site.resources, key=lambda resource: resource.resource_type.position)
            for capacity in resource.years
        ),
    )


def _expansion_table(session: Session, site: Site) -> Table:
    expansions = session.scalars(
        select(Expansion)
        .where(Expansion.site_id == site.id)
        .options(joinedload(Expansion.resource_type))
        .order_by(Expansion.code)
    )
    return Table(
        key="expansions",
        title=N_("Possible expansions"),
        columns=(
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("resource_type", N_("Resource type")),
            Column("module_size", N_("Module size"), "number"),
            Column("unit", N_("Unit")),
            Column("module_price", N_("Price of a module"), "money", N_("THB")),
            Column("lead_years", N_("Years from purchase to use"), "integer"),
            Column("max_modules", N_("Modules at most"), "number"),
        ),
        rows=tuple(
            (
                row.code,
                name_of(row),
                name_of(row.resource_type),
                row.module_size,
                row.resource_type.unit,
                row.module_price,
                row.lead_years,
                row.max_modules,
            )
            for row in expansions
        ),
    )
