"""Working together on pages: comments, files, following, the inbox, and history."""

import io

import pytest
from sqlalchemy import update

from models import User

OURS = "/objects/requirement:R-000001"
PAGE = "/requirements/R-000001"


def attach(visitor, content: bytes = b"%PDF-1.7 <script>", name: str = "แผน.pdf", subject: str = OURS):
    return visitor.send(f"{subject}/attachments", {"file": (io.BytesIO(content), name)})


@pytest.fixture
def switch_to(visitor):
    """Signs out whoever is signed in, and a role in."""

    def switch(role: str):
        visitor.send("/sign-out")
        assert visitor.sign_in(role).status_code == 302
        return visitor

    return switch


@pytest.fixture
def told(switch_to):
    """A reviewer who follows a requirement on which its planner has commented; the reviewer is signed in."""
    reviewer = switch_to("de_planner")
    assert reviewer.send(f"{OURS}/follow", {"follow": "on"}).location == f"{PAGE}#discussion"
    planner = switch_to("ministry_planner")
    assert planner.send(f"{OURS}/comments", {"text": 'ขอ <b>ทบทวน</b>\n"ด่วน"'}).location == f"{PAGE}#discussion"
    return switch_to("de_planner")


def test_a_comment_stands_on_the_page_as_it_was_typed(told) -> None:
    page = told.open(PAGE)
    (said,) = page.select(".comments li")
    assert said.select_one(".user-text").get_text() == 'ขอ <b>ทบทวน</b>\n"ด่วน"'
    assert not said.select("b")
    assert "ตัวอย่าง" in said.select_one("strong").get_text()
    assert "แสดงความเห็น" in page.select_one("#history li .byline").get_text()


def test_the_inbox_tells_and_forgets(told) -> None:
    page = told.open("/inbox/")
    (notice,) = page.select(".notices .unread")
    assert "R-000001" in notice.a.get_text()
    assert "ด่วน" in notice.get_text()
    assert page.select_one(".menu-count").get_text(strip=True).startswith("1")
    assert told.client.get(notice.a["href"]).location == PAGE
    after = told.open("/inbox/")
    assert not after.select(".notices .unread")
    assert len(told.open("/inbox/?show=all").select(".notices p strong")) == 1


def test_everything_is_read_at_once(told) -> None:
    assert told.send("/inbox/read").location == "/inbox/"
    assert not told.open("/inbox/").select(".unread")


def test_following_ends(told, switch_to) -> None:
    button = told.open(PAGE).select_one("#discussion .panel-head form")
    assert "follow" not in {field["name"] for field in button.select("input")}
    told.send(button["action"])
    switch_to("ministry_planner").send(f"{OURS}/comments", {"text": "อีกข้อ"})
    assert len(switch_to("de_planner").open("/inbox/").select(".unread")) == 1


def test_an_empty_comment_is_told(visitor_as) -> None:
    answer = visitor_as("de_planner").send(f"{OURS}/comments", {"text": " "})
    assert answer.status_code == 422
    assert "โปรดเขียนข้อความก่อน" in answer.text


def test_a_file_is_downloaded_and_never_shown(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    assert attach(visitor, name="..\\แผน.html").location == f"{PAGE}#attachments"
    link = visitor.open(PAGE).select_one(".attachments a")
    assert link.get_text() == "แผน.pdf"
    with visitor.client.get(link["href"]) as answer:
        assert answer.data == b"%PDF-1.7 <script>"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert "%E0%B9%81%E0%B8%9C%E0%B8%99.pdf" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_type == "application/pdf"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_file_is_removed(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    attach(visitor)
    file = visitor.open(PAGE).select_one(".attachments li")
    assert visitor.send(file.form["action"]).location == f"{PAGE}#attachments"
    assert visitor.client.get(file.a["href"]).status_code == 404
    assert not visitor.open(PAGE).select(".attachments li")


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [(b"MZ\x90\0", "แผน.pdf", "ไม่ใช่ชนิดที่แนบได้"), (b"", "a.txt", "แฟ้มว่าง"), (b"", "", "โปรดเลือกแฟ้มก่อน")],
)
def test_a_file_that_is_not_taken_is_told(visitor_as, content: bytes, name: str, said: str) -> None:
    answer = attach(visitor_as("ministry_planner"), content, name)
    assert answer.status_code == 422
    assert said in answer.text


def test_a_token_that_is_a_path_leads_nowhere(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    for token in ("../../web.db", "..%2f..%2fweb.db", "x" * 32):
        assert visitor.client.get(f"/attachments/{token}").status_code == 404


def test_who_only_reads_sees_the_discussion_without_its_forms(told, switch_to) -> None:
    page = switch_to("auditor").open(PAGE)
    assert page.select(".comments li")
    assert not page.select("textarea[name=text]")
    assert not page.select("input[type=file]")


def test_history_has_a_page_of_its_own(told) -> None:
    page = told.open(f"{OURS}/history")
    assert page.select_one(".breadcrumb a")["href"] == PAGE
    assert [entry.select_one("span").get_text() for entry in page.select(".past li")] == ["แสดงความเห็น"]


def test_what_the_command_line_did_is_said_to_be_the_operator_s(told) -> None:
    name = told.open("/objects/plan:P-000001/history").select_one(".past li strong").get_text()
    assert name == "ผู้ดูแลระบบ"


def test_mail_is_switched_on_and_off(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    with visitor.client.application.extensions["sessions"].begin() as database:
        database.execute(update(User).where(User.username == "planner").values(email="planner@example.go.th"))
    assert "planner@example.go.th" in visitor.open("/inbox/").select_one("#mail").parent.get_text()
    visitor.send("/inbox/mail", {"mail": "on"})
    assert "เลิกส่งอีเมล" in visitor.open("/inbox/").text
    visitor.send("/inbox/mail")
    assert "เลิกส่งอีเมล" not in visitor.open("/inbox/").text


def test_without_an_address_no_mail_is_offered(visitor_as) -> None:
    assert not visitor_as("de_planner").open("/inbox/").select("form[action='/inbox/mail']")
