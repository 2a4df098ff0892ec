"""The allocation report: what a plan grants, where, from when, at what cost, why not more, and how sure that is."""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from planner.allocation.plan import Plan
from planner.allocation.problem import Problem
from planner.services.reporting.charts import cost_chart, ministry_chart, year_share_chart, year_utilisation_chart
from planner.services.reporting.checks import check_report, check_table
from planner.services.reporting.costs import cost_table, site_cost_table
from planner.services.reporting.expansion import expansion_table
from planner.services.reporting.inputs import count_table, input_facts, policy_table
from planner.services.reporting.ledger import Ledger
from planner.services.reporting.levels import certificate_facts, certificate_phrase, level_table
from planner.services.reporting.ministries import ministry_resource_table, ministry_table
from planner.services.reporting.notes import note_table
from planner.services.reporting.placements import placement_table, priority_table, reason_table, shortfall_table
from planner.services.reporting.pools import pool_table
from planner.services.reporting.sites import site_table, site_utilisation_table, site_year_table
from planner.services.reporting.summary import summary_facts
from planner.services.reporting.years import resource_year_table, year_share_table, year_utilisation_table
from planner.text import N_, FiscalYear, Phrase
from reports.values import Fact, Report, Section, Table

SYNTHETIC = N_("SYNTHETIC DATA: made up for demonstration, not the figures of any ministry")


class ReportFacts(Protocol):
    """What a report says of its plan run; `planner.services.planning.RunInfo` has all of it."""

    @property
    def code(self) -> str:
        """The plan run's code, such as P-000001."""

    @property
    def name(self) -> str:
        """What somebody called it; may be empty."""

    @property
    def created_at(self) -> dt.datetime:
        """When it was made (aware)."""

    @property
    def created_by(self) -> str:
        """Who made it; "" for the operator at the command line."""

    @property
    def synthetic(self) -> bool:
        """Whether the data is made up."""

    @property
    def planner_version(self) -> str:
        """The version of the planner that made it."""


@dataclass(frozen=True)
class ReportInfo:
    """`ReportFacts` for a plan that stands in no database."""

    code: str
    name: str
    created_at: dt.datetime
    created_by: str = ""
    synthetic: bool = False
    planner_version: str = ""


def build_allocation_report(problem: Problem, plan: Plan, info: ReportFacts) -> Report:
    """The whole report. Pure; linear in the rows of the problem and the plan."""
    ledger = Ledger(problem, plan)
    sections = _sections(ledger, info)
    tables = {table.key: table for section in sections for table in section.tables}
    checks = Section(
        "checks",
        N_("Check sheet"),
        N_("Every total is computed a second time, row by row from input and plan. Differences must be nothing."),
        tables=(check_table(check_report(ledger, tables)),),
    )
    return Report(
        key=f"allocation-{info.code}",
        title=N_("Data centre capacity allocation report"),
        subtitle=_horizon(ledger),
        facts=_cover_facts(ledger, info),
        notices=(SYNTHETIC,) if info.synthetic else (),
        sections=(*sections, checks),
        created_at=info.created_at,
        reference=f"{info.code} · SHA-256 {plan.problem_sha256[:12]}",
        signatures=(N_("Prepared by"), N_("Reviewed by"), N_("Approved by")),
        publisher=N_("Ministry of Digital Economy and Society"),
    )


def _horizon(ledger: Ledger) -> Phrase:
    first, last = FiscalYear(ledger.years[0]), FiscalYear(ledger.years[-1])
    return Phrase(N_("Fiscal years %(first)s to %(last)s"), {"first": first, "last": last})


def _cover_facts(ledger: Ledger, info: ReportFacts) -> tuple[Fact, ...]:
    return (
        Fact(N_("Plan"), info.code if info.name in ("", info.code) else f"{info.code} {info.name}"),
        Fact(N_("Scenario"), Phrase(N_("Base plan"))),
        Fact(N_("Date"), info.created_at, "date"),
        Fact(N_("Made by"), info.created_by or Phrase(N_("Operator"))),
        Fact(N_("Certificate"), certificate_phrase(ledger)),
        Fact(N_("Planner version"), info.planner_version),
    )


def _sections(ledger: Ledger, info: ReportFacts) -> tuple[Section, ...]:
    ministries, costs = ministry_table(ledger), cost_table(ledger)
    shares, utilisation = year_share_table(ledger), year_utilisation_table(ledger)
    return (
        Section(
            "summary",
            N_("Summary"),
            N_("How much of what ministries ask for is served, what holds the rest back, and how full the sites are."),
            facts=summary_facts(ledger),
            tables=(reason_table(ledger), priority_table(ledger)),
            charts=(ministry_chart(ministries), year_utilisation_chart(utilisation)),
        ),
        *_allocation_sections(ledger, ministries),
        Section(
            "years",
            N_("By fiscal year"),
            N_("How much of the country's demand is granted, and how full all sites are together."),
            tables=(shares, utilisation),
            charts=(year_share_chart(shares), year_utilisation_chart(utilisation)),
        ),
        _list(
            "resource_years",
            N_("Demand, grants and capacity of the whole country by resource type and fiscal year."),
            resource_year_table(ledger),
        ),
        _list("placements", N_("Every grant: who, where, from when and which share."), placement_table(ledger)),
        _list(
            "shortfalls",
            N_("What was not granted and why, one row a reason, the main one first."),
            shortfall_table(ledger),
        ),
        _list(
            "pools",
            N_("Every limit with its use; the price says what one more unit would be worth."),
            pool_table(ledger),
        ),
        _list("expansions", N_("Modules that the plan buys, with lead time and cost."), expansion_table(ledger)),
        Section(
            "costs",
            N_("Costs"),
            N_("Running cost of what is granted and the capex of expansions, in baht."),
            tables=(costs,),
            charts=(cost_chart(costs),),
        ),
        _list("site_costs", N_("Running cost of what each site hosts."), site_cost_table(ledger)),
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
            tables=(count_table(ledger), policy_table(ledger)),
        ),
        _list("notes", N_("What the words mean and how the figures are made."), note_table()),
    )


def _allocation_sections(ledger: Ledger, ministries: Table) -> tuple[Section, ...]:
    return (
        Section("ministries", N_("By ministry"), N_("How each ministry is served."), tables=(ministries,)),
        Section(
            "ministry_resources",
            N_("By ministry and resource"),
            N_("Units granted to each ministry, by resource type and fiscal year."),
            tables=(ministry_resource_table(ledger),),
        ),
        Section(
            "sites",
            N_("By site"),
            N_("What each site hosts and what it costs."),
            tables=(site_table(ledger),),
        ),
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


def _list(key: str, lead: str, table: Table) -> Section:
    return Section(key, table.title, lead, tables=(table,))
