"""What moves away from where it is hosted today."""

from planner.services.reporting.ledger import Ledger, tidy
from planner.services.reporting.shared import TOTAL
from planner.text import N_, FiscalYear
from reports.values import Column, Table


def move_table(ledger: Ledger) -> Table:
    """One row a placement away from the site that hosts its requirement today, the most storage first."""
    names, home, storage = ledger.names, ledger.instance.home.tolist(), ledger.instance.moved
    row_at = {code: n for n, code in enumerate(ledger.instance.requirements)}
    rows = []
    for placement in ledger.plan.placements:
        requirement = ledger.requirements[placement.requirement]
        if requirement.incumbent is None or requirement.incumbent == placement.site:
            continue
        n = row_at[placement.requirement]
        moved = float(storage[n, placement.start - ledger.years[0]]) if home[n] >= 0 else 0.0
        rows.append(
            (
                placement.requirement,
                requirement.title,
                names.ministry(names.agencies[requirement.agency].ministry),
                names.site(requirement.incumbent),
                names.site(placement.site),
                FiscalYear(placement.start),
                placement.share,
                tidy(moved * placement.share),
            )
        )
    rows.sort(key=lambda row: (-float(row[-1]), str(row[0])))
    columns = (
        Column("requirement", N_("Requirement"), "code"),
        Column("title", N_("Title")),
        Column("ministry", N_("Ministry")),
        Column("from", N_("Moves from")),
        Column("to", N_("To")),
        Column("year", N_("Fiscal year"), "year"),
        Column("share", N_("Share"), "share"),
        Column("moved", N_("Data moved"), "number", N_("TB")),
    )
    total = (None, TOTAL, None, None, None, None, None, tidy(sum(float(row[-1]) for row in rows)))
    return Table("moves", N_("Moves"), columns, tuple(rows), total if rows else None)


def move_year_table(ledger: Ledger, moves: Table) -> Table:
    """One row a fiscal year: what moves by `move_table`, how many placements, and the limit, if any."""
    limits = ledger.problem.policy.move_limit_tb or (None,) * len(ledger.years)
    made = list(zip(moves.column("year"), moves.column("moved"), strict=True))
    rows = []
    for year, limit in zip(ledger.years, limits, strict=True):
        amounts = [
            float(amount) for when, amount in made if when == FiscalYear(year) and isinstance(amount, int | float)
        ]
        rows.append((FiscalYear(year), len(amounts), tidy(sum(amounts)), limit))
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        Column("placements", N_("Placements that move"), "integer"),
        Column("moved", N_("Data moved"), "number", N_("TB")),
        Column("limit", N_("Limit"), "number", N_("TB")),
    )
    return Table("move_years", N_("Moves by fiscal year"), columns, tuple(rows))
