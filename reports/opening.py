"""Open a workbook with openpyxl such that no file, however it is made, takes more than so much memory and time.

openpyxl reads sheets and strings as a stream and every other part whole, as it finds them in lists that the file brings
along: any part may call itself anything. So the limits stand where a part is read, whatever its name. What is read
whole may be of so many bytes and tags. What is streamed is counted first, a parser ahead: one row or one string, which
openpyxl forgets when it ends, may be as large as such a part, and so may all else together, which it keeps. No part of
a workbook has a document type, so entities never come to pass. Chart sheets, formulas and the sizes that a sheet
claims are not read at all.
"""

import io
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, cast
from xml.parsers import expat  # entities and document types are refused below, where they begin

from openpyxl.cell.read_only import EMPTY_CELL, ReadOnlyCell
from openpyxl.reader.excel import ExcelReader
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from planner.errors import Fault, InvalidInputError
from reports.archive import Limits, check_archive, damaged, too_many_cells

LAST_ROW: Final = 1_048_576
_CHUNK: Final = 1 << 20
_ROW: Final = f"{SHEET_MAIN_NS} row"
_STRING: Final = f"{SHEET_MAIN_NS} si"


@contextmanager
def open_workbook(stream: IO[bytes], limits: Limits) -> Iterator[Workbook]:
    """The workbook in `stream`, of `LazySheet`s; `InvalidInputError` with one fault if it may not be opened."""
    content = stream.read(limits.file_bytes + 1)
    if problem := check_archive(content, limits):
        raise InvalidInputError([problem])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openpyxl warns of extensions that it will not keep; nothing is kept here
        reader = None
        try:
            reader = _Reader(content, limits)
            reader.read()
        except _RefusedError as refusal:
            raise InvalidInputError([refusal.fault]) from None
        except Exception as error:  # whatever a parser says of a hostile file, the file is at fault
            raise InvalidInputError([damaged()]) from error
        try:
            yield reader.wb
        finally:
            reader.archive.close()


class LazySheet(ReadOnlyWorksheet):
    """A worksheet, row by row, whatever size it claims. One that is `damaged` cannot be read."""

    damaged = False
    _worksheet_path: str
    _shared_strings: list[str]

    def lines(self, width: int) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """Each row that the file has: its number, and its first `width` cells. A row out of its order is left out."""
        if self.damaged:
            raise ValueError(self.title)
        book: Any = self.parent
        last = 0
        with book._archive.open(self._worksheet_path) as source:
            parser = _SheetParser(
                source,
                self._shared_strings,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, cells in parser.parse():
                if last < number <= LAST_ROW:
                    last = number
                    by_column = {
                        cell["column"]: ReadOnlyCell(self, **cell) for cell in cells if cell["column"] <= width
                    }
                    yield number, tuple(by_column.get(column, EMPTY_CELL) for column in range(1, width + 1))

    def _get_size(self) -> None:
        """Ask for no size: it may be anything, and without one the whole sheet would be read for it."""


class _SheetParser(WorkSheetParser):
    """openpyxl's parser of a sheet without what nobody here looks at and a file may make costly."""

    def parse_row(self, row: Any) -> tuple[int, list[dict[str, Any]]]:
        number, cells = super().parse_row(row)
        self.row_dimensions.clear()
        return number, cells

    def parse_formula(self, formula: Any) -> str:
        return "="


class _RefusedError(Exception):
    """A part of the workbook is not read, for the `fault`."""

    def __init__(self, found: Fault) -> None:
        self.fault = found
        super().__init__(found.code)


class _Archive(zipfile.ZipFile):
    """A workbook's archive, of which no part is read whole that is larger than its limits."""

    limits = Limits()

    def read(self, name: str | zipfile.ZipInfo, pwd: bytes | None = None) -> bytes:
        entry = name if isinstance(name, zipfile.ZipInfo) else self.getinfo(name)
        if entry.file_size > self.limits.part_bytes:
            raise _RefusedError(too_many_cells())
        content = super().read(entry, pwd)
        if content.count(b"<") > self.limits.held_tags:
            raise _RefusedError(too_many_cells())
        if b"<!DOCTYPE" in content:
            raise _RefusedError(damaged())
        return content


class _Reader(ExcelReader):
    """openpyxl's reader within limits."""

    def __init__(self, content: bytes, limits: Limits) -> None:
        super().__init__(io.BytesIO(content), read_only=True, keep_links=False)
        self.limits = limits
        self.archive = _Archive(io.BytesIO(content))
        self.archive.limits = limits

    def read_strings(self) -> None:
        for part in self.package.Override:
            if part.ContentType == SHARED_STRINGS:
                self._count(part.PartName[1:], _STRING, self.limits.strings)
        super().read_strings()

    def read_worksheets(self) -> None:
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                found = LazySheet(self.wb, sheet.name, relation.target, self.shared_strings)
                try:
                    self._count(relation.target, _ROW, LAST_ROW)
                except expat.ExpatError:
                    found.damaged = True
                cast("Any", self.wb)._sheets.append(found)

    def _count(self, name: str, item: str, most: int) -> None:
        with self.archive.open(name) as part:
            _Count(item, most, self.limits).read(part)


class _Count:
    """A look ahead at a part that will be streamed: what of it would be held in memory at once.

    `item`, with its namespace, is what is forgotten when it ends; at most `most` of it may stand in the part.
    """

    def __init__(self, item: str, most: int, limits: Limits) -> None:
        self.item, self.most, self.limits = item, most, limits
        self.items = self.within = self.held = self.kept = self.depth = self.began = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse

    def read(self, part: IO[bytes]) -> None:
        """Read `part` to its end; `_RefusedError` if it is too much."""
        while chunk := part.read(_CHUNK):
            self.parser.Parse(chunk)
            since = self.parser.CurrentByteIndex - self.began
            if self.within and since > self.limits.part_bytes + _CHUNK:
                raise _RefusedError(too_many_cells())
        self.parser.Parse(b"", True)

    def start(self, name: str, _attributes: object) -> None:
        """An element begins."""
        self.depth += 1
        if self.within:
            self.held += 1
        elif name == self.item:
            self.within, self.held, self.began = self.depth, 0, self.parser.CurrentByteIndex
            self.items += 1
        else:
            self.kept += 1
        if max(self.held, self.kept) > self.limits.held_tags or self.items > self.most:
            raise _RefusedError(too_many_cells())

    def end(self, _name: str) -> None:
        """An element ends."""
        if self.depth == self.within:
            self.within = 0
        self.depth -= 1

    def refuse(self, *_declared: object) -> None:
        """A document type begins, which no workbook has."""
        raise _RefusedError(damaged())
