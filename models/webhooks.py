"""Addresses of other systems that are told of events, what they were told, and every try to tell them."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Name, PrimaryKey, Versioned, words
from models.people import User
from models.reference import Ministry

SALT = String(64)


class Webhook(Versioned, Base):
    """An address and the events of which it is told while it is `active`: of a ministry's requirements alone, if any.

    Its secret is not stored: it follows from `salt` and the installation's key. For a day after `rotated_at` what is
    sent is signed with the secret of `previous_salt` too.
    """

    __tablename__ = "webhook"
    __table_args__ = (CheckConstraint("(previous_salt IS NULL) = (rotated_at IS NULL)", name="rotated_whole"),)

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    url: Mapped[str] = mapped_column(String(500))
    events: Mapped[list[str]] = mapped_column(JSON)
    ministry_id: Mapped[int | None] = mapped_column(ForeignKey("ministry.id"))
    active: Mapped[bool] = mapped_column(default=True)
    salt: Mapped[str] = mapped_column(SALT)
    previous_salt: Mapped[str | None] = mapped_column(SALT)
    rotated_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    created_by: Mapped[User | None] = relationship()
    ministry: Mapped[Ministry | None] = relationship()


class DeliveryStatus(enum.StrEnum):
    """How the delivery of a message stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class WebhookDelivery(Base):
    """One message to one webhook, written in the transaction of what it tells of.

    `message` is the same for every webhook that is told of the event. A delivery that waits is tried from `due_at` on.
    `attempts` counts every try and is the fence of the one under way; `failures` those in vain since somebody last
    asked for the delivery.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        Index(None, "status", "due_at"),
        Index(None, "webhook_id", "id"),
        CheckConstraint("failures >= 0 AND attempts >= failures", name="attempts_counted"),
    )

    id: Mapped[PrimaryKey]
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhook.id", ondelete="CASCADE"))
    message: Mapped[Code]
    event: Mapped[Code]
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[dt.datetime]
    status: Mapped[DeliveryStatus] = mapped_column(words(DeliveryStatus), default=DeliveryStatus.WAITING)
    due_at: Mapped[dt.datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)

    webhook: Mapped[Webhook] = relationship()
    tries: Mapped[list["WebhookAttempt"]] = relationship(order_by="WebhookAttempt.id", passive_deletes=True)


class WebhookAttempt(Base):
    """One try to deliver: the HTTP status that came back, if any, and `failure`, a phrase, unless it succeeded."""

    __tablename__ = "webhook_attempt"

    id: Mapped[PrimaryKey]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("webhook_delivery.id", ondelete="CASCADE"), index=True)
    at: Mapped[dt.datetime]
    milliseconds: Mapped[int]
    answer: Mapped[int | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
