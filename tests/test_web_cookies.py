"""Sessions on hosts whose clocks differ."""

import pytest
from flask import Flask

from planner.web.cookies import SKEW, PatientSigner


@pytest.mark.parametrize(("behind", "status"), [(0, 200), (1, 200), (SKEW - 60, 200), (SKEW + 60, 302)])
def test_a_host_whose_clock_is_a_little_behind_takes_the_cookie_of_another(
    visitor_as, monkeypatch, behind: int, status: int
) -> None:
    """A page later it goes on with what it then set itself; a clock that is far behind asks to sign in."""
    visitor = visitor_as("ministry")
    now = PatientSigner.get_timestamp
    monkeypatch.setattr(PatientSigner, "get_timestamp", lambda signer: now(signer) - behind)
    for _ in range(2):
        assert visitor.client.get("/requirements/").status_code == status


def test_a_cookie_that_is_too_old_or_forged_is_none(web_app: Flask, visitor_as, monkeypatch) -> None:
    visitor = visitor_as("ministry")
    now, lifetime = PatientSigner.get_timestamp, web_app.permanent_session_lifetime.total_seconds()
    cookie = visitor.client.get_cookie("planner_session")
    visitor.client.set_cookie("planner_session", cookie.value[:-4] + "AAAA")
    assert visitor.client.get("/requirements/").status_code == 302
    visitor.client.set_cookie("planner_session", cookie.value)
    assert visitor.client.get("/requirements/").status_code == 200
    monkeypatch.setattr(PatientSigner, "get_timestamp", lambda signer: now(signer) + int(lifetime) + 60)
    assert visitor.client.get("/requirements/").status_code == 302
