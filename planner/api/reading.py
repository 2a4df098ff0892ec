"""What a request brings, read by the models of its operation; every fault at once, each with its address."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from flask import request
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from planner.api.errors import JSON, BadRequestError, UnsupportedMediaTypeError
from planner.api.resources import Operation, Upload
from planner.errors import Fault, InvalidInputError, fault
from planner.text import N_, Phrase, Value

MERGE_PATCH: Final = "application/merge-patch+json"
MULTIPART: Final = "multipart/form-data"
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_NAME_LENGTH: Final = 300

_MESSAGES: Final[Mapping[str, str]] = {
    "missing": N_("A value is missing here."),
    "extra_forbidden": N_("There is no such field."),
    "literal_error": N_("Only these are possible: %(expected)s."),
    "enum": N_("Only these are possible: %(expected)s."),
    "string_too_short": N_("At least %(min_length)s characters."),
    "string_too_long": N_("At most %(max_length)s characters."),
    "too_short": N_("At least %(min_length)s of them."),
    "too_long": N_("At most %(max_length)s of them."),
    "greater_than": N_("More than %(gt)s."),
    "greater_than_equal": N_("At least %(ge)s."),
    "less_than": N_("Less than %(lt)s."),
    "less_than_equal": N_("At most %(le)s."),
    "finite_number": N_("This is not a finite number."),
    "string_pattern_mismatch": N_("It is not written as it must be: %(pattern)s."),
}
"""What is said of a fault, by pydantic's word for it; of others, that the value is of the wrong kind."""
_OTHER: Final = N_("This is not the kind of value that belongs here.")


def read(operation: Operation) -> dict[str, Any]:
    """The arguments of the operation's function that the request brings, beside the parts of its path."""
    if "\0" in request.path or any("\0" in text for pair in request.args.items(multi=True) for text in pair):
        raise BadRequestError  # PostgreSQL takes none in a text
    given: dict[str, Any] = {}
    faults: list[Fault] = []
    if operation.query:
        given["query"] = _validate(operation.query, dict(request.args.items()), faults)
    elif request.args:
        faults += [fault(name, "extra_forbidden", _MESSAGES["extra_forbidden"]) for name in request.args]
    if operation.body:
        given["body"] = _validate(operation.body, _json_content(operation), faults)
    if operation.upload:
        given["upload"] = _upload(faults)
    if faults:
        raise InvalidInputError(faults)
    return given


def address(location: Sequence[str | int]) -> str:
    """Where something stands in a JSON document: `items[2].demand.vcpu`."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


def _json_content(operation: Operation) -> bytes:
    accepted = {JSON, MERGE_PATCH} if operation.method == "PATCH" else {JSON}
    if request.mimetype not in accepted:
        raise UnsupportedMediaTypeError
    content = request.get_data()
    if _NUL.search(content):
        raise BadRequestError(Phrase(N_("A text may not hold the sign NUL.")))
    return content


def _validate(model: type[BaseModel], content: bytes | dict[str, str], faults: list[Fault]) -> BaseModel | None:
    """`content` as `model`: JSON as it is, the texts of a query converted. What is wrong goes to `faults`."""
    try:
        if isinstance(content, bytes):
            return model.model_validate_json(content)
        return model.model_validate(content, strict=False)
    except ValidationError as error:
        details = error.errors(include_url=False)
        if any(found["type"] == "json_invalid" for found in details):
            raise BadRequestError(Phrase(N_("The content is not JSON."))) from None
        faults += _faults(details)
        return None


def _faults(details: Sequence[ErrorDetails]) -> Iterator[Fault]:
    for found in details:
        kind = found["type"] if found["type"] in _MESSAGES else "wrong_kind"
        context: dict[str, Value] = {name: str(value) for name, value in found.get("ctx", {}).items()}
        yield Fault(address(found["loc"]), kind, Phrase(_MESSAGES.get(kind, _OTHER), context))


def _upload(faults: list[Fault]) -> Upload | None:
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaTypeError
    sent = request.files.get("file")
    if sent is None:
        faults.append(fault("file", "missing", _MESSAGES["missing"]))
        return None
    return Upload(sent.stream.read(), (sent.filename or "")[-_NAME_LENGTH:])
