"""Which passwords may be chosen, and how they are kept."""

import hashlib
from importlib.resources import files

import pytest
from argon2 import PasswordHasher

from planner.services.passwords import MAX_LENGTH, MIN_LENGTH, check_password, hash_password, is_correct, needs_rehash

GOOD = "wat-pho-sunrise-7"


def codes(password: str, username: str = "somchai") -> list[str]:
    return [found.code for found in check_password(password, username)]


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "สวนมะนาวหลังบ้านยาย",
        "483920174839201",
        "n" * 14 + "é",
        "ก" * 3 + "ขคงจฉชซฌญฎฏฐ",
    ],
)
def test_any_characters_make_a_good_password(password):
    assert codes(password) == []


def test_length_counts_characters_as_people_see_them():
    assert codes("x1y2z3-h8j9k0m") == ["too_short"]
    assert codes("x1y2z3-h8j9k0mq") == []
    assert codes("h8j9k0mvbx" * (MAX_LENGTH // 10) + "longer!") == ["too_long"]
    longest = ("h8j9k0mvbx" * 12 + "longest!")[:128]
    assert (len(longest), codes(longest), codes(longest + "x")) == (128, [], ["too_long"])
    assert is_correct(hash_password(longest + "x"), longest + "x")  # whoever chose it when it was allowed
    decomposed = "e\u0301" * 7 + "b1c"  # each accent typed apart: ten characters on paper
    assert codes(decomposed) == ["too_short"]


@pytest.mark.parametrize(
    "password",
    [
        "q1w2e3r4t5y6u7i8o9p0",
        "PasswordPassword",
        "password1234567",
        "!!!dragon!!!1990",
        "123456789012345",
        "aaaaaaaaaaaaaaaa",
        "ababababababababab",
    ],
)
def test_what_many_people_use_is_refused(password):
    assert len(password) >= MIN_LENGTH
    assert codes(password) == ["common"]


def test_the_user_name_stays_out_of_it():
    assert codes("SOMCHAI-at-the-river") == ["holds_username"]
    assert codes("hr-at-the-river-bank", "hr") == []


def test_every_fault_is_told_at_once():
    assert codes("password") == ["too_short", "common"]


def test_the_list_is_the_one_that_its_readme_describes():
    folder = files("planner") / "blocklist"
    listed, readme = (folder / "passwords.txt").read_bytes(), (folder / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256(listed).hexdigest() in readme
    assert f"{len(listed.splitlines()):,}" in readme
    assert "MIT" in readme
    assert (folder / "LICENSE.txt").is_file()


def test_passwords_are_kept_as_argon2id():
    kept = hash_password(GOOD)
    assert kept.startswith("$argon2id$")
    assert GOOD not in kept
    assert hash_password(GOOD) != kept
    assert is_correct(kept, GOOD)
    assert not is_correct(kept, GOOD + " ")


def test_the_same_word_typed_in_another_way_is_the_same_password():
    assert is_correct(hash_password("ปากน\u0e4d\u0e32โพ นครสวรรค์"), "ปากน\u0e33โพ นครสวรรค์")


@pytest.mark.parametrize("kept", [None, "-", "!", ""])
def test_without_a_hash_no_password_is_correct(kept):
    assert not is_correct(kept, GOOD)
    assert not is_correct(kept, "the hash that a name without an account is checked against")


def test_an_endless_password_is_not_even_hashed():
    assert not is_correct(hash_password(GOOD), GOOD * 1000)


@pytest.mark.usefixtures("costly_passwords")
def test_a_hash_of_weaker_parameters_is_noticed():
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(GOOD))
    assert not needs_rehash(hash_password(GOOD))
