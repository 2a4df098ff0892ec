"""The administrator's screens of webhooks: the list, making one, one with its deliveries, and one delivery."""

from dataclasses import asdict

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from planner.errors import InvalidInputError
from planner.services.accounts import list_ministries
from planner.services.history import load_history
from planner.services.lists import ListFilter
from planner.services.permissions import Permission, require
from planner.services.webhooks import keeping, reading
from planner.services.webhooks.addresses import Outlet
from planner.services.webhooks.events import CHOICES, EVENTS
from planner.services.webhooks.keeping import Issued, WebhookFields
from planner.text import N_
from planner.web.current import actor, transaction
from planner.web.forms import sent_version, show_faults
from planner.web.queries import list_arguments
from planner.web.rendering import translate, words

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")


class WebhookForm(FlaskForm):  # type: ignore[misc]
    """What an administrator says of a webhook."""

    name = StringField(N_("What it is for"))
    url = StringField(N_("Address"))
    events = SelectMultipleField(
        N_("Events"), validate_choice=False, widget=ListWidget(), option_widget=CheckboxInput()
    )
    ministry = SelectField(N_("Ministry"), validate_choice=False)
    version = HiddenField()

    def offer(self, database: Session) -> None:
        """Fill the lists to choose from."""
        self.events.choices = [(event.value, translate(EVENTS[event])) for event in CHOICES]
        ministries = [(code, words(name)) for code, name in list_ministries(database, actor())]
        self.ministry.choices = [("", translate(N_("Every ministry"))), *ministries]

    def fields(self) -> WebhookFields:
        """What was filled in."""
        events = tuple(self.events.data or ())
        return WebhookFields(self.name.data or "", self.url.data or "", events, self.ministry.data or "")


@blueprint.get("/")
def index() -> str:
    """Every webhook."""
    with transaction() as database:
        table = reading.list_webhooks(database, actor())
    return render_template("webhooks/index.html", table=table, hosts=outlet().hosts)


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> str | tuple[str, int]:
    """The form for a new webhook; then, once, its secret."""
    require(actor(), Permission.MANAGE_WEBHOOKS)
    form, status = WebhookForm(), 200
    with transaction() as database:
        form.offer(database)
    if request.method == "POST":
        try:
            with transaction() as database:
                issued = keeping.create_webhook(database, actor(), outlet(), form.fields())
            return _show_secret(issued)
        except InvalidInputError as error:
            show_faults(form, error)
            status = error.status
    return render_template("webhooks/new.html", form=form, hosts=outlet().hosts), status


@blueprint.get("/<code>")
def show(code: str) -> str:
    """One webhook and its deliveries."""
    return _page(code)


@blueprint.post("/<code>")
def change(code: str) -> Response | tuple[str, int]:
    """Keep the webhook's fields."""
    form = WebhookForm()
    try:
        with transaction() as database:
            keeping.change_webhook(database, actor(), outlet(), code, form.fields(), version=sent_version("version"))
    except InvalidInputError as error:
        show_faults(form, error)
        return _page(code, form), error.status
    flash(N_("The webhook is changed."))
    return _back_to(code)


@blueprint.post("/<code>/secret")
def replace_secret(code: str) -> str:
    """Another secret, shown once."""
    with transaction() as database:
        issued = keeping.replace_secret(database, actor(), outlet(), code)
    return _show_secret(issued)


@blueprint.post("/<code>/pause")
def pause(code: str) -> Response:
    """Tell it of nothing more."""
    with transaction() as database:
        keeping.pause_webhook(database, actor(), code)
    flash(N_("The webhook is paused."))
    return _back_to(code)


@blueprint.post("/<code>/resume")
def resume(code: str) -> Response:
    """Tell it again of what happens."""
    with transaction() as database:
        keeping.resume_webhook(database, actor(), code)
    flash(N_("The webhook is active again."))
    return _back_to(code)


@blueprint.post("/<code>/remove")
def remove(code: str) -> Response:
    """Forget it."""
    with transaction() as database:
        keeping.remove_webhook(database, actor(), code, version=sent_version("version"))
    flash(N_("The webhook is removed."))
    return redirect(url_for("webhooks.index"))


@blueprint.post("/<code>/test")
def test(code: str) -> Response:
    """Send a message that tells of nothing."""
    with transaction() as database:
        keeping.send_test(database, actor(), code)
    flash(N_("A test is on its way."))
    return _back_to(code)


@blueprint.get("/<code>/deliveries/<int:number>")
def delivery(code: str, number: int) -> str:
    """One delivery with every try."""
    with transaction() as database:
        detail = reading.get_webhook(database, actor(), code)
        found = reading.get_delivery(database, actor(), code, number)
    return render_template("webhooks/delivery.html", detail=detail, delivery=found)


@blueprint.post("/<code>/deliveries/<int:number>/again")
def again(code: str, number: int) -> Response:
    """Try a delivery again."""
    with transaction() as database:
        keeping.deliver_again(database, actor(), code, number)
    flash(N_("The delivery is tried again."))
    return redirect(url_for("webhooks.delivery", code=code, number=number))


def outlet() -> Outlet:
    """What the installation lets out."""
    found: Outlet = current_app.extensions["outlet"]
    return found


def _page(code: str, form: WebhookForm | None = None) -> str:
    chosen = ListFilter(**list_arguments())
    with transaction() as database:
        detail = reading.get_webhook(database, actor(), code)
        listing = reading.list_deliveries(database, actor(), code, chosen)
        past = load_history(database, actor(), f"webhook:{code}")
        form = form or WebhookForm(formdata=None, data={**asdict(detail.fields), "version": detail.version})
        form.offer(database)
    return render_template(
        "webhooks/show.html",
        detail=detail,
        form=form,
        listing=listing,
        history=past,
        hosts=outlet().hosts,
        link=lambda number: url_for("webhooks.delivery", code=code, number=number),
    )


def _show_secret(issued: Issued) -> str:
    return render_template("webhooks/secret.html", issued=issued)


def _back_to(code: str) -> Response:
    return redirect(url_for("webhooks.show", code=code))
