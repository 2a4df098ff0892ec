"""What the data centres have and what may be added."""

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Named, PrimaryKey, Versioned, code_is_plain
from models.reference import Clearance, Region, ResourceType


class Site(Named, Versioned, Base):
    """A data centre, from the fiscal year it opens to the last one it operates (none: no end known)."""

    __tablename__ = "site"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("to_year IS NULL OR to_year >= from_year", name="years_in_order"),
    )

    region_id: Mapped[int] = mapped_column(ForeignKey("region.id"), index=True)
    clearance_id: Mapped[int] = mapped_column(ForeignKey("clearance.id"))
    from_year: Mapped[int]
    to_year: Mapped[int | None]

    region: Mapped[Region] = relationship()
    clearance: Mapped[Clearance] = relationship()
    resources: Mapped[list["SiteResource"]] = relationship(back_populates="site", cascade="all, delete-orphan")


class SiteResource(Versioned, Base):
    """How a site offers a resource type: overcommit (usable per nameplate unit) and reserve margin (share held)."""

    __tablename__ = "site_resource"
    __table_args__ = (
        UniqueConstraint("site_id", "resource_type_id"),
        CheckConstraint("overcommit > 0", name="overcommit_positive"),
        CheckConstraint("reserve_margin >= 0 AND reserve_margin < 1", name="reserve_margin_share"),
    )

    id: Mapped[PrimaryKey]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    resource_type_id: Mapped[int] = mapped_column(ForeignKey("resource_type.id"), index=True)
    overcommit: Mapped[float] = mapped_column(default=1.0)
    reserve_margin: Mapped[float] = mapped_column(default=0.0)

    site: Mapped[Site] = relationship(back_populates="resources")
    resource_type: Mapped[ResourceType] = relationship()
    years: Mapped[list["Capacity"]] = relationship(
        back_populates="site_resource", cascade="all, delete-orphan", order_by="Capacity.year"
    )


class Capacity(Base):
    """Nameplate capacity (units of the resource type) and running cost (THB per unit and year) of one fiscal year."""

    __tablename__ = "capacity"
    __table_args__ = (
        CheckConstraint("nameplate >= 0", name="nameplate_not_negative"),
        CheckConstraint("running_cost >= 0", name="running_cost_not_negative"),
    )

    site_resource_id: Mapped[int] = mapped_column(ForeignKey("site_resource.id", ondelete="CASCADE"), primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("fiscal_year.year"), primary_key=True)
    nameplate: Mapped[float]
    running_cost: Mapped[float] = mapped_column(default=0.0)

    site_resource: Mapped[SiteResource] = relationship(back_populates="years")


class Expansion(Named, Versioned, Base):
    """Modules of a resource type that may be bought for a site: size (unit), price (THB), lead time (years)."""

    __tablename__ = "expansion"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("module_size > 0", name="module_size_positive"),
        CheckConstraint("module_price >= 0", name="module_price_not_negative"),
        CheckConstraint("lead_years >= 0", name="lead_years_not_negative"),
        CheckConstraint("max_modules >= 0", name="max_modules_not_negative"),
    )

    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"), index=True)
    resource_type_id: Mapped[int] = mapped_column(ForeignKey("resource_type.id"))
    module_size: Mapped[float]
    module_price: Mapped[float]
    lead_years: Mapped[int]
    max_modules: Mapped[float]

    site: Mapped[Site] = relationship()
    resource_type: Mapped[ResourceType] = relationship()
