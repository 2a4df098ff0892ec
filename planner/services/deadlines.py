"""Until when somebody may enter and submit.

A planning round is open from `opens_at` until just before `closes_at`, or until a ministry's own later close; that is
never stored. Where an installation keeps no rounds at all, nothing is bound by any.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models import PlanningRound, RoundExtension
from planner.i18n import format_moment
from planner.services.names import name_of
from planner.services.permissions import Actor, ministry_scope
from planner.text import N_, LocalText, Phrase


class RoundState(StrEnum):
    """Where a round stands at a moment."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"


ROUND_STATES: Final[Mapping[RoundState, str]] = {
    RoundState.UPCOMING: N_("Not yet open"),
    RoundState.OPEN: N_("Open now"),
    RoundState.CLOSED: N_("Closed"),
}


@dataclass(frozen=True)
class Entry:
    """Whether somebody may enter and submit now: `refusal` says why not; None, that nothing stands against it.

    `round` and `closes_at` are of the round that is open; None where none binds.
    """

    refusal: Phrase | None = None
    round: LocalText | None = None
    closes_at: dt.datetime | None = None


def round_state(opens_at: dt.datetime, closes_at: dt.datetime, now: dt.datetime) -> RoundState:
    """Where a round with these moments stands at `now`."""
    if now < opens_at:
        return RoundState.UPCOMING
    return RoundState.OPEN if now < closes_at else RoundState.CLOSED


def moment_text(moment: dt.datetime) -> LocalText:
    """A moment within a sentence."""
    return LocalText(format_moment(moment, "th"), format_moment(moment, "en"))


def load_entry(session: Session, actor: Actor) -> Entry:
    """Whether `actor` may enter and submit now, in one query. Rounds bind those who belong to a ministry."""
    home = ministry_scope(actor)
    if home is None:
        return Entry()
    own = and_(RoundExtension.round_id == PlanningRound.id, RoundExtension.ministry_id == home)
    rounds = session.execute(
        select(PlanningRound, RoundExtension.closes_at).outerjoin(RoundExtension, own).order_by(PlanningRound.opens_at)
    )
    closes = [(row, max(row.closes_at, later or row.closes_at)) for row, later in rounds]
    return _entry(closes, dt.datetime.now(dt.UTC))


def _entry(closes: Sequence[tuple[PlanningRound, dt.datetime]], now: dt.datetime) -> Entry:
    """Of rounds in the order of their opening, each with the close that counts for the actor."""
    if not closes:
        return Entry()
    states = {row: round_state(row.opens_at, closes_at, now) for row, closes_at in closes}
    opened = [(closes_at, row) for row, closes_at in closes if states[row] is RoundState.OPEN]
    if opened:
        closes_at, row = max(opened, key=lambda found: found[0])
        return Entry(None, name_of(row), closes_at)
    upcoming = next((row for row, _ in closes if states[row] is RoundState.UPCOMING), None)
    if upcoming:
        params = {"round": name_of(upcoming), "moment": moment_text(upcoming.opens_at)}
        return Entry(Phrase(N_("The next planning round, %(round)s, opens on %(moment)s."), params))
    row, closes_at = closes[-1]
    params = {"round": name_of(row), "moment": moment_text(closes_at)}
    return Entry(Phrase(N_("The planning round %(round)s closed on %(moment)s."), params))
