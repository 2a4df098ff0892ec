"""Short lists of words in one column: keywords, chosen codes."""

from typing import Any, Final

from sqlalchemy import Dialect, String, TypeDecorator

SEPARATOR: Final = ","


class WordList(TypeDecorator[tuple[str, ...]]):
    """A tuple of words in their order, stored as text between separators; no word is empty or holds a separator.

    `,csv,json,` and not `csv,json`, so that the database itself can tell whether a word is among them.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        """To text; `ValueError` for what is no word."""
        if value is None:
            return None
        for word in value:
            if not word or SEPARATOR in word:
                raise ValueError(f"{word!r} is empty or holds {SEPARATOR!r}")
        return SEPARATOR.join(("", *value, "")) if value else ""

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        """A tuple again."""
        return None if value is None else tuple(word for word in value.split(SEPARATOR) if word)
