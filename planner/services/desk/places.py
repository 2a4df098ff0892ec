"""Where things stand in a plan: the heat map of ministries and sites, and how full the sites are."""

from planner.services.desk.opening import Desk
from planner.services.desk.overview import sites_in_year
from planner.services.desk.pages import Choice, Page, Wanted, choose, choose_type, choose_year
from planner.services.reporting import heat_table, placement_table, site_utilisation_table, site_year_table
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import choose_columns
from planner.text import N_, FiscalYear, Phrase
from reports.values import Chart, Column, Section, Table

ALL = ""


def read_placements(desk: Desk, wanted: Wanted) -> Page:
    """The heat map, of one resource type or all by size, in one fiscal year or all, and every placement."""
    types = [(ALL, Phrase(N_("All, by size"))), *choose_type(desk, {}).options]
    years = [(ALL, Phrase(N_("All fiscal years"))), *choose_year(desk, {}).options]
    resource_type = choose("type", N_("Resource type"), types, wanted)
    year = choose("year", N_("Fiscal year"), years, wanted)
    table = heat_table(desk.ledger, resource_type.chosen, int(year.chosen) if year.chosen else None)
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
