"""Giving many requirements the same values at once, and lists kept under names."""

import pytest
from bs4 import BeautifulSoup

DRAFTS = ["R-000005"]


@pytest.fixture
def de(visitor_as):
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": "en"})
    return visitor


def page_of(response) -> BeautifulSoup:
    return BeautifulSoup(response.text, "lxml")


def fields(page: BeautifulSoup) -> dict[str, list[str]]:
    """What the page's form would send if nothing were changed."""
    form = page.select_one("main form[action='/requirements/bulk/save']")
    sent: dict[str, list[str]] = {}
    for box in form.select("input[type=hidden], input[checked]"):
        sent.setdefault(box["name"], []).append(box["value"])
    return {name: values for name, values in sent.items() if name != "csrf_token"}


def test_rows_chosen_in_the_list_are_given_the_same_values(de):
    listing = de.open("/requirements/")
    assert listing.select_one("button[formaction='/requirements/bulk']")
    boxes = [box["value"] for box in listing.select("tbody input[name=code]")]
    assert "R-000005" in boxes
    chosen = page_of(de.send("/requirements/bulk", {"code": ["R-000005", "R-000003"]}))
    sent = fields(chosen)
    assert sent["code"] == ["R-000005", "R-000003"]
    answer = de.send("/requirements/bulk/save", {**sent, "set-priority": "high", "set-divisible": "no"})
    assert (answer.status_code, answer.location) == (302, "/requirements/")
    assert "High" in de.open("/requirements/R-000005").get_text()
    proposed = de.open("/requirements/R-000003").get_text()
    assert "Revision 1" in proposed, "an approved one must wait for approval"


def test_a_fault_in_one_row_stops_all_and_stands_beside_it(de):
    chosen = page_of(de.send("/requirements/bulk", {"code": ["R-000005", "R-000002"]}))
    answer = de.send("/requirements/bulk/save", {**fields(chosen), "set-end_year": "2028", "set-priority": "low"})
    assert answer.status_code == 422
    page = page_of(answer)
    assert len(page.select("#fault-R-000005 p")) == 1, "it asks for something in 2029; once is enough to say so"
    assert page.select_one("#fault-R-000002") is None
    assert fields(page)["code"] == ["R-000002"]
    assert page.select_one("#set-end_year option[selected]")["value"] == "2028"
    assert "Low" not in de.open("/requirements/R-000002").get_text()


def test_whoever_comes_second_sees_both_values_and_may_keep_the_own(de):
    first = fields(page_of(de.send("/requirements/bulk", {"code": DRAFTS})))
    de.send("/requirements/bulk/save", {**first, "set-priority": "low"})
    answer = de.send("/requirements/bulk/save", {**first, "set-priority": "high"})
    assert answer.status_code == 409
    page = page_of(answer)
    said = " ".join(page.select_one("#fault-R-000005").get_text(" ").split())
    assert "now Low, with your change High" in said
    again = de.send("/requirements/bulk/save", {**fields(page), "set-priority": "high"})
    assert again.status_code == 302
    assert "High" in de.open("/requirements/R-000005").get_text()


def test_nothing_chosen_is_said_and_what_is_not_offered_is_refused(de):
    assert "No requirement was chosen" in de.send("/requirements/bulk", {}).text
    assert de.send("/requirements/bulk/save", {}).status_code == 422
    assert de.send("/requirements/bulk/save", {"code": DRAFTS, "set-priority": "no-such"}).status_code == 400


def test_another_ministrys_row_does_not_exist(visitor_as):
    visitor = visitor_as("ministry_planner")
    assert visitor.send("/requirements/bulk", {"code": ["R-000002"]}).status_code == 404
    sent = {"code": ["R-000002"], "set-priority": "high"}
    assert visitor.send("/requirements/bulk/save", sent).status_code == 404


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_who_may_not_edit_has_no_boxes(visitor_as, role):
    assert not visitor_as(role).open("/requirements/").select("input[name=code]")


def test_a_list_is_kept_under_a_name_and_opened_again(de):
    page = de.open("/requirements/?status=draft&sort=title&page=2")
    form = page.select_one("form[action='/views/save']")
    kept = {field["name"]: field["value"] for field in form.select("input[type=hidden]")}
    assert kept["query"] == "sort=title&status=draft"
    answer = de.send("/views/save", {"area": kept["area"], "query": kept["query"], "name": "Drafts"})
    assert answer.location == "/requirements/?sort=title&status=draft"
    view = de.open("/requirements/").select_one(".views a")
    assert (view.get_text(strip=True), view["href"]) == ("Drafts", answer.location)
    shown = de.open(view["href"])
    assert shown.select_one(".views a[aria-current]")
    assert not shown.select("form[action='/views/save']")
    assert shown.select_one("form[action='/views/delete'] button")["value"] == "Drafts"
    de.send("/views/delete", {"area": kept["area"], "query": "", "name": "Drafts"})
    assert not de.open("/requirements/").select(".views a")


@pytest.mark.parametrize("area", ["", "home.show", "https://example.org", "no.index"])
def test_a_view_leads_to_our_lists_alone(de, area):
    assert de.send("/views/save", {"area": area, "name": "x", "query": ""}).status_code == 400


def test_a_page_has_as_many_rows_as_one_asks_for(de):
    assert de.open("/requirements/?size=100").select_one("input[name=size]")["value"] == "100"
    assert not de.open("/requirements/?size=7").select("input[name=size]")


def test_a_version_that_is_none_is_no_defect(visitor_as) -> None:
    form = {"code": "R-000005", "seen-R-000005": "9" * 5000, "set-copies": "2"}
    assert visitor_as("de_planner").send("/requirements/bulk/save", form).status_code == 302
