"""The page of one's own account, and the page to which an invitation leads."""

import datetime as dt

import pytest
from flask import Flask
from werkzeug.test import Client

from planner.services.accounts import AccountFields, invite
from planner.services.permissions import OPERATOR
from planner.web.devices import device_name
from planner.web.security import TOKEN

NEW = "wat-arun-sunset-91"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"


def elsewhere(visitor) -> Client:
    """Another browser in which the same person is signed in."""
    other = type(visitor)(visitor.client.application, visitor.accounts)
    assert other.sign_in("manager").status_code == 302
    return other


def token_of(visitor) -> str:
    with visitor.client.session_transaction() as session:
        return session[TOKEN]


def test_the_page_shows_who_one_is_and_where_one_is_signed_in(visitor_as) -> None:
    visitor = visitor_as("manager")
    elsewhere(visitor)
    page = visitor.open("/account/")
    assert page.select_one("input[name=full_name]")["value"] == "นางสุภาวดี ตัวอย่าง"
    rows = page.select("tbody tr")
    assert len(rows) == 2
    assert [bool(row.select_one("form")) for row in rows].count(True) == 1  # this browser has no button of its own


def test_the_token_shows_on_no_page(visitor_as) -> None:
    visitor = visitor_as("manager")
    assert token_of(visitor) not in visitor.client.get("/account/").text


def test_name_and_address_are_saved(visitor_as) -> None:
    visitor = visitor_as("manager")
    assert visitor.send("/account/profile", {"full_name": "สุภาวดี", "email": "s@example.org"}).status_code == 302
    assert visitor.open("/account/").select_one("input[name=email]")["value"] == "s@example.org"
    refused = visitor.send("/account/profile", {"full_name": "", "email": "nowhere"})
    assert refused.status_code == 422
    assert 'value="nowhere"' in refused.text
    assert refused.text.count('aria-invalid="true"') == 2


def test_one_browser_signs_another_out(visitor_as) -> None:
    visitor = visitor_as("manager")
    other = elsewhere(visitor)
    page = visitor.open("/account/")
    visitor.send(page.select_one("tbody form")["action"])
    assert other.client.get("/").location == "/sign-in?next=/"
    assert "ออกจากระบบแล้ว" in other.client.get("/sign-in").text
    visitor.open("/")


def test_another_persons_browser_is_not_there(visitor, visitor_as) -> None:
    other = elsewhere(visitor)
    number = other.open("/account/").select_one(".badge").find_parent("tr")
    assert number
    planner = visitor_as("de_planner")
    for number in range(1, 4):
        if planner.send(f"/account/sign-ins/{number}/end").status_code == 302:
            planner.sign_in("de_planner")  # that was the planner's own
    other.open("/")


def test_signing_out_everywhere_takes_every_browser(visitor_as) -> None:
    visitor = visitor_as("manager")
    other = elsewhere(visitor)
    assert visitor.send("/account/sign-ins/end").location == "/sign-in"
    for browser in (visitor, other):
        assert browser.client.get("/").location == "/sign-in?next=/"


def test_signing_out_everywhere_ends_tokens_too_unless_it_is_said_that_they_stay(visitor_as, program) -> None:
    visitor, report = visitor_as("manager"), program("manager")
    page = visitor.open("/account/")
    assert len(page.select("input[name=keep_tokens]")) == 2  # the other one is of the password
    assert visitor.send("/account/sign-ins/end", {"keep_tokens": "y"}).status_code == 302
    assert report.get("/me")["username"] == "manager"
    visitor.sign_in("manager")
    visitor.send("/account/sign-ins/end")
    report.expect(401, "GET", "/me")
    visitor.sign_in("manager")
    assert not visitor.open("/account/").select("input[name=keep_tokens]")


def test_a_cookie_kept_from_before_signing_out_opens_nothing(visitor_as) -> None:
    visitor = visitor_as("manager")
    token = token_of(visitor)
    visitor.send("/sign-out")
    with visitor.client.session_transaction() as session:
        session[TOKEN] = token
    assert visitor.client.get("/").status_code == 302


def test_another_password_keeps_this_browser_alone(visitor_as) -> None:
    visitor = visitor_as("manager")
    other = elsewhere(visitor)
    present = visitor.accounts["manager"].password
    answer = visitor.send("/account/password", {"present": present, "password": NEW, "again": NEW})
    assert answer.status_code == 302
    visitor.open("/")
    assert other.client.get("/").status_code == 302
    assert other.sign_in("manager").status_code == 401


@pytest.mark.parametrize(
    ("sent", "names"),
    [
        ({}, ["present", "password"]),
        ({"present": "wrong", "password": NEW, "again": NEW}, ["present"]),
        ({"present": "phu-khao-thong-68", "password": "short", "again": "short"}, ["password"]),
        ({"present": "phu-khao-thong-68", "password": NEW, "again": NEW + "x"}, ["again"]),
    ],
)
def test_what_is_wrong_with_a_password_stands_at_its_field(visitor_as, sent, names) -> None:
    visitor = visitor_as("manager")
    answer = visitor.send("/account/password", sent)
    assert answer.status_code == 422
    for name in names:
        assert f'id="{name}-error"' in answer.text
    assert answer.text.count("invalid-feedback") == len(names)
    assert NEW not in answer.text


def test_the_theme_goes_with_the_person(visitor_as) -> None:
    visitor = visitor_as("manager")
    visitor.send("/preferences/theme", {"theme": "dark"})
    other = elsewhere(visitor)
    assert other.open("/").html["data-bs-theme"] == "dark"


@pytest.fixture
def link(web_app: Flask) -> str:
    given = AccountFields("มาลี ใจดี", "", "manager", "")
    with web_app.extensions["sessions"].begin() as database:
        return f"/password/{invite(database, OPERATOR, 'malee', given, dt.datetime.now(dt.UTC)).token}"


def test_an_invitation_leads_to_a_password_and_to_the_sign_in(visitor, link: str) -> None:
    page = visitor.open(link)
    assert "มาลี ใจดี" in page.h1.text
    visitor.open(link)  # opening it, as a mail program may, does not use it up
    refused = visitor.send(link, {"password": "password", "again": "password"})
    assert refused.status_code == 422
    assert visitor.send(link, {"password": NEW, "again": NEW}).location == "/sign-in"
    assert visitor.send("/sign-in", {"username": "malee", "password": NEW}).location == "/"
    assert visitor.client.get(link).status_code == 404


def test_a_link_that_is_none_says_whom_to_ask(visitor) -> None:
    assert "ผู้ดูแล" in visitor.open("/password/no-such-token", 404).text


def test_setting_a_password_signs_out_whoever_was_signed_in_here(visitor_as, link: str) -> None:
    visitor = visitor_as("auditor")
    visitor.send(link, {"password": NEW, "again": NEW})
    assert visitor.client.get("/").status_code == 302


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("", "Unknown device"),
        ("<script>", "Unknown device"),
    ],
)
def test_a_device_has_a_name_that_people_know(user_agent: str, name: str) -> None:
    phrase = device_name(user_agent)
    assert phrase.msgid % phrase.params == name
