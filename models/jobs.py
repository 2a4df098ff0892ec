"""Work that outlives its worker: jobs, what they told, and the workers that do them."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, PrimaryKey, words
from models.people import User

EXECUTOR = String(120)


class JobKind(enum.StrEnum):
    """What a job does; `Job.subject` is the code of what it does it for."""

    PLAN_RUN = "plan_run"
    REPORT_SET = "report_set"
    WORKFORCE_PLAN = "workforce_plan"


class JobStatus(enum.StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Base):
    """A piece of work, at most one for each kind and subject.

    `attempt` is its fence: it grows whenever the job goes back to the queue, and who stores a result must still hold
    the attempt that it began. `losses` counts the workers that were lost over it since somebody last asked for it.
    `progress` and `failure` are phrases (`planner.services.phrases`), `share` is done of 1 where that can be said.
    """

    __tablename__ = "job"
    __table_args__ = (
        UniqueConstraint("kind", "subject"),
        Index(None, "status", "id"),
        CheckConstraint("attempt > 0", name="attempt_positive"),
        CheckConstraint("losses >= 0", name="losses_not_negative"),
        CheckConstraint("share IS NULL OR (share >= 0 AND share <= 1)", name="share_in_unit"),
        CheckConstraint("status <> 'running' OR executor IS NOT NULL", name="running_somewhere"),
    )

    id: Mapped[PrimaryKey]
    kind: Mapped[JobKind] = mapped_column(words(JobKind))
    subject: Mapped[Code]
    status: Mapped[JobStatus] = mapped_column(words(JobStatus))
    attempt: Mapped[int] = mapped_column(default=1)
    losses: Mapped[int] = mapped_column(default=0)
    executor: Mapped[str | None] = mapped_column(EXECUTOR)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    share: Mapped[float | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    cancel_requested_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    started_at: Mapped[dt.datetime | None]
    finished_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    created_by: Mapped[User | None] = relationship()
    lines: Mapped[list["JobLine"]] = relationship(order_by="JobLine.id", passive_deletes=True)


class JobLine(Base):
    """One line of a job's log: `text` is a phrase."""

    __tablename__ = "job_line"

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id", ondelete="CASCADE"), index=True)
    at: Mapped[dt.datetime]
    text: Mapped[dict[str, Any]] = mapped_column(JSON)


class Worker(Base):
    """A process that does jobs. It is alive as long as `heartbeat_at` keeps changing."""

    __tablename__ = "worker"

    executor: Mapped[str] = mapped_column(EXECUTOR, primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    started_at: Mapped[dt.datetime]
    heartbeat_at: Mapped[dt.datetime]
