"""What every operation of the API shares: who gets in, one shape of errors, versions, cursors, keys, rates."""

import datetime as dt
import errno
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
import schemathesis
from bs4 import BeautifulSoup
from flask import Flask
from programs import ROOT, Program
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

import models
from models import Role
from planner.api.errors import CODES
from planner.api.v1 import RESOURCES
from planner.app import create_app
from planner.config import Settings
from planner.errors import PlannerError

NEW = {"title": "ระบบใหม่", "agency": "21004", "priority": "high", "clearance": "open", "start_year": 2027}

LISTS = import_module("planner.api.v1.requirements")

Make = Callable[..., Program]


def told(response: TestResponse, status: int) -> dict[str, Any]:
    """The error that was answered, which has the one shape and the headers of every answer."""
    assert response.status_code == status, response.text
    answer: dict[str, Any] = response.json
    assert answer.keys() == {"code", "message", "faults", "request_id"}
    assert answer["code"] == CODES[status][0]
    assert answer["message"]["th"]
    assert answer["request_id"] == response.headers["X-Request-ID"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in response.headers
    return answer


@pytest.fixture
def de(program: Make) -> Program:
    return program(Role.DE_PLANNER)


def test_nobody_gets_in_without_a_token_that_works(web_app: Flask, visitor_as, de: Program) -> None:
    browser = visitor_as(Role.DE_PLANNER).client
    assert browser.get("/requirements/").status_code == 200
    for header in (
        None,
        "Basic YTpi",
        "Bearer",
        "Bearer ",
        "Bearer dcp_no-such-token",
        de.headers["Authorization"] + "x",
    ):
        answer = browser.get(f"{ROOT}/requirements", headers={"Authorization": header} if header else {})
        told(answer, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    with web_app.extensions["sessions"].begin() as session:
        session.execute(
            update(models.ApiToken).values(
                expires_at=dt.datetime.now(dt.UTC), created_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
            )
        )
    told(de.ask("GET", "/me"), 401)


def test_a_token_does_no_more_than_its_scopes_and_its_owner(program: Make) -> None:
    reader = program(Role.DE_PLANNER, ("requirements:read", "plans:write"))
    assert reader.get("/requirements/R-000001")["code"] == "R-000001"
    assert reader.get("/plans")["items"]
    answer = reader.ask("POST", "/requirements", NEW)
    assert "requirements:write" in told(answer, 403)["message"]["en"]
    assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]
    told(reader.ask("GET", "/datasets"), 403)
    auditor = program(Role.AUDITOR)
    told(auditor.ask("POST", "/requirements", NEW), 403)
    me = auditor.get("/me")
    assert (me["role"], me["ministry"]) == ("auditor", None)
    assert "edit_requirements" not in me["permissions"]
    assert "requirements:write" in me["scopes"]


def test_another_ministrys_object_is_not_there(program: Make) -> None:
    ministry = program("ministry")
    other = ministry.ask("GET", "/requirements/R-000002")
    missing = ministry.ask("GET", "/requirements/R-999999")
    assert {**told(other, 404), "request_id": ""} == {**told(missing, 404), "request_id": ""}


def test_what_is_no_operation_is_told_in_the_same_shape(de: Program) -> None:
    told(de.ask("GET", "/nothing"), 404)
    told(de.client.get("/api/nothing"), 404)
    answer = de.ask("DELETE", "/requirements")
    told(answer, 405)
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    told(de.client.options(f"{ROOT}/requirements"), 405)


UNMEANT = (
    (b"{", "application/json", 400),
    (b'{"title": "a\\u0000b"}', "application/json", 400),
    (b'{"title": "\xff"}', "application/json", 400),
    (b'{"title": "\\ud800"}', "application/json", 400),
    (b"[" * 100_000, "application/json", 400),
    (b'{"weight": 1' + b"0" * 5000 + b"}", "application/json", 400),
    (b'{"weight": NaN}', "application/json", 422),
    (b'{"weight": 1e400}', "application/json", 422),
    (b'"{}"', "application/json", 422),
    (b"[]", "application/json", 422),
    (b'{"copies": "2"}', "application/json", 422),
    (b"title=a", "application/x-www-form-urlencoded", 415),
    (b"{}", "", 415),
)


def test_content_that_cannot_be_meant_is_refused(de: Program) -> None:
    for content, media_type, status in UNMEANT:
        answer = de.client.post(f"{ROOT}/requirements", data=content, headers=de.headers, content_type=media_type)
        told(answer, status)


def test_what_is_too_large_is_refused(web_app: Flask, de: Program) -> None:
    web_app.extensions["api"].config["MAX_CONTENT_LENGTH"] = 100
    told(de.ask("POST", "/requirements", {"note": "x" * 100}), 413)


def test_every_fault_is_told_with_its_address(de: Program) -> None:
    wrong = {"title": "x" * 301, "copies": 3, "demand": {"vcpu": {"27": 1}}, "colour": "red", "weight": -1}
    assert de.faults("POST", "/requirements", wrong) == {
        "title": "string_too_long",
        "copies": "less_than_equal",
        "demand.vcpu.27.[key]": "string_pattern_mismatch",
        "colour": "extra_forbidden",
        "weight": "greater_than",
    }
    assert de.faults("POST", "/requirements", {**NEW, "agency": "?", "demand": {"nope": {"2027": 1}}}) == {
        "agency": "unknown_code",
        "demand.nope.2027": "fixed_column",
    }
    assert de.faults("GET", "/requirements?limit=0&status=lost&order=up&colour=red") == {
        "limit": "greater_than_equal",
        "status": "literal_error",
        "order": "literal_error",
        "colour": "extra_forbidden",
    }
    assert de.faults("GET", "/me?x=1") == {"x": "extra_forbidden"}


def failing(error: Exception) -> Callable[..., None]:
    def fail(*_arguments: object) -> None:
        raise error

    return fail


def test_an_error_of_any_other_status_has_the_shape_too(de: Program, monkeypatch) -> None:
    class OddError(PlannerError):
        status = 502

    monkeypatch.setattr(LISTS, "list_requirements", failing(OddError()))
    answer = de.ask("GET", "/requirements")
    assert (answer.status_code, answer.json["code"]) == (502, "defect")


def test_a_defect_tells_nothing_but_its_number(de: Program, monkeypatch, caplog) -> None:
    monkeypatch.setattr(LISTS, "list_requirements", failing(RuntimeError("the secret of the house")))
    answer = de.ask("GET", "/requirements")
    told(answer, 500)
    assert "secret of the house" not in answer.text
    assert "secret of the house" in caplog.text
    assert de.headers["Authorization"].removeprefix("Bearer ") not in caplog.text


def test_a_database_that_does_not_answer_is_told_as_such(de: Program, monkeypatch) -> None:
    away = OperationalError("SELECT 1", {}, Exception("database is locked"))
    monkeypatch.setattr(LISTS, "list_requirements", failing(away))
    answer = de.ask("GET", "/requirements")
    told(answer, 503)
    assert answer.headers["Retry-After"]
    assert "SELECT" not in answer.text


@pytest.mark.parametrize(("reason", "status"), [(errno.ENOSPC, 503), (errno.EFBIG, 503), (errno.EACCES, 500)])
def test_a_full_disk_is_told_from_a_defect(de: Program, monkeypatch, reason: int, status: int) -> None:
    monkeypatch.setattr(LISTS, "list_requirements", failing(OSError(reason, "as the system says it")))
    answer = de.ask("GET", "/requirements")
    told(answer, status)
    assert ("Retry-After" in answer.headers) is (status == 503)


def test_a_change_names_the_version_that_it_is_based_on(de: Program) -> None:
    made = de.ask("POST", "/requirements", NEW)
    assert made.status_code == 201
    assert made.headers["ETag"] == '"1"'
    path = made.headers["Location"].removeprefix(ROOT)
    told(de.ask("PATCH", path, {"title": "ก"}), 428)
    changed = de.ask("PATCH", path, {"title": "ก"}, version=1)
    assert (changed.status_code, changed.headers["ETag"], changed.json["title"]) == (200, '"2"', "ก")
    for version in (1, 99, "weak", "0"):
        told(de.ask("PATCH", path, {"title": "ข"}, version=version), 412)
    told(de.ask("POST", f"{path}/steps", {"action": "submit"}, version=1), 412)
    assert de.expect(200, "PATCH", path, {"title": "ข"}, version="*")["version"] == 3
    assert de.get(path)["title"] == "ข"


def test_a_list_is_read_on_from_where_it_was_left(de: Program) -> None:
    first = de.get("/requirements?sort=title&order=desc&limit=4")
    cursor = first["next"]
    de.expect(201, "POST", "/requirements", {**NEW, "title": "ฮ"})
    rest = de.get(f"/requirements?sort=title&order=desc&limit=4&cursor={cursor}")
    assert rest["next"] is None
    assert sorted(item["code"] for item in first["items"] + rest["items"]) == [f"R-{n:06}" for n in range(1, 7)]
    for elsewhere in (
        f"/requirements?cursor={cursor}",
        f"/requirements?sort=title&order=desc&q=a&cursor={cursor}",
        f"/datasets?sort=title&order=desc&cursor={cursor}",
        f"/requirements?sort=title&order=desc&cursor={cursor}x",
        "/requirements?cursor=W10",
    ):
        assert de.faults("GET", elsewhere) == {"cursor": "unknown_cursor"}


def keyed(program: Program, key: str, body: Any, path: str = "/requirements", **more: str) -> TestResponse:
    headers = {**program.headers, "Idempotency-Key": key, **more}
    return program.client.post(ROOT + path, json=body, headers=headers)


def test_a_request_that_is_sent_again_is_done_once(program: Make, de: Program) -> None:
    first, again = keyed(de, "one", NEW), keyed(de, "one", NEW)
    assert (first.status_code, first.data, first.headers["Location"]) == (201, again.data, again.headers["Location"])
    assert (first.headers["ETag"], again.status_code) == (again.headers["ETag"], 201)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    told(keyed(de, "one", {**NEW, "title": "another"}), 422)
    assert keyed(program(Role.DE_PLANNER), "one", NEW).json["code"] != first.json["code"]
    assert len(de.get("/requirements")["items"]) == 8


def test_what_failed_is_not_kept(de: Program) -> None:
    told(keyed(de, "two", {**NEW, "agency": "?"}), 422)
    assert keyed(de, "two", NEW).status_code == 201
    told(keyed(de, "a key", NEW), 400)
    told(keyed(de, "x" * 256, NEW), 400)
    step = {"action": "submit"}
    stale = keyed(de, "three", step, "/requirements/R-000005/steps", **{"If-Match": '"9"'})
    told(stale, 412)
    assert keyed(de, "three", step, "/requirements/R-000005/steps", **{"If-Match": '"1"'}).status_code == 200


def test_an_answer_with_a_secret_is_never_kept(web_app: Flask, program: Make) -> None:
    secrets = [operation for resource in RESOURCES for operation in resource.operations if operation.secret]
    assert secrets
    admin = program(Role.ADMINISTRATOR)
    told(keyed(admin, "four", {}, secrets[0].path.removeprefix(ROOT)), 400)
    with web_app.extensions["sessions"]() as session:
        assert not session.scalars(select(models.ApiAnswer)).all()


@pytest.fixture
def slow_app(web_app: Flask) -> Iterator[Flask]:
    """The same, for three requests a minute and token."""
    app = create_app(Settings(str(web_app.extensions["engine"].url), "for the tests alone", api_rate=3))
    yield app
    app.extensions["engine"].dispose()


def test_a_token_is_used_so_often_and_no_more(slow_app: Flask, web_template) -> None:
    username = web_template[1][Role.AUDITOR].username
    busy, other = (Program(slow_app, username, ("requirements:read",)) for _ in range(2))
    left = [busy.ask("GET", "/me").headers["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = busy.ask("GET", "/me")
    told(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert other.ask("GET", "/me").status_code == 200


def references(value: Any) -> Iterator[str]:
    match value:
        case dict():
            yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
            for inner in value.values():
                yield from references(inner)
        case list():
            for inner in value:
                yield from references(inner)


def test_the_api_describes_itself_whole(web_app: Flask) -> None:
    client = web_app.test_client()
    answer = client.get(f"{ROOT}/openapi.json")
    described = answer.json
    assert described["openapi"].startswith("3.1.")
    schemathesis.openapi.from_dict(described).validate()
    for reference in references(described):
        found: Any = described
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(operation["summary"].endswith((".", ":")) for operation in operations)
    assert len(operations) == sum(len(resource.operations) for resource in RESOURCES)
    assert "$defs" not in json.dumps(described)
    assert "Set-Cookie" not in answer.headers


def test_the_documentation_loads_nothing_from_elsewhere(web_app: Flask) -> None:
    client = web_app.test_client()
    page = client.get(f"{ROOT}/docs")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    loaded = [part.get("href") or part["src"] for part in BeautifulSoup(page.text, "lxml").select("link, [src]")]
    assert loaded
    for path in loaded:
        with client.get(path) as answer:
            assert answer.status_code == 200, path


def test_the_documentation_is_introduced_in_thai_and_in_english(web_app: Flask, visitor_as) -> None:
    client = web_app.test_client()
    thai, english, unknown = (
        BeautifulSoup(client.get(f"{ROOT}/docs{query}").text, "lxml") for query in ("", "?language=en", "?language=%3C")
    )
    assert thai == unknown
    assert (thai.html["lang"], english.html["lang"], thai.main["lang"]) == ("th", "en", "en")
    assert thai.title.text == thai.h1.text == "API · ระบบวางแผนความจุศูนย์ข้อมูลภาครัฐ"
    assert [link["href"] for link in thai.header.select("a")] == ["?language=en", "/account/tokens/"]
    assert [link["href"] for link in english.header.select("a")] == ["?language=th", "/account/tokens/"]
    tokens = visitor_as(Role.DE_PLANNER).open("/account/tokens/")
    assert tokens.select_one(f'a[href="{ROOT}/docs?language=th"]')
