"""Tokens with which programs act for a person: never more than the person may, and only within their scopes.

A token is random and shown once; its hash alone is kept. A disabled owner, or a day past its last, ends it.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, contains_eager

from models import ApiToken, User
from planner.errors import Fault, InvalidInputError, NotFoundError, fault
from planner.services import alerts, audit
from planner.services.locking import lock
from planner.services.permissions import Actor, actor_of
from planner.services.sign_ins import SEEN_EVERY, Client, new_token, token_hash
from planner.text import N_, Phrase

PREFIX: Final = "dcp_"
"""By which people, and programs that look for leaked secrets, know such a token."""
LONGEST_DAYS: Final = 365
MOST: Final = 50
"""How many tokens a person may hold at once."""
NAME_LENGTH: Final = 100


class Area(StrEnum):
    """What a token may be limited to; `AREAS` says what people call each."""

    REQUIREMENTS = "requirements"
    DATASETS = "datasets"
    ROUNDS = "rounds"
    IMPORTS = "imports"
    REFERENCE = "reference"
    PLANS = "plans"
    SCENARIOS = "scenarios"
    PUBLISHING = "publishing"
    WORKFORCE = "workforce"
    INBOX = "inbox"
    ACCOUNTS = "accounts"
    AUDIT = "audit"
    WEBHOOKS = "webhooks"


AREAS: Final[Mapping[Area, str]] = MappingProxyType(
    {
        Area.REQUIREMENTS: N_("Requirements"),
        Area.DATASETS: N_("Datasets"),
        Area.ROUNDS: N_("Planning rounds"),
        Area.IMPORTS: N_("Import"),
        Area.REFERENCE: N_("Data centres, reference data and policy"),
        Area.PLANS: N_("Plans, reports and work in the background"),
        Area.SCENARIOS: N_("Scenarios"),
        Area.PUBLISHING: N_("Published plans and their outcome"),
        Area.WORKFORCE: N_("Workforce"),
        Area.INBOX: N_("Inbox"),
        Area.ACCOUNTS: N_("Accounts"),
        Area.AUDIT: N_("Audit log"),
        Area.WEBHOOKS: N_("Webhooks"),
    }
)


@dataclass(frozen=True)
class Scope:
    """Reading in one area, or reading and writing there. Written `requirements:read`, `requirements:write`."""

    area: Area
    writes: bool

    def __str__(self) -> str:
        return f"{self.area}:{'write' if self.writes else 'read'}"

    def within(self, granted: Collection[str]) -> bool:
        """Whether the scopes `granted` hold this one; who may write may read."""
        return str(self) in granted or str(Scope(self.area, writes=True)) in granted


SCOPES: Final = tuple(str(Scope(area, writes)) for area in Area for writes in (False, True))


LEVELS: Final[Mapping[str, str]] = MappingProxyType({"read": N_("Read"), "write": N_("Read and change")})
"""What the two kinds of scopes are called."""

_SCOPE_NAMES: Final[Mapping[str, Phrase]] = MappingProxyType(
    {
        f"{area}:{level}": Phrase("%(area)s: %(level)s", {"area": Phrase(called), "level": Phrase(may)})
        for area, called in AREAS.items()
        for level, may in LEVELS.items()
    }
)


def scope_phrase(scope: str) -> Phrase:
    """What a scope is called, such as "Requirements: Read"; one that there is no more, by its code."""
    return _SCOPE_NAMES.get(scope, Phrase(scope))


@dataclass(frozen=True)
class NewToken:
    """What somebody asks for: what the token is called, for how many days it works, and its scopes."""

    name: str
    days: int | None
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class TokenEntry:
    """One of a person's tokens, as they look at it. `expired`: it works no longer, and is there to be seen."""

    number: int
    name: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    expires_at: dt.datetime
    last_used_at: dt.datetime | None
    last_address: str
    expired: bool

    @property
    def granted(self) -> tuple[Phrase, ...]:
        """What the scopes are called."""
        return tuple(map(scope_phrase, self.scopes))


@dataclass(frozen=True)
class Bearer:
    """Whom a token stands for, its number, and what it may be used for."""

    actor: Actor
    number: int
    scopes: tuple[str, ...]
    expires_at: dt.datetime


def issue_token(
    session: Session, actor: Actor, wanted: NewToken, now: dt.datetime, *, doubts: Sequence[Fault] = ()
) -> str:
    """Make a token of `actor`'s and return it: nobody can be told it again. The person is told that there is one.

    `InvalidInputError` with every fault, those first that the caller has found (`doubts`).
    """
    lock(session, f"tokens of {actor.user_id}")
    if faults := (*doubts, *_check(wanted, count_tokens(session, actor.user_id))):
        raise InvalidInputError(faults)
    token = PREFIX + new_token()
    name, scopes = wanted.name.strip(), tuple(scope for scope in SCOPES if scope in wanted.scopes)
    session.add(
        ApiToken(
            user_id=actor.user_id,
            name=name,
            token_hash=token_hash(token),
            scopes=scopes,
            created_at=now,
            expires_at=now + dt.timedelta(days=wanted.days or 0),
        )
    )
    audit.record(session, actor, "token_issued", f"account:{actor.username}", {"scopes": (None, scopes)}, note=name)
    alerts.tell(session, session.get(User, actor.user_id), "token_issued")
    return token


def _check(wanted: NewToken, held: int) -> Iterator[Fault]:
    if held >= MOST:
        message = N_("You have %(most)s tokens already, as many as anybody may. Revoke one first.")
        yield fault("", "too_many", message, most=MOST)
    if not wanted.name.strip():
        yield fault("name", "missing", N_("Say what the token is for."))
    elif len(wanted.name.strip()) > NAME_LENGTH or not wanted.name.isprintable():
        yield fault("name", "too_long", N_("At most %(most)s characters, on one line."), most=NAME_LENGTH)
    if wanted.days is None or not 1 <= wanted.days <= LONGEST_DAYS:
        yield fault("days", "out_of_range", N_("A token works for 1 to %(most)s days."), most=LONGEST_DAYS)
    if not wanted.scopes or not set(wanted.scopes) <= set(SCOPES):
        yield fault("scopes", "missing", N_("Choose at least one thing that the token may do."))


def list_tokens(session: Session, user_id: int | None, now: dt.datetime) -> tuple[TokenEntry, ...]:
    """The tokens of that account, the newest first; those that have expired too, until they are cleared away.

    The caller has checked who may know it.
    """
    query = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    return tuple(
        TokenEntry(
            number=row.id,
            name=row.name,
            scopes=row.scopes,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            last_address=row.last_address,
            expired=row.expires_at <= now,
        )
        for row in session.scalars(query)
    )


def revoke_token(session: Session, actor: Actor, number: int) -> None:
    """End the actor's token of that number at once; somebody else's is `NotFoundError`."""
    revoked = session.execute(
        delete(ApiToken).where(ApiToken.id == number, ApiToken.user_id == actor.user_id).returning(ApiToken.name)
    ).first()
    if revoked is None:
        raise NotFoundError
    audit.record(session, actor, "token_revoked", f"account:{actor.username}", note=revoked.name)


def revoke_all(session: Session, user_id: int | None) -> int:
    """End every token of an account; how many there were. The caller has checked who may."""
    return len(session.execute(delete(ApiToken).where(ApiToken.user_id == user_id).returning(ApiToken.id)).all())


def count_tokens(session: Session, user_id: int | None) -> int:
    """How many tokens that account has. The caller has checked who may know it."""
    return session.scalar(select(func.count()).select_from(ApiToken).where(ApiToken.user_id == user_id)) or 0


def find_bearer(session: Session, token: str, client: Client, now: dt.datetime) -> Bearer | None:
    """Whom `token` stands for; None if it is none, was revoked or has expired, or its owner is disabled."""
    query = (
        select(ApiToken)
        .join(ApiToken.user)
        .outerjoin(User.ministry)
        .where(ApiToken.token_hash == token_hash(token), ApiToken.expires_at > now, User.active)
        .options(contains_eager(ApiToken.user).contains_eager(User.ministry))
    )
    found = session.scalar(query)
    if found is None:
        return None
    if found.last_used_at is None or found.last_used_at <= now - SEEN_EVERY:
        found.last_used_at, found.last_address = now, client.address
    return Bearer(actor_of(found.user), found.id, found.scopes, found.expires_at)
