"""`planner worker`: a process that does the work which waits in the queue."""

import os
import signal
import sys
import threading
from importlib import import_module
from types import FrameType

import click

from planner.cli.console import Console, speaks
from planner.cli.opening import open_sessions, settings
from planner.logs import configure_logs
from planner.services.jobs.workers import PATIENCE, new_executor
from planner.services.webhooks.addresses import Outlet
from planner.text import N_


@click.command("worker")
@click.option(
    "--patience",
    type=click.FloatRange(2),
    default=PATIENCE,
    show_default=True,
    help="Seconds without a sign of life after which another worker counts as lost.",
)
@click.option("--executor", hidden=True, help="The name that whoever supervises this process gave it.")
@click.option("--supervised", is_flag=True, hidden=True, help="Stop when standard input ends.")
@speaks
def worker(console: Console, patience: float, executor: str | None, supervised: bool) -> None:
    """Do the work that waits in the queue until interrupted.

    What is under way then goes back to the queue. Any number of workers may share a database, on PostgreSQL from any
    host.
    """
    stopping = threading.Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if supervised:
        threading.Thread(target=_stop_with_parent, args=(stopping,), daemon=True).start()
    configure_logs(settings().log_form)
    sessions, name = open_sessions(), executor or new_executor()
    outlet = Outlet.of(settings())
    console.say(N_("Worker %(worker)s waits for work (stop with Ctrl+C)"), worker=name)
    # by name, because commands stand beside the workers on the layers' plan and do not import them
    import_module("planner.jobs.worker").work(
        sessions, settings().database_url, name, stopping, outlet=outlet, patience=patience
    )


def _stop_with_parent(stopping: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):  # not by `sys.stdin`, whose lock would be held when the process ends
        pass
    stopping.set()
