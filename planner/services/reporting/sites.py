"""What each site holds, how full it is and what it costs."""

import numpy as np

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB, TOTAL, year_columns
from planner.services.wording import clearance_phrase
from planner.text import N_, FiscalYear
from reports.values import Column, Table


def site_table(ledger: Ledger) -> Table:
    """One row a site: placements, standby copies, running cost and what expansions there cost."""
    names, plan = ledger.names, ledger.plan
    placements = np.bincount(ledger.placement_site, minlength=len(ledger.site_at))
    standbys = dict.fromkeys(ledger.site_at, 0)
    for placement in plan.placements:
        if placement.standby is not None:
            standbys[placement.standby] += 1
    capex = dict.fromkeys(ledger.site_at, 0.0)
    for purchase in plan.purchases:
        expansion = names.expansions[purchase.expansion]
        capex[expansion.site] += purchase.modules * expansion.module_price
    cost = ledger.site_cost.sum(axis=1)
    rows = tuple(
        (
            code,
            names.site(code),
            names.region(names.sites[code].region),
            clearance_phrase(names.sites[code].clearance),
            int(placements[s]),
            standbys[code],
            tidy(cost[s]),
            tidy(capex[code]),
        )
        for code, s in ledger.site_at.items()
    )
    total = (
        None,
        TOTAL,
        None,
        None,
        len(plan.placements),
        sum(standbys.values()),
        tidy(cost.sum()),
        tidy(sum(capex.values())),
    )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("site", N_("Site")),
        Column("region", N_("Region")),
        Column("clearance", N_("Clearance")),
        Column("placements", N_("Placements"), "integer"),
        Column("standbys", N_("Standby copies"), "integer"),
        Column("cost", N_("Running cost over the horizon"), "money", THB),
        Column("capex", N_("Expansions bought"), "money", THB),
    )
    return Table("sites", N_("Allocation by site"), columns, rows, total)


def site_utilisation_table(ledger: Ledger) -> Table:
    """One row a site and resource type that it offers: use / usable capacity by fiscal year, empty without capacity."""
    rows = tuple(
        (
            code,
            ledger.names.site(code),
            ledger.names.resource_type(resource_type.code),
            resource_type.unit,
            *(_utilisation(ledger, s, r, t) for t in range(len(ledger.years))),
        )
        for code, s in ledger.site_at.items()
        for resource_type, r in zip(ledger.problem.resource_types, ledger.type_order, strict=True)
        if ledger.usable[s, r].any()
    )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("unit", N_("Unit")),
        *year_columns(ledger.years, "share"),
    )
    return Table("site_utilisation", N_("Utilisation by site and resource type"), columns, rows)


def site_year_table(ledger: Ledger) -> Table:
    """One row a site, resource type and fiscal year: usable capacity, what was added, use, headroom, utilisation."""
    rows = tuple(
        (
            code,
            ledger.names.site(code),
            ledger.names.resource_type(resource_type.code),
            resource_type.unit,
            FiscalYear(year),
            tidy(ledger.instance.capacity[s, r, t]),
            tidy(ledger.added[s, r, t]),
            tidy(ledger.primary[s, r, t]),
            tidy(ledger.standby[s, r, t]),
            round(float(ledger.usable[s, r, t] - ledger.use[s, r, t]), 6) + 0.0,
            _utilisation(ledger, s, r, t),
        )
        for code, s in ledger.site_at.items()
        for resource_type, r in zip(ledger.problem.resource_types, ledger.type_order, strict=True)
        for t, year in enumerate(ledger.years)
        if ledger.usable[s, r, t] or ledger.use[s, r, t]
    )
    columns = (
        Column("code", N_("Code"), "code"),
        Column("site", N_("Site")),
        Column("resource_type", N_("Resource type")),
        Column("unit", N_("Unit")),
        Column("year", N_("Fiscal year"), "year"),
        Column("usable", N_("Usable before expansion"), "number"),
        Column("added", N_("Added by expansion"), "number"),
        Column("primary", N_("Used by placements"), "number"),
        Column("standby", N_("Held by standby copies"), "number"),
        Column("headroom", N_("Headroom"), "number"),
        Column("utilisation", N_("Utilisation"), "share"),
    )
    return Table("site_years", N_("Use of sites by fiscal year"), columns, rows)


def _utilisation(ledger: Ledger, s: int, r: int, t: int) -> float | None:
    usable = ledger.usable[s, r, t]
    return tidy(ledger.use[s, r, t] / usable) if usable > 0 else None
