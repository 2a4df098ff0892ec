"""Who may sign in."""

import datetime as dt
import enum

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Name, PrimaryKey, words
from models.reference import Ministry


class Role(enum.StrEnum):
    """What a person may do; `planner.services.permissions` says what each means."""

    MINISTRY_PLANNER = "ministry_planner"
    DE_PLANNER = "de_planner"
    MANAGER = "manager"
    HR = "hr"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class User(Base):
    """An account. A ministry planner belongs to a ministry and sees only its rows; HR may."""

    __tablename__ = "user_account"
    __table_args__ = (
        CheckConstraint("role <> 'ministry_planner' OR ministry_id IS NOT NULL", name="planner_has_ministry"),
        CheckConstraint("role IN ('ministry_planner', 'hr') OR ministry_id IS NULL", name="others_have_none"),
        CheckConstraint("language IN ('th', 'en')", name="language_known"),
        CheckConstraint("username = lower(username)", name="username_lower"),
    )

    id: Mapped[PrimaryKey]
    username: Mapped[str] = mapped_column(String(254), unique=True)
    full_name: Mapped[Name]
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(words(Role))
    ministry_id: Mapped[int | None] = mapped_column(ForeignKey("ministry.id"))
    language: Mapped[str] = mapped_column(String(2), default="th")
    active: Mapped[bool] = mapped_column(default=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]

    ministry: Mapped[Ministry | None] = relationship()
