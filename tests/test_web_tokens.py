"""One's own tokens on the pages: made, shown once, listed, revoked."""

import pytest
from programs import ROOT

from models import Role
from planner.services.tokens import SCOPES, Area


@pytest.fixture
def auditor(visitor_as):
    return visitor_as(Role.AUDITOR)


def make(visitor, **levels: str):
    password = visitor.accounts[Role.AUDITOR].password
    return visitor.send("/account/tokens/", {"name": "รายงาน", "days": "30", "password": password, **levels})


def test_a_token_is_shown_once_works_and_is_revoked(auditor) -> None:
    made = make(auditor, requirements="read", plans="write", datasets="everything")
    assert made.status_code == 200
    token = made.text.partition('value="dcp_')[2].partition('"')[0]
    headers = {"Authorization": f"Bearer dcp_{token}"}
    me = auditor.client.get(f"{ROOT}/me", headers=headers)
    assert me.json["scopes"] == ["requirements:read", "plans:write"]
    page = auditor.open("/account/tokens/")
    assert token not in str(page)
    row = page.select_one("tbody tr")
    assert "รายงาน" in row.th.text
    assert "127.0.0.1" in row.text
    assert auditor.send(row.form["action"]).status_code == 302
    assert auditor.client.get(f"{ROOT}/me", headers=headers).status_code == 401
    assert not auditor.open("/account/tokens/").select("tbody form")


def test_the_form_says_what_is_missing_and_keeps_what_was_typed(auditor) -> None:
    answer = auditor.send("/account/tokens/", {"name": " ", "days": "9999", "plans": "all"})
    assert answer.status_code == 422
    assert all(f'id="{field}-error"' in answer.text for field in ("name", "days", "scopes"))
    kept = auditor.send("/account/tokens/", {"name": "ชื่อเดิม", "days": "180", "plans": "nothing"})
    assert 'value="ชื่อเดิม"' in kept.text


def test_who_finds_a_browser_open_makes_no_token(auditor) -> None:
    for password in ({}, {"password": "wrong"}):
        answer = auditor.send("/account/tokens/", {"name": "a", "days": "30", "plans": "read", **password})
        assert answer.status_code == 422
        assert 'id="password-error"' in answer.text
    assert not auditor.open("/account/tokens/").select("tbody form")


def test_nobody_revokes_anothers_token(auditor, visitor) -> None:
    make(auditor, plans="read")
    action = auditor.open("/account/tokens/").select_one("tbody form")["action"]
    visitor.send("/sign-out")
    assert visitor.sign_in(Role.MANAGER).status_code == 302
    assert visitor.send(action).status_code == 404


def test_every_area_can_be_chosen(auditor) -> None:
    page = auditor.open("/account/tokens/")
    assert {select["name"] for select in page.select(".token-scopes select")} == set(Area)
    assert len(SCOPES) == 2 * len(Area)


def test_an_administrator_sees_and_ends_the_tokens_of_others(visitor_as, program) -> None:
    auditor = program(Role.AUDITOR, ("audit:read",))
    username = auditor.get("/me")["username"]
    admin = visitor_as(Role.ADMINISTRATOR)
    section = admin.open(f"/accounts/{username}").select_one("section[aria-labelledby=tokens-title]")
    assert "บันทึกการตรวจสอบ: อ่าน" in section.text
    assert admin.send(section.form["action"]).status_code == 302
    auditor.expect(401, "GET", "/me")


def test_who_was_deactivated_comes_back_without_tokens(program) -> None:
    auditor, admin = program(Role.AUDITOR), program(Role.ADMINISTRATOR)
    account = f"/accounts/{auditor.get('/me')['username']}"
    admin.expect(200, "POST", f"{account}/deactivate")
    admin.expect(200, "POST", f"{account}/reactivate")
    auditor.expect(401, "GET", "/me")
    admin.expect(204, "DELETE", f"/accounts/{admin.get('/me')['username']}/tokens")
    admin.expect(401, "GET", "/me")
