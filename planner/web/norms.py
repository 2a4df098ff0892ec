"""Norms: what is required of each role, and what a change of one would do."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from planner.errors import ConflictError, InvalidInputError
from planner.services.coverage.norms import load_norm_form, load_norms, preview_norm, remove_norm, save_norm
from planner.services.desk.pages import Page
from planner.services.overview import is_synthetic
from planner.services.reference import Typed
from planner.text import N_, FiscalYear, Phrase
from planner.web.current import actor, transaction
from planner.web.downloads import send_table
from planner.web.queries import argument

blueprint = Blueprint("norms", __name__, url_prefix="/norms")


@blueprint.get("/")
def show() -> str:
    """Every norm, and the form for one: that in the address, or a new one."""
    return _page(Typed())


@blueprint.get("/export.<form>")
def export(form: str) -> BaseResponse:
    """Every norm, as Excel or CSV."""
    with transaction() as database:
        table, made_up = load_norms(database, actor()), is_synthetic(database)
    return send_table(table, "norms", form, made_up=made_up)


@blueprint.post("/preview")
def preview() -> str | tuple[str, int]:
    """What the norm that was typed would change. Nothing is stored."""
    try:
        with transaction() as database:
            found = preview_norm(database, actor(), request.form)
    except InvalidInputError as error:
        return _page(Typed(request.form, error.faults), sent=True), error.status
    return _page(Typed(request.form), sent=True, found=found)


@blueprint.post("/")
def save() -> BaseResponse | tuple[str, int]:
    """Put the norm that was typed in force; what cannot be comes back with what is wrong."""
    try:
        with transaction() as database:
            norm = save_norm(database, actor(), request.form, _version(), _made_from())
    except InvalidInputError as error:
        return _page(Typed(request.form, error.faults), sent=True), error.status
    except ConflictError as error:
        return _page(Typed(request.form), conflict=True), error.status
    flash(N_("The norm is in force from its fiscal year on."))
    return redirect(url_for("norms.show", norm=f"{norm.role}/{norm.start}"))


@blueprint.post("/remove")
def remove() -> BaseResponse:
    """Take away the norm in the address."""
    with transaction() as database:
        remove_norm(database, actor(), *_named(), _version())
    flash(N_("The norm is removed. The one before it holds on."))
    return redirect(url_for("norms.show"))


def _page(typed: Typed, *, sent: bool = False, found: Page | None = None, conflict: bool = False) -> str:
    """The form stays made from what it was `sent` as; without it, it is made from what is stored now."""
    role, year = _named()
    with transaction() as database:
        form = load_norm_form(database, actor(), role, year, typed)
        table, made_up = load_norms(database, actor()), is_synthetic(database)
    return render_template(
        "norms/show.html",
        form=replace(form, made_from=_made_from(), version=_version()) if sent else form,
        table=table,
        made_up=made_up,
        preview=found,
        conflict=conflict,
        faulty=bool(typed.faults),
        opened=form.made_from if typed.texts is None else "",
        lead=_lead,
        plain=lambda table: table,
        nowhere=lambda _key: None,
    )


def _named() -> tuple[str, int]:
    """The role and the first year of the norm in the address; nothing that is one where there is none."""
    role, _, year = (argument("norm") or "").rpartition("/")
    return role, int(year) if year.isascii() and year.isdecimal() and len(year) == 4 else 0


def _lead(code: Phrase) -> str:
    """The address of the norm that stands in the first column of the table."""
    year = code.params["year"]
    return url_for("norms.show", norm=f"{code.params['role']}/{year.year}") if isinstance(year, FiscalYear) else ""


def _version() -> int:
    """The version that a sent form was made from; 0 for what is new."""
    return request.form.get("version", 0, type=int)


def _made_from() -> str:
    """The norm that a sent form was made from; "" for what is new."""
    return request.form.get("made_from", "")
