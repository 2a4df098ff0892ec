"""How programs get in: a person's tokens, and the answers kept for requests that may be sent twice."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, PrimaryKey
from models.people import TOKEN_HASH, User
from models.wordlists import WordList


class ApiToken(Base):
    """With such a token a program acts for a person, within `scopes`; deleting the row revokes it.

    `spent_until` is all that limits how often it is used: each request moves it on by its share of a minute (seconds
    since 1970), and none is answered while it lies further ahead than that minute.
    """

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint("length(token_hash) = 64", name="token_hash_length"),
        CheckConstraint("expires_at > created_at", name="moments_in_order"),
    )

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    token_hash: Mapped[str] = mapped_column(TOKEN_HASH, unique=True)
    scopes: Mapped[tuple[str, ...]] = mapped_column(WordList(1000))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
    last_used_at: Mapped[dt.datetime | None]
    last_address: Mapped[str] = mapped_column(String(45), default="")
    spent_until: Mapped[float] = mapped_column(default=0.0)

    user: Mapped[User] = relationship()


class ApiAnswer(Base):
    """What was answered to a request with an idempotency key: sent again, it is answered the same and done once.

    `request_sha256` tells the same request from another one under its key. `status` is absent while it is being done.
    """

    __tablename__ = "api_answer"
    __table_args__ = (CheckConstraint("length(request_sha256) = 64", name="request_sha256_length"),)

    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(255), primary_key=True)
    request_sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    expires_at: Mapped[dt.datetime] = mapped_column(index=True)
