"""Requests that are done once however often they are sent: the answer is kept under the key that came with it.

The key is claimed, and the answer kept, in the transaction of the work itself: whatever dies in between, either both
the work and its answer are there or neither is, and the key is free. Whoever sends the same key meanwhile waits for
that transaction.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models import ApiAnswer
from planner.errors import PlannerError
from planner.text import N_, Phrase

KEPT_FOR: Final = dt.timedelta(hours=24)


class KeyReusedError(PlannerError):
    """The same key came with another request."""

    status = 422
    default = Phrase(N_("This idempotency key was used for another request."))


@dataclass(frozen=True)
class Answer:
    """What was answered: the HTTP status, the headers that belong to the content, and the content as JSON text."""

    status: int
    headers: Mapping[str, str]
    body: str


def find(session: Session, token: int, key: str, request_sha256: str, now: dt.datetime) -> Answer | None:
    """What a request of the token of that number was answered under `key`; None if it was not done yet.

    `KeyReusedError` where the key stands for another request.
    """
    query = select(ApiAnswer).where(ApiAnswer.token_id == token, ApiAnswer.key == key, ApiAnswer.expires_at > now)
    kept = session.scalar(query)
    if kept is None or kept.status is None:
        return None
    if kept.request_sha256 != request_sha256:
        raise KeyReusedError
    return Answer(kept.status, kept.headers, kept.body)


def claim(session: Session, token: int, key: str, request_sha256: str, now: dt.datetime) -> Answer | None:
    """Claim `key` for a request of the token of that number; None if it is to be done now, else what it was answered.

    `KeyReusedError` where the key stands for another request.
    """
    mine = (ApiAnswer.token_id == token, ApiAnswer.key == key)
    over = or_(ApiAnswer.expires_at <= now, ApiAnswer.status.is_(None))  # up to 0.5 some were left without an answer
    session.execute(delete(ApiAnswer).where(*mine, over))
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    claimed = session.execute(
        insert(ApiAnswer)
        .values(
            token_id=token,
            key=key,
            request_sha256=request_sha256,
            status=None,
            headers={},
            body="",
            expires_at=now + KEPT_FOR,
        )
        .on_conflict_do_nothing()
        .returning(ApiAnswer.key)
    )
    return None if claimed.first() else find(session, token, key, request_sha256, now)


def keep(session: Session, token: int, key: str, answer: Answer) -> None:
    """Keep what the request that claimed `key` was answered."""
    session.execute(
        update(ApiAnswer)
        .where(ApiAnswer.token_id == token, ApiAnswer.key == key)
        .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
    )


def forget_old_answers(session: Session, now: dt.datetime) -> None:
    """Take away what nobody will ask for again."""
    session.execute(delete(ApiAnswer).where(ApiAnswer.expires_at <= now))
