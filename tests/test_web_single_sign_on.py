"""Signing in by the organisation's provider, over real HTTP to a provider that is a process of its own."""

import datetime as dt
import shutil
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from providers import CLIENT, PEOPLE, SECRET, lying_provider
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import AuditEntry, Role, User
from planner.app import create_app
from planner.config import Settings
from planner.services import emergencies
from planner.services.permissions import OPERATOR
from planner.ways_in import Grant, ProviderSettings, WaysIn

ADDRESS = "https://planner.example.go.th"
GROUPS = {
    "planner-admins": Grant(Role.ADMINISTRATOR),
    "moph-planners": Grant(Role.MINISTRY_PLANNER, "21000"),
}


@pytest.fixture
def web_app(web_template, oidc_provider, tmp_path):
    """The web application with a provider."""
    path = shutil.copy(web_template[0], tmp_path / "web.db")
    provider = ProviderSettings(oidc_provider, CLIENT, ADDRESS, SECRET, groups=GROUPS)
    app = create_app(Settings(f"sqlite:///{path}", "for the tests alone", address=ADDRESS, ways_in=WaysIn(provider)))
    app.testing = True
    yield app
    app.extensions["engine"].dispose()


def only_by_provider(app: Flask) -> None:
    app.extensions["ways_in"] = replace(app.extensions["ways_in"], passwords=False)


def come(visitor, subject: str, path: str = "/sign-in/provider/") -> TestResponse:
    """Go to the provider, sign in there as `subject`, and come back."""
    away = visitor.client.get(path)
    assert away.status_code == 302, away.text
    signed_in = requests.post(away.location, data={"sub": subject}, allow_redirects=False, timeout=10)
    back = signed_in.headers["Location"]
    assert back.startswith(f"{ADDRESS}/sign-in/provider/back?")
    parts = urlsplit(back)
    return visitor.client.get(f"{parts.path}?{parts.query}")


def test_a_person_comes_in_and_goes_on_to_where_they_were_going(web_app, visitor):
    page = visitor.open("/sign-in?next=/requirements/")
    link = page.select_one("a[href^='/sign-in/provider/']")
    assert come(visitor, "sub-wanida", link["href"]).location == "/requirements/"
    page = visitor.open("/account/")
    assert "wanida@moph.example.go.th" in page.get_text()
    assert not page.select("#password-title")
    with web_app.extensions["sessions"]() as session:
        made = session.scalars(select(User).where(User.username == "wanida@moph.example.go.th")).one()
        assert (made.full_name, made.role) == (PEOPLE["sub-wanida"]["name"], Role.MINISTRY_PLANNER)
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.actor == made.username)).all()
    assert told == ["created", "identity_linked", "signed_in"]


def test_who_is_in_no_group_is_told_so_in_both_languages(visitor):
    answer = come(visitor, "sub-nobody")
    assert answer.status_code == 403
    assert "ท่านไม่ได้อยู่ในกลุ่มที่มีสิทธิใช้ระบบนี้" in answer.text
    assert "none of your groups may use the planner" in answer.text
    assert visitor.client.get("/").location.startswith("/sign-in")


def test_who_changes_their_mind_at_the_provider_is_told_what_happened(visitor):
    away = visitor.client.get("/sign-in/provider/")
    denied = requests.post(away.location, data={"action": "deny"}, allow_redirects=False, timeout=10)
    parts = urlsplit(denied.headers["Location"])
    answer = visitor.client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 401
    assert "Start again" in answer.text


def test_a_browser_that_was_not_sent_there_is_not_let_in(visitor):
    other = type(visitor)(visitor.client.application, visitor.accounts)
    away = other.client.get("/sign-in/provider/")
    signed_in = requests.post(away.location, data={"sub": "sub-wanida"}, allow_redirects=False, timeout=10)
    parts = urlsplit(signed_in.headers["Location"])
    path = f"{parts.path}?{parts.query}"
    assert visitor.client.get(path).status_code == 401  # somebody else's way back
    assert other.client.get(path).status_code == 302
    assert other.client.get(path).status_code == 401  # and that works once


def test_the_way_back_leads_nowhere_else(visitor):
    assert come(visitor, "sub-wanida", "/sign-in/provider/?next=https://example.org/").location == "/"


def test_a_session_starts_anew_at_the_provider_too(visitor):
    visitor.open("/sign-in")
    with visitor.client.session_transaction() as before:
        before["planted"] = "by somebody else"
    come(visitor, "sub-wanida")
    with visitor.client.session_transaction() as after:
        assert "planted" not in after
        assert "journey" not in after


def test_signing_out_offers_to_sign_out_of_the_organisation_too(visitor):
    come(visitor, "sub-wanida")
    assert visitor.send("/sign-out").location == "/sign-in/provider/signed-out"
    page = visitor.open("/sign-in/provider/signed-out")
    issuer = visitor.client.application.extensions["provider"].settings.issuer
    out = page.select_one(f"a[href^='{issuer}/oauth2/end_session?']")
    assert f"post_logout_redirect_uri={ADDRESS.replace(':', '%3A').replace('/', '%2F')}%2Fsign-in" in out["href"]
    assert visitor.client.get("/").status_code == 302


def test_who_has_a_password_signs_in_and_out_as_before(visitor):
    assert visitor.sign_in("manager").location == "/"
    assert visitor.client.get("/sign-in/provider/?next=/sites/").location == "/sites/"
    assert visitor.send("/sign-out").location == "/sign-in"


def test_passwords_can_be_switched_off_and_the_provider_remains(web_app, visitor):
    only_by_provider(web_app)
    page = visitor.open("/sign-in")
    assert not page.select("#password")
    assert visitor.sign_in("manager").status_code == 403
    assert visitor.client.get("/password/no-such-token").status_code == 403
    assert come(visitor, "sub-wanida").location == "/"


def test_without_passwords_an_administrator_makes_no_links_for_them(web_app, visitor):
    visitor.sign_in("administrator")
    assert visitor.open("/accounts/manager").select("form[action='/accounts/manager/link']")
    only_by_provider(web_app)
    assert not visitor.open("/accounts/manager").select("form[action='/accounts/manager/link']")


def test_the_last_way_in_is_an_emergency_link(web_app, visitor):
    only_by_provider(web_app)
    with web_app.extensions["sessions"].begin() as session:
        token = emergencies.issue(session, OPERATOR, "admin", dt.datetime.now(dt.UTC)).token
    page = visitor.open(f"/emergency/{token}")
    assert "นายอนุชา ตัวอย่าง" in page.main.get_text()
    assert visitor.client.get("/").status_code == 302  # looking is not entering
    assert visitor.send(f"/emergency/{token}").location == "/"
    assert visitor.open("/accounts/")
    visitor.send("/sign-out")
    assert visitor.send(f"/emergency/{token}").status_code == 404


def test_an_account_of_the_provider_is_shown_as_one(web_app, visitor):
    come(visitor, "sub-wanida")
    visitor.send("/sign-out")
    visitor.sign_in("administrator")
    page = visitor.open("/accounts/wanida@moph.example.go.th")
    assert "กลุ่มในบัญชีนั้นกำหนดบทบาทและกระทรวง" in page.get_text()


def test_a_provider_that_is_away_is_told_as_such(web_app, visitor):
    with lying_provider() as gone:
        issuer = gone.issuer
    provider = web_app.extensions["provider"]
    provider.settings = replace(provider.settings, issuer=issuer)
    answer = visitor.client.get("/sign-in/provider/")
    assert answer.status_code == 502
    assert "ลองใหม่ภายหลัง" in answer.text
    assert "Try again later" in answer.text
    signed_out = visitor.open("/sign-in/provider/signed-out")
    assert not signed_out.select(f"a[href^='{issuer}']")
