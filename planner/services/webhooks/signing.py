"""Signatures, as the Standard Webhooks specification has them, and the secrets that they are made with.

A secret follows from the installation's key and the webhook's salt, so no table and no backup holds one.
"""

import base64
import datetime as dt
import hmac
import secrets
from collections.abc import Iterable
from typing import Final

from models import Webhook

PREFIX: Final = "whsec_"
OVERLAP: Final = dt.timedelta(days=1)
"""How long messages are signed with the secret before too, after it was replaced."""


def new_salt() -> str:
    """What makes another secret."""
    return secrets.token_hex(32)


def secret_of(key: str, salt: str) -> bytes:
    """The secret of a webhook with that salt, 32 bytes."""
    return hmac.digest(key.encode(), f"webhook:{salt}".encode(), "sha256")


def written(secret: bytes) -> str:
    """A secret as it is shown and as receivers' libraries take it."""
    return PREFIX + base64.b64encode(secret).decode()


def secrets_in_force(key: str, webhook: Webhook, now: dt.datetime) -> tuple[bytes, ...]:
    """The secrets with which a message is signed now: that of the webhook, and for a while the one before."""
    salts = [webhook.salt]
    if webhook.previous_salt and webhook.rotated_at and now < webhook.rotated_at + OVERLAP:
        salts.append(webhook.previous_salt)
    return tuple(secret_of(key, salt) for salt in salts)


def sign(keys: Iterable[bytes], message: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each of `keys` over the message's name, time and body."""
    signed = f"{message}.{timestamp}.".encode() + body
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in keys)
