"""Excel in: the check, its faults by cell, and the import."""

import hashlib
import io
import re

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import User
from planner.services.accounts import load_actor
from planner.services.turns import turn_of

SHEET = "ความต้องการ"


@pytest.fixture
def planner(visitor_as):
    return visitor_as("de_planner")


@pytest.fixture
def exported(planner) -> bytes:
    """All that the database holds, as our own export has it."""
    return planner.client.get("/import/export.xlsx").data


def edited(content: bytes, column: str, value: object) -> tuple[bytes, str]:
    """The workbook with `value` under `column` in the requirement that is a draft, and that cell's address."""
    workbook = load_workbook(io.BytesIO(content))
    sheet = workbook[SHEET]
    header = next(cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith(column))
    draft = next(cell.row for cell in sheet["A"] if cell.value == "R-000005")
    cell = sheet.cell(draft, header.column, value)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue(), f"{SHEET}!{cell.coordinate}"


def send(visitor, path: str, content: bytes, **fields: str) -> TestResponse:
    return visitor.send(path, {"workbook": (io.BytesIO(content), "a.xlsx"), **fields})


def check(visitor, content: bytes) -> BeautifulSoup:
    answer = send(visitor, "/import/", content)
    assert answer.status_code == 200, answer.text
    return BeautifulSoup(answer.text, "lxml")


def changes(page: BeautifulSoup) -> dict[str, list[str]]:
    """Rows to be added, changed and left alone, by sheet."""
    rows = [[cell.get_text(strip=True) for cell in row] for row in page.select("#table-changes tbody tr")]
    return {sheet: counts for sheet, *counts in (list(filter(None, row)) for row in rows)}


def test_the_template_and_our_own_export_can_be_checked(planner, exported: bytes) -> None:
    template = planner.client.get("/import/template.xlsx").data
    assert not check(planner, template).select("#table-faults")
    page = check(planner, exported)
    assert not page.select("#table-faults")
    assert changes(page)[SHEET] == ["0", "0", "6"]


def test_a_change_is_shown_before_it_is_stored_and_then_stored(planner, exported: bytes) -> None:
    content, _ = edited(exported, "ชื่อระบบ", "ชื่อใหม่")
    page = check(planner, content)
    assert changes(page)[SHEET] == ["0", "1", "5"]
    assert planner.open("/requirements/R-000005").h1.get_text() != "ชื่อใหม่"
    checked = page.select_one("input[name=checked]")["value"]
    location = send(planner, "/import/apply", content, checked=checked).location
    assert location == "/import/1"
    assert "นำเข้าแฟ้มเรียบร้อยแล้ว" in planner.client.get(location).text
    assert planner.open("/requirements/R-000005").h1.get_text() == "ชื่อใหม่"


def test_repeating_an_import_changes_nothing_and_says_so(planner, exported: bytes) -> None:
    send(planner, "/import/apply", exported, checked=hashlib.sha256(exported).hexdigest())
    assert "ไม่มีการเปลี่ยนแปลง" in planner.client.get("/").text


def test_every_fault_is_shown_at_its_cell_and_nothing_can_be_imported(planner, exported: bytes) -> None:
    content, address = edited(exported, "หน่วยงาน", "99999")
    page = check(planner, content)
    faults = {row.th.get_text(strip=True): row.td.get_text(strip=True) for row in page.select("#table-faults tbody tr")}
    assert "99999" in faults[address]
    assert not page.select("button[formaction]")
    answer = send(planner, "/import/apply", content, checked=hashlib.sha256(content).hexdigest())
    assert answer.status_code == 422
    assert address in answer.text
    assert planner.open("/requirements/R-000005").select_one("h1")


def test_only_the_workbook_that_was_checked_is_imported(planner, exported: bytes) -> None:
    content, _ = edited(exported, "ชื่อระบบ", "อีกชื่อ")
    answer = send(planner, "/import/apply", content, checked=hashlib.sha256(exported).hexdigest())
    assert answer.status_code == 409
    assert planner.open("/requirements/R-000005").h1.get_text() != "อีกชื่อ"


def test_a_file_of_another_kind_is_refused(planner) -> None:
    assert send(planner, "/import/", b"not a workbook").status_code == 422


def test_one_person_has_one_workbook_read_at_a_time(web_app, planner) -> None:
    username = planner.accounts["de_planner"].username
    with web_app.extensions["sessions"]() as session:
        person = load_actor(session, session.scalars(select(User.id).where(User.username == username)).one())
    with turn_of(person):
        assert send(planner, "/import/", b"").status_code == 429
    assert send(planner, "/import/", b"").status_code == 422


def test_choosing_nothing_is_told(planner) -> None:
    answer = planner.send("/import/")
    assert answer.status_code == 422
    assert "โปรดเลือกแฟ้มก่อน" in answer.text


def test_a_file_over_the_limit_is_refused(planner) -> None:
    planner.client.application.config["MAX_CONTENT_LENGTH"] = 1000
    answer = send(planner, "/import/", b"0" * 2000)
    assert answer.status_code == 413
    assert re.search("แฟ้มมีขนาดใหญ่กว่า [0-9]+ เมกะไบต์", answer.text)


def test_a_ministry_imports_its_own_requirements_alone(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    workbook = load_workbook(io.BytesIO(visitor.client.get("/import/export.xlsx").data))
    assert SHEET in workbook.sheetnames
    assert "ศูนย์ข้อมูล" not in workbook.sheetnames


def test_an_import_is_undone_on_its_page_unless_something_later_would_be_lost(planner, exported: bytes) -> None:
    content, _ = edited(exported, "ชื่อระบบ", "ชื่อใหม่")
    page = send(planner, "/import/apply", content, checked=hashlib.sha256(content).hexdigest()).location
    later = {"title": "ชื่อภายหลัง", "version": "2"}
    draft = {
        field["name"]: field.get("value") or field.text.strip()
        for field in planner.open("/requirements/R-000005/edit").select("main input[type=text]")
    }
    chosen = {"agency": "11004", "priority": "normal", "clearance": "open", "divisible": "yes"}
    assert planner.send("/requirements/R-000005/edit", {**draft, **chosen, **later}).status_code == 302
    refused = planner.send(f"{page}/undo")
    assert refused.status_code == 409
    assert "R-000005/title" in refused.text
    assert planner.send("/requirements/R-000005/edit", {**draft, **chosen, "version": "3"}).status_code == 302
    assert planner.send(f"{page}/undo").location == page
    assert planner.open("/requirements/R-000005").h1.get_text() == "แบบร่าง"
    assert not planner.open(page).select("form[action$=undo]")
