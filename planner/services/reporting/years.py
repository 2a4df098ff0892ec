"""The country as a whole by fiscal year and resource type."""

from planner.allocation.instance import Floats
from planner.services.reporting.ledger import Ledger, divide, tidy
from planner.services.reporting.shared import Row
from planner.text import N_, FiscalYear
from reports.values import Column, Table


def year_share_table(ledger: Ledger) -> Table:
    """One row a fiscal year: the share of each resource type's demand that is granted."""
    asked, granted = ledger.asked_units.sum(axis=0), ledger.granted_units.sum(axis=0)
    return _by_year(ledger, "year_shares", N_("Share of demand granted"), divide(granted, asked, empty=1.0))


def year_utilisation_table(ledger: Ledger) -> Table:
    """One row a fiscal year: use / usable capacity of each resource type over all sites."""
    utilisation = divide(ledger.use.sum(axis=0), ledger.usable.sum(axis=0))
    return _by_year(ledger, "year_utilisation", N_("Utilisation of all sites"), utilisation)


def resource_year_table(ledger: Ledger) -> Table:
    """One row a resource type and fiscal year: units asked, granted, not granted and held by standby copies."""
    asked, granted = ledger.asked_units.sum(axis=0), ledger.granted_units.sum(axis=0)
    standby, usable = ledger.standby.sum(axis=0), ledger.usable.sum(axis=0)
    share = divide(granted, asked, empty=1.0)
    rows = tuple(
        (
            ledger.names.resource_type(resource_type.code),
            resource_type.unit,
            FiscalYear(year),
            tidy(asked[r, t]),
            tidy(granted[r, t]),
            tidy(asked[r, t] - granted[r, t]),
            tidy(share[r, t]),
            tidy(standby[r, t]),
            tidy(usable[r, t]),
        )
        for resource_type, r in zip(ledger.problem.resource_types, ledger.type_order, strict=True)
        for t, year in enumerate(ledger.years)
    )
    columns = (
        Column("resource_type", N_("Resource type")),
        Column("unit", N_("Unit")),
        Column("year", N_("Fiscal year"), "year"),
        Column("asked", N_("Asked"), "number"),
        Column("granted", N_("Granted"), "number"),
        Column("unmet", N_("Not granted"), "number"),
        Column("share", N_("Share granted"), "share"),
        Column("standby", N_("Held by standby copies"), "number"),
        Column("usable", N_("Usable capacity"), "number"),
    )
    return Table("resource_years", N_("Units by resource type and fiscal year"), columns, rows)


def _by_year(ledger: Ledger, key: str, title: str, shares: Floats) -> Table:
    """Fiscal years down, resource types across; `shares` is (R, T)."""
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        *(Column(row.code, ledger.names.resource_type(row.code), "share") for row in ledger.problem.resource_types),
    )
    rows: list[Row] = [
        (FiscalYear(year), *(tidy(shares[r, t]) for r in ledger.type_order)) for t, year in enumerate(ledger.years)
    ]
    return Table(key, title, columns, tuple(rows))
