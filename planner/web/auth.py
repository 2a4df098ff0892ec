"""Signing in and out, and the page to which an invitation leads."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from planner.errors import InvalidInputError, PlannerError
from planner.services import invitations, sign_ins
from planner.services.passwords import MIN_LENGTH
from planner.text import N_
from planner.web.current import actor, client, known_actor, lifetimes, sessions, sign_in_number, transaction
from planner.web.forms import repeated, show_faults
from planner.web.security import end_session, safe_target, start_session

blueprint = Blueprint("auth", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    username = StringField(N_("User name"), [DataRequired(N_("Fill in your user name."))])
    password = PasswordField(N_("Password"), [DataRequired(N_("Fill in your password."))])


class PasswordForm(FlaskForm):  # type: ignore[misc]
    """A first or a new password, twice."""

    password = PasswordField(N_("New password"), [DataRequired(N_("Fill in a password."))])
    again = PasswordField(N_("New password once more"), [repeated("password")])


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The sign-in page; on success, on to where the person was going."""
    target = safe_target(request.args.get("next"))
    if known_actor():
        return redirect(target)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form, refusal=None)
    given = sign_ins.Credentials(form.username.data, form.password.data)
    try:
        token = sign_ins.sign_in(sessions(), given, client(), lifetimes(), dt.datetime.now(dt.UTC))
    except PlannerError as refusal:
        return render_template("auth/sign_in.html", form=form, refusal=refusal.message), refusal.status
    start_session(token)
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    with transaction() as database:
        sign_ins.end_sign_in(database, actor(), sign_in_number())
    end_session()
    flash(N_("You are signed out."))
    return redirect(url_for("auth.sign_in"))


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> str | Response | tuple[str, int]:
    """Where an invitation or a reset leads: the form for the password. Opening it does not use the link up."""
    now = dt.datetime.now(dt.UTC)
    with transaction() as database:
        link = invitations.find_link(database, token, now)
    form = PasswordForm()
    status = 200
    if form.validate_on_submit():
        try:
            with transaction() as database:
                invitations.accept_link(database, token, form.password.data, now)
        except InvalidInputError as error:
            show_faults(form, error)
            status = error.status
        else:
            end_session()
            flash(N_("Your password is set. Sign in with it."))
            return redirect(url_for("auth.sign_in"))
    return render_template("auth/set_password.html", form=form, link=link, length=MIN_LENGTH), status
