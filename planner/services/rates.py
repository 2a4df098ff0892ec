"""How often a token may be used: one number in the database that every process reads and moves in one statement.

Each request costs its share of a minute. A token that was idle for a minute may spend all of it at once; from then on
the minute fills again as time passes (the generic cell rate algorithm, ITU-T I.371).
"""

import math
from dataclasses import dataclass
from typing import Final

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from models import ApiToken

WINDOW: Final = 60.0
"""Seconds."""
APART: Final = 15.0
"""Seconds by which the moments of two requests that come together may differ: one waited, or two hosts' clocks do."""


@dataclass(frozen=True)
class Allowance:
    """What a token may still do: `remaining` of `limit` requests, all of them in `reset` seconds.

    `wait` is how many seconds to wait before the next is answered; 0 where this one is.
    """

    limit: int
    remaining: int
    reset: int
    wait: int


def spend(session: Session, token: int, now: float, limit: int) -> Allowance:
    """Count a request of the token of that number at `now` (seconds since 1970), of which `limit` a minute may come.

    What is spent for much longer than a minute was so by a clock that is ahead of this one: it counts for nothing here.
    """
    share = WINDOW / limit
    start = case((ApiToken.spent_until.between(now, now + WINDOW + APART), ApiToken.spent_until), else_=now)
    spent = session.execute(
        update(ApiToken)
        .where(ApiToken.id == token, start + share - now <= WINDOW)
        .values(spent_until=start + share)
        .returning(ApiToken.spent_until)
        .execution_options(synchronize_session=False)
    ).scalar()
    if spent is not None:
        return Allowance(limit, int((WINDOW - (spent - now)) / share + 1e-6), math.ceil(spent - now), 0)
    until = session.scalar(select(ApiToken.spent_until).where(ApiToken.id == token)) or now
    return Allowance(limit, 0, math.ceil(until - now), max(1, math.ceil(until + share - now - WINDOW)))
