"""Plans of the workforce on pages: asking for one, watching it, reading it, its terms, the training calendar."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from test_web_pages import require_sound

from models import ClosingRun, ClosingTerms, Norm
from planner.services.closing import calendar, runs, terms
from planner.services.closing.pages import PAGES
from planner.services.closing.runs import run_closing
from planner.services.closing.terms import save_terms
from planner.services.closing.whatif import WhatIf
from planner.services.coverage import history, opening
from planner.services.permissions import OPERATOR
from planner.web import closing

DAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def staff(web_app: Flask, small_register: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of the small world, on a day on which it is what the tests say."""
    for module in (calendar, closing, history, opening, runs, terms):
        monkeypatch.setattr(module, "today", lambda: DAY)
    with web_app.extensions["sessions"].begin() as database:
        small_register(database)


@pytest.fixture
def planned(web_app: Flask) -> str:
    """The code of a plan that was made under terms that bind."""
    sessions = web_app.extensions["sessions"]
    with sessions.begin() as database:
        save_terms(database, OPERATOR, {"backup": "50", "budget_2028": "900000"}, 0)
    return run_closing(sessions, OPERATOR, "แผนแรก", WhatIf(attrition=0.1))


def rows(page: BeautifulSoup, table: str) -> list[list[str]]:
    """The rows of a table of a page."""
    found = page.select(f"#table-{table} tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")] for row in found]


def in_english(visitor) -> None:
    visitor.send("/preferences/language", {"language": "en"})


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("role", ["hr", "manager", "ministry"])
def test_every_page_is_sound(visitor_as, planned: str, language: str, role: str) -> None:
    visitor = visitor_as(role)
    visitor.send("/preferences/language", {"language": language})
    shown = [name for name in PAGES if role != "ministry" or name != "limits"]
    for path in ("", "terms", "calendar", planned, *(f"{planned}/{name}" for name in shown)):
        require_sound(visitor.open(f"/workforce-plans/{path}"))


def test_a_plan_is_asked_for_waited_for_and_read(visitor_as, web_app: Flask, do_jobs) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    page = visitor.open("/workforce-plans/")
    assert page.select_one("#name")["value"] == "Workforce plan of 22 November 2026"
    address = visitor.send("/workforce-plans/", {"name": "First", "budget": "-10"}).headers["Location"]
    waiting = visitor.open(address)
    assert waiting.select_one("[data-job-status]").get_text(strip=True) == "Queued"
    assert waiting.select_one("form[action$='/cancel']")
    do_jobs(web_app.extensions["sessions"])
    made = visitor.open(address)
    assert made.select_one("h1").get_text(strip=True) == "First"
    assert "Budget -10%" in made.get_text()
    assert [row[1:4] for row in rows(visitor.open("/workforce-plans/"), "closings")] == [
        ["First", "Done", "Budget -10%"]
    ]


def test_a_what_if_that_cannot_be_read_comes_back_with_what_is_wrong(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    answer = visitor.send("/workforce-plans/", {"name": "N", "budget": "=1+1", "seats": "1e400"})
    page = BeautifulSoup(answer.text, "lxml")
    assert answer.status_code == 422
    assert page.select_one("#name")["value"] == "N"
    assert {field["name"] for field in page.select(".is-invalid")} == {"budget", "seats"}
    with web_app.extensions["sessions"]() as database:
        assert database.scalar(select(func.count()).select_from(ClosingRun)) == 0


def test_a_register_with_faults_is_told_by_address(visitor_as, web_app: Flask) -> None:
    with web_app.extensions["sessions"].begin() as database:
        database.execute(
            ClosingTerms.__table__.insert().values(
                id=1, lend_efficiency=1, backup=0.5, budget={"2027": -1.0}, version=1
            )
        )
        assert database.scalar(select(func.count()).select_from(Norm))
    visitor = visitor_as("hr")
    answer = visitor.send("/workforce-plans/", {"name": "N"})
    assert answer.status_code == 422
    assert "budget[0]" in answer.text


def test_the_pages_say_who_goes_where_and_why_no_more(visitor_as, planned: str) -> None:
    visitor = visitor_as("manager")
    in_english(visitor)
    agencies = rows(visitor.open(f"/workforce-plans/{planned}/agencies"), "agencies")
    assert {row[0] for row in agencies} == {"11003", "11004", "21004"}
    assert all(row[-1] for row in agencies)
    link = visitor.open(f"/workforce-plans/{planned}/agencies").select_one("#table-agencies a")
    assert link["href"].endswith(f"/coverage/agencies/{agencies[0][0]}")
    hires = rows(visitor.open(f"/workforce-plans/{planned}/measures?ministry=21000"), "hires")
    assert {row[0] for row in hires} <= {"21004"}
    assert visitor.client.get(f"/workforce-plans/{planned}/nothing").status_code == 404


def test_what_all_share_is_not_for_a_ministry(visitor_as, planned: str) -> None:
    visitor = visitor_as("ministry")
    assert not visitor.open(f"/workforce-plans/{planned}").select("a[href$='/limits']")
    for path in ("limits", "limits/pools.csv"):
        assert visitor.client.get(f"/workforce-plans/{planned}/{path}").status_code == 404


def test_every_table_is_a_file_too(visitor_as, planned: str) -> None:
    visitor = visitor_as("manager")
    in_english(visitor)
    for name in PAGES:
        for link in visitor.open(f"/workforce-plans/{planned}/{name}").select("a[download]"):
            assert visitor.client.get(link["href"]).status_code == 200
    answer = visitor.client.get(f"/workforce-plans/{planned}/report-en.xlsx")
    book = load_workbook(io.BytesIO(answer.data))
    assert len(book.sheetnames) > 8
    assert visitor.client.get(f"/workforce-plans/{planned}/report-de.xlsx").status_code == 404


def test_terms_that_somebody_changed_meanwhile_are_not_lost(visitor_as) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    assert visitor.send("/workforce-plans/terms", {"backup": "50", "version": "0"}).status_code == 302
    answer = visitor.send("/workforce-plans/terms", {"backup": "30", "version": "0"})
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile." in answer.text
    faulty = visitor.send("/workforce-plans/terms", {"backup": "130", "version": "1"})
    assert faulty.status_code == 422
    page = visitor.open("/workforce-plans/terms")
    assert page.select_one("#backup")["value"] == "50"


def test_the_calendar_shows_seats_and_what_the_plan_fills(visitor_as, web_app: Flask, do_jobs) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    assert rows(visitor.open("/workforce-plans/calendar"), "courses")[0][-3:-1] == ["20", "19"]
    visitor.send("/workforce-plans/", {"name": "N"})
    do_jobs(web_app.extensions["sessions"])
    page = visitor.open("/workforce-plans/calendar")
    assert "WF-000001" in page.get_text()
    assert [row[0] for row in rows(page, "cohorts")] == ["eng-2-70"]
    assert visitor.client.get("/workforce-plans/calendar/cohorts.csv").status_code == 200
    assert visitor.client.get("/workforce-plans/calendar/nothing.csv").status_code == 404
