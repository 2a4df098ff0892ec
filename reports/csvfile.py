"""Tables as CSV that Excel opens well: UTF-8 with a mark, one header row, plain numbers, days as YYYY-MM-DD (CE)."""

import csv
import datetime as dt
import io
from typing import IO, Final

from reports.tables import header_text
from reports.values import Cell, Table
from reports.words import Translate, Words

_COMMANDS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def render_csv(table: Table, translate: Translate, language: str, stream: IO[bytes]) -> None:
    """Write `table`'s header and rows, without its total, in `language` to a binary stream, which stays open.

    Shares are fractions of one; fiscal years are of the language's era. Text that a spreadsheet would take for a
    formula is preceded by an apostrophe.
    """
    words = Words(translate, language)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([_plain(header_text(column, words).replace("\n", " "), words) for column in table.columns])
    writer.writerows([_plain(value, words) for value in row] for row in table.rows)
    text.detach()


def _plain(value: Cell, words: Words) -> str | int | float:
    match words.cell(value):
        case None:
            return ""
        case dt.datetime() as moment:
            return moment.isoformat(" ", "minutes")
        case dt.date() as day:
            return day.isoformat()
        case str() as text:
            return f"'{text}" if text.startswith(_COMMANDS) else text
        case number:
            return number
