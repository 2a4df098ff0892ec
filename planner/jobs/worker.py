"""A worker: it puts what waits in the table into DBOS, does what DBOS gives it, and takes back what others lost.

The table of jobs alone says what is to be done; DBOS says who does it. Every worker compares the two again and again,
so it does not matter which process dies when, or which of the two databases comes back from an older copy.
"""

import logging
import threading
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from dbos import DBOS, DBOSConfig, SetWorkflowID, WorkflowStatus
from sqlalchemy import Engine, event, make_url, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from models import Job, JobKind, JobStatus
from planner.jobs.courier import courier
from planner.jobs.handlers import HANDLERS
from planner.jobs.routine import Routine
from planner.services.jobs import CancelledError
from planner.services.jobs.losses import LOST, STOPPED, give_back
from planner.services.jobs.running import execute
from planner.services.jobs.states import Ticket, ticket_of
from planner.services.jobs.work import LOOK
from planner.services.jobs.workers import PATIENCE, Watch, heartbeat
from planner.services.webhooks.addresses import Outlet
from planner.text import Phrase

APPLICATION: Final = "planner"
PROTOCOL: Final = "1"
"""What DBOS takes for the application's version: that of how jobs are handed over, not of the planner. So what waits
while the planner is upgraded is done by the new one."""
PAUSE: Final = 0.5
"""Seconds between two looks at the table, and at DBOS's queues."""
AT_ONCE: Final = 20
"""The waiting jobs of a kind that are handed to DBOS, the oldest first."""
WAITING: Final = frozenset({"ENQUEUED", "DELAYED"})
IDLE: Final = 60
"""Seconds that a transaction of a worker may do nothing."""

_LOGGER: Final = logging.getLogger(__name__)


def system_url(database_url: str) -> str:
    """Where DBOS keeps its own tables: beside a SQLite file, or in a schema of the same PostgreSQL database."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        url = url.set(database=str(Path(url.database).with_suffix(".jobs.db")))
    return url.render_as_string(hide_password=False)


def work(
    sessions: sessionmaker[Session],
    database_url: str,
    executor: str,
    stopping: threading.Event,
    *,
    outlet: Outlet,
    patience: float = PATIENCE,
) -> None:
    """Do jobs and tell webhooks, under the name `executor` that no other process has, until `stopping` is set.

    What is under way then goes back to the queue. A worker whose heart has not beaten for `patience` seconds counts as
    lost. At most one job of each kind is done at a time.
    """
    _end_idle_transactions(sessions.kw["bind"])
    worker = _Worker(sessions, executor, stopping, patience)

    @DBOS.workflow(name="job")
    def job(kind: str, subject: str, attempt: int) -> None:
        worker.do(Ticket(JobKind(kind), subject, attempt))

    def enqueue(ticket: Ticket) -> None:
        with SetWorkflowID(ticket.workflow_id):
            DBOS.enqueue_workflow(ticket.kind.value, job, ticket.kind.value, ticket.subject, ticket.attempt)

    config = DBOSConfig(
        name=APPLICATION,
        system_database_url=system_url(database_url),
        application_version=PROTOCOL,
        executor_id=executor,
        log_level="WARNING",
        sys_db_pool_size=10,
    )
    DBOS(config=config)
    with heartbeat(sessions, executor), courier(sessions, outlet):
        DBOS.launch()
        try:
            for kind in HANDLERS:
                DBOS.register_queue(kind.value, worker_concurrency=1, polling_interval_sec=PAUSE)
            routine = Routine(sessions)
            while not stopping.wait(PAUSE):
                routine.run()
                try:
                    for ticket in worker.look():
                        enqueue(ticket)
                except SQLAlchemyError:  # the next look may find the database again
                    _LOGGER.warning("cannot look at the jobs", exc_info=True)
        finally:
            stopping.set()
            worker.finish()
            DBOS.destroy()


def _end_idle_transactions(engine: Engine) -> None:
    """Have PostgreSQL end what a worker that was stopped left open, so that its locks keep nobody waiting for ever."""
    if engine.dialect.name != "postgresql":
        return
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _bound(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE}s'")
        connection.commit()


class _Worker:
    """What one worker has in hand, and what it knows of the others."""

    def __init__(
        self, sessions: sessionmaker[Session], executor: str, stopping: threading.Event, patience: float
    ) -> None:
        self._sessions, self._executor, self._stopping = sessions, executor, stopping
        self._patience = patience
        self._watch = Watch(patience)
        self._busy: set[Ticket] = set()
        self._given: dict[str, float] = {}

    def do(self, ticket: Ticket) -> None:
        """Do one job. However it ends the table says so, so DBOS is told nothing but that it did."""
        self._busy.add(ticket)
        try:
            if self._stopping.is_set():
                self._give_back(ticket, STOPPED, lost=False)
                return
            execute(self._sessions, ticket, self._executor, HANDLERS[ticket.kind], stopping=self._stopping)
        except CancelledError as error:
            _LOGGER.info("%s: %s", ticket.workflow_id, error)
        except Exception:
            _LOGGER.exception("%s failed", ticket.workflow_id)
        finally:
            self._busy.discard(ticket)

    def look(self) -> list[Ticket]:
        """Take back what was lost, and say which of the jobs that wait DBOS does not know yet.

        Jobs are read before workflows and those before heartbeats: whoever has a job entered itself before.
        """
        with self._sessions() as session:
            jobs = [*session.scalars(select(Job).where(Job.status == JobStatus.RUNNING))]
            for kind in HANDLERS:  # each by itself, so that a long queue of one keeps no other waiting
                queue = select(Job).where(Job.kind == kind, Job.status == JobStatus.QUEUED)
                jobs += session.scalars(queue.order_by(Job.id).limit(AT_ONCE))
        waiting = {ticket_of(job).workflow_id: ticket_of(job) for job in jobs if job.status is JobStatus.QUEUED}
        workflows = (
            DBOS.list_workflows(workflow_ids=list(waiting), load_input=False, load_output=False) if waiting else []
        )
        with self._sessions.begin() as session:
            alive = self._watch.bury_lost(session) | {self._executor}
        lost = [ticket_of(job) for job in jobs if job.status is JobStatus.RUNNING and not self._is_held(job, alive)]
        unbegun = self._find_unbegun(workflows, waiting)
        lost += [
            waiting[workflow.workflow_id]
            for workflow in workflows
            if not _is_under_way(workflow, alive) or workflow.workflow_id in unbegun
        ]
        for ticket in lost:
            self._give_back(ticket, LOST, lost=True)
        known = {workflow.workflow_id for workflow in workflows}
        return [ticket for workflow_id, ticket in waiting.items() if workflow_id not in known]

    def finish(self) -> None:
        """Wait until nothing is in hand any more: what is under way has been told to stop."""
        while self._busy:
            time.sleep(LOOK)

    def _give_back(self, ticket: Ticket, line: Phrase, *, lost: bool) -> None:
        with self._sessions.begin() as session:
            give_back(session, ticket, line, lost=lost)

    def _find_unbegun(self, workflows: Collection[WorkflowStatus], waiting: Mapping[str, Ticket]) -> set[str]:
        """What DBOS takes for begun here and nobody has in hand for so long that it never will be.

        Where nothing can be stored, neither the job's beginning nor DBOS's note that it ended is.
        """
        moment = time.monotonic()
        self._given = {
            workflow.workflow_id: self._given.get(workflow.workflow_id, moment)
            for workflow in workflows
            if (workflow.status, workflow.executor_id) == ("PENDING", self._executor)
            and waiting[workflow.workflow_id] not in self._busy
        }
        return {workflow_id for workflow_id, since in self._given.items() if moment - since > self._patience}

    def _is_held(self, job: Job, alive: Collection[str]) -> bool:
        """Whether somebody works on a job that is running."""
        return ticket_of(job) in self._busy if job.executor == self._executor else job.executor in alive


def _is_under_way(workflow: WorkflowStatus, alive: Collection[str]) -> bool:
    """Whether DBOS has given, or will give, a job that still waits to a worker that is alive."""
    return workflow.status in WAITING or (workflow.status == "PENDING" and workflow.executor_id in alive)
