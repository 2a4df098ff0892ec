"""What belongs to others shows nowhere: words are planted in their rows, and every answer is searched for them.

The tests of access try each address with an object of somebody else. These look at everything that anybody is shown:
lists, counts, tables, files and workbooks, whatever the address.
"""

import datetime as dt
import html
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

import pytest
from access_objects import ATTACHED, PARTS
from api_lists import CODES
from api_lists import PARTS as API_PARTS
from flask import Flask
from sqlalchemy import String, select
from sqlalchemy.orm import Session

import models
from planner.api.v1 import RESOURCES

THEIRS: Final = "ของกระทรวงอื่น"
"""Stands in whatever the Ministry of Digital Economy entered: no planner of another ministry may read it."""
NAMES: Final = "นามบุคลากร"
"""Stands in the names of the staff: only human resources may read it."""
SECRETS: Final = "ความลับของระบบ"
"""Stands in what signs people and programs in: nobody may read it."""
HASHED: Final = "$argon2"
"""Begins what is kept of a password."""
THEIR_TITLES: Final = ("กรมธรรม์", "พยากรณ์อากาศ", "สำมะโนประชากร")
"""What their rows were called when the plan was made."""
THEIR_ROWS: Final = (models.Requirement, models.Dataset)
_FREE_TEXT: Final = 200
"""Characters that a column takes whose words are people's own; shorter ones hold codes and choices."""

pytestmark = pytest.mark.usefixtures(
    "what_if", "closing_plan", "web_register", "told_webhook", "attached_files", "imported_files", "written_workbooks"
)


@pytest.fixture
def planted(web_app: Flask) -> None:
    """The words stand in the rows."""
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    with web_app.extensions["sessions"].begin() as session:
        their_people = _plant_rows(session)
        author = their_people[0]
        session.add(models.Comment(subject="requirement:R-000002", text=THEIRS, author=author, written_at=now))
        for attachment in session.scalars(select(models.Attachment)):
            if attachment.token == ATTACHED["R-000002"]:
                attachment.name = f"{THEIRS}.txt"
        for batch in session.scalars(select(models.ImportBatch).where(models.ImportBatch.ministry_id.is_not(None))):
            if batch.ministry_id == author.ministry_id:
                batch.file_name = f"{THEIRS}.xlsx"
        for person in session.scalars(select(models.Person)):
            person.full_name = f"{NAMES} {person.code}"
        for user in session.scalars(select(models.User)):
            token_hash = f"{SECRETS} {user.id}".ljust(64, "-")
            session.add(
                models.SignIn(
                    user=user, token_hash=token_hash, signed_in_at=now, last_seen_at=now, address="::1", device="a"
                )
            )
        for user in their_people:
            user.email = f"{THEIRS}@example.go.th"
            session.add(models.SavedView(user_id=user.id, area="requirements.index", name=THEIRS, query="q=a"))
            session.add(
                models.InboxItem(
                    user_id=user.id,
                    subject="requirement:R-000002",
                    event="commented",
                    actor=THEIRS,
                    note=THEIRS,
                    at=now,
                )
            )


def _plant_rows(session: Session) -> list[models.User]:
    """Write the word into every free text of their rows; the people of that ministry."""
    home = session.scalars(select(models.Ministry).where(models.Ministry.code == "11000")).one()
    for table in THEIR_ROWS:
        for row in session.scalars(select(table).join(table.agency).where(models.Agency.ministry == home)):
            for column in table.__table__.columns:
                if isinstance(column.type, String) and (column.type.length or 0) >= _FREE_TEXT:
                    setattr(row, column.key, f"{THEIRS} {row.code} {column.key}")
    return list(session.scalars(select(models.User).where(models.User.ministry == home).order_by(models.User.id)))


def test_the_words_are_where_they_should_be(planted: None, visitor_as: Callable[[str], Any]) -> None:
    """Who may read everything does: the other tests look where there is something to find."""
    visitor = visitor_as("de_planner")
    assert THEIRS in visitor.client.get("/requirements/").text
    assert THEIRS in visitor.client.get("/datasets/D-000002").text
    assert THEIRS in visitor.client.get("/requirements/R-000002").text
    assert THEIRS in _text(visitor.client.get("/import/export.xlsx").data)


HIDDEN: Final[Mapping[str, tuple[str, ...]]] = {
    "ministry_planner": (THEIRS, *THEIR_TITLES, NAMES, SECRETS),
    "hr2": (THEIRS, *THEIR_TITLES, SECRETS),
    "auditor": (NAMES, SECRETS),
}


@pytest.mark.parametrize("who", HIDDEN)
def test_no_page_file_or_answer_shows_what_is_others(
    web_app: Flask, planted: None, visitor_as: Callable[[str], Any], program: Callable[[str], Any], who: str
) -> None:
    asking, visitor = program(who), visitor_as(who)
    hidden = (HASHED, *HIDDEN[who], *_staff_of_others(web_app, visitor.accounts[who].username))
    read = 0
    for path in _pages(web_app):
        read += _search(path, visitor.client.get(path), hidden)
    for path in _answers():
        read += _search(path, asking.client.get(path, headers=asking.headers), hidden)
    assert read > 20


def test_asking_for_what_is_others_finds_nothing(
    web_app: Flask, planted: None, visitor_as: Callable[[str], Any], program: Callable[[str], Any]
) -> None:
    """Whatever a list may be narrowed by, it is narrowed within the own ministry."""
    hidden = HIDDEN["ministry_planner"]
    asking, visitor = program("ministry_planner"), visitor_as("ministry_planner")
    lists = [path for path in _pages(web_app) if path.endswith(("/", ".csv", "/rows"))]
    answers = [path for path in _answers() if asking.client.get(path, headers=asking.headers).status_code == 200]
    assert {"/requirements/", "/datasets/"} <= set(lists)
    for query in ("ministry=11000", "agency=11004", "q=00000"):
        for path in lists:
            _search(f"{path}?{query}", visitor.client.get(f"{path}?{query}"), hidden)
        for path in answers:
            _search(f"{path}?{query}", asking.client.get(f"{path}?{query}", headers=asking.headers), hidden)


def _staff_of_others(app: Flask, username: str) -> list[str]:
    """The names of the people in other ministries than that of the account, if it belongs to one."""
    with app.extensions["sessions"]() as session:
        home = session.scalars(select(models.User.ministry_id).where(models.User.username == username)).one()
        people = session.scalars(select(models.Person).join(models.Person.agency)).all()
        return [person.full_name for person in people if home and person.agency.ministry_id != home]


def _pages(app: Flask) -> list[str]:
    """Every address of a page or a file, with the parts that the test of access has."""
    looked_at = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())} - {"static"}
    with app.test_request_context():
        return [app.url_for(endpoint, **PARTS.get(endpoint, {})) for endpoint in sorted(looked_at)]


def _answers() -> Iterator[str]:
    """Every address of the API that is read."""
    for resource in RESOURCES:
        for operation in resource.operations:
            if operation.method == "GET":
                parts: Mapping[str, Any] = {**CODES.get(resource.name, {}), **API_PARTS.get(operation.endpoint, {})}
                named = {name: quote(str(parts[name]), safe="") for name, _ in operation.parts}
                yield operation.path.format(**named)


def _search(path: str, response: Any, hidden: tuple[str, ...]) -> bool:
    """Fail where an answer shows one of the words that are hidden; whether there was anything to search."""
    with response:
        text = _text(response.data) + str(response.headers)
    assert not [word for word in hidden if word in text], path
    return bool(response.status_code == 200)


def _text(content: bytes) -> str:
    """The words of an answer, those within a workbook or an archive of workbooks too, as they read."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return "\n".join(_text(archive.read(name)) for name in archive.namelist())
    text = html.unescape(content.decode("utf-8", "replace"))
    return text if "\\u0e" not in text else text.encode("ascii", "backslashreplace").decode("unicode_escape")
