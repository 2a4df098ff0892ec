"""Second factors on the pages: setting one up, signing in with it, and losing it."""

import datetime as dt
from dataclasses import replace
from urllib.parse import unquote

import pyotp
import pytest
from defusedxml import ElementTree as Xml
from flask import Flask
from sqlalchemy import select, update

from models import Role, SecondFactor, SignIn, User
from planner.services.second_steps import PENDING_FOR
from planner.web.security import PENDING

STEP = dt.timedelta(seconds=30)


def secret_on(page) -> str:
    return page.select_one("section p.mono").get_text(strip=True).replace(" ", "")


def codes_on(page) -> list[str]:
    return [item.get_text(strip=True) for item in page.select(".recovery-codes li")]


def code_of(secret: str, *, later: int = 0) -> str:
    """The code of now, or of so many half minutes later; a slow machine has at least one more until it is too old."""
    return pyotp.TOTP(secret).at(dt.datetime.now(dt.UTC) + later * STEP)


@pytest.fixture
def manager(visitor_as):
    return visitor_as("manager")


@pytest.fixture
def secret(manager) -> str:
    """The secret with which the manager, who is signed in, set a second factor up, and used the code of now up."""
    secret = secret_on(manager.open("/account/second-factor"))
    sent = {"password": manager.accounts["manager"].password, "code": code_of(secret)}
    answer = manager.send("/account/second-factor", sent)
    assert answer.status_code == 200, answer.text
    return secret


@pytest.fixture
def elsewhere(visitor):
    """Another browser of the same application."""
    return type(visitor)(visitor.client.application, visitor.accounts)


@pytest.fixture
def demanding(web_app: Flask) -> None:
    """The setting under which managers need a second factor."""
    ways = web_app.extensions["ways_in"]
    web_app.extensions["ways_in"] = replace(ways, second_factor=frozenset({Role.MANAGER}))


def test_the_picture_stands_in_the_page_and_stays_the_same(manager):
    page = manager.open("/account/second-factor")
    picture = page.select_one("img.qr")
    kind, _, drawing = picture["src"].partition(",")
    assert kind == "data:image/svg+xml;charset=utf-8"
    assert Xml.fromstring(unquote(drawing)).tag.endswith("svg")
    assert picture["alt"]
    assert secret_on(manager.open("/account/second-factor")) == secret_on(page)


def test_setting_up_needs_the_password_and_a_code_of_the_app(manager):
    secret = secret_on(manager.open("/account/second-factor"))
    password = manager.accounts["manager"].password
    for sent, field in (
        ({"password": "wrong", "code": code_of(secret)}, "password"),
        ({"password": password, "code": "000000"}, "code"),
        ({"password": password, "code": ""}, "code"),
    ):
        answer = manager.send("/account/second-factor", sent)
        assert answer.status_code in {200, 422}
        assert f'id="{field}-error"' in answer.text
    assert "ตั้งค่าการยืนยันตัวตนขั้นที่สอง" in manager.client.get("/account/").text


def test_the_code_is_asked_for_after_the_password(secret, elsewhere):
    answer = elsewhere.sign_in("manager", next="/sites/")
    assert answer.location == "/sign-in/code?next=/sites/"
    assert elsewhere.client.get("/sites/").location.startswith("/sign-in")  # nothing is open yet
    page = elsewhere.open(answer.location)
    assert page.select_one("#code")["autocomplete"] == "one-time-code"
    wrong = elsewhere.send(answer.location, {"code": "000000"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    empty = elsewhere.send(answer.location, {"code": ""})
    assert 'id="code-error"' in empty.text
    assert elsewhere.send(answer.location, {"code": code_of(secret, later=1)}).location == "/sites/"
    assert elsewhere.open("/sites/")


def test_the_second_step_speaks_the_language_of_the_person(manager, secret, elsewhere):
    manager.send("/preferences/language", {"language": "en"})
    elsewhere.sign_in("manager")
    assert elsewhere.open("/sign-in/code").html["lang"] == "en"


def test_the_second_step_leads_nowhere_else(secret, elsewhere):
    elsewhere.sign_in("manager")
    assert elsewhere.send("/sign-in/code?next=https://example.org/", {"code": code_of(secret, later=1)}).location == "/"


def test_a_recovery_code_lets_in_once(manager, elsewhere):
    secret = secret_on(manager.open("/account/second-factor"))
    sent = {"password": manager.accounts["manager"].password, "code": code_of(secret)}
    answer = manager.send("/account/second-factor", sent)
    first = answer.text.partition('recovery-codes mono">')[2].partition("<li>")[2].partition("<")[0]
    elsewhere.sign_in("manager")
    assert elsewhere.send("/sign-in/code", {"code": first}).location == "/"
    elsewhere.send("/sign-out")
    elsewhere.sign_in("manager")
    assert elsewhere.send("/sign-in/code", {"code": first}).status_code == 401


def test_neither_secret_nor_codes_are_shown_again(manager, secret):
    text = manager.client.get("/account/").text
    assert secret not in text
    assert "recovery-codes" not in text
    assert manager.client.get("/account/second-factor").location == "/account/"


def test_without_a_password_nobody_gets_to_the_second_step(visitor):
    for path in ("/sign-in/code", "/sign-in/set-up"):
        assert "โปรดเข้าสู่ระบบใหม่" in visitor.open(path, 404).get_text()
        assert visitor.send(path, {"code": "000000"}).status_code == 404


def test_the_session_starts_anew_with_each_step(secret, elsewhere):
    elsewhere.open("/sign-in")
    tokens = [elsewhere.token()]
    elsewhere.sign_in("manager")
    tokens.append(elsewhere.token())
    elsewhere.send("/sign-in/code", {"code": code_of(secret, later=1)})
    elsewhere.open("/")
    with elsewhere.client.session_transaction() as session:
        assert PENDING not in session
        tokens.append(session.get("csrf_token"))
    assert len(set(tokens)) == 3


def test_a_role_that_needs_one_is_led_to_set_it_up(web_app, demanding, visitor):
    with web_app.extensions["sessions"].begin() as session:
        session.execute(update(User).values(language="en"))
    answer = visitor.sign_in("manager", next="/sites/")
    assert answer.location == "/sign-in/set-up?next=/sites/"
    assert visitor.client.get("/sites/").location.startswith("/sign-in")
    page = visitor.open(answer.location)
    assert not page.select("#password")  # it was given a moment ago
    secret = secret_on(page)
    assert visitor.send(answer.location, {"code": "000000"}).status_code == 422
    done = visitor.send(answer.location, {"code": code_of(secret)})
    assert done.text.count("<li>") >= 10
    assert "Keep these codes now" in done.text
    assert 'href="/sites/"' in done.text
    assert visitor.open("/sites/")


def test_other_roles_go_in_as_before(demanding, visitor):
    assert visitor.sign_in("hr").location == "/"


def test_who_set_it_up_before_is_not_led_there_again(secret, demanding, elsewhere):
    elsewhere.sign_in("manager")
    assert elsewhere.open("/sign-in/set-up", 404)


def test_new_recovery_codes_need_a_code(manager, secret):
    refused = manager.send("/account/second-factor/codes", {"code": "000000"})
    assert refused.status_code == 422
    assert 'id="code-error"' in refused.text
    assert manager.send("/account/second-factor/codes", {"code": ""}).status_code == 422
    assert "recovery-codes" in manager.send("/account/second-factor/codes", {"code": code_of(secret, later=1)}).text


def test_removing_it_needs_a_code_and_ends_the_session(manager, secret):
    assert manager.send("/account/second-factor/remove", {"code": "000000"}).status_code == 422
    assert manager.send("/account/second-factor/remove", {}).status_code == 422
    assert manager.send("/account/second-factor/remove", {"code": code_of(secret, later=1)}).location == "/sign-in"
    assert manager.client.get("/").status_code == 302
    assert manager.sign_in("manager").location == "/"


def test_an_administrator_resets_it(web_app, secret, elsewhere):
    elsewhere.sign_in("administrator")
    page = elsewhere.open("/accounts/manager")
    assert page.select_one("form[action='/accounts/manager/second-factor/reset']")
    assert elsewhere.send("/accounts/manager/second-factor/reset").location == "/accounts/manager"
    assert not elsewhere.open("/accounts/manager").select("form[action$='second-factor/reset']")
    with web_app.extensions["sessions"]() as session:
        assert session.scalars(select(SecondFactor)).all() == []


def test_the_second_step_may_not_wait_for_long(web_app, secret, elsewhere):
    elsewhere.sign_in("manager")
    with web_app.extensions["sessions"].begin() as session:
        session.execute(update(SignIn).where(SignIn.pending).values(signed_in_at=dt.datetime.now(dt.UTC) - PENDING_FOR))
    assert elsewhere.open("/sign-in/code", 404)
