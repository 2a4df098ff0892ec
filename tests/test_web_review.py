"""Reviewing in the browser: a planner submits, DE returns one and approves the rest, a revision is weighed."""

import datetime as dt

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

import models
from models import RequirementStatus as Status
from planner.db import open_sessions
from planner.services.accounts import load_actor
from planner.services.revisions import propose, row_in_force

MINE = "R-000001"


@pytest.fixture
def database(web_app: Flask):
    return open_sessions(web_app.extensions["engine"])


def find(session, code: str) -> models.Requirement:
    return session.scalars(select(models.Requirement).where(models.Requirement.code == code)).one()


def set_status(database, status: Status, *codes: str) -> None:
    with database.begin() as session:
        for code in codes:
            find(session, code).status = status


def status_of(database, code: str) -> Status:
    with database() as session:
        return find(session, code).status


def revise(database, title: str) -> None:
    """A revision of R-000001 by its ministry's planner."""
    with database.begin() as session:
        user = session.scalars(select(models.User).where(models.User.username == "ministry")).one()
        row = {**row_in_force(session, MINE), "title": title}
        propose(session, load_actor(session, user.id), find(session, MINE), row)


def words(element) -> str:
    return " ".join(element.get_text(" ", strip=True).split())


def listed(page: BeautifulSoup) -> list[str]:
    return [cell.get_text(strip=True) for cell in page.select("#table-worklist tbody th")]


def buttons(page: BeautifulSoup) -> list[str]:
    return [button["value"] for button in page.select("main button[name=action]")]


def hidden(page: BeautifulSoup) -> dict[str, str]:
    """What the page's form of steps sends along unasked."""
    fields = page.select("form[action='/requirements/actions'] input[type=hidden]")
    return {field["name"]: field["value"] for field in fields if field["name"] != "csrf_token"}


def hidden_of_list(page: BeautifulSoup) -> dict[str, str]:
    """What the list's form sends along unasked."""
    fields = page.select("form#chosen input[type=hidden]")
    return {field["name"]: field["value"] for field in fields if field["name"] != "csrf_token"}


def test_a_planner_submits_and_de_returns_one_and_approves_the_rest(visitor, database) -> None:
    set_status(database, Status.DRAFT, MINE, "R-000006")
    visitor.sign_in("ministry_planner")
    page = visitor.open("/work/")
    assert listed(page) == [MINE, "R-000006"]
    assert buttons(page) == ["submit", "withdraw"]
    assert words(page.select_one(".menu-count")).startswith("2")
    answer = visitor.send("/requirements/actions", hidden(page) | {"action": "submit", "code": [MINE, "R-000006"]})
    assert (answer.status_code, answer.location) == (302, "/work/")
    assert listed(visitor.open("/work/")) == []

    visitor.send("/sign-out")
    visitor.sign_in("de_planner")
    page = visitor.open("/work/")
    assert listed(page) == [MINE, "R-000006"]
    assert buttons(page) == ["approve", "return"]
    returned = {"action": "return", "code": MINE, "comment": "ขาดปริมาณปี 2572"}
    assert visitor.send("/requirements/actions", hidden(page) | returned).status_code == 302
    page = visitor.open("/work/")
    visitor.send("/requirements/actions", hidden(page) | {"action": "approve", "code": "R-000006"})
    assert (status_of(database, MINE), status_of(database, "R-000006")) == (Status.RETURNED, Status.APPROVED)

    visitor.send("/sign-out")
    visitor.sign_in("ministry_planner")
    assert "ขาดปริมาณปี 2572" in words(visitor.open("/work/").select_one("#table-worklist"))
    assert "ขาดปริมาณปี 2572" in words(visitor.open(f"/requirements/{MINE}").select_one("#history"))
    assert "ขาดปริมาณปี 2572" in words(visitor.open("/inbox/"))


def test_what_cannot_be_done_is_said_for_each_and_the_rest_goes_ahead(visitor_as, database) -> None:
    set_status(database, Status.SUBMITTED, MINE)
    visitor = visitor_as("de_planner")
    answer = visitor.send(
        "/requirements/actions",
        {"action": "approve", "code": [MINE, "R-000005"], "comment": "ตามมติ", "next": "/requirements/?q=a"},
    )
    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "lxml")
    assert status_of(database, MINE) is Status.SUBMITTED
    assert "ร่าง" in words(page.select_one("#fault-R-000005"))
    assert [box["value"] for box in page.select("input[name=code][checked]")] == [MINE]
    assert page.select_one("textarea[name=comment]").get_text() == "ตามมติ"
    assert page.select_one("main input[name=next]")["value"] == "/requirements/?q=a"
    again = hidden(page) | {"action": "approve", "code": MINE, "comment": "ตามมติ"}
    assert visitor.send("/requirements/actions", again).location == "/requirements/?q=a"
    assert status_of(database, MINE) is Status.APPROVED


def test_returning_asks_for_a_comment_and_keeps_the_choice(visitor_as, database) -> None:
    set_status(database, Status.SUBMITTED, MINE)
    visitor = visitor_as("de_planner")
    answer = visitor.send("/requirements/actions", {"action": "return", "code": MINE})
    page = BeautifulSoup(answer.text, "lxml")
    assert answer.status_code == 422
    assert "ความเห็น" in words(page.select_one("[role=alert]"))
    assert page.select_one("textarea[name=comment][required]")
    assert [box["value"] for box in page.select("input[name=code][checked]")] == [MINE]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"action": "delete", "code": MINE}, 400),
        ({"code": MINE}, 400),
        ({"action": "submit"}, 422),
        ({"action": "submit", "code": "R-000006", "seen-R-000006": "9" * 5000}, 422),
        ({"action": "submit", "code": "R-000002"}, 404),
        ({"action": "submit", "code": "no-such"}, 404),
        ({"action": "approve", "code": MINE}, 403),
        ({"action": "submit", "code": [f"R-{number:06}" for number in range(1200)]}, 422),
    ],
)
def test_odd_requests_are_refused(visitor_as, form, status) -> None:
    assert visitor_as("ministry_planner").send("/requirements/actions", form).status_code == status


def test_a_step_leads_nowhere_else(visitor_as, database) -> None:
    set_status(database, Status.DRAFT, MINE)
    form = {"action": "submit", "code": MINE, "next": "https://example.com/"}
    assert visitor_as("ministry_planner").send("/requirements/actions", form).location == "/"


def test_a_revision_is_weighed_beside_what_is_in_force(visitor, database) -> None:
    revise(database, "เวชระเบียนใหม่")
    visitor.sign_in("ministry_planner")
    page = visitor.open(f"/requirements/{MINE}")
    assert page.h1.get_text() == "เวชระเบียนกลาง"
    (row,) = page.select("#table-differences tbody tr")
    assert (words(row.select_one("del")), words(row.select_one("ins"))) == ("เวชระเบียนกลาง", "เวชระเบียนใหม่")
    assert buttons(page) == ["submit", "withdraw"]
    visitor.send("/requirements/actions", hidden(page) | {"action": "submit"})
    visitor.send("/sign-out")
    visitor.sign_in("de_planner")
    review = visitor.open("/work/").select_one("#table-worklist tbody th a")["href"]
    page = visitor.open(review)
    assert buttons(page) == ["approve", "return", "reopen", "withdraw"]
    answer = visitor.send("/requirements/actions", hidden(page) | {"action": "approve"})
    assert answer.location == "/work/"
    page = visitor.open(f"/requirements/{MINE}")
    assert page.h1.get_text() == "เวชระเบียนใหม่"
    assert not page.select("#table-differences")
    assert "เวชระเบียนกลาง" in words(page.select_one("#history"))


def test_what_changed_while_it_was_read_is_not_approved(visitor_as, database) -> None:
    revise(database, "ชื่อหนึ่ง")
    with database.begin() as session:
        find(session, MINE).open_revision.status = Status.SUBMITTED
    visitor = visitor_as("de_planner")
    page = visitor.open(f"/requirements/{MINE}/review")
    with database.begin() as session:
        revision = find(session, MINE).open_revision
        revision.row = {**revision.row, "title": "ชื่อสอง"}
    answer = visitor.send("/requirements/actions", hidden(page) | {"action": "approve"})
    assert answer.status_code == 422
    with database() as session:
        assert find(session, MINE).title == "เวชระเบียนกลาง"


def test_a_step_from_the_list_is_taken_with_what_the_list_shows(visitor_as, database) -> None:
    set_status(database, Status.DRAFT, MINE)
    visitor = visitor_as("ministry_planner")
    page = visitor.open("/requirements/")
    with database.begin() as session:
        find(session, MINE).title = "ชื่อของคนอื่น"
    answer = visitor.send("/requirements/actions", hidden_of_list(page) | {"action": "submit", "code": MINE})
    assert answer.status_code == 422
    assert status_of(database, MINE) is Status.DRAFT
    fresh = hidden_of_list(visitor.open("/requirements/"))
    assert (
        visitor.send("/requirements/actions", fresh | {"action": "submit", "code": MINE}).location == "/requirements/"
    )


def test_the_list_shows_the_version_of_the_revision_where_there_is_one(visitor_as, database) -> None:
    revise(database, "ชื่อหนึ่ง")
    with database.begin() as session:
        revision = find(session, MINE).open_revision
        revision.row = {**revision.row, "title": "ชื่อสอง"}
    visitor = visitor_as("ministry_planner")
    shown = hidden_of_list(visitor.open("/requirements/"))
    assert (shown[f"seen-{MINE}"], shown["seen-R-000006"]) == ("2", "1")


def test_one_s_own_submission_is_another_s_to_approve(visitor, database) -> None:
    set_status(database, Status.DRAFT, MINE)
    visitor.sign_in("planner")
    visitor.send("/requirements/actions", {"action": "submit", "code": MINE})
    answer = visitor.send("/requirements/actions", {"action": "approve", "code": MINE})
    assert answer.status_code == 422
    assert "อนุมัติรายการนี้เองไม่ได้" in words(BeautifulSoup(answer.text, "lxml").select_one(f"#fault-{MINE}"))
    visitor.send("/sign-out")
    visitor.sign_in("planner2")
    assert visitor.send("/requirements/actions", {"action": "approve", "code": MINE}).status_code == 302


def test_a_revision_that_can_no_longer_be_says_so_beside_its_code(visitor_as, database) -> None:
    revise(database, "ชื่อหนึ่ง")
    with database.begin() as session:
        revision = find(session, MINE).open_revision
        revision.status, revision.row = Status.SUBMITTED, {**revision.row, "priority": "no-such"}
    answer = visitor_as("de_planner").send("/requirements/actions", {"action": "approve", "code": MINE})
    assert answer.status_code == 422
    assert "no-such" in words(BeautifulSoup(answer.text, "lxml").select_one(f"#fault-{MINE}"))


def test_after_the_deadline_a_ministry_is_told_and_offered_nothing(visitor_as, database) -> None:
    set_status(database, Status.DRAFT, MINE)
    with database.begin() as session:
        found = session.scalars(select(models.PlanningRound)).one()
        found.extensions.clear()
        found.closes_at = dt.datetime.now(dt.UTC) - dt.timedelta(days=1)
    visitor = visitor_as("ministry_planner")
    page = visitor.open(f"/requirements/{MINE}")
    assert buttons(page) == []
    assert "ปิดแล้วเมื่อ" in words(page.select_one("main"))
    answer = visitor.send("/requirements/actions", {"action": "submit", "code": MINE})
    assert answer.status_code == 422
    assert "ปิดแล้วเมื่อ" in words(BeautifulSoup(answer.text, "lxml").select_one("[role=alert]"))


def test_those_who_only_read_are_offered_no_step(visitor_as, database) -> None:
    set_status(database, Status.SUBMITTED, MINE)
    page = visitor_as("auditor").open(f"/requirements/{MINE}/review")
    assert buttons(page) == []
    assert not page.select("a[href='/work/']")


def test_what_is_given_comes_before_what_can_be_done_unless_a_step_is_awaited(visitor_as, database) -> None:
    visitor = visitor_as("ministry_planner")

    def order() -> list[str]:
        wanted = ("outcome", "steps-title")
        return [h2["id"] for h2 in visitor.open(f"/requirements/{MINE}").select("main h2") if h2.get("id") in wanted]

    assert order() == ["outcome", "steps-title"]
    page = visitor.open(f"/requirements/{MINE}")
    withdraw = page.select_one("main button[name=action]")
    assert (withdraw["value"], "btn-primary" in withdraw["class"]) == ("withdraw", False)
    assert withdraw.find_parent("details")
    assert "ต้องมีความเห็นที่ระบุเหตุผล" in words(page.select_one("#step-comment-hint"))
    set_status(database, Status.DRAFT, MINE)
    assert order() == ["steps-title", "outcome"]
    assert "ต้องมีความเห็น" not in words(visitor.open(f"/requirements/{MINE}").select_one("#step-comment-hint"))
    main = visitor.open(f"/requirements/{MINE}").select("main button[name=action].btn-primary")
    assert [button["value"] for button in main] == ["submit"]
