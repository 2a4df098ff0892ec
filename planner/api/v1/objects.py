"""Working together on any object: its history, comments, attached files, and following it.

An object is named by its kind and code, `requirement:R-000001`. The token needs the scope of the area that the kind
belongs to.
"""

import datetime as dt
import io
from collections.abc import Mapping
from typing import Final, cast

from flask import current_app
from pydantic import Field

from planner.api.errors import OutOfScopeError
from planner.api.paging import PageQuery, cursor_of, place_of
from planner.api.resources import Call, File, Resource, Upload
from planner.api.values import Model, Page, Words, said, words
from planner.errors import NotFoundError
from planner.services import attachments, inbox
from planner.services.attachments import AttachedFile, Shelf
from planner.services.comments import LONGEST, add_comment, load_discussion
from planner.services.fields import Change
from planner.services.history import Entry, load_history
from planner.services.subjects import split
from planner.services.tokens import Area, Scope
from planner.services.wording import action_phrase
from planner.text import Value

objects = Resource(
    "objects",
    None,
    "History, comments, files and followers of any object, such as `requirement:R-000001` or `round:2570-1`. "
    "The token needs the scope of the object's area.",
)

ANY: Final = "application/octet-stream"
AREAS: Final[Mapping[str, Area]] = {
    kind: area
    for area, kinds in {
        Area.REQUIREMENTS: ("requirement",),
        Area.DATASETS: ("dataset",),
        Area.ROUNDS: ("round",),
        Area.IMPORTS: ("import",),
        Area.REFERENCE: (
            "site",
            "expansion",
            "ministry",
            "agency",
            "region",
            "clearance",
            "priority",
            "resource_type",
            "fiscal_year",
            "policy",
        ),
        Area.PLANS: ("plan",),
        Area.PUBLISHING: ("publication",),
        Area.SCENARIOS: ("scenario", "sweep"),
        Area.WORKFORCE: (
            "skill_level",
            "work_role",
            "course",
            "cohort",
            "person",
            "coverage",
            "workforce_plan",
            "closing_terms",
            "norm",
            "position",
            "agency_duty",
            "dataset_duty",
        ),
        Area.ACCOUNTS: ("account",),
        Area.WEBHOOKS: ("webhook",),
    }.items()
    for kind in kinds
}
"""The area of each kind of object."""


class FieldChange(Model):
    """A field that changed, as people read it."""

    field: Words
    before: Words | None
    after: Words | None

    @classmethod
    def of(cls, change: Change) -> "FieldChange":
        """A change as JSON."""
        return cls(field=words(change.label), before=_said(change.old), after=_said(change.new))


class HistoryEntry(Model):
    """One event: who did what when, and what changed by it."""

    position: int
    at: dt.datetime
    actor: str
    username: str
    role: str
    action: str
    said: Words
    changes: list[FieldChange]
    note: str

    @classmethod
    def of(cls, entry: Entry) -> "HistoryEntry":
        """An entry as JSON."""
        return cls(
            position=entry.position,
            at=entry.at,
            actor=entry.actor,
            username=entry.username,
            role=entry.role,
            action=entry.action,
            said=words(action_phrase(entry.action)),
            changes=list(map(FieldChange.of, entry.changes)),
            note=entry.note,
        )


class Comment(Model):
    """What somebody said."""

    author: str
    role: str
    written_at: dt.datetime
    text: str


class Attached(Model):
    """A file that is attached; `removable` by the token's owner."""

    token: str
    name: str
    bytes: int
    attached_by: str
    attached_at: dt.datetime
    removable: bool

    @classmethod
    def of(cls, found: AttachedFile) -> "Attached":
        """A file as JSON."""
        return cls(
            token=found.token,
            name=found.name,
            bytes=found.size,
            attached_by=found.attached_by,
            attached_at=found.attached_at,
            removable=found.removable,
        )


class Discussion(Model):
    """Comments, the oldest first, files, and who follows the object."""

    subject: str
    comments: list[Comment]
    attachments: list[Attached]
    followers: list[str]
    following: bool


class NewComment(Model):
    """What to say."""

    text: str = Field(min_length=1, max_length=LONGEST)


@objects.get("/<subject>/history")
def history(call: Call, subject: str, query: PageQuery) -> Page[HistoryEntry]:
    """List what happened to an object, the newest first."""
    _require(call, subject)
    place = place_of(query.cursor)
    before = int(place[0]) if place else None
    found = load_history(call.session, call.actor, subject, page_size=query.limit, before=before)
    following = cursor_of((found.entries[-1].position, "")) if found.total > len(found.entries) else None
    return Page(items=list(map(HistoryEntry.of, found.entries)), next=following)


@objects.get("/<subject>/discussion")
def discussion(call: Call, subject: str) -> Discussion:
    """The comments on an object, its files and its followers."""
    _require(call, subject)
    found = load_discussion(call.session, call.actor, subject)
    return Discussion(
        subject=found.subject,
        comments=[
            Comment(author=each.author, role=each.role, written_at=each.written_at, text=each.text)
            for each in found.comments
        ],
        attachments=list(map(Attached.of, found.attachments)),
        followers=list(found.followers),
        following=found.following,
    )


@objects.post("/<subject>/comments")
def comment(call: Call, subject: str, body: NewComment) -> Discussion:
    """Say something about an object. Its followers are told, and the token's owner follows it from now on."""
    _require(call, subject, writes=True)
    add_comment(call.session, call.actor, subject, body.text)
    return discussion(call, subject)


@objects.post("/<subject>/attachments", apart=True)
def attach(call: Call, subject: str, upload: Upload) -> Discussion:
    """Attach a file to an object."""
    _require(call, subject, writes=True)
    sent = attachments.Upload(upload.name, io.BytesIO(upload.content))
    attachments.attach(call.session, call.actor, _shelf(), subject, sent)
    return discussion(call, subject)


@objects.get("/<subject>/attachments/<token>", files=(ANY,))
def download(call: Call, subject: str, token: str) -> File:
    """A file that is attached to an object, as it is."""
    _require_attached(call, subject, token)
    found = attachments.find_download(call.session, call.actor, _shelf(), token)
    return File(found.path.read_bytes(), found.name, ANY)


@objects.delete("/<subject>/attachments/<token>")
def detach(call: Call, subject: str, token: str) -> None:
    """Remove a file for good."""
    _require_attached(call, subject, token, writes=True)
    attachments.detach(call.session, call.actor, _shelf(), token)


@objects.put("/<subject>/follow", versioned=False)
def follow(call: Call, subject: str) -> None:
    """Be told what happens to an object."""
    _require(call, subject, writes=True)
    inbox.follow(call.session, call.actor, subject)


@objects.delete("/<subject>/follow")
def unfollow(call: Call, subject: str) -> None:
    """Be told of an object no longer."""
    _require(call, subject, writes=True)
    inbox.follow(call.session, call.actor, subject, wanted=False)


def _require(call: Call, subject: str, *, writes: bool = False) -> None:
    """`OutOfScopeError` unless the token was made for the area of the object's kind; `NotFoundError` for no kind."""
    kind, _ = split(subject)
    if kind not in AREAS:
        raise NotFoundError
    scope = Scope(AREAS[kind], writes)
    if not scope.within(call.bearer.scopes):
        raise OutOfScopeError(str(scope))


def _require_attached(call: Call, subject: str, token: str, *, writes: bool = False) -> None:
    """The same, and `NotFoundError` unless the file is attached to that object."""
    _require(call, subject, writes=writes)
    found = load_discussion(call.session, call.actor, subject)
    if token not in {each.token for each in found.attachments}:
        raise NotFoundError


def _shelf() -> Shelf:
    return cast("Shelf", current_app.extensions["shelf"])


def _said(value: Value) -> Words | None:
    return None if value is None else said(value)
