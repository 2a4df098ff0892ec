"""What a resource declares: its operations, each a function whose signature says what it takes and what it answers."""

import datetime as dt
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, get_type_hints

from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker

from planner.services.permissions import Actor
from planner.services.tokens import Area, Bearer, Scope

ROOT: Final = "/api/v1"
Function = TypeVar("Function", bound=Callable[..., Any])
_PART: Final = re.compile(r"<(?:(?P<converter>\w+):)?(?P<name>\w+)>")


@dataclass(frozen=True)
class Call:
    """What an operation works with: one database transaction, who asks, and which version it is to be based on.

    The transaction is committed once the operation has answered, and rolled back by an error. `version` is of
    If-Match, None for "whichever it is"; only operations that are `versioned` need it. `sessions` is for services
    that read in a transaction of their own before they write in that of `session`.
    """

    session: Session
    sessions: sessionmaker[Session]
    bearer: Bearer
    version: int | None
    now: dt.datetime

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.bearer.actor

    def based_on(self, present: int) -> int:
        """The version that the change is based on: the one of If-Match, or `present` where that is whichever it is."""
        return present if self.version is None else self.version


@dataclass(frozen=True)
class File:
    """A file as an answer: what is in it, its name and its type."""

    content: bytes
    name: str
    media_type: str


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: `multipart/form-data` with one part called `file`."""

    content: bytes
    name: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked for. `rule` is its whole path, as Werkzeug writes it.

    `query`, `body` and `answer` are the models of what comes in and goes out; None where there is none. `files` are
    the media types of a `File` that is answered. For the rest see `Resource.operation`.
    """

    resource: "Resource"
    method: str
    rule: str
    function: Callable[..., Any]
    scope: Scope | None
    status: int
    versioned: bool
    apart: bool
    reads: bool
    secret: bool
    files: Sequence[str]
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    answer: type[BaseModel] | None
    upload: bool

    @property
    def endpoint(self) -> str:
        """The name of the operation: `requirements.change`."""
        return f"{self.resource.name}.{self.function.__name__.rstrip('_')}"

    @property
    def path(self) -> str:
        """The path as OpenAPI writes it."""
        return _PART.sub(r"{\g<name>}", self.rule)

    @property
    def parts(self) -> Iterator[tuple[str, str]]:
        """The variable parts of the path: name and converter, "" for text."""
        return ((found["name"], found["converter"] or "") for found in _PART.finditer(self.rule))

    @property
    def takes_key(self) -> bool:
        """Whether it takes an idempotency key: what it answers is kept with it, which no secret may be."""
        return not self.reads and not self.secret


@dataclass(frozen=True)
class Resource:
    """Operations under one path. `area` is what a token's scopes speak of; None: any token will do."""

    name: str
    area: Area | None
    about: str
    path: str = ""
    operations: list[Operation] = field(default_factory=list)

    def get(self, rule: str = "", *, files: Sequence[str] = ()) -> Callable[[Function], Function]:
        """Declare a GET; the token must be able to read in the area."""
        return self.operation("GET", rule, files=files)

    def post(
        self,
        rule: str = "",
        *,
        status: int = 200,
        versioned: bool = False,
        apart: bool = False,
        reads: bool = False,
        secret: bool = False,
    ) -> Callable[[Function], Function]:
        """Declare a POST; `status` is 201 where it makes something, which its answer's `code` names."""
        return self.operation("POST", rule, status=status, versioned=versioned, apart=apart, reads=reads, secret=secret)

    def patch(self, rule: str = "", *, versioned: bool = True) -> Callable[[Function], Function]:
        """Declare a PATCH: fields that are not named stay, null empties."""
        return self.operation("PATCH", rule, versioned=versioned)

    def put(self, rule: str = "", *, versioned: bool = True) -> Callable[[Function], Function]:
        """Declare a PUT: all of it is replaced."""
        return self.operation("PUT", rule, versioned=versioned)

    def delete(self, rule: str = "", *, versioned: bool = False) -> Callable[[Function], Function]:
        """Declare a DELETE; it answers 204."""
        return self.operation("DELETE", rule, status=204, versioned=versioned)

    def operation(
        self,
        method: str,
        rule: str,
        *,
        status: int = 200,
        versioned: bool = False,
        apart: bool = False,
        reads: bool = False,
        secret: bool = False,
        files: Sequence[str] = (),
    ) -> Callable[[Function], Function]:
        """Declare the decorated function: its parameters `query`, `body` and `upload`, and what it returns, say the
        rest by their types; its docstring is what the documentation says.

        `versioned` needs If-Match. `apart` reads for long before it writes. `reads`: though no GET, it changes nothing,
        and a token that may read will do. `secret`: what it answers is told once, and kept nowhere.
        """

        def declare(function: Function) -> Function:
            hints = get_type_hints(function)
            answer = hints["return"]
            only_reads = reads or method == "GET"
            scope = Scope(self.area, not only_reads) if self.area else None
            self.operations.append(
                Operation(
                    resource=self,
                    method=method,
                    rule=f"{ROOT}{self.path or '/' + self.name}{rule}",
                    function=function,
                    scope=scope,
                    status=204 if answer is type(None) else status,
                    versioned=versioned,
                    apart=apart,
                    reads=only_reads,
                    secret=secret,
                    files=files,
                    query=hints.get("query"),
                    body=hints.get("body"),
                    answer=answer if inspect.isclass(answer) and issubclass(answer, BaseModel) else None,
                    upload="upload" in hints,
                )
            )
            return function

        return declare
