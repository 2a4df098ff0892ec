"""The planner of a ministry: bring needs in from Excel, submit them, mend what comes back, read the outcome."""

import io
from collections.abc import Mapping
from typing import Final

from openpyxl import load_workbook

from planner.i18n import format_fiscal_year
from planner.text import N_, FiscalYear, LocalText
from reports.sheets import REQUIREMENTS
from walks.guide import Guide

Column = str | tuple[str, int]
"""A field of a requirement, or a resource type's amount in a fiscal year (CE)."""

NEEDS: Final[Mapping[Column, tuple[object, ...]]] = {
    "code": ("R-900001", "R-900002", "R-900003"),
    "title": (
        LocalText("ทะเบียนวัคซีนแห่งชาติ", "National vaccine register"),
        LocalText("คลังภาพรังสีกลาง", "Central X-ray archive"),
        LocalText("ระบบนัดหมายผู้ป่วย", "Patient appointments"),
    ),
    "agency": ("21000004", "21000002", "11000001"),
    "priority": ("high", "normal", "normal"),
    "clearance": ("protected", "protected", "open"),
    "start_year": (FiscalYear(2027), FiscalYear(2027), FiscalYear(2028)),
    ("vcpu", 2027): (40, LocalText("มาก", "much"), None),
    ("vcpu", 2028): (48, 90, "๒๔"),
    ("memory", 2027): (160, 320, None),
    ("memory", 2028): (192, 360, 96),
}
"""What is filled in, by column: among it an amount that is none, and an agency of another ministry."""
CODES: Final = tuple(map(str, NEEDS["code"]))
MENDED: Final[Mapping[tuple[str, Column], object]] = {
    ("R-900002", ("vcpu", 2027)): 80,
    ("R-900003", "agency"): "21000001",
}
"""The two cells as they should be."""


def bring_in(guide: Guide) -> None:
    """From the empty template to three requirements that are submitted."""
    guide.sign_in("ministry")
    guide.menu(N_("Data"), N_("Import"))
    template = guide.download(N_("Empty template"))
    needs = {(code, column): values[row] for row, code in enumerate(CODES) for column, values in NEEDS.items()}
    workbook = fill_in(template, needs, guide.language)
    guide.attach("needs.xlsx", workbook)
    guide.ask(N_("Check the workbook"))
    guide.see(N_("What the check found"))
    guide.picture("import-faults", "#result .panel")
    guide.attach("needs.xlsx", fill_in(workbook, MENDED, guide.language))
    guide.ask(N_("Check the workbook"))
    guide.press(N_("Import"))
    guide.menu(N_("Data"), N_("Requirements"))
    guide.press(N_("Edit in a grid"))
    guide.picture("grid")
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.tick(*CODES)
    guide.press(N_("Submit"))


def take_up(guide: Guide) -> None:
    """After DE sent one of them back: the comment, the mending, and what the plan in force gives."""
    guide.sign_in("ministry")
    guide.menu(N_("Work"), N_("Waiting for you"))
    guide.open("R-900002")
    guide.picture("returned", ".page-head", "main .panel")
    guide.press(N_("Change it"))
    guide.page.fill("[name='demand.vcpu.2028']", "85")
    guide.press(N_("Save"))
    guide.press(N_("Submit"))
    guide.menu(N_("Outcome"))
    guide.picture("outcome", ".letter")
    guide.see(N_("Print"))


def fill_in(workbook: bytes, cells: Mapping[tuple[str, Column], object], language: str) -> bytes:
    """The workbook, in `language`, with cells of its requirements filled in, by code and column."""
    book = load_workbook(io.BytesIO(workbook))
    sheet = book[REQUIREMENTS.title.in_language(language)]
    places = {cell.value: cell.column for cell in sheet[1]}
    for (code, column), value in cells.items():
        sheet.cell(CODES.index(code) + 2, places[header(column, language)], as_typed(value, language))
    filled = io.BytesIO()
    book.save(filled)
    return filled.getvalue()


def header(column: Column, language: str) -> str:
    """What stands above a column of the template."""
    match column:
        case (resource_type, year):
            return f"{resource_type} {format_fiscal_year(year, language)}"
        case _:
            return next(field.header for field in REQUIREMENTS.fields if field.key == column).in_language(language)


def as_typed(value: object, language: str) -> object:
    """What somebody types who works in `language`."""
    match value:
        case FiscalYear(year):
            return int(format_fiscal_year(year, language))
        case LocalText():
            return value.in_language(language)
        case _:
            return value
