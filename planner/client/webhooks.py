"""Webhooks at their receiver: whether a message is the planner's, and what it says.

It is what the Standard Webhooks specification describes, so any library for that does as well.
"""

import base64
import binascii
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

TOLERANCE: Final = 300.0
"""Seconds by which the clocks of sender and receiver may differ; what is older was caught and sent again."""


class ForgedError(Exception):
    """The message is not the planner's, was changed on its way, or is too old. Answer it with 400."""


@dataclass(frozen=True)
class Message:
    """What happened: `type` such as `plan.published`, to what (`data["code"]`), and when (`timestamp`, ISO 8601).

    `id` is the same however often the message arrives: keep those that were dealt with.
    """

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> Message:
    """The message that `body` holds, exactly as it came; `ForgedError` unless `secret` signed it within five minutes.

    `secret` is as the planner showed it, `whsec_…`.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message, sent, signatures = (lower.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
    if not (
        sent.isascii() and sent.isdecimal() and abs((time.time() if now is None else now) - int(sent)) <= TOLERANCE
    ):
        raise ForgedError("the message is too old, or does not say when it was sent")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook's secret is whsec_ and base64") from error
    digest = hmac.digest(key, f"{message}.{sent}.".encode() + body, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    if not any(hmac.compare_digest(expected, signature.encode()) for signature in signatures.split()):
        raise ForgedError("the signature is not of this secret")
    told = json.loads(body)
    return Message(message, told["type"], told["timestamp"], told["data"])
