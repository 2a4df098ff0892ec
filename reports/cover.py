"""The first two sheets of a report: the cover, and the contents with links."""

from collections.abc import Sequence
from typing import Final

from planner.text import N_
from reports import theme
from reports.canvas import Book, Canvas
from reports.formats import number_format
from reports.values import NUMERIC, Fact, Report
from reports.widths import text_height

COVER: Final = N_("Cover")
CONTENTS: Final = N_("Contents")
_COVER_WIDTHS = (3.0, 44.0, 44.0, 44.0)
_CONTENTS_WIDTHS = (8.0, 44.0, 84.0)
_FIRST, _LAST = 2, 4
_DOTS: Final = "." * 44


def draw_cover(book: Book, name: str, report: Report) -> Canvas:
    """Publisher, title, notices, facts and the lines to sign, on one page."""
    words, canvas = book.words, Canvas(book, name, _COVER_WIDTHS)
    canvas.sheet.page_setup.fitToHeight = 1
    canvas.append([None, *(canvas.pen(theme.COVER_BAND) for _ in range(3))], 8)
    canvas.skip(height=18)
    if report.publisher:
        canvas.across(words.label(report.publisher), theme.COVER_SUBTITLE, _FIRST, _LAST)
    canvas.across(words.label(report.title), theme.COVER_TITLE, _FIRST, _LAST)
    canvas.across(words.label(report.subtitle), theme.COVER_SUBTITLE, _FIRST, _LAST)
    canvas.skip(height=12)
    for notice in report.notices:
        canvas.across(words.label(notice), theme.NOTICE, _FIRST, _LAST, 26)
        canvas.skip(height=6)
    canvas.skip(height=8)
    for fact in report.facts:
        _draw_fact(canvas, fact)
    if report.signatures:
        canvas.skip(height=24)
        _draw_signatures(canvas, report.signatures)
    return canvas


def draw_contents(book: Book, name: str, report: Report, sheets: Sequence[str]) -> Canvas:
    """Every section with a link to its sheet (`sheets`: their names, in order) and what it shows."""
    words, canvas = book.words, Canvas(book, name, _CONTENTS_WIDTHS)
    canvas.sheet.page_setup.fitToHeight = 1
    canvas.across(words.label(CONTENTS), theme.TITLE, 1, 3, 30)
    canvas.skip()
    headers = (N_("No."), N_("Sheet"), N_("What it shows"))
    canvas.append([canvas.cell(words.label(header), theme.HEADER) for header in headers], 22)
    for number, (section, sheet) in enumerate(zip(report.sections, sheets, strict=True), 1):
        lead = words.label(section.lead or "")
        canvas.append(
            [
                canvas.cell(number, theme.CENTER),
                canvas.link(words.label(section.title), sheet, theme.LINK),
                canvas.cell(lead, theme.TEXT),
            ],
            text_height(lead, _CONTENTS_WIDTHS[2]) + 4,
        )
    return canvas


def _draw_fact(canvas: Canvas, fact: Fact) -> None:
    words = canvas.words
    unit = words.label(fact.unit)
    pattern = number_format(fact.kind, [fact.value], words.language)
    if unit and fact.kind in NUMERIC:
        pattern = f'{pattern} "{unit}"'
    value = canvas.cell(fact.value, theme.FACT_VALUE, pattern)
    shown = value.value if isinstance(value.value, str) else ""
    row = canvas.append(
        [
            None,
            canvas.cell(words.label(fact.label), theme.FACT_LABEL),
            value,
            canvas.pen(theme.FACT_VALUE),
        ],
        text_height(shown, sum(_COVER_WIDTHS[2:])) + 4,
    )
    canvas.merge(row, 3, 4)


def _draw_signatures(canvas: Canvas, signatures: Sequence[str]) -> None:
    """Up to three people side by side: what they sign for, a line, name, position and date."""
    shown = signatures[: _LAST - _FIRST + 1]
    words = canvas.words
    canvas.append([None, *(canvas.cell(words.label(text), theme.SIGNATURE) for text in shown)])
    canvas.skip(height=34)
    position, date = words.label(N_("Position")), words.label(N_("Date"))
    for text in (_DOTS, f"( {_DOTS} )", f"{position} {_DOTS[:-8]}", f"{date} {_DOTS[:-4]}"):
        canvas.append([None, *(canvas.cell(text, theme.SIGNATURE) for _ in shown)], 22)
