"""What administrators do to accounts."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from account_people import (
    CLIENT,
    LIFETIMES,
    NOW,
    OTHER,
    PASSWORD,
    PASSWORD_HASH,
    PLANNER,
    SECOND,
    actions,
    is_signed_in,
    state,
    works,
)
from sqlalchemy import event, select, update

from models import AuditEntry, Identity, Role, User
from planner.db import open_sessions
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services import accounts, invitations
from planner.services.accounts import AccountFields, AccountFilter, State, load_actor
from planner.services.invitations import LinkOverError
from planner.services.sign_ins import Credentials, SignInError, sign_in


def test_role_and_ministry_are_changed_and_the_log_says_from_what_to_what(world, admin, malee):
    with world.begin() as session:
        version = accounts.get_account(session, admin, "malee", LIFETIMES, NOW).version
        accounts.change_account(session, admin, "malee", version, AccountFields(" มาลี ใจดี ", "", "de_planner", ""))
    with world() as session:
        actor = load_actor(session, malee.user_id)
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.position.desc()).limit(1)).one()
    assert (actor.role, actor.ministry_id) == (Role.DE_PLANNER, None)
    assert (entry.actor, entry.action) == ("admin", "changed")
    assert entry.changes == {
        "email": ["malee@moph.example", None],
        "role": ["ministry_planner", "de_planner"],
        "ministry": ["21000", None],
    }


def test_a_change_of_what_somebody_else_changed_meanwhile_is_refused(world, admin, malee):
    with world() as session:
        version = accounts.get_account(session, admin, "malee", LIFETIMES, NOW).version
    with world.begin() as session:
        accounts.change_account(session, admin, "malee", version, replace(PLANNER, role="auditor", ministry=""))
    with pytest.raises(ConflictError), world.begin() as session:
        accounts.change_account(session, admin, "malee", version, replace(PLANNER, full_name="มาลี"))
    with world() as session:
        assert load_actor(session, malee.user_id).role is Role.AUDITOR


def test_a_deactivated_account_is_out_at_once_and_can_come_back(world, admin, malee, enter):
    browser = enter()
    with world.begin() as session:
        link = accounts.issue_link(session, admin, "malee", NOW)
        accounts.deactivate(session, admin, "malee")
    assert not is_signed_in(world, browser)
    assert state(world, admin) is State.DEACTIVATED
    with pytest.raises(SignInError):
        enter()
    with pytest.raises(LinkOverError), world.begin() as session:
        invitations.accept_link(session, link.token, OTHER, NOW)
    with pytest.raises(ConflictError), world.begin() as session:
        accounts.issue_link(session, admin, "malee", NOW)
    with world.begin() as session:
        accounts.reactivate(session, admin, "malee")
    assert enter()
    assert not is_signed_in(world, browser)


def test_a_locked_account_is_unlocked(world, admin, malee, enter):
    for _ in range(5):
        with pytest.raises(SignInError):
            enter(password="wrong")
    with world.begin() as session:
        accounts.unlock(session, admin, "malee")
    assert state(world, admin) is State.ACTIVE
    assert enter()
    assert "unlocked" in actions(world)


def test_a_lock_that_is_over_is_no_lock(world, admin, malee):
    with world.begin() as session:
        session.execute(update(User).where(User.username == "malee").values(failed_sign_ins=5, locked_until=NOW))
    assert state(world, admin, now=NOW - SECOND) is State.LOCKED
    assert state(world, admin, now=NOW) is State.ACTIVE


def test_an_administrator_ends_somebodys_sign_ins(world, admin, malee, enter):
    browsers = [enter(), enter()]
    with world.begin() as session:
        assert len(accounts.get_account(session, admin, "malee", LIFETIMES, NOW).sign_ins) == 2
        accounts.end_sign_ins(session, admin, "malee")
    assert [is_signed_in(world, browser) for browser in browsers] == [False, False]


def test_an_account_is_taken_back_from_whoever_got_into_it(world, admin, malee, enter, token):
    browser, bearer = enter(), token(malee)
    with world.begin() as session:
        before = accounts.issue_link(session, admin, "malee", NOW)
        link = accounts.take_back(session, admin, "malee", NOW)
    assert not is_signed_in(world, browser)
    assert not works(world, bearer)
    with pytest.raises(SignInError):
        enter()
    with pytest.raises(LinkOverError), world.begin() as session:
        invitations.accept_link(session, before.token, OTHER, NOW)
    assert (link.first, state(world, admin)) == (False, State.ACTIVE)
    with world.begin() as session:
        invitations.accept_link(session, link.token, OTHER, NOW)
    assert enter(password=OTHER)
    assert actions(world)[-6:] == [
        "taken_back",
        "tokens_revoked",
        "password_link_issued",
        "sign_in_failed",
        "password_changed",
        "signed_in",
    ]


def test_whoever_signs_in_while_the_account_is_taken_back_is_out_all_the_same(world, admin, malee):
    """The first commit of a sign-in counts the attempt, the second lets in: whatever comes then ends it."""
    commits = []

    def take_back(_session) -> None:
        commits.append(_session)
        if len(commits) == 2:
            with world.begin() as session:
                accounts.take_back(session, admin, "malee", NOW)

    people = open_sessions(world.kw["bind"])
    event.listen(people, "after_commit", take_back)
    browser = sign_in(people, Credentials("malee", PASSWORD), CLIENT, LIFETIMES, NOW)
    assert len(commits) == 2
    assert not is_signed_in(world, browser)


def test_only_the_provider_keeps_others_out_of_an_account_of_its_own(world, admin, malee):
    with world.begin() as session:
        session.add(Identity(user_id=malee.user_id, issuer="https://login.example", subject="1", linked_at=NOW))
    with pytest.raises(ConflictError), world.begin() as session:
        accounts.take_back(session, admin, "malee", NOW)


def test_what_is_withheld_from_a_program_it_neither_hands_out_nor_takes_over(world, admin, malee, invite):
    invite("auditor", AccountFields("ผู้ตรวจสอบ", "", "auditor", ""))
    program = replace(admin, withheld=frozenset({Role.ADMINISTRATOR, Role.AUDITOR}))
    auditor, planner = AccountFields("ก", "", "auditor", ""), replace(PLANNER, full_name="ก")
    for refused in (
        lambda session: accounts.invite(session, program, "new", auditor, NOW),
        lambda session: accounts.change_account(session, program, "malee", 1, auditor),
        lambda session: accounts.change_account(session, program, "auditor", 1, planner),
        lambda session: accounts.issue_link(session, program, "auditor", NOW),
        lambda session: accounts.take_back(session, program, "auditor", NOW),
        lambda session: accounts.reactivate(session, program, "auditor"),
        lambda session: accounts.unlock(session, program, "auditor"),
    ):
        with pytest.raises(accounts.WithheldError), world.begin() as session:
            refused(session)
    with world.begin() as session:
        accounts.change_account(session, program, "malee", 1, planner)
        accounts.end_sign_ins(session, program, "auditor")
        accounts.revoke_tokens(session, program, "auditor")
        accounts.deactivate(session, program, "auditor")
    assert state(world, admin, "auditor") is State.DEACTIVATED


ON_ALL = [
    lambda session, actor: accounts.list_accounts(session, actor, AccountFilter(), NOW),
    accounts.list_ministries,
    lambda session, actor: accounts.invite(session, actor, "new", PLANNER, NOW),
]
ON_ONE = [
    lambda session, actor, name: accounts.get_account(session, actor, name, LIFETIMES, NOW),
    lambda session, actor, name: accounts.change_account(session, actor, name, 1, PLANNER),
    lambda session, actor, name: accounts.issue_link(session, actor, name, NOW),
    lambda session, actor, name: accounts.take_back(session, actor, name, NOW),
    accounts.deactivate,
    accounts.reactivate,
    accounts.unlock,
    accounts.end_sign_ins,
]


def test_nobody_else_manages_accounts(world, malee):
    for act, name in [*((act, ()) for act in ON_ALL), *((act, ("malee",)) for act in ON_ONE)]:
        with pytest.raises(ForbiddenError), world.begin() as session:
            act(session, malee, *name)


def test_an_account_that_does_not_exist_is_not_found(world, admin):
    for act in ON_ONE:
        with pytest.raises(NotFoundError), world.begin() as session:
            act(session, admin, "nobody")


def test_the_last_administrator_stays_one(world, admin, invite):
    invite("deputy", AccountFields("รองผู้ดูแล", "", "administrator", ""))  # who has no password yet
    demoted = AccountFields("ผู้ดูแล", "", "auditor", "")
    for act in (
        lambda session: accounts.deactivate(session, admin, "admin"),
        lambda session: accounts.change_account(session, admin, "admin", 1, demoted),
    ):
        with pytest.raises(ConflictError), world.begin() as session:
            act(session)
    with world.begin() as session:
        session.execute(update(User).where(User.username == "deputy").values(password_hash=PASSWORD_HASH))
    with world.begin() as session:
        accounts.change_account(session, admin, "admin", 1, demoted)
    with world() as session:
        assert load_actor(session, admin.user_id).role is Role.AUDITOR


def test_two_administrators_cannot_remove_each_other_at_once(world, admin):
    with world.begin() as session:
        session.add(User(username="deputy", full_name="รอง", password_hash=PASSWORD_HASH, role=Role.ADMINISTRATOR))
    together = Barrier(2)

    def remove(username) -> bool:
        together.wait()
        try:
            with world.begin() as session:
                accounts.deactivate(session, admin, username)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, ["admin", "deputy"])) == [False, True]


def test_the_list_is_filtered_sorted_and_paged(world, admin, malee, count_queries):
    with world.begin() as session:
        for username, full_name, role in (
            ("chai", "เกรียงไกร", "manager"),
            ("dao", "กานดา", "auditor"),
            ("ek", "เอก", "hr"),
        ):
            accounts.invite(session, admin, username, AccountFields(full_name, "", role, ""), NOW)
        accounts.deactivate(session, admin, "ek")

    def names(**wanted) -> list[str]:
        with world() as session:
            listing = accounts.list_accounts(session, admin, AccountFilter(**wanted), NOW)
            return list(listing.table.column("code"))

    assert names() == ["admin", "chai", "dao", "ek", "malee"]
    assert names(text="MOPH.example") == ["malee"]
    assert names(text="กาน") == ["dao"]
    assert names(role="hr") == ["ek"]
    assert names(role="king") == []
    assert names(ministry="21000") == ["malee"]
    assert names(state="invited") == ["chai", "dao"]
    assert names(state="deactivated") == ["ek"]
    assert names(sort="full_name") == ["dao", "chai", "admin", "malee", "ek"]  # as in a dictionary: ก ก ผ ม อ
    assert names(sort="state", descending=True)[0] in {"chai", "dao"}
    assert names(page=2, page_size=2) == ["dao", "ek"]
    with count_queries() as statements, world() as session:
        accounts.list_accounts(session, admin, AccountFilter(), NOW)
    assert len(statements) == 2
