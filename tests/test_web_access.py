"""Every route stands in exactly one access list, and every role meets each route as its list says.

A new route goes into one of the lists, `PUBLIC`, `SIGNED_IN` or `BY_ROLE`. If its address has variable parts, they go
into `PARTS`, and another ministry's object into `FOREIGN`, or the endpoint into `OF_NO_MINISTRY`. What its form must
hold goes into `forms`. The tests fail until all of it is there.
"""

import io
from collections.abc import Mapping
from typing import Any, Final

import pytest
from flask import Flask, url_for
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models import Role
from planner.web.security import PUBLIC as OPEN_TO_STRANGERS

STRANGER: Final = "stranger"
DE, MINISTRY, MANAGER, AUDITOR, ADMIN = (
    Role.DE_PLANNER,
    Role.MINISTRY_PLANNER,
    Role.MANAGER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
)

PUBLIC: Final = {
    "auth.set_password",
    "auth.sign_in",
    "preferences.set_language",
    "preferences.set_theme",
    "static",
}
SIGNED_IN: Final = {
    "account.change_password",
    "account.end_sign_in",
    "account.save_profile",
    "account.show",
    "account.sign_out_everywhere",
    "auth.sign_out",
    "home.show",
}
BY_ROLE: Final[Mapping[str, set[Role]]] = {
    "datasets.create": {MINISTRY, DE},
    "datasets.edit": {MINISTRY, DE},
    "datasets.export": {MINISTRY, DE, MANAGER, AUDITOR},
    "datasets.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "datasets.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "imports.apply": {MINISTRY, DE, ADMIN},
    "imports.export": {MINISTRY, DE, ADMIN},
    "imports.preview": {MINISTRY, DE, ADMIN},
    "imports.show": {MINISTRY, DE, ADMIN},
    "imports.template": {MINISTRY, DE, ADMIN},
    "plans.index": {DE, MANAGER, AUDITOR},
    "plans.report": {DE, MANAGER, AUDITOR},
    "plans.run": {DE},
    "plans.show": {DE, MANAGER, AUDITOR},
    "requirements.export": {MINISTRY, DE, MANAGER, AUDITOR},
    "requirements.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "requirements.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "sites.export": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sites.index": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sites.show": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
}
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "datasets.edit": {"code": "D-000001"},
    "datasets.export": {"form": "csv"},
    "datasets.show": {"code": "D-000001"},
    "plans.report": {"code": "P-000001", "language": "th"},
    "plans.show": {"code": "P-000001"},
    "requirements.export": {"form": "csv"},
    "requirements.show": {"code": "R-000001"},
    "sites.export": {"form": "csv"},
    "sites.show": {"code": "BKK1"},
    "static": {"filename": "app.css"},
}
"""The parts of addresses that have any: things that the small world has and its ministry planner (21000) may see."""
FOREIGN: Final[Mapping[str, Mapping[str, str]]] = {
    "datasets.edit": {"code": "D-000002"},
    "datasets.show": {"code": "D-000002"},
    "requirements.show": {"code": "R-000002"},
}
"""The parts that lead to an object of another ministry: to 21000's planner it must not even seem to exist."""
OF_NO_MINISTRY: Final = {
    "datasets.export",
    "plans.report",
    "plans.show",
    "requirements.export",
    "sites.export",
    "sites.show",
    "static",
}
"""Endpoints whose address has parts, but none that names an object of a ministry."""
ENDING: Final = {"auth.sign_out"}
"""Endpoints that end the visitor's own session."""


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def forms(endpoint: str) -> dict[str, Any]:
    """What a form sends to that endpoint, such that it is refused for nothing but the role."""
    return {
        "preferences.set_language": {"language": "en"},
        "preferences.set_theme": {"theme": "dark"},
        "imports.preview": {"workbook": (io.BytesIO(b"not a workbook"), "a.xlsx")},
        "imports.apply": {"workbook": (io.BytesIO(b"not a workbook"), "a.xlsx")},
    }.get(endpoint, {})


def test_every_route_stands_in_exactly_one_list(web_app: Flask) -> None:
    lists = [PUBLIC, SIGNED_IN, set(BY_ROLE)]
    assert set.union(*lists) == endpoints(web_app)
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_the_application_has_the_same_list_of_public_routes() -> None:
    assert OPEN_TO_STRANGERS == PUBLIC


def rules(app: Flask) -> list[Rule]:
    """Every route, those that end the session last."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint in ENDING, rule.endpoint))


def meet(visitor: Any, rule: Rule, method: str, parts: Mapping[str, str]) -> TestResponse:
    """What the route answers when its address is filled with `parts`."""
    with visitor.client.application.test_request_context():
        path = url_for(rule.endpoint, **parts)
    return visitor.client.get(path) if method == "GET" else visitor.send(path, forms(rule.endpoint))


def test_every_address_with_parts_says_what_is_another_ministrys(web_app: Flask) -> None:
    with_parts = {rule.endpoint for rule in web_app.url_map.iter_rules() if rule.arguments}
    assert set(FOREIGN) | OF_NO_MINISTRY == set(PARTS) == with_parts
    assert not set(FOREIGN) & OF_NO_MINISTRY


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_each_role_meets_each_route_as_its_list_says(web_app: Flask, visitor, who: str) -> None:
    """A stranger is led to sign in, a role without the permission is told so, anybody else is served."""
    if who != STRANGER:
        visitor.sign_in(who)
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
                assert response.status_code in {200, 302, 403, 409, 422}, met
            else:
                assert response.status_code in {200, 302}, met
            response.close()


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_another_ministrys_object_does_not_exist_for_a_ministry(web_app: Flask, visitor, who: str) -> None:
    """By a guessed code a ministry planner finds nothing; who may see every ministry finds the object."""
    if who != STRANGER:
        visitor.sign_in(who)
    for rule in rules(web_app):
        for method in sorted(rule.methods & {"GET", "POST"} if rule.endpoint in FOREIGN else ()):
            response = meet(visitor, rule, method, FOREIGN[rule.endpoint])
            met = f"{who} {method} {rule.endpoint}: {response.status_code}"
            if who == STRANGER:
                assert response.status_code == 302, met
                assert response.location.startswith("/sign-in"), met
            elif who not in BY_ROLE.get(rule.endpoint, set(Role)):
                assert response.status_code == 403, met
            else:
                assert (response.status_code == 404) is (who == MINISTRY), met
            response.close()
