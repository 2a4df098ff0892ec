"""Work in the background: how it stands, ending it, and trying it again."""

import datetime as dt
from typing import Literal

from pydantic import Field

from models import JobKind
from planner.api.pages import Name, TablePart, codes_of, table_part
from planner.api.paging import ListQuery, PageQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Model, Page, Words, rows_of, words
from planner.errors import NotFoundError
from planner.services.jobs import cancel_job, list_jobs, list_workers, load_job, retry_job
from planner.services.jobs.reading import STATUSES, JobInfo
from planner.services.lists import ListFilter
from planner.services.tokens import Area

jobs = Resource("jobs", Area.PLANS, "Work in the background: plan runs, reports and workforce plans being made.")


JobStatusName = Literal["queued", "running", "done", "failed", "cancelled"]


class JobListed(Model):
    """A job as the list has it."""

    kind: str
    subject: str
    status: Words
    status_code: JobStatusName
    created_at: dt.datetime
    created_by: Name
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    attempt: int


class LogLine(Model):
    """One line of a job's log."""

    at: dt.datetime
    text: Words


class Job(Model):
    """How a job stands. `share` is done of one; `ahead` is how many of its kind come before it while it waits."""

    kind: str = Field(description="`plan_run`, `report_set` or `workforce_plan`.")
    subject: str = Field(description="The code of what it is for.")
    status: JobStatusName
    finished: bool
    cancelling: bool = Field(description="It was cancelled, and its worker has not looked yet.")
    attempt: int
    progress: Words | None
    share: float | None
    failure: Words | None
    ahead: int | None
    workers: int | None = Field(description="How many workers are alive, while it waits.")
    created_at: dt.datetime
    created_by: str
    started_at: dt.datetime | None
    finished_at: dt.datetime | None
    lines: list[LogLine]

    @classmethod
    def of(cls, job: JobInfo) -> "Job":
        """`job` as JSON."""
        return cls(
            kind=job.kind.value,
            subject=job.subject,
            status=job.status.value,
            finished=job.finished,
            cancelling=job.cancelling,
            attempt=job.attempt,
            progress=words(job.progress) if job.progress else None,
            share=job.share,
            failure=words(job.failure) if job.failure else None,
            ahead=job.ahead,
            workers=job.workers,
            created_at=job.created_at,
            created_by=job.created_by,
            started_at=job.started_at,
            finished_at=job.finished_at,
            lines=[LogLine(at=line.at, text=words(line.text)) for line in job.lines],
        )


@jobs.get()
def index(call: Call, query: ListQuery) -> Page[JobListed]:
    """List the jobs, the newest first."""
    found, kinds = list_jobs(call.session, call.actor, ListFilter(**query.arguments()))
    rows = zip(rows_of(found.table), codes_of(found.table, {"status": STATUSES}), strict=True)
    items = [{**row, **codes, "kind": kinds[str(row["subject"])].value} for row, codes in rows]
    return Page(items=[JobListed.model_validate(item, strict=False) for item in items], next=cursor_of(found.last))


@jobs.get("/workers")
def workers(call: Call, query: PageQuery) -> TablePart:
    """List the workers, and which of them have given a sign of life of late."""
    return table_part(list_workers(call.session, call.actor), query)


@jobs.get("/<kind>/<subject>")
def show(call: Call, kind: str, subject: str) -> Job:
    """How a job stands, with its log. Ask again every few seconds until it has `finished`."""
    return Job.of(load_job(call.session, call.actor, _kind(kind), subject))


@jobs.post("/<kind>/<subject>/cancel")
def cancel(call: Call, kind: str, subject: str) -> Job:
    """End a job: at once while it waits, else as soon as its worker looks."""
    cancel_job(call.session, call.actor, _kind(kind), subject)
    return show(call, kind, subject)


@jobs.post("/<kind>/<subject>/retry")
def retry(call: Call, kind: str, subject: str) -> Job:
    """Try a job again that failed or was cancelled."""
    retry_job(call.session, call.actor, _kind(kind), subject)
    return show(call, kind, subject)


def _kind(text: str) -> JobKind:
    if text not in JobKind.__members__.values():
        raise NotFoundError
    return JobKind(text)
