"""Delivering what waits: each message at least once, tried again ever more rarely, and given up in the end."""

import datetime as dt
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, joinedload, sessionmaker

from models import DeliveryStatus, InboxItem, User, Webhook, WebhookAttempt, WebhookDelivery
from planner.services.inbox import notify
from planner.services.permissions import OPERATOR, PERMISSIONS, Permission
from planner.services.phrases import dump_phrase
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.sending import Outcome, Sender
from planner.services.webhooks.signing import secrets_in_force, sign

DELAYS: Final = tuple(
    dt.timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 18_000, 36_000, 86_400, 86_400)
)
"""How long to wait after each failure; after one more the delivery is given up: ten tries in nearly three days."""
GAVE_UP: Final = "gave_up"
"""What inboxes call it when a delivery is given up."""
CLAIMED: Final = dt.timedelta(minutes=1)
"""How long a try is left to whoever makes it. A worker that dies over one leaves it to others after that."""


@dataclass(frozen=True)
class Ticket:
    """One try at a delivery: what is sent where, and the number of the try, which whoever notes its outcome holds."""

    delivery: int
    attempt: int
    url: str
    headers: Mapping[str, str]
    body: bytes


def waiting_webhooks(sessions: sessionmaker[Session]) -> list[int]:
    """The keys of the webhooks for which something is due."""
    with sessions() as session:
        return list(session.scalars(_due().with_only_columns(WebhookDelivery.webhook_id).distinct()))


def deliver_waiting(
    sessions: sessionmaker[Session], outlet: Outlet, sender: Sender, webhook_id: int, stopping: threading.Event
) -> None:
    """Deliver what is due for one webhook, the oldest first, until one fails: an address that is away is not hurried.

    No transaction is open while a message is under way.
    """
    while not stopping.is_set():
        with sessions.begin() as session:
            ticket = claim(session, outlet, webhook_id)
        if ticket is None:
            return
        outcome = sender.send(ticket.url, ticket.headers, ticket.body)
        with sessions.begin() as session:
            note_outcome(session, ticket, outcome)
        if outcome.failure:
            return


def claim(session: Session, outlet: Outlet, webhook_id: int) -> Ticket | None:
    """Take the oldest delivery that is due for one webhook; None where there is none, or another was quicker."""
    now = dt.datetime.now(dt.UTC)
    oldest = _due().with_only_columns(WebhookDelivery.id).where(WebhookDelivery.webhook_id == webhook_id)
    taken = session.execute(
        update(WebhookDelivery)
        .where(
            WebhookDelivery.id == oldest.order_by(WebhookDelivery.id).limit(1).scalar_subquery(),
            WebhookDelivery.status == DeliveryStatus.WAITING,
            WebhookDelivery.due_at <= now,
        )
        .values(due_at=now + CLAIMED, attempts=WebhookDelivery.attempts + 1)
        .returning(WebhookDelivery.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if taken is None:
        return None
    delivery = session.get_one(
        WebhookDelivery, taken, options=[joinedload(WebhookDelivery.webhook, innerjoin=True)], populate_existing=True
    )
    body = body_of(delivery.payload)
    timestamp = int(now.timestamp())
    keys = secrets_in_force(outlet.key, delivery.webhook, now)
    headers = {
        "content-type": "application/json",
        "webhook-id": delivery.message,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(keys, delivery.message, timestamp, body),
    }
    return Ticket(delivery.id, delivery.attempts, delivery.webhook.url, headers, body)


def note_outcome(session: Session, ticket: Ticket, outcome: Outcome) -> None:
    """Keep what came of a try. One that took so long that another began is noted, and moves nothing.

    Nothing is kept where the webhook was removed meanwhile.
    """
    delivery = session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == ticket.delivery)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if delivery is None:
        return
    now = dt.datetime.now(dt.UTC)
    session.add(
        WebhookAttempt(
            delivery_id=delivery.id,
            at=now,
            milliseconds=outcome.milliseconds,
            answer=outcome.answer,
            failure=dump_phrase(outcome.failure) if outcome.failure else None,
        )
    )
    if delivery.attempts != ticket.attempt:
        return
    if outcome.failure is None:
        delivery.status = DeliveryStatus.DELIVERED
        return
    delivery.failures += 1
    if delivery.failures > len(DELAYS):
        delivery.status = DeliveryStatus.GIVEN_UP
        _tell_administrators(session, delivery)
    else:
        delivery.due_at = now + DELAYS[delivery.failures - 1]


def _tell_administrators(session: Session, delivery: WebhookDelivery) -> None:
    """Put it into the inbox of whoever keeps webhooks, unless such a notice of this one still lies there unread."""
    subject = f"webhook:{session.get_one(Webhook, delivery.webhook_id).code}"
    told = select(InboxItem.user_id).where(
        InboxItem.subject == subject, InboxItem.event == GAVE_UP, InboxItem.read_at.is_(None)
    )
    keepers = select(User.id).where(User.role.in_(PERMISSIONS[Permission.MANAGE_WEBHOOKS]), User.id.not_in(told))
    notify(session, OPERATOR, subject, GAVE_UP, session.scalars(keepers).all(), note=str(delivery.id))


def body_of(payload: Mapping[str, Any]) -> bytes:
    """A message as it is sent and signed."""
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()


def _due() -> Select[WebhookDelivery]:
    """What is to be tried now."""
    now = dt.datetime.now(dt.UTC)
    return (
        select(WebhookDelivery)
        .join(WebhookDelivery.webhook)
        .where(Webhook.active, WebhookDelivery.status == DeliveryStatus.WAITING, WebhookDelivery.due_at <= now)
    )
