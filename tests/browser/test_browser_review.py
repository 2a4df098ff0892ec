"""Review in a real browser: a planner submits, DE returns one and approves the rest, the planner mends it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

import models

pytestmark = pytest.mark.browser


def go_to_work(page: Page) -> None:
    page.get_by_role("button", name="งาน").click()
    page.get_by_role("link", name="งานที่รอท่าน").click()


def sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_a_planner_submits_and_de_returns_one_and_approves_the_rest(
    page: Page, serve: Callable, sign_in: Callable, small_world: Callable
) -> None:
    def fill(sessions: sessionmaker[Session]) -> None:
        with sessions.begin() as session:
            small_world(session)
            session.execute(update(models.Requirement).values(status=models.RequirementStatus.DRAFT))

    site = serve(fill)
    sign_in(page, site, "ministry_planner")
    go_to_work(page)
    rows = page.locator("#table-worklist tbody tr")
    expect(rows).to_have_count(2)
    page.get_by_label("เลือกทุกแถวในหน้านี้").check()
    expect(rows.locator("input:checked")).to_have_count(2)
    page.get_by_role("button", name="ส่ง", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text("ส่งเพื่อพิจารณาแล้ว")

    sign_out(page)
    sign_in(page, site, "de_planner")
    go_to_work(page)
    page.get_by_label("เลือก R-000001").check()
    page.get_by_label("ความเห็น").fill("ขาดปริมาณปี 2572")
    page.get_by_role("button", name="ส่งกลับ", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text("ส่งกลับกระทรวงแล้ว")
    page.get_by_label("เลือก R-000006").check()
    page.get_by_role("button", name="อนุมัติ", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("อนุมัติแล้ว")
    expect(rows.locator("th")).to_have_count(0)

    sign_out(page)
    sign_in(page, site, "ministry_planner")
    go_to_work(page)
    expect(rows).to_have_count(1)
    page.get_by_role("link", name="R-000001").click()
    expect(page.locator(".returned")).to_contain_text("ขาดปริมาณปี 2572")
    page.get_by_role("link", name="แก้ไข", exact=True).click()
    page.get_by_label("ชื่อระบบ").fill("เวชระเบียนกลาง ฉบับปรับปรุง")
    page.get_by_role("button", name="บันทึก").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("เวชระเบียนกลาง ฉบับปรับปรุง")
    page.get_by_role("button", name="ส่ง", exact=True).click()
    expect(page.get_by_role("status").first).to_have_text("ส่งเพื่อพิจารณาแล้ว")

    sign_out(page)
    sign_in(page, site, "ministry2")
    go_to_work(page)
    expect(rows).to_have_count(4)
    expect(page.get_by_role("link", name="R-000001")).to_have_count(0)
