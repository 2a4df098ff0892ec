"""Second factors: the code after the password, and setting one up."""

import datetime as dt
from typing import Any, Final

import segno
from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired

from planner.errors import InvalidInputError, PlannerError
from planner.services import second_factors, second_steps, sign_ins
from planner.services.permissions import Actor
from planner.services.second_factors import Proposal
from planner.text import N_
from planner.web.current import actor, client, known_actor, sessions, transaction
from planner.web.forms import show_faults
from planner.web.security import PENDING, safe_target, start_session

blueprint = Blueprint("second_factor", __name__)

PROPOSED: Final = "second_factor"
"""The name under which the browser's session holds the proposed secret, which is sealed."""


class CodeForm(FlaskForm):  # type: ignore[misc]
    """A code of the app, or a recovery code."""

    code = StringField(N_("Code"), [DataRequired(N_("Fill in the code."))])


class SetUpForm(CodeForm):
    """The first code of an app, and the password: who finds a browser open does not set up a second factor."""

    password = PasswordField(N_("Present password"), [DataRequired(N_("Fill in your password."))])


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
def give_code() -> str | Response | tuple[str, int]:
    """The second step of signing in: the code, for who has a second factor."""
    target = safe_target(request.args.get("next"))
    with transaction() as database:
        second_steps.get_pending(database, session.get(PENDING), _now(), enrolled=True)
    form = CodeForm()
    if not form.validate_on_submit():
        return render_template("auth/code.html", form=form, refusal=None)
    try:
        whole = second_steps.give_code(sessions(), session.get(PENDING), form.code.data, client(), _now())
    except PlannerError as refusal:
        return render_template("auth/code.html", form=form, refusal=refusal.message), refusal.status
    start_session(whole.token)
    return redirect(target)


@blueprint.route("/sign-in/set-up", methods=["GET", "POST"])
def set_up_first() -> str | tuple[str, int]:
    """The second step of signing in for who must have a second factor and has none yet."""
    target = safe_target(request.args.get("next"))
    with transaction() as database:
        waiting = second_steps.get_pending(database, session.get(PENDING), _now(), enrolled=False)
    form = CodeForm()
    proposal = _proposal(waiting.actor)
    if not form.validate_on_submit():
        return _set_up_page(form, proposal, demanded=True)
    try:
        with transaction() as database:
            whole = second_steps.set_up(
                database, session.get(PENDING), client(), _now(), sealed=proposal.sealed, code=form.code.data
            )
    except InvalidInputError as error:
        show_faults(form, error)
        return _set_up_page(form, proposal, demanded=True), error.status
    start_session(whole.token)
    session["language"] = waiting.actor.language  # of the page at hand, which still knows nobody
    return render_template("account/recovery_codes.html", codes=whole.codes, target=target)


@blueprint.route("/account/second-factor", methods=["GET", "POST"])
def set_up() -> str | Response | tuple[str, int]:
    """Setting up a second factor of one's own accord, for who has a password and none yet."""
    with transaction() as database:
        standing = second_factors.load_standing(database, actor().user_id)
    if standing.enrolled_at or not standing.passwords:
        return redirect(url_for("account.show"))
    form = SetUpForm()
    proposal = _proposal(actor())
    if not form.validate_on_submit():
        return _set_up_page(form, proposal)
    try:
        if wrong := sign_ins.doubt_password(sessions(), actor(), form.password.data, client(), _now()):
            raise InvalidInputError(wrong)
        with transaction() as database:
            codes = second_factors.enrol(database, actor(), proposal.sealed, form.code.data, _now())
    except InvalidInputError as error:
        show_faults(form, error)
        return _set_up_page(form, proposal), error.status
    session.pop(PROPOSED, None)
    return render_template("account/recovery_codes.html", codes=codes, target=url_for("account.show"))


def _proposal(person: Actor) -> Proposal:
    """The secret that this browser was shown before, or a new one."""
    with transaction() as database:
        proposal = second_factors.propose(database, person, session.get(PROPOSED))
    session[PROPOSED] = proposal.sealed
    return proposal


def _set_up_page(form: FlaskForm, proposal: Proposal, *, demanded: bool = False) -> str:
    facts: dict[str, Any] = {
        "picture": segno.make(proposal.uri, error="m", micro=False).svg_data_uri(scale=5, light="white"),
        "secret": [proposal.secret[at : at + 4] for at in range(0, len(proposal.secret), 4)],
        "demanded": demanded,
        "stranger": known_actor() is None,
    }
    return render_template("account/second_factor.html", form=form, **facts)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
