"""`planner load-test`: how quick the pages are with many requirements and many planners at once."""

import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
from sqlalchemy.orm import Session, sessionmaker

from planner import __version__, db
from planner.cli.console import Console, speaks
from planner.cli.faults.databases import open_database
from planner.cli.faults.processes import children, processor_seconds
from planner.cli.files import FILE, replacing
from planner.cli.load.filling import fill, make_accounts
from planner.cli.load.planners import Timings, run_planners
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.publishing.standing import plan_in_force
from planner.text import N_

COUNT = click.IntRange(min=1)
PATIENCE = 60
"""Seconds until the server must answer."""
SERVER_LOG = "server.log"
LOG_SHOWN = 8000
"""How much of the end of the server's log is shown where a page failed."""


@click.command("load-test")
@click.option(
    "--database", metavar="URL", help="An empty database to fill, or one that an earlier test filled; or `postgresql`."
)
@click.option("--requirements", type=COUNT, default=100_000, show_default=True, help="Requirements to make.")
@click.option("--planners", type=COUNT, default=50, show_default=True, help="Planners at work at the same time.")
@click.option("--seconds", type=COUNT, default=60, show_default=True, help="How long they work.")
@click.option("--pause", type=click.FloatRange(0), default=5, show_default=True, help="Seconds they look at a page.")
@click.option("--plan/--no-plan", default=False, help="Have a plan made and published before, and looked at.")
@click.option("--upload-rows", type=COUNT, default=200, show_default=True, help="Rows of an uploaded workbook.")
@click.option("--workers", type=COUNT, default=2, show_default=True, help="Processes of the server.")
@click.option("--threads", type=COUNT, default=8, show_default=True, help="Threads in each process.")
@click.option("--out", type=FILE, help="File for the JSON instead of standard output.")
@speaks
def load_test(
    console: Console,
    *,
    database: str | None,
    requirements: int,
    planners: int,
    seconds: int,
    pause: float,
    plan: bool,
    upload_rows: int,
    workers: int,
    threads: int,
    out: Path | None,
) -> None:
    """Let planners work on a large database over HTTP, and print JSON: pages a second, p50, p95, p99, errors.

    A server of its own (gunicorn) serves a database of its own: a SQLite file, or with `--database postgresql` a
    PostgreSQL server that is gone afterwards, or the one that `--database` names.
    """
    with tempfile.TemporaryDirectory(prefix="planner-load-") as folder, ExitStack() as stack:
        url = _address(database, Path(folder), stack)
        engine = db.open_engine(url)
        with console.step(N_("Making a database of %(count)s requirements"), count=requirements):
            start = time.perf_counter()
            db.migrate(engine)
            sessions = db.open_sessions(engine)
            with sessions.begin() as session:
                fill(session, requirements)
                accounts = make_accounts(session, planners, upload_rows)
            code = _make_plan(sessions) if plan else None
            filled = time.perf_counter() - start
        dialect = engine.dialect.name
        engine.dispose()
        with serving(url, Path(folder), workers, threads) as server:
            step = N_("%(count)s planners at work for %(seconds)s seconds")
            with console.step(step, count=planners, seconds=seconds):
                timings = run_planners(accounts, server.port, seconds, pause, code)
            spent = sum(map(processor_seconds, children(server.process)))
        if timings.errors:
            click.echo(server_log(Path(folder)), err=True)
    result = {
        "planner": __version__,
        "load_average": os.getloadavg(),
        "machine": {"system": platform.platform(), "processors": os.cpu_count(), "python": platform.python_version()},
        "database": dialect,
        "requirements": requirements,
        "fill_seconds": round(filled, 1),
        "planners": planners,
        "seconds": seconds,
        "pause": pause,
        "upload_rows": upload_rows,
        "server": {"workers": workers, "threads": threads, "processor_seconds": round(spent, 1)},
        **summary(timings),
    }
    written = json.dumps(result, indent=2, ensure_ascii=False)
    if out is None:
        click.echo(written)
    else:
        with replacing(out) as stream:
            stream.write(f"{written}\n".encode())


def _address(database: str | None, folder: Path, stack: ExitStack) -> str:
    """Where the database is; one of our own is there as long as `stack` is."""
    if database not in {None, "sqlite", "postgresql"}:
        return str(database)
    folder.chmod(0o755)  # a server of PostgreSQL may run as somebody else
    return stack.enter_context(open_database(database or "sqlite", folder)).url


def _make_plan(sessions: sessionmaker[Session]) -> str:
    """The plan in force, made and published where there is none; its code."""
    with sessions() as session:
        if present := plan_in_force(session):
            return present.code
    code = run_plan(sessions, OPERATOR, "load")
    with sessions.begin() as session:
        publish_plan(session, OPERATOR, code, "load", seen=None)
    return code


class Server(NamedTuple):
    """The port at which a server listens, and the number of the process that keeps its others."""

    port: int
    process: int


@contextmanager
def serving(url: str, folder: Path, workers: int, threads: int) -> Iterator[Server]:
    """A server on the database at `url`, stopped at the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    environ = {**os.environ, "PLANNER_DATABASE_URL": url, "PLANNER_ATTACHMENTS": str(folder / "attachments")}
    command = [sys.executable, "-m", "planner", "serve", "--no-worker", "--port", str(port)]
    command += ["--workers", str(workers), "--threads", str(threads)]
    with (folder / SERVER_LOG).open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - our own command
            command, env=environ, stdout=log, stderr=log
        )
        try:
            if not answers(server, port):
                raise click.ClickException(f"The server did not start.\n{server_log(folder)}")
            yield Server(port, server.pid)
        finally:
            server.terminate()
            server.wait()


def answers(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Whether `server` answers at `port`, sooner or later."""
    for _ in range(PATIENCE * 10):
        if server.poll() is not None:
            return False
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in"):
                return True
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
    return False


def server_log(folder: Path) -> str:
    """The end of what the server said."""
    return (folder / SERVER_LOG).read_text("utf-8", "replace")[-LOG_SHOWN:]


def summary(timings: Timings) -> dict[str, Any]:
    """Figures by kind of page, in milliseconds, and the whole of it; signing in, which comes before, apart."""
    by_kind = {kind: figures(times, timings.elapsed) for kind, times in sorted(timings.seconds.items())}
    sign_in = by_kind.pop("sign_in", None)
    count = sum(int(kind["count"]) for kind in by_kind.values())
    return {
        "elapsed": round(timings.elapsed, 1),
        "pages": count,
        "pages_per_second": round(count / timings.elapsed, 1),
        "errors": dict(timings.errors),
        "sign_in": sign_in,
        "by_kind": by_kind,
    }


def figures(times: list[float], seconds: float) -> dict[str, float]:
    """How many there were, how many a second, and the median, the 95th and 99th percentile and the longest in ms."""
    percentiles = statistics.quantiles(times, n=100, method="inclusive") if len(times) > 1 else times * 99
    return {
        "count": len(times),
        "per_second": round(len(times) / seconds, 2),
        "p50_ms": round(1000 * percentiles[49], 1),
        "p95_ms": round(1000 * percentiles[94], 1),
        "p99_ms": round(1000 * percentiles[98], 1),
        "max_ms": round(1000 * max(times), 1),
    }
