"""The overview of a plan: a choice from the report's tables, so that page and workbook cannot disagree."""

from planner.services.desk.opening import Desk
from planner.services.desk.pages import Page, Wanted, choose_year
from planner.services.reporting import (
    certificate_facts,
    expansion_table,
    level_table,
    ministry_table,
    priority_table,
    reason_table,
    site_utilisation_table,
    summary_facts,
)
from planner.services.reporting.shared import choose_columns
from planner.text import N_, FiscalYear, LocalText, Phrase
from reports.values import Cell, Chart, Column, Section, Table


def read_overview(desk: Desk, wanted: Wanted) -> Page:
    """The plan in figures, and the levels that it reached; the year chosen is that of the sites' utilisation."""
    ledger, year = desk.ledger, choose_year(desk, wanted)
    service = choose_columns(ministry_table(ledger), ("ministry", "requirements", "full", "served"))
    utilisation = sites_in_year(site_utilisation_table(ledger), int(year.chosen))
    types = tuple(column.key for column in utilisation.columns[2:])
    bought = choose_columns(
        expansion_table(ledger),
        ("code", "expansion", "bought", "in_use", "modules", "units", "unit", "cost"),
    )
    in_year = Phrase(
        N_("Use as a share of usable capacity in fiscal year %(year)s."), {"year": FiscalYear(int(year.chosen))}
    )
    share = N_("Service share")
    service_chart = Chart("service", N_("Service share by ministry"), "bar", service, "ministry", ("served",), share)
    site_chart = Chart("sites", N_("Utilisation by site"), "column", utilisation, "code", types, N_("Utilisation"))
    return Page(
        (
            Section("summary", N_("Summary"), facts=summary_facts(ledger)),
            Section(
                "levels",
                N_("Levels"),
                N_("The goals in strict order: what each reached, what is proven possible, and the gap between them."),
                tables=(level_table(ledger),),
            ),
            Section(
                "service",
                N_("How ministries are served"),
                N_("The share of its requirements' size that each ministry is granted over the horizon."),
                charts=(service_chart,),
            ),
            Section("utilisation", N_("How full the data centres are"), in_year, charts=(site_chart,)),
            Section(
                "reasons",
                N_("What was not granted, and why"),
                N_("Each requirement that falls short counts once, under its main reason."),
                tables=(reason_table(ledger), priority_table(ledger)),
            ),
            Section(
                "expansions",
                N_("Expansions"),
                N_("Modules that the plan buys, with lead time and cost."),
                tables=(bought,),
            ),
            Section(
                "certificate",
                N_("Certificate"),
                N_("An independent check of the plan against every rule of its input."),
                facts=certificate_facts(ledger),
            ),
        ),
        (year,),
    )


def sites_in_year(table: Table, year: int) -> Table:
    """`site_utilisation_table` for one fiscal year: a row a site, a column a resource type."""
    cells: dict[Cell, dict[Cell, Cell]] = {}
    names = dict(zip(table.column("code"), table.column("site"), strict=True))
    rows = zip(table.column("code"), table.column("resource_type"), table.column(f"y{year}"), strict=True)
    for code, resource_type, share in rows:
        cells.setdefault(code, {})[resource_type] = share
    types = list(dict.fromkeys(table.column("resource_type")))
    return Table(
        "site_utilisation",
        N_("Utilisation by site and resource type"),
        (
            Column("code", N_("Code"), "code"),
            Column("site", N_("Site")),
            *(
                Column(f"type{n}", each if isinstance(each, LocalText) else str(each), "share")
                for n, each in enumerate(types)
            ),
        ),
        tuple((code, names[code], *(shares.get(each) for each in types)) for code, shares in cells.items()),
    )
