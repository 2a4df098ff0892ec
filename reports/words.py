"""Plain values into the words of one language, with the translate function that the caller gives."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from planner.text import BE_OFFSET, N_, FiscalYear, LocalText, Phrase, Value
from reports.values import Cell

BANGKOK: Final = dt.timezone(dt.timedelta(hours=7))
"""Thailand has one time and no summer time."""

Plain: TypeAlias = str | int | float | dt.date | dt.datetime | None
"""What a spreadsheet keeps in a cell."""

YES: Final = N_("Yes")
NO: Final = N_("No")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Translate(Protocol):
    """Looks a message id up; keyword arguments fill its `%(name)s` fields."""

    def __call__(self, msgid: str, /, **params: object) -> str:
        """The text of `msgid`, filled."""
        ...


@dataclass(frozen=True)
class Words:
    """Turns labels and values into the words of `language` ("th" or "en")."""

    translate: Translate
    language: str

    def label(self, label: str | LocalText | FiscalYear | Phrase) -> str:
        """A title or a header; text is a message id."""
        if isinstance(label, str):
            return clean(self.translate(label)) if label else ""
        return self.value(label)

    def value(self, value: Value) -> str:
        """A value within a sentence or a cell; text is the user's own and stays as it is."""
        match value:
            case None:
                return "–"
            case str():
                return clean(value)
            case LocalText():
                return clean(value.in_language(self.language))
            case FiscalYear():
                return str(self.year(value.year))
            case Phrase():
                params = {name: self.value(part) for name, part in value.params.items()}
                return clean(self.translate(value.msgid, **params))
            case tuple():
                return ", ".join(self.value(part) for part in value)
            case int() | float():
                return _number(value)
        raise TypeError(f"no words for {value!r}")

    def year(self, year: int) -> int:
        """A CE fiscal year in the era of the language."""
        return year + BE_OFFSET if self.language == "th" else year

    def cell(self, value: Cell) -> Plain:
        """A cell's value as a spreadsheet keeps it: numbers and dates stay what they are, all else becomes text.

        Points in time come out in Bangkok time and without their zone, which Excel does not know.
        """
        match value:
            case None:
                return None
            case bool():
                return self.label(YES if value else NO)
            case FiscalYear():
                return self.year(value.year)
            case dt.datetime():
                return value.astimezone(BANGKOK).replace(tzinfo=None)
            case int() | float() | dt.date():
                return value
        return self.value(value)


def clean(text: str) -> str:
    """`text` without what XML cannot hold, its line ends as a plain newline."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _number(value: float) -> str:
    """Grouped, with at most two decimals (four for amounts under one)."""
    text = f"{value:,.2f}" if abs(value) >= 1 else f"{value:.4f}"
    whole = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if whole == "-0" else whole
