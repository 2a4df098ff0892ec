"""What a plan costs: by fiscal year, by site and by ministry."""

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import THB, TOTAL, Row, year_columns
from planner.text import N_, FiscalYear
from reports.values import Column, Table


def cost_table(ledger: Ledger) -> Table:
    """One row a fiscal year: running cost, capex and their limits."""
    running, policy = ledger.site_cost.sum(axis=0), ledger.problem.policy
    none: tuple[float | None, ...] = (None,) * len(ledger.years)
    rows = tuple(
        (
            FiscalYear(year),
            tidy(running[t]),
            tidy(ledger.capex[t]),
            tidy(running[t] + ledger.capex[t]),
            (policy.opex_limit or none)[t],
            (policy.capex_limit or none)[t],
        )
        for t, year in enumerate(ledger.years)
    )
    total = (
        TOTAL,
        tidy(running.sum()),
        tidy(ledger.capex.sum()),
        tidy(running.sum() + ledger.capex.sum()),
        None,
        None,
    )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("running", N_("Running cost"), "money", THB),
        Column("capex", N_("Capex"), "money", THB),
        Column("total", N_("Total cost"), "money", THB),
        Column("opex_limit", N_("Running cost limit"), "money", THB),
        Column("capex_limit", N_("Capex limit"), "money", THB),
    )
    note = N_("An empty limit means that the policy sets none.")
    return Table("costs", N_("Cost by fiscal year"), columns, rows, total, note)


def site_cost_table(ledger: Ledger) -> Table:
    """One row a site: running cost by fiscal year."""
    rows = tuple(
        (ledger.names.site(code), *(tidy(amount) for amount in ledger.site_cost[s]), tidy(ledger.site_cost[s].sum()))
        for code, s in ledger.site_at.items()
    )
    by_year = ledger.site_cost.sum(axis=0)
    total: Row = (TOTAL, *(tidy(amount) for amount in by_year), tidy(by_year.sum()))
    columns = (
        Column("site", N_("Site")),
        *year_columns(ledger.years, "money", THB),
        Column("total", N_("All years"), "money", THB),
    )
    return Table("site_costs", N_("Running cost by site"), columns, rows, total)


def ministry_cost_table(ledger: Ledger) -> Table:
    """One row a ministry: running cost by fiscal year, and the marginal cost of its next unit of size in THB."""
    rows = []
    for code, m in ledger.ministry_at.items():
        next_unit = ledger.marginal_costs.get(code)
        cost = ledger.ministry_cost[m]
        rows.append(
            (
                code,
                ledger.names.ministry(code),
                *map(tidy, cost),
                tidy(cost.sum()),
                next_unit.guarantee if next_unit else None,
                next_unit.resources if next_unit else None,
                next_unit.requirement if next_unit else None,
            )
        )
    by_year = ledger.ministry_cost.sum(axis=0)
    total: Row = (None, TOTAL, *map(tidy, by_year), tidy(by_year.sum()), None, None, None)
    unit = N_("THB per unit of size")
    columns = (
        Column("code", N_("Code"), "code"),
        Column("ministry", N_("Ministry")),
        *year_columns(ledger.years, "money", THB),
        Column("total", N_("All years"), "money", THB),
        Column("guarantee", N_("Marginal: its guarantee"), "money", unit),
        Column("resources", N_("Marginal: its resources"), "money", unit),
        Column("cheapest", N_("Cheapest shortfall"), "code"),
    )
    note = N_("A unit of size is the whole country's demand of one year, averaged over resource types.")
    return Table("ministry_costs", N_("Cost and marginal cost by ministry"), columns, tuple(rows), total, note)
