"""What machines ask, and what is told of every request."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session, sessionmaker

from planner.app import create_app
from planner.config import Settings, load_settings
from planner.logs import configure_logs
from planner.services.permissions import OPERATOR
from planner.services.planning import queue_run

TOKEN = "a-token-of-monitoring"


@pytest.fixture
def app(world: sessionmaker[Session]) -> Iterator[Flask]:
    """The application on a database that holds the small world, with metrics for whoever has the token."""
    url = world.kw["bind"].url.render_as_string(hide_password=False)
    app = create_app(Settings(url, "not a secret", metrics_token=TOKEN))
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything that is logged, as JSON."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs("json", stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_process_that_serves_says_so(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/readyz"):
        response = client.get(path)
        assert (response.status_code, response.text) == (200, "ok\n")


def test_a_database_without_the_newest_tables_is_not_ready(tmp_path: Path) -> None:
    app = create_app(Settings(f"sqlite:///{tmp_path / 'empty.db'}", "not a secret"))
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.text) == (503, "migrations\n")
    assert app.test_client().get("/healthz").status_code == 200


def test_a_database_that_is_away_is_not_ready_and_nothing_of_it_is_told() -> None:
    app = create_app(Settings("postgresql+psycopg://planner:secret@127.0.0.1:1/none", "not a secret"))
    response = app.test_client().get("/readyz")
    assert (response.status_code, response.text) == (503, "database\n")


def metrics(app: Flask) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    response = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    families = text_string_to_metric_families(response.text)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_monitoring_reads_requests_and_the_queue(app: Flask, world: sessionmaker[Session]) -> None:
    queue_run(world, OPERATOR, "แผน")
    app.test_client().get("/healthz")
    app.test_client().get("/no/such/page")
    read = metrics(app)
    counted = {
        dict(labels)["route"]: value
        for (name, labels), value in read.items()
        if name == "planner_request_seconds_count"
    }
    assert counted == {"/healthz": 1.0, "none": 1.0}
    assert read["planner_jobs", (("kind", "plan_run"), ("status", "queued"))] == 1.0
    assert read["planner_queue_seconds", ()] >= 0.0


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": TOKEN}])
def test_metrics_are_for_whoever_has_the_token(app: Flask, headers: dict[str, str]) -> None:
    assert app.test_client().get("/metrics", headers=headers).status_code == 404


def test_without_a_token_there_are_no_metrics(world: sessionmaker[Session]) -> None:
    url = world.kw["bind"].url.render_as_string(hide_password=False)
    app = create_app(Settings(url, "not a secret"))
    assert app.test_client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    app.extensions["engine"].dispose()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_every_request_leaves_one_line_that_names_the_route_and_no_secret(app: Flask, log: io.StringIO) -> None:
    client = app.test_client()
    response = client.get("/password/a-secret-token-of-a-link", headers={"X-Request-ID": "from-the-proxy-1"})
    (line,) = [line for line in lines(log) if line["event"] == "request"]
    assert response.headers["X-Request-ID"] == line["request"] == "from-the-proxy-1"
    assert (line["method"], line["status"], line["actor"]) == ("GET", response.status_code, None)
    assert "<token>" in line["route"]
    assert "a-secret-token" not in log.getvalue()
    assert line["ms"] >= 0


@pytest.mark.parametrize("given", ["", "short", "with blank in it", "x" * 65, "new\tline-and-more"])
def test_a_number_that_is_none_gets_one_of_ours(app: Flask, given: str) -> None:
    number = app.test_client().get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", number)


def test_what_breaks_is_logged_with_the_number_that_the_page_shows(
    app: Flask, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.view_functions, "auth.sign_in", lambda: 1 / 0)
    response = app.test_client().get("/sign-in")
    assert response.status_code == 500
    number = response.headers["X-Request-ID"]
    assert number in response.text
    (line,) = [line for line in lines(log) if line["level"] == "error"]
    assert line["request"] == number
    assert "ZeroDivisionError" in json.dumps(line)


def test_logs_for_people_are_one_line_an_event(log: io.StringIO) -> None:
    stream = io.StringIO()
    configure_logs("text", stream)
    logging.getLogger("planner").warning("a worker was lost: %s", "w-1")
    assert "a worker was lost: w-1" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


@pytest.mark.parametrize(
    ("setting", "value"),
    [("PLANNER_LOG", "xml"), ("PLANNER_METRICS_TOKEN", "sesame"), ("PLANNER_METRICS_TOKEN", "ก" * 30)],
)
def test_bad_settings_are_named_but_no_token_repeated(tmp_path: Path, setting: str, value: str) -> None:
    with pytest.raises(ValueError, match=setting) as error:
        load_settings({setting: value}, tmp_path)
    assert setting == "PLANNER_LOG" or value not in str(error.value)
