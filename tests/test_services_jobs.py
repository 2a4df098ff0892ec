"""Jobs: asking for them, doing them here and now, and what holds when workers stop, vanish or wake up too late."""

import datetime as dt
import errno
import threading
import time

import pytest
from lxml.etree import SerialisationError
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

import models
from models import Job, JobKind, JobStatus, PlanRun, Role, RunStatus, Worker
from planner import __version__
from planner.errors import ConflictError, ForbiddenError, NotFoundError, PlannerError
from planner.services import jobs
from planner.services.jobs import (
    CancelledError,
    Work,
    add_job,
    cancel_job,
    load_job,
    requests,
    retry_job,
    run_now,
    states,
)
from planner.services.jobs.losses import AWAY, LOST, MOST_LOSSES, NO_ROOM, give_back
from planner.services.jobs.running import execute
from planner.services.jobs.states import Ticket, ticket_of
from planner.services.jobs.work import LOOK, WRITE, HandedBackError, LostError
from planner.services.jobs.workers import Watch, heartbeat
from planner.services.lists import ListFilter
from planner.services.permissions import OPERATOR
from planner.services.phrases import dump_phrase, read_phrase
from planner.services.planning import execute_run, load_plan, queue_run
from planner.text import FiscalYear, LocalText, Phrase

KIND, CODE = JobKind.PLAN_RUN, "P-000001"
FIRST = Ticket(KIND, CODE, 1)
HALF_WAY = Phrase("Priority")


@pytest.fixture
def queued(world):
    """A database on which one plan run waits."""
    assert queue_run(world, OPERATOR, "แผน") == CODE
    return world


def the_job(sessions) -> Job:
    with sessions() as session:
        return session.scalars(select(Job)).one()


def the_run(sessions) -> PlanRun:
    with sessions() as session:
        return session.scalars(select(PlanRun)).one()


def log(sessions) -> list[str]:
    with sessions() as session:
        return [line.text.msgid for line in load_job(session, OPERATOR, KIND, CODE).lines]


def cancel(sessions) -> None:
    with sessions.begin() as session:
        cancel_job(session, OPERATOR, KIND, CODE)


def retry(sessions) -> None:
    with sessions.begin() as session:
        retry_job(session, OPERATOR, KIND, CODE)


def test_a_phrase_survives_being_stored():
    phrase = Phrase(
        "%(a)s %(b)s %(c)s %(d)s",
        {"a": LocalText("ก", "a"), "b": FiscalYear(2027), "c": (Phrase("x"), 1.5, None), "d": Phrase("y", {"z": "ข"})},
    )
    assert read_phrase(dump_phrase(phrase)) == phrase


def test_a_run_waits_with_the_inputs_of_the_moment_it_was_asked_for(queued):
    before = the_run(queued)
    with queued.begin() as session:
        session.execute(update(models.Site).values(to_year=2026))
    assert (before.status, the_job(queued).status) == (RunStatus.QUEUED, JobStatus.QUEUED)
    run_now(queued, KIND, CODE, execute_run)
    assert (the_run(queued).status, the_job(queued).status) == (RunStatus.SOLVED, JobStatus.DONE)
    with queued() as session:
        assert load_plan(session, OPERATOR, CODE).plan.problem_sha256 == before.input_sha256
    assert log(queued)[0] == "%(person)s asked for it."
    assert log(queued)[-1] == "Done."


def test_what_an_older_version_queued_is_done_by_the_newer(queued):
    with queued.begin() as session:
        session.execute(update(PlanRun).values(planner_version="0.0.1"))
    run_now(queued, KIND, CODE, execute_run)
    assert the_run(queued).planner_version == __version__


def test_nobody_without_the_permission_starts_cancels_retries_or_looks(queued, person):
    auditor, ministry = person(Role.AUDITOR), person(Role.MINISTRY_PLANNER, "21000")
    with queued() as session:
        for act in (add_job, cancel_job, retry_job):
            with pytest.raises(ForbiddenError):
                act(session, auditor, KIND, CODE)
        for kind in JobKind:
            with pytest.raises(ForbiddenError):
                load_job(session, ministry, kind, CODE)
        with pytest.raises(ForbiddenError):
            jobs.list_jobs(session, ministry, ListFilter())
        with pytest.raises(ForbiddenError):
            jobs.list_workers(session, ministry)
        assert not load_job(session, auditor, KIND, CODE).may_cancel
        with pytest.raises(NotFoundError):
            load_job(session, auditor, KIND, "P-000009")
        with pytest.raises(NotFoundError):
            cancel_job(session, OPERATOR, KIND, "P-000009")


def test_a_waiting_run_is_cancelled_at_once_and_may_be_tried_again(queued):
    cancel(queued)
    assert (the_run(queued).status, the_job(queued).status) == (RunStatus.CANCELLED, JobStatus.CANCELLED)
    with pytest.raises(ConflictError):
        cancel(queued)
    with pytest.raises(CancelledError):
        run_now(queued, KIND, CODE, execute_run)
    retry(queued)
    with pytest.raises(ConflictError):
        retry(queued)
    assert the_run(queued).finished_at is None
    run_now(queued, KIND, CODE, execute_run)
    assert (the_run(queued).status, the_job(queued).attempt) == (RunStatus.SOLVED, 2)


def test_a_finished_run_cannot_be_given_other_inputs_on_its_way_back(queued):
    cancel(queued)
    with pytest.raises(Exception, match="finished plan run"), queued.begin() as session:
        session.execute(update(PlanRun).values(status=RunStatus.QUEUED, input_sha256="0" * 64))


def test_who_asks_for_the_same_again_gets_the_one_that_waits_or_a_new_attempt(queued):
    with queued.begin() as session:
        assert add_job(session, OPERATOR, KIND, CODE).attempt == 1
    cancel(queued)
    with queued.begin() as session:
        again = add_job(session, OPERATOR, KIND, CODE)
        assert (again.attempt, again.status) == (2, JobStatus.QUEUED)


def test_nobody_fills_the_queue_alone(sessions, person, monkeypatch):
    monkeypatch.setattr(requests, "MOST_WAITING", 2)
    planner, other = person(Role.DE_PLANNER), person(Role.MANAGER)
    reports = JobKind.REPORT_SET
    with sessions.begin() as session:
        for number in (1, 2):
            add_job(session, planner, reports, f"P-{number}")
        with pytest.raises(ConflictError, match="2"):
            add_job(session, planner, reports, "P-3")
        add_job(session, other, reports, "P-3")
        assert add_job(session, planner, reports, "P-1").attempt == 1  # what waits already takes no more room
        cancel_job(session, planner, reports, "P-1")
        add_job(session, planner, reports, "P-4")


def test_cancelling_what_runs_ends_it_at_its_next_look_and_stores_nothing(queued, monkeypatch):
    told = []

    def handler(work: Work) -> None:
        clock = [time.monotonic()]
        monkeypatch.setattr("planner.services.jobs.work.time.monotonic", lambda: clock[0])
        work.tell(HALF_WAY, 0.5)
        cancel(queued)
        while True:
            told.append(clock[0])
            work.tell(HALF_WAY, 0.5)
            clock[0] += LOOK / 4

    with pytest.raises(CancelledError):
        run_now(queued, KIND, CODE, handler)
    assert len(told) == 5
    assert LOOK <= 0.5  # so that with what a solver takes to end it is a second at most
    assert the_run(queued).status is RunStatus.CANCELLED


def test_cancelling_at_the_last_moment_still_stores_nothing(queued):
    def handler(work: Work) -> None:
        cancel(queued)
        with work.completing():
            pytest.fail("it was cancelled")

    with pytest.raises(CancelledError):
        run_now(queued, KIND, CODE, handler)
    assert the_job(queued).status is JobStatus.CANCELLED


def test_what_is_stored_and_the_end_of_the_job_are_one(queued):
    def handler(work: Work) -> None:
        with work.completing() as session:
            session.add(models.Region(code="half", name_th="ก", name_en="a"))
            raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError):
        run_now(queued, KIND, CODE, handler)
    job, run = the_job(queued), the_run(queued)
    assert (job.status, run.status) == (JobStatus.FAILED, RunStatus.FAILED)
    assert "the disk is full" in run.failure
    assert read_phrase(job.failure).params == {"error": "RuntimeError('the disk is full')"}
    with queued() as session:
        assert session.scalar(select(func.count()).where(models.Region.code == "half")) == 0


def test_a_handler_that_stores_nothing_ends_all_the_same(queued):
    with queued.begin() as session:
        session.add(
            Job(kind=JobKind.REPORT_SET, subject="x", status=JobStatus.QUEUED, created_at=the_job(queued).created_at)
        )
    told: list[Phrase] = []
    run_now(queued, JobKind.REPORT_SET, "x", lambda work: work.tell(HALF_WAY), told.append)
    with queued() as session:
        assert load_job(session, OPERATOR, JobKind.REPORT_SET, "x").finished
    assert told == [HALF_WAY]


def test_two_do_not_begin_the_same(queued):
    began: list[str] = []

    def handler(work: Work) -> None:
        began.append(work.subject)
        assert not execute(queued, FIRST, "another", handler)

    assert execute(queued, FIRST, "one", handler)
    assert began == [CODE]


def test_who_was_thought_dead_and_wakes_up_stores_nothing(queued):
    stored: list[str] = []

    def late(work: Work) -> None:
        with queued.begin() as session:
            give_back(session, FIRST, LOST, lost=True)
        assert execute(queued, Ticket(KIND, CODE, 2), "another", execute_run)
        with pytest.raises(LostError):
            work.tell(HALF_WAY)
        with work.completing():
            stored.append("late")

    with pytest.raises(LostError):
        execute(queued, FIRST, "one", late)
    assert stored == []
    job = the_job(queued)
    assert (job.status, job.executor, job.attempt, job.losses) == (JobStatus.DONE, "another", 2, 1)
    assert log(queued).count("Done.") == 1


def test_a_worker_that_stops_hands_its_work_back(queued):
    stopping = threading.Event()
    stopping.set()
    with pytest.raises(HandedBackError):
        execute(queued, FIRST, "one", lambda work: work.tell(HALF_WAY), stopping=stopping)
    job = the_job(queued)
    assert (job.status, job.attempt, job.losses, job.executor) == (JobStatus.QUEUED, 2, 0, None)
    assert the_run(queued).status is RunStatus.QUEUED


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OperationalError("COMMIT", None, ConnectionError("away")), AWAY),
        (OSError(errno.ENOSPC, "no room"), NO_ROOM),
        (SerialisationError("IO_EFBIG"), NO_ROOM),
    ],
    ids=["away", "full disk", "full file"],
)
def test_a_job_whose_database_or_disk_failed_for_a_moment_waits_for_another_try(queued, error, said):
    def handler(_work: Work) -> None:
        raise error

    with pytest.raises(type(error)):
        execute(queued, FIRST, "one", handler)
    job = the_job(queued)
    assert (job.status, job.attempt, job.losses, job.failure) == (JobStatus.QUEUED, 2, 1, None)
    assert the_run(queued).status is RunStatus.QUEUED
    assert log(queued)[-1] == said.msgid


@pytest.mark.parametrize("ended", [JobStatus.DONE, JobStatus.CANCELLED])
def test_a_clock_that_was_set_back_ends_no_run_before_it_began(queued, monkeypatch, ended):
    monkeypatch.setattr(states, "now", lambda: dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    if ended is JobStatus.DONE:
        run_now(queued, KIND, CODE, execute_run)
    else:
        cancel(queued)
    run = the_run(queued)
    assert the_job(queued).status is ended
    assert run.finished_at == run.created_at


def test_what_was_cancelled_is_not_queued_anew_when_its_worker_is_lost(queued):
    def handler(_work: Work) -> None:
        cancel(queued)
        with queued.begin() as session:
            give_back(session, FIRST, LOST, lost=True)
        raise LostError

    with pytest.raises(LostError):
        execute(queued, FIRST, "one", handler)
    assert the_job(queued).status is JobStatus.CANCELLED


def test_a_job_that_kills_its_workers_is_given_up(queued):
    for attempt in range(1, MOST_LOSSES + 1):
        assert the_job(queued).status is JobStatus.QUEUED
        with queued.begin() as session:
            give_back(session, Ticket(KIND, CODE, attempt), LOST, lost=True)
    job = the_job(queued)
    assert (job.status, the_run(queued).status) == (JobStatus.FAILED, RunStatus.FAILED)
    assert read_phrase(job.failure).params == {"count": MOST_LOSSES}
    with queued.begin() as session:
        give_back(session, ticket_of(job), LOST, lost=True)
    assert the_job(queued).status is JobStatus.FAILED
    retry(queued)
    assert the_job(queued).losses == 0


def test_how_far_it_is_can_be_read_meanwhile(queued):
    def handler(work: Work) -> None:
        work.tell(HALF_WAY, 0.25)
        work.note(Phrase("a note"))
        with queued() as session:
            info = load_job(session, OPERATOR, KIND, CODE)
            assert (info.status, info.progress, info.share) == (JobStatus.RUNNING, HALF_WAY, 0.25)
            assert info.lines[-1].text == Phrase("a note")
            assert info.may_cancel
            assert not info.may_retry
            assert jobs.list_workers(session, OPERATOR).rows[0][0::3] == (info.executor, Phrase("Alive"))
        time.sleep(WRITE)
        work.tell(Phrase("Least cost"), 0.75)
        with queued() as session:
            assert load_job(session, OPERATOR, KIND, CODE).share == 0.75

    run_now(queued, KIND, CODE, handler)
    with queued() as session:
        assert session.scalar(select(func.count()).select_from(Worker)) == 0


def test_the_queue_says_how_many_come_before(queued):
    queue_run(queued, OPERATOR, "b")
    with queued() as session:
        first, second = (load_job(session, OPERATOR, KIND, code) for code in (CODE, "P-000002"))
        listing, kinds = jobs.list_jobs(session, OPERATOR, ListFilter())
    assert (first.ahead, second.ahead, first.workers) == (0, 1, 0)
    assert [row[0] for row in listing.table.rows] == ["P-000002", CODE]
    assert kinds == {CODE: KIND, "P-000002": KIND}


def test_whoever_comes_second_waits_for_a_workers_result(queued):
    entered, go_on = threading.Event(), threading.Event()

    def slow(work: Work) -> None:
        entered.set()
        assert go_on.wait(10)
        work.tell(HALF_WAY)
        raise PlannerError(Phrase("no luck"))

    def at_work() -> None:
        with pytest.raises(PlannerError):
            execute(queued, FIRST, "worker", slow)

    worker = threading.Thread(target=at_work)
    worker.start()
    assert entered.wait(10)
    threading.Timer(0.3, go_on.set).start()
    with pytest.raises(PlannerError, match="no luck"):
        run_now(queued, KIND, CODE, execute_run)
    worker.join()


def test_the_living_are_told_from_the_lost_by_whether_their_hearts_beat(world):
    def look() -> set[str]:
        with world.begin() as session:
            return watch.bury_lost(session)

    watch, long_ago = Watch(patience=1.5), dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    with world.begin() as session:
        session.add(Worker(executor="gone", version="1", started_at=long_ago, heartbeat_at=long_ago))
    with heartbeat(world, "steady"):
        assert look() == {"steady", "gone"}
        until = time.monotonic() + 20
        while "gone" in look():
            assert time.monotonic() < until
            time.sleep(0.1)
        assert look() == {"steady"}
    assert look() == set()
