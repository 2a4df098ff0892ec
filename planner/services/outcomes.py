"""What the plan in force, or for its planners the newest, gives requirements: in lists, and the whole of it for one."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, select
from sqlalchemy.orm import Session, selectinload

from models import Placement, PlanRun, Requirement, Shortfall
from planner.services.desk.opening import names_in
from planner.services.permissions import Actor
from planner.services.plan_storage import rebuild_reason
from planner.services.publishing.standing import plan_for, plan_in_force
from planner.services.wording import reason_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.values import Column, Table


@dataclass(frozen=True)
class Outcome:
    """What a plan gives one requirement; `in_force` is whether it is published, or the newest draft.

    `granted` is the share of it that is served over its years; `placements` says where and from when; `reasons` say,
    as sentences, why the rest is not.
    """

    plan: str
    plan_name: str
    finished_at: dt.datetime
    in_force: bool
    synthetic: bool
    granted: float
    placements: Table
    reasons: tuple[Phrase, ...]


def granted_share(run: PlanRun | None) -> ColumnElement[float | None]:
    """The share of a requirement that `run` grants: 1 less its shortfall; null where the run does not know it."""
    run_id = run.id if run else None
    unmet = (
        select(Shortfall.share)
        .where(Shortfall.run_id == run_id, Shortfall.requirement == Requirement.code)
        .scalar_subquery()
    )
    placed = exists().where(and_(Placement.run_id == run_id, Placement.requirement == Requirement.code))
    return case((unmet.is_not(None), 1.0 - unmet), (placed, 1.0))


def load_outcome(session: Session, actor: Actor, code: str) -> Outcome | None:
    """What the plan that `actor` goes by (`plan_for`) gives the requirement `code`; None where it is not in it."""
    run = plan_for(session, actor)
    if run is None:
        return None
    placements = session.scalars(
        select(Placement).where(Placement.run_id == run.id, Placement.requirement == code).order_by(Placement.position)
    ).all()
    shortfall = session.get(Shortfall, (run.id, code), options=[selectinload(Shortfall.reasons)])
    if not placements and shortfall is None:
        return None
    names = names_in(session, run.code)
    return Outcome(
        plan=run.code,
        plan_name=run.name,
        finished_at=run.finished_at or run.created_at,
        in_force=run == plan_in_force(session),
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
