"""What forms share: showing a service's faults at their fields, and asking for a password twice."""

from collections.abc import Callable

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
