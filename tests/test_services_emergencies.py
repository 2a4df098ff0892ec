"""The last way in: a link of the command line that signs in once."""

import datetime as dt

import pytest
from sqlalchemy import select, update

from models import AuditEntry, Role, User
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services import emergencies, invitations
from planner.services.attempts import FAILURES_IN_ALL
from planner.services.emergencies import LIFETIME
from planner.services.invitations import LinkOverError
from planner.services.permissions import OPERATOR
from planner.services.sign_ins import Client, Lifetimes, resume

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
HOME = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))


@pytest.fixture
def admin(person):
    return person(Role.ADMINISTRATOR, username="somchai")


@pytest.fixture
def issue(sessions, admin):
    def issue(now=NOW) -> str:
        with sessions.begin() as session:
            return emergencies.issue(session, OPERATOR, "somchai", now).token

    return issue


@pytest.fixture
def enter(sessions):
    def enter(token, now=NOW):
        with sessions.begin() as session:
            signed_in = emergencies.enter(session, token, HOME, LIFETIMES, now)
            return resume(session, signed_in, HOME, LIFETIMES, now).actor

    return enter


def test_it_signs_in_once_and_unlocks(sessions, issue, enter, admin):
    token = issue()
    with sessions.begin() as session:
        session.execute(update(User).values(failed_sign_ins=FAILURES_IN_ALL))
        assert emergencies.find(session, token, NOW) == "คุณsomchai"
    assert enter(token) == admin
    with pytest.raises(LinkOverError):
        enter(token)
    with sessions() as session:
        assert session.scalars(select(User.failed_sign_ins)).one() == 0
        log = session.execute(select(AuditEntry.actor, AuditEntry.action).order_by(AuditEntry.position)).all()
    assert log == [("operator", "emergency_link_issued"), ("somchai", "emergency_link_used"), ("somchai", "signed_in")]


def test_it_works_for_a_quarter_of_an_hour(issue, enter):
    token = issue()
    with pytest.raises(LinkOverError):
        enter(token, NOW + LIFETIME)
    assert enter(token, NOW + LIFETIME - dt.timedelta(seconds=1))


def test_the_command_line_alone_makes_one(sessions, admin):
    with sessions.begin() as session:
        with pytest.raises(ForbiddenError):
            emergencies.issue(session, admin, "somchai", NOW)
        with pytest.raises(NotFoundError):
            emergencies.issue(session, OPERATOR, "nobody", NOW)
        session.execute(update(User).values(active=False))
        with pytest.raises(ConflictError):
            emergencies.issue(session, OPERATOR, "somchai", NOW)


def test_a_deactivated_account_is_not_entered(sessions, issue, enter):
    token = issue()
    with sessions.begin() as session:
        session.execute(update(User).values(active=False))
        with pytest.raises(LinkOverError):
            emergencies.find(session, token, NOW)
    with pytest.raises(LinkOverError):
        enter(token)


def test_it_sets_no_password_and_a_link_for_a_password_signs_nobody_in(sessions, issue, enter, admin):
    token = issue()
    with sessions.begin() as session, pytest.raises(LinkOverError):
        invitations.find_link(session, token, NOW)
    with sessions.begin() as session, pytest.raises(LinkOverError):
        invitations.accept_link(session, token, "wat-pho-sunrise-7", NOW)
    with sessions.begin() as session:
        link = invitations.issue_link(session, OPERATOR, session.scalars(select(User)).one(), NOW)
    for given in (token, link.token):  # the new link took the place of the old one
        with pytest.raises(LinkOverError):
            enter(given)
    with sessions.begin() as session, pytest.raises(InvalidInputError):
        invitations.accept_link(session, link.token, "short", NOW)
