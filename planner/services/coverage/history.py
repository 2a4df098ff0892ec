"""Coverage as it stood: kept once a quarter, and what changed since."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import CoverageSnapshot, Norm
from planner.errors import ConflictError, ForbiddenError
from planner.services import audit
from planner.services.coverage.opening import Staffing, open_staffing, today
from planner.services.coverage.tables import AGENCY, CRUMB, FTE, ROLE, fte
from planner.services.permissions import OPERATOR, Actor, Permission, ministry_scope, require
from planner.services.reporting.ledger import tidy
from planner.services.reporting.shared import Row
from planner.text import N_, Phrase
from planner.workforce.coverage import Coverage, CoverageChange, compare_coverage, present_year
from reports.values import Column, Fact, Table

AMOUNTS: Final = ("required", "authorised", "available", "vacant")
"""What is kept of every cell; the rest of a `Coverage` follows from them."""
DIGITS: Final = 4
"""Decimals of an FTE that are kept."""
LEAST: Final = 5e-4
"""A change of coverage below this would read 0.0 %."""


def keep_coverage(session: Session, actor: Actor) -> dt.date:
    """Keep coverage as it stands today, for later days to be compared with; `ConflictError` if that was done today."""
    require(actor, Permission.PLAN_WORKFORCE)
    if ministry_scope(actor) is not None:
        raise ForbiddenError
    day = today()
    _keep(session, actor, day)
    return day


def keep_quarter(session: Session) -> bool:
    """Keep coverage if it was not kept yet in this quarter, and norms ask for anybody; whether it was kept now."""
    day = today()
    newest = session.scalar(select(func.max(CoverageSnapshot.taken_on)))
    if (newest is not None and newest >= quarter_start(day)) or not session.scalar(select(exists().where(Norm.id > 0))):
        return False
    _keep(session, OPERATOR, day)
    return True


def quarter_start(day: dt.date) -> dt.date:
    """The first day of the quarter in which `day` lies."""
    return dt.date(day.year, day.month - (day.month - 1) % 3, 1)


def kept_days(session: Session, actor: Actor) -> tuple[dt.date, ...]:
    """The days before today on which coverage was kept, the newest first."""
    require(actor, Permission.VIEW_WORKFORCE)
    query = select(CoverageSnapshot.taken_on).where(CoverageSnapshot.taken_on < today())
    return tuple(session.scalars(query.order_by(CoverageSnapshot.taken_on.desc())))


def last_quarter(days: Sequence[dt.date], day: dt.date) -> dt.date | None:
    """Of `days`, the newest before the quarter of `day`, or else the oldest there is."""
    before = [kept for kept in days if kept < quarter_start(day)]
    return max(before, default=min(days, default=None))


def load_kept(session: Session, day: dt.date) -> Coverage:
    """Coverage of all agencies as it was kept on `day`."""
    cells = session.scalars(select(CoverageSnapshot.cells).where(CoverageSnapshot.taken_on == day)).one()
    shape = len(cells["agencies"]), len(cells["roles"]), len(cells["years"])
    required, authorised, available, vacant = (np.array(cells[name], dtype=float).reshape(shape) for name in AMOUNTS)
    return Coverage(
        codes=tuple(cells["agencies"]),
        roles=tuple(cells["roles"]),
        years=tuple(cells["years"]),
        required=required,
        authorised=authorised,
        available=available,
        vacant=vacant,
        covered=np.minimum(required, available),
        surplus=np.maximum(available - required, 0.0),
    )


def changes_since(staffing: Staffing, then: Coverage) -> tuple[CoverageChange, ...]:
    """What is better or worse covered today than it was on that day, the greatest loss first.

    The agencies are those that the reader sees; each day counts by the fiscal year in which it lies.
    """
    changes = compare_coverage(present_year(then, staffing.present), present_year(staffing.coverage, staffing.present))
    found = [row for row in changes if abs(row.coverage[1] - row.coverage[0]) > LEAST]
    return tuple(sorted(found, key=lambda row: (row.coverage[1] - row.coverage[0], row.agency, row.role)))


def change_table(staffing: Staffing, changes: Sequence[CoverageChange]) -> Table:
    """One row a cell that changed: coverage then and now, none where nobody was required, and what that is owed to."""
    rows: tuple[Row, ...] = tuple(
        (
            row.agency,
            staffing.agency(row.agency),
            staffing.roles[row.role],
            *(
                tidy(share) if required > CRUMB else None
                for share, required in zip(row.coverage, row.required, strict=True)
            ),
            tidy(row.by_required),
            tidy(row.by_available),
            fte(row.required[1] - row.required[0]),
            fte(row.available[1] - row.available[0]),
        )
        for row in changes
    )
    columns = (
        *AGENCY,
        ROLE,
        Column("before", N_("Coverage before"), "share", shade="low"),
        Column("after", N_("Coverage now"), "share", shade="low"),
        Column("by_required", N_("Owed to what is required"), "number", N_("share")),
        Column("by_available", N_("Owed to the people"), "number", N_("share")),
        Column("required", N_("Change of what is required"), "number", FTE),
        Column("available", N_("Change of what is available"), "number", FTE),
    )
    return Table("changes", N_("What changed, the greatest loss first"), columns, rows)


def change_facts(changes: Sequence[CoverageChange], day: dt.date) -> tuple[Fact, ...]:
    """How many agencies' roles are better and worse covered than on `day`."""
    moved = [row.coverage[1] - row.coverage[0] for row in changes]
    return (
        Fact(N_("Compared with"), day, "date"),
        Fact(N_("Roles better covered"), sum(move > 0 for move in moved), "integer"),
        Fact(N_("Roles worse covered"), sum(move < 0 for move in moved), "integer"),
    )


def _keep(session: Session, actor: Actor, day: dt.date) -> None:
    coverage = open_staffing(session, OPERATOR, day).coverage
    cells: dict[str, Any] = {
        "agencies": list(coverage.codes),
        "roles": list(coverage.roles),
        "years": list(coverage.years),
        **{name: np.round(getattr(coverage, name), DIGITS).ravel().tolist() for name in AMOUNTS},
    }
    now = dt.datetime.now(dt.UTC)
    session.add(CoverageSnapshot(taken_on=day, taken_at=now, taken_by_id=actor.user_id, cells=cells))
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(Phrase(N_("Coverage was kept today already."))) from error
    audit.record(session, actor, "kept", f"coverage:{day.isoformat()}")
