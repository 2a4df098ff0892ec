"""Inviting people, and the links with which they set a password."""

from dataclasses import replace

import pytest
from account_people import CLIENT, LIFETIMES, NOW, OTHER, PASSWORD, PLANNER, SECOND, actions, codes, is_signed_in, state
from sqlalchemy import func, select, update

from models import AuditEntry, PasswordLink, Role, User
from planner.errors import InvalidInputError
from planner.services import accounts, invitations
from planner.services.accounts import AccountFields, State
from planner.services.demo_accounts import seed_demo_accounts
from planner.services.invitations import INVITATION_LIFETIME, RESET_LIFETIME, LinkOverError
from planner.services.permissions import OPERATOR
from planner.services.sign_ins import Credentials, SignInError, resume, sign_in


def test_an_invited_person_sets_a_password_and_signs_in(world, admin, invite, enter):
    token = invite(" Malee ")
    assert state(world, admin) is State.INVITED
    with world() as session:
        assert invitations.find_link(session, token, NOW) == invitations.OpenLink("malee", "มาลี ใจดี", first=True)
    with world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW)
    assert state(world, admin) is State.ACTIVE
    with world() as session:
        found = resume(session, enter(), CLIENT, LIFETIMES, NOW)
    assert (found.actor.role, found.actor.ministry_code) == (Role.MINISTRY_PLANNER, "21000")
    assert actions(world) == ["created", "invited", "password_changed", "signed_in"]


def test_the_secret_of_a_link_is_kept_nowhere(world, invite):
    token = invite()
    with world() as session:
        assert token not in session.scalars(select(PasswordLink.token_hash)).one()
        written = [f"{entry.changes}{entry.note}" for entry in session.scalars(select(AuditEntry))]
    assert token not in "".join(written)


def test_a_link_works_once(world, invite):
    token = invite()
    with world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW)
    for use in (
        lambda session: invitations.accept_link(session, token, OTHER, NOW),
        lambda session: invitations.find_link(session, token, NOW),
    ):
        with pytest.raises(LinkOverError), world.begin() as session:
            use(session)


def test_a_link_expires(world, invite):
    token = invite()
    with world() as session:
        assert invitations.find_link(session, token, NOW + INVITATION_LIFETIME - SECOND)
    with pytest.raises(LinkOverError), world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW + INVITATION_LIFETIME)


def test_a_new_link_replaces_the_one_before(world, admin, invite):
    first = invite()
    with world.begin() as session:
        second = accounts.issue_link(session, admin, "malee", NOW)
    assert second.first
    with pytest.raises(LinkOverError), world.begin() as session:
        invitations.accept_link(session, first, PASSWORD, NOW)
    with world.begin() as session:
        invitations.accept_link(session, second.token, PASSWORD, NOW)


def test_a_refused_password_leaves_the_link_as_it_was(world, invite):
    token = invite()
    with pytest.raises(InvalidInputError) as refused, world.begin() as session:
        invitations.accept_link(session, token, "password", NOW)
    assert codes(refused) == [("password", "too_short"), ("password", "common")]
    with world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW)


def test_a_reset_link_sets_another_password_unlocks_and_ends_every_sign_in(world, admin, malee, enter):
    browser = enter()
    for _ in range(5):
        with pytest.raises(SignInError):
            enter(password="wrong")
    assert state(world, admin) is State.LOCKED
    with world.begin() as session:
        link = accounts.issue_link(session, admin, "malee", NOW)
    assert (link.first, link.expires_at) == (False, NOW + RESET_LIFETIME)
    assert is_signed_in(world, browser)  # until the link is used, everything stays as it is
    with world.begin() as session:
        invitations.accept_link(session, link.token, OTHER, NOW)
    assert not is_signed_in(world, browser)
    assert state(world, admin) is State.ACTIVE
    assert enter(password=OTHER)
    with pytest.raises(SignInError):
        enter()


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_mail_holds_the_link_in_the_language_of_its_reader(world, admin, invite, language):
    invite()
    with world.begin() as session:
        session.execute(update(User).where(User.username == "malee").values(language=language))
    with world.begin() as session:
        link = accounts.issue_link(session, admin, "malee", NOW)
    mail = invitations.compose_mail(link, f"https://planner.example/password/{link.token}")
    assert mail.to == PLANNER.email
    assert f"https://planner.example/password/{link.token}" in mail.text
    assert ("9 พฤศจิกายน 2569" if language == "th" else "9 November 2026") in mail.text
    assert "malee" in mail.text


def test_every_fault_of_an_invitation_is_told_at_once_and_nothing_is_stored(world, admin):
    with pytest.raises(InvalidInputError) as refused, world.begin() as session:
        accounts.invite(session, admin, "two words", AccountFields(" ", "nowhere", "king", "99999"), NOW)
    assert codes(refused) == [
        ("username", "not_a_username"),
        ("full_name", "missing"),
        ("email", "not_an_address"),
        ("role", "unknown"),
        ("ministry", "unknown"),
    ]
    with world() as session:
        assert session.scalars(select(User.username)).all() == ["admin"]
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == 0


@pytest.mark.parametrize("username", ["a/b", "a?b", "ก", "x", "-x", "a" * 101, "a b", ""])
def test_a_user_name_is_plain(world, admin, username):
    with pytest.raises(InvalidInputError) as refused, world.begin() as session:
        accounts.invite(session, admin, username, PLANNER, NOW)
    assert codes(refused) == [("username", "not_a_username")]


def test_a_user_name_is_given_once(world, admin, invite):
    invite()
    with pytest.raises(InvalidInputError) as refused:
        invite("MALEE")
    assert codes(refused) == [("username", "taken")]


@pytest.mark.parametrize(
    ("role", "ministry", "fault"),
    [
        ("ministry_planner", "", ("ministry", "missing")),
        ("de_planner", "21000", ("ministry", "not_with_role")),
        ("auditor", "21000", ("ministry", "not_with_role")),
        ("hr", "99999", ("ministry", "unknown")),
    ],
)
def test_role_and_ministry_fit_together(world, admin, role, ministry, fault):
    with pytest.raises(InvalidInputError) as refused, world.begin() as session:
        accounts.invite(session, admin, "malee", replace(PLANNER, role=role, ministry=ministry), NOW)
    assert codes(refused) == [fault]


@pytest.mark.parametrize(("role", "ministry"), [("hr", ""), ("hr", "21000"), ("manager", "")])
def test_who_may_do_without_a_ministry(world, admin, invite, role, ministry):
    assert invite(given=replace(PLANNER, role=role, ministry=ministry))


def test_the_operator_invites_the_first_administrator(world, enter):
    with world.begin() as session:
        link = accounts.invite(session, OPERATOR, "first", AccountFields("คนแรก", "", "administrator", ""), NOW)
        invitations.accept_link(session, link.token, PASSWORD, NOW)
    assert enter("first")


def test_the_demonstration_has_every_role_and_ministry_planners_de_and_hr_twice(world):
    with world.begin() as session:
        made = seed_demo_accounts(session)
    with world.begin() as session:
        assert seed_demo_accounts(session) == made
        assert session.scalar(select(func.count()).select_from(User)) == len(made) == len(Role) + 3
    assert {account.role for account in made} == set(Role)
    assert [account.ministry_code for account in made if account.role is Role.MINISTRY_PLANNER] == ["21000", "11000"]
    assert [account.ministry_code for account in made if account.role is Role.HR] == [None, "21000"]
    for account in made:
        token = sign_in(world, Credentials(account.username, account.password), CLIENT, LIFETIMES, NOW)
        with world() as session:
            actor = resume(session, token, CLIENT, LIFETIMES, NOW).actor
        assert (actor.role, actor.ministry_code) == (account.role, account.ministry_code)


def test_without_a_ministry_there_is_no_ministry_planner(session):
    assert Role.MINISTRY_PLANNER not in {account.role for account in seed_demo_accounts(session)}


def test_nobody_is_called_what_the_log_calls_the_operator(session, admin):
    with pytest.raises(InvalidInputError) as refused:
        accounts.invite(session, admin, " Operator ", PLANNER, NOW)
    assert codes(refused) == [("username", "taken")]
