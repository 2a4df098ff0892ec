"""Write the exchange workbook: an empty template to fill in, or an export of what the database holds.

Both are the same workbook, so our own export is a valid upload. Coded columns get drop-downs: from the sheet that
defines the codes where the workbook has it, from a sheet of code lists otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.packaging.custom import BoolProperty
from openpyxl.styles import NamedStyle
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from planner.text import N_, LocalText
from reports import theme
from reports.columns import (
    LARGEST,
    LISTS,
    NO,
    NOTES,
    SYNTHETIC,
    YES,
    Field,
    FieldKind,
    Series,
    SeriesKey,
    Sheet,
    Value,
    Values,
)
from reports.formats import number_format
from reports.notes import write_notes
from reports.sheets import SHEETS
from reports.theme import Look
from reports.widths import column_width, text_height, text_width
from reports.words import Translate, Words, clean

_REQUIRED: Final = Look(bold=True, color=theme.WHITE, fill="8A2432", across="center", wrap=True)
_LOOKS: Final[Mapping[FieldKind, Look]] = {
    **dict.fromkeys(("number", "share", "money"), theme.NUMBER),
    **dict.fromkeys(("integer", "year", "flag", "choice"), theme.CENTER),
    **dict.fromkeys(("code", "codes", "text", "email", "words", "choices", "date"), theme.TEXT),
}
_WIDEST: Final = 72.0
_PAGE: Final = 240.0
"""Characters that one printed page may be wide before its text is too small to read."""
_SPARE_ROWS: Final = 500
"""Rows below the last filled one that keep drop-downs."""
_RULED_ROWS: Final = 20
"""Rows of an empty template that are ruled, to look like a form."""


@dataclass(frozen=True)
class Exchange:
    """What a workbook is to hold.

    `rows` gives the sheets that it has, each with its rows (none for an empty template). `years` (CE) and
    `resource_types` (code to unit) make the columns of series. `codes` lists the codes of sheets that the workbook
    refers to and does not have. `synthetic` marks made-up numbers wherever the workbook is looked at.
    """

    title: LocalText
    rows: Mapping[str, Sequence[Values]]
    years: Sequence[int]
    resource_types: Mapping[str, str]
    codes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    synthetic: bool = False


def write_workbook(exchange: Exchange, translate: Translate, language: str, stream: IO[bytes]) -> None:
    """Write `exchange` to `stream` in `language` ("th" or "en"). The same exchange gives the same cells."""
    _Writing(exchange, Words(translate, language)).write().save(stream)


@dataclass(frozen=True)
class _Column:
    """One column to write: its header and comment, and how a row's value is found."""

    header: str
    comment: str
    spec: Field | Series
    series_key: SeriesKey | None = None

    @property
    def required(self) -> bool:
        return isinstance(self.spec, Field) and self.spec.required

    def value(self, row: Values) -> Value:
        value = row.get(self.spec.key)
        if self.series_key is None:
            return value
        return value.get(self.series_key) if isinstance(value, Mapping) else None


class _Writing:
    """One workbook on its way."""

    def __init__(self, exchange: Exchange, words: Words) -> None:
        self.exchange = exchange
        self.words = words
        self.workbook = Workbook()
        self.title = words.value(exchange.title)
        self.mark = words.value(SYNTHETIC) if exchange.synthetic else ""
        self.sheets = [SHEETS[key] for key in SHEETS if key in exchange.rows]
        self.ranges: dict[str, str] = {}
        self.styles: dict[tuple[Look, str], str] = {}

    def write(self) -> Workbook:
        self.set_properties()
        notes: Any = self.workbook.active
        notes.title = self.words.value(NOTES)
        write_notes(notes, self.words, self.title, self.sheets, synthetic=self.exchange.synthetic)
        self.set_up_print(notes, "")
        for sheet in self.sheets:
            self.workbook.create_sheet(self.words.value(sheet.title))
            if sheet.identity == ("code",):
                last = len(self.exchange.rows[sheet.key]) + 1 + _SPARE_ROWS
                self.ranges[sheet.key] = f"'{self.words.value(sheet.title)}'!$A$2:$A${last}"
        self.write_lists()
        for sheet in self.sheets:
            self.write_sheet(self.workbook[self.words.value(sheet.title)], sheet, self.exchange.rows[sheet.key])
        return self.workbook

    def set_properties(self) -> None:
        workbook: Any = self.workbook
        properties = workbook.properties
        properties.title = f"{self.title} – {self.mark}" if self.mark else self.title
        properties.creator = "planner"
        properties.language = self.words.language
        if self.mark:
            properties.subject = f"{SYNTHETIC.th} / {SYNTHETIC.en}"
            workbook.custom_doc_props.append(BoolProperty(name="synthetic", value=True))

    def columns(self, sheet: Sheet) -> list[_Column]:
        columns = [_Column(self.words.value(spec.header), self.comment(spec), spec) for spec in sheet.fields]
        for series in sheet.series:
            units: Mapping[str, str] = self.exchange.resource_types if series.by_type else {"": series.unit}
            for code, unit in units.items():
                for year in self.exchange.years:
                    header = f"{code or self.words.value(series.header)} {self.words.year(year)}"
                    columns.append(_Column(header, self.comment(series, unit), series, (code, year)))
        return columns

    def comment(self, spec: Field | Series, unit: str = "") -> str:
        """What a column asks for, in a few lines."""
        label, lines = self.words.label, [self.words.label(spec.rule)]
        if unit or spec.unit:
            lines.append(self.words.translate(N_("Unit: %(unit)s"), unit=label(unit or spec.unit)))
        if isinstance(spec, Field) and spec.refers:
            where = SHEETS[spec.refers].title if spec.refers in self.exchange.rows else LISTS
            lines.append(self.words.translate(N_("Codes: sheet %(sheet)s"), sheet=label(where)))
        if spec.kind == "choices" and isinstance(spec, Field):
            names = tuple((spec.choices or {}).values())
            lines.append(self.words.translate(N_("Separated by commas: %(choices)s"), choices=self.words.value(names)))
        if isinstance(spec, Field) and spec.required:
            lines.append(label(N_("Must be filled in.")))
        return "\n".join(lines)

    def write_sheet(self, worksheet: Worksheet, sheet: Sheet, rows: Sequence[Values]) -> None:
        columns = self.columns(sheet)
        heights: dict[int, float] = {}
        widths: list[float] = []
        last = len(rows) + 1 + (0 if rows else _RULED_ROWS)
        for position, column in enumerate(columns, start=1):
            letter = get_column_letter(position)
            header: Any = worksheet.cell(1, position)
            header.style = self.style(_REQUIRED if column.required else theme.HEADER_CENTER, "General")
            write_text(header, column.header)
            header.comment = Comment(column.comment, "planner", height=110, width=300)
            if validation := self.validation(column):
                worksheet.add_data_validation(validation)
                validation.add(f"{letter}2:{letter}{len(rows) + 1 + _SPARE_ROWS}")
            values = [column.value(row) for row in rows]
            texts = [value for value in values if isinstance(value, str)]
            widths.append(column_width(texts, column.spec.width, max(column.spec.width, _WIDEST)))
            worksheet.column_dimensions[letter].width = widths[-1]
            style = self.style(_LOOKS[column.spec.kind], self.format(column.spec.kind, values))
            for number in range(2, last + 1):
                cell: Any = worksheet.cell(number, position)
                cell.style = style
                if number <= len(values) + 1:
                    value = values[number - 2]
                    self.write_value(cell, column.spec, value)
                    if isinstance(value, str) and text_width(value) > widths[-1]:
                        heights[number] = max(heights.get(number, 0.0), text_height(value, widths[-1]))
        for number, height in heights.items():
            worksheet.row_dimensions[number].height = height
        self.lay_out(worksheet, sheet, widths, last)

    def style(self, look: Look, pattern: str) -> str:
        """The workbook's named style for a look and a number format; writing by name is what openpyxl does fastest."""
        if (look, pattern) not in self.styles:
            name = f"planner {len(self.styles) + 1}"
            style = NamedStyle(name, look.font, look.pattern, look.border, look.alignment, pattern)
            self.workbook.add_named_style(style)
            self.styles[look, pattern] = name
        return self.styles[look, pattern]

    def format(self, kind: FieldKind, values: Sequence[Value]) -> str:
        match kind:
            case "number":
                amounts = [value for value in values if isinstance(value, int | float)]
                return number_format("number", amounts, self.words.language) if amounts else "General"
            case "share":
                return "0.00"
            case "money":
                return theme.INTEGER
            case "integer" | "year":
                return theme.YEAR
            case "date":
                return theme.DATES[self.words.language]
        return theme.AS_TEXT

    def write_value(self, cell: Any, spec: Field | Series, value: Value) -> None:
        match value:
            case None | ():
                return
            case bool():
                write_text(cell, self.words.value(YES if value else NO))
            case int() if spec.kind == "year":
                cell.value = self.words.year(value)
            case str() if isinstance(spec, Field) and spec.choices:
                write_text(cell, self.words.value(spec.choices[value]))
            case tuple() if isinstance(spec, Field) and spec.choices:
                write_text(cell, ", ".join(self.words.value(spec.choices[code]) for code in value))
            case str():
                write_text(cell, value)
            case tuple():
                write_text(cell, ", ".join(value))
            case _:
                cell.value = value

    def validation(self, column: _Column) -> DataValidation | None:
        """What Excel checks while somebody types; the reader checks again."""
        spec = column.spec
        if isinstance(spec, Field) and spec.kind == "code" and spec.refers in self.ranges:
            validation = DataValidation("list", formula1=f"={self.ranges[spec.refers]}")
        elif spec.kind in {"choice", "flag"} and isinstance(spec, Field):
            choices = (spec.choices or {"yes": YES, "no": NO}).values()
            validation = DataValidation("list", formula1=f'"{",".join(map(self.words.value, choices))}"')
        elif spec.kind in {"number", "money", "share", "integer"}:
            low, high = (spec.low, spec.high) if isinstance(spec, Field) else (0.0, LARGEST)
            validation = DataValidation("decimal", operator="between", formula1=f"{low:.6g}", formula2=f"{high:.6g}")
            if spec.kind == "integer":
                validation.type = "whole"
        else:
            return None
        validation.allow_blank = True
        validation.showErrorMessage = True
        validation.errorTitle = column.header[:32]
        validation.error = column.comment[:220]
        return validation

    def write_lists(self) -> None:
        """The codes of what the workbook refers to but does not have, one column each, for the drop-downs."""
        wanted = {spec.refers for sheet in self.sheets for spec in sheet.fields if spec.refers} - set(
            self.exchange.rows
        )
        keys = [key for key in SHEETS if key in wanted and self.exchange.codes.get(key)]
        if not keys:
            return
        lists = self.workbook.create_sheet(self.words.value(LISTS))
        header = self.style(theme.HEADER_CENTER, "General")
        text = self.style(theme.TEXT, theme.AS_TEXT)
        for position, key in enumerate(keys, start=1):
            letter = get_column_letter(position)
            lists.column_dimensions[letter].width = 22
            for number, word in enumerate((self.words.value(SHEETS[key].title), *self.exchange.codes[key]), start=1):
                cell: Any = lists.cell(number, position)
                cell.style = text if number > 1 else header
                write_text(cell, word)
            last = len(self.exchange.codes[key]) + 1
            self.ranges[key] = f"'{self.words.value(LISTS)}'!${letter}$2:${letter}${last}"
        lists.freeze_panes = "A2"
        lists.sheet_view.showGridLines = False
        self.set_up_print(lists, self.words.value(LISTS))

    def lay_out(self, worksheet: Any, sheet: Sheet, widths: Sequence[float], last: int) -> None:
        """Hold what names a row in place, on the screen and on every printed page."""
        held = max(len(sheet.identity), sum(field.key in {"code", "title", "name_th"} for field in sheet.fields))
        right = get_column_letter(len(widths))
        worksheet.freeze_panes = f"{get_column_letter(held + 1)}2"
        worksheet.row_dimensions[1].height = 42
        worksheet.sheet_format.defaultRowHeight = theme.LINE_HEIGHT + 2
        worksheet.sheet_format.customHeight = True
        worksheet.sheet_view.showGridLines = False
        worksheet.auto_filter.ref = f"A1:{right}{last}"
        worksheet.print_area = f"A1:{right}{last}"
        worksheet.print_title_rows = "1:1"
        worksheet.print_title_cols = f"A:{get_column_letter(held)}"
        self.set_up_print(worksheet, self.words.value(sheet.title))
        worksheet.page_setup.fitToWidth = ceil(sum(widths[held:]) / (_PAGE - sum(widths[:held])))

    def set_up_print(self, worksheet: Any, name: str) -> None:
        worksheet.page_setup.orientation = "landscape"
        worksheet.page_setup.paperSize = worksheet.PAPERSIZE_A4
        worksheet.page_setup.fitToWidth = 1
        worksheet.page_setup.fitToHeight = 0
        worksheet.sheet_properties.pageSetUpPr.fitToPage = True
        worksheet.page_margins.left = worksheet.page_margins.right = theme.MARGIN
        for place, text in (
            (worksheet.oddHeader.left, name),
            (worksheet.oddHeader.right, self.mark),
            (worksheet.oddFooter.left, self.title),
            (worksheet.oddFooter.right, "&P / &N"),
        ):
            place.text = text or None
            place.font = theme.FONT
            place.size = 9


def write_text(cell: Any, text: str) -> None:
    """Put `text` into `cell` as text, also where it looks like a formula."""
    cell.value = clean(text)
    if text.startswith("="):
        cell.data_type = "s"
        cell.quotePrefix = True
