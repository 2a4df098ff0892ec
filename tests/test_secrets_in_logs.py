"""Whatever happens, no log tells a password, a token or a key: everything is logged, at its most talkative."""

import datetime as dt
import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from models import User
from planner.app import create_app
from planner.config import Settings
from planner.logs import configure_logs
from planner.services.accounts import issue_link
from planner.services.permissions import OPERATOR

PASSWORD: Final = "รหัสผ่านที่ห้ามบันทึก-41"
KEY: Final = "a-key-that-nobody-may-log"
MONITORING: Final = "monitoring-token-nobody-may-log"


@pytest.fixture(params=["json", "text"])
def log(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """Everything that anybody logs."""
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in ("sqlalchemy", "sqlalchemy.engine", "werkzeug"))]
    handlers, levels = root.handlers[:], [logger.level for logger in loggers]
    stream = io.StringIO()
    configure_logs(request.param, stream)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield stream
    root.handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def app(web_app: Flask) -> Iterator[Flask]:
    """The application with secrets of its own."""
    settings = Settings(str(web_app.extensions["engine"].url), KEY, metrics_token=MONITORING)
    app = create_app(settings)
    yield app
    app.extensions["engine"].dispose()


def test_coming_in_in_every_way_leaves_no_secret_in_the_log(
    app: Flask, log: io.StringIO, visitor: Any, program: Callable[[str], Any]
) -> None:
    visitor.client = app.test_client()
    asking = program("de_planner")
    with app.extensions["sessions"].begin() as session:
        link = issue_link(session, OPERATOR, "auditor", dt.datetime.now(dt.UTC))
    secrets = [PASSWORD, KEY, MONITORING, asking.headers["Authorization"].removeprefix("Bearer "), link.token]
    visitor.send("/sign-in", {"username": "auditor", "password": PASSWORD})
    visitor.open(f"/password/{link.token}")
    assert visitor.send(f"/password/{link.token}", {"password": PASSWORD, "again": PASSWORD}).status_code == 302
    assert visitor.send("/sign-in", {"username": "auditor", "password": PASSWORD}).status_code == 302
    cookie = visitor.client.get_cookie("planner_session")
    secrets += [cookie.value, visitor.token()]
    page = visitor.open("/account/second-factor")
    secrets.append(page.select_one("section p.mono").get_text(strip=True).replace(" ", ""))
    visitor.client.get("/metrics", headers={"Authorization": f"Bearer {MONITORING}"})
    visitor.client.get("/metrics", headers={"Authorization": f"Bearer {MONITORING}x"})
    assert visitor.client.get("/api/v1/me", headers=asking.headers).status_code == 200
    visitor.client.get("/api/v1/me", headers={"Authorization": f"Bearer {PASSWORD}"})
    visitor.send("/sign-out")
    assert "request" in log.getvalue()
    assert not [secret for secret in secrets if secret in _readable(log)]


@pytest.mark.parametrize("path", ["/sign-in", "/password/{token}"])
def test_a_defect_is_logged_without_what_was_in_hand(
    app: Flask, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    def break_down(**_parts: str) -> str:
        password = PASSWORD
        raise LookupError(len(password))

    token = "a-token-of-a-link-nobody-may-log"
    for endpoint in ("auth.sign_in", "auth.set_password"):
        monkeypatch.setitem(app.view_functions, endpoint, break_down)
    assert app.test_client().get(path.format(token=token)).status_code == 500
    text = _readable(log)
    assert "break_down" in text
    assert "LookupError" in text
    assert PASSWORD not in text
    assert token not in text


def test_what_the_database_refuses_is_told_without_its_values(app: Flask) -> None:
    with app.extensions["sessions"]() as session:
        user = session.scalars(select(User).where(User.username == "auditor")).one()
        user.username, user.password_hash = "Auditor", PASSWORD
        with pytest.raises(IntegrityError) as caught:
            session.flush()
    assert "UPDATE user_account" in str(caught.value)
    assert PASSWORD not in str(caught.value)


def test_a_method_that_somebody_made_up_is_none_that_monitoring_counts_by(app: Flask) -> None:
    client = app.test_client()
    for number in range(3):
        assert client.open("/sign-in", method=f"MADEUP{number}").status_code == 405
    counted = client.get("/metrics", headers={"Authorization": f"Bearer {MONITORING}"}).text
    assert "MADEUP" not in counted
    assert 'method="none",route="none",status="405"' in counted


def _readable(log: io.StringIO) -> str:
    """The log, with what JSON wrote in another way as it was."""
    text = log.getvalue()
    if text.startswith("{"):
        text += "".join(json.dumps(json.loads(line), ensure_ascii=False) for line in text.splitlines())
    return text
