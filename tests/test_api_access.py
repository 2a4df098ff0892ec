"""Every screen has its equal in the API, and every role meets each operation as it meets the screen."""

import io
import json
from collections.abc import Mapping
from typing import Any, Final

import pytest
from access_lists import BY_ROLE, SIGNED_IN
from api_equals import EQUALS, WITHOUT
from api_lists import (
    BODIES,
    EVERYBODY,
    FOREIGN_PARTS,
    OF_NO_MINISTRY,
    REFUSED,
    ROLES,
    UNOWNED,
    path_of,
)
from flask import Flask
from werkzeug.test import TestResponse

from models import Role
from planner.api import examples
from planner.api.resources import ROOT, Operation
from planner.api.v1 import RESOURCES

OPERATIONS: Final = {operation.endpoint: operation for resource in RESOURCES for operation in resource.operations}

whole_world = pytest.mark.usefixtures(
    "what_if", "closing_plan", "web_register", "told_webhook", "attached_files", "imported_files", "written_workbooks"
)


def roles_of(endpoint: str) -> frozenset[Role]:
    """The roles that meet an operation: those that meet the pages which it equals."""
    pages = [page for page, equal in EQUALS.items() if equal == endpoint]
    met = frozenset().union(*(EVERYBODY if page in SIGNED_IN else BY_ROLE[page] for page in pages))
    return met or ROLES[endpoint]


def test_every_page_has_its_equal_or_a_reason_to_have_none(web_app: Flask) -> None:
    pages = {rule.endpoint for rule in web_app.url_map.iter_rules()}
    assert EQUALS.keys() | WITHOUT.keys() == pages
    assert not EQUALS.keys() & WITHOUT.keys()
    assert all(reason.endswith(".") for reason in WITHOUT.values())


def test_every_operation_is_described() -> None:
    assert set(EQUALS.values()) | ROLES.keys() == OPERATIONS.keys()
    assert not set(EQUALS.values()) & ROLES.keys()
    assert BODIES.keys() == {name for name, operation in OPERATIONS.items() if operation.body}


@pytest.mark.parametrize("endpoint", examples.BODIES)
def test_every_example_is_one_that_its_operation_takes(endpoint: str) -> None:
    """Most are sent below as they stand; of all of them it must at least be true."""
    assert OPERATIONS[endpoint].body.model_validate_json(json.dumps(examples.BODIES[endpoint]))


def test_every_path_with_parts_says_what_is_another_ministrys() -> None:
    named = {name for name, operation in OPERATIONS.items() if [*operation.parts]}
    of_ministries = {name for name in named if OPERATIONS[name].resource.name not in OF_NO_MINISTRY}
    assert FOREIGN_PARTS.keys() | UNOWNED == of_ministries
    assert not FOREIGN_PARTS.keys() & UNOWNED


def send(program: Any, operation: Operation, others: Mapping[str, str | int] | None = None) -> TestResponse:
    """Ask for the operation with everything that it takes."""
    path = path_of(operation, others)
    version = "*" if operation.versioned else None
    if operation.upload:
        files = {"file": (io.BytesIO("ความเห็น".encode()), "a.txt")}
        return program.ask(operation.method, path, version=version, files=files)
    return program.ask(operation.method, path, BODIES.get(operation.endpoint), version=version)


@whole_world
@pytest.mark.parametrize("who", Role)
def test_each_role_meets_each_operation_as_it_meets_the_page(program, who: Role) -> None:
    """A role without the permission is told so, anybody else is served, unless something else is in the way."""
    asking = program(who)
    for name, operation in sorted(OPERATIONS.items(), key=lambda each: each[1].method == "DELETE"):
        response = send(asking, operation)
        met = f"{who} {operation.method} {name}: {response.status_code} {response.json}"
        assert (response.status_code == 403) is (who not in roles_of(name)), met
        if response.status_code >= 300 and response.status_code != 403:
            assert response.status_code in REFUSED.get(name, ()), met


def test_nobody_gets_in_without_a_token(web_app: Flask, visitor) -> None:
    """A session of the pages is nothing to the API."""
    visitor.sign_in(Role.DE_PLANNER)
    first = {operation.resource.name: operation for operation in reversed(OPERATIONS.values())}
    for name, operation in first.items():
        assert visitor.client.open(ROOT + path_of(operation), method=operation.method).status_code == 401, name


@whole_world
@pytest.mark.parametrize("who", [Role.MINISTRY_PLANNER, "hr2"])
def test_another_ministrys_object_does_not_exist(program, who: str) -> None:
    """By a guessed code people of a ministry find what is behind a code that nothing has."""
    asking = program(who)
    role = Role.HR if who == "hr2" else Role(who)
    met = [name for name in FOREIGN_PARTS if role in roles_of(name)]
    assert met
    for name in met:
        operation = OPERATIONS[name]
        if role is Role.HR and operation.resource.name in {"objects", "inbox"}:
            continue
        there = send(asking, operation, FOREIGN_PARTS[name])
        nowhere = send(asking, operation, dict.fromkeys(FOREIGN_PARTS[name], "99999"))
        assert there.status_code == 404, f"{who} {name}: {there.status_code} {there.json}"
        assert {**there.json, "request_id": ""} == {**nowhere.json, "request_id": ""}, name


def test_a_token_does_nothing_that_it_was_not_made_for(program) -> None:
    """Whatever its owner may: without the scope an operation is refused, and reading alone changes nothing."""
    nothing = program(Role.DE_PLANNER, scopes=("webhooks:read",))
    for name, operation in OPERATIONS.items():
        if operation.scope and operation.scope.area != "webhooks":
            response = send(nothing, operation)
            assert response.status_code == 403, name
            assert "insufficient_scope" in response.headers["WWW-Authenticate"], name
