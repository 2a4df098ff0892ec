"""Runs that close the gaps of the workforce: asked for, done as a job, and kept with what they worked on."""

import datetime as dt
import uuid
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, sessionmaker, undefer

from models import ClosingRun, Job, JobKind, JobStatus
from planner import __version__
from planner.db import join_or_begin, open_snapshot
from planner.errors import ConflictError, NotFoundError
from planner.services import audit
from planner.services.closing.loading import load_closing_problem
from planner.services.closing.terms import require_plan
from planner.services.closing.whatif import WhatIf, sentences, suppose
from planner.services.coverage.opening import today
from planner.services.jobs import Work, add_job, run_now
from planner.services.jobs.reading import STATUSES
from planner.services.lists import ListFilter, Listing, load_newest
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, ministry_scope, require
from planner.services.phrases import dump_phrase
from planner.text import N_, Phrase
from planner.workforce.closing import close_gaps
from planner.workforce.files import Answer, dump_answer, dump_problem, problem_sha256, read_answer, read_problem
from planner.workforce.measures import ClosingProblem
from planner.workforce.plan import ClosingPlan, LevelName
from planner.workforce.pricing import PoolValue, value_pool
from reports.values import Column, Table

LONGEST_NAME: Final = 300
SMALL: Final = 20_000
"""Columns of a plan up to which what more of a pool is worth is found by solving again."""
VALUED: Final = 6
"""How many pools are valued, the dearest of each kind's unit first."""
LEVELS: Final[dict[LevelName, str]] = {
    "coverage": N_("Raising coverage, from the lowest agency up"),
    "single_person": N_("Lowering the risk of roles that rest on one person"),
    "cost": N_("Lowering the cost"),
}
DONE: Final[dict[LevelName, tuple[float, float]]] = {
    "coverage": (0.0, 0.6),
    "single_person": (0.6, 0.7),
    "cost": (0.7, 0.9),
}
"""Between which shares of the whole work each level lies, roughly."""


@dataclass(frozen=True)
class ClosingInfo:
    """What a run is called and what it supposes. Times are aware; `created_by` is "" for the operator."""

    code: str
    name: str
    on: dt.date
    what_if: WhatIf
    sha256: str
    synthetic: bool
    planner_version: str
    created_at: dt.datetime
    created_by: str
    finished_at: dt.datetime | None


@dataclass(frozen=True)
class StoredClosing:
    """A finished run: what went in, what came out, and what more of some pools is worth."""

    info: ClosingInfo
    problem: ClosingProblem
    plan: ClosingPlan
    values: tuple[PoolValue, ...]


def queue_closing(
    sessions: sessionmaker[Session], actor: Actor, name: str, what_if: WhatIf, *, within: Session | None = None
) -> str:
    """Keep the register as it is today, changed as `what_if` says, and queue the plan of it; its code (`WF-000001`).

    It is kept in the transaction of `within`, which has not begun yet, or in one of its own.
    `InvalidInputError` if the register or the measures have faults.
    """
    require_plan(actor)
    day = today()
    with open_snapshot(sessions) as session:
        problem = suppose(load_closing_problem(session, day), what_if)
        synthetic = is_synthetic(session)
    with join_or_begin(sessions, within) as session:
        run = ClosingRun(
            code=uuid.uuid4().hex,
            name=name.strip()[:LONGEST_NAME],
            on=day,
            what_if=what_if.stored,
            input_snapshot=zlib.compress(dump_problem(problem).encode(), level=9),
            input_sha256=problem_sha256(problem),
            synthetic=synthetic,
            planner_version=__version__,
            created_at=dt.datetime.now(dt.UTC),
            created_by_id=actor.user_id,
        )
        session.add(run)
        session.flush()
        run.code = f"WF-{run.id:06}"
        run.name = run.name or run.code
        session.flush()
        add_job(session, actor, JobKind.WORKFORCE_PLAN, run.code)
        supposed = [dump_phrase(sentence) for sentence in sentences(what_if)]
        audit.record(session, actor, "queued", f"workforce_plan:{run.code}", {"what_if": ([], supposed)})
        return run.code


def execute_closing(work: Work) -> None:
    """Make the plan that waits and store it: what a job of kind `workforce_plan` does.

    No transaction is open while it is made. `NotSolvedError` where no plan passes its certificate.
    """
    with work.sessions() as session:
        snapshot = session.scalars(select(ClosingRun.input_snapshot).where(ClosingRun.code == work.subject)).one()
    problem = read_problem(zlib.decompress(snapshot))

    def tell(level: LevelName, share: float) -> None:
        first, last = DONE[level]
        work.tell(Phrase(LEVELS[level]), first + share * (last - first))

    plan = close_gaps(problem, tell)
    answer = Answer(plan, tuple(_value(work, problem, plan)))
    with work.completing() as session:
        run = session.scalars(select(ClosingRun).where(ClosingRun.code == work.subject)).one()
        run.planner_version = __version__
        run.answer = zlib.compress(dump_answer(answer).encode(), level=9)
        run.finished_at = dt.datetime.now(dt.UTC)


def _value(work: Work, problem: ClosingProblem, plan: ClosingPlan) -> Iterator[PoolValue]:
    """What more of the dearest pools is worth, by solving again; of a large plan, the prices must do."""
    if plan.columns > SMALL:
        return
    priced = [row for row in plan.pools if row.price > 0 and not row.pool.startswith("exchange/")]
    dearest = sorted(priced, key=lambda row: (-row.price, row.pool))[:VALUED]
    for n, row in enumerate(dearest):
        work.tell(Phrase(N_("Working out what more of a pool is worth")), 0.9 + 0.1 * n / len(dearest))
        yield value_pool(problem, row.pool)


def run_closing(
    sessions: sessionmaker[Session],
    actor: Actor,
    name: str,
    what_if: WhatIf,
    progress: Callable[[Phrase], None] | None = None,
) -> str:
    """Queue a plan and make it here and now; its code."""
    code = queue_closing(sessions, actor, name, what_if)
    run_now(sessions, JobKind.WORKFORCE_PLAN, code, execute_closing, progress)
    return code


def list_closings(session: Session, actor: Actor) -> Table:
    """The runs, the newest first; those who belong to a ministry see the finished ones."""
    return find_closings(session, actor, ListFilter(page=None)).table


def find_closings(session: Session, actor: Actor, wanted: ListFilter) -> Listing:
    """The part of that list that is wanted; no other rows are read."""
    require(actor, Permission.VIEW_WORKFORCE)
    query = (
        select(ClosingRun, Job.status)
        .outerjoin(Job, (Job.subject == ClosingRun.code) & (Job.kind == JobKind.WORKFORCE_PLAN))
        .options(joinedload(ClosingRun.created_by))
    )
    if ministry_scope(actor) is not None:
        query = query.where(ClosingRun.finished_at.is_not(None))
    found = load_newest(session, query, ClosingRun.code, wanted)
    return found.listing(_table([(_info(run), status) for run, status in found.rows]))


def newest_closing(session: Session) -> str | None:
    """The code of the newest plan without a what-if; None if there is none."""
    runs = session.execute(
        select(ClosingRun.code, ClosingRun.what_if)
        .where(ClosingRun.finished_at.is_not(None))
        .order_by(ClosingRun.id.desc())
    )
    return next((code for code, what_if in runs if not what_if), None)


def finished_closings(session: Session) -> dict[str, str]:
    """The names of the finished runs by their codes, the newest first."""
    finished = select(ClosingRun.code, ClosingRun.name).where(ClosingRun.finished_at.is_not(None))
    return {row.code: row.name for row in session.execute(finished.order_by(ClosingRun.id.desc()))}


def get_closing(session: Session, actor: Actor, code: str) -> ClosingInfo:
    """The run called `code`, finished or not; `NotFoundError` if the reader sees none of that code."""
    return _info(_find(session, actor, code))


def load_closing(session: Session, actor: Actor, code: str) -> StoredClosing:
    """The finished run called `code`; `NotFoundError` if there is none, `ConflictError` if it has no plan yet."""
    run = _find(session, actor, code)
    if run.answer is None:
        raise ConflictError(Phrase(N_("The workforce plan %(code)s is not made yet."), {"code": code}))
    answer = read_answer(zlib.decompress(run.answer))
    return StoredClosing(_info(run), read_problem(zlib.decompress(run.input_snapshot)), answer.plan, answer.values)


def _find(session: Session, actor: Actor, code: str) -> ClosingRun:
    require(actor, Permission.VIEW_WORKFORCE)
    run = session.scalar(
        select(ClosingRun)
        .where(ClosingRun.code == code)
        .options(joinedload(ClosingRun.created_by), undefer(ClosingRun.input_snapshot), undefer(ClosingRun.answer))
    )
    if run is None or (run.finished_at is None and ministry_scope(actor) is not None):
        raise NotFoundError
    return run


def _info(run: ClosingRun) -> ClosingInfo:
    return ClosingInfo(
        code=run.code,
        name=run.name,
        on=run.on,
        what_if=WhatIf(**run.what_if),
        sha256=run.input_sha256,
        synthetic=run.synthetic,
        planner_version=run.planner_version,
        created_at=run.created_at,
        created_by=run.created_by.full_name if run.created_by else "",
        finished_at=run.finished_at,
    )


def _table(runs: Sequence[tuple[ClosingInfo, JobStatus | None]]) -> Table:
    return Table(
        "closings",
        N_("Workforce plans"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("status", N_("Status")),
            Column("what_if", N_("What if")),
            Column("on", N_("Register of"), "date"),
            Column("created_at", N_("Asked for"), "moment"),
            Column("created_by", N_("Asked for by")),
            Column("synthetic", N_("Synthetic data")),
        ),
        tuple(
            (
                run.code,
                run.name if run.name != run.code else None,
                Phrase(STATUSES[JobStatus.DONE if run.finished_at or status is None else status]),
                what_if_phrase(run.what_if),
                run.on,
                run.created_at,
                run.created_by or Phrase(N_("Operator")),
                run.synthetic,
            )
            for run, status in runs
        ),
    )


def what_if_phrase(what_if: WhatIf) -> Phrase:
    """The differences in one line."""
    found = tuple(sentences(what_if))
    return Phrase("%(changes)s", {"changes": found}) if found else Phrase(N_("As it is"))
