"""A plan of the workforce as tables: who goes where, what each agency reaches and why no more, what is shared."""

from collections.abc import Collection, Iterable
from operator import itemgetter
from typing import Final

import numpy as np

from planner.services.closing.opening import Closing
from planner.services.coverage.tables import AGENCY, CRUMB, FTE, ROLE
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import THB
from planner.services.reporting.staff import StaffPool
from planner.text import N_, FiscalYear, Phrase
from planner.workforce.coverage import share_of
from planner.workforce.plan import AgencyOutcome, LevelName, ReasonCode
from reports.values import Cell, Column, Table

POINTS: Final = N_("percentage points")
YEAR: Final = Column("year", N_("Fiscal year"), "year")
MINISTRY: Final = Column("ministry", N_("Ministry"))
LEVELS: Final[dict[LevelName, tuple[str, str]]] = {
    "coverage": (N_("Lowest coverage, in percent"), ""),
    "single_person": (N_("Backup missing, weighted, FTE-years"), ""),
    "cost": (N_("Cost over all years, THB"), ""),
}
REASONS: Final[dict[ReasonCode, str]] = {
    "covered": N_("All that is required is there"),
    "own_limits": N_("Its own limits: no vacancy, nobody to train, no time"),
    "shared_limits": N_("Used up by agencies no better off: %(pools)s"),
}
BEFORE_AFTER: Final = (
    Column("before", N_("Before"), "share", shade="low"),
    Column("after", N_("After"), "share", shade="low"),
)


def pool_phrase(closing: Closing, pool: str) -> Phrase:
    """What a pool is called."""
    kind, *place = pool.split("/")
    year = FiscalYear(int(place[-1]))
    match kind:
        case "seats":
            return Phrase(N_("Seats of %(course)s, %(year)s"), {"course": closing.courses[place[0]], "year": year})
        case "exchange":
            role = closing.before.roles[place[0]]
            return Phrase(N_("Secondments of %(role)s, %(year)s"), {"role": role, "year": year})
    return Phrase(N_("Budget, %(year)s"), {"year": year})


def level_table(closing: Closing) -> Table:
    """One row a level: what it reached, and what no plan can better."""
    scale: dict[str, float] = {"coverage": 100.0}
    rows = tuple(
        (
            Phrase(LEVELS[level.name][0]),
            tidy(level.value * scale.get(level.name, 1.0)),
            tidy(level.bound * scale.get(level.name, 1.0)),
            tidy(level.seconds),
        )
        for level in closing.plan.levels
    )
    columns = (
        Column("level", N_("Level")),
        Column("value", N_("Reached"), "number"),
        Column("bound", N_("No plan is better than"), "number"),
        Column("seconds", N_("Solving time"), "number", N_("seconds")),
    )
    note = N_("Each level among the plans that keep what the levels above it reached; bounds are proved.")
    return Table("levels", N_("Levels, in strict order"), columns, rows, note=note)


def year_table(closing: Closing, agencies: Collection[str]) -> Table:
    """One row a fiscal year: coverage over all of `agencies` and roles, before and after."""
    shares = []
    for staffing in (closing.before, closing.after):
        coverage = staffing.only(agencies)
        shares.append(share_of(coverage.covered.sum(axis=(0, 1)), coverage.required.sum(axis=(0, 1))))
    rows = tuple(
        (FiscalYear(year), tidy(shares[0][t]), tidy(shares[1][t])) for t, year in enumerate(closing.before.years)
    )
    return Table("years", N_("Coverage of all roles, before and after"), (YEAR, *BEFORE_AFTER), rows)


def role_table(closing: Closing, agencies: Collection[str]) -> Table:
    """One row a role: coverage over all of `agencies` and years, before and after, and the FTE that come and miss."""
    before, after = closing.before.only(agencies), closing.after.only(agencies)
    required, had = before.required.sum(axis=(0, 2)), before.covered.sum(axis=(0, 2))
    has = after.covered.sum(axis=(0, 2))
    rows = tuple(
        (
            name,
            tidy(had[r] / required[r]),
            tidy(has[r] / required[r]),
            tidy(has[r] - had[r]),
            tidy(required[r] - has[r]),
        )
        for r, name in enumerate(closing.before.roles.values())
        if required[r] > CRUMB
    )
    columns = (
        ROLE,
        *BEFORE_AFTER,
        Column("gained", N_("Gained"), "number", N_("FTE-years")),
        Column("gap", N_("Still missing"), "number", N_("FTE-years")),
    )
    return Table("roles", N_("Coverage by role, before and after"), columns, rows)


def agency_table(closing: Closing, agencies: Collection[str]) -> Table:
    """One row an agency, the lowest coverage after the plan first: before, after, what it could reach, why no more."""
    shown = [row for row in closing.plan.agencies if row.agency in agencies]
    rows = tuple(
        (
            row.agency,
            closing.before.agency(row.agency),
            closing.ministry_of(row.agency),
            tidy(row.before),
            tidy(row.after),
            tidy(row.ceiling),
            reason_phrase(closing, row),
        )
        for row in sorted(shown, key=lambda row: (round(row.after, 6), row.agency))
    )
    columns = (
        *AGENCY,
        MINISTRY,
        *BEFORE_AFTER,
        Column("ceiling", N_("Could reach alone"), "share"),
        Column("reason", N_("Why no more"), width=40.0),
    )
    note = N_("Over all roles and years. Alone: with all seats, secondments and money to itself.")
    return Table("agencies", N_("Agencies, the lowest coverage first"), columns, rows, note=note)


def reason_phrase(closing: Closing, row: AgencyOutcome) -> Phrase:
    """Why an agency is covered no better; the pools with the highest prices first, three of them."""
    if row.reason != "shared_limits":
        return Phrase(REASONS[row.reason])
    dearest = sorted(row.prices, key=lambda pool: (-row.prices[pool], pool))[:3]
    return Phrase(REASONS[row.reason], {"pools": tuple(pool_phrase(closing, pool) for pool in dearest)})


def seats_table(closing: Closing, agencies: Collection[str], year: int | None = None) -> Table:
    """One row an agency, course and fiscal year: the people to be sent, FTE."""
    prices = {row.code: row.price for row in closing.stored.problem.measures.courses}
    rows = tuple(
        (
            row.agency,
            closing.before.agency(row.agency),
            closing.courses[row.course],
            FiscalYear(row.fiscal_year),
            tidy(row.seats),
            tidy(row.seats * prices[row.course]),
        )
        for row in closing.plan.seats
        if row.agency in agencies and year in (None, row.fiscal_year)
    )
    columns = (
        *AGENCY,
        Column("course", N_("Course")),
        YEAR,
        Column("seats", N_("People to be sent"), "number", FTE),
        Column("cost", N_("Cost"), "money", THB),
    )
    return Table("seats", N_("Seats in training"), columns, rows)


def hires_table(closing: Closing, agencies: Collection[str], year: int | None = None) -> Table:
    """One row an agency, role and fiscal year of the decision: the people to be hired, FTE."""
    roles = closing.before.roles
    rows = tuple(
        (row.agency, closing.before.agency(row.agency), roles[row.role], FiscalYear(row.fiscal_year), tidy(row.fte))
        for row in closing.plan.hires
        if row.agency in agencies and year in (None, row.fiscal_year)
    )
    columns = (*AGENCY, ROLE, YEAR, Column("fte", N_("People to be hired"), "number", FTE))
    note = N_("The fiscal year is that of the decision; how long it takes until somebody is there, the role says.")
    return Table("hires", N_("People to be hired"), columns, rows, note=note)


def loans_table(closing: Closing, agencies: Collection[str], year: int | None = None) -> Table:
    """One row a loan from or to one of `agencies`: who lends to whom, in which role and fiscal year."""
    staffing = closing.before
    rows = tuple(
        (
            row.lender,
            staffing.agency(row.lender),
            row.borrower,
            staffing.agency(row.borrower),
            staffing.roles[row.role],
            FiscalYear(row.fiscal_year),
            tidy(row.fte),
        )
        for row in closing.plan.loans
        if {row.lender, row.borrower} & set(agencies) and year in (None, row.fiscal_year)
    )
    columns = (
        Column("lender_code", N_("Code"), "code"),
        Column("lender", N_("Agency that lends")),
        Column("borrower_code", N_("Code"), "code"),
        Column("borrower", N_("Agency that borrows")),
        ROLE,
        YEAR,
        Column("fte", N_("Time lent"), "number", FTE),
    )
    return Table("loans", N_("Secondments"), columns, rows)


def pool_table(closing: Closing) -> Table:
    """One row a pool that is used: its limit, its use, whom it holds back, and what a unit more is worth to them."""
    rows = []
    for row in closing.plan.pools:
        held = sorted((each.after, -each.prices[row.pool]) for each in closing.plan.agencies if row.pool in each.prices)
        lowest, price = (held[0][0], -held[0][1]) if held else (None, 0.0)
        if row.use > CRUMB or held:
            rows.append(
                (
                    (2.0 if lowest is None else lowest, -price, row.pool),
                    (
                        pool_phrase(closing, row.pool),
                        _unit(row.pool),
                        tidy(row.limit),
                        tidy(row.use),
                        len(held) or None,
                        None if lowest is None else tidy(lowest),
                        _points(price),
                    ),
                )
            )
    columns = (
        Column("pool", N_("What agencies share")),
        Column("unit", N_("Unit")),
        Column("limit", N_("Limit"), "number"),
        Column("use", N_("Used"), "number"),
        Column("held", N_("Agencies it holds back"), "integer"),
        Column("lowest", N_("Their lowest coverage"), "share"),
        Column("price", N_("One more raises it by"), "number", POINTS),
    )
    note = N_("What holds nobody back is not short: one more of it would raise no agency.")
    return Table(
        "pools", N_("What is shared, what holds back the worst covered first"), columns, _ordered(rows), note=note
    )


def _ordered(rows: Iterable[tuple[tuple[float, float, str], tuple[Cell, ...]]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(row for _, row in sorted(rows, key=itemgetter(0)))


def worth_table(closing: Closing) -> Table:
    """One row a pool and an amount more of it: by how much the lowest coverage rises, found by solving again."""
    rows = tuple(
        (
            pool_phrase(closing, value.pool),
            _unit(value.pool),
            tidy(step.amount),
            tidy(100 * step.gain),
            _points(step.gain / step.amount),
        )
        for value in closing.stored.values
        for step in value.worth
    )
    columns = (
        Column("pool", N_("What agencies share")),
        Column("unit", N_("Unit")),
        Column("amount", N_("So much more"), "number"),
        Column("gain", N_("Raises the lowest by"), "number", POINTS),
        Column("each", N_("For each"), "number", POINTS),
    )
    note = N_(
        "Each row is a plan made anew. Where a unit is worth less than the first, something else has become short."
    )
    return Table("worth", N_("What more would bring, proved by solving again"), columns, rows, note=note)


def unlocked_table(closing: Closing, pools: Collection[StaffPool]) -> Table:
    """One row an agency's role and year in which the plan adds FTE and one more would let storage be hosted."""
    added = closing.effects.available - closing.before.register.available
    at = {code: a for a, code in enumerate(closing.before.register.agencies)}
    rows = tuple(
        (
            row.agency,
            closing.before.agency(row.agency),
            closing.before.roles[row.role],
            FiscalYear(row.fiscal_year),
            tidy(fte),
            tidy(row.unlocked),
            tidy(min(fte, 1.0) * row.unlocked),
        )
        for row in pools
        if row.agency in closing.before.agencies and row.role in closing.before.role_at
        if row.fiscal_year in closing.before.years and row.unlocked > CRUMB
        for fte in [
            float(added[at[row.agency], closing.before.role_at[row.role], closing.before.years.index(row.fiscal_year)])
        ]
        if fte > CRUMB
    )
    columns = (
        *AGENCY,
        ROLE,
        YEAR,
        Column("added", N_("Added by the plan"), "number", FTE),
        Column("unlocked", N_("Unlocked by one FTE more"), "number", N_("TB")),
        Column("storage", N_("So the plan unlocks"), "number", N_("TB")),
    )
    note = N_(
        "By the plan in force, up to one FTE. Nothing but the role is looked at, so it is the most that may come of it."
    )
    return Table("unlocked", N_("Storage that more staff lets be hosted"), columns, rows, note=note)


def budget_table(closing: Closing) -> Table:
    """One row a fiscal year: the budget, and what the plan spends of it, THB."""
    limits = closing.stored.problem.measures.budget or (None,) * len(closing.before.years)
    rows = tuple(
        (FiscalYear(year), limit, tidy(spent), tidy(spent / limit) if limit else None)
        for year, limit, spent in zip(closing.before.years, limits, closing.effects.spent.tolist(), strict=True)
    )
    columns = (
        YEAR,
        Column("limit", N_("Budget"), "money", THB),
        Column("spent", N_("Spent by the plan"), "money", THB),
        Column("share", N_("Used"), "share"),
    )
    total = (Phrase(N_("Total")), None, tidy(float(np.sum(closing.effects.spent))), None)
    return Table("budget", N_("Money by fiscal year"), columns, rows, total)


def _unit(pool: str) -> Cell:
    return Phrase(N_("million THB")) if pool.startswith("budget/") else Phrase(FTE)


def _points(price: float) -> float | None:
    return tidy(100 * price) if price > 0 else None
