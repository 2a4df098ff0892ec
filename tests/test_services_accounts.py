"""Inviting people, what administrators do to accounts, and what people do to their own."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import event, func, select, update

from models import AuditEntry, Identity, PasswordLink, Role, User
from planner.db import open_sessions
from planner.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from planner.services import accounts, invitations, profile
from planner.services.accounts import AccountFields, AccountFilter, State, load_actor
from planner.services.demo_accounts import seed_demo_accounts
from planner.services.invitations import INVITATION_LIFETIME, RESET_LIFETIME, LinkOverError
from planner.services.passwords import hash_password
from planner.services.permissions import OPERATOR
from planner.services.sign_ins import Client, Credentials, Lifetimes, SignInError, resume, sign_in
from planner.services.tokens import NewToken, find_bearer, issue_token

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)
PASSWORD = "wat-pho-sunrise-7"
PASSWORD_HASH = hash_password(PASSWORD)
OTHER = "wat-arun-sunset-91"
CLIENT = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))
PLANNER = AccountFields("มาลี ใจดี", "malee@moph.example", "ministry_planner", "21000")


@pytest.fixture
def admin(world):
    with world.begin() as session:
        user = User(username="admin", full_name="ผู้ดูแล", password_hash=PASSWORD_HASH, role=Role.ADMINISTRATOR)
        session.add(user)
        session.flush()
        return load_actor(session, user.id)


@pytest.fixture
def invite(world, admin):
    def invite(username="malee", given=PLANNER, now=NOW) -> str:
        with world.begin() as session:
            return accounts.invite(session, admin, username, given, now).token

    return invite


@pytest.fixture
def malee(world, invite):
    """An account that has accepted its invitation."""
    token = invite()
    with world.begin() as session:
        invitations.accept_link(session, token, PASSWORD, NOW)
    with world() as session:
        return load_actor(session, session.scalars(select(User.id).where(User.username == "malee")).one())


@pytest.fixture
def enter(world):
    def enter(username="malee", password=PASSWORD, now=NOW) -> str:
        return sign_in(world, Credentials(username, password), CLIENT, LIFETIMES, now)

    return enter


@pytest.fixture
def token(world):
    def token(owner) -> str:
        with world.begin() as session:
            return issue_token(session, owner, NewToken("report", 30, ("requirements:read",)), NOW)

    return token


def works(sessions, token) -> bool:
    with sessions() as session:
        return find_bearer(session, token, CLIENT, NOW) is not None


def state(sessions, admin, username="malee", now=NOW) -> State:
    with sessions() as session:
        return accounts.get_account(session, admin, username, LIFETIMES, now).state


def is_signed_in(sessions, token) -> bool:
    with sessions() as session:
        return resume(session, token, CLIENT, LIFETIMES, NOW) is not None


def actions(sessions, username="malee") -> list[str]:
    with sessions() as session:
        entries = select(AuditEntry.action).where(AuditEntry.subject == f"account:{username}")
        return list(session.scalars(entries.order_by(AuditEntry.position)))


def codes(error) -> list[tuple[str, str]]:
    return [(found.address, found.code) for found in error.value.faults]


# Invitations


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


# What an account may look like


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


# What an administrator does


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


# The list


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


# One's own account


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


# The operator and the demonstration


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
