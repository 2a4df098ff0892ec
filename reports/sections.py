"""One section of a report on one sheet: title, lead, facts, tables, and where its charts go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import zip_longest
from math import ceil
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break

from planner.text import N_, Phrase
from reports import theme
from reports.canvas import Book, Canvas
from reports.charts import build_chart, chart_height
from reports.tables import Place, draw_facts, draw_table, fact_widths, table_widths
from reports.values import Section, Table

CHARACTER: Final = 0.185
"""Centimetres across of one character of column width."""
POINT: Final = 2.54 / 72
"""Centimetres of a point."""
ROW: Final = theme.ROW_HEIGHT * POINT
"""Centimetres down of a row of one line."""
_READABLE: Final = 135.0
_BESIDE: Final = 15.0
_SQUEEZE: Final = 1.45
"""A sheet this little longer than a page is made to fit on one."""
MOST_ROWS: Final = 1_000_000
"""Rows of tables on one sheet. Excel's own limit is 1,048,576 with all that stands above and below them."""
_WIDE: Final = 6
"""Tables of more columns keep their first one in sight."""


def part_section(section: Section) -> list[Section]:
    """`section` itself, or where its rows are more than a sheet takes, a section for each sheet that they need."""
    if sum(len(table.rows) for table in section.tables) <= MOST_ROWS:
        return [section]
    tables = [part for table in section.tables for part in _part_table(table)]
    return [
        replace(
            section,
            key=f"{section.key}-{number}",
            title=_number(section.title, number, len(tables)),
            tables=(table,),
            charts=section.charts if number == 1 else (),
            facts=section.facts if number == 1 else (),
        )
        for number, table in enumerate(tables, 1)
    ]


def _part_table(table: Table) -> Iterator[Table]:
    """Tables that together have the rows of `table`; the last has its total, the first its key."""
    last = len(table.rows) - 1
    for first in range(0, len(table.rows) or 1, MOST_ROWS):
        rows, ends = table.rows[first : first + MOST_ROWS], first + MOST_ROWS > last
        key = table.key if first == 0 else f"{table.key}-{first}"
        yield replace(table, key=key, rows=rows, total=table.total if ends else None)


def _number(title: str | Phrase, number: int, count: int) -> Phrase:
    whole = title if isinstance(title, Phrase) else Phrase(title)
    return Phrase(N_("%(title)s %(number)s/%(count)s"), {"title": whole, "number": number, "count": count})


def draw_section(book: Book, name: str, section: Section) -> tuple[Canvas, dict[str, Place]]:
    """The section's sheet, named `name`, and where its tables stand by their keys. Charts are placed later."""
    words = book.words
    parts = [fact_widths(section.facts, words), *(table_widths(table, words) for table in section.tables)]
    widths = [max(column) for column in zip_longest(*parts, fillvalue=0.0)]
    canvas = Canvas(book, name, _with_room(widths, section))
    is_list = len(section.tables) == 1 and not section.facts
    if is_list:
        header = 3 + len(book.notices) + bool(section.lead)
        canvas.sheet.freeze_panes = f"{'B' if len(section.tables[0].columns) > _WIDE else 'A'}{header + 1}"
    columns = len(canvas.widths)
    canvas.across(words.label(section.title), theme.TITLE, 1, columns, 30)
    for notice in book.notices:
        canvas.across(notice, theme.NOTICE, 1, columns)
    if section.lead:
        canvas.across(words.label(section.lead), theme.LEAD, 1, _columns_for(canvas.widths))
    canvas.skip(height=8)
    if section.facts:
        draw_facts(canvas, section.facts)
        canvas.skip()
    places = _draw_tables(canvas, section)
    if not section.charts and not canvas.sheet.row_breaks and canvas.points * POINT < _SQUEEZE * _page(canvas):
        canvas.sheet.page_setup.fitToHeight = 1
    if is_list:
        _make_browsable(canvas, places[section.tables[0].key], len(section.tables[0].columns))
    return canvas, places


def place_charts(canvas: Canvas, section: Section, places: Mapping[str, Place]) -> None:
    """Put the section's charts beside its facts or below its tables; `places` holds the tables of the whole report.

    Call it when every table has been drawn: a chart may show a table of another sheet.
    """
    beside = bool(section.facts)
    width = _BESIDE if beside else min(theme.PAGE_WIDTH, sum(canvas.widths) * CHARACTER)
    page = _page(canvas)
    column = get_column_letter(len(canvas.widths) if beside else 1)
    row, down = (4, 0.0) if beside else (canvas.row + 1, canvas.points * POINT + ROW)
    for chart in section.charts:
        height = chart_height(chart, small=beside)
        if not beside and down + height > page:
            canvas.sheet.row_breaks.append(Break(id=row - 2))  # the empty row above could alone begin another page
            down = 0.0
        drawn = build_chart(chart, places[chart.table.key], canvas.words, width, height)
        canvas.sheet.add_chart(drawn, f"{column}{row}")
        row, down = row + ceil(height / ROW) + 1, down + height + ROW
    if section.charts and not canvas.sheet.row_breaks:
        canvas.sheet.page_setup.fitToHeight = 1


def _draw_tables(canvas: Canvas, section: Section) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for number, table in enumerate(section.tables):
        if number:
            canvas.skip()
            if canvas.points * POINT + (len(table.rows) + 3) * ROW > _page(canvas) and not section.charts:
                canvas.sheet.row_breaks.append(Break(id=canvas.row - 1))
        if len(section.tables) > 1 or section.facts:
            canvas.across(canvas.words.label(table.title), theme.TABLE_TITLE, 1, len(table.columns), 24)
        places[table.key] = draw_table(canvas, table)
    return places


def _page(canvas: Canvas) -> float:
    """Centimetres down that go on one page once the sheet is as wide as the page."""
    return theme.PAGE_HEIGHT * max(1.0, sum(canvas.widths) * CHARACTER / theme.PAGE_WIDTH)


def _make_browsable(canvas: Canvas, place: Place, columns: int) -> None:
    """Filter arrows on the header, repeated in print."""
    canvas.sheet.print_title_rows = f"{place.header}:{place.header}"
    if place.last >= place.first:
        canvas.sheet.auto_filter.ref = f"A{place.header}:{get_column_letter(columns)}{place.last}"


def _with_room(widths: Sequence[float], section: Section) -> list[float]:
    """The columns' widths and, where they leave room on the page, one more for the lead or for charts beside."""
    if section.facts and section.charts:
        return [*widths, 3.0, _BESIDE / CHARACTER]
    room = _READABLE - sum(widths)
    return [*widths, room] if room > 8 else list(widths)


def _columns_for(widths: Sequence[float]) -> int:
    """How many columns a text may lie across and still be read with ease."""
    total = 0.0
    for count, width in enumerate(widths, 1):
        total += width
        if total >= _READABLE:
            return count
    return len(widths)
