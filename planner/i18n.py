"""Thai and English at the edge: catalogues, numbers, Buddhist-era dates, and values into words.

Catalogues are gettext `.po` files, compiled in memory when first used, so that there is no build step
and no compiled file to keep in step. English is the message id; Thai must be complete (a test checks).
"""

import datetime as dt
import io
from functools import lru_cache
from importlib.resources import files
from typing import Final, Protocol

from babel.dates import format_date, format_datetime, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from planner.text import N_, FiscalYear, LocalText, Phrase, Value

LANGUAGES: Final = ("th", "en")
LANGUAGE_NAMES: Final[dict[str, str]] = {"th": "ไทย", "en": "English"}
DEFAULT_LANGUAGE: Final = "th"
BE_OFFSET: Final = 543
TIME_ZONE: Final = get_timezone("Asia/Bangkok")
THAI_DIGITS: Final = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")


class Translate(Protocol):
    """Looks a message id up; keyword arguments fill its `%(name)s` fields."""

    def __call__(self, msgid: str, /, **params: object) -> str:
        """The text of `msgid`, filled."""
        ...


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


def to_words(value: Value, language: str) -> str:
    """`value` as a reader of `language` expects it: phrases translated, numbers grouped, years in their era."""
    match value:
        case None:
            return "–"
        case str():
            return value
        case LocalText():
            return value.in_language(language)
        case FiscalYear():
            return format_fiscal_year(value.year, language)
        case Phrase():
            return phrase_in(value, language)
        case tuple():
            return ", ".join(to_words(part, language) for part in value)
        case int() | float():
            return format_number(value, language)
    raise TypeError(f"no words for {value!r}")


def phrase_in(phrase: Phrase, language: str) -> str:
    """`phrase` as a sentence of `language`."""
    text = load_translations(language).gettext(phrase.msgid)
    return text % {name: to_words(value, language) for name, value in phrase.params.items()} if phrase.params else text


def cell_words(value: "Value | dt.date", kind: str, language: str) -> str:
    """A table's cell as text, by the kind of its column (`reports.values.Kind`)."""
    match value:
        case bool():
            return translator(language)(N_("Yes") if value else N_("No"))
        case dt.datetime():
            return format_moment(value, language)
        case dt.date():
            return format_day(value, language)
        case int() | float() if kind == "share":
            return format_share(value, language)
        case int() if kind == "year":
            return format_fiscal_year(value, language)
        case int() | float() if kind in {"money", "integer"}:
            return format_number(round(value), language)
    return to_words(value, language)


def format_fiscal_year(year: int, language: str) -> str:
    """A CE fiscal year as "2570" in Thai (BE) and "2027" in English."""
    return str(year + BE_OFFSET) if language == "th" else str(year)


def format_number(value: float, language: str) -> str:
    """Grouped, with at most two decimals (more for amounts under one)."""
    return format_decimal(value, format="#,##0.##" if abs(value) >= 1 else "0.####", locale=language)


def format_share(value: float, language: str) -> str:
    """A share in [0, 1] as a percentage with one decimal."""
    return format_percent(value, format="#,##0.0%", locale=language)


def format_day(day: dt.date, language: str) -> str:
    """A date in full words; the year in BE in Thai (CLDR has no Buddhist formatting in Babel)."""
    if language == "th":
        return f"{format_date(day, 'd MMMM', locale='th')} {day.year + BE_OFFSET}"
    return format_date(day, "d MMMM y", locale="en")


def format_moment(moment: dt.datetime, language: str) -> str:
    """A point in time (aware) in Bangkok time, day first."""
    local = moment.astimezone(TIME_ZONE)
    return f"{format_day(local.date(), language)} {format_datetime(local, 'HH:mm', locale=language)}"


def parse_fiscal_year(text: str) -> int:
    """A fiscal year typed by a person, BE or CE, Thai or Arabic digits, as a CE integer.

    BE years are 2400 to 2800 and CE years 1900 to 2250; the two ranges do not meet. Anything else is a `ValueError`.
    """
    year = int(text.strip().translate(THAI_DIGITS))
    if 2400 <= year <= 2800:
        return year - BE_OFFSET
    if 1900 <= year <= 2250:
        return year
    raise ValueError(f"{text!r} is not a fiscal year")
