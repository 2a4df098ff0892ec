"""The allocation report, and each of its tables as a function of a `Ledger`: a problem and its plan added up once.

ledger = Ledger(problem, plan)
table = ministry_table(ledger)
"""

from planner.services.reporting.advice import Advice, prove_advice
from planner.services.reporting.allocation import build_allocation_report, report_ledger
from planner.services.reporting.charts import ministry_chart, year_utilisation_chart
from planner.services.reporting.costs import cost_table, ministry_cost_table, site_cost_table
from planner.services.reporting.cover import ReportFacts, ReportInfo
from planner.services.reporting.expansion import expansion_table, module_table, price_table
from planner.services.reporting.fairness import fairness_facts, fairness_table
from planner.services.reporting.hosting import heat_table
from planner.services.reporting.ledger import Ledger
from planner.services.reporting.levels import certificate_facts, certificate_phrase, level_table
from planner.services.reporting.ministries import ministry_resource_table, ministry_table
from planner.services.reporting.ministry import build_ministry_report
from planner.services.reporting.moves import move_table, move_year_table
from planner.services.reporting.placements import placement_table, priority_table, reason_table, shortfall_table
from planner.services.reporting.pools import pool_table
from planner.services.reporting.requirements import requirement_table
from planner.services.reporting.sites import site_table, site_utilisation_table, site_year_table
from planner.services.reporting.summary import summary_facts
from planner.services.reporting.years import resource_year_table, year_share_table, year_utilisation_table

__all__ = [
    "Advice",
    "Ledger",
    "ReportFacts",
    "ReportInfo",
    "build_allocation_report",
    "build_ministry_report",
    "certificate_facts",
    "certificate_phrase",
    "cost_table",
    "expansion_table",
    "fairness_facts",
    "fairness_table",
    "heat_table",
    "level_table",
    "ministry_chart",
    "ministry_cost_table",
    "ministry_resource_table",
    "ministry_table",
    "module_table",
    "move_table",
    "move_year_table",
    "placement_table",
    "pool_table",
    "price_table",
    "priority_table",
    "prove_advice",
    "reason_table",
    "report_ledger",
    "requirement_table",
    "resource_year_table",
    "shortfall_table",
    "site_cost_table",
    "site_table",
    "site_utilisation_table",
    "site_year_table",
    "summary_facts",
    "year_share_table",
    "year_utilisation_chart",
    "year_utilisation_table",
]
