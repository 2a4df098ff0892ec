"""Every page, in both languages: what it says, how it is built, and that it keeps to the content security policy."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from flask import url_for

from models import Role
from planner.services.desk import PAGES as PAGES_OF_PLANS
from planner.services.permissions import PERMISSIONS
from planner.services.reference import TABLES
from planner.web.rendering import MENU

PAGES = (
    "/",
    "/requirements/",
    "/requirements/R-000001",
    "/requirements/R-000004",
    "/requirements/R-000005",
    "/requirements/R-000005/review",
    "/work/",
    "/rounds/",
    "/rounds/new",
    "/rounds/2570-1",
    "/rounds/2570-1/edit",
    "/sites/",
    "/sites/BKK1",
    "/sites/BKK1/capacity",
    "/pools/",
    "/pools/?type=hot_tb&view=at-CNX1",
    "/plans/",
    "/plans/P-000001",
    *(f"/plans/P-000001/{name}" for name in PAGES_OF_PLANS if name != "overview"),
    "/plans/P-000001/requirements/R-000002?site=CNX1",
    "/plans/P-000001/requirements/R-000004?site=CNX1",
    "/plans/P-000001/reports",
    "/plans/compare",
    "/policy/",
    "/reference/",
    *(f"/reference/{table}/{page}" for table in TABLES for page in ("", "new")),
    "/reference/fiscal_years/rows/2027",
    "/reference/resource_types/rows/hot_tb",
    "/import/",
)

EMPTY = frozenset(
    {
        "alt", "async", "autofocus", "checked", "class", "defer", "disabled", "download", "hidden", "multiple",
        "novalidate", "popover", "readonly", "required", "selected", "value",
    }
)  # fmt: skip
"""The attributes that may hold nothing. Any other is two names that a template let run together."""


def headings(page: BeautifulSoup) -> list[int]:
    return [int(heading.name[1]) for heading in page.select("h1, h2, h3, h4")]


def require_sound(page: BeautifulSoup) -> None:
    """What holds of every page."""
    assert page.select_one("html[lang]")
    assert len(page.select("h1")) == 1
    levels = headings(page)
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), levels
    assert len(page.select("main#main")) == 1
    assert page.select_one("a.skip-link[href='#main']")
    assert page.title
    assert page.title.string
    identifiers = [element["id"] for element in page.select("[id]")]
    assert len(identifiers) == len(set(identifiers))
    for table in page.select("table"):
        assert table.caption
        assert table.caption.get_text(strip=True)
        assert all(cell.get("scope") for cell in table.select("th"))
    for field in page.select("input:not([type=hidden]), select"):
        assert page.select_one(f"label[for='{field['id']}']"), field
    for form in page.select("form[method=post]"):
        assert form.select_one("input[name=csrf_token]"), form
    # the policy would refuse these, and nothing comes from outside
    assert not page.select("[style], style, script:not([src]), base, iframe, object")
    for element in page.find_all(True):
        assert not [name for name in element.attrs if name.startswith("on")], element
        empty = {name for name, value in element.attrs.items() if not value and not name.startswith("data-")}
        assert empty <= EMPTY, element
        for name in ("src", "href", "action", "formaction"):
            assert str(element.get(name, "/")).startswith(("/", "#")), element


@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_is_sound_in_both_languages(visitor_as, language: str) -> None:
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": language})
    for path in PAGES:
        page = visitor.open(path)
        require_sound(page)
        assert page.html["lang"] == language


@pytest.mark.parametrize("path", ["/policy/", "/reference/fiscal_years/rows/2027"])
def test_forms_are_sound_for_those_who_only_read_them(visitor_as, path: str) -> None:
    require_sound(visitor_as("auditor").open(path))


def test_who_may_not_change_the_policy_sees_what_is_ticked(visitor_as) -> None:
    box = visitor_as("auditor").open("/policy/").select_one("#protect_incumbents")
    assert {"checked", "disabled"} <= set(box.attrs)


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize(("path", "status"), [("/sign-in", 200), ("/no-such-page", 404)])
def test_strangers_pages_are_sound_in_both_languages(visitor, language: str, path: str, status: int) -> None:
    visitor.send("/preferences/language", {"language": language})
    page = visitor.open(path, status)
    require_sound(page)
    assert page.html["lang"] == language


def words(page: BeautifulSoup) -> str:
    return " ".join(page.select_one("main").get_text(" ", strip=True).split())


def test_the_start_page_tells_the_four_parts_with_their_numbers(visitor_as) -> None:
    page = visitor_as("de_planner").open("/")
    parts = {part.h2.get_text(): words_of(part) for part in page.select(".parts section")}
    assert list(parts) == ["ข้อมูลขนาดใหญ่ของหน่วยงาน", "ศูนย์ข้อมูล", "บริการรับฝากข้อมูล", "กำลังคนด้านข้อมูล"]
    assert "บุคลากร 0" in parts["กำลังคนด้านข้อมูล"]
    assert "ศูนย์ข้อมูล 2" in parts["ศูนย์ข้อมูล"]
    assert "2570 – 2572" in parts["ศูนย์ข้อมูล"].replace("–", " – ").replace("  ", " ")
    assert "ความต้องการ 6" in parts["บริการรับฝากข้อมูล"]


def words_of(part) -> str:
    return " ".join(part.get_text(" ", strip=True).split())


@pytest.mark.parametrize("role", Role)
def test_the_menu_offers_what_the_role_may_enter(visitor_as: Callable, role: Role) -> None:
    visitor = visitor_as(role)
    page = visitor.open("/")
    offered = [link["href"] for link in page.select("#menu .navbar-nav.me-auto a")]
    with visitor.client.application.test_request_context():
        areas = [
            url_for(entry.endpoint)
            for _name, entries in MENU
            for entry in entries
            if entry.permission is None or role in PERMISSIONS[entry.permission]
        ]
    assert offered == areas
    assert page.select_one("#menu a[aria-current=page]")["href"] == "/"


def test_a_group_of_the_menu_of_which_one_page_is_open_to_the_role_is_that_page(visitor_as: Callable) -> None:
    page = visitor_as("de_planner").open("/reference/")
    assert "ข้อมูล" in {button.get_text(strip=True) for button in page.select("#menu button")}
    assert page.select_one("#menu a.nav-link[aria-current=page]").get_text(strip=True) == "ข้อมูลอ้างอิง"


def test_a_requirement_shows_what_it_asks_what_it_gets_and_why_not_more(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": "en"})
    page = visitor.open("/requirements/R-000004")
    assert page.h1.get_text() == "=HYPERLINK(1)"
    assert [cell.get_text(strip=True) for cell in page.select("#table-demand thead th")][-3:] == [
        "2027",
        "2028",
        "2029",
    ]
    reasons = [reason.get_text() for reason in page.select(".reasons li")]
    assert reasons
    assert all(reason.endswith(".") for reason in reasons)
    assert page.select_one("main a[href='/plans/P-000001']")


def test_a_draft_says_that_it_is_in_no_plan(visitor_as) -> None:
    assert "ยังไม่อยู่ในแผนใด" in words(visitor_as("de_planner").open("/requirements/R-000005"))


def test_a_ministry_is_told_its_own_outcome_and_cannot_open_the_plan_or_others_rows(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")  # of the Ministry of Public Health
    page = visitor.open("/requirements/R-000001")
    assert "P-000001" in words(page)
    assert {link["href"] for link in page.select("main a[href^='/plans']")} == {"/plans/P-000001/requirements/R-000001"}
    visitor.open("/plans/P-000001", 403)
    assert [
        row.th.get_text(strip=True) for row in visitor.open("/requirements/").select("#table-requirements tbody tr")
    ] == [
        "R-000001",
        "R-000006",
    ]
    visitor.open("/requirements/R-000002", 404)


def test_a_site_shows_its_capacity_by_year(visitor_as) -> None:
    page = visitor_as("auditor").open("/sites/BKK1")
    assert page.h1.get_text() == "ศูนย์ข้อมูลบางรัก"
    first = [cell.get_text(strip=True) for cell in page.select_one("#table-capacity tbody tr").select("th, td")]
    assert first[1:4] == ["vCPU", "2570", "100"]
    assert first[6] == "90"


@pytest.mark.parametrize("role", ["de_planner", "ministry_planner", "administrator"])
@pytest.mark.parametrize("language", ["th", "en"])
def test_every_page_says_how_it_works(visitor_as: Callable, page_paths: list[str], role: str, language: str) -> None:
    visitor = visitor_as(role)
    visitor.send("/preferences/language", {"language": language})
    told: dict[str, str] = {}
    for path in page_paths:
        response = visitor.client.get(path)
        if response.status_code == 200 and response.mimetype == "text/html":
            page = BeautifulSoup(response.text, "lxml")
            assert page.select_one("button[popovertarget=help]")
            told[path] = " ".join(line.get_text(" ", strip=True) for line in page.select("#help p, #help li"))
        response.close()
    assert len(told) > 10
    assert {path: text for path, text in told.items() if len(text) < 40} == {}
