"""Headers, sessions, CSRF and redirects: what guards every page."""

import pytest
from flask import Flask

from planner.app import create_app
from planner.config import Settings
from planner.web.current import client
from planner.web.security import safe_target


@pytest.mark.parametrize("target", ["/", "/requirements/?q=%E0%B8%81&page=2", "/plans/P-000001"])
def test_a_redirect_may_lead_within_the_application(web_app: Flask, target: str) -> None:
    with web_app.test_request_context():
        assert safe_target(target) == target


@pytest.mark.parametrize(
    "target",
    [
        None,
        "",
        "requirements",
        "//example.org",
        "///example.org",
        "/\\example.org",
        "\\\\example.org",
        "https://example.org/",
        "https:example.org",
        "javascript:alert(1)",
        "/\t/example.org",
        "\n//example.org",
    ],
)
def test_a_redirect_never_leads_elsewhere(web_app: Flask, target: str | None) -> None:
    with web_app.test_request_context():
        assert safe_target(target) == "/"


@pytest.mark.parametrize("path", ["/sign-in", "/static/app.css", "/no-such-page"])
def test_every_answer_carries_the_guarding_headers(web_app: Flask, path: str) -> None:
    with web_app.test_client().get(path) as response:
        headers = response.headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_and_static_files_are(web_app: Flask) -> None:
    client = web_app.test_client()
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    with client.get("/static/app.css") as response:
        assert "max-age=31536000" in response.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/sign-in?next=%00", "/requirements/R-%00", "/requirements/?q=a%00b"])
def test_a_nul_in_an_address_is_not_understood(visitor_as, path: str) -> None:
    assert visitor_as("de_planner").client.get(path).status_code == 400


def test_a_nul_in_a_form_is_not_understood(visitor) -> None:
    assert visitor.send("/sign-in", {"username": "a\0", "password": "b"}).status_code == 400


@pytest.mark.parametrize(("proxies", "address"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_what_a_proxy_says_is_believed_where_there_is_one(web_app: Flask, proxies: int, address: str) -> None:
    settings = Settings(str(web_app.extensions["engine"].url), "for the tests alone", proxies=proxies)
    app = create_app(settings)
    with app.test_client() as browser:
        assert browser.get("/sign-in", headers={"X-Forwarded-For": "203.0.113.7"}).status_code == 200
        assert client().address == address
    app.extensions["engine"].dispose()


def test_a_number_that_no_key_can_be_is_no_address(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    visitor.open(f"/import/{2**31}", 404)
    assert visitor.send(f"/import/{10**25}/undo").status_code == 404
    assert visitor.send(f"/account/sign-ins/{10**25}/end").status_code == 404
