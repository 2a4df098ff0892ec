"""`planner serve`: the web pages behind gunicorn."""

import os
from collections.abc import Mapping
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from gunicorn.app.base import BaseApplication

from planner.cli.console import Console, speaks
from planner.cli.opening import open_sessions, settings
from planner.cli.supervising import Supervisor
from planner.logs import configure_logs
from planner.text import N_

KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than a proxy in front keeps it, so that the proxy ends it and never
sends a request into a connection that is being closed."""
FAREWELL: Final = 60
"""Seconds that requests under way have to end once the server was told to."""


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn with `options`, serving the application that each worker makes for itself."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Hand the options over."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application. By name, because commands stand beside the web on the layers' plan and do not import it."""
        return import_module("planner.app").create_app(settings())


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen at.")
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1), default=8, show_default=True, help="Threads in each process.")
@click.option(
    "--worker/--no-worker",
    "with_worker",
    default=None,
    help="Keep a worker running beside the server, as `planner worker` does; on SQLite it is unless told otherwise.",
)
@speaks
def serve(console: Console, host: str, port: int, workers: int, threads: int, with_worker: bool | None) -> None:  # noqa: PLR0917 - one an option
    """Serve the web pages until interrupted. Requests under way are finished first, for up to a minute.

    A socket that systemd hands over is listened at instead of host and port.
    """
    engine = open_sessions().kw["bind"]
    engine.dispose()
    console.say(N_("Serving at %(address)s (stop with Ctrl+C)"), address=f"http://{host}:{port}")
    options: dict[str, Any] = {
        "bind": f"{host}:{port}",
        "worker_class": "gthread",
        "workers": workers,
        "threads": threads,
        "control_socket_disable": True,
        "keepalive": KEEP_ALIVE,
        "graceful_timeout": FAREWELL,
    }
    if engine.dialect.name == "sqlite" if with_worker is None else with_worker:
        supervisor = Supervisor()
        options |= {"when_ready": lambda _server: supervisor.start(), "on_exit": lambda _server: supervisor.stop()}
    configure_logs(settings().log_form)
    with TemporaryDirectory(prefix="planner-metrics-") as folder:
        if workers > 1:  # they count together, in files
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        Server(options).run()
