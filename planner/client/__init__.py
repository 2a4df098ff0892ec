"""A client of the planner's API for other systems: `httpx` and this folder are all that it needs.

    with Client("https://planner.example.go.th", token) as planner:
        for requirement in planner.items("requirements", Requirement, status="submitted"):
            step = f"requirements/{requirement['code']}/steps"
            planner.post(step, {"action": "approve"}, version=requirement["version"])

Requests that change something carry an idempotency key, so they are tried again, and done once, when the network or
the server fails. `objects` says what they answer, for type checkers. `verify` tells whether a webhook's message is the
planner's.
"""

from planner.client.errors import ApiError, ConnectionLostError, Fault, InvalidError, StaleError
from planner.client.requests import ANY, Answer, Client, Record
from planner.client.webhooks import ForgedError, Message, verify

__all__ = [
    "ANY",
    "Answer",
    "ApiError",
    "Client",
    "ConnectionLostError",
    "Fault",
    "ForgedError",
    "InvalidError",
    "Message",
    "Record",
    "StaleError",
    "verify",
]
