"""One cell of an upload: from what Excel holds to the plain value that its column asks for, or a `CellError`."""

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from planner.text import BE_OFFSET, N_, THAI_DIGITS, Phrase
from reports.columns import LARGEST, NO, YES, Field, Value

Era: TypeAlias = Literal["BE", "CE"]

_NUMBER: Final = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?([eE][+-]?\d{1,3})?|[+-]?\.\d+")
_DATE: Final = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<d2>\d{1,2})/(?P<m2>\d{1,2})/(?P<y2>\d{4})")
_EMAIL: Final = re.compile(r"[^@\s<>\"(),:;]+@[^@\s<>\"(),:;.]+(\.[^@\s<>\"(),:;.]+)+")
_LIST: Final = re.compile(r"[,;،、\n]")
_FLAGS: Final = {
    **dict.fromkeys((YES.th, YES.en, "y", "true", "1", "✓"), True),
    **dict.fromkeys((NO.th, NO.en, "ไม่", "n", "false", "0"), False),
}


class CellError(Exception):
    """A cell does not hold what its column asks for; `code` and `message` are those of the fault to come."""

    def __init__(self, code: str, msgid: str, /, **params: str | float) -> None:
        self.code = code
        self.message = Phrase(msgid, params)
        super().__init__(msgid)


def parse_cell(field: Field, raw: object) -> tuple[Value, Era | None]:
    """The value of a cell that is not empty, and the era it was written in where it holds a year."""
    match field.kind:
        case "code":
            return parse_code(raw, field.longest), None
        case "codes":
            return tuple(dict.fromkeys(parse_code(part, 40) for part in _parts(_text(raw, 2000)))), None
        case "words":
            return _some(field, dict.fromkeys(_parts(_text(raw, field.longest)))), None
        case "choices":
            return _some(field, dict.fromkeys(_choice(field, part) for part in _parts(_text(raw, 2000)))), None
        case "email":
            return _email(_text(raw, field.longest)), None
        case "text":
            return _text(raw, field.longest), None
        case "year":
            return parse_year(raw)
        case "date":
            return _date(raw)
        case "flag":
            return _flag(raw), None
        case "choice":
            return _choice(field, raw), None
        case "integer":
            return _whole(parse_amount(raw, field.low, field.high)), None
        case "share" if isinstance(raw, str) and raw.rstrip().endswith("%"):
            return parse_amount(
                raw.rstrip()[:-1], field.low * 100, field.high * 100, positive=field.positive
            ) / 100, None
        case "number" | "share" | "money":
            return parse_amount(raw, field.low, field.high, positive=field.positive), None


def parse_amount(raw: object, low: float = 0.0, high: float = LARGEST, *, positive: bool = False) -> float:
    """A finite number within [low, high]; above zero where `positive`. Text may be grouped and in Thai digits."""
    match raw:
        case bool():
            raise CellError("not_a_number", N_("%(value)s is not a number."), value=str(raw))
        case int() | float():
            number = _float(raw)
        case str():
            number = _number_from_text(raw)
        case _:
            raise CellError("not_a_number", N_("%(value)s is not a number."), value=_shown(raw))
    if not math.isfinite(number):
        raise CellError("not_finite", N_("%(value)s is not a finite number."), value=_shown(raw))
    if number < 0 <= low:
        raise CellError("negative", N_("%(value)s is negative."), value=number)
    if positive and number == 0:
        raise CellError("not_positive", N_("The number must be greater than zero."))
    if not low <= number <= high:
        raise CellError(
            "out_of_range", N_("%(value)s is not between %(low)s and %(high)s."), value=number, low=low, high=high
        )
    return number + 0.0  # -0.0 becomes 0.0


def parse_code(raw: object, longest: int = 40) -> str:
    """A code: one word without a slash. Excel may have turned it into a number."""
    if isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    text = unicodedata.normalize("NFC", _text(raw, longest))
    if any(character.isspace() or character in "/," for character in text):
        raise CellError("bad_code", N_("%(code)s is not a code: one word without a slash."), code=repr(text))
    return text


def parse_year(raw: object) -> tuple[int, Era]:
    """A fiscal year as a CE integer, with the era it was written in: BE is 2400 to 2800, CE 1900 to 2250."""
    try:
        number = int(raw.strip().translate(THAI_DIGITS)) if isinstance(raw, str) else _whole(parse_amount(raw))
    except (ValueError, CellError):
        raise CellError("not_a_year", N_("%(value)s is not a fiscal year."), value=_shown(raw)) from None
    return _common_era(number, raw)


def _common_era(number: int, raw: object) -> tuple[int, Era]:
    if 2400 <= number <= 2800:
        return number - BE_OFFSET, "BE"
    if 1900 <= number <= 2250:
        return number, "CE"
    raise CellError("not_a_year", N_("%(value)s is not a fiscal year."), value=_shown(raw))


def _date(raw: object) -> tuple[dt.date, Era | None]:
    """A day. Excel's own dates are of the common era unless a BE year was typed into one; texts say their era."""
    if isinstance(raw, dt.datetime | dt.date):
        day = raw.date() if isinstance(raw, dt.datetime) else raw
        return (day, None) if day.year < 2400 else (_day(day.year - BE_OFFSET, day.month, day.day, raw), "BE")
    found = _DATE.fullmatch(_shown(raw).strip().translate(THAI_DIGITS)) if isinstance(raw, str) else None
    if found is None:
        raise CellError("not_a_date", N_("%(value)s is not a date."), value=_shown(raw))
    year, era = _common_era(int(found["y"] or found["y2"]), raw)
    return _day(year, int(found["m"] or found["m2"]), int(found["d"] or found["d2"]), raw), era


def _day(year: int, month: int, day: int, raw: object) -> dt.date:
    """A day of the common era, which may lack the 29 February that the same year of the other era has."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise CellError("not_a_date", N_("%(value)s is not a date."), value=_shown(raw)) from None


def _flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    answer = _FLAGS.get(_shown(raw).strip().casefold().translate(THAI_DIGITS))
    if answer is None:
        raise CellError("not_yes_or_no", N_("%(value)s is neither yes nor no."), value=_shown(raw))
    return answer


def _choice(field: Field, raw: object) -> str:
    wanted = _shown(raw).strip().casefold()
    for code, name in (field.choices or {}).items():
        if wanted in (code, name.th, name.en.casefold()):
            return code
    raise CellError("unknown_choice", N_("%(value)s is not one of the choices."), value=_shown(raw))


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in _LIST.split(text) if part.strip()]


def _some(field: Field, words: Iterable[str]) -> tuple[str, ...]:
    """`words`; separators alone are not a value."""
    found = tuple(words)
    if field.required and not found:
        raise CellError("missing", N_("A value is missing here."))
    return found


def _email(text: str) -> str:
    if _EMAIL.fullmatch(text) is None:
        raise CellError("not_an_email", N_("%(value)s is not an e-mail address."), value=_shown(text))
    return text


def _text(raw: object, longest: int) -> str:
    if isinstance(raw, dt.date | dt.time | dt.timedelta):
        raise CellError("not_text", N_("%(value)s is a date where text belongs."), value=_shown(raw))
    text = str(raw).strip()
    if len(text) > longest:
        raise CellError("too_long", N_("The text is longer than %(most)s characters."), most=longest)
    if any(unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\r\t" for character in text):
        raise CellError("control_character", N_("The text holds a control character."))
    return text


def _number_from_text(text: str) -> float:
    plain = text.strip().translate(THAI_DIGITS).replace("\N{MINUS SIGN}", "-")
    if plain.lstrip("+-").casefold() in {"nan", "inf", "infinity"}:
        raise CellError("not_finite", N_("%(value)s is not a finite number."), value=_shown(text))
    if _NUMBER.fullmatch(plain) is None:
        raise CellError("not_a_number", N_("%(value)s is not a number."), value=_shown(text))
    return float(plain.replace(",", ""))


def _float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf


def _whole(number: float) -> int:
    if not number.is_integer():
        raise CellError("not_whole", N_("%(value)s is not a whole number."), value=number)
    return int(number)


def _shown(raw: object) -> str:
    """`raw` as a fault quotes it: short, whatever was pasted in."""
    text = str(raw) if not isinstance(raw, int) or abs(raw) < 10**30 else "1e30…"
    return text if len(text) <= 60 else text[:60] + "…"
