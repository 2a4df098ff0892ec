"""Words as data: text is named here and turned into Thai or English at the edge (`planner.i18n`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

BE_OFFSET: Final = 543
"""Buddhist era = common era + 543."""
THAI_DIGITS: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
"""For `str.translate`: what people type into what programs read."""


def N_(msgid: str) -> str:  # noqa: N802 - gettext's customary name for "mark, do not translate yet"
    """Mark an English text for the translation catalogue and return it unchanged."""
    return msgid


@dataclass(frozen=True)
class LocalText:
    """A name that the data itself carries in both languages."""

    th: str
    en: str

    def __post_init__(self) -> None:
        if not self.th and not self.en:
            raise ValueError("a LocalText needs at least one language")

    def in_language(self, language: str) -> str:
        """The text in `language` ("th" or "en"); the other language where that one is empty."""
        return (self.th or self.en) if language == "th" else (self.en or self.th)


@dataclass(frozen=True)
class FiscalYear:
    """A fiscal year, named by the CE year it ends in; shown as BE in Thai."""

    year: int


@dataclass(frozen=True)
class Phrase:
    """A translatable sentence: a message id with `%(name)s` fields and the values that fill them."""

    msgid: str
    params: Mapping[str, "Value"] = field(default_factory=dict)


Value: TypeAlias = "str | int | float | LocalText | FiscalYear | Phrase | tuple[Value, ...] | None"
"""What a phrase may hold. A tuple is shown as a comma-separated list."""
