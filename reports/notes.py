"""The notes sheet of the exchange workbook: what it is, how to fill it in, and what every column means."""

from collections.abc import Sequence
from typing import Any, Final

from planner.text import N_
from reports import theme
from reports.columns import SYNTHETIC, Sheet
from reports.theme import Look
from reports.widths import text_height
from reports.words import Words

_WIDTHS: Final = (26.0, 26.0, 14.0, 84.0)
_MADE_UP: Final = N_("Every amount in this file is made up. None describes a real agency or site.")
_ADVICE: Final = (
    N_("Fill in one row for each record. Headers in red must be filled in; point at a header to see its rule."),
    N_("A code that is known is changed, a new code is added, and what the file does not name stays as it is."),
    N_("Fiscal years may be BE or CE, but in one era within a file. Thai digits are understood."),
    N_("Write values, not formulas. Sheets and columns may be left out, except those that must be filled in."),
    N_("The file is checked as a whole: if there is any fault, nothing is stored, and each is shown at its cell."),
)


def write_notes(notes: Any, words: Words, title: str, sheets: Sequence[Sheet], *, synthetic: bool) -> None:
    """Fill the worksheet `notes` for a workbook called `title` that has `sheets`."""
    for position, width in enumerate(_WIDTHS, start=1):
        notes.column_dimensions["ABCD"[position - 1]].width = width
    notes.sheet_view.showGridLines = False
    page = _Page(notes)
    page.line(title, theme.TITLE, 30)
    if synthetic:
        page.line(f"{SYNTHETIC.th} / {SYNTHETIC.en}", theme.NOTICE, 22)
        page.line(words.label(_MADE_UP), theme.NOTE)
    page.skip()
    page.line(words.label(N_("How to fill it in")), theme.TABLE_TITLE, 20)
    for sentence in _ADVICE:
        page.line(f"•  {words.label(sentence)}", theme.LEAD)
    page.skip()
    page.row([words.label(text) for text in (N_("Sheet"), N_("Column"), N_("Required"), N_("Rule"))], theme.HEADER)
    first = page.number
    for sheet in sheets:
        page.row([words.value(sheet.title), "", "", words.label(sheet.about)], theme.TOTAL_TEXT)
        for spec in sheet.fields:
            required = words.label(N_("required")) if spec.required else ""
            unit = f" ({words.label(spec.unit)})" if spec.unit else ""
            rule = words.label(spec.rule) + unit
            if spec.choices:
                rule += f" [{words.value(tuple(spec.choices.values()))}]"
            page.row(["", words.value(spec.header), required, rule], theme.TEXT)
        for series in sheet.series:
            year = words.label(N_("year"))
            head = words.label(N_("resource type")) if series.by_type else words.value(series.header)
            unit = f" ({words.label(series.unit)})" if series.unit else ""
            page.row(["", f"{head} + {year}", "", words.label(series.rule) + unit], theme.TEXT)
    notes.print_title_rows = f"{first - 1}:{first - 1}"


class _Page:
    """Writes a sheet from the top down."""

    def __init__(self, sheet: Any) -> None:
        self.sheet = sheet
        self.number = 1

    def skip(self) -> None:
        self.number += 1

    def line(self, text: str, look: Look, height: float | None = None) -> None:
        """One text across the page."""
        self.sheet.merge_cells(start_row=self.number, start_column=1, end_row=self.number, end_column=len(_WIDTHS))
        self.put(1, text, look)
        self.sheet.row_dimensions[self.number].height = height or text_height(text, sum(_WIDTHS), look.size)
        self.number += 1

    def row(self, texts: Sequence[str], look: Look) -> None:
        """One cell in each column."""
        for position, text in enumerate(texts, start=1):
            self.put(position, text, look)
        self.sheet.row_dimensions[self.number].height = max(
            text_height(text, width, look.size) for text, width in zip(texts, _WIDTHS, strict=True)
        )
        self.number += 1

    def put(self, position: int, text: str, look: Look) -> None:
        cell = self.sheet.cell(self.number, position, text or None)
        cell.font, cell.fill, cell.border, cell.alignment = look.font, look.pattern, look.border, look.alignment
