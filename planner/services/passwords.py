"""Passwords: which may be chosen, and how they are kept.

The rules are those of NIST SP 800-63B-4, section 3.1.1.2, for a password that is the only factor: at least 15
characters of any kind, no rules of composition, no expiry, and none that is common or has been breached.
"""

import secrets
import unicodedata
from functools import lru_cache
from importlib.resources import files
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from planner.errors import Fault, fault
from planner.text import N_

MIN_LENGTH: Final = 15
LONGEST_NEW: Final = 128
"""Characters that a new password may have."""
MAX_LENGTH: Final = 256
"""Characters that are looked at: so long was once allowed, and what is longer only costs."""

_ORDINARY_UNIT: Final = 4
"""A password that repeats fewer characters than this is guessed whatever they are."""
_NAME_COUNTS: Final = 4
"""A user name shorter than this may well stand in a good password by chance."""

_HASHER: Final = PasswordHasher()  # argon2id with the parameters that RFC 9106 recommends
_NOBODY: Final = _HASHER.hash("the hash that a name without an account is checked against")


def hash_password(password: str) -> str:
    """The argon2id hash of `password`, with its salt and parameters."""
    return _HASHER.hash(_normal(password))


def unknown_hash() -> str:
    """The hash of a password that nobody knows."""
    return _HASHER.hash(secrets.token_urlsafe(32))


def is_correct(password_hash: str | None, password: str) -> bool:
    """Whether `password` is the one that was hashed. Without a hash the answer is no, and takes as long."""
    if len(password) > MAX_LENGTH:
        return False
    try:
        return _HASHER.verify(password_hash or _NOBODY, _normal(password)) and bool(password_hash)
    except (VerifyMismatchError, InvalidHashError):
        return False


def needs_rehash(password_hash: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def check_password(password: str, username: str) -> tuple[Fault, ...]:
    """What stands against `password` as the new one of the account `username`; nothing for a good one."""
    found = []
    if len(_normal(password)) < MIN_LENGTH:
        found.append(fault("password", "too_short", N_("Use at least %(count)s characters."), count=MIN_LENGTH))
    if len(password) > LONGEST_NEW:
        found.append(fault("password", "too_long", N_("Use at most %(count)s characters."), count=LONGEST_NEW))
        return tuple(found)
    folded = _normal(password).casefold()
    if _is_common(folded):
        found.append(
            fault("password", "common", N_("Many people use this password or one much like it. Choose another."))
        )
    if len(username) >= _NAME_COUNTS and username.casefold() in folded:
        found.append(fault("password", "holds_username", N_("Leave your user name out of the password.")))
    return tuple(found)


def _normal(password: str) -> str:
    """One spelling for what looks the same, however a keyboard composed it."""
    return unicodedata.normalize("NFKC", password)


def _is_common(folded: str) -> bool:
    """Whether the password is on the list, as it stands, repeated, or with nothing but digits and signs around it."""
    word = folded.strip("".join(character for character in set(folded) if not character.isalpha()))
    units = {_repeated(folded), _repeated(word)} if word else {_repeated(folded)}
    return any(len(unit) < _ORDINARY_UNIT or unit in _common_passwords() for unit in {folded, *units})


def _repeated(text: str) -> str:
    """The shortest beginning of `text` that, written again and again, gives it."""
    lengths = range(1, len(text) + 1)
    return next((text[:n] for n in lengths if (text[:n] * (len(text) // n + 1)).startswith(text)), text)


@lru_cache(maxsize=1)
def _common_passwords() -> frozenset[str]:
    """The list of `planner/blocklist`, whose README says where it comes from."""
    listed = files("planner") / "blocklist" / "passwords.txt"
    return frozenset(listed.read_text(encoding="utf-8").splitlines())
