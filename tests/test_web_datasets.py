"""The pages of the inventory: the list and its filters, one dataset, and the form with its faults and conflicts."""

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup

FORM = "form[method=post]:has([name=version])"


def codes(page: BeautifulSoup) -> list[str]:
    return [cell.get_text(strip=True) for cell in page.select("#table-datasets tbody th")]


def filled(page: BeautifulSoup) -> dict[str, Any]:
    """What a browser would send of the form as it stands."""
    form = page.select_one(FORM)
    data: dict[str, Any] = {}
    for field in form.select("input[name], textarea[name]"):
        if field.get("type") == "checkbox":
            if field.has_attr("checked"):
                data.setdefault(field["name"], []).append(field["value"])
        elif field["name"] != "csrf_token":
            data[field["name"]] = field.get("value", field.get_text())
    for field in form.select("select[name]"):
        chosen = field.select_one("option[selected]")
        data[field["name"]] = chosen["value"] if chosen else ""
    return data


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["D-000001", "D-000002", "D-000003"]),
        ("q=ทะเบียน&agency=11004", ["D-000002"]),
        ("ministry=21000", ["D-000001"]),
        ("category=public", ["D-000003"]),
        ("clearance=protected", ["D-000002"]),
        ("personal=yes", ["D-000001"]),
        ("personal=no&order=desc", ["D-000003", "D-000002"]),
        ("readiness=0", ["D-000001", "D-000002", "D-000003"]),
        ("readiness=4", []),
        ("readiness=nine", []),
        ("readiness=retired", []),
        ("sort=volume", ["D-000003", "D-000001", "D-000002"]),
    ],
)
def test_the_address_says_what_is_listed(visitor_as, query: str, found: list[str]) -> None:
    assert codes(visitor_as("de_planner").open(f"/datasets/?{query}")) == found


def test_a_ministry_sees_its_own_datasets_alone(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    assert codes(visitor.open("/datasets/")) == ["D-000001"]
    visitor.open("/datasets/D-000002", 404)
    visitor.open("/datasets/D-000002/edit", 404)
    offered = visitor.open("/datasets/new").select("#agency option[value]:not([value=''])")
    assert [option["value"] for option in offered] == ["21004"]


def test_a_reader_is_not_offered_what_is_refused(visitor_as) -> None:
    page = visitor_as("auditor").open("/datasets/D-000001")
    assert not page.select("a[href$='/edit']")


def test_a_dataset_shows_its_volume_to_come_and_what_it_still_needs(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": "en"})
    page = visitor.open("/datasets/D-000001")
    assert [cell.get_text(strip=True) for cell in page.select("#table-volumes tbody :is(th, td)")] == [
        "40", "50", "62.5",
    ]  # fmt: skip
    lines = [item.get_text(" ", strip=True) for item in page.select(".checklist li")]
    assert "✓ Holds: Its volume has been measured." in lines
    assert "– Does not hold yet: A data dictionary explains every field." in lines
    assert page.select_one(".page-head .status").get_text(strip=True) == "0 – Listed"


def test_what_is_ticked_and_filled_in_raises_the_level(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    data = filled(visitor.open("/datasets/D-000001/edit"))
    data |= {"checked": ["dictionary", "classification", "legal_basis"], "accountable": "นางสมศรี", "deputy": "นายสมชาย"}
    answer = visitor.send("/datasets/D-000001/edit", data)
    assert (answer.status_code, answer.location) == (302, "/datasets/D-000001")
    assert codes(visitor.open("/datasets/?readiness=2")) == ["D-000001"]
    again = filled(visitor.open("/datasets/D-000001/edit"))
    assert again == data | {"version": "2"}


def test_a_new_dataset_gets_the_next_code(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    data = filled(visitor.open("/datasets/D-000001/edit")) | {"title": "ข้อมูลวัคซีน", "version": "0", "growth": "๓๐%"}
    answer = visitor.send("/datasets/new", data)
    assert answer.location == "/datasets/D-000004"
    assert filled(visitor.open("/datasets/D-000004/edit")) == data | {"growth": "30%", "version": "1"}


def test_every_fault_is_told_at_its_field_and_nothing_is_lost(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    data = filled(visitor.open("/datasets/D-000001/edit"))
    data |= {
        "title": "",
        "agency": "11004",
        "contact_email": "nobody",
        "keywords": " , ",
        "objectives": [],
        "personal_data": "no",
        "volume_tb": "-1",
        "deputy": "นายสมชาย",
        "description": "ก" * 4001,
        "category": "personal",
        "licence": "mine",
    }
    answer = visitor.send("/datasets/D-000001/edit", data)
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "lxml")
    wrong = {link["href"][1:] for link in page.select(".alert-danger a")}
    assert wrong == {
        "title", "agency", "contact_email", "keywords", "objectives", "personal_data", "volume_tb", "accountable",
        "description", "licence",
    }  # fmt: skip
    for key in wrong:
        assert page.select_one(f"#{key}-error").get_text(strip=True)
        assert page.select_one(f"[aria-describedby~='{key}-error']")["aria-invalid"] == "true"
    assert filled(page)["deputy"] == "นายสมชาย"
    assert filled(visitor.open("/datasets/D-000001/edit"))["title"] == "เวชระเบียนผู้ป่วย"


def test_whoever_saves_second_sees_both_versions(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    mine = filled(visitor.open("/datasets/D-000001/edit")) | {"title": "ของฉัน"}
    visitor.send("/datasets/D-000001/edit", mine | {"title": "ของเขา", "checked": ["quality"]})
    answer = visitor.send("/datasets/D-000001/edit", mine)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "lxml")
    rows = [
        [cell.get_text(strip=True) for cell in row.select("th, td")] for row in page.select(".alert-warning tbody tr")
    ]
    assert rows == [["ชื่อชุดข้อมูล", "ของเขา", "ของฉัน"], ["ความพร้อมที่ตรวจแล้ว", "ตรวจคุณภาพแล้ว", "–"]]
    assert visitor.send("/datasets/D-000001/edit", filled(page)).status_code == 302
    assert filled(visitor.open("/datasets/D-000001/edit"))["title"] == "ของฉัน"


def test_saving_what_is_there_already_changes_nothing(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    data = filled(visitor.open("/datasets/D-000003/edit"))
    assert visitor.send("/datasets/D-000003/edit", data).status_code == 302
    assert filled(visitor.open("/datasets/D-000003/edit")) == data


def test_a_dataset_leads_to_a_requirement_that_starts_with_what_it_tells(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    link = visitor.open("/datasets/D-000001").select_one("a[href*='dataset=D-000001']")
    form = visitor.open(link["href"])
    assert form.select_one("[name=title]")["value"] == "เวชระเบียนผู้ป่วย"
    assert form.select_one("[name='demand.hot_tb.2029']")["value"] == "62.5"


def test_the_list_comes_out_as_a_catalogue_that_can_be_imported_again(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    link = visitor.open("/datasets/?category=public").select_one("a[href*='export.json']")
    answer = visitor.client.get(link["href"])
    assert [package["name"] for package in answer.json["result"]["results"]] == ["d-000003"]
    checked = visitor.send("/import/", {"workbook": (io.BytesIO(answer.data), "datasets.json")})
    page = BeautifulSoup(checked.text, "lxml")
    assert not page.select("#table-faults")
    assert [cell.get_text(strip=True) for cell in page.select("#table-changes tbody :is(th, td)")] == [
        "ชุดข้อมูล", "0", "0", "1",
    ]  # fmt: skip
