"""The report for one ministry: what it asks for, what it is granted, where, from when, and why not more.

It holds nothing of other ministries, and no pool, price or limit that they share.
"""

from dataclasses import replace

from planner.services.reporting import charts
from planner.services.reporting.allocation import list_section
from planner.services.reporting.checks import check_ministry, check_section
from planner.services.reporting.costs import cost_table
from planner.services.reporting.cover import ReportFacts, build_cover
from planner.services.reporting.ledger import SERVED, Ledger, tidy
from planner.services.reporting.ministries import agency_table, ministry_resource_table
from planner.services.reporting.moves import move_table
from planner.services.reporting.notes import note_table
from planner.services.reporting.placements import placement_table, priority_table, reason_table, shortfall_table
from planner.services.reporting.requirements import requirement_table
from planner.services.reporting.shared import THB, choose_columns
from planner.services.reporting.sites import site_table
from planner.services.reporting.years import year_share_table
from planner.text import N_
from reports.values import Fact, Report, Section, Table


def build_ministry_report(ledger: Ledger, ministry: str, info: ReportFacts) -> Report:
    """The report for the ministry whose code is `ministry`, from the ledger of the whole plan."""
    own = ledger.of_ministry(ministry)
    sections = (
        _summary(own),
        *_grants(own),
        *_rows(own),
        list_section("notes", N_("What the words mean and how the figures are made."), note_table()),
    )
    tables = {table.key: table for section in sections for table in section.tables}
    return build_cover(
        ledger,
        info,
        (*sections, check_section(check_ministry(own, tables))),
        key=f"allocation-{info.code}-{ministry}",
        title=N_("What a ministry is granted at the data centres"),
        about=(Fact(N_("Ministry"), own.names.ministry(ministry)),),
    )


def ministry_facts(own: Ledger) -> tuple[Fact, ...]:
    """How one ministry is served, in a few figures; `own` is the ledger of its part."""
    share = own.served_share
    full, none = int((share > 1.0 - SERVED).sum()), int((share < SERVED).sum())
    unit = N_("requirements")
    return (
        Fact(N_("Requirements"), len(share), "integer", unit),
        Fact(N_("Served in full"), full, "integer", unit),
        Fact(N_("Served in part"), len(share) - full - none, "integer", unit),
        Fact(N_("Not served"), none, "integer", unit),
        Fact(N_("Service share"), tidy(own.ministry_share[0]), "share"),
        Fact(N_("Placements"), len(own.plan.placements), "integer", N_("placements")),
        Fact(N_("Running cost over the horizon"), tidy(own.ministry_cost.sum()), "money", THB),
    )


def _summary(own: Ledger) -> Section:
    return Section(
        "summary",
        N_("Summary"),
        N_("How much of what the ministry asks for is served, and what holds the rest back."),
        facts=ministry_facts(own),
        tables=(reason_table(own, N_("Part of the ministry's demand")), priority_table(own)),
        charts=(charts.year_share_chart(year_share_table(own)),),
    )


def _grants(own: Ledger) -> tuple[Section, ...]:
    sites = choose_columns(site_table(own), ("code", "site", "region", "placements", "standbys", "cost"))
    costs = replace(choose_columns(cost_table(own), ("year", "running")), note=None)
    return (
        Section("agencies", N_("By agency"), N_("How each agency is served."), tables=(agency_table(own),)),
        Section(
            "ministry_resources",
            N_("By resource"),
            N_("Units granted, by resource type and fiscal year."),
            tables=(_of_one(ministry_resource_table(own)),),
        ),
        Section(
            "years",
            N_("By fiscal year"),
            N_("How much of the ministry's demand is granted."),
            tables=(year_share_table(own),),
        ),
        Section("sites", N_("By site"), N_("What each site hosts for the ministry."), tables=(sites,)),
        Section("costs", N_("Costs"), N_("Running cost of what is granted, in baht."), tables=(costs,)),
    )


def _rows(own: Ledger) -> tuple[Section, ...]:
    return (
        list_section(
            "requirements",
            N_("Every requirement, what it asks for at most, and the share of it that is served."),
            _of_one(requirement_table(own)),
        ),
        list_section(
            "placements", N_("Every grant: who, where, from when and which share."), _of_one(placement_table(own))
        ),
        list_section(
            "shortfalls",
            N_("What was not granted and why, one row a reason, the main one first."),
            _of_one(shortfall_table(own)),
        ),
        list_section("moves", N_("Every move, the largest first."), _of_one(move_table(own))),
    )


def _of_one(table: Table) -> Table:
    """`table` without the columns that say the same ministry in every row."""
    return choose_columns(table, [column.key for column in table.columns if column.key not in {"code", "ministry"}])
