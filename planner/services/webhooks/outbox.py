"""Telling webhooks: deliveries are written in the transaction of what they tell of, so neither is there alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from models import Agency, DeliveryStatus, Ministry, Requirement, Webhook, WebhookDelivery
from planner.services.webhooks.events import Event

_AT_ONCE: Final = 5_000


def announce_step(session: Session, step: str, codes: Sequence[str]) -> None:
    """Tell that the requirements called `codes` took `step` of their life, where that is an event at all."""
    try:
        event = Event(f"requirement.{step}")
    except ValueError:
        return
    hearers = _hearers(session, event)
    for start in range(0, len(codes) if hearers else 0, _AT_ONCE):
        part = codes[start : start + _AT_ONCE]
        homes = (
            select(Requirement.code, Ministry.code)
            .join(Requirement.agency)
            .join(Agency.ministry)
            .where(Requirement.code.in_(part))
        )
        ministries = dict(session.execute(homes).all())
        _write(session, hearers, event, [{"code": code, "ministry": ministries[code]} for code in part])


def announce(session: Session, event: Event, data: Mapping[str, str]) -> None:
    """Tell that `event` happened; `data` says to what."""
    _write(session, _hearers(session, event), event, [data])


def add_deliveries(session: Session, webhook_id: int, event: Event, data: Mapping[str, str]) -> None:
    """Tell one webhook, whatever it asked for."""
    _write(session, [Hearer(webhook_id, None)], event, [data])


class Hearer(NamedTuple):
    """The key of a webhook, and the code of the one ministry that it hears of; None for all."""

    key: int
    ministry: str | None

    def hears(self, data: Mapping[str, str]) -> bool:
        """Whether it is told of what `data` says; what is of no ministry everybody hears."""
        return self.ministry is None or data.get("ministry", self.ministry) == self.ministry


def _hearers(session: Session, event: Event) -> list[Hearer]:
    """The webhooks that are told of `event`."""
    active = select(Webhook.id, Ministry.code, Webhook.events).outerjoin(Webhook.ministry).where(Webhook.active)
    found = session.execute(active.order_by(Webhook.id))
    return [Hearer(key, ministry) for key, ministry, events in found if event in events]


def _write(session: Session, hearers: Sequence[Hearer], event: Event, told: Sequence[Mapping[str, str]]) -> None:
    now = dt.datetime.now(dt.UTC)
    rows: list[dict[str, Any]] = []
    for data in told:
        message = f"msg_{uuid.uuid4().hex}"
        payload = {"type": event.value, "timestamp": now.isoformat(timespec="milliseconds"), "data": dict(data)}
        common = {"message": message, "event": event.value, "payload": payload, "created_at": now, "due_at": now}
        waiting = {"status": DeliveryStatus.WAITING, "attempts": 0, "failures": 0}
        rows += [{"webhook_id": hearer.key, **common, **waiting} for hearer in hearers if hearer.hears(data)]
    if rows:
        session.execute(insert(WebhookDelivery), rows)
