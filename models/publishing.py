"""Publications: which plan is in force since when, and what was said with it."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, PrimaryKey
from models.people import User
from models.plans import PlanRun


class Publication(Base):
    """A plan put in force, with a note. The newest is in force and all before it are superseded.

    A plan that was superseded may be published once more, so a run may have several.
    """

    __tablename__ = "publication"
    __table_args__ = (CheckConstraint("length(note) > 0", name="note_given"),)

    id: Mapped[PrimaryKey]
    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id"), index=True)
    note: Mapped[str] = mapped_column(String(2000))
    published_at: Mapped[dt.datetime]
    published_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    run: Mapped[PlanRun] = relationship()
    published_by: Mapped[User | None] = relationship()
