"""What the API answers when something is wrong, as exceptions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing wrong with what was sent: where (`items[2].title`), a stable code, and a message by language."""

    address: str
    code: str
    message: Mapping[str, str]


class ApiError(Exception):
    """The API refused a request. `code` and `request_id` are what its operators ask for.

    `message` is by language ("th", "en"); `retry_after` are the seconds after which to try again, if it said so.
    """

    def __init__(self, status: int, told: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status = status
        self.code: str = told.get("code", "")
        self.message: Mapping[str, str] = told.get("message", {})
        self.faults = tuple(Fault(each["address"], each["code"], each["message"]) for each in told.get("faults", ()))
        self.request_id: str = told.get("request_id", "")
        self.retry_after = retry_after
        lines = [f"{status} {self.code}: {self.message.get('en', '')}"]
        lines += [f"{fault.address}: {fault.message['en']}" for fault in self.faults]
        super().__init__("\n".join(lines))


class StaleError(ApiError):
    """Somebody changed the object since the version that the change was based on (412): read it again."""


class InvalidError(ApiError):
    """What was sent has faults (422), all of which are in `faults`; nothing was stored."""


class ConnectionLostError(Exception):
    """No answer came, however often it was tried. What was asked for may have been done."""


KINDS: Mapping[int, type[ApiError]] = {412: StaleError, 422: InvalidError}
"""The statuses that have an exception of their own."""
