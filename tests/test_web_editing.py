"""The form of a requirement: new, edit, live checks, faults at their fields, and two people at once."""

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

NEW = {
    "title": "ระบบใหม่",
    "agency": "21004",
    "priority": "normal",
    "clearance": "open",
    "start_year": "๒๕๗๐",
    "divisible": "yes",
    "regions": ["north"],
    "demand.vcpu.2027": "1,200.5",
}


@pytest.fixture
def planner(visitor_as):
    return visitor_as("ministry_planner")


def filled(visitor, path: str) -> dict[str, object]:
    """What a browser would send of the form at `path`."""
    form = visitor.open(path).select_one("form[data-check]")
    sent: dict[str, object] = {
        field["name"]: field.get("value", "") for field in form.select("input:not([type=checkbox])")
    }
    for box in form.select("input[type=checkbox][checked]"):
        sent.setdefault(box["name"], []).append(box["value"])
    for choice in form.select("select"):
        chosen = choice.select_one("option[selected]")
        sent[choice["name"]] = chosen["value"] if chosen else ""
    for text in form.select("textarea"):
        sent[text["name"]] = text.text.strip()
    return sent


def faults(response: TestResponse) -> dict[str, str]:
    page = BeautifulSoup(response.text, "lxml")
    return {
        place["data-messages"]: place.get_text(" ", strip=True) for place in page.select("[data-messages]:not(:empty)")
    }


def test_a_new_requirement_is_a_draft_with_the_next_code(planner) -> None:
    form = filled(planner, "/requirements/new")
    assert (form["weight"], form["copies"], form["divisible"]) == ("1", "1", "yes")
    answer = planner.send("/requirements/new", {**form, **NEW})
    assert answer.location == "/requirements/R-000007"
    assert planner.open(answer.location).h1.get_text() == "ระบบใหม่"
    stored = filled(planner, f"{answer.location}/edit")
    assert {name: stored[name] for name in ("start_year", "regions", "demand.vcpu.2027", "end_year")} == {
        "start_year": "2570",
        "regions": ["north"],
        "demand.vcpu.2027": "1200.5",
        "end_year": "",
    }


def test_sending_a_new_one_twice_makes_one(planner) -> None:
    form = {**filled(planner, "/requirements/new"), **NEW}
    assert planner.send("/requirements/new", form).location == planner.send("/requirements/new", form).location
    assert planner.client.get("/requirements/R-000008").status_code == 404
    changed = planner.send("/requirements/new", {**form, "title": "ชื่ออื่น"})  # gone back to, changed, sent again
    assert changed.location == "/requirements/R-000007"


def test_every_fault_stands_at_its_field_and_what_was_typed_stays(planner) -> None:
    wrong = {**NEW, "title": "", "end_year": "2027", "copies": "3", "demand.hot_tb.2028": "<b>มาก</b>"}
    answer = planner.send("/requirements/new", {**filled(planner, "/requirements/new"), **wrong})
    assert answer.status_code == 422
    assert faults(answer).keys() == {"title", "end_year", "copies", "demand.hot_tb.2028"}
    page = BeautifulSoup(answer.text, "lxml")
    assert page.find(id="demand.hot_tb.2028")["value"] == "<b>มาก</b>"
    assert page.find(id="regions-north").has_attr("checked")
    assert {link["href"] for link in page.select("[role=alert] a")} == {f"#{name}" for name in faults(answer)}
    assert planner.client.get("/requirements/R-000007").status_code == 404


def test_the_check_says_the_same_and_stores_nothing(planner) -> None:
    answer = planner.send("/requirements/check", {**NEW, "start_year": "2580"})
    assert answer.get_json()["faults"].keys() == {"start_year", "demand.vcpu.2027"}
    assert planner.send("/requirements/check", NEW).get_json() == {"faults": {}}
    assert planner.client.get("/requirements/R-000007").status_code == 404


def test_the_second_of_two_people_sees_both_versions_and_may_save(visitor_as) -> None:
    planner = visitor_as("de_planner")
    path = "/requirements/R-000005/edit"
    mine = filled(planner, path)
    assert planner.send(path, {**mine, "title": "ของคนแรก"}).status_code == 302
    answer = planner.send(path, {**mine, "title": "ของคนที่สอง"})
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "lxml")
    assert page.find(id="title")["value"] == "ของคนที่สอง"
    assert "ของคนแรก" in page.find(id="title-theirs").get_text()
    assert page.select_one("input[name=version]")["value"] == "2"
    assert planner.send(path, {**mine, "title": "ของคนที่สอง", "version": "2"}).status_code == 302
    assert planner.open("/requirements/R-000005").h1.get_text() == "ของคนที่สอง"


def test_an_approved_requirement_gets_a_revision(planner) -> None:
    path = "/requirements/R-000001/edit"
    form = filled(planner, path)
    assert "ฉบับแก้ไข" in planner.client.get(path).text
    assert planner.send(path, {**form, "title": "ชื่อที่เสนอ"}).status_code == 302
    assert planner.open("/requirements/R-000001").h1.get_text() == "เวชระเบียนกลาง"
    assert filled(planner, path)["title"] == "ชื่อที่เสนอ"


def test_what_is_another_ministrys_is_not_there(planner) -> None:
    assert planner.client.get("/requirements/R-000005/edit").status_code == 404
    assert planner.send("/requirements/check", {**NEW, "code": "R-000005"}).status_code == 404
    assert planner.send("/requirements/new", {**NEW, "agency": "11004"}).status_code == 422


def test_a_ministry_sees_the_score_of_the_review_and_cannot_send_another(planner) -> None:
    assert planner.open("/requirements/new").find(id="weight").has_attr("readonly")
    form = filled(planner, "/requirements/new")
    location = planner.send("/requirements/new", {**form, **NEW, "weight": "9"}).location
    assert filled(planner, f"{location}/edit")["weight"] == "1"
    refused = planner.send(f"{location}/edit", {**filled(planner, f"{location}/edit"), "title": "", "weight": "9"})
    assert BeautifulSoup(refused.text, "lxml").find(id="weight")["value"] == "1"


def test_de_sets_the_score_of_the_review(visitor_as) -> None:
    reviewer = visitor_as("de_planner")
    location = reviewer.send(
        "/requirements/new", {**filled(reviewer, "/requirements/new"), **NEW, "weight": "9"}
    ).location
    assert filled(reviewer, f"{location}/edit")["weight"] == "9"
