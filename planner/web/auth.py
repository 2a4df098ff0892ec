"""Signing in with a password and out, and the pages to which an invitation or an emergency link leads."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from planner.errors import ForbiddenError, InvalidInputError, PlannerError
from planner.services import emergencies, invitations, second_steps, sign_ins
from planner.services.passwords import MIN_LENGTH
from planner.text import N_, Phrase
from planner.web.current import (
    actor,
    client,
    known_actor,
    lifetimes,
    provider,
    sessions,
    sign_in_number,
    transaction,
    ways_in,
)
from planner.web.forms import repeated, show_faults
from planner.web.security import PROVIDED, await_second_step, end_session, safe_target, start_session

blueprint = Blueprint("auth", __name__)


class PasswordsClosedError(ForbiddenError):
    """No passwords are taken here."""

    default = Phrase(N_("Passwords are not used here. Sign in with your organisation's account."))


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
    refusal, status = None, 200
    if request.method == "POST" and not ways_in().passwords:
        raise PasswordsClosedError
    if form.validate_on_submit():
        try:
            return _take(sign_ins.Credentials(form.username.data, form.password.data), target)
        except PlannerError as error:
            refusal, status = error.message, error.status
    return render_template("auth/sign_in.html", form=form, refusal=refusal, ways=ways_in(), target=target), status


def _take(given: sign_ins.Credentials, target: str) -> Response:
    """Sign in, or go on to the second step; `PlannerError` if name and password are refused."""
    now = dt.datetime.now(dt.UTC)
    token = sign_ins.sign_in(sessions(), given, client(), lifetimes(), now, second_factor=ways_in().second_factor)
    with transaction() as database:
        waiting = second_steps.find_pending(database, token, now)
    if waiting is None:
        start_session(token)
        return redirect(target)
    await_second_step(token, waiting.actor.language)
    step = "second_factor.give_code" if waiting.enrolled else "second_factor.set_up_first"
    return redirect(url_for(step, next=target))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    with transaction() as database:
        sign_ins.end_sign_in(database, actor(), sign_in_number())
    came_by_provider = session.get(PROVIDED) and provider()
    end_session()
    if came_by_provider:
        return redirect(url_for("single_sign_on.signed_out"))
    flash(N_("You are signed out."))
    return redirect(url_for("auth.sign_in"))


@blueprint.route("/password/<token>", methods=["GET", "POST"])
def set_password(token: str) -> str | Response | tuple[str, int]:
    """Where an invitation or a reset leads: the form for the password. Opening it does not use the link up."""
    now = dt.datetime.now(dt.UTC)
    if not ways_in().passwords:
        raise PasswordsClosedError
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


@blueprint.route("/emergency/<token>", methods=["GET", "POST"])
def enter(token: str) -> str | Response:
    """Where an emergency link leads: to a button that signs in. Opening it does not use the link up."""
    now = dt.datetime.now(dt.UTC)
    if request.method == "GET":
        with transaction() as database:
            name = emergencies.find(database, token, now)
        return render_template("auth/enter.html", name=name)
    with transaction() as database:
        signed_in = emergencies.enter(database, token, client(), lifetimes(), now)
    start_session(signed_in)
    return redirect(url_for("home.show"))
