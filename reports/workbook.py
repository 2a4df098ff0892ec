"""Reports and tables as Excel workbooks: cells hold values only, and the same report gives the same bytes."""

import datetime as dt
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, Final

from openpyxl.workbook import Workbook
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.functions import tostring

from planner.text import Phrase
from reports.canvas import Book, Canvas
from reports.cover import CONTENTS, COVER, draw_contents, draw_cover
from reports.csvfile import render_csv
from reports.sections import draw_section, part_section, place_charts
from reports.tables import Place
from reports.values import Report, Section, Table
from reports.words import Translate, Words

__all__ = ["render_csv", "render_report", "render_table"]

_PROPERTIES: Final = "docProps/core.xml"
_EPOCH: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""Stands for the time of files that do not say when they were made."""
_LONGEST_NAME: Final = 31
_NOT_IN_NAMES: Final = re.compile(r"[\[\]:*?/\\]")


def render_report(
    report: Report,
    translate: Translate,
    language: str,
    target: Path | str | IO[bytes],
    beat: Callable[[], None] = lambda: None,
) -> None:
    """Write `report` as a workbook in `language` ("th" or "en") to a path or a binary stream.

    Titles, headers and units are translated; text in cells is not. A chart over a table that stands in no section is a
    `ValueError`. `beat` is called some times a second meanwhile; what it raises ends the writing.
    """
    words = Words(translate, language)
    report = replace(report, sections=tuple(part for section in report.sections for part in part_section(section)))
    _require_tables(report)
    with Book(
        words, words.label(report.title), [words.label(notice) for notice in report.notices], report.reference, beat
    ) as book:
        _draw_report(book, report)
        _save(book.workbook, target, words.label(report.title), words.label(report.publisher), report.created_at)


def _draw_report(book: Book, report: Report) -> None:
    words = book.words
    fixed, names = [words.label(COVER), words.label(CONTENTS)], [words.label(part.title) for part in report.sections]
    cover, contents, *sheets = _sheet_names([*fixed, *names])
    draw_cover(book, cover, report)
    draw_contents(book, contents, report, sheets)
    drawn: list[tuple[Canvas, Section]] = []
    places: dict[str, Place] = {}
    for section, sheet in zip(report.sections, sheets, strict=True):
        canvas, found = draw_section(book, sheet, section)
        drawn.append((canvas, section))
        places |= found
    for canvas, section in drawn:
        place_charts(canvas, section, places)


def render_table(
    table: Table,
    translate: Translate,
    language: str,
    target: Path | str | IO[bytes],
    notices: Sequence[str | Phrase] = (),
) -> None:
    """Write `table` as a workbook of one sheet in `language` to a path or a binary stream, under `notices` if any."""
    words = Words(translate, language)
    title = words.label(table.title)
    with Book(words, title, [words.label(notice) for notice in notices]) as book:
        parts = part_section(Section(table.key, table.title, tables=(table,)))
        for name, part in zip(_sheet_names(words.label(part.title) for part in parts), parts, strict=True):
            draw_section(book, name, part)
        _save(book.workbook, target, title)


def _require_tables(report: Report) -> None:
    keys = {table.key for section in report.sections for table in section.tables}
    for section in report.sections:
        for chart in section.charts:
            if chart.table.key not in keys:
                raise ValueError(f"chart {chart.key}: its table {chart.table.key} stands in no section")


def _sheet_names(titles: Iterable[str]) -> list[str]:
    """Names that Excel accepts, one for each title: short, without its reserved signs, none twice in any case."""
    names: list[str] = []
    taken: set[str] = set()
    for title in titles:
        plain = _NOT_IN_NAMES.sub(" ", title).replace("\n", " ").strip(" '")[:_LONGEST_NAME].strip(" '(") or "-"
        name, number = plain, 1
        while name.casefold() in taken:
            number += 1
            tail = f" {number}"
            name = plain[: _LONGEST_NAME - len(tail)] + tail
        taken.add(name.casefold())
        names.append(name)
    return names


def _save(
    workbook: Workbook, target: Path | str | IO[bytes], title: str, creator: str = "", made: dt.datetime | None = None
) -> None:
    """Save without a trace of the clock: openpyxl stamps the time of saving into the file and on its parts."""
    moment = (made or _EPOCH).astimezone(dt.UTC).replace(tzinfo=None, microsecond=0)
    properties = workbook.properties
    properties.title, properties.creator, properties.created = title, creator, moment
    with tempfile.TemporaryFile() as saved:
        ExcelWriter(workbook, zipfile.ZipFile(saved, "w")).save()
        properties.modified = moment
        with _opened(target) as stream, zipfile.ZipFile(saved) as source, zipfile.ZipFile(stream, "w") as copy:
            for entry in sorted(source.infolist(), key=_order):
                fixed = zipfile.ZipInfo(entry.filename, moment.timetuple()[:6])
                fixed.compress_type = zipfile.ZIP_DEFLATED
                fixed.external_attr = 0o600 << 16
                if entry.filename == _PROPERTIES:
                    copy.writestr(fixed, tostring(properties.to_tree()))
                else:
                    with source.open(entry) as part, copy.open(fixed, "w") as file:
                        shutil.copyfileobj(part, file)


def _order(entry: zipfile.ZipInfo) -> tuple[bool, str]:
    """The list of content types first, as programs that sniff the format of a file expect it."""
    return entry.filename != "[Content_Types].xml", entry.filename


@contextmanager
def _opened(target: Path | str | IO[bytes]) -> Iterator[IO[bytes]]:
    if isinstance(target, str | Path):
        with Path(target).open("wb") as stream:
            yield stream
    else:
        yield target
