"""The column specification: names that a reader can tell apart, references that point backwards, cells understood."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.cells import CellError, parse_amount, parse_cell, parse_code, parse_year
from reports.columns import IGNORED_TITLES, Field, Sheet
from reports.sheets import MINISTRIES, REQUIREMENTS, SHEETS


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
def test_a_sheet_refers_only_to_sheets_before_it(sheet: Sheet) -> None:
    before = list(SHEETS)[: list(SHEETS).index(sheet.key)]
    assert {field.refers for field in sheet.fields if field.refers} <= set(before)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
def test_headers_are_told_apart_in_both_languages(sheet: Sheet) -> None:
    headers = [text.casefold() for field in sheet.fields for text in {field.header.th, field.header.en}]
    assert len(headers) == len(set(headers))


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=list(SHEETS))
def test_what_tells_rows_apart_must_be_filled_in(sheet: Sheet) -> None:
    assert all(sheet.field(key).required for key in (*sheet.identity, *sheet.unique))


def test_sheet_titles_are_told_apart_and_fit_excel() -> None:
    titles = [text.casefold() for sheet in SHEETS.values() for text in (sheet.title.th, sheet.title.en)]
    assert len(titles) == len(set(titles))
    assert not {title.casefold() for title in IGNORED_TITLES} & set(titles)
    assert max(map(len, titles)) <= 31


def test_an_unknown_field_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        MINISTRIES.field("colour")


@given(st.integers(1900, 2250))
def test_a_year_reads_the_same_in_either_era_and_in_thai_digits(year: int) -> None:
    thai = str(year + 543).translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))
    expected = (year, "BE") if year + 543 >= 2400 else None
    assert parse_year(year) == (year, "CE")
    assert parse_year(float(year)) == (year, "CE")
    if expected:
        assert parse_year(thai) == expected
        assert parse_year(f" {year + 543} ") == expected


@pytest.mark.parametrize(
    "raw", [0, 2300, 3000, 2570.5, "next year", True, None, "2570/2571", "2300", "70", "", "FY70", "2570.0"]
)
def test_other_things_are_not_years(raw: object) -> None:
    with pytest.raises(CellError) as caught:
        parse_year(raw)
    assert caught.value.code == "not_a_year"


@given(st.floats(0, 1e14, allow_subnormal=False).map(lambda number: round(number, 3)))
def test_an_amount_reads_the_same_as_number_and_as_grouped_text(amount: float) -> None:
    assert parse_amount(amount) == amount
    assert parse_amount(f"{amount:,.3f}") == amount
    assert parse_amount(f" {amount:.3f} ".translate(str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙"))) == amount


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (-1, "negative"),
        ("-1", "negative"),
        ("\N{MINUS SIGN}2.5", "negative"),
        (float("inf"), "not_finite"),
        (float("nan"), "not_finite"),
        ("nan", "not_finite"),
        (10**400, "not_finite"),
        ("1e999", "not_finite"),
        ("12,34", "not_a_number"),
        ("1.2.3", "not_a_number"),
        ("ten", "not_a_number"),
        ("0x10", "not_a_number"),
        ("1_000", "not_a_number"),
        (True, "not_a_number"),
        (dt.datetime(2027, 1, 1), "not_a_number"),  # noqa: DTZ001 - Excel knows no zones
        (2e15, "out_of_range"),
    ],
)
def test_an_amount_that_is_none_is_named(raw: object, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_amount(raw)
    assert caught.value.code == code


def test_minus_zero_is_zero() -> None:
    assert str(parse_amount(-0.0)) == "0.0"


def test_zero_is_refused_where_the_number_must_be_positive() -> None:
    with pytest.raises(CellError) as caught:
        parse_cell(REQUIREMENTS.field("weight"), 0)
    assert caught.value.code == "not_positive"


@pytest.mark.parametrize("raw", [11000, 11000.0, "11000", " 11000 "])
def test_a_code_may_have_become_a_number(raw: object) -> None:
    assert parse_code(raw) == "11000"


@pytest.mark.parametrize(("raw", "code"), [("A B", "bad_code"), ("A/B", "bad_code"), ("A" * 41, "too_long")])
def test_a_code_is_one_word_without_a_slash(raw: str, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_code(raw)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("raw", "answer"),
    [("ใช่", True), ("Yes", True), (1, True), (True, True), ("ไม่ใช่", False), ("NO", False), ("๐", False)],
)
def test_yes_and_no_in_either_language(raw: object, answer: bool) -> None:
    assert parse_cell(REQUIREMENTS.field("divisible"), raw) == (answer, None)


@pytest.mark.parametrize("raw", ["approved", "Approved", "อนุมัติแล้ว"])
def test_a_choice_by_its_word_in_either_language(raw: str) -> None:
    assert parse_cell(REQUIREMENTS.field("status"), raw) == ("approved", None)


@pytest.mark.parametrize(
    ("raw", "day", "era"),
    [
        (dt.datetime(2019, 5, 2), dt.date(2019, 5, 2), None),  # noqa: DTZ001
        (dt.datetime(2562, 5, 2), dt.date(2019, 5, 2), "BE"),  # noqa: DTZ001
        ("2562-05-02", dt.date(2019, 5, 2), "BE"),
        ("๒/๕/๒๕๖๒", dt.date(2019, 5, 2), "BE"),
        ("2/5/2019", dt.date(2019, 5, 2), "CE"),
        ("29/2/2563", dt.date(2020, 2, 29), "BE"),
    ],
)
def test_a_date_in_either_era(raw: object, day: dt.date, era: str | None) -> None:
    assert parse_cell(MINISTRIES.field("valid_from"), raw) == (day, era)


@pytest.mark.parametrize(
    ("sheet", "key", "raw", "code"),
    [
        (MINISTRIES, "valid_from", "31/2/2562", "not_a_date"),
        (MINISTRIES, "valid_from", "soon", "not_a_date"),
        (MINISTRIES, "valid_from", 12, "not_a_date"),
        (MINISTRIES, "name_th", "ก" * 301, "too_long"),
        (MINISTRIES, "name_th", "a\x01b", "control_character"),
        (MINISTRIES, "name_th", dt.datetime(2019, 5, 2), "not_text"),  # noqa: DTZ001
        (REQUIREMENTS, "copies", 3, "out_of_range"),
        (REQUIREMENTS, "copies", 1.5, "not_whole"),
        (REQUIREMENTS, "divisible", "maybe", "not_yes_or_no"),
        (REQUIREMENTS, "status", "lost", "unknown_choice"),
    ],
)
def test_a_cell_of_the_wrong_sort_is_named(sheet: Sheet, key: str, raw: object, code: str) -> None:
    with pytest.raises(CellError) as caught:
        parse_cell(sheet.field(key), raw)
    assert caught.value.code == code


def test_a_list_of_codes_is_split_at_commas_of_any_sort() -> None:
    field: Field = REQUIREMENTS.field("regions")
    assert parse_cell(field, "north, south،central; north") == (("north", "south", "central"), None)


def test_a_day_that_the_other_era_lacks_is_named() -> None:
    """Excel takes 2568 for a year of the common era, and a leap year; 2025 is none."""
    field = MINISTRIES.field("valid_from")
    assert parse_cell(field, dt.date(2568, 2, 28)) == (dt.date(2025, 2, 28), "BE")
    with pytest.raises(CellError) as caught:
        parse_cell(field, dt.date(2568, 2, 29))
    assert caught.value.code == "not_a_date"
