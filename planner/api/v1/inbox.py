"""The inbox of the token's owner: what they were told, and whether it also goes out by e-mail."""

import datetime as dt

from pydantic import Field

from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, Resource
from planner.api.values import Model, Page, Words, words
from planner.services import inbox as service
from planner.services.inbox import Item
from planner.services.tokens import Area
from planner.services.wording import action_phrase

inbox = Resource("inbox", Area.INBOX, "What the token's owner was told.")


class Notice(Model):
    """Something that somebody did to an object. `name` and `note` are there while the object may be seen."""

    subject: str = Field(description="Kind and code of the object: `requirement:R-000001`.")
    name: Words | None
    event: str
    said: Words
    actor: str
    note: str
    at: dt.datetime
    unread: bool

    @classmethod
    def of(cls, item: Item) -> "Notice":
        """An item as JSON."""
        return cls(
            subject=item.subject,
            name=words(item.name) if item.name else None,
            event=item.event,
            said=words(action_phrase(item.event)),
            actor=item.actor,
            note=item.note,
            at=item.at,
            unread=item.unread,
        )


class InboxQuery(PageQuery):
    """Which notices."""

    unread: bool = Field(False, description="Those alone that were not read yet.")


class Unread(Model):
    """How many notices were not read yet."""

    unread: int


class ByMail(Model):
    """Whether notices are sent by e-mail too."""

    by_mail: bool


class MailSetting(ByMail):
    """The same, and where they go."""

    address: str | None


@inbox.get()
def index(call: Call, query: InboxQuery) -> Page[Notice]:
    """List notices, the newest first. Listing them does not count as reading."""
    place = place_of(query.cursor)
    before = int(place[0]) if place else None
    found = service.load_inbox(call.session, call.actor, unread=query.unread, page_size=query.limit, before=before)
    following = cursor_of((found.items[-1].number, "")) if found.total > len(found.items) else None
    return Page(items=list(map(Notice.of, found.items)), next=following)


@inbox.post("/read")
def read(call: Call) -> Unread:
    """Count every notice as read."""
    service.mark_read(call.session, call.actor)
    return Unread(unread=service.count_unread(call.session, call.actor))


@inbox.post("/<subject>/read")
def read_subject(call: Call, subject: str) -> Unread:
    """Count every notice about an object as read."""
    service.open_subject(call.session, call.actor, subject)
    return Unread(unread=service.count_unread(call.session, call.actor))


@inbox.get("/mail")
def show_mail(call: Call) -> MailSetting:
    """Whether notices are sent by e-mail too."""
    found = service.load_inbox(call.session, call.actor, page_size=1)
    return MailSetting(by_mail=found.by_mail, address=found.address)


@inbox.put("/mail", versioned=False)
def set_mail(call: Call, body: ByMail) -> MailSetting:
    """Send notices by e-mail too, or no longer."""
    service.set_mail(call.session, call.actor, wanted=body.by_mail)
    return show_mail(call)
