"""Work in the background: the queue, how one job stands, ending it and trying it again."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from models import JobKind
from planner.errors import NotFoundError
from planner.services.jobs import SORTABLE, cancel_job, list_jobs, list_workers, load_job, retry_job
from planner.services.jobs.kinds import KINDS
from planner.services.lists import ListFilter
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.queries import list_arguments
from planner.web.rendering import words

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")

PAGES: Final[Mapping[JobKind, str]] = MappingProxyType(
    {JobKind.PLAN_RUN: "plans.show", JobKind.REPORT_SET: "plans.reports", JobKind.WORKFORCE_PLAN: "closing.show"}
)
"""The page of what a job of each kind is for, by its `code`."""


def known_kind(text: str) -> JobKind:
    """The kind that an address names."""
    try:
        return JobKind(text)
    except ValueError:
        raise NotFoundError from None


@blueprint.get("/")
def index() -> str:
    """The jobs, the newest first, and the workers."""
    chosen = ListFilter(**list_arguments())
    with transaction() as database:
        listing, kinds = list_jobs(database, actor(), chosen)
        workers = list_workers(database, actor())
    return render_template(
        "jobs/index.html",
        listing=listing,
        chosen=chosen,
        sortable=SORTABLE,
        workers=workers,
        link=lambda code: url_for("jobs.show", kind=kinds[code], subject=code),
    )


@blueprint.get("/<kind>/<subject>")
def show(kind: str, subject: str) -> str:
    """One job with its log."""
    with transaction() as database:
        job = load_job(database, actor(), known_kind(kind), subject)
    return render_template(
        "jobs/show.html", job=job, label=KINDS[job.kind].label, subject_page=_subject_page(job.kind, subject)
    )


@blueprint.get("/<kind>/<subject>.json")
def state(kind: str, subject: str) -> Response:
    """How a job stands, for the script of its page; 304 where that is what the page shows already."""
    with transaction() as database:
        job = load_job(database, actor(), known_kind(kind), subject)
    answer = jsonify(
        finished=job.finished,
        status=words(job.status_name),
        state=render_template("jobs/state.html", job=job),
    )
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@blueprint.post("/<kind>/<subject>/cancel")
def cancel(kind: str, subject: str) -> BaseResponse:
    """End a job."""
    known = known_kind(kind)
    with transaction() as database:
        cancel_job(database, actor(), known, subject)
    flash(N_("The work is being cancelled."))
    return redirect(_subject_page(known, subject) or url_for("jobs.show", kind=kind, subject=subject))


@blueprint.post("/<kind>/<subject>/retry")
def retry(kind: str, subject: str) -> BaseResponse:
    """Try a job again that failed or was cancelled."""
    known = known_kind(kind)
    with transaction() as database:
        retry_job(database, actor(), known, subject)
    flash(N_("The work waits in the queue again."))
    return redirect(_subject_page(known, subject) or url_for("jobs.show", kind=kind, subject=subject))


def _subject_page(kind: JobKind, subject: str) -> str | None:
    return url_for(PAGES[kind], code=subject) if kind in PAGES else None
