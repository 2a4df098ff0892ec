"""Webhooks: keeping them, and what became of their messages."""

import datetime as dt
from dataclasses import replace
from typing import Final, Literal, cast

from flask import current_app
from pydantic import Field

from planner.api.pages import Row, list_part
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, TableAnswer, Words, rows_of, words
from planner.services.lists import ListFilter
from planner.services.tokens import Area
from planner.services.webhooks import keeping, reading
from planner.services.webhooks.addresses import LONGEST_URL, Outlet
from planner.services.webhooks.events import CHOICES
from planner.services.webhooks.keeping import NAME_LENGTH, WebhookFields

webhooks: Final = Resource(
    "webhooks", Area.WEBHOOKS, "Addresses of other systems that are told of events, and what they were told."
)

EventName = Literal["requirement.submitted", "requirement.approved", "run.finished", "plan.published"]


class WebhookChange(Model):
    """What an administrator says of a webhook. A field that is not sent stays as it is."""

    name: str = Field("", max_length=NAME_LENGTH, description="What it is for.")
    url: str = Field("", max_length=LONGEST_URL, description="https, at a host that the installation's settings allow.")
    events: list[EventName] = Field(default_factory=list, max_length=len(CHOICES))
    ministry: Code | None = Field(None, description="The one of whose requirements it is told; null for all.")


class NewWebhook(WebhookChange):
    """The same of a webhook to be made, all of which is needed."""

    name: str = Field(max_length=NAME_LENGTH, description="What it is for.")
    url: str = Field(max_length=LONGEST_URL, description="https, at a host that the installation's settings allow.")
    events: list[EventName] = Field(max_length=len(CHOICES))


class Webhook(Model):
    """A webhook. Until `secret_before_until`, if any, messages are signed with the secret before too."""

    code: str
    name: str
    url: str
    events: list[EventName]
    ministry: str | None
    active: bool
    created_at: dt.datetime
    created_by: str
    secret_before_until: dt.datetime | None
    version: int


class WebhookSecret(Model):
    """The secret of a webhook, which is told this once."""

    code: str
    secret: str = Field(description="As libraries for Standard Webhooks take it: whsec_…")


class Delivery(Model):
    """A message to one webhook, with every try to deliver it. `due_at` is the next one's moment, if any."""

    number: int
    message: str = Field(description="The header webhook-id, the same for every try.")
    event: Words
    status: Literal["waiting", "delivered", "given_up"]
    created_at: dt.datetime
    due_at: dt.datetime | None
    body: str
    tries: TableAnswer


@webhooks.get()
def index(call: Call, query: PageQuery) -> Page[Row]:
    """List the webhooks, each with how many deliveries wait and how many were given up."""
    return list_part(reading.list_webhooks(call.session, call.actor), query)


@webhooks.post(status=201, secret=True)
def create(call: Call, body: NewWebhook) -> WebhookSecret:
    """Make a webhook; its secret is told once."""
    given = WebhookFields(body.name, body.url, tuple(body.events), body.ministry or "")
    issued = keeping.create_webhook(call.session, call.actor, _outlet(), given)
    return WebhookSecret(code=issued.code, secret=issued.secret)


@webhooks.get("/<code>")
def show(call: Call, code: str) -> Webhook:
    """One webhook."""
    found = reading.get_webhook(call.session, call.actor, code)
    return Webhook(
        code=found.code,
        name=found.fields.name,
        url=found.fields.url,
        events=cast("list[EventName]", list(found.fields.events)),
        ministry=found.fields.ministry or None,
        active=found.active,
        created_at=found.created_at,
        created_by=found.created_by,
        secret_before_until=found.overlap_ends,
        version=found.version,
    )


@webhooks.patch("/<code>")
def change(call: Call, code: str, body: WebhookChange) -> Webhook:
    """Change a webhook; what waits goes to the new address."""
    found = reading.get_webhook(call.session, call.actor, code)
    sent = body.model_dump(exclude_unset=True)
    if "ministry" in sent:
        sent["ministry"] = sent["ministry"] or ""
    given = replace(found.fields, **sent)
    keeping.change_webhook(call.session, call.actor, _outlet(), code, given, version=call.based_on(found.version))
    call.session.flush()
    return show(call, code)


@webhooks.delete("/<code>", versioned=True)
def remove(call: Call, code: str) -> None:
    """Forget a webhook, what waits for it and what was delivered."""
    found = reading.get_webhook(call.session, call.actor, code)
    keeping.remove_webhook(call.session, call.actor, code, version=call.based_on(found.version))


@webhooks.post("/<code>/secret", secret=True)
def replace_secret(call: Call, code: str) -> WebhookSecret:
    """Another secret, told once. For a day messages are signed with the one before too."""
    issued = keeping.replace_secret(call.session, call.actor, _outlet(), code)
    return WebhookSecret(code=issued.code, secret=issued.secret)


@webhooks.post("/<code>/pause")
def pause(call: Call, code: str) -> Webhook:
    """Tell the webhook of nothing more; what waits is kept until it is resumed."""
    keeping.pause_webhook(call.session, call.actor, code)
    call.session.flush()
    return show(call, code)


@webhooks.post("/<code>/resume")
def resume(call: Call, code: str) -> Webhook:
    """Tell the webhook of what happens from now on, and of what has waited."""
    keeping.resume_webhook(call.session, call.actor, code)
    call.session.flush()
    return show(call, code)


@webhooks.post("/<code>/test")
def test(call: Call, code: str) -> None:
    """Have a message sent that tells of nothing."""
    keeping.send_test(call.session, call.actor, code)


@webhooks.get("/<code>/deliveries")
def deliveries(call: Call, code: str, query: PageQuery) -> Page[Row]:
    """List the deliveries of a webhook, the newest first."""
    wanted = ListFilter(page_size=query.limit, after=place_of(query.cursor))
    found = reading.list_deliveries(call.session, call.actor, code, wanted)
    return Page(items=rows_of(found.table), next=cursor_of(found.last))


@webhooks.get("/<code>/deliveries/<key:number>")
def delivery(call: Call, code: str, number: int) -> Delivery:
    """One delivery with every try."""
    found = reading.get_delivery(call.session, call.actor, code, number)
    return Delivery(
        number=found.number,
        message=found.message,
        event=words(found.event),
        status=found.status.value,
        created_at=found.created_at,
        due_at=found.due_at,
        body=found.body,
        tries=TableAnswer.of(found.tries),
    )


@webhooks.post("/<code>/deliveries/<key:number>/again")
def deliver_again(call: Call, code: str, number: int) -> Delivery:
    """Have a message delivered again at once, however often it was tried."""
    keeping.deliver_again(call.session, call.actor, code, number)
    call.session.expire_all()
    return delivery(call, code, number)


def _outlet() -> Outlet:
    return cast("Outlet", current_app.extensions["outlet"])
