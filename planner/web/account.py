"""The signed-in person's own account: profile, password, second factor, and where they are signed in."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import DataRequired

from planner.errors import InvalidInputError
from planner.services import ending, profile, second_factors, sign_ins, tokens
from planner.services.passwords import MIN_LENGTH
from planner.services.second_factors import WrongCodeError
from planner.text import N_
from planner.web.current import actor, client, lifetimes, sessions, sign_in_number, transaction, ways_in
from planner.web.forms import repeated, show_faults
from planner.web.security import end_session

blueprint = Blueprint("account", __name__, url_prefix="/account")


class ProfileForm(FlaskForm):  # type: ignore[misc]
    """Name and address."""

    full_name = StringField(N_("Full name"))
    email = StringField(N_("E-mail address"))


class EndingForm(FlaskForm):  # type: ignore[misc]
    """Signing out everywhere. Unless it is said that programs go on, their tokens end too."""

    keep_tokens = BooleanField()


class ChangePasswordForm(EndingForm):
    """The present password, and the new one twice."""

    present = PasswordField(N_("Present password"), [DataRequired(N_("Fill in your password."))])
    password = PasswordField(N_("New password"), [DataRequired(N_("Fill in a password."))])
    again = PasswordField(N_("New password once more"), [repeated("password")])


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the second factor."""

    code = StringField(N_("Code"), [DataRequired(N_("Fill in the code."))])


@blueprint.get("/")
def show() -> str:
    """The profile, the password form, and every browser in which the person is signed in."""
    return _page()


@blueprint.post("/profile")
def save_profile() -> Response | tuple[str, int]:
    """Keep name and address."""
    form = ProfileForm()
    given = profile.Profile(form.full_name.data or "", form.email.data or "")
    try:
        with transaction() as database:
            profile.save_profile(database, actor(), given)
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(profile_form=form), error.status
    flash(N_("Your profile is saved."))
    return redirect(url_for("account.show"))


@blueprint.post("/password")
def change_password() -> Response | tuple[str, int]:
    """Set another password; all else with which somebody could come in ends."""
    form = ChangePasswordForm()
    if not form.validate():
        return _page(password_form=form), InvalidInputError.status
    given = profile.PasswordChange(form.present.data, form.password.data, sign_in_number(), form.keep_tokens.data)
    try:
        profile.change_password(sessions(), actor(), given, client(), dt.datetime.now(dt.UTC))
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(password_form=form), error.status
    flash(N_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("account.show"))


@blueprint.post("/second-factor/codes")
def renew_codes() -> str | tuple[str, int]:
    """New recovery codes in the place of the old ones, with a code of the second factor."""
    form = CodeForm()
    if not form.validate():
        return _page(code_form=form), InvalidInputError.status
    try:
        codes = second_factors.renew_codes(sessions(), actor(), form.code.data, client(), dt.datetime.now(dt.UTC))
    except WrongCodeError as error:
        return _refuse_code(form, error)
    return render_template("account/recovery_codes.html", codes=codes, target=url_for("account.show"))


@blueprint.post("/second-factor/remove")
def remove_second_factor() -> Response | tuple[str, int]:
    """Take one's own second factor away with one of its codes, which signs out everywhere."""
    form = CodeForm()
    if not form.validate():
        return _page(code_form=form), InvalidInputError.status
    try:
        second_factors.remove(sessions(), actor(), form.code.data, client(), dt.datetime.now(dt.UTC))
    except WrongCodeError as error:
        return _refuse_code(form, error)
    end_session()
    flash(N_("Your second factor is removed. You are signed out everywhere."))
    return redirect(url_for("auth.sign_in"))


@blueprint.post("/sign-ins/<key:number>/end")
def end_sign_in(number: int) -> Response:
    """Sign out of one browser."""
    with transaction() as database:
        sign_ins.end_sign_in(database, actor(), number)
    flash(N_("That browser is signed out."))
    return redirect(url_for("account.show"))


@blueprint.post("/sign-ins/end")
def sign_out_everywhere() -> Response:
    """Sign out of every browser, this one too, and end tokens."""
    with transaction() as database:
        ending.sign_out_everywhere(database, actor(), keep_tokens=EndingForm().keep_tokens.data)
    end_session()
    flash(N_("You are signed out everywhere."))
    return redirect(url_for("auth.sign_in"))


def _refuse_code(form: CodeForm, error: WrongCodeError) -> tuple[str, int]:
    form.code.errors = [error.message]
    return _page(code_form=form), InvalidInputError.status


def _page(
    profile_form: ProfileForm | None = None,
    password_form: ChangePasswordForm | None = None,
    code_form: CodeForm | None = None,
) -> str:
    with transaction() as database:
        kept = profile.load_profile(database, actor())
        standing = second_factors.load_standing(database, actor().user_id)
        token_count = tokens.count_tokens(database, actor().user_id)
        entries = sign_ins.list_sign_ins(database, actor().user_id, lifetimes(), dt.datetime.now(dt.UTC))
    return render_template(
        "account/show.html",
        profile_form=profile_form or ProfileForm(formdata=None, obj=kept),
        password_form=password_form or ChangePasswordForm(formdata=None),
        token_count=token_count,
        code_form=code_form or CodeForm(formdata=None),
        standing=standing,
        passwords=standing.passwords and ways_in().passwords,
        sign_ins=entries,
        this_sign_in=sign_in_number(),
        length=MIN_LENGTH,
    )
