"""What people see while the database is away or the disk is full: a page that says so and asks to try again."""

import errno
import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import func, select

from models import Attachment
from planner.services.attachments import Shelf

ATTACH = "/objects/requirement:R-000001/attachments"


def break_database(app: Flask) -> None:
    """Put something in the place of the file that no database can be."""
    engine = app.extensions["engine"]
    engine.dispose()
    for path in Path(engine.url.database).parent.glob("web.db*"):
        path.unlink()
    Path(engine.url.database).mkdir()


@pytest.mark.parametrize("path", ["/", "/requirements/", "/sign-in"])
def test_a_database_that_is_away_is_no_defect(visitor_as, path: str) -> None:
    visitor = visitor_as("ministry")
    break_database(visitor.client.application)
    response = visitor.client.get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    page = BeautifulSoup(response.text, "lxml")
    assert page.h1.text.startswith("ฐานข้อมูลไม่ว่างหรือติดต่อไม่ได้")


def test_the_page_keeps_who_asked_and_goes_without_the_menu(visitor_as, monkeypatch) -> None:
    visitor = visitor_as("ministry")
    whole = visitor.open("/requirements/")
    app = visitor.client.application

    def view(**_: object) -> str:
        break_database(app)
        with app.extensions["sessions"]() as session:
            return str(session.scalar(select(func.count()).select_from(Attachment)))

    monkeypatch.setitem(app.view_functions, "requirements.index", view)
    page = visitor.open("/requirements/", 503)
    assert whole.select("nav a[href='/inbox/']")
    assert not page.select("nav a[href='/inbox/']")
    assert page.select("form[action='/sign-out']")


@pytest.mark.parametrize(("reason", "status"), [(errno.ENOSPC, 503), (errno.EDQUOT, 503), (errno.EACCES, 500)])
def test_a_full_disk_stores_nothing_and_is_told_from_a_defect(
    visitor_as, monkeypatch, reason: int, status: int
) -> None:
    visitor = visitor_as("ministry")
    app = visitor.client.application
    app.testing = False  # a defect is to be answered, not raised

    def put(_shelf: Shelf, _token: str, _content: bytes) -> None:
        raise OSError(reason, "as the system says it")

    monkeypatch.setattr(Shelf, "put", put)
    response = visitor.send(ATTACH, {"file": (io.BytesIO(b"a"), "a.txt")})
    assert response.status_code == status
    assert ("Retry-After" in response.headers) is (status == 503)
    with app.extensions["sessions"]() as session:
        assert session.scalar(select(func.count()).select_from(Attachment)) == 0
