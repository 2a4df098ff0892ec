"""Fixtures that give the web application's database what the access lists name: files, imports and workbooks."""

import datetime as dt
import io
import zipfile

import pytest
from access_lists import DE, MINISTRY
from access_objects import ATTACHED
from flask import Flask
from sqlalchemy import select

from models import Attachment, ImportBatch, PlanRun, ReportArchive, User
from planner.services.report_sets import workbook_name


@pytest.fixture
def attached_files(web_app: Flask) -> None:
    """A file on each of two requirements of different ministries."""
    shelf = web_app.extensions["shelf"]
    with web_app.extensions["sessions"].begin() as database:
        for (code, token), role in zip(ATTACHED.items(), (MINISTRY, DE), strict=True):
            by = database.scalars(select(User).where(User.role == role).order_by(User.id)).first()
            database.add(
                Attachment(
                    token=token, subject=f"requirement:{code}", name="a.txt", media_type="text/plain", size=1,
                    sha256="0" * 64, attached_by=by, attached_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                )
            )  # fmt: skip
            shelf.put(token, b"a")


@pytest.fixture
def imported_files(web_app: Flask) -> None:
    """An import by a person of each of two ministries."""
    with web_app.extensions["sessions"].begin() as database:
        for number, username in ((1, "ministry"), (2, "ministry2")):
            by = database.scalars(select(User).where(User.username == username)).one()
            database.add(
                ImportBatch(
                    id=number, file_name="a.xlsx", sha256="0" * 64, synthetic=False, counts={}, imported_by=by,
                    ministry_id=by.ministry_id, imported_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                )
            )  # fmt: skip


@pytest.fixture
def written_workbooks(web_app: Flask) -> None:
    """Workbooks of the plan, whatever stands in them."""
    names = [workbook_name("P-000001", "th", ministry) for ministry in (None, "11000", "21000")]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    with web_app.extensions["sessions"].begin() as database:
        run = database.scalars(select(PlanRun).where(PlanRun.code == "P-000001")).one()
        database.add(
            ReportArchive(
                run_id=run.id, language="th", planner_version="1", size=1, content=content.getvalue(),
                made_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        )  # fmt: skip
