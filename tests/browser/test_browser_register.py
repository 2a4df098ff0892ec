"""The register in a real browser: positions pasted into the grid, and people who stay out of the browser's store."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy.orm import Session

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def staffed_site(site: object, small_register: Callable[[Session], None]) -> object:
    """The site of this module, whose small world has its staff."""
    with site.sessions.begin() as session:
        small_register(session)
    return site


def open_grid(page: Page, site: object, table: str) -> None:
    page.goto(f"{site.address}/register/{table}/grid/")
    expect(page.locator("#grid-count")).not_to_be_empty()


def paste(page: Page, text: str) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.keyboard.press("Control+v")


def test_positions_are_pasted_by_name_mended_and_saved(enter: Callable[[str], Page], staffed_site: object) -> None:
    page = enter("hr2")
    open_grid(page, staffed_site, "positions")
    expect(page.get_by_role("rowheader", name="กรมควบคุมโรค")).to_have_count(2)
    page.get_by_role("button", name="เพิ่มแถว").click()
    paste(page, "กรมควบคุมโรค\tบริกรข้อมูล\t๒๕๗๒\t4\t9\t")
    faulty = page.locator("#grid td.faulty")
    expect(faulty).to_have_text("9")
    page.locator("#grid-faults button").click()
    expect(page.locator("#grid-cell")).to_contain_text("อัตรามีเงินมากกว่ากรอบอัตรา")
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    expect(faulty).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.locator("#grid-status")).to_have_text("บันทึกแล้ว")
    open_grid(page, staffed_site, "positions")
    expect(page.get_by_role("rowheader", name="กรมควบคุมโรค")).to_have_count(3)
    stored = page.locator("#grid tbody tr", has_text="2572").locator("th, td")
    expect(stored).to_have_text(["กรมควบคุมโรค", "บริกรข้อมูล", "2572", "4", "3", "0"])
    expect(stored.first).to_have_attribute("aria-readonly", "true")


def test_what_is_typed_about_people_stays_out_of_the_browser(
    enter: Callable[[str], Page], staffed_site: object
) -> None:
    page = enter("hr")
    for table, kept in (("people", 0), ("positions", 1)):
        open_grid(page, staffed_site, table)
        page.get_by_role("button", name="เพิ่มแถว").click()
        paste(page, "P7")
        expect(page.locator("#grid-count")).to_contain_text("1")
        assert page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('planner-grid')).length") == kept
