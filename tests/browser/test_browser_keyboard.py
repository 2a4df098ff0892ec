"""One whole journey by the keyboard alone: sign in, submit, return one and approve the rest, mend it, submit again."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

import models

pytestmark = pytest.mark.browser

MOST_STOPS = 120


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the focus is on `target`, once the page is whole: the menu opens by a script."""
    page.wait_for_load_state()
    for _ in range(MOST_STOPS):
        if target.count() == 1 and target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not come to {target}")


def press(page: Page, target: Locator, key: str = "Enter") -> None:
    reach(page, target)
    page.keyboard.press(key)


def enter_text(page: Page, target: Locator, text: str) -> None:
    """Type `text` in place of what stands in a field."""
    reach(page, target)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def sign_in(page: Page, site, role: str) -> None:
    account = site.accounts[role]
    page.goto(f"{site.address}/sign-in")
    enter_text(page, page.locator("#username"), account.username)
    enter_text(page, page.locator("#password"), account.password)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("ภาพรวม")


def open_worklist(page: Page) -> None:
    press(page, page.get_by_role("button", name=re.compile("^งาน")))
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=re.compile("^งานที่รอท่าน"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("งานที่รอท่าน")


def expect_done(page: Page, answer: str) -> None:
    expect(page.get_by_role("status").first).to_contain_text(answer)


def test_a_planner_submits_and_de_returns_one_and_approves_the_rest(
    chromium: Browser, serve: Callable, small_world: Callable
) -> None:
    def fill(sessions: sessionmaker[Session]) -> None:
        with sessions.begin() as session:
            small_world(session)
            session.execute(update(models.Requirement).values(status=models.RequirementStatus.DRAFT))

    site = serve(fill)
    with (
        chromium.new_context(locale="th-TH") as ministry,
        chromium.new_context(locale="th-TH") as digital,
        chromium.new_context(locale="th-TH") as other,
    ):
        planner, reviewer, stranger = ministry.new_page(), digital.new_page(), other.new_page()
        sign_in(planner, site, "ministry_planner")
        open_worklist(planner)
        press(planner, planner.get_by_label("เลือกทุกแถวในหน้านี้"), "Space")
        press(planner, planner.get_by_role("button", name="ส่ง", exact=True))
        expect_done(planner, "ส่งเพื่อพิจารณาแล้ว")

        sign_in(reviewer, site, "de_planner")
        open_worklist(reviewer)
        press(reviewer, reviewer.get_by_label("เลือก R-000001"), "Space")
        enter_text(reviewer, reviewer.get_by_label("ความเห็น"), "ขาดปริมาณปี 2572")
        press(reviewer, reviewer.get_by_role("button", name="ส่งกลับ", exact=True))
        expect_done(reviewer, "ส่งกลับกระทรวงแล้ว")
        press(reviewer, reviewer.get_by_label("เลือก R-000006"), "Space")
        press(reviewer, reviewer.get_by_role("button", name="อนุมัติ", exact=True))
        expect_done(reviewer, "อนุมัติแล้ว")

        open_worklist(planner)
        press(planner, planner.get_by_role("link", name="R-000001"))
        expect(planner.locator(".returned")).to_contain_text("ขาดปริมาณปี 2572")
        press(planner, planner.get_by_role("link", name="แก้ไข", exact=True))
        enter_text(planner, planner.get_by_label("ชื่อระบบ"), "เวชระเบียนกลาง ฉบับปรับปรุง")
        planner.keyboard.press("Enter")  # which saves, as in any form
        expect(planner.get_by_role("heading", level=1)).to_have_text("เวชระเบียนกลาง ฉบับปรับปรุง")
        press(planner, planner.get_by_role("button", name="ส่ง", exact=True))
        expect_done(planner, "ส่งเพื่อพิจารณาแล้ว")

        sign_in(stranger, site, "ministry2")
        open_worklist(stranger)
        expect(stranger.locator("#table-worklist tbody tr")).to_have_count(4)
        expect(stranger.get_by_role("link", name="R-000001")).to_have_count(0)
