"""Sealing: secrets that must be read again, such as those of second factors, never lie open in the database."""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from planner.errors import PlannerError
from planner.text import N_, Phrase

SEAL: Final = "seal"
"""The name under which a session's `info` holds the `Seal`."""
_KEY_BYTES: Final = 32


class SealError(PlannerError):
    """A secret was sealed with a key that the settings no longer name, for something else, or was tampered with."""

    default = Phrase(N_("A secret in the database cannot be opened with the keys that are set."))


class Seal:
    """Seals with the first of `keys` and opens with any of them, so that keys can be exchanged one after the other.

    A secret is sealed for a purpose, such as "second factor 7": nobody who can write to the database makes one
    person's secret another's. The real keys are derived from `keys` and the purpose (HKDF, RFC 5869); the sealing is
    Fernet's, which is AES-128 in CBC mode with an HMAC-SHA256.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys:
            raise ValueError("a seal needs a key")
        self._keys = tuple(keys)

    def close(self, secret: str, purpose: str) -> str:
        """`secret`, sealed: about 100 ASCII characters and four thirds of its own length."""
        return self._fernet(purpose).encrypt(secret.encode()).decode()

    def open(self, sealed: str, purpose: str) -> str:
        """The secret that was sealed for `purpose`; else `SealError`."""
        try:
            return self._fernet(purpose).decrypt(sealed).decode()
        except (InvalidToken, ValueError):  # the latter for what is not even ASCII
            raise SealError from None

    def _fernet(self, purpose: str) -> MultiFernet:
        return MultiFernet([Fernet(_derive(key, purpose)) for key in self._keys])


def _derive(key: str, purpose: str) -> bytes:
    derived = HKDF(SHA256(), _KEY_BYTES, salt=None, info=f"planner: {purpose}".encode()).derive(key.encode())
    return urlsafe_b64encode(derived)
