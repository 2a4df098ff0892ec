"""Planning rounds with their deadlines, and revisions of approved requirements that wait beside them."""

import datetime as dt
from typing import Any, Final

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Named, PrimaryKey, code_is_plain, words
from models.demand import Requirement, RequirementStatus
from models.reference import Ministry

OPEN_REVISION: Final = text("status IN ('draft', 'submitted', 'returned')")
"""A revision that is still to be decided; a requirement has at most one."""


class PlanningRound(Named, Base):
    """A time in which ministries enter and submit: from `opens_at` until just before `closes_at`."""

    __tablename__ = "planning_round"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("closes_at > opens_at", name="moments_in_order"),
        CheckConstraint("version > 0", name="version_positive"),
    )

    opens_at: Mapped[dt.datetime] = mapped_column(index=True)
    closes_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)

    extensions: Mapped[list["RoundExtension"]] = relationship(
        back_populates="round", cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form


class RoundExtension(Base):
    """A later close of a round for one ministry, and why it was granted."""

    __tablename__ = "round_extension"

    round_id: Mapped[int] = mapped_column(ForeignKey("planning_round.id", ondelete="CASCADE"), primary_key=True)
    ministry_id: Mapped[int] = mapped_column(ForeignKey("ministry.id"), primary_key=True)
    closes_at: Mapped[dt.datetime]
    reason: Mapped[str] = mapped_column(String(500))

    round: Mapped[PlanningRound] = relationship(back_populates="extensions")
    ministry: Mapped[Ministry] = relationship()


class RequirementRevision(Base):
    """A change to an approved requirement that waits for approval while the old one stays in force.

    `row` is the whole requirement as it is to become, in the cells of the exchange workbook. `base_version` is the
    version of the requirement that it was made from. Once approved or withdrawn it is kept for the record.
    """

    __tablename__ = "requirement_revision"
    __table_args__ = (
        UniqueConstraint("requirement_id", "number"),
        Index(
            "uq_requirement_revision_open",
            "requirement_id",
            unique=True,
            sqlite_where=OPEN_REVISION,
            postgresql_where=OPEN_REVISION,
        ),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("base_version > 0", name="base_version_positive"),
        CheckConstraint("version > 0", name="version_positive"),
    )

    id: Mapped[PrimaryKey]
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"))
    number: Mapped[int]
    status: Mapped[RequirementStatus] = mapped_column(words(RequirementStatus), index=True)
    row: Mapped[dict[str, Any]] = mapped_column(JSON)
    base_version: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    requirement: Mapped[Requirement] = relationship(back_populates="revisions")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form
