"""Coverage as tables: heat maps by role, the FTE behind them, gaps, and how they come out over the years."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from planner.services.coverage.opening import Staffing
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import TOTAL, Row
from planner.text import N_, FiscalYear, LocalText
from planner.workforce.coverage import Coverage, share_of
from planner.workforce.norms import Floats
from reports.values import Cell, Column, Table

FTE: Final = N_("FTE")
CRUMB: Final = 1e-6
"""FTE below this are what the order of adding leaves behind."""
LEAST: Final = 0.005
"""A gap below this, some hours in a year, reads 0.00 and is not listed."""
ROLE: Final = Column("role", N_("Role"))
AGENCY: Final = (Column("agency", N_("Code"), "code"), Column("agency_name", N_("Agency")))
AMOUNTS: Final = (
    Column("required", N_("Required time"), "number", FTE),
    Column("available", N_("Available"), "number", FTE),
    Column("gap", N_("Missing"), "number", FTE),
    Column("vacant", N_("Vacant posts"), "number", FTE),
    Column("coverage", N_("Coverage"), "share", shade="low"),
)
WHOLE: Final = (
    Column("required", N_("Required time"), "number", FTE),
    Column("covered", N_("Covered"), "number", FTE),
    Column("gap", N_("Missing"), "number", FTE),
    Column("coverage", N_("Coverage"), "share", shade="low"),
)


@dataclass(frozen=True)
class Group:
    """What the rows of a table are of: the key of their codes, the header of their names, and what each is called."""

    key: str
    header: str
    name: Callable[[str], LocalText]


def ministries_of(staffing: Staffing) -> Group:
    """Ministries as rows."""
    return Group("ministry", N_("Ministry"), staffing.ministries.__getitem__)


def agencies_of(staffing: Staffing) -> Group:
    """Agencies as rows."""
    return Group("agency", N_("Agency"), staffing.agency)


def fte(amount: float) -> float:
    """FTE as people read them: to the hundredth."""
    return round(float(amount), 2) + 0.0


def heat_table(staffing: Staffing, coverage: Coverage, year: int, group: Group) -> Table:
    """One row a group of `coverage`, one column a role: coverage in `year`, over all roles, and the FTE missing.

    Cells where nothing is required are empty.
    """
    t = staffing.years.index(year)
    rows = tuple(
        (code, group.name(code), *_shares(coverage.covered[g, :, t], coverage.required[g, :, t]))
        for g, code in enumerate(coverage.codes)
    )
    covered, required = coverage.covered[:, :, t].sum(axis=0), coverage.required[:, :, t].sum(axis=0)
    columns = (
        Column(group.key, N_("Code"), "code"),
        Column("name", group.header),
        *role_columns(staffing),
        Column("all", N_("All roles"), "share", shade="low"),
        Column("gap", N_("Missing"), "number", FTE),
    )
    total = (None, TOTAL, *_shares(covered, required)) if rows else None
    return Table(f"heat_{group.key}", N_("Coverage by role"), columns, rows, total)


def group_table(staffing: Staffing, coverage: Coverage, year: int, group: Group) -> Table:
    """One row a group that is required to have anybody in `year`: FTE required, there, missing; the lowest first."""
    t = staffing.years.index(year)
    required, covered = coverage.required[:, :, t].sum(axis=1), coverage.covered[:, :, t].sum(axis=1)
    order = sorted(range(len(coverage.codes)), key=lambda g: (_at(covered, required, g) or 0.0, coverage.codes[g]))
    rows = tuple(
        (
            coverage.codes[g],
            group.name(coverage.codes[g]),
            fte(required[g]),
            fte(covered[g]),
            fte(required[g] - covered[g]),
            _at(covered, required, g),
        )
        for g in order
        if required[g] > CRUMB
    )
    columns = (Column(group.key, N_("Code"), "code"), Column("name", group.header), *WHOLE)
    return Table(f"groups_{group.key}", N_("Coverage of all roles, the lowest first"), columns, rows)


def role_columns(staffing: Staffing) -> tuple[Column, ...]:
    """One column of coverage for every role."""
    return tuple(Column(f"role{r}", name, "share", shade="low") for r, name in enumerate(staffing.roles.values()))


def _shares(covered: Floats, required: Floats) -> tuple[Cell, ...]:
    """Coverage of each role (R,), none where nothing is required; over all of them; and the FTE that are missing."""
    whole = covered.sum(), required.sum()
    return (
        *map(_share, covered.tolist(), required.tolist()),
        _share(*map(float, whole)),
        fte(whole[1] - whole[0]),
    )


def _share(covered: float, required: float) -> float | None:
    return tidy(covered / required) if required > CRUMB else None


def amounts(coverage: Coverage, cell: tuple[int, int, int]) -> Row:
    """The cells of `AMOUNTS` for one group, role and year."""
    required, covered = float(coverage.required[cell]), float(coverage.covered[cell])
    return (
        fte(required),
        fte(coverage.available[cell]),
        fte(required - covered),
        fte(coverage.vacant[cell]),
        _share(covered, required),
    )


def role_table(staffing: Staffing, code: str, year: int) -> Table:
    """One row a role: what the agency called `code` is required to have in `year`, and what of it is there."""
    coverage, t = staffing.only({code}), staffing.years.index(year)
    rows = tuple(
        (name, fte(coverage.authorised[0, r, t]), *amounts(coverage, (0, r, t)))
        for r, name in enumerate(staffing.roles.values())
    )
    columns = (ROLE, Column("authorised", N_("Authorised posts"), "number", FTE), *AMOUNTS)
    return Table("roles", N_("Roles: required and available"), columns, rows)


def gap_table(staffing: Staffing, agencies: Iterable[str], roles: Sequence[str], years: Sequence[int]) -> Table:
    """One row an agency's role in a fiscal year with FTE missing, the most first."""
    coverage = staffing.only(set(agencies))
    chosen = [staffing.role_at[code] for code in roles], [staffing.years.index(year) for year in years]
    names = list(staffing.roles.values())
    found = []
    for a, r, t in np.argwhere(coverage.gap >= LEAST).tolist():
        if r in chosen[0] and t in chosen[1]:
            code = coverage.codes[a]
            ministry = staffing.ministries[staffing.agencies[code].ministry]
            row: Row = (code, staffing.agency(code), ministry, names[r], FiscalYear(staffing.years[t]))
            found.append((-float(coverage.gap[a, r, t]), code, r, t, (*row, *amounts(coverage, (a, r, t)))))
    columns = (
        *AGENCY,
        Column("ministry", N_("Ministry")),
        ROLE,
        Column("year", N_("Fiscal year"), "year"),
        *AMOUNTS,
    )
    return Table("gaps", N_("Gaps, the largest first"), columns, tuple(row for *_, row in sorted(found, key=_order)))


def _order(found: tuple[float, str, int, int, Row]) -> tuple[float, str, int, int]:
    return found[:4]


def year_table(staffing: Staffing, coverage: Coverage) -> Table:
    """One row a fiscal year: FTE required, there and missing over all of `coverage`, and the share that is there."""
    required, covered = coverage.required.sum(axis=(0, 1)), coverage.covered.sum(axis=(0, 1))
    rows = tuple(
        (
            FiscalYear(year),
            fte(required[t]),
            fte(covered[t]),
            fte(required[t] - covered[t]),
            _at(covered, required, t),
        )
        for t, year in enumerate(staffing.years)
    )
    columns = (Column("year", N_("Fiscal year"), "year"), *WHOLE)
    return Table("years", N_("Required and covered FTE by fiscal year"), columns, rows)


def projection_table(staffing: Staffing, coverage: Coverage) -> Table:
    """One row a fiscal year, one column a role that is required somewhere: coverage over all of `coverage`."""
    required, covered = coverage.required.sum(axis=0), coverage.covered.sum(axis=0)  # (R, T)
    asked = [r for r in range(len(staffing.roles)) if required[r].any()]
    share = share_of(covered, required)
    rows = tuple(
        (FiscalYear(year), *(tidy(share[r, t]) for r in asked), _at(covered.sum(axis=0), required.sum(axis=0), t))
        for t, year in enumerate(staffing.years)
    )
    columns = (
        Column("year", N_("Fiscal year"), "year"),
        *(role_columns(staffing)[r] for r in asked),
        Column("all", N_("All roles"), "share", shade="low"),
    )
    return Table("projection", N_("Coverage by role and fiscal year"), columns, rows)


def _at(covered: Floats, required: Floats, t: int) -> float | None:
    return _share(float(covered[t]), float(required[t]))
