"""How full each pool is: what one data centre has of one resource type in one fiscal year, and who has it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from models import (
    Capacity,
    DemandLine,
    Placement,
    PlanRun,
    Requirement,
    RequirementStatus,
    ResourceType,
    Shortfall,
    Site,
    SiteResource,
)
from models import FiscalYear as Year
from planner.allocation.instance import Floats
from planner.services.desk.opening import open_desk
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, require
from planner.services.publishing.standing import plan_for_all
from planner.services.reporting import Ledger
from planner.services.reporting.ledger import tidy
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Cell, Chart, Column, Table

Key: TypeAlias = tuple[str, str, int]
"""Codes of site and resource type, and the fiscal year."""
PARTS: Final = ("used", "planned", "free", "reserved")
"""What a pool falls into, as the columns of its table."""


@dataclass(frozen=True)
class Pool:
    """One pool, in units of its resource type: capacity + added = reserved + used + planned + free.

    `capacity` is nameplate x overcommit; `added` comes from expansions that the plan buys; `reserved` is the reserve
    margin. `used` is what today's systems take where they are hosted, `planned` what the plan puts there beside them,
    standby copies included. `free` is below zero where the capacity was cut since.
    """

    capacity: float
    reserved: float
    added: float
    used: float
    planned: float

    @property
    def free(self) -> float:
        """What nobody has."""
        return self.capacity + self.added - self.reserved - self.used - self.planned

    @property
    def shares(self) -> tuple[Cell, ...]:
        """The amounts in the order of the table's columns, and use as a share of what is not reserved."""
        usable = self.capacity + self.added - self.reserved
        amounts = (self.capacity, self.added, self.used, self.planned, self.free, self.reserved)
        return (*map(tidy, amounts), tidy((self.used + self.planned) / usable) if usable > 0 else None)


@dataclass(frozen=True)
class PoolFilter:
    """Which pools: those of one resource type, at one site over the years or else in one year at every site."""

    resource_type: str | None = None
    site: str | None = None
    year: int | None = None


@dataclass(frozen=True)
class PoolView:
    """The pools of one resource type as table and chart, what else could be chosen, and the plan behind them.

    `chosen` is the filter as it was understood; `plan` is the code of the plan in force, before the first of
    the newest, if there is one.
    """

    chosen: PoolFilter
    types: tuple[tuple[str, LocalText], ...]
    sites: tuple[tuple[str, LocalText], ...]
    years: tuple[int, ...]
    table: Table
    chart: Chart
    plan: str | None


def view_pools(session: Session, actor: Actor, wanted: PoolFilter) -> PoolView:
    """The pools that `wanted` asks for; what it does not say, or says wrongly, is the first there is."""
    pools = _Pools(session, actor)
    chosen = PoolFilter(
        wanted.resource_type if wanted.resource_type in pools.types else next(iter(pools.types), None),
        wanted.site if wanted.site in pools.sites else None,
        wanted.year if wanted.year in pools.years else next(iter(pools.years), None),
    )
    if chosen.site:
        chosen = replace(chosen, year=None)
    table = pools.table(chosen)
    title = N_("Who has the capacity")
    unit = pools.types[chosen.resource_type].unit if chosen.resource_type else ""
    return PoolView(
        chosen,
        tuple((code, name_of(row)) for code, row in pools.types.items()),
        tuple((code, name_of(row)) for code, row in pools.sites.items()),
        pools.years,
        table,
        Chart("pools", title, "stacked", table, "year" if chosen.site else "code", PARTS, unit),
        pools.run.code if pools.run else None,
    )


def list_pools(session: Session, actor: Actor) -> Table:
    """Every pool there is, with its resource type and unit."""
    return _Pools(session, actor).table(PoolFilter())


class _Pools:
    """All pools, with the names of what they are made of."""

    def __init__(self, session: Session, actor: Actor) -> None:
        require(actor, Permission.VIEW_PLANS)
        self.run = plan_for_all(session)
        types = session.scalars(select(ResourceType).order_by(ResourceType.position))
        self.types = {row.code: row for row in types}
        self.sites = {row.code: row for row in session.scalars(select(Site).order_by(Site.code))}
        self.years = tuple(session.scalars(select(Year.year).order_by(Year.year)))
        used = defaultdict(float, _load_incumbents(session, self.run))
        planned: Mapping[Key, float] = {}
        added: Mapping[Key, float] = {}
        if self.run:
            ledger = open_desk(session, actor, self.run.code).ledger
            for key, amount in _by_key(ledger, ledger.kept).items():
                used[key] += amount
            planned = _by_key(ledger, ledger.use - ledger.kept)
            added = _by_key(ledger, ledger.added)
        capacity = _load_capacity(session)
        self.pools = {
            key: Pool(*capacity.get(key, (0.0, 0.0)), added.get(key, 0.0), used.get(key, 0.0), planned.get(key, 0.0))
            for key in {*capacity, *used, *planned, *added}
        }

    def table(self, wanted: PoolFilter) -> Table:
        """The pools that `wanted` asks for, without columns for what is the same in all of them."""
        keys = [
            (site, resource_type, year)
            for site in self.sites
            for resource_type in self.types
            for year in self.years
            if (site, resource_type, year) in self.pools
            and wanted.site in {None, site}
            and wanted.resource_type in {None, resource_type}
            and wanted.year in {None, year}
        ]
        one_type = wanted.resource_type is not None
        unit = self.types[wanted.resource_type].unit if wanted.resource_type else ""
        labels = [
            *([] if wanted.site else [Column("code", N_("Code"), "code"), Column("site", N_("Data centre"))]),
            *([] if one_type else [Column("resource_type", N_("Resource type")), Column("unit", N_("Unit"))]),
            *([] if wanted.year else [Column("year", N_("Fiscal year"), "year")]),
        ]
        kept = {column.key for column in labels}
        amounts = tuple(
            Column(key, header, "number" if one_type else "measure", unit) for key, header in _HEADERS.items()
        )
        return Table(
            "pools",
            N_("Used, planned, free and reserved"),
            (*labels, *amounts, Column("utilisation", N_("Utilisation"), "share")),
            tuple((*self._labels(key, kept), *self.pools[key].shares) for key in keys),
            total=self._total(keys, len(labels)) if wanted.year and len(keys) > 1 else None,
            note=self._note(),
        )

    def _labels(self, key: Key, kept: set[str]) -> tuple[Cell, ...]:
        site, resource_type, year = key
        cells: dict[str, Cell] = {
            "code": site,
            "site": name_of(self.sites[site]),
            "resource_type": name_of(self.types[resource_type]),
            "unit": self.types[resource_type].unit,
            "year": FiscalYear(year),
        }
        return tuple(cell for name, cell in cells.items() if name in kept)

    def _total(self, keys: Sequence[Key], labels: int) -> tuple[Cell, ...]:
        amounts = zip(*(astuple(self.pools[key]) for key in keys), strict=True)
        whole = Pool(*map(sum, amounts))
        return (None, Phrase(N_("Total")), *[None] * (labels - 2), *whole.shares)

    def _note(self) -> Phrase:
        if self.run is None:
            return Phrase(N_("There is no plan yet: used is what the systems hosted today ask for."))
        return Phrase(N_("By plan %(plan)s and today's capacity."), {"plan": self.run.code})


_HEADERS: Final[Mapping[str, str]] = {
    "capacity": N_("Capacity"),
    "added": N_("Added by expansion"),
    "used": N_("Used today and kept"),
    "planned": N_("Planned"),
    "free": N_("Free"),
    "reserved": N_("Reserved"),
}


def _by_key(ledger: Ledger, amounts: Floats) -> dict[Key, float]:
    """The amounts of an array (S, R, T) that are there, by key."""
    sites, types, years = list(ledger.site_at), list(ledger.type_at), ledger.years
    return {(sites[s], types[r], years[t]): float(amounts[s, r, t]) for s, r, t in np.argwhere(amounts).tolist()}


def _load_capacity(session: Session) -> dict[Key, tuple[float, float]]:
    """Capacity and what is reserved of it, for every fiscal year in which the site operates."""
    rows = session.execute(
        select(Site.code, ResourceType.code, Capacity.year, Capacity.nameplate * SiteResource.overcommit, SiteResource)
        .join(SiteResource.site)
        .join(SiteResource.resource_type)
        .join(Capacity, Capacity.site_resource_id == SiteResource.id)
        .where(Capacity.year >= Site.from_year, Site.to_year.is_(None) | (Capacity.year <= Site.to_year))
    )
    return {
        (site, resource_type, year): (capacity, capacity * resource.reserve_margin)
        for site, resource_type, year, capacity, resource in rows
    }


def _load_incumbents(session: Session, run: PlanRun | None) -> dict[Key, float]:
    """What approved requirements ask for where they are hosted today, without those that `run` places or refuses."""
    query = (
        select(Site.code, ResourceType.code, DemandLine.year, func.sum(DemandLine.amount))
        .join(DemandLine.requirement)
        .join(DemandLine.resource_type)
        .join(Requirement.incumbent)
        .where(Requirement.status == RequirementStatus.APPROVED)
        .group_by(Site.code, ResourceType.code, DemandLine.year)
    )
    if run:
        for part in (Placement, Shortfall):
            query = query.where(~exists().where(part.run_id == run.id, part.requirement == Requirement.code))
    return {(site, resource_type, year): amount for site, resource_type, year, amount in session.execute(query)}
