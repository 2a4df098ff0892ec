"""The allocation report, and each of its tables as a function of a `Ledger`: a problem and its plan added up once.

ledger = Ledger(problem, plan)
table = ministry_table(ledger)
"""

from planner.services.reporting.allocation import ReportFacts, ReportInfo, build_allocation_report
from planner.services.reporting.charts import ministry_chart, year_utilisation_chart
from planner.services.reporting.ledger import Ledger
from planner.services.reporting.levels import certificate_facts, certificate_phrase, level_table
from planner.services.reporting.ministries import ministry_resource_table, ministry_table
from planner.services.reporting.placements import placement_table, priority_table, reason_table, shortfall_table
from planner.services.reporting.pools import cost_table, expansion_table, pool_table, site_cost_table
from planner.services.reporting.sites import site_table, site_utilisation_table, site_year_table
from planner.services.reporting.summary import summary_facts
from planner.services.reporting.years import resource_year_table, year_share_table, year_utilisation_table

__all__ = [
    "Ledger",
    "ReportFacts",
    "ReportInfo",
    "build_allocation_report",
    "certificate_facts",
    "certificate_phrase",
    "cost_table",
    "expansion_table",
    "level_table",
    "ministry_chart",
    "ministry_resource_table",
    "ministry_table",
    "placement_table",
    "pool_table",
    "priority_table",
    "reason_table",
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
