"""The workbooks of plans, kept once they were made."""

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class ReportArchive(Base):
    """All workbooks of one plan run in one language, as a ZIP. Made by `planner_version`; it can be made again.

    It stands in the database, where every worker and every web process reaches it and a job's end keeps it or not.
    """

    __tablename__ = "report_archive"
    __table_args__ = (CheckConstraint("size > 0", name="size_positive"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("plan_run.id"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    planner_version: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[dt.datetime]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
