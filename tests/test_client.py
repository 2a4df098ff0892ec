"""The client by itself: what it sends, tries again, reads part by part and raises; and how it tells forged messages."""

import base64
import json
from functools import partial
from typing import Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import httpx
import pytest

from planner.api.openapi import describe
from planner.api.v1 import RESOURCES
from planner.client import (
    ANY,
    ApiError,
    Client,
    ConnectionLostError,
    ForgedError,
    InvalidError,
    StaleError,
    objects,
    verify,
)
from planner.services.webhooks.signing import sign, written

SECRET = bytes(range(32))
BODY = b'{"type":"plan.published","timestamp":"2026-11-22T09:00:00.000+00:00","data":{"code":"P-000012"}}'


class Api:
    """Answers requests by a script, and keeps them. A string of the script is a connection that breaks."""

    def __init__(self, *answers: httpx.Response | str) -> None:
        self.answers = list(answers)
        self.got: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.client = Client(
            "https://planner.example/", "dcp_x", transport=httpx.MockTransport(self._answer), pause=self.pauses.append
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.got.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, str):
            raise httpx.ReadError(answer)
        return answer


def refusal(status: int, **headers: str) -> httpx.Response:
    faults = [{"address": "items[2].title", "code": "missing", "message": {"th": "ขาด", "en": "It is missing."}}]
    message = {"th": "ไม่ได้", "en": "No."}
    told = {"code": "no", "message": message, "faults": faults, "request_id": "7"}
    return httpx.Response(status, json=told, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_request_says_who_asks_for_what() -> None:
    api = Api(httpx.Response(200, json={"code": "R-000001"}))
    assert api.client.get("requirements/R-000001", deep=True, nothing=None) == {"code": "R-000001"}
    (request,) = api.got
    assert str(request.url) == "https://planner.example/api/v1/requirements/R-000001?deep=true"
    assert request.headers["authorization"] == "Bearer dcp_x"
    assert "idempotency-key" not in request.headers


def test_a_list_is_read_part_by_part() -> None:
    parts = [{"items": [{"code": "a"}, {"code": "b"}], "next": "on"}, {"items": [{"code": "c"}], "next": None}]
    api = Api(*(httpx.Response(200, json=part) for part in parts))
    assert [row["code"] for row in api.client.items("requirements", status="draft", limit=2)] == ["a", "b", "c"]
    assert [dict(request.url.params) for request in api.got] == [
        {"status": "draft", "limit": "2"},
        {"status": "draft", "limit": "2", "cursor": "on"},
    ]


def test_a_list_that_is_told_whole_is_read_as_one() -> None:
    api = Api(httpx.Response(200, json={"items": [{"key": "costs"}]}))
    assert [page["key"] for page in api.client.items("plans/P-000001/pages")] == ["costs"]


@pytest.mark.parametrize("content", [b"<h1>Bad Gateway</h1>", b'{"message": "Bad Gateway"}', b"[]", b"null"])
def test_what_stands_in_front_of_the_api_may_refuse_in_its_own_words(content: bytes) -> None:
    api = Api(httpx.Response(403, content=content))
    with pytest.raises(ApiError, match="403"):
        api.client.get("me")


def test_what_passes_is_tried_again_with_one_key_and_pauses_that_grow() -> None:
    api = Api("lost", refusal(503), refusal(429, retry_after="20"), httpx.Response(201, json={"code": "x"}))
    assert api.client.post("requirements", {"title": "x"}) == {"code": "x"}
    assert len({request.headers["idempotency-key"] for request in api.got}) == 1
    assert {request.content for request in api.got} == {b'{"title":"x"}'}
    assert 0.5 <= api.pauses[0] <= 1 <= api.pauses[1] <= 2
    assert api.pauses[2] == 20


def test_another_request_has_another_key_and_without_one_nothing_is_tried_twice() -> None:
    api = Api(*(httpx.Response(204) for _ in range(2)), "lost")
    api.client.delete("webhooks/WH-000001", version=3)
    api.client.post("webhooks/WH-000001/test")
    assert len({request.headers["idempotency-key"] for request in api.got}) == 2
    with pytest.raises(ConnectionLostError, match="POST"):
        api.client.post("webhooks/WH-000001/secret", key=None)
    assert "idempotency-key" not in api.got[2].headers
    assert api.pauses == []


@pytest.mark.parametrize(
    "answers", [["lost"] * 5, [refusal(503) for _ in range(5)], [refusal(429, retry_after="61")], [refusal(500)]]
)
def test_it_gives_up_in_the_end_and_at_once_where_waiting_is_no_use(answers) -> None:
    api = Api(*answers)
    with pytest.raises((ConnectionLostError, ApiError)):
        api.client.get("me")
    assert len(api.got) == len(answers)


def test_a_job_is_waited_for_until_it_has_ended_or_that_took_too_long() -> None:
    waits, done = {"finished": False}, {"finished": True, "status": "done"}
    api = Api(*(httpx.Response(200, json=told) for told in (waits, waits, done)))
    assert api.client.finished("plan_run", "P-000001")["status"] == "done"
    assert api.pauses == [2.0, 2.0]
    assert api.got[0].url.path == "/api/v1/jobs/plan_run/P-000001"
    api = Api(*(httpx.Response(200, json=waits) for _ in range(3)))
    with pytest.raises(TimeoutError, match="P-000001"):
        api.client.finished("plan_run", "P-000001", every=5, longest=10)


def fits(annotation: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """Whether what the client says of a value is what the API's description says."""
    kinds = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
    inner = get_args(annotation)
    if "anyOf" in schema:
        return len(inner) == len(schema["anyOf"]) and all(map(partial(fits, schemas=schemas), inner, schema["anyOf"]))
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return name == annotation.__name__ and fits(annotation, schemas[name], schemas)
    if is_typeddict(annotation):
        hints = get_type_hints(annotation)
        return hints.keys() == schema["properties"].keys() and all(
            fits(hint, schema["properties"][name], schemas) for name, hint in hints.items()
        )
    if get_origin(annotation) is Literal:
        return list(inner) == schema["enum"]
    if get_origin(annotation) is list:
        return schema["type"] == "array" and fits(inner[0], schema["items"], schemas)
    if get_origin(annotation) is dict:
        return schema["type"] == "object"
    return kinds[annotation] == schema["type"]


@pytest.mark.parametrize("name", [name for name, found in vars(objects).items() if is_typeddict(found)])
def test_what_the_client_says_of_an_object_is_what_the_api_says(name: str) -> None:
    schemas = describe(RESOURCES)["components"]["schemas"]
    assert fits(getattr(objects, name), schemas[name], schemas)


def test_versions_are_named_and_a_stale_one_is_its_own_exception() -> None:
    api = Api(httpx.Response(200, json={}), refusal(412), httpx.Response(200, json={}))
    api.client.patch("requirements/R-000001", {"title": "x"}, version=7)
    with pytest.raises(StaleError):
        api.client.patch("requirements/R-000001", {"title": "x"}, version=7)
    api.client.put("policy", {}, version=ANY)
    assert [request.headers["if-match"] for request in api.got] == ['"7"', '"7"', "*"]


def test_a_refusal_says_everything_that_is_wrong() -> None:
    api = Api(refusal(422), httpx.Response(502, text="<h1>Bad gateway</h1>"), httpx.Response(400, json=["odd"]))
    with pytest.raises(InvalidError) as caught:
        api.client.upload("imports", "แผน.xlsx", b"x")
    error = caught.value
    assert (error.status, error.code, error.request_id, error.message["th"]) == (422, "no", "7", "ไม่ได้")
    assert [(found.address, found.code) for found in error.faults] == [("items[2].title", "missing")]
    assert "items[2].title: It is missing." in str(error)
    assert api.got[0].headers["content-type"].startswith("multipart/form-data")
    for status in (502, 400):
        with pytest.raises(ApiError) as caught:
            api.client.post("requirements", key=None)
        assert (caught.value.status, caught.value.code, caught.value.faults) == (status, "", ())


def signed(*keys: bytes, body: bytes = BODY, sent: int = 1000) -> dict[str, str]:
    return {
        "Webhook-Id": "msg_1",
        "Webhook-Timestamp": str(sent),
        "Webhook-Signature": sign(keys, "msg_1", sent, body),
    }


def test_a_message_of_the_planner_is_told_from_any_other() -> None:
    message = verify(written(SECRET), signed(b"other", SECRET), BODY, now=1299)
    assert (message.id, message.type, message.data) == ("msg_1", "plan.published", {"code": "P-000012"})
    assert message.timestamp == json.loads(BODY)["timestamp"]
    forged = [
        (signed(b"other"), BODY, 1000),
        (signed(SECRET), BODY + b" ", 1000),
        (signed(SECRET) | {"Webhook-Id": "msg_2"}, BODY, 1000),
        (signed(SECRET) | {"Webhook-Timestamp": "1001"}, BODY, 1000),
        (signed(SECRET) | {"Webhook-Timestamp": "soon"}, BODY, 1000),
        (signed(SECRET), BODY, 1301),
        (signed(SECRET), BODY, 699),
        ({}, BODY, 1000),
    ]
    for headers, body, now in forged:
        with pytest.raises(ForgedError):
            verify(written(SECRET), headers, body, now=now)
    with pytest.raises(ValueError, match="whsec_"):
        verify("whsec_no secret", signed(SECRET), BODY, now=1000)


def test_a_known_signature_of_the_specification_is_found_true() -> None:
    """The example of the Standard Webhooks specification."""
    body = b'{"test": 2432232314}'
    headers = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert sign([key], headers["webhook-id"], 1614265330, body) == headers["webhook-signature"]
    with pytest.raises(KeyError):  # it is signed, and holds nothing of ours
        verify(secret, headers, body, now=1614265330)
