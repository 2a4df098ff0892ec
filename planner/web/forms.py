"""What forms share: showing a service's faults at their fields, asking for a password twice, reading versions."""

from collections.abc import Callable

from flask import request
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import ValidationError

from planner.errors import InvalidInputError
from planner.text import N_


def show_faults(form: FlaskForm, error: InvalidInputError) -> None:
    """Put each fault of `error` at the field that its address names."""
    for found in error.faults:
        field = form[found.address]
        field.errors = [*field.errors, found.message]


def repeated(other: str) -> Callable[[FlaskForm, Field], None]:
    """A validator: the field holds what the field `other` does."""

    def check(form: FlaskForm, field: Field) -> None:
        if field.data != form[other].data:
            raise ValidationError(N_("The two are not the same."))

    return check


def sent_version(name: str) -> int | None:
    """The version that the form at hand sends along as `name`; None where that is none."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
