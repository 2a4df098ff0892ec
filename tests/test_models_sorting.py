"""Thai titles stand in dictionary order."""

import pytest
from sqlalchemy import insert, select

import models
from models.sorting import KEY_LENGTH, SEARCH_LENGTH, search_key, thai_sort_key

IN_ORDER = [
    "กรม",
    "กลาง",
    "ก้อน",
    "กา",
    "ก่า",
    "ก้า",
    "เก็บ",
    "เกม",
    "เก้า",
    "แก",
    "โกน",
    "ไก่",
    "ขา",
    "เขา",
    "คน",
    "อา",
    "ฮา",
]
"""As a Thai dictionary prints them: consonants first, a leading vowel after its consonant, marks last of all."""


def test_keys_put_words_in_dictionary_order():
    by_code_point = sorted(IN_ORDER)
    assert sorted(by_code_point, key=thai_sort_key) == IN_ORDER


def test_case_does_not_count_and_keys_fit_the_column():
    assert thai_sort_key("GDCC") == thai_sort_key("gdcc")
    assert len(thai_sort_key("เก้า" * 75)) <= KEY_LENGTH


@pytest.fixture
def titled(session, small_world):
    small_world(session)
    return select(models.Requirement).order_by(models.Requirement.title_key, models.Requirement.code)


def test_the_database_sorts_by_the_key(session, titled):
    for requirement, title in zip(session.scalars(titled).all(), ["เกม", "กลาง", "ไก่", "ก่า", "กา", "ขา"], strict=True):
        requirement.title = title
    session.flush()
    assert [row.title for row in session.scalars(titled)] == ["กลาง", "กา", "ก่า", "เกม", "ไก่", "ขา"]


def test_an_insert_past_the_mapped_class_gets_its_key(session, titled):
    first = session.scalars(titled).first()
    columns = ("agency_id", "priority_id", "clearance_id", "start_year")
    row = {name: getattr(first, name) for name in columns} | {"code": "R-9", "title": "เก้า"}
    session.execute(insert(models.Requirement), [row])
    added = session.scalars(titled.where(models.Requirement.code == "R-9")).one()
    assert added.title_key == thai_sort_key("เก้า")
    assert added.search_key == search_key("R-9 เก้า")


def test_what_is_searched_follows_code_and_title(session, titled):
    row = session.scalars(titled).first()
    row.title = "งานทะเบียน ๒๕๗๐"
    row.code = "R-77"
    session.flush()
    session.refresh(row)
    assert row.search_key == "r-77 งานทะเบียน 2570"


def test_ways_to_write_the_same_are_searched_alike():
    assert search_key("กํา") == search_key("กำ")
    assert search_key("ＧＤＣＣ ๙") == search_key("gdcc 9")
    assert len(search_key("ﷺ" * 300)) == SEARCH_LENGTH
