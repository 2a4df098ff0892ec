"""The grid's rows and what it sends: only rows of texts, saved all or none, each answer as JSON."""

import json

import pytest
from werkzeug.test import TestResponse

NEW = {
    "title": "ระบบใหม่",
    "agency": "21004",
    "priority": "normal",
    "clearance": "open",
    "start_year": "2570",
    "demand.vcpu.2027": "3",
}


@pytest.fixture
def planner(visitor_as):
    return visitor_as("ministry_planner")


def rows(visitor, query: str = "") -> dict:
    return visitor.client.get(f"/requirements/grid/rows{query}").get_json()


def send(visitor, what: str, *sent: object) -> TestResponse:
    headers = {"X-CSRFToken": rows(visitor)["token"]}
    return visitor.client.post(f"/requirements/grid/{what}", json={"rows": sent}, headers=headers)


def new(key: str = "a", **cells: str) -> dict:
    return {"code": None, "version": None, "key": key, "cells": {**NEW, **cells}}


def test_rows_are_texts_in_the_readers_era_of_the_own_ministry_alone(planner) -> None:
    found = rows(planner)
    assert [row["code"] for row in found["rows"]] == ["R-000001", "R-000006"]
    assert found["total"] == 2
    first = found["rows"][0]
    assert (first["mode"], first["refusal"], first["version"]) == ("revision", "", 1)
    assert first["cells"]["start_year"] == "2570"
    assert first["cells"]["demand.hot_tb.2027"] == "15"
    assert not {"code", "status"} & first["cells"].keys()
    assert [row["code"] for row in rows(planner, "?q=R-000006")["rows"]] == ["R-000006"]


def test_saving_answers_with_the_rows_as_they_stand(planner) -> None:
    changed = {"code": "R-000001", "version": 1, "cells": {"title": "ชื่อที่เสนอ"}}
    answer = send(planner, "save", new(), changed)
    assert answer.status_code == 200
    found = answer.get_json()
    assert [(row["code"], row["version"], row["cells"]["title"]) for row in found["rows"]] == [
        ("R-000007", 1, "ระบบใหม่"),
        ("R-000001", 2, "ชื่อที่เสนอ"),
    ]
    assert found["proposed"] == 1
    assert planner.open("/requirements/R-000001").h1.get_text() == "เวชระเบียนกลาง"
    again = send(planner, "save", new(), changed).get_json()
    assert [(row["code"], row["version"]) for row in again["rows"]] == [("R-000007", 1), ("R-000001", 2)]


def test_faults_name_row_and_column_and_nothing_is_stored(planner) -> None:
    sent = (new(), new("b", copies="9", title=""))
    for what, status in (("check", 200), ("save", 422)):
        answer = send(planner, what, *sent)
        assert answer.status_code == status
        found = {(fault["row"], fault["column"]) for fault in answer.get_json()["faults"]}
        assert found == {("+2", "copies"), ("+2", "title")}
    assert rows(planner)["total"] == 2


def test_a_conflict_comes_with_what_is_stored(planner) -> None:
    send(planner, "save", {"code": "R-000006", "version": 1, "cells": {"title": "ของคนแรก"}})
    answer = send(planner, "save", {"code": "R-000006", "version": 1, "cells": {"title": "ของคนที่สอง"}})
    assert answer.status_code == 409
    (conflict,) = answer.get_json()["conflicts"]
    assert (conflict["code"], conflict["version"], conflict["cells"]["title"]) == ("R-000006", 2, "ของคนแรก")


@pytest.mark.parametrize(
    "row",
    [
        "no row",
        {"code": "R-000001", "version": 1},
        {"code": "R-000001", "version": 1, "cells": {"title": ["x"]}},
        {"code": "R-000001", "version": "1", "cells": {}},
        {"code": "R-000001", "version": True, "cells": {}},
        {"code": None, "version": None, "cells": {}},
        {"code": None, "key": "k" * 61, "cells": {}},
        {"code": 7, "version": 1, "cells": {}},
    ],
    ids=str,
)
def test_what_is_no_row_of_texts_is_refused(planner, row: object) -> None:
    assert send(planner, "save", row).status_code == 422


def test_another_ministrys_row_is_not_there(planner) -> None:
    for what in ("check", "save"):
        for code in ("R-000002", "R-999999"):
            answer = send(planner, what, {"code": code, "version": 1, "cells": {"title": "x"}})
            assert (answer.status_code, answer.is_json) == (404, True)


def test_without_the_token_nothing_is_saved(planner) -> None:
    answer = planner.client.post("/requirements/grid/save", json={"rows": [new()]})
    assert answer.status_code == 400
    assert rows(planner)["total"] == 2


def test_the_score_of_the_review_is_shown_to_a_ministry_and_fixed(planner) -> None:
    columns = json.loads(planner.open("/requirements/grid/").find(id="grid-page")["data-columns"])
    assert {column["key"] for column in columns if column["fixed"]} == {"code", "status", "weight"}
    assert rows(planner)["rows"][0]["cells"]["weight"] == "1"
    answer = send(planner, "save", {"code": "R-000001", "version": 1, "cells": {"weight": "2"}})
    assert [(fault["row"], fault["column"]) for fault in answer.get_json()["faults"]] == [("R-000001", "weight")]


@pytest.mark.parametrize(
    "row",
    [
        {"code": "\ud800", "version": 1, "cells": {}},
        {"code": "R-0\0", "version": 1, "cells": {}},
        {"code": None, "version": None, "key": "\ud800", "cells": NEW},
        {"code": None, "version": None, "key": "a\0", "cells": NEW},
        {"code": None, "version": None, "key": "a", "cells": NEW | {"\ud800": "1"}},
        {"code": None, "version": None, "key": "a", "cells": NEW | {"x" * 5000: "1"}},
        [[[[]]]],
    ],
)
def test_what_nobody_can_type_is_refused_before_a_database_sees_it(planner, row) -> None:
    answer = send(planner, "save", row)
    assert (answer.status_code, answer.is_json) == (422, True)


def test_brackets_within_brackets_are_refused(planner) -> None:
    headers = {"X-CSRFToken": planner.token(), "Content-Type": "application/json"}
    answer = planner.client.post("/requirements/grid/check", data="[" * 100_000, headers=headers)
    assert (answer.status_code, answer.is_json) == (422, True)
