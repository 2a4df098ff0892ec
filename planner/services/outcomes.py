"""What the newest solved plan gives requirements: the share granted in lists, and the whole of it for one."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlalchemy.orm import Session, selectinload, undefer

from models import Placement, PlanRun, Requirement, RunStatus, Shortfall
from planner.services.names import Names
from planner.services.plan_storage import rebuild_reason, unpack_problem
from planner.services.wording import reason_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.values import Column, Table


@dataclass(frozen=True)
class Outcome:
    """What a plan gives one requirement.

    `granted` is the share of it that is served over its years; `placements` says where and from when; `reasons` say,
    as sentences, why the rest is not.
    """

    plan: str
    plan_name: str
    finished_at: dt.datetime
    synthetic: bool
    granted: float
    placements: Table
    reasons: tuple[Phrase, ...]


def newest_run_id(session: Session) -> int | None:
    """The key of the newest solved run, if there is any."""
    solved = select(PlanRun.id).where(PlanRun.status == RunStatus.SOLVED)
    return session.scalar(solved.order_by(PlanRun.id.desc()).limit(1))


def granted_share(run_id: int | None) -> ColumnElement[float | None]:
    """The share of a requirement that the run grants: 1 less its shortfall; null where the run does not know it."""
    unmet = (
        select(Shortfall.share)
        .where(Shortfall.run_id == run_id, Shortfall.requirement == Requirement.code)
        .scalar_subquery()
    )
    placed = exists().where(and_(Placement.run_id == run_id, Placement.requirement == Requirement.code))
    return case((unmet.is_not(None), 1.0 - unmet), (placed, 1.0))


def load_outcome(session: Session, code: str) -> Outcome | None:
    """What the newest solved plan gives the requirement called `code`; None where it is in no such plan."""
    run_id = newest_run_id(session)
    if run_id is None:
        return None
    placements = session.scalars(
        select(Placement).where(Placement.run_id == run_id, Placement.requirement == code).order_by(Placement.position)
    ).all()
    shortfall = session.get(Shortfall, (run_id, code), options=[selectinload(Shortfall.reasons)])
    if not placements and shortfall is None:
        return None
    run = session.get_one(PlanRun, run_id, options=[undefer(PlanRun.input_snapshot)])
    names = Names(unpack_problem(run.input_snapshot))
    return Outcome(
        plan=run.code,
        plan_name=run.name,
        finished_at=run.finished_at or run.created_at,
        synthetic=run.synthetic,
        granted=1.0 - (shortfall.share if shortfall else 0.0),
        placements=Table(
            key="placements",
            title=N_("Placements"),
            columns=(
                Column("site", N_("Site")),
                Column("standby", N_("Standby site")),
                Column("start", N_("From fiscal year"), "year"),
                Column("share", N_("Share granted"), "share"),
            ),
            rows=tuple(
                (
                    names.site(row.site),
                    names.site(row.standby) if row.standby else None,
                    FiscalYear(row.start_year),
                    row.share,
                )
                for row in placements
            ),
        ),
        reasons=tuple(reason_phrase(rebuild_reason(row), names) for row in shortfall.reasons) if shortfall else (),
    )
