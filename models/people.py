"""Who may sign in and by which ways, the links with which passwords are set, and who is signed in where."""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, Name, PrimaryKey, words
from models.reference import Ministry
from models.sorting import SORT_KEY, thai_sort_key

TOKEN_HASH = String(64)
"""The SHA-256 of a random token, in hexadecimal: who reads the table cannot use what it stands for."""


def _full_name_key(context: Any) -> str:
    return thai_sort_key(context.get_current_parameters()["full_name"])


class Role(enum.StrEnum):
    """What a person may do; `planner.services.permissions` says what each means."""

    MINISTRY_PLANNER = "ministry_planner"
    DE_PLANNER = "de_planner"
    MANAGER = "manager"
    HR = "hr"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class User(Base):
    """An account. A ministry planner belongs to a ministry and sees only its rows; HR may.

    `password_hash` is absent until the invited person has set a password, and of who comes by way of the organisation's
    provider (`Identity`). `failed_sign_ins` counts the failures since the last success. `version` counts the changes
    that administrators made.
    """

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("role <> 'ministry_planner' OR ministry_id IS NOT NULL", name="planner_has_ministry"),
        CheckConstraint("role IN ('ministry_planner', 'hr') OR ministry_id IS NULL", name="others_have_none"),
        CheckConstraint("language IN ('th', 'en')", name="language_known"),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme_known"),
        CheckConstraint("username = lower(username)", name="username_lower"),
        CheckConstraint("failed_sign_ins >= 0", name="failed_sign_ins_not_negative"),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(254), unique=True)
    full_name: Mapped[Name]
    full_name_key: Mapped[str] = mapped_column(SORT_KEY, default=_full_name_key)
    email: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(words(Role))
    ministry_id: Mapped[int | None] = mapped_column(ForeignKey("ministry.id"), index=True)
    language: Mapped[str] = mapped_column(String(2), default="th")
    theme: Mapped[str] = mapped_column(String(10), default="auto")
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    ministry: Mapped[Ministry | None] = relationship()

    @validates("full_name")
    def _keep_full_name_key(self, _name: str, full_name: str) -> str:
        self.full_name_key = thai_sort_key(full_name)
        return full_name


class PasswordLink(Base):
    """The one open link with which the holder may set an account's password: an invitation, or a reset.

    It works once: setting the password deletes the row. A new link replaces it. With `emergency` its holder sets no
    password but is signed in, for when every other way in is closed.
    """

    __tablename__ = "password_link"
    __table_args__ = (CheckConstraint("length(token_hash) = 64", name="token_hash_length"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    token_hash: Mapped[str] = mapped_column(TOKEN_HASH, unique=True)
    expires_at: Mapped[dt.datetime]
    emergency: Mapped[bool] = mapped_column(default=False, server_default=false())

    user: Mapped[User] = relationship()


class SignIn(Base):
    """Somebody signed in in one browser; deleting the row signs that browser out.

    `address` and `device` are what the browser's last request said: its network address and what it calls itself.
    `pending`: the password was right, and the second factor is still to be given; until then it opens nothing.
    """

    __tablename__ = "sign_in"
    __table_args__ = (CheckConstraint("length(token_hash) = 64", name="token_hash_length"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(TOKEN_HASH, unique=True)
    signed_in_at: Mapped[dt.datetime]
    last_seen_at: Mapped[dt.datetime]
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(300))
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())

    user: Mapped[User] = relationship()


class AddressFailures(Base):
    """How many sign-ins failed from one network address since `since`, whatever the names that were tried."""

    __tablename__ = "address_failures"
    __table_args__ = (CheckConstraint("failures >= 0", name="failures_not_negative"),)

    address: Mapped[str] = mapped_column(String(45), primary_key=True)
    failures: Mapped[int]
    since: Mapped[dt.datetime] = mapped_column(index=True)


class SecondFactor(Base):
    """What an account gives besides its password: the codes of an app (TOTP, RFC 6238), each of them once.

    `secret` is sealed (`planner.sealing`). `last_step` is the number of the latest 30 seconds whose code was taken: no
    code of these or of earlier ones is taken again.
    """

    __tablename__ = "second_factor"
    __table_args__ = (CheckConstraint("last_step >= 0", name="last_step_not_negative"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(255))
    last_step: Mapped[int]
    enrolled_at: Mapped[dt.datetime]


class RecoveryCode(Base):
    """A code that stands in for the app of a lost phone, once: using it deletes the row."""

    __tablename__ = "recovery_code"
    __table_args__ = (CheckConstraint("length(code_hash) = 64", name="code_hash_length"),)

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("second_factor.user_id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(TOKEN_HASH, unique=True)


class Identity(Base):
    """Whom the organisation's provider (OpenID Connect) knows an account's person as: by its own `subject`."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[PrimaryKey]
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    linked_at: Mapped[dt.datetime]

    user: Mapped[User] = relationship()
