"""What administrators do with webhooks: make, change, pause and remove one, replace its secret, try it, send again."""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from models import DeliveryStatus, Ministry, Webhook, WebhookDelivery
from planner.errors import ConflictError, Fault, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.locking import lock
from planner.services.permissions import Actor, Permission, require
from planner.services.webhooks.addresses import Outlet, check_url
from planner.services.webhooks.events import CHOICES, Event
from planner.services.webhooks.outbox import add_deliveries
from planner.services.webhooks.signing import new_salt, secret_of, written
from planner.text import N_, Phrase

NAME_LENGTH: Final = 300


@dataclass(frozen=True)
class WebhookFields:
    """What an administrator says of a webhook: what it is for, where messages go, and which events they tell of.

    `ministry` is the code of the one of whose requirements it is told; "" of all.
    """

    name: str
    url: str
    events: tuple[str, ...]
    ministry: str = ""


@dataclass(frozen=True)
class Issued:
    """A webhook's secret, which is shown once."""

    code: str
    secret: str


def create_webhook(session: Session, actor: Actor, outlet: Outlet, given: WebhookFields) -> Issued:
    """Make a webhook (`WH-000001`), and its secret. `InvalidInputError` with a fault for each field."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    fields, ministry = _checked(session, outlet, given)
    row = Webhook(
        code=new_salt()[:40],
        name=fields.name,
        url=fields.url,
        events=list(fields.events),
        ministry=ministry,
        salt=new_salt(),
        created_at=dt.datetime.now(dt.UTC),
        created_by_id=actor.user_id,
    )
    session.add(row)
    session.flush()
    row.code = f"WH-{row.id:06}"
    session.flush()
    audit.record(session, actor, "created", f"webhook:{row.code}", _changes(None, fields))
    return _issued(outlet, row)


def change_webhook(
    session: Session, actor: Actor, outlet: Outlet, code: str, given: WebhookFields, *, version: int | None
) -> None:
    """Change the webhook called `code` that had `version`; what waits goes to the new address.

    `InvalidInputError` with a fault for each field, `ConflictError` if somebody changed it meanwhile.
    """
    row = find_webhook(session, actor, code, for_change=True)
    if row.version != version:
        raise ConflictError
    before = fields_of(row)
    fields, ministry = _checked(session, outlet, given)
    row.name, row.url, row.events, row.ministry = fields.name, fields.url, list(fields.events), ministry
    audit.record(session, actor, "changed", f"webhook:{code}", _changes(before, fields))


def replace_secret(session: Session, actor: Actor, outlet: Outlet, code: str) -> Issued:
    """Another secret for the webhook. For a day messages are signed with the one before too."""
    row = find_webhook(session, actor, code, for_change=True)
    row.previous_salt, row.salt = row.salt, new_salt()
    row.rotated_at = dt.datetime.now(dt.UTC)
    audit.record(session, actor, "secret_replaced", f"webhook:{code}")
    return _issued(outlet, row)


def pause_webhook(session: Session, actor: Actor, code: str) -> None:
    """Tell the webhook of nothing more; what waits is kept until it is resumed."""
    find_webhook(session, actor, code, for_change=True).active = False
    audit.record(session, actor, "paused", f"webhook:{code}")


def resume_webhook(session: Session, actor: Actor, code: str) -> None:
    """Tell the webhook of what happens from now on, and of what has waited."""
    find_webhook(session, actor, code, for_change=True).active = True
    audit.record(session, actor, "resumed", f"webhook:{code}")


def remove_webhook(session: Session, actor: Actor, code: str, *, version: int | None) -> None:
    """Forget the webhook that had `version`, what waits for it and what was delivered.

    `ConflictError` if somebody changed it meanwhile.
    """
    row = find_webhook(session, actor, code, for_change=True)
    if row.version != version:
        raise ConflictError
    audit.record(session, actor, "removed", f"webhook:{code}", _changes(fields_of(row), None))
    session.delete(row)


def send_test(session: Session, actor: Actor, code: str) -> None:
    """Have a message sent that tells of nothing; `ConflictError` while the webhook is paused."""
    row = find_webhook(session, actor, code, for_change=True)
    if not row.active:
        raise ConflictError(Phrase(N_("The webhook is paused. Resume it first.")))
    add_deliveries(session, row.id, Event.TEST, {"code": code})
    audit.record(session, actor, "tested", f"webhook:{code}")


def deliver_again(session: Session, actor: Actor, code: str, number: int) -> None:
    """Have a delivery tried again at once, however often it was tried; `NotFoundError` if there is none."""
    row = find_webhook(session, actor, code, for_change=True)
    again = (
        update(WebhookDelivery)
        .where(WebhookDelivery.id == number, WebhookDelivery.webhook_id == row.id)
        .values(status=DeliveryStatus.WAITING, due_at=dt.datetime.now(dt.UTC), failures=0)
        .returning(WebhookDelivery.id)
    )
    if session.execute(again).one_or_none() is None:
        raise NotFoundError
    audit.record(session, actor, "redelivered", f"webhook:{code}", note=str(number))


def find_webhook(session: Session, actor: Actor, code: str, *, for_change: bool = False) -> Webhook:
    """The webhook called `code`; `NotFoundError` if there is none. One that is to be changed is locked."""
    require(actor, Permission.MANAGE_WEBHOOKS)
    if for_change:
        lock(session, f"webhook:{code}")
    row = session.scalar(select(Webhook).where(Webhook.code == code).options(joinedload(Webhook.ministry)))
    if row is None:
        raise NotFoundError
    return row


def fields_of(row: Webhook) -> WebhookFields:
    """What was said of a webhook."""
    return WebhookFields(row.name, row.url, tuple(row.events), row.ministry.code if row.ministry else "")


def _checked(session: Session, outlet: Outlet, given: WebhookFields) -> tuple[WebhookFields, Ministry | None]:
    """The fields as they are kept, and the ministry meant: without blanks around them, events in the one order.

    `InvalidInputError` with all faults at once.
    """
    events = tuple(event for event in CHOICES if event in given.events)
    fields = WebhookFields(given.name.strip(), given.url.strip(), events, given.ministry)
    ministry = session.scalar(select(Ministry).where(Ministry.code == given.ministry)) if given.ministry else None
    faults: list[Fault] = []
    if not fields.name:
        faults.append(fault("name", "missing", N_("Say what the webhook is for.")))
    if len(fields.name) > NAME_LENGTH:
        faults.append(fault("name", "too_long", N_("Use at most %(count)s characters."), count=NAME_LENGTH))
    if not fields.name.isprintable():
        faults.append(fault("name", "character", N_("It holds characters that cannot be printed.")))
    faults.extend(check_url(outlet, fields.url))
    if unknown := sorted(set(given.events) - set(CHOICES)):
        faults.append(fault("events", "unknown", N_("There is no event called %(event)s."), event=", ".join(unknown)))
    elif not fields.events:
        faults.append(fault("events", "missing", N_("Choose at least one event.")))
    if given.ministry and ministry is None:
        faults.append(fault("ministry", "unknown", N_("Choose a ministry from the list.")))
    if faults:
        raise InvalidInputError(faults)
    return fields, ministry


def _changes(before: WebhookFields | None, after: WebhookFields | None) -> audit.Changes:
    names = ("name", "url", "events", "ministry")
    old, new = (asdict(fields) if fields else dict.fromkeys(names) for fields in (before, after))
    return {name: (old[name] or None, new[name] or None) for name in names}


def _issued(outlet: Outlet, row: Webhook) -> Issued:
    return Issued(row.code, written(secret_of(outlet.key, row.salt)))
