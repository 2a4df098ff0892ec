"""Accounts: who there is, with which role, and who may sign in. No password, link or second factor passes through here.

A link with which somebody sets the password is sent to their own address, and told to nobody else. Accounts of
administrators, and of roles that need a second factor, are made, changed and let in again on the pages alone.
"""

import datetime as dt
from typing import Literal

from flask import current_app
from pydantic import Field

from planner.api.pages import items_of
from planner.api.paging import ListQuery, cursor_of
from planner.api.resources import Call, Resource
from planner.api.values import Code, Model, Page, Words
from planner.services import accounts as service
from planner.services.accounts import AccountDetail, AccountFields, AccountFilter
from planner.services.invitations import LINK_PATH, IssuedLink, send_link_after_commit
from planner.services.tokens import Area
from planner.services.wording import ACCOUNT_STATES, ROLES

accounts = Resource(
    "accounts",
    Area.ACCOUNTS,
    "Who there is, with which role, and who may sign in. Accounts of administrators, and of roles that need a second "
    "factor, are made, changed and let in again on the pages alone.",
)

RoleName = Literal["ministry_planner", "de_planner", "manager", "hr", "auditor", "administrator"]
StateName = Literal["active", "invited", "locked", "deactivated"]


class AccountQuery(ListQuery):
    """The filters of the list."""

    role: RoleName | None = None
    ministry: Code | None = None
    state: StateName | None = None


class AccountListed(Model):
    """An account as the list has it, under its user name."""

    code: str
    full_name: str
    role: Words
    role_code: RoleName
    ministry: Words | None
    state: Words
    state_code: StateName


class NewAccount(Model):
    """Whom to invite. `ministry` is the code of the one that a ministry planner plans for; HR may have one."""

    username: str = Field(min_length=1, max_length=100)
    full_name: str = Field(min_length=1, max_length=300)
    email: str = Field("", max_length=254)
    role: RoleName
    ministry: Code | None = None


class AccountChange(Model):
    """What is to be changed; what is not sent stays, and null empties the ministry."""

    full_name: str | None = Field(None, min_length=1, max_length=300)
    email: str | None = Field(None, max_length=254)
    role: RoleName | None = None
    ministry: Code | None = None


class Account(Model):
    """An account, under its user name. `state` is why somebody may not sign in with it, where they may not."""

    code: str
    version: int
    full_name: str
    email: str
    role: str
    ministry: str | None
    state: StateName
    locked_until: dt.datetime | None
    sign_ins: int = Field(description="In how many browsers the person is signed in.")
    tokens: int = Field(description="How many tokens for programs the person has.")
    second_factor: bool = Field(description="Whether the person gives a second factor here.")
    provided: bool = Field(description="Whether the person comes by the organisation's provider.")

    @classmethod
    def of(cls, found: AccountDetail) -> "Account":
        """An account as JSON."""
        return cls(
            code=found.username,
            version=found.version,
            full_name=found.fields.full_name,
            email=found.fields.email,
            role=found.fields.role,
            ministry=found.fields.ministry or None,
            state=found.state.value,
            locked_until=found.locked_until,
            sign_ins=len(found.sign_ins),
            tokens=len(found.tokens),
            second_factor=found.second_factor,
            provided=found.provided,
        )


class LinkSent(Model):
    """Whether the link was sent. Where it was not, an administrator makes one on the account's page."""

    code: str
    mailed: bool = Field(description="False without an address, or where the installation sends no mail.")
    expires_at: dt.datetime


@accounts.get()
def index(call: Call, query: AccountQuery) -> Page[AccountListed]:
    """List accounts."""
    wanted = AccountFilter(**query.arguments(), role=query.role, ministry=query.ministry, state=query.state)
    found = service.list_accounts(call.session, call.actor, wanted, call.now)
    return Page(
        items=items_of(found.table, AccountListed, role=ROLES, state=ACCOUNT_STATES), next=cursor_of(found.last)
    )


@accounts.post(status=201)
def create(call: Call, body: NewAccount) -> LinkSent:
    """Invite somebody: make an account, and send its person the link that sets the first password."""
    given = AccountFields(body.full_name, body.email, body.role, body.ministry or "")
    return _send(call, service.invite(call.session, call.actor, body.username, given, call.now))


@accounts.get("/<code>")
def show(call: Call, code: str) -> Account:
    """One account."""
    lifetimes = current_app.extensions["lifetimes"]
    return Account.of(service.get_account(call.session, call.actor, code, lifetimes, call.now))


@accounts.patch("/<code>")
def change(call: Call, code: str, body: AccountChange) -> Account:
    """Change who an account is for, and what they may do."""
    found = show(call, code)
    sent = body.model_dump(exclude_unset=True)
    wanted = {name: sent.get(name, getattr(found, name)) or "" for name in AccountChange.model_fields}
    service.change_account(call.session, call.actor, code, call.based_on(found.version), AccountFields(**wanted))
    return show(call, code)


@accounts.post("/<code>/link")
def issue_link(call: Call, code: str) -> LinkSent:
    """Send the account's person a new link that sets the password; an earlier one works no longer."""
    return _send(call, service.issue_link(call.session, call.actor, code, call.now))


@accounts.post("/<code>/take-back")
def take_back(call: Call, code: str) -> LinkSent:
    """Take an account from whoever got into it: password, sign-ins and tokens end; its person is sent a link."""
    return _send(call, service.take_back(call.session, call.actor, code, call.now))


@accounts.post("/<code>/deactivate")
def deactivate(call: Call, code: str) -> Account:
    """Let nobody in with an account any more, nor by its tokens."""
    service.deactivate(call.session, call.actor, code)
    return show(call, code)


@accounts.post("/<code>/reactivate")
def reactivate(call: Call, code: str) -> Account:
    """Let its person in again."""
    service.reactivate(call.session, call.actor, code)
    return show(call, code)


@accounts.post("/<code>/unlock")
def unlock(call: Call, code: str) -> Account:
    """Forget the wrong passwords that locked an account."""
    service.unlock(call.session, call.actor, code)
    return show(call, code)


@accounts.delete("/<code>/sign-ins")
def end_sign_ins(call: Call, code: str) -> None:
    """Sign the account's person out of every browser."""
    service.end_sign_ins(call.session, call.actor, code)


@accounts.delete("/<code>/tokens")
def revoke_tokens(call: Call, code: str) -> None:
    """End every token with which programs act for the account's person."""
    service.revoke_tokens(call.session, call.actor, code)


def _send(call: Call, link: IssuedLink) -> LinkSent:
    mailed = send_link_after_commit(call.session, link, LINK_PATH + link.token)
    return LinkSent(code=link.username, mailed=mailed, expires_at=link.expires_at)
