"""What machines ask: does the process live, can it serve, and how does it do."""

import datetime as dt
import hmac
import os
from collections.abc import Iterator

from flask import Blueprint, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from planner.db import pending_revisions
from planner.services.jobs.measures import measure_work
from planner.web.current import transaction

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def live() -> Response:
    """The process answers."""
    return _plain("ok")


@blueprint.get("/readyz")
def ready() -> Response:
    """The database answers and has the newest tables; else 503 with what is amiss."""
    try:
        present, newest = pending_revisions(current_app.extensions["engine"])
    except SQLAlchemyError:
        return _plain("database", 503)
    return _plain("ok") if present == newest else _plain("migrations", 503)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What monitoring reads, for whoever has the token that is set; without one there is no such page."""
    token = current_app.config["METRICS_TOKEN"]
    given = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        abort(404)
    return Response(generate_latest(_requests()) + generate_latest(_work()), content_type=CONTENT_TYPE_LATEST)


def _requests() -> CollectorRegistry:
    """What this process counted, or where the server has several, all of them together."""
    registry: CollectorRegistry = current_app.extensions["metrics"]
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)
    return registry


class _Work:
    """The queue and its workers, as they are when asked."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge for each measure."""
        with transaction() as session:
            measures = measure_work(session, dt.datetime.now(dt.UTC))
        jobs = GaugeMetricFamily("planner_jobs", "Jobs by kind and status.", labels=("kind", "status"))
        for (kind, status), count in sorted(measures.jobs.items()):
            jobs.add_metric((kind, status), count)
        yield jobs
        yield GaugeMetricFamily("planner_queue_seconds", "Time the oldest job waits.", value=measures.longest_wait)
        silences = GaugeMetricFamily("planner_worker_silence_seconds", "Time since a sign of life.", labels=("worker",))
        for worker, seconds in measures.silences.items():
            silences.add_metric((worker,), seconds)
        yield silences
        deliveries = GaugeMetricFamily("planner_webhook_deliveries", "Deliveries by status.", labels=("status",))
        for outcome, number in measures.deliveries.items():
            deliveries.add_metric((outcome,), number)
        yield deliveries


def _work() -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(_Work())
    return registry


def _plain(text: str, status: int = 200) -> Response:
    return Response(f"{text}\n", status, mimetype="text/plain")
