"""Tables and facts drawn on a canvas, and the room that they ask for."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from openpyxl.formatting.rule import ColorScale, FormatObject, Rule
from openpyxl.styles.colors import Color
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from planner.text import N_
from reports import theme
from reports.canvas import Canvas, Pen
from reports.formats import number_format, number_text
from reports.theme import Look
from reports.values import NUMERIC, Cell, Column, Fact, Table
from reports.widths import column_width, text_height, text_width
from reports.words import Words

BEAT = 500
"""Rows between two beats of a book: some hundredths of a second."""
MEASURED_ROWS = 500
"""Text columns are measured by their first rows; longer text further down wraps."""

_ROOM = {"text": (12.0, 42.0), "code": (9.0, 24.0), "year": (9.0, 16.0), "date": (18.0, 22.0), "moment": (22.0, 26.0)}
_WIDEST = 200.0
"""Characters across that still read well when fitted to the width of a page."""
_NARROW = 14.0
_ONE_LINE = 12
"""Headers up to this wide stand on one line, others on two: Thai has no blanks to break at."""
_FACT_ROOM = ((24.0, 46.0), (12.0, 40.0), (8.0, 18.0))


@dataclass(frozen=True)
class Place:
    """Where a table came to stand: its sheet, its header's row and the rows of its values (last < first: none)."""

    sheet: Worksheet
    header: int
    first: int
    last: int


def table_widths(table: Table, words: Words) -> list[float]:
    """The width of every column of `table`, in characters; text wraps sooner in a table too wide to print."""
    widths = [_width(table, position, column, words) for position, column in enumerate(table.columns)]
    spare = [
        max(0.0, width - _NARROW) if column.kind == "text" and column.width is None else 0.0
        for width, column in zip(widths, table.columns, strict=True)
    ]
    excess = max(0.0, sum(widths) - _WIDEST)
    part = min(1.0, excess / sum(spare)) if any(spare) else 0.0
    return [width - part * room for width, room in zip(widths, spare, strict=True)]


def fact_widths(facts: Sequence[Fact], words: Words) -> list[float]:
    """The widths of the three columns of facts: label, value and unit."""
    if not facts:
        return []
    texts = (
        [words.label(f.label) for f in facts],
        [_fact_text(f, words) for f in facts],
        [words.label(f.unit) for f in facts],
    )
    return [column_width(part, *room) for part, room in zip(texts, _FACT_ROOM, strict=True)]


def draw_table(canvas: Canvas, table: Table) -> Place:
    """Header, rows, total and note of `table`, from the canvas's next row on."""
    header = canvas.append(*_header(canvas, table))
    first = canvas.row
    _draw_rows(canvas, table)
    place = Place(canvas.sheet, header, first, canvas.row - 1 if table.rows else first - 1)
    if table.total:
        looks = [_total_look(column) for column in table.columns]
        formats = _formats(table, canvas.words)
        canvas.append([canvas.cell(*parts) for parts in zip(table.total, looks, formats, strict=True)])
    if table.note:
        canvas.across(canvas.words.label(table.note), theme.NOTE, 1, len(table.columns))
    _shade_shares(canvas, table, place)
    return place


def draw_facts(canvas: Canvas, facts: Sequence[Fact]) -> None:
    """One row a fact: label, value, unit."""
    for fact in facts:
        look = theme.FACT_NUMBER if fact.kind in NUMERIC else theme.FACT_VALUE
        pattern = number_format(fact.kind, [fact.value], canvas.words.language)
        cells = [
            canvas.cell(canvas.words.label(fact.label), theme.FACT_LABEL),
            canvas.cell(fact.value, look, pattern),
            canvas.cell(canvas.words.label(fact.unit), theme.FACT_UNIT),
        ]
        values = [cell.value for cell in cells]
        canvas.append(cells, _row_height(values, [(n, canvas.widths[n]) for n in range(2)]))


def header_text(column: Column, words: Words) -> str:
    """A column's header, its unit in parentheses on a line of its own."""
    unit = words.label(column.unit)
    return f"{words.label(column.header)}\n({unit})" if unit else words.label(column.header)


def _header(canvas: Canvas, table: Table) -> tuple[list[Pen], float]:
    texts = [header_text(column, canvas.words) for column in table.columns]
    height = max(text_height(text, width) for text, width in zip(texts, canvas.widths, strict=False))
    looks = [_header_look(column) for column in table.columns]
    return [canvas.cell(text, look) for text, look in zip(texts, looks, strict=True)], height + 6


def _draw_rows(canvas: Canvas, table: Table) -> None:
    """The rows, each column with one pen that is filled anew for every row."""
    if not table.rows:
        canvas.across(canvas.words.label(N_("There is nothing to show.")), theme.NOTE, 1, len(table.columns))
        return
    looks = [_look(column) for column in table.columns]
    formats = _formats(table, canvas.words)
    pens = [canvas.pen(look, pattern) for look, pattern in zip(looks, formats, strict=True)]
    measures = [n for n, column in enumerate(table.columns) if column.kind == "measure"]
    wrapping = [(n, canvas.widths[n]) for n, look in enumerate(looks) if look.wrap]
    plain = canvas.words.cell
    for number, row in enumerate(table.rows):
        if number % BEAT == 0:
            canvas.book.beat()
        values = [plain(value) for value in row]
        for n in measures:
            pens[n] = canvas.pen(looks[n], number_format("measure", [row[n]], canvas.words.language))
        for pen, value in zip(pens, values, strict=True):
            pen.hold(value)
        canvas.append(pens, _row_height(values, wrapping))


def _row_height(values: Sequence[object], wrapping: Sequence[tuple[int, float]]) -> float | None:
    """Points that a row needs if some text in it wraps; office programs do not all find out by themselves."""
    height = 0.0
    for position, width in wrapping:
        text = values[position]
        if isinstance(text, str) and text and (text_width(text) > width - 2.0 or "\n" in text):
            height = max(height, text_height(text, width))
    return height or None


def _shade_shares(canvas: Canvas, table: Table, place: Place) -> None:
    """Every share on a ground between white and its deepest: at 100 %, or at nothing where low shares matter."""
    for position, column in enumerate(table.columns, 1):
        if column.kind == "share" and place.last >= place.first:
            letter = get_column_letter(position)
            ends = [FormatObject("num", 0), FormatObject("num", 1)]
            shades = (theme.WHITE, theme.SHADE) if column.shade == "high" else (theme.ALARM, theme.WHITE)
            rule = Rule("colorScale", colorScale=ColorScale(ends, [Color(shade) for shade in shades]))
            canvas.sheet.conditional_formatting.add(f"{letter}{place.first}:{letter}{place.last}", rule)


def _formats(table: Table, words: Words) -> list[str]:
    return [
        number_format(column.kind, _values(table, position), words.language)
        for position, column in enumerate(table.columns)
    ]


def _values(table: Table, position: int) -> list[Cell]:
    rows = (*table.rows, table.total) if table.total else table.rows
    return [row[position] for row in rows]


def _width(table: Table, position: int, column: Column, words: Words) -> float:
    if column.width is not None:
        return column.width
    header = header_text(column, words)
    parts = [text_width(line) for line in header.split("\n")]
    two_lines = parts[0] if parts[0] <= _ONE_LINE else parts[0] // 2 + 2
    needed = max(two_lines, *(text_width(word) for word in header.split() if word.isascii()), *parts[1:], 0)
    values = _values(table, position)
    if column.kind in NUMERIC:
        pattern = number_format(column.kind, values, words.language)
        texts = [number_text(column.kind, values, pattern), *_texts(values, words)]
        return column_width([*texts, "0" * needed], 10.0, 30.0)
    return column_width([*_texts(islice(values, MEASURED_ROWS), words), "0" * needed], *_ROOM[column.kind])


def _texts(values: Iterable[Cell], words: Words) -> Iterator[str]:
    return (text for text in map(words.cell, values) if isinstance(text, str))


def _fact_text(fact: Fact, words: Words) -> str:
    if fact.kind in NUMERIC:
        return number_text(fact.kind, [fact.value], number_format(fact.kind, [fact.value], words.language))
    plain = words.cell(fact.value)
    return plain if isinstance(plain, str) else "0" * 20


def _look(column: Column) -> Look:
    if column.kind in NUMERIC:
        return theme.NUMBER
    return theme.CENTER if column.kind == "year" else theme.TEXT


def _header_look(column: Column) -> Look:
    if column.kind in NUMERIC:
        return theme.HEADER_RIGHT
    return theme.HEADER_CENTER if column.kind == "year" else theme.HEADER


def _total_look(column: Column) -> Look:
    return theme.TOTAL_NUMBER if column.kind in NUMERIC else theme.TOTAL_TEXT
