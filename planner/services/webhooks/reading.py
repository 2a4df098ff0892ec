"""How webhooks stand: the list of all, one, its deliveries, and one of these with every try."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models import DeliveryStatus, Webhook, WebhookAttempt, WebhookDelivery
from planner.errors import NotFoundError
from planner.services.lists import ListFilter, Listing, load_slice, sorted_by
from planner.services.names import name_of
from planner.services.permissions import Actor, Permission, require
from planner.services.phrases import read_phrase
from planner.services.webhooks.addresses import Outlet, check_url
from planner.services.webhooks.events import event_phrase
from planner.services.webhooks.keeping import WebhookFields, fields_of, find_webhook
from planner.services.webhooks.signing import OVERLAP
from planner.text import N_, LocalText, Phrase
from reports.values import Column, Table

STATUSES: Final[Mapping[DeliveryStatus, str]] = MappingProxyType(
    {
        DeliveryStatus.WAITING: N_("Waiting"),
        DeliveryStatus.DELIVERED: N_("Delivered"),
        DeliveryStatus.GIVEN_UP: N_("Given up"),
    }
)


@dataclass(frozen=True)
class WebhookDetail:
    """One webhook, as it was at `version`. Until `overlap_ends`, if any, the secret before is in force too."""

    code: str
    fields: WebhookFields
    events: tuple[Phrase, ...]
    active: bool
    created_at: dt.datetime
    created_by: str
    overlap_ends: dt.datetime | None
    version: int


@dataclass(frozen=True)
class DeliveryDetail:
    """One delivery: the message as it is sent, and every try. `due_at` is the next one's moment while it waits."""

    number: int
    message: str
    event: Phrase
    body: str
    status: DeliveryStatus
    status_name: Phrase
    created_at: dt.datetime
    due_at: dt.datetime | None
    tries: Table


def list_webhooks(session: Session, actor: Actor) -> Table:
    """Every webhook, with how many deliveries wait and how many were given up. One query."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    counts = (
        select(
            WebhookDelivery.webhook_id,
            *(
                func.count().filter(WebhookDelivery.status == status).label(status.value)
                for status in (DeliveryStatus.WAITING, DeliveryStatus.GIVEN_UP)
            ),
        )
        .group_by(WebhookDelivery.webhook_id)
        .subquery()
    )
    rows = session.execute(
        select(Webhook, func.coalesce(counts.c.waiting, 0), func.coalesce(counts.c.given_up, 0))
        .outerjoin(counts, counts.c.webhook_id == Webhook.id)
        .options(joinedload(Webhook.ministry))
        .order_by(Webhook.code)
    )
    return Table(
        "webhooks",
        N_("Webhooks"),
        (
            Column("code", N_("Code"), "code"),
            Column("name", N_("Name")),
            Column("url", N_("Address")),
            Column("events", N_("Events")),
            Column("ministry", N_("Ministry")),
            Column("state", N_("State")),
            Column("waiting", N_("Waiting"), "integer"),
            Column("given_up", N_("Given up"), "integer"),
        ),
        tuple(
            (row.code, row.name, row.url, _events(row), _ministry(row), _state(row), waiting, given_up)
            for row, waiting, given_up in rows
        ),
    )


def refused_webhooks(session: Session, actor: Actor, outlet: Outlet) -> tuple[str, ...]:
    """The codes of the active webhooks to whose addresses nothing may go by the settings of today."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    active = session.execute(select(Webhook.code, Webhook.url).where(Webhook.active).order_by(Webhook.code))
    return tuple(code for code, url in active if any(check_url(outlet, url)))


def get_webhook(session: Session, actor: Actor, code: str) -> WebhookDetail:
    """One webhook; `NotFoundError` if there is none."""
    row = find_webhook(session, actor, code)
    overlap_ends = row.rotated_at + OVERLAP if row.rotated_at else None
    return WebhookDetail(
        code=row.code,
        fields=fields_of(row),
        events=tuple(map(event_phrase, row.events)),
        active=row.active,
        created_at=row.created_at,
        created_by=row.created_by.full_name if row.created_by else "",
        overlap_ends=overlap_ends if overlap_ends and overlap_ends > dt.datetime.now(dt.UTC) else None,
        version=row.version,
    )


def list_deliveries(session: Session, actor: Actor, code: str, wanted: ListFilter) -> Listing:
    """The deliveries of a webhook, the newest first."""
    row = find_webhook(session, actor, code)
    last = (
        select(WebhookAttempt.answer)
        .where(WebhookAttempt.delivery_id == WebhookDelivery.id)
        .order_by(WebhookAttempt.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(WebhookDelivery, last).where(WebhookDelivery.webhook_id == row.id)
    newest_first = replace(wanted, sort="code", descending=True)
    found = load_slice(
        session, sorted_by(query, {"code": WebhookDelivery.id}, newest_first, always=("code",)), newest_first
    )
    return found.listing(
        Table(
            "deliveries",
            N_("Deliveries"),
            (
                Column("number", N_("Number"), "code"),
                Column("status", N_("Status")),
                Column("event", N_("Event")),
                Column("about", N_("About"), "code"),
                Column("created_at", N_("Happened"), "moment"),
                Column("attempts", N_("Tries"), "integer"),
                Column("answer", N_("Last answer"), "code"),
                Column("due_at", N_("Next try"), "moment"),
            ),
            tuple(
                (
                    str(delivery.id),
                    Phrase(STATUSES[delivery.status]),
                    event_phrase(delivery.event),
                    delivery.payload["data"].get("code"),
                    delivery.created_at,
                    delivery.attempts,
                    str(answer) if answer else None,
                    _due(delivery),
                )
                for delivery, answer in found.rows
            ),
        )
    )


def get_delivery(session: Session, actor: Actor, code: str, number: int) -> DeliveryDetail:
    """One delivery of the webhook called `code`; `NotFoundError` if it has none of that number."""
    webhook = find_webhook(session, actor, code)
    row = session.scalar(
        select(WebhookDelivery)
        .where(WebhookDelivery.id == number, WebhookDelivery.webhook_id == webhook.id)
        .options(selectinload(WebhookDelivery.tries))
    )
    if row is None:
        raise NotFoundError
    return DeliveryDetail(
        number=row.id,
        message=row.message,
        event=event_phrase(row.event),
        body=json.dumps(row.payload, ensure_ascii=False, indent=2),
        status=row.status,
        status_name=Phrase(STATUSES[row.status]),
        created_at=row.created_at,
        due_at=_due(row),
        tries=_tries(row),
    )


def _tries(row: WebhookDelivery) -> Table:
    return Table(
        "tries",
        N_("Tries"),
        (
            Column("at", N_("Time"), "moment"),
            Column("answer", N_("Answer"), "code"),
            Column("outcome", N_("What came of it")),
            Column("milliseconds", N_("Took"), "integer", N_("ms")),
        ),
        tuple(
            (
                found.at,
                str(found.answer) if found.answer else None,
                read_phrase(found.failure) if found.failure else Phrase(N_("Delivered")),
                found.milliseconds,
            )
            for found in row.tries
        ),
    )


def _due(row: WebhookDelivery) -> dt.datetime | None:
    return row.due_at if row.status is DeliveryStatus.WAITING else None


def _events(row: Webhook) -> Phrase:
    names = tuple(map(event_phrase, row.events))
    return Phrase("%(events)s", {"events": names})


def _ministry(row: Webhook) -> LocalText | Phrase:
    return name_of(row.ministry) if row.ministry else Phrase(N_("Every ministry"))


def _state(row: Webhook) -> Phrase:
    return Phrase(N_("Active") if row.active else N_("Paused"))
