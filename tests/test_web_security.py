"""Headers, sessions, CSRF and redirects: what guards every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from access_objects import PARTS
from flask import Flask

from planner.app import create_app
from planner.config import Settings
from planner.guard import HEADERS
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


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sign-in", 200),
        ("/", 302),
        ("/no-such-page", 404),
        ("/static/app.css", 200),
        ("/healthz", 200),
        ("/api/v1/openapi.json", 200),
        ("/api/v1/docs", 200),
        ("/api/v1/me", 401),
        ("/api/v1/no-such-thing", 404),
    ],
)
def test_pages_files_and_the_api_are_guarded_alike(web_app: Flask, path: str, status: int) -> None:
    with web_app.test_client().get(path) as response:
        assert response.status_code == status
        headers = response.headers
    assert set(HEADERS) <= set(headers.keys())
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert "Strict-Transport-Security" not in headers  # over plain HTTP it would mean nothing
    assert len(headers.getlist("X-Content-Type-Options")) == 1


@contextmanager
def app_with(web_app: Flask, **settings: Any) -> Iterator[Flask]:
    """Another application on the same database, with other settings."""
    app = create_app(Settings(str(web_app.extensions["engine"].url), "for the tests alone", **settings))
    yield app
    app.extensions["engine"].dispose()


@pytest.mark.parametrize("path", ["/sign-in", "/static/app.css", "/api/v1/me", "/healthz"])
def test_where_https_ends_in_front_browsers_are_told_to_stay_with_it(web_app: Flask, path: str) -> None:
    with app_with(web_app, secure_cookies=True) as app, app.test_client().get(path) as response:
        assert response.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_over_https_the_cookie_is_of_this_host_alone(web_app: Flask) -> None:
    with app_with(web_app, secure_cookies=True) as app:
        cookie = app.test_client().get("/sign-in").headers["Set-Cookie"]
    parts = {part.strip() for part in cookie.split(";")}
    assert cookie.startswith("__Host-planner_session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= parts
    assert not any(part.startswith("Domain") for part in parts)


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("planner.example.go.th", "/sign-in", 200),
        ("planner.example.go.th:8443", "/sign-in", 200),
        ("PLANNER.example.go.th", "/sign-in", 200),
        ("localhost:8000", "/sign-in", 200),
        ("[::1]:8000", "/sign-in", 200),
        ("evil.example", "/sign-in", 400),
        ("planner.example.go.th.evil.example", "/sign-in", 400),
        ("evil.example", "/api/v1/openapi.json", 400),
        ("evil.example", "/static/app.css", 400),
        ("10.1.2.3", "/healthz", 200),
        ("a b", "/sign-in", 400),
    ],
)
def test_where_the_address_is_set_no_other_host_is_served(web_app: Flask, host: str, path: str, status: int) -> None:
    with (
        app_with(web_app, address="https://planner.example.go.th") as app,
        app.test_client().get(path, headers={"Host": host}) as response,
    ):
        assert response.status_code == status
        assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_no_address_is_made_of_what_a_request_calls_the_host(web_app: Flask) -> None:
    client = web_app.test_client()
    for path in ("/", "/requirements", "/sign-in", "/no-such-page"):
        response = client.get(path, headers={"Host": "evil.example"})
        assert "evil.example" not in response.text + str(response.headers), path
    assert client.get("/requirements?q=a").location == "/requirements/?q=a"


def test_signing_out_clears_what_pages_kept_in_the_browser(visitor_as: Any) -> None:
    visitor = visitor_as("hr")
    assert "Clear-Site-Data" not in visitor.client.get("/").headers
    assert visitor.send("/sign-out").headers["Clear-Site-Data"] == '"storage"'


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


def test_every_form_is_refused_without_the_token_of_its_page(web_app: Flask, visitor_as: Any) -> None:
    """Before anything looks at what it says: another site cannot have the browser of somebody signed in send one."""
    client = visitor_as("de_planner").client
    tried = 0
    with web_app.test_request_context():
        paths = {
            web_app.url_for(rule.endpoint, **PARTS.get(rule.endpoint, {}))
            for rule in web_app.url_map.iter_rules()
            if "POST" in (rule.methods or ())
        }
    for path in sorted(paths):
        for sent in ({"data": {"a": "b"}}, {"json": {"rows": []}}, {"data": {"csrf_token": "made up"}}):
            assert client.post(path, **sent).status_code == 400, path
            tried += 1
    assert tried > 150


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/../security.py",
        "/static/%2e%2e/security.py",
        "/static/..%2fsecurity.py",
        "/static/..\\security.py",
        "/static//etc/passwd",
        "/static/vendor/",
        "/.git/config",
        "/instance/secret_key",
    ],
)
def test_nothing_but_the_files_of_one_folder_is_served(web_app: Flask, path: str) -> None:
    assert web_app.test_client().get(path, follow_redirects=True).status_code == 404


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PUT", "MADEUP"])
def test_methods_that_no_page_has_are_refused(web_app: Flask, method: str) -> None:
    response = web_app.test_client().open("/sign-in", method=method, headers={"Cookie": "a=secret"})
    assert response.status_code == 405
    assert "secret" not in response.text
