"""Scenarios: what differs from the rows of today, under a name; and sweeps, which try many of them at once."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Name, PrimaryKey, Versioned
from models.people import User


class Scenario(Versioned, Base):
    """A what-if. `adjustments` are its differences in order, each `{"kind": …, "terms": {…}}`; no number of the base.

    One that is archived is kept for the plans that were made of it, and can no longer be changed or run.
    """

    __tablename__ = "scenario"

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    note: Mapped[str] = mapped_column(String(2000), default="")
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    archived_at: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    created_by: Mapped[User | None] = relationship()


class Sweep(Base):
    """Plan runs that were asked for together, to be read side by side.

    The runs say of what: either all end with the same adjustment, each with a number of its own
    (`PlanRun.sweep_value`), or each is of another scenario.
    """

    __tablename__ = "sweep"

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))

    created_by: Mapped[User | None] = relationship()
