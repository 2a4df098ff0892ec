"""Coverage on pages: heat maps that open, gaps, risks, who answers, the way to the report, and norms."""

import datetime as dt
import io
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from test_web_pages import require_sound

from models import AuditEntry, CoverageSnapshot, Norm, WorkRole
from planner.services.coverage import PAGES, history, opening

DAY = dt.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def staff(web_app: Flask, small_register: Callable[[Session], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """The staff of the small world, on a day on which its norms and people are what the tests say."""
    for module in (opening, history):
        monkeypatch.setattr(module, "today", lambda: DAY)
    with web_app.extensions["sessions"].begin() as database:
        small_register(database)


def rows(page: BeautifulSoup, table: str) -> list[list[str]]:
    """The rows of a table of a page."""
    found = page.select(f"#table-{table} tbody tr")
    return [[" ".join(cell.get_text(" ", strip=True).split()) for cell in row.select("th, td")] for row in found]


def in_english(visitor) -> None:
    visitor.send("/preferences/language", {"language": "en"})


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("role", ["hr", "manager", "ministry"])
def test_every_page_is_sound(visitor_as, language: str, role: str) -> None:
    visitor = visitor_as(role)
    visitor.send("/preferences/language", {"language": language})
    for path in (
        "/coverage/",
        *(f"/coverage/{name}" for name in PAGES),
        "/coverage/ministries/21000",
        "/coverage/agencies/21004?year=2028",
        "/norms/",
        "/norms/?norm=steward/2029",
    ):
        require_sound(visitor.open(path))


def test_the_heat_map_opens_from_the_ministry_to_the_agency(visitor_as) -> None:
    visitor = visitor_as("manager")
    in_english(visitor)
    page = visitor.open("/coverage/")
    heat = rows(page, "heat_ministry")
    assert [row[0] for row in heat] == ["11000", "21000"]
    leads = [link["href"] for link in page.select("#table-heat_ministry tbody a")]
    agencies = visitor.open(leads[0])
    assert [row[0] for row in rows(agencies, "heat_agency")] == ["11003", "11004"]
    agency = visitor.open("/coverage/agencies/11004")
    roles = rows(agency, "roles")
    assert [row[0] for row in roles] == ["Data steward", "Data engineer"]
    # 1.25 stewards for 1 that the floor asks for; 0.6 engineers for what 30 vCPU ask for
    assert roles[0][2:4] == ["1", "1.25"]


def test_no_word_that_browsers_do_not_know_is_broken_in_a_header(visitor_as, web_app: Flask) -> None:
    with web_app.extensions["sessions"].begin() as database:
        database.scalars(select(WorkRole).order_by(WorkRole.id)).first().name_th = "วิศวกรคลาวด์"
    headers = [header.get_text(strip=True) for header in visitor_as("hr").open("/coverage/").select("thead th")]
    assert "วิศวกรคลา\u2060วด์" in headers


def test_people_are_named_to_human_resources_alone(visitor_as) -> None:
    assert "สมชาย ใจดี" in visitor_as("hr").open("/coverage/agencies/11004").get_text()


@pytest.mark.parametrize("role", ["manager", "de_planner", "auditor"])
def test_nobody_else_reads_a_name(visitor_as, role: str) -> None:
    visitor = visitor_as(role)
    for path in ("/coverage/agencies/11004", "/coverage/risks", "/coverage/accountability"):
        text = visitor.open(path).get_text()
        assert "สมชาย" not in text
        assert "P1" not in text


def test_a_ministry_reads_of_itself_alone(visitor_as) -> None:
    visitor = visitor_as("ministry")  # of 21000
    assert [row[0] for row in rows(visitor.open("/coverage/"), "heat_ministry")] == ["21000"]
    assert {row[0] for row in rows(visitor.open("/coverage/gaps"), "gaps")} <= {"21004"}
    visitor.open("/coverage/ministries/11000", 404)
    visitor.open("/coverage/agencies/11004", 404)
    visitor.open("/coverage/agencies/11004/roles.csv", 404)
    visitor.open("/coverage/ministries/11000/report-th.xlsx", 404)


def test_a_table_comes_as_a_file_just_as_the_page_was_asked_for_it(visitor_as) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    page = visitor.open("/coverage/gaps?year=2029&role=steward")
    lines = visitor.client.get("/coverage/gaps/gaps.csv?year=2029&role=steward").text.strip().splitlines()
    assert len(lines) == 1 + len(rows(page, "gaps")) > 1
    visitor.open("/coverage/gaps/nothing.csv", 404)
    visitor.open("/coverage/gaps/gaps.pdf", 404)
    visitor.open("/coverage/nothing", 404)


@pytest.mark.parametrize("path", ["/coverage/report-th.xlsx", "/coverage/ministries/21000/report-en.xlsx"])
def test_the_report_is_a_workbook(visitor_as, path: str) -> None:
    response = visitor_as("hr").client.get(path)
    book = load_workbook(io.BytesIO(response.data))
    assert len(book.sheetnames) > 8
    cells = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row}
    assert not {"สมชาย ใจดี", "P1"} & cells


def test_coverage_is_kept_once_a_day_by_human_resources(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    assert visitor.send("/coverage/keep").status_code == 302
    assert visitor.send("/coverage/keep").status_code == 409
    with web_app.extensions["sessions"]() as database:
        assert database.scalars(select(CoverageSnapshot.taken_on)).all() == [DAY]
        assert database.scalars(select(AuditEntry.subject).where(AuditEntry.action == "kept")).all() == [
            "coverage:2026-11-22"
        ]


NORM = {"role": "steward", "from_year": "2571", "floor": "4", "per_dataset": "๐.๕", "version": "0"}


def test_a_norm_is_looked_at_before_it_is_put_in_force(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    in_english(visitor)
    response = visitor.send("/norms/preview", NORM)
    page = BeautifulSoup(response.text, "lxml")
    require_sound(page)
    years = rows(page, "norm_years")
    assert [row[:3] for row in years][:2] == [["2027", "3", "3"], ["2028", "3", "12"]]
    assert rows(page, "norm_ministries")[0][2:4] == ["2", "8"]
    with web_app.extensions["sessions"]() as database:
        assert len(database.scalars(select(Norm)).all()) == 3
    response = visitor.send("/norms/", NORM)
    assert response.location == "/norms/?norm=steward/2028"
    page = visitor.open(response.location)
    assert page.select_one("#floor")["value"] == "4"
    assert page.select_one("#per_dataset")["value"] == "0.5"


def test_a_norm_with_faults_comes_back_with_all_of_them(visitor_as) -> None:
    visitor = visitor_as("hr")
    response = visitor.send("/norms/", {"role": "nobody", "from_year": "soon", "floor": "-1", "per_tb": "nan"})
    assert response.status_code == 422
    page = BeautifulSoup(response.text, "lxml")
    assert {field["id"] for field in page.select(".is-invalid")} == {"role", "from_year", "floor", "per_tb"}
    assert page.select_one("#floor")["value"] == "-1"


def test_of_two_who_change_a_norm_the_second_is_told(visitor_as) -> None:
    visitor = visitor_as("hr")
    changed = {"role": "steward", "from_year": "2029", "floor": "3", "version": "1"}
    assert visitor.send("/norms/", changed).status_code == 302
    response = visitor.send("/norms/", {**changed, "floor": "5"})
    assert response.status_code == 409
    page = BeautifulSoup(response.text, "lxml")
    assert page.select_one("#floor")["value"] == "5"
    assert page.select_one("#floor-stored strong").get_text(strip=True) == "3"
    assert page.select_one("input[name=version]")["value"] == "2"


def test_a_norm_can_be_removed(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    assert visitor.send("/norms/remove?norm=steward/2029", {"version": "1"}).status_code == 302
    assert visitor.send("/norms/remove?norm=steward/2029", {"version": "1"}).status_code == 409
    assert visitor.send("/norms/remove?norm=steward", {"version": "1"}).status_code == 409
    with web_app.extensions["sessions"]() as database:
        assert sorted(database.scalars(select(Norm.from_year))) == [2027, 2027]


@pytest.mark.parametrize("role", ["manager", "ministry", "de_planner"])
def test_others_read_the_norms_alone(visitor_as, role: str) -> None:
    visitor = visitor_as(role)
    assert not visitor.open("/norms/").select("#floor")
    for path in ("/norms/", "/norms/preview", "/norms/remove?norm=steward/2029", "/coverage/keep"):
        assert visitor.send(path, NORM).status_code == 403, path


def test_whom_a_page_or_a_file_names_is_in_the_audit_log(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    link = visitor.open("/coverage/agencies/11004").select_one("#table-people tbody a")
    assert link["href"] == "/register/person/P1"
    visitor.client.get("/coverage/agencies/21004/people.csv")
    with web_app.extensions["sessions"]() as database:
        found = select(AuditEntry.action, AuditEntry.note).where(AuditEntry.subject == "person:*")
        looked, downloaded = database.execute(found.order_by(AuditEntry.position)).all()
    assert looked.action == "looked_at"
    assert {"P1", "P2"} == set(looked.note.split(", "))
    assert downloaded == ("downloaded", "P4, P5")


def test_those_who_read_no_names_leave_no_entry(visitor_as, web_app: Flask) -> None:
    visitor_as("manager").open("/coverage/agencies/11004")
    with web_app.extensions["sessions"]() as database:
        assert not database.scalars(select(AuditEntry).where(AuditEntry.subject == "person:*")).all()


def test_a_stored_norm_opened_for_another_year_makes_a_new_one(visitor_as, web_app: Flask) -> None:
    visitor = visitor_as("hr")
    page = visitor.open("/norms/?norm=steward/2027")
    form = {field["name"]: field["value"] for field in page.select("form[action='/norms/'] input[name]")}
    form |= {"role": "steward", "from_year": "2571", "floor": "7"}
    shown = BeautifulSoup(visitor.send("/norms/preview?norm=steward/2027", form).text, "lxml")
    assert shown.select_one("input[name=made_from]")["value"] == "steward/2027"
    assert visitor.send("/norms/", form).location == "/norms/?norm=steward/2028"
    assert visitor.send("/norms/", form).status_code == 409  # it is no longer new
    with web_app.extensions["sessions"]() as database:
        assert sorted(database.execute(select(Norm.from_year, Norm.floor))) == [
            (2027, 0.0), (2027, 1.0), (2028, 7.0), (2029, 2.0),
        ]  # fmt: skip
