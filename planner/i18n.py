"""Thai and English at the edge: catalogues, numbers, Buddhist-era dates, and values into words.

Catalogues are gettext `.po` files, compiled in memory when first used, so that there is no build step
and no compiled file to keep in step. English is the message id; Thai must be complete (a test checks).
"""

import datetime as dt
import io
from functools import lru_cache
from importlib.resources import files
from typing import Final

from babel.dates import format_date, format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_percent
from babel.support import Translations

from planner.text import BE_OFFSET, FiscalYear, LocalText, Phrase, Value
from reports.words import BANGKOK, NO, YES, Translate, Words

LANGUAGES: Final = ("th", "en")
LANGUAGE_NAMES: Final[dict[str, str]] = {"th": "ไทย", "en": "English"}
DEFAULT_LANGUAGE: Final = "th"
LEAST_IN_FULL: Final = 5e-5
"""Measures below this would read 0 with four decimals: they are shown with their power of ten, as in workbooks."""
RAISED: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@lru_cache
def load_translations(language: str) -> Translations:
    """The compiled catalogue of `language`; an unknown language is a `ValueError`."""
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not one of {LANGUAGES}")
    source = files("planner") / "translations" / language / "LC_MESSAGES" / "messages.po"
    if not source.is_file():
        return Translations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def translator(language: str) -> Translate:
    """The translate function of `language`, as templates, reports and the command line use it."""
    catalogue = load_translations(language)

    def translate(msgid: str, /, **params: object) -> str:
        text = catalogue.gettext(msgid)
        return text % params if params else text

    return translate


@lru_cache
def _words(language: str) -> Words:
    return Words(translator(language), language)


def to_words(value: Value, language: str) -> str:
    """`value` as a reader of `language` expects it: phrases translated, numbers grouped, years in their era."""
    return _words(language).value(value)


def label_words(label: str | LocalText | FiscalYear | Phrase, language: str) -> str:
    """A title, a header or a term in `language`; text is a message id."""
    return _words(language).label(label)


def cell_words(value: "Value | dt.date", kind: str, language: str) -> str:
    """A table's cell as text, by the kind of its column (`reports.values.Kind`)."""
    match value:
        case bool():
            return label_words(YES if value else NO, language)
        case dt.datetime():
            return format_moment(value, language)
        case dt.date():
            return format_day(value, language)
        case int() | float() if kind == "share":
            return format_share(value, language)
        case int() if kind == "year":
            return format_fiscal_year(value, language)
        case int() | float() if kind in {"money", "integer"}:
            return to_words(round(value), language)
        case float() if kind == "measure" and 0 < abs(value) < LEAST_IN_FULL:
            return format_tiny(value)
    return to_words(value, language)


def format_tiny(amount: float) -> str:
    """An amount close to nothing in two digits, such as 1.9 × 10⁻⁷."""
    digits, power = f"{amount:.1e}".split("e")
    return f"{digits} × 10{str(int(power)).translate(RAISED)}"


def format_fiscal_year(year: int, language: str) -> str:
    """A CE fiscal year as "2570" in Thai (BE) and "2027" in English."""
    return to_words(FiscalYear(year), language)


def format_share(value: float, language: str) -> str:
    """A share in [0, 1] as a percentage with one decimal."""
    return format_percent(value, format="#,##0.0%", locale=language)


def format_day(day: dt.date, language: str) -> str:
    """A date in full words; the year in BE in Thai (CLDR has no Buddhist formatting in Babel)."""
    if language == "th":
        return f"{format_date(day, 'd MMMM', locale='th')} {day.year + BE_OFFSET}"
    return format_date(day, "d MMMM y", locale="en")


def format_clock(moment: dt.datetime, language: str) -> str:
    """The time of day of a point in time (aware) in Bangkok, to the second."""
    return format_datetime(moment.astimezone(BANGKOK), "HH:mm:ss", locale=language)


def format_moment(moment: dt.datetime, language: str) -> str:
    """A point in time (aware) in Bangkok time, day first."""
    local = moment.astimezone(BANGKOK)
    return f"{format_day(local.date(), language)} {format_datetime(local, 'HH:mm', locale=language)}"
