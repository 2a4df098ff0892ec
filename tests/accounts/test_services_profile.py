"""What people do to their own accounts."""

from dataclasses import replace

import pytest
from account_people import CLIENT, LIFETIMES, NOW, OTHER, PASSWORD, codes, is_signed_in, state, works
from sqlalchemy import select

from models import AuditEntry
from planner.errors import InvalidInputError
from planner.services import accounts, invitations, profile
from planner.services.accounts import State, load_actor
from planner.services.invitations import LinkOverError
from planner.services.sign_ins import resume


def test_people_keep_their_own_name_and_address(world, malee):
    with world.begin() as session:
        profile.save_profile(session, malee, profile.Profile(" มาลี รักดี ", " malee@example.org "))
    with world() as session:
        assert profile.load_profile(session, malee) == profile.Profile("มาลี รักดี", "malee@example.org")
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1)).one()
    assert entry.changes["full_name"] == ["มาลี ใจดี", "มาลี รักดี"]
    with pytest.raises(InvalidInputError) as refused, world.begin() as session:
        profile.save_profile(session, malee, profile.Profile("", "@"))
    assert codes(refused) == [("full_name", "missing"), ("email", "not_an_address")]


def test_language_and_theme_stay_with_the_person(world, malee):
    with world.begin() as session:
        profile.set_language(session, malee, "en")
        profile.set_theme(session, malee, "dark")
    with world() as session:
        actor = load_actor(session, malee.user_id)
    assert (actor.language, actor.theme) == ("en", "dark")
    with world() as session, pytest.raises(ValueError, match="'fr'"):
        profile.set_language(session, malee, "fr")
    with world() as session, pytest.raises(ValueError, match="'pink'"):
        profile.set_theme(session, malee, "pink")


def change(present: str, new: str, kept: int) -> profile.PasswordChange:
    return profile.PasswordChange(present, new, kept)


def test_a_new_password_ends_the_tokens_of_programs_unless_they_are_kept(world, admin, malee, token):
    kept = token(malee)
    profile.change_password(world, malee, replace(change(PASSWORD, OTHER, 0), keep_tokens=True), CLIENT, NOW)
    assert works(world, kept)
    profile.change_password(world, malee, change(OTHER, PASSWORD, 0), CLIENT, NOW)
    assert not works(world, kept)
    gone = token(malee)
    with world.begin() as session:
        link = accounts.issue_link(session, admin, "malee", NOW)
    assert works(world, gone)
    with world.begin() as session:
        invitations.accept_link(session, link.token, OTHER, NOW)
    assert not works(world, gone)


def test_a_new_password_ends_every_other_sign_in_and_withdraws_an_open_link(world, admin, malee, enter):
    here, elsewhere = enter(), enter()
    with world.begin() as session:
        number = resume(session, here, CLIENT, LIFETIMES, NOW).number
        link = accounts.issue_link(session, admin, "malee", NOW)
    profile.change_password(world, malee, change(PASSWORD, OTHER, number), CLIENT, NOW)
    assert (is_signed_in(world, here), is_signed_in(world, elsewhere)) == (True, False)
    assert enter(password=OTHER)
    with pytest.raises(LinkOverError), world.begin() as session:
        invitations.accept_link(session, link.token, PASSWORD, NOW)


def test_a_password_is_changed_only_by_who_knows_it(world, malee, enter):
    with pytest.raises(InvalidInputError) as refused:
        profile.change_password(world, malee, change("wrong", "malee", 0), CLIENT, NOW)
    assert codes(refused) == [("present", "wrong"), ("password", "too_short"), ("password", "holds_username")]
    assert enter()


def test_guessing_the_present_password_locks_the_account(world, admin, malee):
    for _ in range(5):
        with pytest.raises(InvalidInputError):
            profile.change_password(world, malee, change("wrong", OTHER, 0), CLIENT, NOW)
    assert state(world, admin) is State.LOCKED
