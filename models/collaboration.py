"""What people say to each other about an object, the files they attach to it, who follows it, and who is told.

An object is named as in the audit log: `kind:code`.
"""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.audit import HASH, SUBJECT
from models.base import Base, Code, Name, PrimaryKey
from models.people import User


class Comment(Base):
    """What a person wrote about an object. It is never rewritten."""

    __tablename__ = "comment"
    __table_args__ = (Index(None, "subject", "id"),)

    id: Mapped[PrimaryKey]
    subject: Mapped[str] = mapped_column(SUBJECT)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    written_at: Mapped[dt.datetime]
    text: Mapped[str] = mapped_column(Text)

    author: Mapped[User] = relationship()


class Attachment(Base):
    """A file attached to an object. `token`, random, is its address and the name it is stored under.

    `name` is what it is called when downloaded and `media_type` what its content is; neither is believed of the
    browser that sent it. `size` is in bytes.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        Index(None, "subject", "id"),
        CheckConstraint("length(token) = 32", name="token_length"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        CheckConstraint("size > 0", name="size_positive"),
    )

    id: Mapped[PrimaryKey]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    subject: Mapped[str] = mapped_column(SUBJECT)
    name: Mapped[Name]
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(HASH)
    attached_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    attached_at: Mapped[dt.datetime]

    attached_by: Mapped[User] = relationship()


class Follower(Base):
    """A person who wants to be told of what happens to an object."""

    __tablename__ = "follower"

    subject: Mapped[str] = mapped_column(SUBJECT, primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class InboxItem(Base):
    """One thing that a person is told: what `actor` did to an object (`event`), and when it was read."""

    __tablename__ = "inbox_item"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "user_id", "read_at"))

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(SUBJECT)
    event: Mapped[Code]
    actor: Mapped[Name]
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]
    read_at: Mapped[dt.datetime | None]


class MailSubscription(Base):
    """A person who wants what comes into the inbox by e-mail too."""

    __tablename__ = "mail_subscription"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
