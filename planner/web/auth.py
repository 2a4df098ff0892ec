"""Signing in and out."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from planner.errors import PlannerError
from planner.services import accounts
from planner.text import N_
from planner.web.current import known_actor, transaction
from planner.web.security import end_session, safe_target, start_session

blueprint = Blueprint("auth", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]
    """Name and password."""

    username = StringField(N_("User name"), [DataRequired(N_("Fill in your user name."))])
    password = PasswordField(N_("Password"), [DataRequired(N_("Fill in your password."))])


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    """The sign-in page; on success, on to where the person was going."""
    target = safe_target(request.args.get("next"))
    if known_actor():
        return redirect(target)
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("auth/sign_in.html", form=form, refusal=None)
    refusal = None
    with transaction() as database:  # a refusal is caught inside, so that the count of failures is kept
        try:
            actor = accounts.sign_in(database, form.username.data, form.password.data, dt.datetime.now(dt.UTC))
        except PlannerError as error:
            refusal = error
    if refusal:
        return render_template("auth/sign_in.html", form=form, refusal=refusal.message), refusal.status
    start_session(actor)
    return redirect(target)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    end_session()
    flash(N_("You are signed out."))
    return redirect(url_for("auth.sign_in"))
