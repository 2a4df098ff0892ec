"""The planner of a ministry: bring needs in from Excel, submit them, mend what comes back, read the outcome."""

import io
from collections.abc import Mapping
from typing import Final

from openpyxl import load_workbook

from planner.text import N_
from walks.guide import Guide

SHEET: Final = "ความต้องการ"
NEEDS: Final[Mapping[str, tuple[object, ...]]] = {
    "รหัส": ("R-900001", "R-900002", "R-900003"),
    "ชื่อระบบ": ("ทะเบียนวัคซีนแห่งชาติ", "คลังภาพรังสีกลาง", "ระบบนัดหมายผู้ป่วย"),
    "หน่วยงาน": ("21000004", "21000002", "11000001"),
    "ลำดับความสำคัญ": ("high", "normal", "normal"),
    "ระดับชั้นข้อมูล": ("protected", "protected", "open"),
    "ตั้งแต่ปีงบประมาณ": (2570, 2570, 2571),
    "vcpu 2570": (40, "มาก", None),
    "vcpu 2571": (48, 90, "๒๔"),
    "memory 2570": (160, 320, None),
    "memory 2571": (192, 360, 96),
}
"""What is filled in, by column: among it an amount that is none, and an agency of another ministry."""
MENDED: Final = {"R-900002": ("vcpu 2570", 80), "R-900003": ("หน่วยงาน", "21000001")}
"""The two cells as they should be, by the row's code."""


def bring_in(guide: Guide) -> None:
    """From the empty template to three requirements that are submitted."""
    guide.sign_in("ministry")
    guide.menu(N_("Data"), N_("Import"))
    template = guide.download(N_("Empty template"))
    workbook = fill_in(template, {code: dict(zip(NEEDS, row, strict=True)) for code, row in rows().items()})
    guide.attach("needs.xlsx", workbook)
    guide.ask(N_("Check the workbook"))
    guide.see(N_("What the check found"))
    guide.picture("import-faults", "#result .panel")
    mended = fill_in(workbook, {code: dict([cell]) for code, cell in MENDED.items()})
    guide.attach("needs.xlsx", mended)
    guide.ask(N_("Check the workbook"))
    guide.press(N_("Import"))
    guide.menu(N_("Data"), N_("Requirements"))
    guide.press(N_("Edit in a grid"))
    guide.picture("grid")
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.tick(*rows())
    guide.press(N_("Submit"))


def take_up(guide: Guide) -> None:
    """After DE sent one of them back: the comment, the mending, and what the plan in force gives."""
    guide.sign_in("ministry")
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.open("R-900002")
    guide.picture("returned", ".page-head", "main .panel")
    guide.press(N_("Edit"))
    guide.page.fill("[name='demand.vcpu.2028']", "85")
    guide.press(N_("Save"))
    guide.press(N_("Submit"))
    guide.menu(N_("Outcome"))
    guide.picture("outcome", ".letter")
    guide.see(N_("Print"))


def rows() -> dict[str, tuple[object, ...]]:
    """The rows of `NEEDS` by their codes."""
    return {str(row[0]): row for row in zip(*NEEDS.values(), strict=True)}


def fill_in(workbook: bytes, cells: Mapping[str, Mapping[str, object]]) -> bytes:
    """The workbook with cells of its requirements filled in, by the code of their row and their column's header."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book[SHEET]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for number, code in enumerate(rows(), 2):
        for header, value in cells.get(code, {}).items():
            sheet.cell(number, columns[header], value)
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()
