"""The description of the API, OpenAPI 3.1, made from the operations and the models of what they take and answer."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from planner import __version__
from planner.api.errors import CODES, JSON, ErrorAnswer
from planner.api.examples import BODIES, parts_of
from planner.api.reading import MERGE_PATCH, MULTIPART
from planner.api.resources import Operation, Resource
from planner.services.tokens import SCOPES

REFERENCE: Final = "#/components/schemas/{model}"
ABOUT: Final = """\
Everything that the pages do, for programs. A token is made on the page of one's own account; it is sent as
`Authorization: Bearer …`, does what its scopes say and never more than its owner may.

- **Lists** come a part at a time: send `next` back as `cursor` to go on. The cursor belongs to the same filters.
- **Changes** name the version that they are based on, `If-Match: "3"`, from `version` or the header `ETag`; another one
  is refused with 412, none at all with 428. `If-Match: *` writes over whatever is there.
- **Requests that change something** may carry an `Idempotency-Key`: sent twice they are done once, and answered the
  same for 24 hours. Work and answer are stored together: where no answer came, or one that is no success, send the
  request again under its key. What was done is answered as it was, with `Idempotency-Replayed: true`; what was not is
  done now. While the first is still under way, the second waits for it; 503 says to try again. A key with another
  request is refused with 422.
- **Errors** have one shape, whatever went wrong: a code for programs, a message in Thai and English, and every fault
  with its address.
- **Values** are plain: years of the common era, shares as fractions of one, money in THB, moments in UTC. What people
  read comes as `th` and `en`; rows of lists name the code that it stands for beside it, as in `status_code`. A page is
  sections of facts, tables and charts; its query takes what its `choices` offer, and any of its tables is read whole by
  its key.
- **Examples** stand with every operation: the codes in its path, and what it is sent.
- **What people do for themselves** stays on the pages: signing in, second factors, tokens, views and how pages look.
- **Rates** are limited by token; `RateLimit-Remaining` says how many requests are left, `Retry-After` when to go on.
  A person has one workbook read or written at a time, and 200 pieces of work waiting at most.
"""
_HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "ETag": {"description": "The version, in quotes.", "schema": {"type": "string"}},
    "Location": {"description": "Where the new one is.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "What is asked for.", "schema": {"type": "string"}},
}
_OF_ERRORS: Final[Mapping[int, str]] = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
_PARAMETERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The version that the change is based on, in quotes, or * for whichever it is.",
        "schema": {"type": "string", "pattern": r'^(\*|"(0|[1-9][0-9]{0,8})")$'},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A text of one's own, such as a UUID: sent again, the request is done once.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    },
}
_TEXT: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1}
_PARTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "key": {"type": "integer", "minimum": 0, "maximum": 999_999_999},
}
_NAMED: Final[Mapping[str, str]] = {
    "area": "`ministries` or `agencies`.",
    "code": "The code by which people call it; a slash in it is written %2F.",
    "kind": "`plan_run`, `report_set` or `workforce_plan`.",
    "language": "`th` or `en`.",
    "ministry": "The code of a ministry.",
    "number": "Which of them.",
    "other": "The code of another plan.",
    "page": "The key of a page, as the list of pages has it.",
    "requirement": "The code of a requirement.",
    "role": "The code of a data role.",
    "subject": "What it is about: a kind and a code, such as `requirement:R-000001`; of a job the code alone.",
    "table": "The key of a table.",
    "token": "What the discussion calls the file.",
    "year": "A fiscal year of the common era.",
}
"""What the variable parts of paths are; a new one needs its words here."""


def describe(resources: Sequence[Resource]) -> dict[str, Any]:
    """The whole description of `resources`, as plain JSON."""
    operations = [operation for resource in resources for operation in resource.operations]
    references, definitions = models_json_schema(sorted(_models(operations), key=str), ref_template=REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, references)
    return {
        "openapi": "3.1.0",
        "info": {"title": "DE capacity planner", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": resource.name, "description": resource.about} for resource in resources],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": {code: _error(status, references) for status, (code, _) in CODES.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": f"Scopes: {', '.join(SCOPES)}."}
            },
        },
    }


References: TypeAlias = Mapping[Any, Any]
"""How a model is referred to, by the model and the side on which it is met."""


def _models(operations: Sequence[Operation]) -> Iterator[tuple[type[BaseModel], JsonSchemaMode]]:
    """Every model with the side on which it is met, each once. Queries become parameters."""
    found: set[tuple[type[BaseModel], JsonSchemaMode]] = {(ErrorAnswer, "serialization")}
    for operation in operations:
        if operation.body:
            found.add((operation.body, "validation"))
        if operation.answer:
            found.add((operation.answer, "serialization"))
    return iter(found)


def _operation(operation: Operation, references: References) -> dict[str, Any]:
    summary, _, rest = (inspect.getdoc(operation.function) or "").partition("\n")
    described: dict[str, Any] = {
        "operationId": operation.endpoint,
        "tags": [operation.resource.name],
        "summary": summary,
        "security": [{"token": [str(operation.scope)] if operation.scope else []}],
        "parameters": list(_parameters(operation)),
        "responses": {str(operation.status): _success(operation, references), **_errors(operation)},
    }
    if rest.strip():
        described["description"] = rest.strip()
    if content := _content(operation, references):
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> Iterator[Mapping[str, Any]]:
    filled = parts_of(operation)
    for name, converter in operation.parts:
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": _NAMED[name],
            "schema": _PARTS.get(converter, _TEXT),
            "example": filled[name],
        }
    if operation.query:
        schema = operation.query.model_json_schema()
        for name, found in schema["properties"].items():
            yield {
                "name": name,
                "in": "query",
                "required": name in schema.get("required", ()),
                "description": found.pop("description", ""),
                "schema": _without_null(found),
            }
    for name, wanted in (("IfMatch", operation.versioned), ("IdempotencyKey", operation.takes_key)):
        if wanted:
            yield {"$ref": f"#/components/parameters/{name}"}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A query has no null: what may be left out is left out."""
    kinds = [kind for kind in schema.pop("anyOf", ()) if kind != {"type": "null"}]
    if schema.get("default", ...) is None:
        del schema["default"]
    return {**schema, **kinds[0]} if kinds else schema


def _content(operation: Operation, references: References) -> dict[str, Any]:
    if operation.upload:
        part = {"type": "string", "format": "binary"}
        form = {"type": "object", "required": ["file"], "properties": {"file": part}}
        return {MULTIPART: {"schema": form}}
    if operation.body is None:
        return {}
    content = {"schema": references[operation.body, "validation"], "example": BODIES[operation.endpoint]}
    return {JSON: content, MERGE_PATCH: content} if operation.method == "PATCH" else {JSON: content}


def _success(operation: Operation, references: References) -> dict[str, Any]:
    described: dict[str, Any] = {"description": "Done."}
    headers = []
    if operation.answer:
        described["content"] = {JSON: {"schema": references[operation.answer, "serialization"]}}
        headers += ["ETag"] if "version" in operation.answer.model_fields else []
    if operation.files:
        described["content"] = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.files}
    headers += ["Location"] if operation.status == 201 else []
    if headers:
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in headers}
    return described


def _errors(operation: Operation) -> dict[str, Any]:
    """What may go wrong. 404 and 409 are told wherever an object can be named."""
    statuses = [400, 401, 403, 404, 422, 429, 500, 503]
    statuses += [409] if operation.method != "GET" or any(operation.parts) else []
    statuses += [412, 428] if operation.versioned else []
    statuses += [413, 415] if operation.body or operation.upload else []
    return {str(status): {"$ref": f"#/components/responses/{CODES[status][0]}"} for status in sorted(statuses)}


def _error(status: int, references: References) -> dict[str, Any]:
    described: dict[str, Any] = {
        "description": CODES[status][1].msgid,
        "content": {JSON: {"schema": references[ErrorAnswer, "serialization"]}},
    }
    if name := _OF_ERRORS.get(status):
        described["headers"] = {name: {"$ref": f"#/components/headers/{name}"}}
    return described
