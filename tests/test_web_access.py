"""Every route stands in exactly one access list, and every role meets each route as its list says.

The lists stand in `access_lists`. The tests fail until a new route is in all of them that it belongs to.
"""

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import pytest
from access_lists import ADMIN, BY_ROLE, ENDING, HR, MINISTRY, PUBLIC, SIGNED_IN, STRANGER
from access_objects import AS_JSON, ASKED_BY_QUERY, FOREIGN, FOREIGN_FORMS, OF_NO_MINISTRY, PARTS, forms
from bs4 import BeautifulSoup
from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models import ApiToken, Role, User
from planner.web.security import PUBLIC as OPEN_TO_STRANGERS

DIGITS: Final = re.compile(r"\d")

pytestmark = pytest.mark.usefixtures(
    "attached_files", "imported_files", "written_workbooks", "what_if", "closing_plan", "web_register", "told_webhook"
)


def hold_token(app: Flask, username: str) -> None:
    """Give a person a token of number 1."""
    with app.extensions["sessions"].begin() as database:
        made_at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
        database.add(
            ApiToken(
                id=1, user=database.scalars(select(User).where(User.username == username)).one(), name="a program",
                token_hash="0" * 64, scopes=("requirements:read",), created_at=made_at,
                expires_at=made_at + dt.timedelta(days=30),
            )
        )  # fmt: skip


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def test_every_route_stands_in_exactly_one_list(web_app: Flask) -> None:
    lists = [PUBLIC, SIGNED_IN, set(BY_ROLE)]
    assert set.union(*lists) == endpoints(web_app)
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_the_application_has_the_same_list_of_public_routes() -> None:
    assert OPEN_TO_STRANGERS == PUBLIC


def rules(app: Flask) -> list[Rule]:
    """Every route, those that end the session last. One that is not described yet fails the first two tests alone."""
    described = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint in PUBLIC | SIGNED_IN | set(BY_ROLE) and rule.arguments <= set(PARTS.get(rule.endpoint, ()))
    ]
    return sorted(described, key=lambda rule: (rule.endpoint in ENDING, rule.endpoint))


def meet(
    visitor: Any, rule: Rule, method: str, parts: Mapping[str, str], form: Mapping[str, Any] | None = None
) -> TestResponse:
    """What the route answers when its address is filled with `parts` and `form`, or its own form, is sent."""
    with visitor.client.application.test_request_context():
        path = url_for(rule.endpoint, **parts)
    if method == "GET":
        return visitor.client.get(path)
    send = visitor.send_json if rule.endpoint in AS_JSON else visitor.send
    return send(path, form or forms(rule.endpoint))


def test_no_route_works_in_a_way_that_is_not_tried(web_app: Flask) -> None:
    assert {method for rule in web_app.url_map.iter_rules() for method in rule.methods} == {
        "GET",
        "HEAD",
        "OPTIONS",
        "POST",
    }


def test_every_address_with_parts_says_what_is_another_ministrys(web_app: Flask) -> None:
    with_parts = {rule.endpoint for rule in web_app.url_map.iter_rules() if rule.arguments}
    assert set(FOREIGN) | OF_NO_MINISTRY == set(PARTS) == with_parts
    assert not set(FOREIGN) & OF_NO_MINISTRY


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_each_role_meets_each_route_as_its_list_says(web_app: Flask, visitor, who: str) -> None:
    """A stranger is led to sign in, a role without the permission is told so, anybody else is served."""
    if who != STRANGER:
        visitor.sign_in(who)
        hold_token(web_app, visitor.accounts[who].username)
    for rule in rules(web_app):
        endpoint = rule.endpoint
        if who != STRANGER and endpoint in ENDING:
            visitor.sign_in(who)
        for method in sorted(rule.methods & {"GET", "POST"}):
            response = meet(visitor, rule, method, PARTS.get(endpoint, {}))
            to_sign_in = response.status_code == 302 and response.location.startswith("/sign-in")
            met = f"{who} {method} {endpoint}: {response.status_code}"
            if who == STRANGER:
                assert to_sign_in is (endpoint not in PUBLIC), met
            elif endpoint in BY_ROLE:
                assert (response.status_code == 403) is (who not in BY_ROLE[endpoint]), met
                unseen = {404} if (endpoint in FOREIGN and who in {ADMIN, HR}) or endpoint in ASKED_BY_QUERY else set()
                assert response.status_code in {200, 302, 403, 409, 422} | unseen, met
            elif endpoint in SIGNED_IN:
                assert response.status_code in {200, 302, 422}, met
            else:
                assert response.status_code in {200, 302, 404}, met
            response.close()


def missing(values: Any) -> Any:
    """The same codes with other numbers, which nothing has."""
    return json.loads(DIGITS.sub("9", json.dumps(values, ensure_ascii=False)))


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_another_ministrys_object_does_not_exist_for_a_ministry(web_app: Flask, visitor, who: str) -> None:
    """By a guessed code a ministry planner finds what is behind a code that nothing has; others find the object.

    An administrator works with the reference data and HR with the register: a page that serves several areas shows
    them nothing of the others.
    """
    if who != STRANGER:
        visitor.sign_in(who)
    for rule in rules(web_app):
        endpoint = rule.endpoint
        if endpoint not in FOREIGN.keys() | FOREIGN_FORMS.keys():
            continue
        parts, form = FOREIGN.get(endpoint, {}), FOREIGN_FORMS.get(endpoint)
        for method in sorted(rule.methods & {"GET", "POST"}):
            response = meet(visitor, rule, method, parts, form)
            met = f"{who} {method} {endpoint}: {response.status_code}"
            if who == STRANGER:
                assert response.status_code == 302, met
                assert response.location.startswith("/sign-in"), met
            elif who not in BY_ROLE.get(endpoint, set(Role)):
                assert response.status_code == 403, met
            elif who == MINISTRY:
                nothing = meet(visitor, rule, method, missing(parts), missing(form))
                assert (response.status_code, words(response)) == (nothing.status_code, words(nothing)), met
                assert response.status_code == 404 or endpoint in FOREIGN_FORMS, met
            else:
                assert response.status_code != 404 or who in {ADMIN, HR}, met
            response.close()


def words(response: TestResponse) -> str:
    """What an answer says beside a page's header, whatever the numbers in it."""
    page = BeautifulSoup(response.text, "lxml")
    return DIGITS.sub("9", (page.main or page).get_text(" ", strip=True))
