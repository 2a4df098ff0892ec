"""The declarative base: constraint names, column types, and the columns that many tables share."""

import datetime as dt
import enum
from typing import Annotated, Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, Enum, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

CODE = String(40).with_variant(String(40, collation="C"), "postgresql")
"""Codes sort by code point everywhere, whatever the locale of the database."""

Code = Annotated[str, mapped_column(CODE)]
Name = Annotated[str, mapped_column(String(300))]
PrimaryKey = Annotated[int, mapped_column(primary_key=True)]


class Moment(TypeDecorator[dt.datetime]):
    """An aware point in time, stored in UTC (SQLite keeps no zone, so it is put back on reading)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        """To UTC; a naive time is a `ValueError`."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Aware again, in UTC."""
        if value is None:
            return None
        moment: dt.datetime = value
        return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


class Base(DeclarativeBase):
    """Base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {dt.datetime: Moment()}  # noqa: RUF012 - SQLAlchemy's own form


def words(kind: type[enum.StrEnum]) -> Enum:
    """A column of `kind`, stored as its own words and checked by the database on every dialect."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def code_is_plain(column: str = "code") -> CheckConstraint:
    """A code is one word without surrounding or inner blanks; empty is not a code."""
    return CheckConstraint(f"length({column}) > 0 AND {column} NOT LIKE '% %'", name=f"{column}_plain")


class Named:
    """A row that people call by a code they know and by a name in each language."""

    id: Mapped[PrimaryKey]
    code: Mapped[Code] = mapped_column(unique=True)
    name_th: Mapped[Name]
    name_en: Mapped[Name]


class Versioned:
    """A row that counts its versions, so that of two people who change it at once the second is told."""

    version: Mapped[int] = mapped_column(CheckConstraint("version > 0", name="version_positive"), default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:  # noqa: N805 - SQLAlchemy's own form
        return {"version_id_col": cls.version}
