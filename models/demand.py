"""What agencies ask to have hosted."""

import enum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from models.base import Base, Code, Name, PrimaryKey, code_is_plain, words
from models.reference import Agency, Clearance, Priority, Region, ResourceType
from models.sorting import SEARCH_KEY, SORT_KEY, code_and_title_key, search_key, thai_sort_key, title_key
from models.supply import Site

if TYPE_CHECKING:
    from models.review import RequirementRevision


class RequirementStatus(enum.StrEnum):
    """Where a requirement stands in its life."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"


def _allowed(what: str) -> Table:
    return Table(
        f"requirement_{what}",
        Base.metadata,
        Column("requirement_id", ForeignKey("requirement.id", ondelete="CASCADE"), primary_key=True),
        Column(f"{what}_id", ForeignKey(f"{what}.id"), primary_key=True),
    )


requirement_region = _allowed("region")
requirement_site = _allowed("site")


class Requirement(Base):
    """A system or dataset that an agency asks to have hosted, with its demand lines.

    `regions` and `sites` name where it may live; empty means anywhere. `copies` is 2 where a standby copy in
    another region is asked for. `end_year` absent means to the end of the horizon. `title_key` follows `title` and
    sorts it as a Thai dictionary would; `search_key` follows code and title, for searching. `entry_key` is what a
    browser called the row before it had a code: sent twice over a bad line, it is still one row.
    """

    __tablename__ = "requirement"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("weight > 0", name="weight_positive"),
        CheckConstraint("copies IN (1, 2)", name="copies_one_or_two"),
        CheckConstraint("end_year IS NULL OR end_year >= start_year", name="years_in_order"),
        CheckConstraint("version > 0", name="version_positive"),
        Index(None, "title_key", "code"),
        Index(None, "status", "code"),
        Index(None, "agency_id", "status", "code"),
        Index(None, "search_key", "agency_id", "code"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    title: Mapped[Name]
    title_key: Mapped[str] = mapped_column(SORT_KEY, default=title_key)
    search_key: Mapped[str] = mapped_column(SEARCH_KEY, default=code_and_title_key, server_default="")
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    priority_id: Mapped[int] = mapped_column(ForeignKey("priority.id"))
    clearance_id: Mapped[int] = mapped_column(ForeignKey("clearance.id"))
    weight: Mapped[float] = mapped_column(default=1.0)
    copies: Mapped[int] = mapped_column(default=1)
    divisible: Mapped[bool] = mapped_column(default=True)
    start_year: Mapped[int]
    end_year: Mapped[int | None]
    incumbent_site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id"))
    status: Mapped[RequirementStatus] = mapped_column(words(RequirementStatus), default=RequirementStatus.DRAFT)
    note: Mapped[str] = mapped_column(String(2000), default="")
    version: Mapped[int] = mapped_column(default=1)
    entry_key: Mapped[str | None] = mapped_column(String(60), index=True, unique=True)

    agency: Mapped[Agency] = relationship()
    priority: Mapped[Priority] = relationship()
    clearance: Mapped[Clearance] = relationship()
    incumbent: Mapped[Site | None] = relationship()
    regions: Mapped[list[Region]] = relationship(secondary=requirement_region, order_by=Region.code)
    sites: Mapped[list[Site]] = relationship(secondary=requirement_site, order_by=Site.code)
    demand: Mapped[list["DemandLine"]] = relationship(
        back_populates="requirement", cascade="all, delete-orphan", passive_deletes=True
    )
    revisions: Mapped[list["RequirementRevision"]] = relationship(
        back_populates="requirement",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="RequirementRevision.number",
    )
    open_revision: Mapped["RequirementRevision | None"] = relationship(
        primaryjoin="and_(Requirement.id == RequirementRevision.requirement_id,"
        " RequirementRevision.status.in_(('draft', 'submitted', 'returned')))",
        viewonly=True,
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own form

    @validates("code", "title")
    def _keep_keys(self, name: str, text: str) -> str:
        known = {"code": self.code, "title": self.title} | {name: text}
        if name == "title":
            self.title_key = thai_sort_key(text)
        self.search_key = search_key(f"{known['code']} {known['title']}")
        return text


class DemandLine(Base):
    """Demand of a requirement for one resource type (in its unit) in one fiscal year; no line means none."""

    __tablename__ = "demand_line"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id", ondelete="CASCADE"), primary_key=True)
    resource_type_id: Mapped[int] = mapped_column(ForeignKey("resource_type.id"), primary_key=True)
    year: Mapped[int] = mapped_column(ForeignKey("fiscal_year.year"), primary_key=True)
    amount: Mapped[float]

    requirement: Mapped[Requirement] = relationship(back_populates="demand")
    resource_type: Mapped[ResourceType] = relationship()
