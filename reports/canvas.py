"""One sheet being written from top to bottom, in openpyxl's streaming mode, with looks from the theme."""

from collections.abc import Iterable, Sequence
from copy import copy
from typing import Final, TypeAlias, cast

from openpyxl.cell import Cell as ExcelCell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from planner.text import N_
from reports import theme
from reports.theme import Look
from reports.values import Cell
from reports.widths import text_height
from reports.words import Words

Drawn: TypeAlias = ExcelCell | None
GENERAL: Final = "General"


class Book:
    """A workbook being written: its words, what runs along every page, and its looks, each registered once.

    `header` stands at the top of every page, `notices` beside it, `footer` at the foot.
    """

    def __init__(self, words: Words, header: str, notices: Sequence[str] = (), footer: str = "") -> None:
        self.workbook = Workbook(write_only=True)
        # Column widths are counted in digits of the Normal style's font.
        self.workbook._named_styles["Normal"].font = Look().font  # type: ignore[attr-defined]
        self.words = words
        self.header = header
        self.notices = tuple(notices)
        self.footer = footer
        self._samples: dict[tuple[Look, str], ExcelCell] = {}

    def cell(self, sheet: Worksheet, look: Look, number_format: str = GENERAL) -> ExcelCell:
        """An empty cell of `look`; it may be filled and appended again and again."""
        sample = self._samples.get((look, number_format))
        if sample is None:
            sample = self._samples[look, number_format] = ExcelCell(sheet, row=1, column=1)
            sample.font, sample.fill, sample.border = look.font, look.pattern, look.border
            sample.alignment, sample.number_format = look.alignment, number_format
        cell = copy(sample)
        cell.parent = sheet
        return cell


class Canvas:
    """A sheet and the row that comes next. `widths` are the columns' widths in characters."""

    def __init__(self, book: Book, title: str, widths: Sequence[float]) -> None:
        sheet = cast(Worksheet, book.workbook.create_sheet(title))  # a streaming sheet takes the same settings
        self.sheet = sheet
        self.book = book
        self.words = book.words
        self.widths = tuple(widths)
        self.row = 1
        for n, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(n)].width = width
        sheet.sheet_format.defaultRowHeight = theme.LINE_HEIGHT + 2
        sheet.sheet_view.showGridLines = False
        _set_page(sheet, book)

    def pen(self, look: Look, number_format: str = GENERAL) -> ExcelCell:
        """An empty cell of `look`."""
        return self.book.cell(self.sheet, look, number_format)

    def cell(self, value: Cell, look: Look, number_format: str = GENERAL) -> ExcelCell:
        """A cell that holds `value` and nothing that could be taken for a formula."""
        pen = self.pen(look, number_format)
        fill(pen, self.words.cell(value))
        return pen

    def link(self, text: str, sheet: str, look: Look) -> ExcelCell:
        """A cell that leads to the top of another sheet of this workbook."""
        pen = self.cell(text, look)
        name = sheet.replace("'", "''")
        pen.hyperlink = Hyperlink(ref="", location=f"'{name}'!A1", display=text)
        return pen

    def append(self, cells: Iterable[Drawn], height: float | None = None) -> int:
        """Write a row and return its number; without a height the office program fits it to its text."""
        row = self.row
        if height is not None:
            self.sheet.row_dimensions[row].height = height
        self.sheet.append(tuple(cells))
        self.row += 1
        return row

    def skip(self, rows: int = 1, height: float | None = None) -> None:
        """Leave rows empty."""
        for _ in range(rows):
            self.append((), height)

    def across(self, text: str, look: Look, first: int, last: int, height: float | None = None) -> int:
        """Write `text` over the columns from `first` to `last` (1-based), as tall as it needs; the row's number."""
        if height is None:
            height = text_height(text, sum(self.widths[first - 1 : last]), look.size)
        pens = [self.cell(text, look), *(self.pen(look) for _ in range(last - first))]
        row = self.append([*[None] * (first - 1), *pens], height)
        self.merge(row, first, last)
        return row

    def merge(self, row: int, first: int, last: int) -> None:
        """Make one cell of a row's columns from `first` to `last`."""
        if last > first:
            self.sheet.merged_cells.add(f"{get_column_letter(first)}{row}:{get_column_letter(last)}{row}")


def fill(pen: ExcelCell, value: object) -> None:
    """Put a plain value into a cell; text stays text whatever it begins with or looks like."""
    pen.value = value  # type: ignore[assignment]
    if isinstance(value, str):
        pen.data_type = "s"


def _set_page(sheet: Worksheet, book: Book) -> None:
    """A4 landscape, as wide as the page, with what runs along it."""
    setup = sheet.page_setup
    setup.orientation, setup.paperSize, setup.fitToWidth, setup.fitToHeight = "landscape", 9, 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    margins = sheet.page_margins
    margins.left = margins.right = theme.MARGIN
    margins.top, margins.bottom, margins.header, margins.footer = 0.8, 0.7, 0.35, 0.3
    page = book.words.translate(N_("Page %(page)s of %(pages)s"), page="&P", pages="&N")
    running = sheet.HeaderFooter
    running.oddHeader = _running(_literal(book.header), _literal(" · ".join(book.notices)))
    running.oddFooter = _running(_literal(book.footer), page)


def _running(left: str, right: str) -> HeaderFooterItem:
    """What runs along the top or the foot of a page."""
    item = HeaderFooterItem()
    for part, text in ((item.left, left), (item.right, right)):
        if text:
            part.text, part.font, part.size = text, f"{theme.FONT},Regular", 9
    return item


def _literal(text: str) -> str:
    """`text` for a page's header or footer, where an ampersand begins a code and 255 characters is all."""
    return text[:90].replace("&", "&&")
