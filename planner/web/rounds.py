"""Planning rounds: the list, one round with its extensions and how far ministries are, and the form to keep one."""

import datetime as dt

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField

from planner.errors import InvalidInputError
from planner.services import rounds
from planner.services.comments import load_discussion
from planner.services.deadlines import ROUND_STATES
from planner.services.permissions import Permission, require
from planner.services.rounds import RoundDetail
from planner.text import BE_OFFSET, N_
from planner.web.current import actor, language, transaction
from planner.web.forms import show_faults
from planner.web.rendering import translate, words
from reports.words import BANGKOK

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds")


class RoundForm(FlaskForm):  # type: ignore[misc]
    """A round's names and moments; days and times are texts, as people write them."""

    name_th = StringField(N_("Thai name"))
    name_en = StringField(N_("English name"))
    opens_day = StringField(N_("Opens on"))
    opens_time = StringField(N_("Opens at"), default="08:30")
    closes_day = StringField(N_("Closes on"))
    closes_time = StringField(N_("Closes at"), default="16:30")
    version = HiddenField()


class NewRoundForm(RoundForm):
    """The same of a round to be made."""

    code = StringField(N_("Code"))


class ExtensionForm(FlaskForm):  # type: ignore[misc]
    """A later close for one ministry."""

    ministry = SelectField(N_("Ministry"), validate_choice=False)
    until_day = StringField(N_("Until"))
    until_time = StringField(N_("Until what time"), default="16:30")
    reason = StringField(N_("Reason"))


@blueprint.get("/")
def index() -> str:
    """Every round."""
    with transaction() as database:
        table = rounds.list_rounds(database, actor())
    return render_template("rounds/index.html", table=table)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | Response | tuple[str, int]:
    """The form for a new round."""
    require(actor(), Permission.MANAGE_ROUNDS)
    form = NewRoundForm()
    if request.method == "GET":
        return render_template("rounds/form.html", form=form, detail=None)
    try:
        with transaction() as database:
            code = rounds.save_round(database, actor(), request.form)
    except InvalidInputError as error:
        show_faults(form, error)
        return render_template("rounds/form.html", form=form, detail=None), error.status
    flash(N_("The planning round was saved."))
    return redirect(url_for("rounds.show", code=code))


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One round."""
    return _page(code, ExtensionForm(formdata=None))


@blueprint.route("/<code>/edit", methods=["GET", "POST"])
def edit(code: str) -> str | Response | tuple[str, int]:
    """The form for a round that there is."""
    require(actor(), Permission.MANAGE_ROUNDS)
    with transaction() as database:
        detail = rounds.get_round(database, actor(), code)
    if request.method == "GET":
        return render_template("rounds/form.html", form=RoundForm(data=_texts(detail)), detail=detail)
    form = RoundForm()
    version = int(form.version.data) if (form.version.data or "").isdecimal() else None
    try:
        with transaction() as database:
            rounds.save_round(database, actor(), request.form, code=code, version=version)
    except InvalidInputError as error:
        show_faults(form, error)
        return render_template("rounds/form.html", form=form, detail=detail), error.status
    flash(N_("The planning round was saved."))
    return redirect(url_for("rounds.show", code=code))


@blueprint.post("/<code>/extensions")
def extend(code: str) -> Response | tuple[str, int]:
    """Let a ministry enter longer."""
    form = ExtensionForm()
    try:
        with transaction() as database:
            rounds.extend_round(database, actor(), code, request.form)
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(code, form), error.status
    flash(N_("The deadline of the ministry was extended."))
    return redirect(url_for("rounds.show", code=code))


@blueprint.post("/<code>/extensions/<ministry>/end")
def end_extension(code: str, ministry: str) -> Response:
    """Take an extension back."""
    with transaction() as database:
        rounds.end_extension(database, actor(), code, ministry)
    flash(N_("The extension was taken back."))
    return redirect(url_for("rounds.show", code=code))


def _page(code: str, form: ExtensionForm) -> str:
    with transaction() as database:
        detail = rounds.get_round(database, actor(), code)
        ministries = rounds.ministry_choices(database, actor())
        discussion = load_discussion(database, actor(), f"round:{code}")
    form.ministry.choices = [("", translate(N_("Choose…"))), *((key, words(name)) for key, name in ministries)]
    state = ROUND_STATES[detail.state]
    return render_template("rounds/show.html", detail=detail, state=state, form=form, discussion=discussion)


def _texts(detail: RoundDetail) -> dict[str, str]:
    """A round as its form shows it."""
    return {
        "name_th": detail.name.th,
        "name_en": detail.name.en,
        "opens_day": _day(detail.opens_at),
        "opens_time": f"{detail.opens_at.astimezone(BANGKOK):%H:%M}",
        "closes_day": _day(detail.closes_at),
        "closes_time": f"{detail.closes_at.astimezone(BANGKOK):%H:%M}",
        "version": str(detail.version),
    }


def _day(moment: dt.datetime) -> str:
    """The day of a moment in Bangkok, as it may be typed, in the era of the reader's language."""
    local = moment.astimezone(BANGKOK)
    return f"{local.day}/{local.month}/{local.year + (BE_OFFSET if language() == 'th' else 0)}"
