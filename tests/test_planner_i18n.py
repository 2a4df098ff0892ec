import ast
import datetime as dt
import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from planner import i18n
from planner.text import THAI_DIGITS, FiscalYear, LocalText, Phrase

ROOT = Path(__file__).resolve().parent.parent
THAI = ROOT / "planner/translations/th/LC_MESSAGES/messages.po"
KEYWORDS = {"N_": None, "_": None, "gettext": None}
THAI_LETTER = re.compile("[ก-๙]")


@pytest.fixture(scope="module")
def extracted() -> dict[str, str]:
    """Every message id in the code and the templates, with a place where it stands."""
    with (ROOT / "planner/translations/babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)
    found = {}
    for package in ("planner", "reports"):
        for file, line, msgid, _comments, _context in extract_from_dir(
            ROOT / package, methods, options, keywords=KEYWORDS
        ):
            assert isinstance(msgid, str), f"{file}:{line}: plural forms are not used here"
            found[msgid] = f"{package}/{file}:{line}"
    return found


@pytest.fixture(scope="module")
def thai() -> Catalog:
    with THAI.open("rb") as file:
        return read_po(file, locale="th")


def fields(text: str) -> set[str]:
    """The named fields of a text, each as `%(name)s`; a stray percent sign shows as itself."""
    return set(re.findall(r"%(?:\(\w+\)\w|[^%(]|$)", text.replace("%%", "")))


def test_every_text_has_a_thai_translation(extracted: dict[str, str], thai: Catalog) -> None:
    missing = {msgid: place for msgid, place in extracted.items() if msgid not in thai or not thai[msgid].string}
    assert not missing


def test_no_text_hides_in_an_f_string_where_it_is_not_collected() -> None:
    hidden = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for package in ("planner", "reports")
        for path in (ROOT / package).rglob("*.py")
        for string in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(string, ast.JoinedStr)
        for call in ast.walk(string)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KEYWORDS
    ]
    assert not hidden


def test_the_thai_catalogue_holds_nothing_else(extracted: dict[str, str], thai: Catalog) -> None:
    assert not [message.id for message in thai if message.id and message.id not in extracted]
    assert not thai.obsolete


def test_no_thai_translation_is_a_guess(thai: Catalog) -> None:
    assert not [message.id for message in thai if message.id and message.fuzzy]


def test_thai_translations_fill_the_same_fields(thai: Catalog) -> None:
    differing = {
        message.id: message.string for message in thai if message.id and fields(message.id) != fields(message.string)
    }
    assert not differing


def test_thai_translations_are_thai(thai: Catalog) -> None:
    """A translation without a Thai letter must be what the English is too: a sign, a unit or a name."""
    assert not [
        message.id
        for message in thai
        if message.id and not THAI_LETTER.search(message.string) and message.string != message.id
    ]


def test_translator_fills_fields_in_each_language() -> None:
    assert i18n.translator("en")("Limit: %(limit)s", limit=3) == "Limit: 3"
    assert i18n.translator("th")("This text is in no catalogue") == "This text is in no catalogue"


def test_unknown_language_is_refused() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        i18n.load_translations("fr")


@pytest.mark.parametrize(
    ("value", "thai", "english"),
    [
        (None, "–", "–"),
        ("R-000001", "R-000001", "R-000001"),
        (LocalText("กระทรวงการคลัง", "Ministry of Finance"), "กระทรวงการคลัง", "Ministry of Finance"),
        (LocalText("กระทรวงการคลัง", ""), "กระทรวงการคลัง", "กระทรวงการคลัง"),
        (FiscalYear(2027), "2570", "2027"),
        (1234567.891, "1,234,567.89", "1,234,567.89"),
        (0.0123, "0.0123", "0.0123"),
        ((FiscalYear(2027), "BKK1"), "2570, BKK1", "2027, BKK1"),
        (Phrase("%(n)s of 10%%", {"n": 1200}), "1,200 of 10%", "1,200 of 10%"),
    ],
)
def test_values_become_words(value: object, thai: str, english: str) -> None:
    assert i18n.to_words(value, "th") == thai
    assert i18n.to_words(value, "en") == english


def test_a_value_without_words_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        i18n.to_words(object(), "en")  # type: ignore[arg-type]


def test_shares_are_percentages() -> None:
    assert i18n.format_share(0.9754, "th") == "97.5%"


@pytest.mark.parametrize(
    ("value", "kind", "words"),
    [
        (1.9e-7, "measure", "1.9 × 10⁻⁷"),
        (-2.5e-5, "measure", "-2.5 × 10⁻⁵"),
        (0.0006, "measure", "0.0006"),
        (0.0, "measure", "0"),
        (0, "measure", "0"),
        (1.9e-7, "number", "0"),
    ],
)
def test_a_measure_close_to_nothing_does_not_read_nothing(value: float, kind: str, words: str) -> None:
    assert i18n.cell_words(value, kind, "th") == i18n.cell_words(value, kind, "en") == words


def test_days_and_moments_are_in_the_reader_s_era() -> None:
    moment = dt.datetime(2026, 9, 30, 18, 5, tzinfo=dt.UTC)
    assert i18n.format_moment(moment, "th") == "1 ตุลาคม 2569 01:05"
    assert i18n.format_moment(moment, "en") == "1 October 2026 01:05"


def test_thai_digits_are_all_known() -> None:
    assert "๐๑๒๓๔๕๖๗๘๙".translate(THAI_DIGITS) == string.digits
