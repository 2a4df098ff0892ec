"""Workbooks of plans made as jobs: what is in the archives, who may open which, and what is kept."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

import models
from models import JobKind, JobStatus, ReportArchive, Role
from planner.allocation import Plan, Problem
from planner.errors import ConflictError, ForbiddenError, NotFoundError, NotSolvedError
from planner.i18n import LANGUAGES
from planner.services import report_sets
from planner.services.jobs import CancelledError, cancel_job, run_now
from planner.services.permissions import OPERATOR
from planner.services.planning import load_plan, queue_run, run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.report_sets import (
    ask_for_missing_reports,
    ask_for_reports,
    build_report_set,
    find_reports,
    load_contents,
    make_archives,
    open_archive,
    open_outcome_workbook,
    open_workbook,
    outcome_languages,
    workbook_name,
)
from planner.services.reporting import advice as advising
from planner.services.reporting import prove_advice

MINISTRIES = ("11000", "21000")


@pytest.fixture
def planned(world):
    """The factory of sessions on the small world with its plan, P-000001."""
    run_plan(world, OPERATOR, "แผนแรก")
    return world


@pytest.fixture
def no_proofs(monkeypatch):
    monkeypatch.setattr(advising, "PATIENCE", 0)


@pytest.fixture
def reported(planned, no_proofs):
    """The same with the plan's workbooks made."""
    make(planned)
    return planned


def make(sessions, code="P-000001"):
    with sessions.begin() as session:
        ask_for_reports(session, OPERATOR, code)
    run_now(sessions, JobKind.REPORT_SET, code, build_report_set)


def test_each_language_has_the_managers_workbook_and_one_for_each_ministry(reported):
    with reported() as session:
        found = find_reports(session, OPERATOR, "P-000001")
        assert [code for code, _ in found.ministries] == [*MINISTRIES]
        assert found.job.status is JobStatus.DONE
        assert {archive.language for archive in found.archives} == {*LANGUAGES}
        for archive in found.archives:
            zipped = open_archive(session, OPERATOR, "P-000001", archive.language)
            names = [workbook_name("P-000001", archive.language, code) for code in (None, *MINISTRIES)]
            with zipfile.ZipFile(io.BytesIO(zipped.content)) as opened:
                assert opened.namelist() == names
                assert opened.testzip() is None
            assert archive.size == len(zipped.content)
            assert not archive.outdated
            managers = open_workbook(session, OPERATOR, "P-000001", archive.language)
            assert len(load_workbook(io.BytesIO(managers.content)).sheetnames) > 20


def test_a_ministrys_workbook_holds_nothing_of_others(reported):
    with reported() as session:
        rows = session.execute(
            select(models.Ministry.code, models.Agency.name_en, models.Requirement.code, models.Requirement.title)
            .join_from(models.Requirement, models.Agency)
            .join(models.Ministry)
        ).all()
        file = open_workbook(session, OPERATOR, "P-000001", "en", "21000")
    texts = {
        str(cell.value)
        for sheet in load_workbook(io.BytesIO(file.content)).worksheets
        for row in sheet.iter_rows()
        for cell in row
    }
    assert {word for ministry, *words in rows for word in words if ministry == "21000"} & texts
    assert {word for ministry, *words in rows for word in words if ministry != "21000"} & texts == set()


def test_the_totals_of_every_ministrys_workbook_tie_out(reported):
    with reported() as session:
        for ministry in MINISTRIES:
            file = open_workbook(session, OPERATOR, "P-000001", "en", ministry)
            sheet = load_workbook(io.BytesIO(file.content))["Check sheet"]
            answers = [cell.value for row in sheet.iter_rows() for cell in row if cell.value in {"Yes", "No"}]
            assert len(answers) >= 10
            assert set(answers) == {"Yes"}


def test_the_same_plan_gives_the_same_bytes(planned):
    with planned() as session:
        contents = load_contents(session, OPERATOR, "P-000001")
    assert make_archives(contents) == make_archives(contents)


def test_made_again_they_replace_what_there_was(reported):
    with reported.begin() as session:
        session.execute(models.ReportArchive.__table__.update().values(planner_version="0.0.1"))
        assert all(archive.outdated for archive in find_reports(session, OPERATOR, "P-000001").archives)
    make(reported)
    with reported() as session:
        assert session.scalar(select(func.count()).select_from(ReportArchive)) == len(LANGUAGES)
        assert not any(archive.outdated for archive in find_reports(session, OPERATOR, "P-000001").archives)


def test_the_workbooks_made_longest_ago_are_forgotten(reported, monkeypatch):
    monkeypatch.setattr(report_sets, "KEPT", 1)
    run_plan(reported, OPERATOR, "แผนที่สอง")
    with reported.begin() as session:  # by a clock that was ahead and was put right
        ahead = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
        session.execute(models.ReportArchive.__table__.update().values(made_at=ahead))
    make(reported, "P-000002")
    with reported() as session:
        assert not find_reports(session, OPERATOR, "P-000001").archives
        assert len(find_reports(session, OPERATOR, "P-000002").archives) == len(LANGUAGES)


def test_work_that_is_cancelled_keeps_nothing(planned, no_proofs, monkeypatch):
    def cancel_and_write(*given):
        with planned.begin() as session:
            cancel_job(session, OPERATOR, JobKind.REPORT_SET, "P-000001")
        return written(*given)

    written = report_sets.render_report
    monkeypatch.setattr(report_sets, "render_report", cancel_and_write)
    with pytest.raises(CancelledError):
        make(planned)
    with planned() as session:
        found = find_reports(session, OPERATOR, "P-000001")
        assert (found.archives, found.job.status) == ((), JobStatus.CANCELLED)


def test_who_may_open_what(reported, person):
    manager, auditor = person(Role.MANAGER), person(Role.AUDITOR)
    own, foreign = (person(Role.MINISTRY_PLANNER, code, f"of-{code}") for code in ("21000", "11000"))
    with reported.begin() as session:
        for reader in (manager, auditor):
            assert open_archive(session, reader, "P-000001", "th").content
        for read in (open_archive, open_workbook):
            with pytest.raises(ForbiddenError):
                read(session, own, "P-000001", "th")
        assert outcome_languages(session) == ()
        with pytest.raises(NotFoundError):
            open_outcome_workbook(session, own, "21000", "th")
        publish_plan(session, manager, "P-000001", "ใช้ได้", seen=None)
    with reported() as session:
        assert outcome_languages(session) == ("th", "en")
        for reader, code in ((own, "21000"), (foreign, "11000"), (manager, "11000"), (auditor, "21000")):
            found = open_outcome_workbook(session, reader, code, "th")
            assert found.name == workbook_name("P-000001", "th", code)
        for reader, code in ((own, "11000"), (foreign, "21000"), (manager, "99999")):
            with pytest.raises(NotFoundError):
                open_outcome_workbook(session, reader, code, "th")


def test_what_was_not_made_is_not_found(planned):
    with planned() as session:
        for code, language, ministry in (("P-000001", "th", None), ("P-000009", "th", None), ("P-000001", "xx", "1")):
            with pytest.raises(NotFoundError):
                open_workbook(session, OPERATOR, code, language, ministry)
        with pytest.raises(NotFoundError):
            find_reports(session, OPERATOR, "P-000009")


def test_what_was_made_is_not_asked_for_again(reported):
    run_plan(reported, OPERATOR, "แผนที่สอง")
    for code in ("P-000001", "P-000002"):
        with reported.begin() as session:
            ask_for_missing_reports(session, OPERATOR, code)
    with reported() as session:
        waiting = select(models.Job.subject).where(models.Job.status == JobStatus.QUEUED)
        assert session.scalars(waiting).all() == ["P-000002"]


def test_a_run_without_a_plan_has_no_workbooks(world):
    queue_run(world, OPERATOR, "ยังไม่เสร็จ")
    with world.begin() as session:
        for use in (find_reports, ask_for_reports):
            with pytest.raises(ConflictError):
                use(session, OPERATOR, "P-000001")


def test_advice_is_proved_by_count_and_not_by_the_clock(planned):
    with planned() as session:
        stored = load_plan(session, OPERATOR, "P-000001")
    solved: list[Problem] = []

    def refuse(problem: Problem) -> Plan:
        solved.append(problem)
        return stored.plan

    assert prove_advice(stored.problem, stored.plan, refuse) == prove_advice(stored.problem, stored.plan, refuse)
    assert len(solved) % 2 == 0
    assert 0 < len(solved) // 2 <= advising.MODULES + advising.RANGES * advising.RANGE_SOLVES


def test_a_proof_that_cannot_be_solved_is_left_out(planned):
    with planned() as session:
        stored = load_plan(session, OPERATOR, "P-000001")

    def fail(_problem: Problem) -> Plan:
        raise NotSolvedError

    assert prove_advice(stored.problem, stored.plan, fail) == advising.Advice()


def test_it_is_told_how_far_the_writing_is(planned):
    told = []
    with planned() as session:
        contents = load_contents(session, OPERATOR, "P-000001")
    make_archives(contents, ["th"], lambda progress, share: told.append((progress.params["number"], share)))
    count = 1 + len(MINISTRIES)
    assert list(dict.fromkeys(told)) == [(n + 1, n / count) for n in range(count)]


def test_archives_carry_the_time_of_the_plan(planned):
    with planned() as session:
        contents = load_contents(session, OPERATOR, "P-000001")
    content = make_archives(contents, ["en"])["en"]
    made = contents.stored.info.created_at.astimezone(dt.UTC).timetuple()[:5]
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert {entry.date_time[:5] for entry in opened.infolist()} == {made}
