"""What a column and a sheet of the exchange workbook are; the sheets themselves stand in `reports.sheets`.

Titles and headers are given in both languages, because a reader must know
a workbook of either; rules and units are message ids, shown in the template's comments. A row is a mapping from
field keys to plain values: years are CE integers, shares are fractions of one, money is THB, lists are tuples of codes,
and a series is a mapping from (resource type code, fiscal year) to an amount; the code is "" where the row itself names
the resource type.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from planner.text import LocalText

FieldKind: TypeAlias = Literal[
    "code",
    "codes",
    "text",
    "email",
    "words",
    "number",
    "integer",
    "share",
    "money",
    "year",
    "date",
    "flag",
    "choice",
    "choices",
]
"""What a column holds; "codes", "words" and "choices" are lists of codes that exist, of any words, of `choices`."""

SeriesKey: TypeAlias = tuple[str, int]
Value: TypeAlias = "str | int | float | bool | dt.date | tuple[str, ...] | Mapping[SeriesKey, float] | None"
Values: TypeAlias = Mapping[str, Value]

LARGEST: Final = 1e15
"""Amounts beyond this lose whole units in double precision."""


@dataclass(frozen=True)
class Field:
    """One column. `refers` names the sheet whose codes it takes; numbers lie within [low, high].

    `default` is what an empty cell means; where it is `kept`, an empty cell leaves what there was, and `default` is
    for a new row. `positive` excludes zero. `longest` bounds texts, in characters.
    """

    key: str
    header: LocalText
    kind: FieldKind
    rule: str
    required: bool = False
    refers: str = ""
    unit: str = ""
    default: Value = None
    kept: bool = False
    low: float = 0.0
    high: float = LARGEST
    positive: bool = False
    longest: int = 300
    choices: Mapping[str, LocalText] | None = None
    width: float = 14.0


@dataclass(frozen=True)
class Series:
    """A family of amount columns, one for each fiscal year, or for each resource type and fiscal year (`by_type`).

    The headers read `nameplate 2570`, or `vcpu 2570` where `by_type`.
    """

    key: str
    header: LocalText
    kind: Literal["number", "money"]
    rule: str
    by_type: bool = False
    unit: str = ""
    width: float = 12.0


@dataclass(frozen=True)
class Sheet:
    """One sheet: `identity` names the fields that together tell its rows apart, `unique` those that may not repeat."""

    key: str
    title: LocalText
    about: str
    fields: tuple[Field, ...]
    series: tuple[Series, ...] = ()
    identity: tuple[str, ...] = ("code",)
    unique: tuple[str, ...] = ()

    def field(self, key: str) -> Field:
        """The field named `key`; `KeyError` if there is none."""
        for field in self.fields:
            if field.key == key:
                return field
        raise KeyError(key)


NOTES: Final = LocalText("คำชี้แจง", "Notes")
LISTS: Final = LocalText("รายการรหัส", "Code lists")
IGNORED_TITLES: Final = frozenset(text for name in (NOTES, LISTS) for text in (name.th, name.en)) | {"README"}
"""Sheets that people read and the reader leaves alone."""

YES: Final = LocalText("ใช่", "yes")
NO: Final = LocalText("ไม่ใช่", "no")
SYNTHETIC: Final = LocalText("ข้อมูลสังเคราะห์", "Synthetic data")
"""The mark of made-up data: on the notes sheet, in print headers, and as the workbook's `synthetic` property."""
