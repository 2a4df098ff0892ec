"""Requests: sent with the token, tried again where that is safe, read page by page, refused as exceptions."""

import json
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeAlias, TypeVar, overload

import httpx

from planner.client.errors import KINDS, ApiError, ConnectionLostError
from planner.client.objects import Job

Record: TypeAlias = dict[str, Any]
"""An object of the API."""
Value: TypeAlias = str | int | float | bool | None
"""What a query may hold; None leaves it out."""
Body: TypeAlias = Mapping[str, Any]
Version: TypeAlias = int | str | None
Kind = TypeVar("Kind")

ROOT: Final = "/api/v1/"
PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses that another try may mend."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 60.0
ANY: Final = "*"
"""Stands for whichever version an object has: the change overwrites what is there."""
_CHANCE: Final = random.SystemRandom()


@dataclass(frozen=True)
class Answer:
    """What the API answered: its status, headers and content as they came."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def record(self) -> Record:
        """The object that it holds; empty where it holds none."""
        found: Record = json.loads(self.content) if self.content else {}
        return found

    @property
    def repeated(self) -> bool:
        """Whether the request was done earlier under the same idempotency key."""
        return self.headers.get("idempotency-replayed") == "true"


class Client:
    """The API at `address`, for the owner of `token`. Close it, or use it as a context.

    Each try may take `timeout` seconds; there are at most `tries` of a request, unless an answer asks for a longer
    pause than a minute. `transport` replaces the network, for tests; `pause` how it waits.
    """

    def __init__(
        self,
        address: str,
        token: str,
        *,
        timeout: float = 30.0,
        tries: int = 5,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._http = httpx.Client(
            base_url=address.rstrip("/") + ROOT,
            headers={"authorization": f"Bearer {token}", "user-agent": "de-capacity-planner-client"},
            timeout=timeout,
            transport=transport,
        )
        self._tries = tries
        self._pause = pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    @overload
    def get(self, path: str, /, **query: Value) -> Record: ...
    @overload
    def get(self, path: str, kind: type[Kind], /, **query: Value) -> Kind: ...
    def get(self, path: str, kind: type[Any] = dict, /, **query: Value) -> Any:
        """The object at `path`, such as `requirements/R-000123`; `kind`, one of `objects`, tells type checkers what."""
        return self.request("GET", path, query=query).record

    @overload
    def items(self, path: str, /, **query: Value) -> Iterator[Record]: ...
    @overload
    def items(self, path: str, kind: type[Kind], /, **query: Value) -> Iterator[Kind]: ...
    def items(self, path: str, kind: type[Any] = dict, /, **query: Value) -> Iterator[Any]:
        """The rows of the list at `path`, all of its parts one after the other; `query` are its filters."""
        cursor: str | None = None
        while True:
            part = self.get(path, **{**query, "cursor": cursor})
            yield from part["items"]
            cursor = part.get("next")  # some lists are told whole
            if cursor is None:
                return

    @overload
    def post(
        self, path: str, body: Body | None = None, /, *, version: Version = None, key: str | None = ""
    ) -> Record: ...
    @overload
    def post(
        self, path: str, body: Body | None, kind: type[Kind], /, *, version: Version = None, key: str | None = ""
    ) -> Kind: ...
    def post(
        self,
        path: str,
        body: Body | None = None,
        kind: type[Any] = dict,
        /,
        *,
        version: Version = None,
        key: str | None = "",
    ) -> Any:
        """Do or make something; what is answered. For `version` and `key` see `request`."""
        return self.request("POST", path, body=body, version=version, key=key).record

    @overload
    def patch(self, path: str, body: Body, /, *, version: Version) -> Record: ...
    @overload
    def patch(self, path: str, body: Body, kind: type[Kind], /, *, version: Version) -> Kind: ...
    def patch(self, path: str, body: Body, kind: type[Any] = dict, /, *, version: Version) -> Any:
        """Change the object that was read at `version`; `StaleError` if it has another by now."""
        return self.request("PATCH", path, body=body, version=version, key="").record

    def put(self, path: str, body: Body, /, *, version: Version = None) -> Record:
        """Replace the object that was read at `version`."""
        return self.request("PUT", path, body=body, version=version, key="").record

    def delete(self, path: str, /, *, version: Version = None) -> None:
        """Remove the object that was read at `version`."""
        self.request("DELETE", path, version=version, key="")

    def upload(self, path: str, name: str, content: bytes) -> Record:
        """Send a file."""
        return self.request("POST", path, file=(name, content), key="").record

    def download(self, path: str, **query: Value) -> bytes:
        """The file at `path`."""
        return self.request("GET", path, query=query).content

    def finished(self, kind: str, subject: str, *, every: float = 2.0, longest: float = 3600.0) -> Job:
        """The job once it has ended, such as ("plan_run", "P-000012"), looked at `every` so many seconds.

        Whether it is `done`, `failed` or `cancelled` its `status` says. `TimeoutError` after `longest` seconds.
        """
        waited = 0.0
        while not (job := self.get(f"jobs/{kind}/{subject}", Job))["finished"]:
            if waited >= longest:
                raise TimeoutError(f"{kind} {subject} has not ended after {longest:g} seconds")
            self._pause(every)
            waited += every
        return job

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Value] | None = None,
        body: Body | None = None,
        file: tuple[str, bytes] | None = None,
        version: Version = None,
        key: str | None = None,
    ) -> Answer:
        """Send a request and read its answer; `ApiError` where it is refused, `ConnectionLostError` without one.

        `key` is the idempotency key under which the API does a request once however often it arrives; "" makes one up,
        None sends none, and then a request that changes something is tried a single time. `version` is the one that the
        change is based on, or `ANY`; None where the object has none.
        """
        headers = {}
        if version is not None:
            headers["if-match"] = version if version == ANY else f'"{version}"'
        if key is not None:
            headers["idempotency-key"] = key or str(uuid.uuid4())
        request = self._http.build_request(
            method,
            path,
            params={name: _written(value) for name, value in (query or {}).items() if value is not None},
            json=body,
            files={"file": file} if file else None,
            headers=headers,
        )
        tries = self._tries if method == "GET" or key is not None else 1
        return self._send(request, tries)

    def _send(self, request: httpx.Request, tries: int) -> Answer:
        for number in range(1, tries + 1):
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2**number) * _CHANCE.uniform(0.5, 1)
            try:
                response = self._http.send(request)
            except httpx.TransportError as error:
                if number == tries:
                    raise ConnectionLostError(f"{request.method} {request.url}: {error}") from error
            else:
                if response.is_success:
                    return Answer(response.status_code, response.headers, response.content)
                refusal = _refusal(response)
                asked = refusal.retry_after or 0.0
                if response.status_code not in PASSING or number == tries or asked > LONGEST_PAUSE:
                    raise refusal
                pause = max(pause, asked)
            self._pause(pause)
        raise ValueError("a request is tried at least once")


def _refusal(response: httpx.Response) -> ApiError:
    """The exception for an answer that is none of success; what stands in front of the API may answer otherwise."""
    try:
        told = response.json()
    except ValueError:
        told = {}
    if not (isinstance(told, dict) and isinstance(told.get("message"), dict)):
        told = {}
    after = response.headers.get("retry-after", "")
    kind = KINDS.get(response.status_code, ApiError)
    return kind(response.status_code, told, float(after) if after.isdecimal() else None)


def _written(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
