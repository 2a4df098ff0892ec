"""From the tables to a problem: the approved requirements, the sites, and the limits of the fiscal years."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

import models
from planner.allocation import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
)
from planner.errors import Fault, InvalidInputError
from planner.services.names import name_of
from planner.services.publishing.homes import load_homes
from planner.services.staffing import limit_by_staff


def load_problem(session: Session) -> Problem:
    """The problem that the database holds now, its rows by code, in a number of queries that does not grow.

    Its years are the fiscal years kept. A requirement counts from the horizon's first year at the earliest and is left
    out where it is not approved or lies wholly outside, and its pin with it. Incumbents are hosted where the published
    plans put them, others where it was entered. Where policy has the staff gate, data staff come from the register.
    `InvalidInputError` where the rows make no valid problem.
    """
    policy = load_policy(session)
    requirements = _load_requirements(session, _horizon(session))
    planned = {row.code for row in requirements}
    pins = {code: site for code, site in policy.pins.items() if code in planned}
    return limit_by_staff(session, _build_problem(session, replace(policy, pins=pins), requirements))


def load_outline(session: Session, requirements: Collection[str] = ()) -> Problem:
    """The problem with those of its requirements alone, and the pinned ones: all else can be read of it at once."""
    policy = load_policy(session)
    rows = _load_requirements(session, _horizon(session), only={*requirements, *policy.pins})
    known = {row.code for row in rows}
    pins = {code: site for code, site in policy.pins.items() if code in known}
    return _build_problem(session, replace(policy, pins=pins), rows)


def check_policy(session: Session, policy: Policy) -> tuple[Fault, ...]:
    """What the engine finds wrong with `policy` beside the rows of today, at the paths of a problem file."""
    try:
        _build_problem(session, policy, _load_requirements(session, _horizon(session), only=policy.pins.keys()))
    except InvalidInputError as error:
        return tuple(found for found in error.faults if found.address.startswith("policy."))
    return ()


def load_policy(session: Session) -> Policy:
    """The policy in force, or the engine's own where none was stored; without what other rows say of it."""
    row = session.get(models.Policy, 1)
    bounds = session.execute(
        select(models.Ministry.code, models.MinistryBounds.floor, models.MinistryBounds.cap)
        .join(models.MinistryBounds.ministry)
        .order_by(models.Ministry.code)
    ).all()
    pins = session.execute(
        select(models.Requirement.code, models.Site.code)
        .select_from(models.Pin)
        .join(models.Pin.requirement)
        .join(models.Pin.site)
        .order_by(models.Requirement.code)
    )
    if row is None:
        return Policy()
    return Policy(
        levels=tuple(row.levels),
        tolerance=row.tolerance,
        protect_incumbents=row.protect_incumbents,
        staff_gate=row.staff_gate,
        fairness=row.fairness.value,
        floors={code: floor for code, floor, _ in bounds if floor is not None},
        caps={code: cap for code, _, cap in bounds if cap is not None},
        pins=dict(pins.all()),
    )


def _horizon(session: Session) -> tuple[int, ...]:
    return tuple(session.scalars(select(models.FiscalYear.year).order_by(models.FiscalYear.year)))


def _build_problem(session: Session, policy: Policy, requirements: tuple[Requirement, ...]) -> Problem:
    """The problem of `requirements` over the rows of today; `policy` is completed by what they say."""
    years = session.scalars(select(models.FiscalYear).order_by(models.FiscalYear.year)).all()
    types = session.scalars(select(models.ResourceType).order_by(models.ResourceType.code)).all()
    priorities = session.scalars(select(models.Priority).order_by(models.Priority.code)).all()
    horizon = tuple(row.year for row in years)
    agencies = select(models.Agency).options(joinedload(models.Agency.ministry)).order_by(models.Agency.code)
    return Problem(
        fiscal_years=horizon,
        resource_types=tuple(ResourceType(row.code, row.unit, row.movable, name_of(row)) for row in types),
        ministries=tuple(
            Ministry(row.code, name_of(row))
            for row in session.scalars(select(models.Ministry).order_by(models.Ministry.code))
        ),
        agencies=tuple(Agency(row.code, row.ministry.code, name_of(row)) for row in session.scalars(agencies)),
        regions=tuple(
            Region(row.code, name_of(row))
            for row in session.scalars(select(models.Region).order_by(models.Region.code))
        ),
        clearances=tuple(session.scalars(select(models.Clearance.code).order_by(models.Clearance.level))),
        sites=_load_sites(session, horizon),
        requirements=requirements,
        expansions=_load_expansions(session),
        policy=replace(
            policy,
            priority_weights={row.code: row.weight for row in priorities if row.weight is not None},
            standby_ratio={row.code: row.standby_ratio for row in types},
            capex_limit=_limits([row.capex_limit for row in years]),
            opex_limit=_limits([row.opex_limit for row in years]),
            move_limit_tb=_limits([row.move_limit_tb for row in years]),
        ),
    )


def _limits(limits: Sequence[float | None]) -> tuple[float | None, ...] | None:
    return None if all(limit is None for limit in limits) else tuple(limits)


def _load_sites(session: Session, horizon: tuple[int, ...]) -> tuple[Site, ...]:
    resources = selectinload(models.Site.resources)
    rows = session.scalars(
        select(models.Site)
        .options(
            joinedload(models.Site.region),
            joinedload(models.Site.clearance),
            resources.joinedload(models.SiteResource.resource_type),
            resources.selectinload(models.SiteResource.years),
        )
        .order_by(models.Site.code)
    )
    sites = []
    for row in rows:
        by_type = {resource.resource_type.code: resource for resource in row.resources}
        sites.append(
            Site(
                code=row.code,
                region=row.region.code,
                clearance=row.clearance.code,
                capacity={
                    code: _series({line.year: line.nameplate for line in resource.years}, horizon)
                    for code, resource in by_type.items()
                },
                overcommit={code: resource.overcommit for code, resource in by_type.items()},
                reserve_margin={code: resource.reserve_margin for code, resource in by_type.items()},
                running_cost={
                    code: _series({line.year: line.running_cost for line in resource.years}, horizon)
                    for code, resource in by_type.items()
                },
                start=row.from_year,
                end=row.to_year,
                name=name_of(row),
            )
        )
    return tuple(sites)


def _load_expansions(session: Session) -> tuple[Expansion, ...]:
    rows = session.scalars(
        select(models.Expansion)
        .options(joinedload(models.Expansion.site), joinedload(models.Expansion.resource_type))
        .order_by(models.Expansion.code)
    )
    return tuple(
        Expansion(
            code=row.code,
            site=row.site.code,
            resource_type=row.resource_type.code,
            module_size=row.module_size,
            module_price=row.module_price,
            lead_years=row.lead_years,
            max_modules=row.max_modules,
            name=name_of(row),
        )
        for row in rows
    )


def _load_requirements(
    session: Session, horizon: tuple[int, ...], *, only: Collection[str] | None = None
) -> tuple[Requirement, ...]:
    """The approved requirements within the horizon, or of them those with the codes in `only`."""
    if not horizon or (only is not None and not only):
        return ()
    first, last = horizon[0], horizon[-1]
    query = (
        select(models.Requirement)
        .where(
            models.Requirement.status == models.RequirementStatus.APPROVED,
            models.Requirement.start_year <= last,
            models.Requirement.end_year.is_(None) | (models.Requirement.end_year >= first),
        )
        .options(
            joinedload(models.Requirement.agency),
            joinedload(models.Requirement.priority),
            joinedload(models.Requirement.clearance),
            joinedload(models.Requirement.incumbent),
            selectinload(models.Requirement.regions),
            selectinload(models.Requirement.sites),
        )
        .order_by(models.Requirement.code)
    )
    rows = session.scalars(query if only is None else query.where(models.Requirement.code.in_(only))).all()
    demand = _load_demand(session, None if only is None else [row.id for row in rows])
    homes = load_homes(session, only=only)
    requirements = []
    for row in rows:
        start = max(row.start_year, first)
        end = row.end_year if row.end_year is not None and row.end_year < last else None
        wanted = range(start, (end or last) + 1)
        requirements.append(
            Requirement(
                code=row.code,
                agency=row.agency.code,
                clearance=row.clearance.code,
                demand={
                    code: _series({year: amounts[year] for year in wanted if year in amounts}, horizon)
                    for code, amounts in demand[row.id].items()
                },
                start=start,
                end=end,
                priority=row.priority.code,
                weight=row.weight,
                regions=tuple(region.code for region in row.regions) or None,
                sites=tuple(site.code for site in row.sites) or None,
                copies=row.copies,
                divisible=row.divisible,
                incumbent=homes.get(row.code) or (row.incumbent.code if row.incumbent else None),
                title=row.title,
            )
        )
    return tuple(requirements)


def _load_demand(session: Session, only: Collection[int] | None) -> Mapping[int, Mapping[str, Mapping[int, float]]]:
    """Amounts by the requirement's key, resource type and year; plain rows, for there are many."""
    demand: dict[int, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    lines = (
        select(
            models.DemandLine.requirement_id,
            models.ResourceType.code,
            models.DemandLine.year,
            models.DemandLine.amount,
        )
        .join(models.DemandLine.resource_type)
        .order_by(models.ResourceType.code)
    )
    if only is not None:
        lines = lines.where(models.DemandLine.requirement_id.in_(only))
    for requirement_id, code, year, amount in session.execute(lines):
        demand[requirement_id][code][year] = amount
    return demand


def _series(amounts: Mapping[int, float], horizon: tuple[int, ...]) -> tuple[float, ...]:
    return tuple(amounts.get(year, 0.0) for year in horizon)
