"""Plan runs: one solve with its inputs, and everything that came back. Written once, never changed.

The parts of a plan speak in the codes of its own input snapshot, not in foreign keys: a run stays readable,
to the last code, whatever happens to today's rows.
"""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import CODE, Base, Code, Name, PrimaryKey, words
from models.people import User

POOL = String(200).with_variant(String(200, collation="C"), "postgresql")
"""The name of a pool, sorted like the codes it is made of."""


class RunStatus(enum.StrEnum):
    """Where a plan run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SOLVED = "solved"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SolveStatus(enum.StrEnum):
    """What a solve came to."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    INFEASIBLE = "infeasible"
    UNBOUNDED = "unbounded"
    ERROR = "error"


class PlanRun(Base):
    """One solve. `input_snapshot` is the zlib-compressed `allocation-problem/1` text, `input_sha256` its hash.

    `seconds` is the time the solve took. `synthetic` is set where any import so far was of made-up numbers.
    `scenario` and `sweep` are the codes of what it is a run of, none for a run of the base; `sweep_value` is the number
    that it was given in the sweep. The snapshot holds the rows of then as `adjustments` changed them; those stand here
    beside it, for the scenario may change afterwards.
    Once the status is solved, failed or cancelled, database triggers refuse every change, of the run and of its parts.
    """

    __tablename__ = "plan_run"
    __table_args__ = (
        CheckConstraint("length(input_sha256) = 64", name="sha256_length"),
        CheckConstraint("status <> 'solved' OR solve_status IN ('optimal', 'feasible')", name="solved_has_plan"),
        CheckConstraint("finished_at IS NULL OR finished_at >= created_at", name="times_in_order"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name: Mapped[Name]
    status: Mapped[RunStatus] = mapped_column(words(RunStatus), index=True)
    solve_status: Mapped[SolveStatus | None] = mapped_column(words(SolveStatus))
    input_snapshot: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    input_sha256: Mapped[str] = mapped_column(String(64), index=True)
    synthetic: Mapped[bool] = mapped_column(default=False)
    solver: Mapped[str] = mapped_column(String(80), default="")
    planner_version: Mapped[str] = mapped_column(String(40))
    certificate: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seconds: Mapped[float] = mapped_column(default=0.0)
    failure: Mapped[str] = mapped_column(String(2000), default="")
    created_at: Mapped[dt.datetime]
    finished_at: Mapped[dt.datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    scenario: Mapped[str | None] = mapped_column(CODE, index=True)
    sweep: Mapped[str | None] = mapped_column(CODE, index=True)
    sweep_value: Mapped[float | None]
    adjustments: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")

    created_by: Mapped[User | None] = relationship()
    levels: Mapped[list["PlanLevel"]] = relationship(order_by="PlanLevel.position")
    placements: Mapped[list["Placement"]] = relationship(order_by="Placement.position")
    purchases: Mapped[list["Purchase"]] = relationship(order_by="Purchase.expansion, Purchase.year")
    shortfalls: Mapped[list["Shortfall"]] = relationship(order_by="Shortfall.requirement")
    pools: Mapped[list["PoolUse"]] = relationship(order_by="PoolUse.pool")
    services: Mapped[list["ServiceShare"]] = relationship(order_by="ServiceShare.ministry")


class PlanLevel(Base):
    """One level of the strict order: value, proven bound and gap, solver's status, seconds.

    `kept` is the level's value in the final plan, `shares` the sorted service shares of the fairness level, `prices`
    the prices of all rows by name, those of 0 left out, `whole_loss` what it lost because what may not be divided was
    placed whole.
    """

    __tablename__ = "plan_level"
    __table_args__ = (CheckConstraint("gap >= 0", name="gap_not_negative"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[Code]
    value: Mapped[float]
    bound: Mapped[float]
    gap: Mapped[float]
    status: Mapped[SolveStatus] = mapped_column(words(SolveStatus))
    seconds: Mapped[float]
    kept: Mapped[float]
    shares: Mapped[list[float]] = mapped_column(JSON, default=list)
    prices: Mapped[dict[str, float]] = mapped_column(JSON, default=dict)
    whole_loss: Mapped[float] = mapped_column(default=0.0, server_default="0")


class Placement(Base):
    """A share of a requirement granted at a site (and a standby site) from a start year."""

    __tablename__ = "placement"
    __table_args__ = (
        CheckConstraint("share > 0 AND share <= 1.000001", name="share_in_unit"),
        CheckConstraint("standby IS NULL OR standby <> site", name="standby_elsewhere"),
        Index(None, "requirement", "run_id"),
    )

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    requirement: Mapped[Code]
    site: Mapped[Code]
    standby: Mapped[str | None] = mapped_column(CODE)
    start_year: Mapped[int]
    share: Mapped[float]


class Purchase(Base):
    """Modules of an expansion bought in a fiscal year."""

    __tablename__ = "purchase"
    __table_args__ = (CheckConstraint("modules > 0", name="modules_positive"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    expansion: Mapped[Code] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    modules: Mapped[float]


class Shortfall(Base):
    """The share of a requirement that was not granted, weighed over its years."""

    __tablename__ = "shortfall"
    __table_args__ = (CheckConstraint("share > 0 AND share <= 1.000001", name="share_in_unit"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    requirement: Mapped[Code] = mapped_column(primary_key=True)
    share: Mapped[float]

    reasons: Mapped[list["ShortfallReason"]] = relationship(order_by="ShortfallReason.position")


class ShortfallReason(Base):
    """Why, as data: a code, the pool it names (if any) and the amounts behind it."""

    __tablename__ = "shortfall_reason"
    __table_args__ = (
        ForeignKeyConstraint(
            ["run_id", "requirement"], ["shortfall.run_id", "shortfall.requirement"], ondelete="CASCADE"
        ),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True)
    requirement: Mapped[Code] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[Code]
    pool: Mapped[str | None] = mapped_column(POOL)
    amounts: Mapped[dict[str, float]] = mapped_column(JSON)


class PoolUse(Base):
    """Limit, use and price of one pool; `level` is the level that the price belongs to."""

    __tablename__ = "pool_use"
    __table_args__ = (CheckConstraint("price >= 0", name="price_not_negative"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    pool: Mapped[str] = mapped_column(POOL, primary_key=True)
    limit: Mapped[float] = mapped_column("limit_amount")
    use: Mapped[float] = mapped_column("use_amount")
    price: Mapped[float]
    level: Mapped[str | None] = mapped_column(CODE)


class ServiceShare(Base):
    """The share of its requirements' size that a ministry is granted."""

    __tablename__ = "service_share"
    __table_args__ = (CheckConstraint("share >= 0 AND share <= 1.000001", name="share_in_unit"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id", ondelete="CASCADE"), primary_key=True)
    ministry: Mapped[Code] = mapped_column(primary_key=True)
    share: Mapped[float]
