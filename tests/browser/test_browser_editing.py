"""Entering needs in a real browser: the grid with paste, faults, a dropped connection and two people; the form."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

DRAFT = ["ฉบับร่าง", ""]
PASTED = [
    ["ระบบทะเบียนวัคซีน", "กรมควบคุมโรค", "ปกติ", "เปิดเผย", "", "", "", "๒๕๗๐", "", "", "", "", *DRAFT, "12", "14"],
    ["คลังสุขภาพ", "21004", "สูง", "คุ้มครอง", "2", "1", "ใช่", "2571", "2571", "north", "", "", *DRAFT, "มาก", "1,500"],
]
"""Rows as copied out of Excel, from the titles on: names or codes, Thai digits, and one amount that is none."""


def open_grid(page: Page, site: object, query: str = "") -> None:
    page.goto(f"{site.address}/requirements/grid/{query}")
    expect(page.locator("#grid-count")).not_to_be_empty()


def cell(page: Page, row: str, column: str):
    """The cell of the row with that code under the column with that header."""
    number = page.locator("#grid thead th", has_text=re.compile(f"^{re.escape(column)}")).first.get_attribute(
        "aria-colindex"
    )
    return page.locator("#grid tr", has=page.get_by_role("rowheader", name=row, exact=True)).last.locator(
        f"[aria-colindex='{number}']"
    )


def paste(page: Page, rows: list[list[str]]) -> None:
    page.evaluate("text => navigator.clipboard.writeText(text)", "\r\n".join("\t".join(row) for row in rows))
    page.keyboard.press("Control+v")


def test_rows_are_pasted_mended_and_saved(enter: Callable[[str], Page], site: object) -> None:
    page = enter("ministry_planner")
    open_grid(page, site)
    page.get_by_role("button", name="เพิ่มแถว").click()
    paste(page, PASTED)
    expect(page.get_by_role("rowheader", name="ใหม่")).to_have_count(2)
    faulty = page.locator("#grid td.faulty")
    expect(faulty).to_have_count(1)  # found while typing, before anything is saved
    expect(faulty).to_have_text("มาก")
    page.get_by_role("button", name="บันทึก").click()
    expect(page.locator("#grid-status")).to_contain_text("แก้ไขเซลล์")
    expect(page.get_by_role("rowheader", name="ใหม่")).to_have_count(2)  # all or nothing

    page.locator("#grid-faults button").click()
    expect(faulty).to_be_focused()
    expect(page.locator("#grid-cell")).to_contain_text("ไม่ใช่จำนวน")
    page.keyboard.press("Delete")
    expect(faulty).to_have_count(0)
    page.keyboard.press("Control+s")
    expect(page.locator("#grid-status")).to_have_text("บันทึกแล้ว")
    expect(page.get_by_role("rowheader", name="R-000007")).to_be_visible()
    expect(cell(page, "R-000008", "หน่วยงาน")).to_have_text("กรมควบคุมโรค")
    open_grid(page, site)
    expect(cell(page, "R-000007", "หน่วยประมวลผล 2570")).to_have_text("12")
    expect(cell(page, "R-000008", "หน่วยประมวลผล 2571")).to_have_text("1500")


def test_typing_undoing_and_filling_by_the_keyboard_alone(enter: Callable[[str], Page], site: object) -> None:
    page = enter("de_planner")
    open_grid(page, site, "?status=draft&ministry=11000")
    page.locator("#main").focus()
    while not page.evaluate("document.activeElement.closest('#grid') !== null"):
        page.keyboard.press("Tab")
    for key in ("ArrowRight", "F2", "End"):
        page.keyboard.press(key)
    page.keyboard.type(" ๒")
    page.keyboard.press("Enter")
    title = cell(page, "R-000005", "ชื่อระบบ")
    expect(title).to_have_text("แบบร่าง ๒")
    page.keyboard.press("Control+z")
    expect(title).to_have_text("แบบร่าง")
    page.keyboard.press("Control+y")
    expect(title).to_have_text("แบบร่าง ๒")
    cell(page, "R-000005", "หน่วยประมวลผล 2570").click()
    for _ in range(2):
        page.keyboard.press("Shift+ArrowRight")
    paste(page, [["8"]])
    for year in ("2570", "2571", "2572"):
        expect(cell(page, "R-000005", f"หน่วยประมวลผล {year}")).to_have_text("8")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "8\t8\t8"
    page.get_by_role("button", name="ทิ้งการแก้ไข").click()
    expect(title).to_have_text("แบบร่าง")
    expect(page.locator("#grid-count")).to_have_text("บันทึกครบแล้ว")


def test_a_dropped_connection_loses_nothing(enter: Callable[[str], Page], site: object) -> None:
    page = enter("de_planner")
    open_grid(page, site, "?status=draft&ministry=11000")
    note = cell(page, "R-000005", "หมายเหตุ")
    note.click()
    page.keyboard.press("Enter")
    page.keyboard.type("พิมพ์ขณะไม่มีสัญญาณ")
    page.keyboard.press("Tab")
    page.context.set_offline(True)
    page.get_by_role("button", name="บันทึก").click()
    expect(page.locator("#grid-status")).to_contain_text("เก็บไว้ในเบราว์เซอร์")
    page.context.set_offline(False)
    open_grid(page, site, "?status=draft&ministry=11000")  # the page itself was lost too
    expect(page.locator("#grid-status")).to_contain_text("1 แถว")
    expect(note).to_have_text("พิมพ์ขณะไม่มีสัญญาณ")
    page.get_by_role("button", name="บันทึก").click()
    expect(page.locator("#grid-status")).to_have_text("บันทึกแล้ว")
    open_grid(page, site, "?status=draft&ministry=11000")
    expect(page.locator("#grid-count")).to_have_text("บันทึกครบแล้ว")
    expect(note).to_have_text("พิมพ์ขณะไม่มีสัญญาณ")


def test_a_session_that_ended_loses_nothing(enter: Callable[[str], Page], site: object, sign_in: Callable) -> None:
    page = enter("de_planner")
    open_grid(page, site, "?status=draft&ministry=11000")
    cell(page, "R-000005", "น้ำหนัก").click()
    page.keyboard.type("2.5")
    page.keyboard.press("Enter")
    page.context.clear_cookies()
    page.get_by_role("button", name="บันทึก").click()
    expect(page.locator("#grid-status")).to_contain_text("เข้าสู่ระบบอีกครั้ง")
    other = page.context.new_page()
    sign_in(other, site, "de_planner")
    page.get_by_role("button", name="บันทึก").click()
    expect(page.locator("#grid-status")).to_have_text("บันทึกแล้ว")
    expect(cell(page, "R-000005", "น้ำหนัก")).to_have_text("2.5")


def test_of_two_people_the_second_sees_both_versions(enter: Callable[[str], Page], site: object) -> None:
    first, second = enter("de_planner"), enter("de_planner")
    for page, text in ((first, "4"), (second, "6")):
        open_grid(page, site, "?status=draft&ministry=11000")
        cell(page, "R-000005", "หน่วยประมวลผล 2571").click()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    first.get_by_role("button", name="บันทึก").click()
    expect(first.locator("#grid-status")).to_have_text("บันทึกแล้ว")
    second.get_by_role("button", name="บันทึก").click()
    conflict = second.locator("#grid-conflicts li")
    expect(conflict.locator("del")).to_have_text("4")
    expect(conflict.locator("ins")).to_have_text("6")
    expect(cell(second, "R-000005", "หน่วยประมวลผล 2571")).to_have_text("6")
    conflict.get_by_role("button", name="ใช้ของฉันต่อ").click()
    second.get_by_role("button", name="บันทึก").click()
    expect(second.locator("#grid-status")).to_have_text("บันทึกแล้ว")


def test_the_form_checks_while_it_is_filled_in(enter: Callable[[str], Page], site: object) -> None:
    page = enter("ministry_planner")
    page.goto(f"{site.address}/requirements/new")
    page.get_by_label("ตั้งแต่ปีงบประมาณ").fill("2590")
    page.get_by_label("ถึงปีงบประมาณ").fill("2570")
    page.get_by_label("ถึงปีงบประมาณ").blur()
    expect(page.locator("#end_year-error")).to_contain_text("สิ้นสุดก่อน")
    expect(page.locator("#title-error")).to_be_empty()  # nobody has been there yet
    page.get_by_label("ตั้งแต่ปีงบประมาณ").fill("๒๕๗๐")
    page.get_by_label("ถึงปีงบประมาณ").fill("2571")
    page.get_by_label("ถึงปีงบประมาณ").blur()
    expect(page.locator("#end_year-error")).to_be_empty()
    page.get_by_label("ชื่อระบบ").fill("ระบบจากแบบฟอร์ม")
    page.get_by_label("หน่วยงาน").select_option("21004")
    page.get_by_label("ลำดับความสำคัญ").select_option("normal")
    page.get_by_label("ระดับชั้นข้อมูล").select_option("open")
    page.get_by_label("หน่วยประมวลผล 2570").fill("3")
    page.get_by_role("button", name="บันทึก").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("ระบบจากแบบฟอร์ม")
