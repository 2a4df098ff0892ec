"""Who asks, and the rows that everything else refers to."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Named, Versioned, code_is_plain


class Ministry(Named, Versioned, Base):
    """A ministry, known by its budget code; ministries come and go, so each has the days it is valid."""

    __tablename__ = "ministry"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_days"),
    )

    letter_th: Mapped[str] = mapped_column(String(10))
    abbreviation_en: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[dt.date]
    valid_to: Mapped[dt.date | None]

    agencies: Mapped[list["Agency"]] = relationship(back_populates="ministry", order_by="Agency.code")


class Agency(Named, Versioned, Base):
    """An agency of a ministry (a budget unit)."""

    __tablename__ = "agency"
    __table_args__ = (code_is_plain(),)

    ministry_id: Mapped[int] = mapped_column(ForeignKey("ministry.id"), index=True)

    ministry: Mapped[Ministry] = relationship(back_populates="agencies")


class Region(Named, Versioned, Base):
    """A failure domain: one disaster may take all sites of a region."""

    __tablename__ = "region"
    __table_args__ = (code_is_plain(),)


class Clearance(Named, Versioned, Base):
    """A class of data; a site of one level may host every requirement of that level or lower."""

    __tablename__ = "clearance"
    __table_args__ = (code_is_plain(), CheckConstraint("level >= 0", name="level_not_negative"))

    level: Mapped[int] = mapped_column(unique=True)


class Priority(Named, Versioned, Base):
    """How urgent a requirement is. `weight` is absent for the statutory one, which is a level of its own."""

    __tablename__ = "priority"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("weight IS NULL OR weight > 0", name="weight_positive"),
        CheckConstraint("(code = 'statutory') = (weight IS NULL)", name="weight_unless_statutory"),
    )

    rank: Mapped[int] = mapped_column(unique=True)
    weight: Mapped[float | None]


class ResourceType(Named, Versioned, Base):
    """What a site offers and a requirement asks for: vCPU, memory, a storage tier, GPU, a seat."""

    __tablename__ = "resource_type"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("standby_ratio >= 0 AND standby_ratio <= 1", name="standby_ratio_share"),
    )

    unit: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(unique=True)
    movable: Mapped[bool] = mapped_column(default=False)
    standby_ratio: Mapped[float] = mapped_column(default=1.0)


class FiscalYear(Versioned, Base):
    """A fiscal year of the planning horizon, by the CE year it ends in, with its limits: THB, and TB moved."""

    __tablename__ = "fiscal_year"
    __table_args__ = (
        CheckConstraint("year BETWEEN 1900 AND 2250", name="year_is_ce"),
        CheckConstraint("capex_limit IS NULL OR capex_limit >= 0", name="capex_not_negative"),
        CheckConstraint("opex_limit IS NULL OR opex_limit >= 0", name="opex_not_negative"),
        CheckConstraint("move_limit_tb IS NULL OR move_limit_tb >= 0", name="move_limit_not_negative"),
    )

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    capex_limit: Mapped[float | None]
    opex_limit: Mapped[float | None]
    move_limit_tb: Mapped[float | None]
