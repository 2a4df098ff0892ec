"""Coverage as it stood on days past."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, PrimaryKey
from models.people import User


class CoverageSnapshot(Base):
    """What was required and available on a day, so that later days can be compared with it.

    `cells` holds `agencies`, `roles` and `years`, and `required`, `authorised`, `available` and `vacant` FTE by these
    three: of nobody in particular, so it may outlast the people of that day.
    """

    __tablename__ = "coverage_snapshot"

    id: Mapped[PrimaryKey]
    taken_on: Mapped[dt.date] = mapped_column(unique=True)
    taken_at: Mapped[dt.datetime]
    taken_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)

    taken_by: Mapped[User | None] = relationship()
