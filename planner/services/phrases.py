"""Phrases as JSON, for what is stored now and read in each reader's language later."""

from typing import Any

from planner.text import FiscalYear, LocalText, Phrase, Value


def dump_phrase(phrase: Phrase) -> dict[str, Any]:
    """`phrase` as plain JSON; `read_phrase` gives it back."""
    return {"msgid": phrase.msgid, "params": {name: _dump(value) for name, value in phrase.params.items()}}


def read_phrase(stored: dict[str, Any]) -> Phrase:
    """The phrase that `dump_phrase` made `stored` of."""
    return Phrase(stored["msgid"], {name: _read(value) for name, value in stored["params"].items()})


def _dump(value: Value) -> Any:
    if isinstance(value, Phrase):
        return dump_phrase(value)
    if isinstance(value, LocalText):
        return {"th": value.th, "en": value.en}
    if isinstance(value, FiscalYear):
        return {"year": value.year}
    if isinstance(value, tuple):
        return [_dump(one) for one in value]
    return value


def _read(stored: Any) -> Value:
    if isinstance(stored, list):
        return tuple(_read(one) for one in stored)
    if not isinstance(stored, dict):
        plain: Value = stored
        return plain
    if "msgid" in stored:
        return read_phrase(stored)
    return FiscalYear(stored["year"]) if "year" in stored else LocalText(**stored)
