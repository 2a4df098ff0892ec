"""What a plan aims for and the bounds it keeps; the limits of single fiscal years stand with the fiscal years."""

import enum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Versioned, words
from models.demand import Requirement
from models.reference import Ministry
from models.supply import Site


class Fairness(enum.StrEnum):
    """How ministries are compared: all of them from the least served up, or the least served alone."""

    LEXIMIN = "leximin"
    MAXMIN = "maxmin"


class Policy(Versioned, Base):
    """The policy in force, one row or none. Its version counts for the bounds and the pins too.

    `levels` are the goals in their order; `tolerance` is the share of its value that a goal may give up to those below.
    With `staff_gate` hosting is limited by the data staff that agencies have.
    """

    __tablename__ = "policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("tolerance >= 0 AND tolerance <= 1", name="tolerance_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    levels: Mapped[list[str]] = mapped_column(JSON)
    fairness: Mapped[Fairness] = mapped_column(words(Fairness))
    tolerance: Mapped[float]
    protect_incumbents: Mapped[bool]
    staff_gate: Mapped[bool] = mapped_column(default=False, server_default=false())


class MinistryBounds(Base):
    """The least and the most service share that policy asks for a ministry; none where it does not say."""

    __tablename__ = "ministry_bounds"
    __table_args__ = (
        CheckConstraint("floor >= 0 AND floor <= 1", name="floor_share"),
        CheckConstraint("cap >= 0 AND cap <= 1", name="cap_share"),
        CheckConstraint("floor <= cap", name="floor_below_cap"),
        CheckConstraint("floor IS NOT NULL OR cap IS NOT NULL", name="not_empty"),
    )

    ministry_id: Mapped[int] = mapped_column(ForeignKey("ministry.id"), primary_key=True)
    floor: Mapped[float | None]
    cap: Mapped[float | None]

    ministry: Mapped[Ministry] = relationship()


class Pin(Base):
    """A requirement that policy asks to have placed at a site."""

    __tablename__ = "pin"

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)

    requirement: Mapped[Requirement] = relationship()
    site: Mapped[Site] = relationship()
