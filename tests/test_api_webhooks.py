"""The API of webhooks: what their pages can do."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import ApiAnswer, Role, User
from planner.services.accounts import load_actor
from planner.services.tokens import SCOPES, NewToken, issue_token

NEW = {"name": "คลังข้อมูลกลาง", "url": "https://hooks.example.go.th/in", "events": ["plan.published"]}


class Program:
    """A program with a token of a person of that role."""

    def __init__(self, app: Flask, role: Role) -> None:
        self.client = app.test_client()
        with app.extensions["sessions"].begin() as session:
            key = session.scalars(select(User.id).where(User.role == role).order_by(User.id)).first()
            wanted = NewToken("program", 1, SCOPES)
            token = issue_token(session, load_actor(session, key), wanted, dt.datetime.now(dt.UTC))
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, status: int = 200, **headers: str
    ) -> TestResponse:
        """Send a request below /api/v1, which must be answered with `status`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.open(f"/api/v1/{path}", method=method, json=body, headers={**self.headers, **named})
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def admin(web_app: Flask) -> Program:
    return Program(web_app, Role.ADMINISTRATOR)


def test_a_webhook_lives_and_its_secret_is_told_once(admin: Program, web_app: Flask) -> None:
    admin.ask("POST", "webhooks", NEW, 400, Idempotency_Key="k")  # its answer would be kept with the key
    made = admin.ask("POST", "webhooks", NEW, 201)
    assert made.headers["Location"].endswith("/api/v1/webhooks/WH-000001")
    assert made.json["secret"].startswith("whsec_")
    with web_app.extensions["sessions"]() as session:
        assert session.scalars(select(ApiAnswer)).all() == []
    shown = admin.ask("GET", "webhooks/WH-000001")
    assert shown.headers["ETag"] == f'"{shown.json["version"]}"'
    assert {key: shown.json[key] for key in NEW} == NEW
    assert "secret" not in shown.json
    changed = admin.ask("PATCH", "webhooks/WH-000001", {"name": "ใหม่"}, If_Match=shown.headers["ETag"])
    assert (changed.json["name"], changed.json["events"]) == ("ใหม่", NEW["events"])
    admin.ask("PATCH", "webhooks/WH-000001", {"name": "x"}, 412, If_Match=shown.headers["ETag"])
    admin.ask("PATCH", "webhooks/WH-000001", {"name": "x"}, 428)
    assert admin.ask("POST", "webhooks/WH-000001/secret").json["secret"] != made.json["secret"]
    assert not admin.ask("POST", "webhooks/WH-000001/pause").json["active"]
    admin.ask("POST", "webhooks/WH-000001/test", status=409)
    assert admin.ask("POST", "webhooks/WH-000001/resume").json["active"]
    (row,) = admin.ask("GET", "webhooks").json["items"]
    assert (row["code"], row["events"]["en"]) == ("WH-000001", "A plan was published")
    admin.ask("DELETE", "webhooks/WH-000001", status=412, If_Match='"1"')
    admin.ask("DELETE", "webhooks/WH-000001", status=204, If_Match="*")
    admin.ask("GET", "webhooks/WH-000001", status=404)


def test_every_fault_is_told_with_its_address(admin: Program) -> None:
    wrong = NEW | {"name": " ", "url": "https://elsewhere.example/", "events": []}
    told = admin.ask("POST", "webhooks", wrong, 422).json
    assert {fault["address"]: fault["code"] for fault in told["faults"]} == {
        "name": "missing",
        "url": "host_not_allowed",
        "events": "missing",
    }
    assert admin.ask("GET", "webhooks").json["items"] == []


def test_deliveries_come_part_by_part_the_newest_first_while_others_are_added(admin: Program) -> None:
    admin.ask("POST", "webhooks", NEW, 201)
    for _ in range(3):
        admin.ask("POST", "webhooks/WH-000001/test", status=204)
    first = admin.ask("GET", "webhooks/WH-000001/deliveries?limit=2").json
    admin.ask("POST", "webhooks/WH-000001/test", status=204)
    second = admin.ask("GET", f"webhooks/WH-000001/deliveries?limit=2&cursor={first['next']}").json
    numbers = [[row["number"] for row in part["items"]] for part in (first, second)]
    assert (numbers, second["next"]) == ([["3", "2"], ["1"]], None)
    delivery = admin.ask("GET", "webhooks/WH-000001/deliveries/2").json
    assert (delivery["status"], delivery["tries"]["rows"]) == ("waiting", [])
    assert '"type": "test"' in delivery["body"]
    assert admin.ask("POST", "webhooks/WH-000001/deliveries/2/again").json["number"] == 2
    for number in (9, 2**31 - 1):
        admin.ask("GET", f"webhooks/WH-000001/deliveries/{number}", status=404)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
@pytest.mark.usefixtures("told_webhook")
def test_nobody_else_reaches_them(web_app: Flask, role: Role) -> None:
    program = Program(web_app, role)
    for method, path in (("GET", "webhooks"), ("GET", "webhooks/WH-000001"), ("POST", "webhooks/WH-000001/secret")):
        assert program.ask(method, path, status=403).json["code"] == "forbidden"
