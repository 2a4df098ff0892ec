"""The administrator's screens: the list of accounts, inviting, and one account with what can be done to it."""

import datetime as dt
from dataclasses import asdict, replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import Response as Download
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import IntegerField, SelectField, StringField
from wtforms.widgets import HiddenInput

from planner.errors import InvalidInputError
from planner.mail import MAILER, Mailer
from planner.services import accounts, second_factors
from planner.services.accounts import SORTABLE, AccountFields, AccountFilter
from planner.services.history import load_history
from planner.services.invitations import IssuedLink, send_link_after_commit
from planner.services.wording import ACCOUNT_STATES, ROLES
from planner.text import N_
from planner.web.current import actor, lifetimes, sessions, transaction, ways_in
from planner.web.downloads import send_table
from planner.web.forms import show_faults
from planner.web.queries import argument, list_arguments
from planner.web.rendering import translate, words

blueprint = Blueprint("accounts", __name__, url_prefix="/accounts")


class AccountForm(FlaskForm):  # type: ignore[misc]
    """What an administrator says of an account."""

    full_name = StringField(N_("Full name"))
    email = StringField(N_("E-mail address"))
    role = SelectField(N_("Role"), validate_choice=False)
    ministry = SelectField(N_("Ministry"), validate_choice=False)
    version = IntegerField(widget=HiddenInput())

    def offer(self, database: Session) -> None:
        """Fill the lists to choose from."""
        self.role.choices = [(code, translate(name)) for code, name in ROLES.items()]
        ministries = [(code, words(name)) for code, name in accounts.list_ministries(database, actor())]
        self.ministry.choices = [("", translate(N_("Every ministry"))), *ministries]

    def fields(self) -> AccountFields:
        """What was filled in."""
        return AccountFields(*(self[name].data or "" for name in ("full_name", "email", "role", "ministry")))


class InvitationForm(AccountForm):
    """The same of an account to be made."""

    username = StringField(N_("User name"))


def wanted() -> AccountFilter:
    """The filter that the address asks for."""
    return AccountFilter(
        **list_arguments(), role=argument("role"), ministry=argument("ministry"), state=argument("state")
    )


@blueprint.get("/")
def index() -> str:
    """The filtered list, a page of it."""
    chosen = wanted()
    with transaction() as database:
        listing = accounts.list_accounts(database, actor(), chosen, _now())
        ministries = accounts.list_ministries(database, actor())
    choices = {"roles": ROLES.items(), "ministries": ministries, "states": ACCOUNT_STATES.items()}
    return render_template("accounts/index.html", listing=listing, chosen=chosen, choices=choices, sortable=SORTABLE)


@blueprint.get("/export.<form>")
def export(form: str) -> Download:
    """Every account that the filter lets through, as Excel or CSV."""
    with transaction() as database:
        listing = accounts.list_accounts(database, actor(), replace(wanted(), page=None), _now())
    return send_table(listing.table, "accounts", form, made_up=False)


@blueprint.route("/new", methods=["GET", "POST"])
def invite() -> str | tuple[str, int]:
    """The form for a new account; then, once, the link for its person."""
    form = InvitationForm()
    status = 200
    if request.method == "POST":
        try:
            with transaction() as database:
                link = accounts.invite(database, actor(), form.username.data or "", form.fields(), _now())
                mailed = _send(database, link)
            return _show_link(link, mailed=mailed)
        except InvalidInputError as error:
            show_faults(form, error)
            status = error.status
    with transaction() as database:
        form.offer(database)
    return render_template("accounts/new.html", form=form), status


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One account."""
    return _page(code)


@blueprint.post("/<code>")
def change(code: str) -> Response | tuple[str, int]:
    """Keep the account's fields."""
    form = AccountForm()
    try:
        with transaction() as database:
            accounts.change_account(database, actor(), code, form.version.data or 0, form.fields())
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(code, form), error.status
    flash(N_("The account is changed."))
    return _back_to(code)


@blueprint.post("/<code>/link")
def issue_link(code: str) -> str:
    """A new link for the account's password, shown once."""
    with transaction() as database:
        link = accounts.issue_link(database, actor(), code, _now())
        mailed = _send(database, link)
    return _show_link(link, mailed=mailed)


@blueprint.post("/<code>/take-back")
def take_back(code: str) -> str:
    """Take the account out of the hands of whoever got into it; the link for its person, shown once."""
    with transaction() as database:
        link = accounts.take_back(database, actor(), code, _now())
        mailed = _send(database, link)
    return _show_link(link, mailed=mailed)


@blueprint.post("/<code>/deactivate")
def deactivate(code: str) -> Response:
    """Let nobody in with the account any more."""
    with transaction() as database:
        accounts.deactivate(database, actor(), code)
    flash(N_("The account is deactivated and signed out everywhere."))
    return _back_to(code)


@blueprint.post("/<code>/reactivate")
def reactivate(code: str) -> Response:
    """Let its person in again."""
    with transaction() as database:
        accounts.reactivate(database, actor(), code)
    flash(N_("The account is active again."))
    return _back_to(code)


@blueprint.post("/<code>/unlock")
def unlock(code: str) -> Response:
    """Forget the wrong passwords that locked the account."""
    with transaction() as database:
        accounts.unlock(database, actor(), code)
    flash(N_("The account is unlocked."))
    return _back_to(code)


@blueprint.post("/<code>/second-factor/reset")
def reset_second_factor(code: str) -> Response:
    """Take the second factor of somebody who lost it away."""
    with transaction() as database:
        second_factors.reset(database, actor(), code)
    flash(N_("The second factor is reset. The person is signed out everywhere."))
    return _back_to(code)


@blueprint.post("/<code>/sign-ins/end")
def end_sign_ins(code: str) -> Response:
    """Sign the account's person out of every browser."""
    with transaction() as database:
        accounts.end_sign_ins(database, actor(), code)
    flash(N_("The person is signed out everywhere."))
    return _back_to(code)


@blueprint.post("/<code>/tokens/revoke")
def revoke_tokens(code: str) -> Response:
    """End every token of the account."""
    with transaction() as database:
        accounts.revoke_tokens(database, actor(), code)
    flash(N_("Every token of the account is revoked."))
    return _back_to(code)


def _page(code: str, form: AccountForm | None = None) -> str:
    with transaction() as database:
        detail = accounts.get_account(database, actor(), code, lifetimes(), _now())
        form = form or AccountForm(formdata=None, data={**asdict(detail.fields), "version": detail.version})
        form.offer(database)
        past = load_history(database, actor(), f"account:{code}")
    return render_template("accounts/show.html", detail=detail, form=form, history=past, passwords=ways_in().passwords)


def _send(database: Session, link: IssuedLink) -> bool:
    return send_link_after_commit(database, link, url_for("auth.set_password", token=link.token))


def _show_link(link: IssuedLink, *, mailed: bool) -> str:
    """The page with the link, which is also sent to the person's address where there is one."""
    mailer: Mailer = sessions().kw["info"][MAILER]
    address = (mailer.address or request.host_url.rstrip("/")) + url_for("auth.set_password", token=link.token)
    return render_template("accounts/link.html", link=link, address=address, mailed=mailed)


def _back_to(code: str) -> Response:
    return redirect(url_for("accounts.show", code=code))


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
