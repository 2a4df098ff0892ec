"""The report's charts, each over one of its tables."""

from planner.text import N_
from reports.values import Chart, Table


def ministry_chart(table: Table) -> Chart:
    """Served and unmet share of every ministry, from `ministry_table`."""
    title, axis = N_("Service by ministry"), N_("Share of demand by size")
    return Chart("ministries", title, "stacked_bar", table, "ministry", ("served", "unmet"), axis)


def year_utilisation_chart(table: Table) -> Chart:
    """Utilisation of every resource type over the years, from `year_utilisation_table`."""
    title, axis = N_("Utilisation by fiscal year"), N_("Utilisation")
    return Chart("utilisation", title, "line", table, "year", _all_but_first(table), axis)


def year_share_chart(table: Table) -> Chart:
    """Share of demand granted of every resource type over the years, from `year_share_table`."""
    title, axis = N_("Share of demand granted"), N_("Share granted")
    return Chart("year_shares", title, "line", table, "year", _all_but_first(table), axis)


def cost_chart(table: Table) -> Chart:
    """Running cost and capex by fiscal year, from `cost_table`."""
    return Chart("costs", N_("Cost by fiscal year"), "stacked", table, "year", ("running", "capex"), N_("THB"))


def ministry_cost_chart(table: Table) -> Chart:
    """Running cost of every ministry, from `ministry_cost_table`."""
    title = N_("Running cost by ministry over the horizon")
    return Chart("costs_ministries", title, "bar", table, "ministry", ("total",), N_("THB"))


def move_chart(table: Table) -> Chart:
    """Data moved by fiscal year, from `move_year_table`."""
    return Chart("moves", N_("Data moved by fiscal year"), "column", table, "year", ("moved",), N_("TB"))


def _all_but_first(table: Table) -> tuple[str, ...]:
    return tuple(column.key for column in table.columns[1:])
