"""A catalogue's JSON: its shapes are understood, what is hostile is refused whole, and ours comes back as it went."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.errors import InvalidInputError
from reports.archive import Limits
from reports.ckan import MOST_VALUES, is_catalogue, read_packages

PACKAGE = {"name": "a", "title": "ก"}


def refused(content: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(InvalidInputError) as caught:
        read_packages(content, limits or Limits())
    (found,) = caught.value.faults
    return found.code


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        (PACKAGE, ["dataset"]),
        ([PACKAGE, PACKAGE], ["[0]", "[1]"]),
        ({"success": True, "result": PACKAGE}, ["result"]),
        ({"result": [PACKAGE]}, ["result[0]"]),
        ({"result": {"count": 1, "results": [PACKAGE]}}, ["result.results[0]"]),
        ({"results": [PACKAGE]}, ["results[0]"]),
    ],
)
def test_the_answers_of_ckan_are_understood(document: Any, paths: list[str]) -> None:
    content = json.dumps(document).encode()
    assert is_catalogue(content)
    packages, made_up = read_packages(content, Limits())
    assert [package.path for package in packages] == paths
    assert not made_up


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "not_json"),
        (b'{"title": NaN}', "not_json"),
        (b'{"title": "\xff"}', "not_json"),
        (b"[" * 100_000 + b"]" * 100_000, "not_json"),
        (b'{"title": ' + b"9" * 10_000 + b"}", "not_json"),
        (b"[]", "not_a_catalogue"),
        (b"[1, 2]", "not_a_catalogue"),
        (b'{"result": {"results": "all"}}', "not_a_catalogue"),
        (b'{"name": "a"}', "not_a_catalogue"),
        (b"[" + b"[]," * (MOST_VALUES // 2) + b"[]]", "too_many_values"),
    ],
)
def test_what_is_no_catalogue_is_refused_whole(content: bytes, code: str) -> None:
    assert refused(content) == code


def test_a_file_may_be_no_larger_than_any_upload() -> None:
    content = json.dumps([PACKAGE] * 3).encode()
    assert refused(content, Limits(file_bytes=len(content) - 1)) == "too_large"
    assert refused(content, Limits(rows=2)) == "too_many_rows"
    assert len(read_packages(content, Limits(rows=3, file_bytes=len(content)))[0]) == 3


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", b"title", b"\xef\xbb\xbf"])
def test_other_files_are_left_to_the_reader_of_workbooks(content: bytes) -> None:
    assert not is_catalogue(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
KEYS = ("name", "title", "tags", "extras", "organization", "owner_org", "objective", "notes", "data_format")


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_whatever_a_package_holds_can_be_looked_at(data: dict[str, Any]) -> None:
    (package,), _ = read_packages(json.dumps({**data, "title": data.get("title")}).encode(), Limits())
    assert [field.key for field, _ in package.given()]
    assert isinstance(package.organization(), tuple)
