"""Read an exchange workbook: rows of plain values that remember their cells, and every fault at its address.

What the sheets must hold is in `reports.sheets`; what may be opened at all in `reports.archive` and `reports.opening`.
Only what one file can show by itself is checked here: known sheets and columns, types, bounds, eras, rows that stand
twice. Whether a code exists is for those who know the database (`planner.services.importing`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import IO, Any, Final, TypeAlias, cast

from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

from planner.errors import Fault, fault
from planner.text import N_, THAI_DIGITS, FiscalYear, Phrase
from planner.text import Value as PhraseValue
from reports.archive import Limits
from reports.cells import CellError, Era, parse_amount, parse_cell, parse_year
from reports.columns import IGNORED_TITLES, SYNTHETIC, Field, SeriesKey, Sheet, Value
from reports.opening import LazySheet, open_workbook
from reports.sheets import SHEETS

_UNIT: Final = re.compile(r"\s*\([^)]*\)$")
_ERA_NAMES: Final[dict[Era, str]] = {"BE": N_("the Buddhist era"), "CE": N_("the common era")}
_SERIES: Final = re.compile(r"(?P<name>.+?)\s+(?P<year>\d{4})")

ColumnKey: TypeAlias = str | tuple[str, SeriesKey]
"""A field's key, or a series' key with the resource type and year of the column."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet: its number in the file, and its values by field key, for the columns that the file has."""

    number: int
    values: Mapping[str, Value]


@dataclass(frozen=True)
class SheetRows:
    """The rows of one sheet. `columns` gives the column letter of every field key and of every (series key, series)."""

    sheet: Sheet
    title: str
    rows: tuple[Row, ...]
    columns: Mapping[ColumnKey, str]

    def address(self, row: Row | int, key: ColumnKey | None = None) -> str:
        """Where a cell stands, in the file's own words: `ความต้องการ!F12`; without a key, the row: `ความต้องการ!12`."""
        number = row if isinstance(row, int) else row.number
        return f"{self.title}!{self.columns.get(key, '') if key else ''}{number}"


@dataclass(frozen=True)
class WorkbookRows:
    """Everything a workbook holds. `faults` are all of them in the order of the file; at most `Limits.faults` are kept,
    and `more_faults` counts the rest. `synthetic` says that the file calls its numbers made up.
    """

    sheets: Mapping[str, SheetRows]
    faults: tuple[Fault, ...]
    more_faults: int
    synthetic: bool


@dataclass
class FaultList:
    """Faults up to a limit, and how many came after."""

    limit: int
    faults: list[Fault] = field(default_factory=list)
    more: int = 0

    def add(self, address: str, code: str, msgid: str, /, **params: PhraseValue) -> None:
        """Note one fault."""
        self.add_fault(fault(address, code, msgid, **params))

    def add_fault(self, found: Fault) -> None:
        """Note `found`."""
        if len(self.faults) < self.limit:
            self.faults.append(found)
        else:
            self.more += 1


def read_workbook(stream: IO[bytes], limits: Limits | None = None) -> WorkbookRows:
    """The rows of the workbook in `stream` with all faults; `InvalidInputError` if it cannot be opened at all."""
    limits = limits or Limits()
    with open_workbook(stream, limits) as workbook:
        return _Reading(workbook, limits).read()


class _Reading:
    """One pass over one workbook."""

    def __init__(self, workbook: Workbook, limits: Limits) -> None:
        self.workbook = workbook
        self.limits = limits
        self.faults = FaultList(limits.faults)
        self.era: tuple[Era, str] | None = None
        self.eras_mixed = False
        self.synthetic = False

    def read(self) -> WorkbookRows:
        self.synthetic = _says_synthetic(self.workbook)
        by_title = {text.casefold(): sheet for sheet in SHEETS.values() for text in (sheet.title.th, sheet.title.en)}
        ignored = {title.casefold() for title in IGNORED_TITLES}
        sheets: dict[str, SheetRows] = {}
        for worksheet in cast("list[LazySheet]", self.workbook.worksheets):
            title = worksheet.title
            name = title.strip().casefold()
            sheet = by_title.get(name)
            if name in ignored:
                self.read_notes(title, worksheet)
            elif sheet is None:
                self.add(title, "", "unknown_sheet", N_("No sheet of this name is known."))
            elif sheet.key in sheets:
                self.add(title, "", "duplicate_sheet", N_("This sheet stands in the file twice."))
            else:
                sheets[sheet.key] = self.read_sheet(sheet, title, worksheet)
        if not sheets and not self.faults.faults:
            self.faults.add("", "no_sheets", N_("The file has none of the sheets that can be imported."))
        return WorkbookRows(sheets, tuple(self.faults.faults), self.faults.more, self.synthetic)

    def read_notes(self, title: str, worksheet: LazySheet) -> None:
        """See whether a sheet of notes carries the mark; spreadsheets of other makers drop a workbook's properties."""
        try:
            top = [line for _, line in takewhile(lambda numbered: numbered[0] <= 5, _lines(worksheet, 3))]
        except _DamagedSheetError:
            self.add(title, "", "damaged", N_("The sheet is damaged and cannot be read."))
            return
        text = " ".join(str(cell.value).casefold() for line in top for cell in line if cell.value)
        self.synthetic = self.synthetic or SYNTHETIC.th in text or SYNTHETIC.en.casefold() in text

    def read_sheet(self, sheet: Sheet, title: str, worksheet: LazySheet) -> SheetRows:
        columns: list[_Column] = []
        rows: list[Row] = []
        try:
            number, header = next(_lines(worksheet, self.limits.columns + 1), (1, ()))
            columns = self.read_header(sheet, title, header if number == 1 else ())
            found = SheetRows(sheet, title, (), {column.key: column.letter for column in columns})
            repeats = _Repeats(found, self.faults)
            width = max((column.index for column in columns), default=0) + 1
            for number, line in _lines(worksheet, width):
                if number == 1 or all(_is_blank(cell.value) for cell in line):
                    continue
                if len(rows) == self.limits.rows:
                    self.add(title, "", "too_many_rows", N_("The sheet has more than %(most)s rows."), most=len(rows))
                    break
                row = Row(number, self.read_row(title, columns, number, line))
                repeats.check(row)
                rows.append(row)
        except _DamagedSheetError:
            self.add(title, "", "damaged", N_("The sheet is damaged and cannot be read."))
        return SheetRows(sheet, title, tuple(rows), {column.key: column.letter for column in columns})

    def read_header(self, sheet: Sheet, title: str, header: Sequence[Any]) -> list["_Column"]:
        """The columns that are known, in the order of the file; a fault for each other one and each missing one."""
        columns: dict[ColumnKey, _Column] = {}
        if len(header) > self.limits.columns and header[self.limits.columns].value is not None:
            self.add(title, "1", "too_many_columns", N_("There are more than %(most)s columns."), most=len(header) - 1)
        for index, cell in enumerate(header[: self.limits.columns]):
            if cell.value is None:
                continue
            place = f"{get_column_letter(index + 1)}1"
            column = self.know_column(sheet, title, index, " ".join(str(cell.value).split()))
            if column is None:
                self.add(title, place, "unknown_column", N_("No column of this name is known here."))
            elif column.key in columns:
                self.add(title, place, "duplicate_column", N_("This column stands in the sheet twice."))
            else:
                columns[column.key] = column
        for field_ in sheet.fields:
            if field_.required and field_.key not in columns:
                self.add(title, "1", "missing_column", N_("The column %(column)s is missing."), column=field_.header)
        return list(columns.values())

    def know_column(self, sheet: Sheet, title: str, index: int, header: str) -> "_Column | None":
        name = _UNIT.sub("", header.removesuffix("*").strip()).casefold()
        letter = get_column_letter(index + 1)
        for field_ in sheet.fields:
            if name in (field_.header.th.casefold(), field_.header.en.casefold()):
                return _Column(index, letter, field_)
        heading = _SERIES.fullmatch(header.translate(THAI_DIGITS))
        if heading is None:
            return None
        word = heading["name"]
        for series in sheet.series:
            if series.by_type or word.casefold() in (series.header.th, series.header.en.casefold()):
                try:
                    year, era = parse_year(heading["year"])
                except CellError:
                    return None
                self.note_era(era, f"{title}!{letter}1")
                return _Column(index, letter, None, series.key, (word if series.by_type else "", year))
        return None

    def read_row(self, title: str, columns: Sequence["_Column"], number: int, line: Sequence[Any]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        amounts: dict[str, dict[SeriesKey, float]] = {}
        for column in columns:
            cell: Any = line[column.index] if column.index < len(line) else EMPTY_CELL
            raw = cell.value
            if _is_blank(raw):
                raw = None
            try:
                if cell.data_type in {"f", "e"}:
                    raise _formula_or_error(cell)
                if column.field is None:
                    series_amounts = amounts.setdefault(column.series, {})
                    if raw is not None:
                        series_amounts[column.series_key] = parse_amount(raw)
                elif raw is None:
                    if not column.field.kept:
                        values[column.field.key] = _empty(column.field)
                else:
                    values[column.field.key], era = parse_cell(column.field, raw)
                    if era:
                        self.note_era(era, f"{title}!{column.letter}{number}")
            except CellError as error:
                self.faults.add_fault(Fault(f"{title}!{column.letter}{number}", error.code, error.message))
        return values | amounts

    def note_era(self, era: Era, address: str) -> None:
        """One file, one era: a year read in the wrong one is off by 543 and nobody would see it."""
        if self.era is None:
            self.era = (era, address)
        elif era != self.era[0] and not self.eras_mixed:
            self.eras_mixed = True
            self.faults.add(
                address,
                "mixed_eras",
                N_("This year is in %(found)s, but %(where)s is in %(first)s. Use one era in the whole file."),
                found=Phrase(_ERA_NAMES[era]),
                first=Phrase(_ERA_NAMES[self.era[0]]),
                where=self.era[1],
            )

    def add(self, title: str, place: str, code: str, msgid: str, /, **params: PhraseValue) -> None:
        self.faults.add(f"{title}!{place}", code, msgid, **params)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column of the file that is known: its place, and the field or the series that it holds."""

    index: int
    letter: str
    field: Field | None
    series: str = ""
    series_key: SeriesKey = ("", 0)

    @property
    def key(self) -> ColumnKey:
        return self.field.key if self.field else (self.series, self.series_key)


class _Repeats:
    """Finds rows that stand twice, by what tells them apart and by every field that may not repeat."""

    def __init__(self, found: SheetRows, faults: FaultList) -> None:
        self.found = found
        self.faults = faults
        keys = (found.sheet.identity, *((key,) for key in found.sheet.unique))
        self.seen: dict[tuple[str, ...], dict[tuple[Value, ...], int]] = {key: {} for key in keys}

    def check(self, row: Row) -> None:
        for keys, seen in self.seen.items():
            values = tuple(row.values.get(key) for key in keys)
            if None in values:
                continue
            first = seen.setdefault(values, row.number)
            if first != row.number:
                pairs = zip(keys, values, strict=True)
                shown = tuple(
                    FiscalYear(int(str(value))) if self.found.sheet.field(key).kind == "year" else str(value)
                    for key, value in pairs
                )
                self.faults.add(
                    self.found.address(row, keys[-1]),
                    "duplicate_code",
                    N_("%(code)s stands here twice; first in row %(row)s."),
                    code=shown,
                    row=str(first),
                )


class _DamagedSheetError(Exception):
    """The parser gave up on a sheet."""


def _lines(worksheet: LazySheet, width: int) -> Iterator[tuple[int, Sequence[Any]]]:
    """The rows of a sheet with their numbers, the first first, each cut to `width` cells."""
    try:
        yield from worksheet.lines(width)
    except Exception as error:  # whatever a parser says of a hostile sheet, the sheet is at fault
        raise _DamagedSheetError from error


def _is_blank(raw: object) -> bool:
    return raw is None or (isinstance(raw, str) and not raw.strip())


def _empty(field_: Field) -> Value:
    if field_.required:
        raise CellError("missing", N_("A value is missing here."))
    return field_.default


def _formula_or_error(cell: Any) -> CellError:
    if cell.data_type == "e":
        return CellError("excel_error", N_("The cell holds an Excel error."))
    return CellError("formula", N_("A formula stands where a value belongs. Paste the value itself."))


def _says_synthetic(workbook: Any) -> bool:
    return any(
        prop.name == "synthetic" and str(prop.value).casefold() == "true" for prop in workbook.custom_doc_props.props
    )
