"""The workbooks of a plan: the managers' and one for each ministry, in both languages, made in the background.

They are kept as one ZIP for each language, and a single workbook is taken out of it. All of them can be made again.
"""

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, undefer

from models import JobKind, Ministry, PlanRun, ReportArchive, RunStatus, ServiceShare
from planner import __version__
from planner.allocation import Progress, solve
from planner.errors import ConflictError, NotFoundError
from planner.i18n import LANGUAGES, translator
from planner.services.jobs import JobInfo, Work, add_job, find_job
from planner.services.names import Names
from planner.services.permissions import OPERATOR, Actor, Permission, require
from planner.services.planning import RunInfo, StoredPlan, get_run, load_plan
from planner.services.publishing.standing import plan_in_force
from planner.services.reporting import Ledger, build_ministry_report, prove_advice, report_ledger
from planner.services.reporting.advice import Advice
from planner.services.scenarios.adjustments import from_json
from planner.services.scenarios.sentences import sentence
from planner.text import N_, LocalText, Phrase
from reports.values import Report
from reports.workbook import render_report

KEPT: Final = 20
"""Of so many plans the workbooks are kept; those made longest ago go first."""


@dataclass(frozen=True)
class ArchiveInfo:
    """The ZIP of one language: when it was made (aware), its bytes, and whether this version would make it anew."""

    language: str
    made_at: dt.datetime
    size: int
    outdated: bool


@dataclass(frozen=True)
class PlanReports:
    """What there is of a plan's workbooks: the archives, the ministries that have one, and the job that makes them."""

    run: RunInfo
    archives: tuple[ArchiveInfo, ...]
    ministries: tuple[tuple[str, LocalText | str], ...]
    job: JobInfo | None


@dataclass(frozen=True)
class Contents:
    """What the reports on a plan are made of: the plan, what its scenario changed, and what was proved for it."""

    stored: StoredPlan
    adjustments: tuple[Phrase, ...] = ()
    advice: Advice | None = None

    @cached_property
    def ledger(self) -> Ledger:
        """The plan added up."""
        return Ledger(self.stored.problem, self.stored.plan)

    def managers(self) -> Report:
        """The managers' report."""
        return report_ledger(self.ledger, self.stored.info, self.advice, self.adjustments)

    def ministry(self, ministry: str) -> Report:
        """The report for the ministry whose code that is; `NotFoundError` if the plan knows none."""
        if ministry not in self.ledger.ministry_at:
            raise NotFoundError
        return build_ministry_report(self.ledger, ministry, self.stored.info)

    def with_advice(self, progress: Callable[[Progress], None] | None = None) -> "Contents":
        """The same with what more capacity would bring, proved by solving again from this plan.

        `progress` is told of every round; what it raises ends it.
        """
        problem, plan = self.stored.problem, self.stored.plan
        again = partial(solve, last=plan, progress=progress)
        return replace(self, advice=prove_advice(problem, plan, again))


@dataclass(frozen=True)
class ReportFile:
    """A file to hand out."""

    name: str
    content: bytes


def find_reports(session: Session, actor: Actor, code: str) -> PlanReports:
    """What there is of the workbooks of the plan run `code`; `NotFoundError`, `ConflictError` if it has no plan."""
    run = _solved(session, actor, code)
    archives = session.scalars(
        select(ReportArchive).join(PlanRun).where(PlanRun.code == code).order_by(ReportArchive.language.desc())
    )
    served = select(ServiceShare.ministry).join(PlanRun).where(PlanRun.code == code).order_by(ServiceShare.ministry)
    names = {row.code: LocalText(row.name_th, row.name_en) for row in session.scalars(select(Ministry))}
    return PlanReports(
        run=run,
        archives=tuple(
            ArchiveInfo(row.language, row.made_at, row.size, row.planner_version != __version__) for row in archives
        ),
        ministries=tuple((ministry, names.get(ministry, ministry)) for ministry in session.scalars(served)),
        job=find_job(session, actor, JobKind.REPORT_SET, code),
    )


def ask_for_reports(session: Session, actor: Actor, code: str) -> None:
    """Have the workbooks of the plan run `code` made, or made anew, in the background."""
    _solved(session, actor, code)
    add_job(session, actor, JobKind.REPORT_SET, code)


def ask_for_missing_reports(session: Session, actor: Actor, code: str) -> None:
    """The same, unless they were made already."""
    made = select(ReportArchive.size).join(PlanRun).where(PlanRun.code == code).limit(1)
    if session.scalar(made) is None:
        ask_for_reports(session, actor, code)


def open_archive(session: Session, actor: Actor, code: str, language: str) -> ReportFile:
    """All workbooks of the plan run `code` in `language`, as a ZIP; `NotFoundError` if they were not made."""
    require(actor, Permission.VIEW_PLANS)
    return ReportFile(f"allocation-{code}-{language}.zip", _content(session, code, language))


def open_workbook(session: Session, actor: Actor, code: str, language: str, ministry: str | None = None) -> ReportFile:
    """The managers' workbook of the plan run `code`, or that for `ministry`; `NotFoundError` if it was not made."""
    require(actor, Permission.VIEW_PLANS)
    return _member(_content(session, code, language), workbook_name(code, language, ministry))


def open_outcome_workbook(session: Session, actor: Actor, ministry: str, language: str) -> ReportFile:
    """The workbook of the plan in force for a ministry; `NotFoundError` if there is none or it is not the actor's."""
    require(actor, Permission.VIEW_OUTCOME)
    run = plan_in_force(session)
    if run is None or actor.ministry_code not in {None, ministry}:
        raise NotFoundError
    return _member(_content(session, run.code, language), workbook_name(run.code, language, ministry))


def outcome_languages(session: Session) -> tuple[str, ...]:
    """The languages in which the workbooks of the plan in force are there."""
    run = plan_in_force(session)
    made = select(ReportArchive.language).where(ReportArchive.run_id == (run.id if run else None))
    return tuple(session.scalars(made.order_by(ReportArchive.language.desc())))


def workbook_name(code: str, language: str, ministry: str | None = None) -> str:
    """What the file of a workbook is called: the managers', or that for a ministry."""
    return f"allocation-{code}{f'-{ministry}' if ministry else ''}-{language}.xlsx"


def load_contents(session: Session, actor: Actor, code: str) -> Contents:
    """What the reports on the plan run `code` are made of, nothing proved; fails as `load_plan` does."""
    stored = load_plan(session, actor, code)
    changes = session.scalars(select(PlanRun.adjustments).where(PlanRun.code == code)).one()
    names = Names(stored.problem)
    return Contents(stored, tuple(sentence(from_json(each), names) for each in changes))


def build_report_set(work: Work) -> None:
    """Make the workbooks of a plan run and keep them: what a job of kind `report_set` does."""
    with work.sessions() as session:
        contents = load_contents(session, OPERATOR, work.subject)
    archives = make_archives(contents.with_advice(_listening(work)), tell=work.tell)
    now = dt.datetime.now(dt.UTC)
    with work.completing() as session:
        run_id = session.scalars(select(PlanRun.id).where(PlanRun.code == work.subject)).one()
        session.execute(delete(ReportArchive).where(ReportArchive.run_id == run_id))
        session.add_all(
            ReportArchive(
                run_id=run_id,
                language=language,
                planner_version=__version__,
                made_at=now,
                size=len(content),
                content=content,
            )
            for language, content in archives.items()
        )
        session.flush()
        _forget_oldest(session, run_id)


def make_archives(
    contents: Contents,
    languages: Sequence[str] = LANGUAGES,
    tell: Callable[[Phrase, float | None], None] = lambda _progress, _share: None,
) -> Mapping[str, bytes]:
    """The ZIP of each language, by language: the same plan gives the same bytes.

    `tell` is told how far it is, some times a second; what it raises ends the work.
    """
    stored = contents.stored
    count = 1 + len(stored.plan.service)
    streams = {language: io.BytesIO() for language in languages}
    for done, (name, report) in enumerate(_reports(contents)):
        progress = Phrase(N_("Writing workbook %(number)s of %(count)s"), {"number": done + 1, "count": count})

        def beat(progress: Phrase = progress, share: float = done / count) -> None:
            tell(progress, share)

        for language, stream in streams.items():
            workbook = io.BytesIO()
            render_report(report, translator(language), language, workbook, beat)
            _add(stream, workbook_name(stored.info.code, language, name), workbook.getvalue(), stored.info.created_at)
    return {language: stream.getvalue() for language, stream in streams.items()}


def _reports(contents: Contents) -> Iterator[tuple[str | None, Report]]:
    """The managers' report, then that for each ministry, with the ministry's code."""
    yield None, contents.managers()
    for service in contents.stored.plan.service:
        yield service.ministry, contents.ministry(service.ministry)


def _add(archive: io.BytesIO, name: str, content: bytes, made: dt.datetime) -> None:
    """Put a workbook, which is compressed already, into an archive."""
    entry = zipfile.ZipInfo(name, made.astimezone(dt.UTC).timetuple()[:6])
    entry.external_attr = 0o600 << 16
    with zipfile.ZipFile(archive, "a") as opened:
        opened.writestr(entry, content)


def _listening(work: Work) -> Callable[[Progress], None]:
    """Tells the work of every round, and so ends when that is to end."""
    progress = Phrase(N_("Proving what more capacity would bring"))

    def listen(_progress: Progress) -> None:
        work.tell(progress)

    return listen


def _solved(session: Session, actor: Actor, code: str) -> RunInfo:
    run = get_run(session, actor, code)
    if run.status is not RunStatus.SOLVED:
        raise ConflictError(Phrase(N_("The plan run %(code)s has no plan."), {"code": code}))
    return run


def _content(session: Session, code: str, language: str) -> bytes:
    found = session.scalar(
        select(ReportArchive)
        .join(PlanRun)
        .where(PlanRun.code == code, ReportArchive.language == language)
        .options(undefer(ReportArchive.content))
    )
    if found is None:
        raise NotFoundError
    return found.content


def _member(archive: bytes, name: str) -> ReportFile:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        if name not in opened.namelist():
            raise NotFoundError
        return ReportFile(name, opened.read(name))


def _forget_oldest(session: Session, newest: int) -> None:
    """Keep the workbooks of the `KEPT` plans whose were made last: of `newest`, whatever a clock said of the others."""
    runs = session.scalars(
        select(ReportArchive.run_id)
        .where(ReportArchive.run_id != newest)
        .group_by(ReportArchive.run_id)
        .order_by(func.max(ReportArchive.made_at).desc(), ReportArchive.run_id.desc())
        .offset(KEPT - 1)
    ).all()
    session.execute(delete(ReportArchive).where(ReportArchive.run_id.in_(runs)))
