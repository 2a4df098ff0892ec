"""Where things stand in a plan: the heat map of ministries and sites, and how full the sites are."""

import numpy as np

from planner.allocation.columns import build_hosting
from planner.allocation.explain.view import placed_options
from planner.allocation.instance import Floats
from planner.services.desk.opening import Desk
from planner.services.desk.overview import choose_columns, sites_in_year
from planner.services.desk.pages import Choice, Page, Wanted, choose, choose_type, choose_year
from planner.services.reporting import placement_table, site_utilisation_table, site_year_table
from planner.services.reporting.ledger import divide, tidy
from planner.services.reporting.shared import TOTAL
from planner.text import N_, FiscalYear, Phrase
from reports.values import Chart, Column, Section, Table

ALL = ""


def read_placements(desk: Desk, wanted: Wanted) -> Page:
    """The heat map, of one resource type or all by size, in one fiscal year or all, and every placement."""
    types = [(ALL, Phrase(N_("All, by size"))), *choose_type(desk, {}).options]
    years = [(ALL, Phrase(N_("All fiscal years"))), *choose_year(desk, {}).options]
    resource_type = choose("type", N_("Resource type"), types, wanted)
    year = choose("year", N_("Fiscal year"), years, wanted)
    table = heat_table(desk, resource_type.chosen, int(year.chosen) if year.chosen else None)
    sites = tuple(column.key for column in table.columns[2:-1])
    chart = Chart("heat", N_("Where each ministry is hosted"), "stacked", table, "code", sites, N_("Share of demand"))
    return Page(
        (
            Section(
                "heat",
                N_("Ministries and sites"),
                N_("Of what a ministry asks for, the share that each site hosts; the rest is not granted."),
                charts=(chart,),
            ),
            Section(
                "placements",
                N_("Every placement"),
                N_("Every grant: who, where, from when and which share."),
                tables=(placement_table(desk.ledger),),
            ),
        ),
        (resource_type, year),
        {table.key: (*sites, "unmet")},
    )


def heat_table(desk: Desk, resource_type: str, year: int | None) -> Table:
    """One row a ministry that asks: the share of its demand that each site hosts as primary, and what is unmet.

    Demand is of `resource_type` in its unit, or by size over all types; of `year`, or over all years.
    """
    hosted, asked = _hosted(desk, resource_type, year)
    ledger = desk.ledger
    unmet = np.maximum(asked - hosted.sum(axis=1), 0.0)
    rows = tuple(
        (
            code,
            ledger.names.ministry(code),
            *map(tidy, divide(hosted[m], np.full(hosted.shape[1], asked[m]))),
            tidy(unmet[m] / asked[m]),
        )
        for code, m in ledger.ministry_at.items()
        if asked[m] > 0
    )
    whole = float(asked.sum())
    total = (None, TOTAL, *(tidy(amount / whole) for amount in hosted.sum(axis=0)), tidy(unmet.sum() / whole))
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        *(Column(f"at{s}", ledger.names.site(code), "share") for code, s in ledger.site_at.items()),
        Column("unmet", N_("Unmet"), "share"),
    )
    return Table("heat", N_("Share of each ministry's demand by site"), columns, rows, total if whole > 0 else None)


def _hosted(desk: Desk, resource_type: str, year: int | None) -> tuple[Floats, Floats]:
    """Demand hosted by ministry and site, (M, S), and asked by ministry, (M,)."""
    ledger, instance = desk.ledger, desk.ledger.instance
    demand = instance.demand[:, ledger.type_at[resource_type]] if resource_type else instance.size  # (n, T)
    if year is not None:
        demand = demand * (np.array(ledger.years) == year)
    options = placed_options(instance, desk.plan.placements)
    site, n = build_hosting(instance, options).site, options.requirement
    share = np.array([row.share for row in desk.plan.placements])
    amounts = demand[n] * share[:, None] * (site >= 0)
    hosted: Floats = np.zeros((len(instance.ministries), len(instance.sites)))
    np.add.at(hosted, (np.broadcast_to(instance.ministry[n][:, None], site.shape), site), amounts)
    return hosted, ledger.by_ministry(demand.sum(axis=1))


def read_utilisation(desk: Desk, wanted: Wanted) -> Page:
    """How full each site is: of one resource type over the years, and of all of them in one year."""
    resource_type, year = choose_type(desk, wanted), choose_year(desk, wanted)
    name = desk.names.resource_type(resource_type.chosen)
    over_years = utilisation_by_year(desk, resource_type)
    sites = tuple(column.key for column in over_years.columns[1:])
    in_year = sites_in_year(site_utilisation_table(desk.ledger), int(year.chosen))
    types = tuple(column.key for column in in_year.columns[2:])
    units = site_year_table(desk.ledger)
    of_type = tuple(row for row in units.rows if row[2] == name)
    keys = ("code", "site", "year", "unit", "usable", "added", "primary", "standby", "headroom", "utilisation")
    units = choose_columns(Table(units.key, units.title, units.columns, of_type), keys)
    axis = N_("Use / usable capacity")
    line = Chart("over_years", N_("Utilisation by site and fiscal year"), "line", over_years, "year", sites, axis)
    columns = Chart("in_year", N_("Utilisation by site"), "column", in_year, "code", types, axis)
    lead = Phrase(
        N_("%(resource_type)s: use as a share of usable capacity, expansions included."), {"resource_type": name}
    )
    return Page(
        (
            Section("over_years", N_("Over the years"), lead, charts=(line,)),
            Section(
                "in_year",
                N_("All resource types in one year"),
                Phrase(
                    N_("Use as a share of usable capacity in fiscal year %(year)s."),
                    {"year": FiscalYear(int(year.chosen))},
                ),
                charts=(columns,),
            ),
            Section("units", N_("In units"), tables=(units,)),
        ),
        (resource_type, year),
        {over_years.key: sites, in_year.key: types, units.key: ("utilisation",)},
    )


def utilisation_by_year(desk: Desk, resource_type: Choice) -> Table:
    """One row a fiscal year: use / usable capacity of `resource_type` at every site that offers it."""
    ledger, r = desk.ledger, desk.ledger.type_at[resource_type.chosen]
    offering = {code: s for code, s in ledger.site_at.items() if ledger.usable[s, r].any()}
    rows = tuple(
        (
            FiscalYear(year),
            *(
                tidy(ledger.use[s, r, t] / ledger.usable[s, r, t]) if ledger.usable[s, r, t] > 0 else None
                for s in offering.values()
            ),
        )
        for t, year in enumerate(ledger.years)
    )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        *(Column(f"at{s}", ledger.names.site(code), "share") for code, s in offering.items()),
    )
    return Table("utilisation_years", N_("Utilisation by site and fiscal year"), columns, rows)
