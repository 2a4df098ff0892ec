"""Lists: the address is their state, and an export is what they show."""

import csv
import io

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook


def codes(page: BeautifulSoup, table: str = "requirements") -> list[str]:
    return [cell.get_text(strip=True) for cell in page.select(f"#table-{table} tbody th")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=weather", []),
        ("q=พยากรณ์", ["R-000003"]),
        ("ministry=21000", ["R-000001", "R-000006"]),
        ("status=draft", ["R-000005"]),
        ("priority=low&clearance=restricted", ["R-000004"]),
        ("ministry=21000&order=desc", ["R-000006", "R-000001"]),
        ("sort=no-such-column&ministry=21000", ["R-000001", "R-000006"]),
        ("page=99&status=draft", ["R-000005"]),
    ],
)
def test_the_address_says_what_is_listed(visitor_as, query: str, found: list[str]) -> None:
    page = visitor_as("de_planner").open(f"/requirements/?{query}")
    assert codes(page) == found
    assert page.select_one("main [role=status]").get_text(strip=True) == f"ความต้องการ {len(found)} รายการ"


def test_the_form_shows_what_is_filtered(visitor_as) -> None:
    page = visitor_as("de_planner").open("/requirements/?q=%22ก%22&ministry=21000&sort=title&order=desc")
    form = page.select_one("form[role=search]")
    assert form.select_one("[name=q]")["value"] == '"ก"'
    assert form.select_one("[name=ministry] option[selected]")["value"] == "21000"
    assert (form.select_one("[name=sort]")["value"], form.select_one("[name=order]")["value"]) == ("title", "desc")


def test_headers_sort_and_say_how(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    page = visitor.open("/requirements/?ministry=11000&sort=title")
    header = page.select_one("th[aria-sort]")
    assert header["aria-sort"] == "ascending"
    assert header.a["href"] == "/requirements/?ministry=11000&sort=title&order=desc"
    turned = visitor.open(header.a["href"])
    assert turned.select_one("th[aria-sort]")["aria-sort"] == "descending"
    assert turned.select_one("th[aria-sort] a")["href"] == "/requirements/?ministry=11000&sort=title"
    assert codes(turned) == codes(page)[::-1]


@pytest.mark.parametrize("area", ["requirements", "sites"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_an_export_is_what_the_list_shows(visitor_as, area: str, language: str) -> None:
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": language})
    page = visitor.open(f"/{area}/?q=ก&order=desc")
    shown = codes(page, area)
    assert shown
    excel, plain = (link["href"] for link in page.select(".page-head a[download]"))

    rows = list(csv.reader(io.StringIO(visitor.client.get(plain).data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == shown
    headers = [next(cell.stripped_strings) for cell in page.select(f"#table-{area} thead th:not(.chooser)")]
    assert rows[0][0] == headers[0]

    sheet = load_workbook(io.BytesIO(visitor.client.get(excel).data)).worksheets[0]
    first_column = [row[0] for row in sheet.iter_rows(values_only=True)]
    start = first_column.index(headers[0]) + 1
    assert first_column[start : start + len(shown)] == shown


def test_user_text_stays_text_in_an_export(visitor_as) -> None:
    answer = visitor_as("de_planner").client.get("/requirements/export.xlsx?q=R-000004")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "=HYPERLINK(1)")
    assert cell.data_type == "s"


def test_an_export_of_another_form_is_not_found(visitor_as) -> None:
    visitor_as("de_planner").open("/requirements/export.pdf", 404)
