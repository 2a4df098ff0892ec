"""Plan runs and workforce plans: which of them are no longer needed, and how one goes with all that belongs to it."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    String,
    and_,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
)
from sqlalchemy.orm import Session

from models import (
    Attachment,
    ClosingRun,
    Comment,
    Follower,
    InboxItem,
    Job,
    JobKind,
    PlanRun,
    Publication,
    Removal,
    ReportArchive,
    RunStatus,
    Sweep,
)
from planner.services import audit
from planner.services.closing.runs import newest_closing
from planner.services.jobs.states import UNFINISHED
from planner.services.permissions import Actor
from planner.services.plan_storage import newest_solved

Run: TypeAlias = PlanRun | ClosingRun

ENDED: Final = (RunStatus.SOLVED, RunStatus.FAILED, RunStatus.CANCELLED)
PLAN: Final = "plan"
CLOSING: Final = "workforce_plan"
SWEEP: Final = "sweep"
JOBS: Final[dict[str, tuple[JobKind, ...]]] = {
    PLAN: (JobKind.PLAN_RUN, JobKind.REPORT_SET),
    CLOSING: (JobKind.WORKFORCE_PLAN,),
}
"""The work that is done for each kind of run."""


def old_plan_runs(session: Session, before: dt.datetime, codes: Collection[str] | None = None) -> Sequence[PlanRun]:
    """The plan runs, of all or of those with `codes`, that ended before then and that nobody needs, the oldest first.

    A run of a sweep is needed as long as another of the same sweep is: the sweep is read as a whole.
    """
    newest = newest_solved(session)
    unneeded = and_(
        PlanRun.status.in_(ENDED),
        func.coalesce(PlanRun.finished_at, PlanRun.created_at) < before,
        PlanRun.id.not_in([newest.id] if newest else []),
        PlanRun.id.not_in(select(Publication.run_id)),
        _superfluous(PlanRun, PLAN),
        not_(_discussed(SWEEP, PlanRun.sweep)),
    )
    last = select(Sweep.code).where(Sweep.id == select(func.max(Sweep.id)).scalar_subquery())
    needed = select(PlanRun.sweep).where(PlanRun.sweep.is_not(None), or_(not_(unneeded), PlanRun.sweep.in_(last)))
    query = select(PlanRun).where(unneeded, or_(PlanRun.sweep.is_(None), PlanRun.sweep.not_in(needed)))
    if codes is not None:
        query = query.where(PlanRun.code.in_(codes))
    return session.scalars(query.order_by(PlanRun.id)).all()


def old_closing_runs(
    session: Session, before: dt.datetime, codes: Collection[str] | None = None
) -> Sequence[ClosingRun]:
    """The workforce plans, likewise, that were made or given up before then and that nobody needs."""
    query = select(ClosingRun).where(
        func.coalesce(ClosingRun.finished_at, ClosingRun.created_at) < before,
        ClosingRun.code != (newest_closing(session) or ""),
        _superfluous(ClosingRun, CLOSING),
    )
    if codes is not None:
        query = query.where(ClosingRun.code.in_(codes))
    return session.scalars(query.order_by(ClosingRun.id)).all()


def _superfluous(table: type[Run], kind: str) -> ColumnElement[bool]:
    """Whether nobody works on a run or wrote about it, and it is not the last of all, whose number must not return."""
    under_way = exists().where(Job.kind.in_(JOBS[kind]), Job.subject == table.code, Job.status.in_(UNFINISHED))
    last = select(func.max(table.id)).scalar_subquery()
    return and_(table.id < last, not_(under_way), not_(_discussed(kind, table.code)))


def _discussed(kind: str, code: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether somebody wrote about the object, or attached a file to it."""
    subject = literal(f"{kind}:", String) + code
    return or_(exists().where(Comment.subject == subject), exists().where(Attachment.subject == subject))


def remove_run(session: Session, actor: Actor, run: Run) -> None:
    """Remove a run with its parts, its workbooks, its jobs and what inboxes say of it; the audit log keeps its hash."""
    table, kind = type(run), PLAN if isinstance(run, PlanRun) else CLOSING
    subject = f"{kind}:{run.code}"
    session.execute(insert(Removal).values(subject=subject))
    session.execute(delete(Job).where(Job.kind.in_(JOBS[kind]), Job.subject == run.code))
    if table is PlanRun:
        session.execute(delete(ReportArchive).where(ReportArchive.run_id == run.id))
    session.execute(delete(table).where(table.id == run.id))
    session.execute(delete(Removal).where(Removal.subject == subject))
    _forget(session, actor, subject, {"name": (run.name, None), "input_sha256": (run.input_sha256, None)})


def remove_sweep(session: Session, actor: Actor, code: str) -> None:
    """Remove a sweep whose runs are gone."""
    name = session.scalars(delete(Sweep).where(Sweep.code == code).returning(Sweep.name)).one()
    _forget(session, actor, f"{SWEEP}:{code}", {"name": (name, None)})


def _forget(session: Session, actor: Actor, subject: str, changes: audit.Changes) -> None:
    """Tell nobody of it any more, and the audit log that it was removed."""
    for told in (Follower, InboxItem):
        session.execute(delete(told).where(told.subject == subject))
    audit.record(session, actor, "removed", subject, changes)
