"""The order of Thai words, as a key that any database can sort by bytes, and texts as they are searched."""

import re
import unicodedata
from typing import Any, Final

from sqlalchemy import String

KEY_LENGTH: Final = 650
SORT_KEY: Final = String(KEY_LENGTH).with_variant(String(KEY_LENGTH, collation="C"), "postgresql")

SEARCH_LENGTH: Final = 600
SEARCH_KEY: Final = String(SEARCH_LENGTH).with_variant(String(SEARCH_LENGTH, collation="C"), "postgresql")

_THAI_DIGITS: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
_LEADING_VOWEL: Final = re.compile("([เ-ไ])([ก-ฮ])")
_MARKS: Final = re.compile("[\u0e47-\u0e4e]")


def thai_sort_key(text: str) -> str:
    """The key by which `text` stands where a Thai dictionary would put it, by comparing code points.

    A vowel written before its consonant sorts after it; tone marks and the like decide only between words that are
    otherwise the same; case does not count.
    """
    swapped = _LEADING_VOWEL.sub(r"\2\1", text.casefold())
    return f"{_MARKS.sub('', swapped)}\t{swapped}"[:KEY_LENGTH]


def title_key(context: Any) -> str:
    """The column default of a sort key beside a `title` (for inserts that go past the mapped class)."""
    return thai_sort_key(context.get_current_parameters()["title"])


def search_key(text: str) -> str:
    """`text` as it is searched: case, Thai or Arabic digits and ways to write the same letter make no difference."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_THAI_DIGITS)[:SEARCH_LENGTH]


def code_and_title_key(context: Any) -> str:
    """The column default of a search key beside a `code` and a `title` (for inserts past the mapped class)."""
    given = context.get_current_parameters()
    return search_key(f"{given['code']} {given['title']}")
