"""The main journey in a real browser: sign in, import, run the plan, read it, see the reasons, take reports away."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Locator, Page, expect

from planner.services.sample import sample_workbook
from reports.sheets import REGISTER

pytestmark = pytest.mark.browser

SOLVED = 60_000
"""Milliseconds for an import or a solve on a slow machine."""


@pytest.fixture(scope="module")
def hosting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample without the register of staff, which is not DE's to bring in."""
    workbook = load_workbook(io.BytesIO(sample_workbook(400)))
    for sheet in REGISTER:
        del workbook[sheet.title.th]
    path = tmp_path_factory.mktemp("hosting") / "hosting.xlsx"
    workbook.save(path)
    return path


def follow(target: Locator) -> None:
    """Click, and wait for the page that comes with its scripts, for which no person is too quick."""
    with target.page.expect_navigation(timeout=SOLVED):
        target.click()


def test_from_signing_in_to_the_reasons(
    page: Page, serve: Callable, sign_in: Callable, do_jobs: Callable, hosting: Path
) -> None:
    site = serve()
    page.goto(site.address)
    expect(page).to_have_title(re.compile("เข้าสู่ระบบ"))
    sign_in(page, site, "de_planner")
    expect(page.get_by_role("heading", level=1)).to_have_text("ภาพรวม")

    page.get_by_role("button", name="ข้อมูล", exact=True).click()
    follow(page.get_by_role("link", name="นำเข้า"))
    page.get_by_label("แฟ้ม Excel (.xlsx)").set_input_files(hosting)
    page.get_by_role("button", name="ตรวจสอบแฟ้ม").click()
    result = page.locator("#result")
    expect(result.get_by_text("ไม่พบข้อผิดพลาด")).to_be_visible(timeout=SOLVED)
    expect(result.get_by_role("row", name=re.compile("^ความต้องการ"))).to_contain_text("400")
    follow(result.get_by_role("button", name="นำเข้า"))
    expect(page.get_by_role("status").first).to_have_text("นำเข้าแฟ้มเรียบร้อยแล้ว")

    page.get_by_role("button", name="แผน", exact=True).click()
    follow(page.get_by_role("link", name="แผน", exact=True))
    page.get_by_label("ชื่อรอบการประมวลผลแผน").fill("แผนทดลอง")
    follow(page.get_by_role("button", name="ประมวลผลแผน"))
    expect(page.get_by_role("heading", level=1)).to_have_text("แผนทดลอง")
    do_jobs(site.sessions)
    expect(page.locator(".chart canvas")).to_have_count(2, timeout=SOLVED)
    for place in page.locator(".chart").all():
        assert place.evaluate(DRAWN), "a chart is blank"
    expect(page.locator("#table-ministries tbody tr")).to_have_count(20)
    expect(page.locator("#table-levels tbody tr")).not_to_have_count(0)

    follow(page.get_by_role("link", name="ดูส่วนขาดรายความต้องการ"))
    follow(page.locator("#table-shortfalls tbody th a").first)
    expect(page.get_by_role("heading", name="เหตุใดจึงไม่ได้มากกว่านี้")).to_be_visible()
    expect(page.locator(".reasons li")).not_to_have_count(0)

    page.get_by_role("button", name="นายธนกฤต ตัวอย่าง").click()
    follow(page.get_by_role("button", name="ออกจากระบบ"))
    expect(page).to_have_title(re.compile("เข้าสู่ระบบ"))


def test_a_file_that_is_checked_before_the_script_is_there_is_chosen_again_and_imported(
    page: Page, serve: Callable, sign_in: Callable, hosting: Path
) -> None:
    site = serve()
    sign_in(page, site, "de_planner")
    page.route("**/import.js*", lambda _held: None)
    page.goto(f"{site.address}/import/", wait_until="commit")
    page.get_by_label("แฟ้ม Excel (.xlsx)").set_input_files(hosting)
    page.get_by_role("button", name="ตรวจสอบแฟ้ม").click()
    result = page.locator("#result")
    expect(result.get_by_text("ไม่พบข้อผิดพลาด")).to_be_visible(timeout=SOLVED)
    page.unroute("**/import.js*")  # lets go what is held
    page.wait_for_load_state()
    expect(result.get_by_text("เลือกแฟ้มเดิมอีกครั้งด้านบน")).to_be_visible()
    page.get_by_label("แฟ้ม Excel (.xlsx)").set_input_files(hosting)
    follow(result.get_by_role("button", name="นำเข้า"))
    expect(page.get_by_role("status").first).to_have_text("นำเข้าแฟ้มเรียบร้อยแล้ว")


def test_workbooks_are_made_in_the_background_and_taken_away(
    page: Page, site: Any, sign_in: Callable, do_jobs: Callable, tmp_path: Path
) -> None:
    sign_in(page, site, "de_planner")
    page.goto(f"{site.address}/plans/")
    page.get_by_label("ชื่อรอบการประมวลผลแผน").fill("แผนทดลอง")
    page.get_by_role("button", name="ประมวลผลแผน").click()
    page.wait_for_url("**/plans/P-000001")
    do_jobs(site.sessions)
    page.goto(f"{site.address}/plans/P-000001")
    page.get_by_role("link", name="รายงาน (Excel)").first.click()
    page.get_by_role("button", name="จัดทำสมุดงาน").click()
    expect(page.locator("[data-job-status]")).to_be_visible()
    do_jobs(site.sessions)
    with page.expect_download(timeout=SOLVED) as download:
        page.locator(".report-files a").first.click(timeout=SOLVED)
    target = tmp_path / download.value.suggested_filename
    download.value.save_as(target)
    assert target.name == "allocation-P-000001-th.xlsx"
    assert "P-000001 แผนทดลอง" in {
        cell.value for row in load_workbook(target).worksheets[0].iter_rows() for cell in row
    }


DRAWN = """async place => {
  const canvas = place.querySelector("canvas");
  for (let tries = 0; tries < 50; tries++) {
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    let opaque = 0;
    for (let i = 3; i < pixels.length; i += 4) {
      opaque += pixels[i] === 255;
    }
    if (opaque > 2000) {
      return true;
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return false;
}"""
"""Whether a chart's canvas comes to hold more than a line or two."""


def test_a_fault_is_shown_without_losing_the_page(
    page: Page, serve: Callable, sign_in: Callable, hosting: Path, tmp_path: Path
) -> None:
    site = serve()
    sign_in(page, site, "de_planner")
    workbook = load_workbook(hosting)
    sheet = workbook["ความต้องการ"]
    columns = {str(cell.value): cell.column for row in sheet.iter_rows(max_row=5) for cell in row if cell.value}
    sheet.cell(6, columns["หน่วยงาน"], "99999")
    workbook.save(tmp_path / "faulty.xlsx")
    page.goto(f"{site.address}/import/")
    page.get_by_label("แฟ้ม Excel (.xlsx)").set_input_files(tmp_path / "faulty.xlsx")
    page.get_by_role("button", name="ตรวจสอบแฟ้ม").click()
    fault = page.locator("#table-faults tbody tr").first
    expect(fault.get_by_role("rowheader")).to_have_text(re.compile(r"ความต้องการ![A-Z]+6\s*$"), timeout=SOLVED)
    expect(page.locator("#result button")).to_have_count(0)


def test_the_menu_and_the_table_can_be_reached_from_the_keyboard(page: Page, solved: object, sign_in: Callable) -> None:
    sign_in(page, solved, "manager")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="ข้ามไปยังเนื้อหา")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.goto(f"{solved.address}/requirements/")
    page.get_by_label("ค้นหา").focus()
    page.keyboard.type("R-000010")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requirements/?q=R-000010")
    expect(page.locator("#table-requirements tbody tr")).to_have_count(1)
