"""One request from its token to its answer: who asks, what is sent, one transaction, what goes out."""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import quote

from flask import current_app, request
from pydantic import BaseModel
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Response

from planner.api.access import admit
from planner.api.errors import JSON, BadRequestError, PreconditionFailedError, PreconditionRequiredError
from planner.api.reading import read
from planner.api.resources import Call, File, Operation, Upload
from planner.api.values import json_text
from planner.errors import ConflictError, PlannerError
from planner.services import answers
from planner.services.answers import Answer
from planner.services.tokens import Bearer
from planner.text import N_, Phrase

REPLAYED: Final = "Idempotency-Replayed"
_KEY: Final = re.compile(r"[!-~]{1,255}")
_ETAG: Final = re.compile(r'"(0|[1-9][0-9]{0,8})"')


@dataclass(frozen=True)
class _Task:
    """An operation with all that the request at hand brings to it."""

    operation: Operation
    bearer: Bearer
    version: int | None
    now: dt.datetime
    arguments: Mapping[str, Any]

    def do(self, session: Session) -> Answer | File:
        """Call the operation's function; what it answers."""
        call = Call(session, _sessions(), self.bearer, self.version, self.now)
        found = self.operation.function(call, **self.arguments)
        return found if isinstance(found, File) else _answer(self.operation, found)

    def find(self, session: Session, key: str) -> Answer | None:
        """What was answered under the idempotency key."""
        return answers.find(session, self.bearer.number, key, self._sha256(), self.now)

    def claim(self, session: Session, key: str) -> Answer | None:
        """Claim the idempotency key; what was answered where it is another's already."""
        return answers.claim(session, self.bearer.number, key, self._sha256(), self.now)

    def keep(self, session: Session, key: str, done: Answer) -> None:
        """Keep what was answered under the key that is claimed."""
        answers.keep(session, self.bearer.number, key, done)

    def _sha256(self) -> str:
        """What tells one request from another: method, address, the version it is based on, and content."""
        upload: Upload | None = self.arguments.get("upload")
        told = (self.operation.method, request.full_path, str(self.version), upload.name if upload else "")
        digest = hashlib.sha256("\n".join(told).encode())
        digest.update(upload.content if upload else request.get_data())
        return digest.hexdigest()


def view_of(operation: Operation) -> Callable[..., Response]:
    """The view function of `operation`."""

    def view(**parts: Any) -> Response:
        now = dt.datetime.now(dt.UTC)
        bearer = admit(operation, now)
        version = _version() if operation.versioned else None
        key = _key(operation)
        task = _Task(operation, bearer, version, now, {**parts, **read(operation)})
        try:
            if key is None:
                return _run(task)
            return _run_apart_once(task, key) if operation.apart else _run_once(task, key)
        except ConflictError as error:
            if operation.versioned and error.message == type(error).default:  # it says nothing but "changed meanwhile"
                raise PreconditionFailedError(error.message) from error
            raise

    return view


def _run(task: _Task) -> Response:
    with _sessions().begin() as session:
        done = task.do(session)
    return _response(done)


def _run_once(task: _Task, key: str) -> Response:
    """Work and answer are one transaction: both are there afterwards, or neither."""
    with _sessions().begin() as session:
        if kept := task.claim(session, key):
            return _response(kept, replayed=True)
        done = task.do(session)
        if isinstance(done, Answer):
            task.keep(session, key, done)
    return _response(done)


def _run_apart_once(task: _Task, key: str) -> Response:
    """The same for work that reads for long before it writes: nobody waits for it, and who ends second undoes his."""
    if replayed := _find(task, key):
        return replayed
    try:
        with _sessions().begin() as session:
            done = task.do(session)
            if kept := task.claim(session, key):
                session.rollback()
                return _response(kept, replayed=True)
            if isinstance(done, Answer):
                task.keep(session, key, done)
    except PlannerError:
        if replayed := _find(task, key):  # it failed over what the same request did meanwhile
            return replayed
        raise
    return _response(done)


def _find(task: _Task, key: str) -> Response | None:
    with _sessions().begin() as session:
        kept = task.find(session, key)
    return _response(kept, replayed=True) if kept else None


def _sessions() -> sessionmaker[Session]:
    return cast("sessionmaker[Session]", current_app.extensions["sessions"])


def _answer(operation: Operation, found: BaseModel | None) -> Answer:
    """What the function returned, with what HTTP says of it: an ETag of its version, where a new one is."""
    if found is None:
        return Answer(operation.status, {}, "")
    headers = {}
    if (version := getattr(found, "version", None)) is not None:
        headers["ETag"] = f'"{version}"'
    if operation.status == 201:
        headers["Location"] = f"{request.path}/{quote(str(getattr(found, 'code', '')), safe='')}"
    return Answer(operation.status, headers, json_text(found))


def _response(done: Answer | File, *, replayed: bool = False) -> Response:
    if isinstance(done, File):
        response = Response(done.content, content_type=done.media_type)
        response.headers.set("Content-Disposition", "attachment", filename=done.name)
        return response
    headers = {**done.headers, REPLAYED: "true"} if replayed else done.headers
    response = Response(done.body, done.status, headers=headers, content_type=JSON)
    if not done.body:
        del response.headers["Content-Type"]
    return response


def _version() -> int | None:
    """The version that If-Match names, None for `*`; no other form of it can match anything here."""
    given = request.headers.get("If-Match")
    if given is None:
        raise PreconditionRequiredError
    if given.strip() == "*":
        return None
    match = _ETAG.fullmatch(given.strip())
    if match is None:
        raise PreconditionFailedError
    return int(match[1])


def _key(operation: Operation) -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None or operation.reads:
        return None
    if not operation.takes_key:
        raise BadRequestError(Phrase(N_("No idempotency key is taken here: the answer is told once and not kept.")))
    if not _KEY.fullmatch(key):
        raise BadRequestError(Phrase(N_("An idempotency key is 1 to 255 visible ASCII characters.")))
    return key
