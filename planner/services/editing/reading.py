"""What people type into the cells of rows, read as plain values, with every fault at its row and column."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

from planner.errors import Fault, fault
from planner.services.rows.cells import FIXED, column_key, column_name
from planner.services.rows.targets import Database
from planner.text import N_
from reports.cells import CellError, Era, parse_amount, parse_cell
from reports.columns import Field, SeriesKey, Value
from reports.reader import ColumnKey, Row, SheetRows
from reports.sheets import REQUIREMENTS

Cell: TypeAlias = "str | int | float | bool | Sequence[str] | None"
"""What stands in a cell: text as typed, or a plain value; nothing, blank text or an empty list empties it."""


@dataclass(frozen=True)
class RowEdit:
    """What somebody wants a row to be: `cells` by column; those that are not named stay as they are.

    `code` None asks for a new row. `version` is the one that the row had when it was read, None to write over
    whatever it is now. `key` names a new row until it has a code: sending the same key twice makes one row.
    """

    code: str | None
    version: int | None
    cells: Mapping[str, Cell]
    key: str | None = None


@dataclass(frozen=True)
class EditedRows(SheetRows):
    """Rows that were typed. Addresses read `R-000123/title`; a new row in the second edit is `+2/title`."""

    labels: tuple[str, ...] = ()

    def address(self, row: Row | int, key: ColumnKey | None = None) -> str:
        """Where a cell stands."""
        number = row if isinstance(row, int) else row.number
        return f"{self.labels[number - 1]}/{column_name(key) if key else ''}"


@dataclass
class Reading:
    """Rows read from edits. `codes` are those of the rows, in the order of the edits, new ones included."""

    edits: Sequence[RowEdit]
    codes: Sequence[str]
    new: frozenset[str]
    database: Database
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.years = self.database.years()
        self.types = frozenset(self.database.codes("resource_types").values())

    def read(self) -> EditedRows:
        """The rows, as a workbook's sheet would have them; what is wrong with their cells stands in `faults`."""
        labels = tuple(edit.code or f"+{number}" for number, edit in enumerate(self.edits, start=1))
        rows = []
        for number, (edit, code) in enumerate(zip(self.edits, self.codes, strict=True), start=1):
            label = labels[number - 1]
            values = {"code": code} | self._read_cells(label, edit.cells)
            if code in self.new:
                self._require_all(label, edit.cells)
            rows.append(Row(number, values))
        return EditedRows(REQUIREMENTS, "", tuple(rows), {}, labels)

    def _read_cells(self, label: str, cells: Mapping[str, Cell]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        amounts: dict[SeriesKey, float] = {}
        era: Era | None = None
        for name, cell in cells.items():
            key = column_key(REQUIREMENTS, name)
            try:
                if not self._is_open(key):
                    raise CellError("fixed_column", N_("Nothing can be typed into this column."))
                if isinstance(key, tuple):
                    amounts[key[1]] = 0.0 if _is_blank(cell) else parse_amount(cell)
                elif not (_is_blank(cell) and REQUIREMENTS.field(key).kept):
                    values[key], found = read_cell(REQUIREMENTS.field(key), cell)
                    if era and found and era != found:
                        raise CellError("mixed_eras", N_("The years of one row must be of one era."))
                    era = era or found
            except CellError as error:
                self.faults.append(Fault(f"{label}/{name}", error.code, error.message))
        return {**values, "demand": amounts} if amounts else values

    def _is_open(self, key: ColumnKey | None) -> TypeGuard[ColumnKey]:
        """Whether something can be typed into a column: it is there, also its resource type and its year."""
        if isinstance(key, tuple):
            return key[1][0] in self.types and key[1][1] in self.years
        return key is not None and key not in FIXED

    def _require_all(self, label: str, cells: Mapping[str, Cell]) -> None:
        for wanted in REQUIREMENTS.fields:
            if wanted.required and wanted.key not in FIXED and wanted.key not in cells:
                self.faults.append(fault(f"{label}/{wanted.key}", "missing", N_("A value is missing here.")))


def repeated(edits: Sequence[RowEdit]) -> Iterator[Fault]:
    """A fault for every edit of a row that was edited before in the same breath."""
    seen: set[str] = set()
    for edit in edits:
        for name in filter(None, (edit.code, edit.key)):
            if name in seen:
                yield fault(f"{edit.code or name}/", "duplicate_code", N_("This row is here twice."))
            seen.add(name)


def read_cell(wanted: Field, cell: Cell) -> tuple[Value, Era | None]:
    """The value of a cell, and the era of a year in it; `CellError` if the column cannot take it."""
    if _is_blank(cell):
        if wanted.required:
            raise CellError("missing", N_("A value is missing here."))
        return wanted.default, None
    if wanted.kind == "codes" and isinstance(cell, Sequence) and not isinstance(cell, str):
        cell = ",".join(cell)
    return parse_cell(wanted, cell)


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, Sequence) and not (cell.strip() if isinstance(cell, str) else cell))
