"""People who come by the provider: whose account they get, what their groups make of it, and who is not let in."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from models import AuditEntry, Identity, PasswordLink, Role, SecondFactor, SignIn, User
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.services.accounts import AccountFields as Fields
from planner.services.accounts import AccountFilter, get_account, invite, list_accounts
from planner.services.arrivals import AccountClosedError, Arrival, KnownAs, NotAdmittedError, arrive, link_account
from planner.services.permissions import OPERATOR
from planner.services.provider import Claims
from planner.services.sign_ins import Client, Lifetimes, resume
from planner.ways_in import Grant, ProviderSettings

NOW = dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
HOME = Client("10.1.2.3", "Firefox")
LIFETIMES = Lifetimes(idle=dt.timedelta(hours=1), absolute=dt.timedelta(hours=8))
SETTINGS = ProviderSettings(
    "https://login.example.go.th",
    "planner",
    "https://planner.example.go.th",
    groups={
        "admins": Grant(Role.ADMINISTRATOR),
        "health": Grant(Role.MINISTRY_PLANNER, "21000"),
        "auditors": Grant(Role.AUDITOR),
        "nowhere": Grant(Role.MINISTRY_PLANNER, "99999"),
    },
)


def claims(subject="s-1", name="สมศรี", username="somsri", email="", groups=("auditors",)) -> Claims:
    return Claims(subject, name, username, email, groups)


@pytest.fixture
def come(world):
    def come(given: Claims):
        token = arrive(world, SETTINGS, Arrival(given, HOME, NOW), LIFETIMES)
        with world.begin() as session:
            return resume(session, token, HOME, LIFETIMES, NOW).actor

    return come


def entries(sessions) -> list[tuple[str, str, str]]:
    with sessions() as session:
        log = session.scalars(select(AuditEntry).order_by(AuditEntry.position))
        return [(entry.actor, entry.action, entry.subject) for entry in log]


def test_who_comes_first_gets_an_account_of_the_groups_role(world, come):
    actor = come(claims(email="somsri@moph.example.go.th", groups=("everybody", "health")))
    assert (actor.username, actor.role, actor.ministry_code) == (
        "somsri@moph.example.go.th",
        Role.MINISTRY_PLANNER,
        "21000",
    )
    account = f"account:{actor.username}"
    assert entries(world) == [
        (actor.username, action, account) for action in ("created", "identity_linked", "signed_in")
    ]
    with world() as session:
        user = session.scalars(select(User)).one()
        assert (user.full_name, user.email, user.password_hash) == ("สมศรี", "somsri@moph.example.go.th", None)


def test_who_comes_again_has_the_same_account_whatever_else_changed(world, come):
    first = come(claims())
    again = come(claims(name="สมศรี ใหม่", username="another", email="new@example.go.th"))
    assert (again.user_id, again.username) == (first.user_id, "somsri")
    with world() as session:
        assert session.scalar(select(func.count()).select_from(Identity)) == 1


def test_role_and_ministry_follow_the_groups(world, come):
    first = come(claims())
    moved = come(claims(groups=("health",)))
    assert (moved.user_id, moved.role, moved.ministry_code) == (first.user_id, Role.MINISTRY_PLANNER, "21000")
    assert come(claims(groups=("admins",))).ministry_code is None
    with world() as session:
        changes = session.scalars(select(AuditEntry.changes).where(AuditEntry.action == "changed")).all()
    assert changes[0] == {"role": ["auditor", "ministry_planner"], "ministry": [None, "21000"]}
    assert len(changes) == 2


def test_of_several_groups_the_first_of_the_setting_counts(come):
    assert come(claims(groups=("auditors", "health", "admins"))).role == Role.ADMINISTRATOR


@pytest.mark.parametrize("groups", [(), ("everybody",), ("Auditors",), ("nowhere",)])
def test_without_a_group_that_has_a_role_nobody_gets_in(world, groups):
    with pytest.raises(NotAdmittedError):
        arrive(world, SETTINGS, Arrival(claims(groups=groups), HOME, NOW), LIFETIMES)
    assert entries(world) == [("", "not_admitted", "address:10.1.2.3")]
    with world() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 0


def test_who_has_left_the_groups_is_signed_out_everywhere(world, come):
    come(claims())
    with pytest.raises(NotAdmittedError):
        come(claims(groups=()))
    with world() as session:
        assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    assert entries(world)[-1] == ("", "not_admitted", "account:somsri")


def test_a_deactivated_account_stays_closed(world, come):
    come(claims())
    with world.begin() as session:
        session.execute(update(User).values(active=False))
    with pytest.raises(AccountClosedError):
        come(claims())
    assert entries(world)[-1] == ("", "not_admitted", "account:somsri")


@pytest.fixture
def invited(world):
    """An account that an administrator named by an e-mail address, with a password and an open link."""
    with world.begin() as session:
        given = Fields("สมศรี ตัวอย่าง", "", "manager", "")
        invite(session, OPERATOR, "somsri@moph.example.go.th", given, NOW)
        user = session.scalars(select(User)).one()
        user.password_hash = "a hash"
        session.add(
            SignIn(
                user=user, token_hash="0" * 64, signed_in_at=NOW, last_seen_at=NOW, address="10.9.9.9", device="Edge"
            )
        )
        session.flush()
        return user.id


def test_the_verified_address_finds_the_account_of_that_user_name(world, come, invited):
    assert come(claims(email="Somsri@moph.example.go.th")).user_id == invited
    with world() as session:
        user = session.get_one(User, invited)
        assert (user.full_name, user.role, user.password_hash) == ("สมศรี ตัวอย่าง", Role.AUDITOR, None)
        assert session.scalar(select(func.count()).select_from(PasswordLink)) == 0
        assert session.scalars(select(SignIn.address)).all() == ["10.1.2.3"]  # who knew the password is out


def test_an_address_that_is_not_verified_finds_no_account(world, come, invited):
    actor = come(claims(username="somsri@moph.example.go.th"))
    assert actor.user_id != invited
    assert actor.username == "s-1"  # not even the name of the other account


def test_an_address_in_a_profile_finds_no_account(world, come):
    with world.begin() as session:
        session.add(
            User(username="mallory", full_name="M", email="somsri@moph.example.go.th", role=Role.HR, password_hash="-")
        )
    assert come(claims(email="somsri@moph.example.go.th", groups=("admins",))).username == "somsri@moph.example.go.th"
    with world() as session:
        assert session.scalars(select(User.role).where(User.username == "mallory")).one() == Role.HR


def test_one_subject_does_not_get_anothers_account(world, come):
    first = come(claims("s-1", email="somsri@moph.example.go.th"))
    second = come(claims("s-2", email="somsri@moph.example.go.th", username="other"))
    assert first.user_id != second.user_id
    assert second.username == "other"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        (claims(username="Somsri"), "somsri"),
        (claims(username="สมศรี"), "s-1"),
        (claims(username="operator"), "s-1"),
        (claims(subject="a b", username=""), "sso-a42802c050c5"),
        (claims(subject="x" * 255, username="-"), "sso-6355ed39c2b8"),
    ],
)
def test_an_account_is_named_by_the_first_that_can_name_one(come, given, name):
    assert come(given).username == name


def test_a_person_without_a_name_is_called_by_the_user_name(world, come):
    come(claims(name=""))
    with world() as session:
        assert session.scalars(select(User.full_name)).one() == "somsri"


def test_two_arrivals_at_once_make_one_account(world):
    def come(_nth):
        return arrive(world, SETTINGS, Arrival(claims(), HOME, NOW), LIFETIMES)

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(come, range(4)))) == 4
    with world() as session:
        assert session.scalar(select(func.count()).select_from(User)) == 1


def test_the_provider_sees_to_the_second_factor(world, come):
    actor = come(claims())
    with world.begin() as session:
        session.add(SecondFactor(user_id=actor.user_id, secret="-", last_step=0, enrolled_at=NOW))
    assert come(claims()).user_id == actor.user_id


def test_an_account_without_a_password_is_an_active_one(world, come):
    come(claims(groups=("admins",)))
    with world() as session:
        assert list_accounts(session, OPERATOR, AccountFilter(state="active"), NOW).total == 1
        detail = get_account(session, OPERATOR, "somsri", LIFETIMES, NOW)
    assert (detail.state, detail.provided, detail.second_factor) == ("active", True, False)


def test_an_account_of_any_name_can_be_linked_to_a_person(world, come):
    with world.begin() as session:
        session.add(User(username="somsri-moph", full_name="สมศรี", password_hash="a hash", role=Role.HR))
    with world.begin() as session:
        link_account(session, OPERATOR, "somsri-moph", KnownAs(SETTINGS.issuer, "s-1"), NOW)
    auditor = come(claims())
    assert auditor.username == "somsri-moph"
    with world.begin() as session:
        assert session.scalars(select(User.password_hash)).one() is None
        session.add(User(username="other", full_name="อื่น", password_hash="-", role=Role.HR))
        session.flush()
        for username, subject in (("somsri-moph", "s-2"), ("other", "s-1")):
            with pytest.raises(ConflictError):
                link_account(session, OPERATOR, username, KnownAs(SETTINGS.issuer, subject), NOW)
        with pytest.raises(NotFoundError):
            link_account(session, OPERATOR, "nobody", KnownAs(SETTINGS.issuer, "s-3"), NOW)
        with pytest.raises(ForbiddenError):
            link_account(session, auditor, "other", KnownAs(SETTINGS.issuer, "s-3"), NOW)
