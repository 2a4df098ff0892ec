"""One sheet being written from top to bottom, in openpyxl's streaming mode, with looks from the theme."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, Self, TypeAlias, cast

from openpyxl.cell import Cell as ExcelCell
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.header_footer import HeaderFooterItem
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from planner.text import N_
from reports import theme
from reports.theme import Look
from reports.values import Cell
from reports.widths import text_height
from reports.words import Plain, Words

GENERAL: Final = "General"
LONGEST: Final = 32_767
"""Characters that Excel takes in a cell."""


class Pen(ExcelCell):
    """A cell of one look that is filled and written again and again.

    A plain cell finds out anew each time what it holds and where the workbook keeps its style: half of the time that a
    long sheet takes.
    """

    __slots__ = ("_style_id",)

    def __init__(self, sheet: Worksheet, sample: ExcelCell) -> None:
        super().__init__(sheet, 1, 1, style_array=sample._style)  # type: ignore[attr-defined]
        self._style_id: int = sample.style_id

    @property
    def style_id(self) -> int:
        """The number under which the workbook keeps its style."""
        return self._style_id

    def hold(self, value: Plain) -> None:
        """Hold `value`; text stays text whatever it begins with or looks like."""
        kind = "s" if isinstance(value, str) else "d" if isinstance(value, dt.date) else "n"
        self._value: Plain = value[:LONGEST] if isinstance(value, str) else value
        self.data_type = kind


Drawn: TypeAlias = Pen | None


class _Sheet(WriteOnlyWorksheet):
    """A streaming sheet that takes rows of pens as they are, where openpyxl's own first takes each for a value."""

    def _values_to_row(self, values: Iterable[Drawn], row: int) -> Iterator[Pen]:
        for column, pen in enumerate(values, 1):
            if pen is not None:
                pen.row, pen.column = row, column
                if pen.hyperlink is not None:
                    pen.hyperlink.ref = pen.coordinate
                yield pen


class Book:
    """A workbook being written: its words, what runs along every page, and its looks, each registered once.

    `header` stands at the top of every page, `notices` beside it, `footer` at the foot. `beat` is called now and then
    while rows are written; what it raises ends the writing.
    """

    def __init__(
        self,
        words: Words,
        header: str,
        notices: Sequence[str] = (),
        footer: str = "",
        beat: Callable[[], None] = lambda: None,
    ) -> None:
        self.workbook = Workbook(write_only=True)
        # Column widths are counted in digits of the Normal style's font.
        self.workbook._named_styles["Normal"].font = Look().font  # type: ignore[attr-defined]
        self.words = words
        self.header = header
        self.notices = tuple(notices)
        self.footer = footer
        self.beat = beat
        self._samples: dict[tuple[Look, str], ExcelCell] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        """Leave nothing behind of a book that was given up: each sheet is a file of its own until the book is saved."""
        for sheet in self.workbook.worksheets if kind else ():
            if not sheet.closed:
                sheet.close()
                sheet._writer.cleanup()  # type: ignore[attr-defined]

    def add_sheet(self, title: str) -> Worksheet:
        """An empty sheet at the end."""
        sheet = _Sheet(self.workbook, title)
        self.workbook._add_sheet(sheet)  # type: ignore[attr-defined]
        return cast(Worksheet, sheet)  # a streaming sheet takes the same settings

    def pen(self, sheet: Worksheet, look: Look, number_format: str = GENERAL) -> Pen:
        """An empty cell of `look`; it may be filled and appended again and again."""
        sample = self._samples.get((look, number_format))
        if sample is None:
            sample = self._samples[look, number_format] = ExcelCell(sheet, row=1, column=1)
            sample.font, sample.fill, sample.border = look.font, look.pattern, look.border
            sample.alignment, sample.number_format = look.alignment, number_format
        return Pen(sheet, sample)


class Canvas:
    """A sheet, the row that comes next and the points that it takes down so far. `widths` are in characters."""

    def __init__(self, book: Book, title: str, widths: Sequence[float]) -> None:
        self.sheet = sheet = book.add_sheet(title)
        self.book = book
        self.words = book.words
        self.widths = tuple(widths)
        self.row = 1
        self.points = 0.0
        for n, width in enumerate(widths, 1):
            sheet.column_dimensions[get_column_letter(n)].width = width
        sheet.sheet_format.defaultRowHeight = theme.ROW_HEIGHT
        sheet.sheet_view.showGridLines = False
        _set_page(sheet, book)

    def pen(self, look: Look, number_format: str = GENERAL) -> Pen:
        """An empty cell of `look`."""
        return self.book.pen(self.sheet, look, number_format)

    def cell(self, value: Cell, look: Look, number_format: str = GENERAL) -> Pen:
        """A cell that holds `value` and nothing that could be taken for a formula."""
        pen = self.pen(look, number_format)
        pen.hold(self.words.cell(value))
        return pen

    def link(self, text: str, sheet: str, look: Look) -> Pen:
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
        self.sheet.row_dimensions.pop(row, None)  # it is written; a long sheet would keep an object for every row
        self.row += 1
        self.points += theme.ROW_HEIGHT if height is None else height
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
