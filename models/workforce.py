"""The data workforce: roles, posts, people and what they do, who answers for what, norms, courses.

Of a person the register keeps what planning needs: a code, a name to tell who it is, when they come and go. Whatever
belongs to a person goes with their row. Amounts of staff are full-time equivalents (FTE), money is THB, years are CE
fiscal years.
"""

import datetime as dt
import enum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship, validates

from models.base import Base, Code, Name, Named, PrimaryKey, Versioned, code_is_plain, words
from models.datasets import Dataset
from models.reference import Agency
from models.sorting import SORT_KEY, thai_sort_key


def _full_name_key(context: Any) -> str:
    return thai_sort_key(context.get_current_parameters()["full_name"])


def _is_ce(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} BETWEEN 1900 AND 2250", name=f"{column}_is_ce")


def _not_negative(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")


def _share(column: str) -> CheckConstraint:
    return CheckConstraint(f"{column} >= 0 AND {column} <= 1", name=f"{column}_share")


class SkillLevel(Named, Versioned, Base):
    """A level of skill, from low (rank 1) to high. `factor`: what an hour counts for beside a practitioner's."""

    __tablename__ = "skill_level"
    __table_args__ = (code_is_plain(), _not_negative("factor"))

    rank: Mapped[int] = mapped_column(unique=True)
    factor: Mapped[float]


class WorkRole(Named, Versioned, Base):
    """A kind of data work. `attrition`: the share of its people that leaves in a year without anybody's planning it.

    `hire_cost` is THB per FTE and year of somebody hired at `hire_level` so many years after the decision; without a
    cost the role is not hired.
    """

    __tablename__ = "work_role"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("attrition >= 0 AND attrition <= 0.99", name="attrition_share"),
        CheckConstraint("(hire_cost IS NULL) = (hire_level_id IS NULL)", name="hire_terms_whole"),
        _not_negative("hire_cost"),
        _not_negative("hire_lead_years"),
    )

    position: Mapped[int] = mapped_column(unique=True)
    attrition: Mapped[float] = mapped_column(default=0.0)
    hire_cost: Mapped[float | None]
    hire_level_id: Mapped[int | None] = mapped_column(ForeignKey("skill_level.id"))
    hire_lead_years: Mapped[int] = mapped_column(default=1)

    hire_level: Mapped[SkillLevel | None] = relationship()


class Norm(Versioned, Base):
    """What an agency needs of a role, FTE, from fiscal year `from_year` until a later norm of the role begins."""

    __tablename__ = "norm"
    __table_args__ = (
        UniqueConstraint("role_id", "from_year"),
        _is_ce("from_year"),
        *map(_not_negative, ("floor", "per_dataset", "per_personal_dataset", "per_tb", "per_vcpu")),
    )

    id: Mapped[PrimaryKey]
    role_id: Mapped[int] = mapped_column(ForeignKey("work_role.id"))
    from_year: Mapped[int]
    floor: Mapped[float] = mapped_column(default=0.0)
    per_dataset: Mapped[float] = mapped_column(default=0.0)
    per_personal_dataset: Mapped[float] = mapped_column(default=0.0)
    per_tb: Mapped[float] = mapped_column(default=0.0)
    per_vcpu: Mapped[float] = mapped_column(default=0.0)

    role: Mapped[WorkRole] = relationship()


class Position(Versioned, Base):
    """Posts of a role at an agency, FTE, from fiscal year `from_year` until a later row of the same begins.

    Of those authorised some are funded, and of the funded some may be frozen: they are not to be filled. Who fills them
    is what the people's shares say.
    """

    __tablename__ = "staff_position"
    __table_args__ = (
        UniqueConstraint("agency_id", "role_id", "from_year"),
        _is_ce("from_year"),
        CheckConstraint("frozen >= 0 AND frozen <= funded AND funded <= authorised", name="posts_in_order"),
    )

    id: Mapped[PrimaryKey]
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("work_role.id"), index=True)
    from_year: Mapped[int]
    authorised: Mapped[float]
    funded: Mapped[float]
    frozen: Mapped[float] = mapped_column(default=0.0)

    agency: Mapped[Agency] = relationship()
    role: Mapped[WorkRole] = relationship()


class Person(Versioned, Base):
    """Somebody who does data work for an agency.

    `starts_on` is absent for whoever has been there since before the register; the last day is the earlier one of the
    contract's end and retirement, where either is known. `full_name_key` sorts names as a Thai dictionary would.
    """

    __tablename__ = "person"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("contract_ends_on >= starts_on", name="contract_in_order"),
        CheckConstraint("retires_on >= starts_on", name="retirement_in_order"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    full_name: Mapped[Name]
    full_name_key: Mapped[str] = mapped_column(SORT_KEY, default=_full_name_key, index=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    starts_on: Mapped[dt.date | None]
    contract_ends_on: Mapped[dt.date | None]
    retires_on: Mapped[dt.date | None]

    agency: Mapped[Agency] = relationship()
    roles: Mapped[list["PersonRole"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    leaves: Mapped[list["PlannedLeave"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    secondments: Mapped[list["Secondment"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    enrolments: Mapped[list["Enrolment"]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    @validates("full_name")
    def _keep_full_name_key(self, _name: str, full_name: str) -> str:
        self.full_name_key = thai_sort_key(full_name)
        return full_name


class LevelBasis(enum.StrEnum):
    """How a level of skill is known."""

    SELF_STATED = "self_stated"
    ASSESSED = "assessed"


class _OfPerson:
    """A row that belongs to a person and goes with theirs."""

    id: Mapped[PrimaryKey]

    @declared_attr
    def person_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy's own form
        return mapped_column(ForeignKey("person.id", ondelete="CASCADE"))


class PersonRole(_OfPerson, Versioned, Base):
    """The share of a person's time that goes to a role, and how well they do it, known since `level_on`."""

    __tablename__ = "person_role"
    __table_args__ = (
        UniqueConstraint("person_id", "role_id"),
        CheckConstraint("fte > 0 AND fte <= 1", name="fte_share"),
    )

    role_id: Mapped[int] = mapped_column(ForeignKey("work_role.id"), index=True)
    fte: Mapped[float]
    level_id: Mapped[int] = mapped_column(ForeignKey("skill_level.id"))
    basis: Mapped[LevelBasis] = mapped_column(words(LevelBasis))
    level_on: Mapped[dt.date]

    role: Mapped[WorkRole] = relationship()
    level: Mapped[SkillLevel] = relationship()


class PlannedLeave(_OfPerson, Versioned, Base):
    """The share of a fiscal year that a person will be away: study, parental leave and the like; why is not kept."""

    __tablename__ = "planned_leave"
    __table_args__ = (
        UniqueConstraint("person_id", "year"),
        _is_ce("year"),
        CheckConstraint("away > 0 AND away <= 1", name="away_share"),
    )

    year: Mapped[int]
    away: Mapped[float]


class Secondment(_OfPerson, Versioned, Base):
    """A person works for another agency from fiscal year `from_year` to `to_year`."""

    __tablename__ = "secondment"
    __table_args__ = (
        UniqueConstraint("person_id", "from_year"),
        _is_ce("from_year"),
        CheckConstraint("to_year >= from_year", name="years_in_order"),
    )

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), index=True)
    from_year: Mapped[int]
    to_year: Mapped[int]

    agency: Mapped[Agency] = relationship()


class Course(Named, Versioned, Base):
    """Takes people who do `from_role` at `from_level` to `role` at `level`: upward, or into another role.

    `price` is THB a trainee. It takes effect `lead_years` after its fiscal year, of which a trainee is away for
    `lost_time`. Where one course ends and another begins, the first is what the second asks for beforehand.
    """

    __tablename__ = "course"
    __table_args__ = (
        code_is_plain(),
        CheckConstraint("from_role_id <> role_id OR from_level_id <> level_id", name="leads_somewhere"),
        _not_negative("price"),
        _not_negative("lead_years"),
        _share("lost_time"),
    )

    from_role_id: Mapped[int] = mapped_column(ForeignKey("work_role.id"))
    from_level_id: Mapped[int] = mapped_column(ForeignKey("skill_level.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("work_role.id"))
    level_id: Mapped[int] = mapped_column(ForeignKey("skill_level.id"))
    price: Mapped[float]
    lead_years: Mapped[int] = mapped_column(default=1)
    lost_time: Mapped[float] = mapped_column(default=0.0)

    from_role: Mapped[WorkRole] = relationship(foreign_keys=from_role_id)
    from_level: Mapped[SkillLevel] = relationship(foreign_keys=from_level_id)
    role: Mapped[WorkRole] = relationship(foreign_keys=role_id)
    level: Mapped[SkillLevel] = relationship(foreign_keys=level_id)


class Cohort(Versioned, Base):
    """A course held in a fiscal year, with its seats; on which days is known when they are fixed."""

    __tablename__ = "cohort"
    __table_args__ = (
        code_is_plain(),
        _is_ce("year"),
        CheckConstraint("seats > 0", name="seats_positive"),
        CheckConstraint("ends_on >= starts_on", name="days_in_order"),
    )

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), index=True)
    year: Mapped[int]
    seats: Mapped[int]
    starts_on: Mapped[dt.date | None]
    ends_on: Mapped[dt.date | None]

    course: Mapped[Course] = relationship()


class Enrolment(_OfPerson, Versioned, Base):
    """A person's seat in a cohort; under way until `completed_on`, when the level of their role says what it did."""

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "cohort_id"),)

    cohort_id: Mapped[int] = mapped_column(ForeignKey("cohort.id"), index=True)
    completed_on: Mapped[dt.date | None]

    cohort: Mapped[Cohort] = relationship()


class _Duty:
    """Who answers, and who stands in for them; `acting`: only until somebody is appointed. `expires_on`: last day."""

    id: Mapped[PrimaryKey]
    acting: Mapped[bool] = mapped_column(default=False)
    expires_on: Mapped[dt.date | None]

    @declared_attr
    def accountable_id(cls) -> Mapped[int | None]:  # noqa: N805 - SQLAlchemy's own form
        return mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)

    @declared_attr
    def deputy_id(cls) -> Mapped[int | None]:  # noqa: N805 - SQLAlchemy's own form
        return mapped_column(ForeignKey("person.id", ondelete="SET NULL"), index=True)


class AgencyDuty(_Duty, Versioned, Base):
    """Who answers for an agency's data as a whole."""

    __tablename__ = "agency_duty"
    __table_args__ = (CheckConstraint("deputy_id <> accountable_id", name="deputy_is_another"),)

    agency_id: Mapped[int] = mapped_column(ForeignKey("agency.id"), unique=True)

    agency: Mapped[Agency] = relationship()
    accountable: Mapped[Person | None] = relationship(foreign_keys="AgencyDuty.accountable_id")
    deputy: Mapped[Person | None] = relationship(foreign_keys="AgencyDuty.deputy_id")


class DatasetDuty(_Duty, Versioned, Base):
    """Who answers for a dataset."""

    __tablename__ = "dataset_duty"
    __table_args__ = (CheckConstraint("deputy_id <> accountable_id", name="deputy_is_another"),)

    dataset_id: Mapped[int] = mapped_column(ForeignKey("dataset.id", ondelete="CASCADE"), unique=True)

    dataset: Mapped[Dataset] = relationship()
    accountable: Mapped[Person | None] = relationship(foreign_keys="DatasetDuty.accountable_id")
    deputy: Mapped[Person | None] = relationship(foreign_keys="DatasetDuty.deputy_id")
