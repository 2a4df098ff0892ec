"""How the gaps of the data workforce are to be closed: the terms, and plans that were made under them."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Code, Name, PrimaryKey, Versioned
from models.people import User


class ClosingTerms(Versioned, Base):
    """The terms in force, one row or none; those of courses and of hiring stand with courses and roles.

    `lend_cost` is THB per FTE and year of a secondment, none where nobody is lent; `lend_efficiency` what arrives of
    the time lent. `backup` is the share of what a role needs that should be there without its most important person.
    `budget` is THB by fiscal year, a JSON object of CE years; a year that is not in it has no limit.
    """

    __tablename__ = "closing_terms"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("lend_cost >= 0", name="lend_cost_not_negative"),
        CheckConstraint("lend_efficiency > 0 AND lend_efficiency <= 1", name="lend_efficiency_share"),
        CheckConstraint("backup >= 0 AND backup <= 1", name="backup_share"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    lend_cost: Mapped[float | None]
    lend_efficiency: Mapped[float]
    backup: Mapped[float]
    budget: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)


class ClosingRun(Base):
    """One plan that closes gaps, or the wish for one.

    `input_snapshot` is the zlib-compressed `workforce-problem/1` text, which names nobody, and `input_sha256` its hash;
    `on` is the day of the register that it holds, as `what_if` changed it. `answer` is the compressed
    `workforce-plan/1` text. Once it is there, database triggers refuse every change. How far a run without one is, and
    why it failed, its job says.
    """

    __tablename__ = "closing_run"
    __table_args__ = (
        CheckConstraint("length(input_sha256) = 64", name="sha256_length"),
        CheckConstraint("(answer IS NULL) = (finished_at IS NULL)", name="answered_when_finished"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    on: Mapped[dt.date] = mapped_column("register_day")
    what_if: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    input_snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    input_sha256: Mapped[str] = mapped_column(String(64))
    synthetic: Mapped[bool] = mapped_column(default=False)
    planner_version: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[dt.datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    answer: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    finished_at: Mapped[dt.datetime | None]

    created_by: Mapped[User | None] = relationship()
