"""The audit log on the screen: the address is its state, and an export is what it shows."""

import csv
import io

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from planner.services.audit import record
from planner.services.permissions import OPERATOR

OF_OPERATOR = ["R-000001", "BKK1", "P-000001", "P-000001"]
"""What the operator did, the newest first: the plan was asked for and published before."""


@pytest.fixture
def auditor(web_app, visitor_as):
    """An auditor; the log holds two more entries of the operator among those of signing in."""
    with web_app.extensions["sessions"].begin() as database:
        record(database, OPERATOR, "changed", "site:BKK1", {"name_th": ("=1+1", "ข")}, note="=HYPERLINK(1)")
        record(database, OPERATOR, "approved", "requirement:R-000001")
    return visitor_as("auditor")


def codes(page: BeautifulSoup) -> list[str]:
    return [cell.get_text(strip=True).split()[-1] for cell in page.select("#table-audit tbody td:nth-of-type(6)")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=site", ["BKK1"]),
        ("action=approved", ["R-000001"]),
        ("actor=operator", OF_OPERATOR),
        ("q=HYPERLINK", ["BKK1"]),
        ("actor=operator&from=๒๕๐๐-01-01&to=9999-12-30", OF_OPERATOR),
        ("actor=operator&from=not-a-day&to=2569-02-29", OF_OPERATOR),
        ("actor=operator&to=2543-12-31", []),
        ("kind=site&kind=requirement&page=99", ["BKK1"]),
    ],
)
def test_the_address_says_what_is_listed(auditor, query: str, found: list[str]) -> None:
    assert codes(auditor.open(f"/audit-log/?{query}")) == found


def test_an_entry_says_who_what_and_what_changed(auditor) -> None:
    text = auditor.open("/audit-log/?kind=site").select_one("#table-audit tbody tr").get_text(" ", strip=True)
    for part in ("operator", "แก้ไข", "ศูนย์ข้อมูล", "ชื่อภาษาไทย: =1+1 → ข", "=HYPERLINK(1)"):
        assert part in text


def test_the_form_shows_what_is_filtered(auditor) -> None:
    form = auditor.open("/audit-log/?kind=site&actor=operator&from=2026-11-01").select_one("form[role=search]")
    assert form.select_one("[name=kind] option[selected]")["value"] == "site"
    assert form.select_one("[name=actor]")["value"] == "operator"
    assert form.select_one("[name=from]")["value"] == "2026-11-01"


def test_an_export_is_what_is_shown_and_user_text_stays_text(auditor) -> None:
    page = auditor.open("/audit-log/?actor=operator")
    excel, plain = (link["href"] for link in page.select(".page-head a[download]"))
    lines = list(csv.reader(io.StringIO(auditor.client.get(plain).data.decode("utf-8-sig"))))
    assert [line[6].split()[-1] for line in lines[1:]] == codes(page) == OF_OPERATOR
    assert lines[2][8] == "'=HYPERLINK(1)"
    sheet = load_workbook(io.BytesIO(auditor.client.get(excel).data)).worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"


def test_the_log_says_that_people_signed_in(auditor) -> None:
    assert "auditor" in codes(auditor.open("/audit-log/?kind=account"))


def test_days_that_no_log_reaches_back_to_are_none(visitor_as) -> None:
    visitor = visitor_as("auditor")
    for query in ("from=0001-01-01", "to=0001-01-01", "to=9999-12-31", "from=2400-12-31"):
        visitor.open(f"/audit-log/?{query}")
