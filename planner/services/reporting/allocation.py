"""The managers' report: what a plan grants, where, from when, at what cost, why not more, and how sure that is."""

from collections.abc import Sequence

from planner.allocation.plan import Plan
from planner.allocation.problem import Problem
from planner.services.reporting import charts
from planner.services.reporting.advice import Advice, gain_table, range_table
from planner.services.reporting.checks import check_report, check_section
from planner.services.reporting.costs import cost_table, ministry_cost_table, site_cost_table
from planner.services.reporting.cover import ReportFacts, build_cover
from planner.services.reporting.expansion import expansion_table, module_table, price_table
from planner.services.reporting.fairness import fairness_facts, fairness_table
from planner.services.reporting.hosting import heat_table
from planner.services.reporting.inputs import adjustment_table, count_table, input_facts, policy_table
from planner.services.reporting.ledger import Ledger
from planner.services.reporting.levels import certificate_facts, level_table
from planner.services.reporting.ministries import ministry_resource_table, ministry_table
from planner.services.reporting.moves import move_table, move_year_table
from planner.services.reporting.notes import note_table
from planner.services.reporting.placements import placement_table, priority_table, reason_table, shortfall_table
from planner.services.reporting.pools import pool_table
from planner.services.reporting.requirements import requirement_table
from planner.services.reporting.sites import site_table, site_utilisation_table, site_year_table
from planner.services.reporting.summary import summary_facts
from planner.services.reporting.years import resource_year_table, year_share_table, year_utilisation_table
from planner.text import N_, Phrase
from reports.values import Report, Section, Table


def build_allocation_report(
    problem: Problem,
    plan: Plan,
    info: ReportFacts,
    advice: Advice | None = None,
    adjustments: Sequence[Phrase] = (),
) -> Report:
    """The whole report. Pure; linear in the rows of the problem and the plan.

    `advice` is what was proved for it, `adjustments` what its scenario changes, as sentences.
    """
    return report_ledger(Ledger(problem, plan), info, advice, adjustments)


def report_ledger(
    ledger: Ledger, info: ReportFacts, advice: Advice | None = None, adjustments: Sequence[Phrase] = ()
) -> Report:
    """`build_allocation_report` of a plan that was added up already."""
    sections = (
        _summary(ledger),
        *_ministries(ledger),
        *_sites(ledger),
        *_years(ledger),
        *_rows(ledger),
        *_expansion(ledger, advice),
        *_costs(ledger),
        _fairness(ledger),
        *_moves(ledger),
        *_foundations(ledger, info, adjustments),
    )
    tables = {table.key: table for section in sections for table in section.tables}
    return build_cover(
        ledger,
        info,
        (*sections, check_section(check_report(ledger, tables))),
        key=f"allocation-{info.code}",
        title=N_("Data centre capacity allocation report"),
    )


def _summary(ledger: Ledger) -> Section:
    return Section(
        "summary",
        N_("Summary"),
        N_("How much of what ministries ask for is served, what holds the rest back, and how full the sites are."),
        facts=summary_facts(ledger),
        tables=(reason_table(ledger), priority_table(ledger)),
        charts=(
            charts.ministry_chart(ministry_table(ledger)),
            charts.year_utilisation_chart(year_utilisation_table(ledger)),
        ),
    )


def _ministries(ledger: Ledger) -> tuple[Section, ...]:
    return (
        Section("ministries", N_("By ministry"), N_("How each ministry is served."), tables=(ministry_table(ledger),)),
        Section(
            "ministry_resources",
            N_("By ministry and resource"),
            N_("Units granted to each ministry, by resource type and fiscal year."),
            tables=(ministry_resource_table(ledger),),
        ),
        Section(
            "hosting",
            N_("Ministries and sites"),
            N_("Of what a ministry asks for, the share that each site hosts; the rest is not granted."),
            tables=(heat_table(ledger, "", None),),
        ),
    )


def _sites(ledger: Ledger) -> tuple[Section, ...]:
    return (
        Section("sites", N_("By site"), N_("What each site hosts and what it costs."), tables=(site_table(ledger),)),
        Section(
            "utilisation",
            N_("Utilisation"),
            N_("How full each site is, by resource type and fiscal year."),
            tables=(site_utilisation_table(ledger),),
        ),
        Section(
            "site_years",
            N_("Use of sites"),
            N_("Capacity, use and headroom of each site by resource type and fiscal year."),
            tables=(site_year_table(ledger),),
        ),
    )


def _years(ledger: Ledger) -> tuple[Section, ...]:
    shares, utilisation = year_share_table(ledger), year_utilisation_table(ledger)
    return (
        Section(
            "years",
            N_("By fiscal year"),
            N_("How much of the country's demand is granted, and how full all sites are together."),
            tables=(shares, utilisation),
            charts=(charts.year_share_chart(shares), charts.year_utilisation_chart(utilisation)),
        ),
        list_section(
            "resource_years",
            N_("Demand, grants and capacity of the whole country by resource type and fiscal year."),
            resource_year_table(ledger),
        ),
    )


def _rows(ledger: Ledger) -> tuple[Section, ...]:
    return (
        list_section(
            "requirements",
            N_("Every requirement, what it asks for at most, and the share of it that is served."),
            requirement_table(ledger),
        ),
        list_section("placements", N_("Every grant: who, where, from when and which share."), placement_table(ledger)),
        list_section(
            "shortfalls",
            N_("What was not granted and why, one row a reason, the main one first."),
            shortfall_table(ledger),
        ),
    )


def _expansion(ledger: Ledger, advice: Advice | None) -> tuple[Section, ...]:
    return (
        list_section(
            "pools",
            N_("Every limit with its use; the price says what one more unit would be worth."),
            pool_table(ledger),
        ),
        Section(
            "prices",
            N_("Where to expand"),
            N_(
                "Pools with a price, by the level that they hold back; the dearest first. A price holds for small "
                "changes: have it proved before money is spent on it."
            ),
            tables=(price_table(ledger),),
        ),
        *(_proofs(ledger, advice) if advice is not None else ()),
        list_section(
            "modules",
            N_("Every expansion with its module, its price, and what the plan buys of it."),
            module_table(ledger),
        ),
        list_section("expansions", N_("Modules that the plan buys, with lead time and cost."), expansion_table(ledger)),
    )


def _proofs(ledger: Ledger, advice: Advice) -> tuple[Section, ...]:
    return (
        list_section(
            "ranges", N_("How far the dearest prices hold, as solving again proved."), range_table(ledger, advice)
        ),
        list_section(
            "gains", N_("What one more module would bring, as solving again proved."), gain_table(ledger, advice)
        ),
    )


def _costs(ledger: Ledger) -> tuple[Section, ...]:
    costs, ministries = cost_table(ledger), ministry_cost_table(ledger)
    return (
        Section(
            "costs",
            N_("Costs"),
            N_("Running cost of what is granted and the capex of expansions, in baht."),
            tables=(costs,),
            charts=(charts.cost_chart(costs),),
        ),
        Section(
            "ministry_costs",
            ministries.title,
            N_("Running cost of what each ministry is granted, and the marginal cost of its next unit of size."),
            tables=(ministries,),
            charts=(charts.ministry_cost_chart(ministries),),
        ),
        list_section("site_costs", N_("Running cost of what each site hosts."), site_cost_table(ledger)),
    )


def _fairness(ledger: Ledger) -> Section:
    table = fairness_table(ledger)
    return Section(
        "fairness",
        N_("Fairness audit"),
        N_("Ministries from the least served on, with what policy promises them and what holds them back."),
        facts=fairness_facts(ledger),
        tables=(table,),
    )


def _moves(ledger: Ledger) -> tuple[Section, ...]:
    moves = move_table(ledger)
    years = move_year_table(ledger, moves)
    return (
        Section(
            "move_years",
            N_("Moves by fiscal year"),
            N_("Storage that leaves the site that hosts it today, in the year of the move."),
            tables=(years,),
            charts=(charts.move_chart(years),),
        ),
        list_section("moves", N_("Every move, the largest first."), moves),
    )


def _foundations(ledger: Ledger, info: ReportFacts, adjustments: Sequence[Phrase]) -> tuple[Section, ...]:
    """What the plan stands on: its levels, its inputs, and what the words mean."""
    changed = (adjustment_table(adjustments),) if adjustments else ()
    return (
        Section(
            "levels",
            N_("Levels and certificate"),
            N_("The goals in strict order, what each reached, and the independent check of the plan."),
            facts=certificate_facts(ledger),
            tables=(level_table(ledger),),
        ),
        Section(
            "inputs",
            N_("Inputs"),
            N_("What the plan was made from. The hash names the input: the same input gives the same plan."),
            facts=input_facts(ledger, info.planner_version),
            tables=(*changed, count_table(ledger), policy_table(ledger)),
        ),
        list_section("notes", N_("What the words mean and how the figures are made."), note_table()),
    )


def list_section(key: str, lead: str, table: Table) -> Section:
    """A sheet of one table, called as the table is."""
    return Section(key, table.title, lead, tables=(table,))
