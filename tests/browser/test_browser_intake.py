"""A ministry enters its needs, in a real browser: a workbook with faults, review, two people at one row, undoing."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SHEET = "ความต้องการ"
ROWS: Sequence[Mapping[str, object]] = (
    {"รหัส": "R-000101", "ชื่อระบบ": "ทะเบียนวัคซีน", "หน่วยงาน": "21004", "vcpu 2570": "มาก"},
    {"รหัส": "R-000102", "ชื่อระบบ": "คลังภาพรังสี", "หน่วยงาน": "11004", "vcpu 2570": "๑๒"},
    {"รหัส": "R-000103", "ชื่อระบบ": None, "หน่วยงาน": "21004", "vcpu 2570": 14},
)
"""What a planner filled in, with one fault in each row: no number, another ministry's agency, no title."""
COMMON = {"ลำดับความสำคัญ": "normal", "ระดับชั้นข้อมูล": "open", "ตั้งแต่ปีงบประมาณ": 2570}
MENDED = {f"{SHEET}!P2": "8", f"{SHEET}!C3": "21004", f"{SHEET}!B4": "ระบบนัดหมาย"}
"""What belongs in the three cells."""


def open_menu(page: Page, group: str, name: str) -> None:
    """Go to a page by the menu; both pages are whole then, with the scripts that no person is quicker than."""
    page.wait_for_load_state()
    page.get_by_role("button", name=re.compile(f"^{group}")).click()
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile(f"^{name}")).click()


def fill_in(workbook: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows below the headers of the requirements' sheet."""
    book = load_workbook(workbook)
    sheet = book[SHEET]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, row in enumerate(rows, 2):
        for header, value in {**COMMON, **row}.items():
            sheet.cell(number, columns[header], value)
    book.save(workbook)


def mend(workbook: Path, cells: Mapping[str, object]) -> None:
    """Write values into the cells that the page named."""
    book = load_workbook(workbook)
    for address, value in cells.items():
        sheet, _, cell = address.partition("!")
        book[sheet][cell] = value
    book.save(workbook)


def take_template(page: Page, target: Path) -> Path:
    open_menu(page, "ข้อมูล", "นำเข้า")
    with page.expect_download() as download:
        page.get_by_role("link", name="แม่แบบเปล่า").click()
    download.value.save_as(target)
    return target


def check(page: Page, workbook: Path) -> None:
    page.get_by_label("แฟ้ม Excel (.xlsx)").set_input_files(workbook)
    page.get_by_role("button", name="ตรวจสอบแฟ้ม").click()
    expect(page.get_by_role("heading", name="ผลการตรวจสอบ")).to_be_visible()


def bring_in(page: Page, workbook: Path, added: int) -> None:
    """Check a workbook that has no faults and apply it."""
    check(page, workbook)
    expect(page.get_by_role("row", name=re.compile(f"^{SHEET}"))).to_contain_text(str(added))
    page.locator("#result").get_by_role("button", name="นำเข้า").click()
    expect(page.get_by_role("status").first).to_have_text("นำเข้าแฟ้มเรียบร้อยแล้ว")


def test_a_workbook_is_mended_applied_submitted_returned_and_submitted_again(
    enter: Callable[[str], Page], tmp_path: Path
) -> None:
    planner = enter("ministry_planner")
    workbook = take_template(planner, tmp_path / "needs.xlsx")
    fill_in(workbook, ROWS)
    check(planner, workbook)
    expect(planner.locator("#table-faults tbody th")).to_have_text(list(MENDED))
    expect(planner.locator("#result button")).to_have_count(0)  # nothing can be brought in
    mend(workbook, MENDED)
    bring_in(planner, workbook, added=3)

    open_menu(planner, "งาน", "งานที่รอท่าน")
    waiting = planner.locator("#table-worklist tbody th")
    expect(waiting).to_have_text(["R-000101", "R-000102", "R-000103"])
    planner.get_by_label("เลือกทุกแถวในหน้านี้").check()
    planner.get_by_role("button", name="ส่ง", exact=True).click()
    expect(planner.get_by_role("status").first).to_have_text("ส่งเพื่อพิจารณาแล้ว")
    expect(waiting).to_have_count(0)

    reviewer = enter("de_planner")
    open_menu(reviewer, "งาน", "งานที่รอท่าน")
    reviewer.get_by_label("เลือก R-000102").check()
    reviewer.get_by_label("ความเห็น").fill("ขาดปริมาณปี 2571")
    reviewer.get_by_role("button", name="ส่งกลับ", exact=True).click()
    expect(reviewer.get_by_role("status").first).to_have_text("ส่งกลับกระทรวงแล้ว")
    reviewer.get_by_label("เลือกทุกแถวในหน้านี้").check()
    reviewer.get_by_role("button", name="อนุมัติ", exact=True).click()
    expect(reviewer.get_by_role("status").first).to_contain_text("อนุมัติแล้ว")
    expect(reviewer.locator("#table-worklist tbody th")).to_have_count(0)

    open_menu(planner, "งาน", "งานที่รอท่าน")
    expect(waiting).to_have_text(["R-000102"])
    planner.get_by_role("link", name="R-000102").click()
    expect(planner.locator(".returned")).to_contain_text("ขาดปริมาณปี 2571")
    planner.get_by_role("link", name="แก้ไข", exact=True).click()
    planner.get_by_label("หน่วยประมวลผล 2571").fill("๑๖")
    planner.get_by_role("button", name="บันทึก").click()
    planner.get_by_role("button", name="ส่ง", exact=True).click()
    expect(planner.get_by_role("status").first).to_have_text("ส่งเพื่อพิจารณาแล้ว")

    open_menu(reviewer, "งาน", "งานที่รอท่าน")
    reviewer.get_by_role("link", name="R-000102").click()
    expect(reviewer.locator("#table-demand")).to_contain_text("16")
    expect(reviewer.locator("#history")).to_contain_text("ขาดปริมาณปี 2571")


def test_the_second_of_two_people_sees_both_versions_in_the_form(enter: Callable[[str], Page], site) -> None:
    first, second = enter("ministry2"), enter("de_planner")
    for page in (first, second):
        page.goto(f"{site.address}/requirements/R-000005/edit")
    first.get_by_label("ชื่อระบบ").fill("ชื่อของคนแรก")
    first.get_by_role("button", name="บันทึก").click()
    expect(first.get_by_role("heading", level=1)).to_have_text("ชื่อของคนแรก")

    second.get_by_label("ชื่อระบบ").fill("ชื่อของคนที่สอง")
    second.get_by_label("หมายเหตุ").fill("พิมพ์ไว้ยาวแล้ว")
    second.get_by_role("button", name="บันทึก").click()
    expect(second.get_by_role("alert")).to_contain_text(site.accounts["ministry2"].full_name)
    expect(second.get_by_label("ชื่อระบบ")).to_have_value("ชื่อของคนที่สอง")
    expect(second.locator("#title-theirs")).to_contain_text("ชื่อของคนแรก")
    expect(second.get_by_label("หมายเหตุ")).to_have_value("พิมพ์ไว้ยาวแล้ว")
    second.get_by_label("ชื่อระบบ").fill("ชื่อของคนแรก และคนที่สอง")
    second.get_by_role("button", name="บันทึก").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("ชื่อของคนแรก และคนที่สอง")
    expect(second.locator("#history")).to_contain_text("ชื่อของคนแรก")  # and nothing of it is lost


def test_an_import_is_undone(enter: Callable[[str], Page], site, tmp_path: Path) -> None:
    page = enter("ministry_planner")
    page.goto(f"{site.address}/requirements/")
    codes = page.locator("#table-requirements tbody th")
    before = codes.all_inner_texts()
    workbook = take_template(page, tmp_path / "more.xlsx")
    fill_in(workbook, [{**ROWS[0], "รหัส": "R-000201", "vcpu 2570": 8}, {**ROWS[0], "รหัส": "R-000202", "vcpu 2570": 9}])
    bring_in(page, workbook, added=2)
    imported = page.url
    page.goto(f"{site.address}/requirements/")
    expect(codes).to_have_text([*before, "R-000201", "R-000202"])

    page.goto(imported)
    page.get_by_role("button", name="ยกเลิกการนำเข้านี้").click()
    expect(page.get_by_role("status").first).to_have_text("ยกเลิกการนำเข้าแล้ว ทุกแถวกลับเป็นอย่างเดิม")
    page.goto(f"{site.address}/requirements/")
    expect(codes).to_have_text(before)
    page.goto(imported)  # it stays on record, and cannot be undone twice
    expect(page.locator("#main")).to_contain_text(site.accounts["ministry"].full_name)
    expect(page.locator("#main button")).to_have_count(0)


def test_a_planner_of_another_ministry_sees_none_of_it(enter: Callable[[str], Page], site, tmp_path: Path) -> None:
    owner, other = enter("ministry_planner"), enter("ministry2")
    workbook = take_template(owner, tmp_path / "own.xlsx")
    fill_in(workbook, [{**ROWS[0], "รหัส": "R-000301", "ชื่อระบบ": "ระบบเฉพาะกระทรวง", "vcpu 2570": 8}])
    bring_in(owner, workbook, added=1)
    imported = owner.url
    owner.goto(f"{site.address}/requirements/R-000301")
    owner.get_by_label("ความเห็นของท่าน").fill("เรื่องภายใน")
    owner.get_by_role("button", name="เพิ่มความเห็น").click()
    paper = tmp_path / "paper.txt"
    paper.write_text("เอกสารภายใน", encoding="utf-8")
    owner.get_by_label("แฟ้มที่จะแนบ").set_input_files(paper)
    owner.get_by_role("button", name="แนบ", exact=True).click()
    attached = site.address + (owner.get_by_role("link", name="paper.txt").get_attribute("href") or "")

    for path in (
        "/requirements/",
        "/requirements/?q=R-000301",
        "/requirements/?q=ระบบเฉพาะกระทรวง",
        "/work/",
        "/inbox/",
    ):
        other.goto(site.address + path)
        expect(other.locator("main")).to_be_visible()
        expect(other.locator("main")).not_to_contain_text(re.compile("R-000301|ระบบเฉพาะกระทรวง"))
    other.goto(f"{site.address}/requirements/grid/")
    expect(other.locator("#grid")).to_contain_text("R-000002")
    expect(other.locator("#grid")).not_to_contain_text("R-000301")

    page_of = f"{site.address}/requirements/R-000301"
    history = f"{site.address}/objects/requirement:R-000301/history"
    for address in (page_of, f"{page_of}/edit", f"{page_of}/review", history, imported, attached):
        assert owner.request.get(address).status == 200, address
        assert other.request.get(address).status == 404, address
    other.goto(page_of)
    expect(other.get_by_role("heading", level=1)).to_have_text("ไม่พบหน้าหรือรายการนี้")
    for export in ("/requirements/export.csv", "/import/export.xlsx"):
        assert "ระบบเฉพาะกระทรวง" in texts(owner, site.address + export, tmp_path)
        assert "ระบบเฉพาะกระทรวง" not in texts(other, site.address + export, tmp_path)


def texts(page: Page, address: str, folder: Path) -> str:
    """All that a file which the address hands out says."""
    answer = page.request.get(address)
    assert answer.ok
    if address.endswith(".csv"):
        return answer.text()
    target = folder / "export.xlsx"
    target.write_bytes(answer.body())
    return " ".join(str(cell) for sheet in load_workbook(target) for row in sheet.values for cell in row)
