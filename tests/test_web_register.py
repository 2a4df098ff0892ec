"""The register's pages: what each role finds there, filling in a form, the grid's rows, a person's copy and erasure."""

import json
from typing import Any

import pytest

from planner.services.register.tables import TABLES

pytestmark = pytest.mark.usefixtures("web_register")


@pytest.fixture
def hr(visitor_as) -> Any:
    return visitor_as("hr")


def headings(page: Any) -> list[str]:
    return [each.get_text(strip=True) for each in page.select("main h2")]


def test_hr_finds_every_table(hr) -> None:
    assert {"บุคลากร", "ตำแหน่ง", "ผู้รับผิดชอบของหน่วยงาน"} <= set(headings(hr.open("/register/")))


def test_a_ministry_planner_finds_none_about_people(visitor_as) -> None:
    planner = visitor_as("ministry_planner")
    found = headings(planner.open("/register/"))
    assert "ตำแหน่ง" in found
    assert not {"บุคลากร", "ผู้รับผิดชอบของหน่วยงาน"} & set(found)
    assert not planner.open("/register/positions/").select_one("a[href$='/register/positions/new']")


@pytest.mark.parametrize("key", TABLES)
def test_every_table_has_a_form_to_add_a_row(hr, key) -> None:
    page = hr.open(f"/register/{key}/new")
    assert [each["name"] for each in page.select("main form [name]:not([type=hidden])")] == [
        field.key for field in TABLES[key].sheet.fields
    ]


def test_a_faulty_row_comes_back_with_what_is_wrong(hr) -> None:
    typed = {"agency": "11004", "role": "steward", "from_year": "2575", "authorised": "1", "funded": "2"}
    answer = hr.send("/register/positions/new", typed)
    assert answer.status_code == 422
    assert "อัตรามีเงินมากกว่ากรอบอัตรา" in answer.text
    assert hr.send("/register/positions/new", typed | {"funded": "1"}).status_code == 302
    assert hr.open("/register/positions/rows/11004/steward/2032")


def test_a_role_of_a_person_leads_back_to_the_person(hr) -> None:
    page = hr.open("/register/person_roles/new?person=P3")
    assert page.select_one("select[name=person] option[selected]")["value"] == "P3"
    typed = {"person": "P3", "role": "steward", "fte": "0.2", "level": "working", "level_on": "1/10/2569"}
    answer = hr.send("/register/person_roles/new", typed)
    assert answer.location.endswith("/register/person/P3")
    assert "บริกรข้อมูล" in hr.open("/register/person/P3").text
    removed = hr.send("/register/person_roles/remove/P3/steward", {"version": "1"})
    assert removed.location.endswith("/register/person/P3")


def test_a_row_that_somebody_changed_meanwhile_shows_both(hr) -> None:
    path, page = "/register/people/rows/P1", hr.open("/register/people/rows/P1")
    typed = {each["name"]: each.get("value", "") for each in page.select("main form.panel input")}
    typed |= {"agency": "11004", "full_name": "สมชาย หนึ่ง"}
    assert hr.send(path, typed).status_code == 302
    answer = hr.send(path, typed | {"full_name": "สมชาย สอง"})
    assert answer.status_code == 409
    assert "สมชาย หนึ่ง" in answer.text
    assert "สมชาย สอง" in answer.text


def test_people_are_listed_narrowed_and_taken_away(hr) -> None:
    page = hr.open("/register/people/?remark=over")
    assert [each.get_text(strip=True) for each in page.select("tbody th a")] == ["P2"]
    assert "P2" in hr.client.get("/register/people/export.csv?remark=over").text


def test_the_tables_about_people_have_no_list_and_a_person_is_not_just_removed(hr) -> None:
    for key in ("person_roles", "planned_leaves", "nothing"):
        hr.open(f"/register/{key}/", 404)
    assert hr.send("/register/people/remove/P1", {"version": "1"}).status_code == 404
    assert hr.open("/register/person/P1")


def test_a_person_gets_a_copy_and_is_erased_once_that_is_confirmed(hr) -> None:
    copy = hr.send("/register/person/P2/copy.json")
    assert json.loads(copy.text)["people"][0]["full_name"] == "สมหญิง รักไทย"
    assert hr.send("/register/person/P2/copy.xlsx").data[:2] == b"PK"
    assert hr.send("/register/person/P2/copy.pdf").status_code == 404
    assert hr.send("/register/person/P2/erase", {"confirm": "P1"}).location.endswith("/register/person/P2")
    assert hr.open("/register/person/P2")
    assert hr.send("/register/person/P2/erase", {"confirm": "P2"}).location.endswith("/register/people/")
    hr.open("/register/person/P2", 404)


def test_the_grid_gives_rows_as_texts_checks_and_saves_them(hr) -> None:
    page = hr.open("/register/people/grid/").select_one("#grid-page")
    assert page["data-place"] == ""  # nothing about people stays in a browser
    assert hr.open("/register/positions/grid/").select_one("#grid-page")["data-place"]
    rows = {row["code"]: row for row in hr.client.get(page["data-rows"]).json["rows"]}
    assert rows["P2"]["cells"]["retires_on"] == "30/9/2571"
    sent = [{"code": "P2", "version": 1, "cells": {"retires_on": "30/9/2572", "code": "P7"}}]
    assert hr.send_json(page["data-check"], {"rows": sent}).json == {"faults": [], "message": ""}
    saved = hr.send_json(page["data-save"], {"rows": sent}).json["rows"]
    assert [(row["code"], row["version"], row["cells"]["retires_on"]) for row in saved] == [("P2", 2, "30/9/2572")]
    stale = hr.send_json(page["data-save"], {"rows": [sent[0] | {"cells": {"retires_on": "30/9/2573"}}]})
    assert stale.status_code == 409
    assert stale.json["conflicts"][0]["cells"]["retires_on"] == "30/9/2572"
    faulty = hr.send_json(
        "/register/positions/grid/check",
        {"rows": [{"code": "11004/steward/2027", "version": 1, "cells": {"funded": "9"}}]},
    )
    assert [(each["row"], each["column"]) for each in faulty.json["faults"]] == [("11004/steward/2027", "funded")]


def test_hr_of_a_ministry_sees_its_own_people_alone(visitor_as) -> None:
    own = visitor_as("hr2")
    assert [each.get_text(strip=True) for each in own.open("/register/people/").select("tbody th a")] == ["P4", "P5"]
    own.open("/register/person/P1", 404)
    own.open("/register/work_roles/new", 403)
    own.open("/register/positions/rows/11004/steward/2027", 404)
