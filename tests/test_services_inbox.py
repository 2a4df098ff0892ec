"""Who is told of what, in the inbox and by mail."""

import logging
import smtplib
from collections.abc import Callable, Iterable

import pytest
from sqlalchemy import select

from models import InboxItem, Ministry, Role, User
from planner.errors import InvalidInputError, NotFoundError
from planner.mail import MAILER, Mail, Mailer
from planner.services import inbox
from planner.services.accounts import load_actor
from planner.services.permissions import OPERATOR, Actor

OURS, THEIRS = "requirement:R-000001", "requirement:R-000002"


@pytest.fixture
def people(world) -> Callable[..., Actor]:
    """Makes an account with a name and an e-mail address."""

    def make(username: str, role: Role, ministry: str | None = None, language: str = "th") -> Actor:
        with world.begin() as session:
            home = session.scalars(select(Ministry).where(Ministry.code == ministry)).one_or_none()
            user = User(
                username=username,
                full_name=f"คุณ{username}",
                email=f"{username}@example.go.th",
                password_hash="-",
                role=role,
                ministry=home,
                language=language,
            )
            session.add(user)
            session.flush()
            actor = load_actor(session, user.id)
        assert actor is not None
        return actor

    return make


@pytest.fixture
def planner(people) -> Actor:
    return people("malee", Role.MINISTRY_PLANNER, "21000")


@pytest.fixture
def reviewer(people) -> Actor:
    return people("somchai", Role.DE_PLANNER, language="en")


class Outbox:
    """A transport that keeps what it is given; with `failure`, it fails as a mail server would."""

    def __init__(self) -> None:
        self.sent: list[Mail] = []
        self.failure: Exception | None = None

    def send(self, mails: Iterable[Mail]) -> None:
        if self.failure:
            raise self.failure
        self.sent.extend(mails)


@pytest.fixture
def outbox(world) -> Outbox:
    """What is mailed by the sessions of `world`."""
    outbox = Outbox()
    world.configure(info={MAILER: Mailer(outbox, "https://planner.example.go.th")})
    return outbox


def drained(world, outbox: Outbox) -> list[Mail]:
    """Everything that was handed over, once all of it was sent."""
    world.kw["info"][MAILER].close()
    return outbox.sent


def told(world, actor: Actor) -> list[tuple[str, str, str]]:
    with world() as session:
        items = inbox.load_inbox(session, actor).items
        return [(item.event, item.subject, item.actor) for item in items]


def test_followers_are_told_and_the_actor_is_not(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.follow(session, planner, OURS)
        inbox.follow(session, reviewer, OURS)
        inbox.notify(session, reviewer, OURS, "approved", note="ครบถ้วน")
    assert told(world, planner) == [("approved", OURS, "คุณsomchai")]
    assert told(world, reviewer) == []


def test_given_recipients_are_told_once_though_they_follow(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.follow(session, planner, OURS)
        inbox.notify(session, reviewer, OURS, "returned", [planner.user_id, planner.user_id, reviewer.user_id])
    assert len(told(world, planner)) == 1


def test_nobody_is_told_of_what_they_may_not_see(world, people, planner, reviewer) -> None:
    hr = people("hr", Role.HR)
    with world.begin() as session:
        inbox.notify(session, OPERATOR, THEIRS, "approved", [planner.user_id, hr.user_id, reviewer.user_id])
    assert told(world, planner) == told(world, hr) == []
    assert len(told(world, reviewer)) == 1


def test_who_was_deactivated_is_told_no_more(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.follow(session, planner, OURS)
        session.get_one(User, planner.user_id).active = False
        session.flush()
        inbox.notify(session, reviewer, OURS, "approved")
        assert session.scalars(select(InboxItem)).all() == []


def test_following_twice_is_following_once_and_ends(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.follow(session, planner, OURS)
        inbox.follow(session, planner, OURS)
    with world.begin() as session:
        inbox.follow(session, planner, OURS, wanted=False)
        inbox.follow(session, planner, OURS, wanted=False)
        inbox.notify(session, reviewer, OURS, "approved")
    assert told(world, planner) == []


def test_another_ministrys_object_cannot_be_followed(world, planner) -> None:
    with world() as session, pytest.raises(NotFoundError):
        inbox.follow(session, planner, THEIRS)


def test_reading_counts(world, planner, reviewer) -> None:
    with world.begin() as session:
        for event in ("returned", "approved"):
            inbox.notify(session, reviewer, OURS, event, [planner.user_id])
        inbox.notify(session, reviewer, "requirement:R-000006", "approved", [planner.user_id])
    with world.begin() as session:
        assert inbox.count_unread(session, planner) == 3
        inbox.open_subject(session, planner, OURS)
        assert inbox.count_unread(session, planner) == 1
        assert [item.subject for item in inbox.load_inbox(session, planner, unread=True).items] == [
            "requirement:R-000006"
        ]
        inbox.mark_read(session, planner)
        assert inbox.count_unread(session, planner) == 0
        items = inbox.load_inbox(session, planner).items
        assert len(items) == 3
        assert inbox.load_inbox(session, planner, page_size=1, before=items[0].number).items == items[1:2]


def test_an_item_of_an_object_that_is_no_longer_ones_own_says_nothing_of_it(world, planner, reviewer) -> None:
    with world.begin() as session:
        inbox.notify(session, reviewer, OURS, "returned", [planner.user_id], note="secret")
    with world.begin() as session:
        moved = session.get_one(User, planner.user_id)
        moved.ministry = session.scalars(select(Ministry).where(Ministry.code == "11000")).one()
        session.flush()
        elsewhere = load_actor(session, planner.user_id)
        (item,) = inbox.load_inbox(session, elsewhere).items
        assert (item.name, item.note) == (None, "")


def test_the_inbox_takes_the_same_queries_however_full_it_is(world, planner, reviewer, count_queries) -> None:
    counts = []
    for _ in range(2):
        with world.begin() as session:
            for number in (1, 6):
                inbox.notify(session, reviewer, f"requirement:R-{number:06}", "approved", [planner.user_id])
        with world() as session, count_queries() as statements:
            inbox.load_inbox(session, planner)
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6


# Mail


def subscribe(world, *actors: Actor) -> None:
    with world.begin() as session:
        for actor in actors:
            inbox.set_mail(session, actor, wanted=True)


def test_mail_goes_to_those_alone_who_asked_for_it(world, outbox, people, planner, reviewer) -> None:
    silent = people("silent", Role.DE_PLANNER)
    subscribe(world, planner)
    with world.begin() as session:
        inbox.notify(session, reviewer, OURS, "returned", [planner.user_id, silent.user_id], note="ขาดปริมาณข้อมูล")
        assert outbox.sent == []
    (mail,) = drained(world, outbox)
    assert mail.to == "malee@example.go.th"
    assert mail.subject == "คุณsomchai ส่งกลับ: ความต้องการ R-000001 เวชระเบียนกลาง"
    assert "ขาดปริมาณข้อมูล" in mail.text
    assert "https://planner.example.go.th/inbox/" in mail.text


def test_a_transaction_is_one_message_a_person_in_their_language(world, outbox, planner, reviewer) -> None:
    subscribe(world, planner, reviewer)
    with world.begin() as session:
        for number in (1, 6):
            inbox.notify(
                session, OPERATOR, f"requirement:R-{number:06}", "approved", [planner.user_id, reviewer.user_id]
            )
    mails = {mail.to: mail for mail in drained(world, outbox)}
    assert mails["malee@example.go.th"].subject == "มีเรื่องแจ้งใหม่ 2 เรื่อง"
    assert mails["somchai@example.go.th"].subject == "2 new notices"
    assert "operator approved: Requirement R-000006 ระบบเดิม" in mails["somchai@example.go.th"].text


def test_nothing_is_mailed_of_what_was_undone(world, outbox, planner, reviewer) -> None:
    subscribe(world, planner)
    with world() as session:
        inbox.notify(session, reviewer, OURS, "approved", [planner.user_id])
        session.rollback()
        savepoint = session.begin_nested()
        inbox.notify(session, reviewer, OURS, "returned", [planner.user_id])
        savepoint.rollback()
        inbox.notify(session, reviewer, OURS, "withdrawn", [planner.user_id])
        session.commit()
    assert [mail.subject.split()[1] for mail in drained(world, outbox)] == ["ถอน:"]
    assert [event for event, *_ in told(world, planner)] == ["withdrawn"]


@pytest.mark.parametrize("failure", [OSError("no route"), smtplib.SMTPServerDisconnected("gone")])
def test_a_failing_server_loses_no_inbox_item(world, outbox, planner, caplog, failure) -> None:
    outbox.failure = failure
    subscribe(world, planner)
    with caplog.at_level(logging.ERROR), world.begin() as session:
        inbox.notify(session, OPERATOR, OURS, "approved", [planner.user_id])
    assert drained(world, outbox) == []
    assert "1 messages were not sent" in caplog.text
    assert len(told(world, planner)) == 1


def test_mail_needs_an_address_and_can_be_switched_off(world, outbox, planner, reviewer) -> None:
    subscribe(world, planner)
    with world.begin() as session:
        inbox.set_mail(session, planner, wanted=False)
        inbox.notify(session, reviewer, OURS, "approved", [planner.user_id])
    assert drained(world, outbox) == []
    with world.begin() as session:
        session.get_one(User, planner.user_id).email = None
        session.flush()
        with pytest.raises(InvalidInputError) as caught:
            inbox.set_mail(session, planner, wanted=True)
    assert [found.code for found in caught.value.faults] == ["no_address"]


def test_a_name_cannot_forge_a_header(world, outbox, planner, reviewer) -> None:
    subscribe(world, planner)
    with world.begin() as session:
        session.get_one(User, reviewer.user_id).full_name = "x\nBcc: everybody@example.com"
    with world.begin() as session:
        inbox.notify(session, load_actor(session, reviewer.user_id), OURS, "approved", [planner.user_id])
    (mail,) = drained(world, outbox)
    assert "\n" not in mail.subject
