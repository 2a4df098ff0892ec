"""Values as people type them into a form, and back. Shares are percentages there."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from planner.errors import Fault
from planner.text import BE_OFFSET, N_, Phrase
from reports.cells import CellError, parse_cell
from reports.columns import YES, Field, Value


@dataclass(frozen=True)
class Entry:
    """One field of a page: its name, its text, what the database has where that is another text, and its faults."""

    name: str
    text: str
    stored: str | None = None
    faults: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class Typed:
    """What was typed into a page and what is wrong with it; `texts` None for a page that shows what is stored."""

    texts: Mapping[str, str] | None = None
    faults: Sequence[Fault] = ()

    def entry(self, name: str, kept: str) -> Entry:
        """The field called `name`, of which the database has the text `kept`."""
        if self.texts is None:
            return Entry(name, kept)
        text = self.texts.get(name, "")
        phrases = tuple(fault.message for fault in self.faults if fault.address == name)
        return Entry(name, text, kept if text.strip() != kept else None, phrases)


NOTHING: Final = Typed()


def to_text(field: Field, value: Value, language: str) -> str:
    """`value` as a reader of `language` would type it: years and days in its era, numbers grouped and in full.

    A flag is "yes" or nothing, as a box that is ticked or not.
    """
    era = BE_OFFSET if language == "th" else 0
    match value:
        case None:
            return ""
        case bool():
            return YES.en if value else ""
        case dt.date():
            return f"{value.day}/{value.month}/{value.year + era}"
        case int() if field.kind == "year":
            return str(value + era)
        case int() | float():
            return number_text(value * 100 if field.kind == "share" else value)
    return str(value)


def number_text(number: float) -> str:
    """`number` grouped, with every digit that it has."""
    return f"{number:,.15g}"


def read_text(field: Field, text: str) -> Value:
    """What was typed into a field, "" for nothing; `CellError` if the field cannot take it."""
    if not text.strip():
        if field.kind == "flag":
            return False
        if field.required:
            raise CellError("missing", N_("A value is missing here."))
        return field.default
    if field.kind == "share":
        percent = replace(field, kind="number", low=field.low * 100, high=field.high * 100)
        value, _ = parse_cell(percent, text.strip().removesuffix("%"))
        return float(str(value)) / 100
    return parse_cell(field, text)[0]
