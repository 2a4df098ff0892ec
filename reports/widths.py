"""How wide text stands: Thai vowels and tone marks above and below a consonant take no room of their own."""

import math
import re
import textwrap
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from reports.theme import LINE_HEIGHT

_LATIN: Final = 0.83
"""How wide a Latin letter is on the average, by the unit of widths, which is a digit."""
_MARKS: Final = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0300-\u036f]")


@lru_cache(maxsize=65536)
def text_width(text: str) -> int:
    """Characters that the longest line of `text` takes across."""
    return max((len(line) if line.isascii() else len(_MARKS.sub("", line)) for line in text.split("\n")), default=0)


def column_width(texts: Iterable[str], least: float, most: float) -> float:
    """A column's width in Excel's unit (characters) for `texts`, within [least, most], with room for the edges."""
    return min(most, max(least, 2.0 + 1.08 * max(map(text_width, texts), default=0)))


def text_height(text: str, width: float, size: float = 10.0) -> float:
    """Points that `text` takes down when wrapped at `width` characters of a 10 point font and set at `size` points."""
    across = max(1.0, width * 10.0 / size - 1.0)
    lines = sum(_lines(line, across) for line in text.split("\n"))
    return lines * LINE_HEIGHT * size / 10.0 + 2.0


def _lines(line: str, across: float) -> int:
    """Lines that text takes: Latin breaks between its narrow words, Thai leaves part of a word's room free."""
    if line.isascii():
        return len(textwrap.wrap(line, max(1, int(across / _LATIN)))) or 1
    width = text_width(line)
    return 1 if width <= across else math.ceil(width / max(1.0, min(across / 1.1, max(12.0, across - 6.0))))
