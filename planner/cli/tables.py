"""Tables of a report as text for a terminal."""

import unicodedata

from planner.i18n import cell_words, label_words
from reports.values import NUMERIC, Column, Table


def render_table(table: Table, language: str) -> str:
    """`table` as aligned columns under a ruled header, numbers to the right."""
    header = [_heading(column, language) for column in table.columns]
    rows = [
        [cell_words(value, column.kind, language) for value, column in zip(row, table.columns, strict=True)]
        for row in (*table.rows, *([table.total] if table.total else []))
    ]
    widths = [max(map(_width, cells)) for cells in zip(header, *rows, strict=True)]
    lines = [header, ["─" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(
            _padded(text, width, right=column.kind in NUMERIC)
            for text, width, column in zip(line, widths, table.columns, strict=True)
        ).rstrip()
        for line in lines
    )


def _heading(column: Column, language: str) -> str:
    header = label_words(column.header, language)
    return f"{header} ({label_words(column.unit, language)})" if column.unit else header


def _width(text: str) -> int:
    """How many places `text` takes: Thai vowels and tone marks above and below a letter take none."""
    return sum(unicodedata.category(character) != "Mn" for character in text)


def _padded(text: str, width: int, *, right: bool) -> str:
    blanks = " " * (width - _width(text))
    return blanks + text if right else text + blanks
