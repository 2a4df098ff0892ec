"""Secrets in the database: sealed for one purpose, opened with any of the keys that are set."""

import pytest

from planner.sealing import Seal, SealError

OLD, NEW = "an old key of some length " * 2, "a new key of some length " * 2


def test_what_is_sealed_is_opened_again_and_does_not_show():
    seal = Seal([OLD])
    sealed = seal.close("เปิดเผยไม่ได้", "second factor 1")
    assert sealed.isascii()
    assert "เปิดเผยไม่ได้" not in sealed
    assert seal.open(sealed, "second factor 1") == "เปิดเผยไม่ได้"
    assert seal.close("เปิดเผยไม่ได้", "second factor 1") != sealed


def test_a_secret_is_not_another_purposes():
    seal = Seal([OLD])
    with pytest.raises(SealError):
        seal.open(seal.close("secret", "second factor 1"), "second factor 2")


def test_keys_are_exchanged_one_after_the_other():
    before, both, after = Seal([OLD]), Seal([NEW, OLD]), Seal([NEW])
    sealed = before.close("secret", "x")
    assert both.open(sealed, "x") == "secret"
    assert after.open(both.close("secret", "x"), "x") == "secret"
    with pytest.raises(SealError):
        after.open(sealed, "x")


@pytest.mark.parametrize("sealed", ["", "no seal", "gAAAAA==", "ไม่ใช่"])
def test_what_was_never_sealed_does_not_open(sealed):
    with pytest.raises(SealError):
        Seal([OLD]).open(sealed, "x")


def test_a_seal_needs_a_key():
    with pytest.raises(ValueError, match="key"):
        Seal([])
