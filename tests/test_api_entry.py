"""Entering and reviewing by the API: requirements and their steps, datasets, planning rounds, workbooks."""

import io
from collections.abc import Callable

import pytest
from flask import Flask
from openpyxl import load_workbook
from programs import ROOT, Program
from sqlalchemy import event
from werkzeug.test import TestResponse

from models import Role
from planner.api.v1.datasets import DatasetFields
from planner.api.v1.requirements import RequirementFields
from planner.services.rows.cells import FIXED
from reports.catalogue import DATASETS
from reports.sheets import REQUIREMENTS

NEW = {
    "title": "ทะเบียนวัคซีน",
    "agency": "21004",
    "priority": "high",
    "clearance": "open",
    "start_year": 2027,
    "regions": ["central"],
    "demand": {"vcpu": {"2027": 4, "2028": 6.5}},
}
LATE = "2125-01-01T09:30:00+07:00"

Make = Callable[..., Program]


@pytest.fixture
def de(program: Make) -> Program:
    return program(Role.DE_PLANNER)


def test_the_fields_are_those_of_the_row_models() -> None:
    columns = {field.key for field in REQUIREMENTS.fields} - FIXED
    assert RequirementFields.model_fields.keys() == columns | {series.key for series in REQUIREMENTS.series}
    assert DatasetFields.model_fields.keys() == {field.key for field in DATASETS.fields} - {"code"}


def test_a_requirement_is_made_changed_and_read_as_it_was_sent(program: Make) -> None:
    ministry = program("ministry")
    regions = {"regions": [choice["code"] for choice in column(ministry, "regions")][:1]}
    made = ministry.expect(201, "POST", "/requirements", {**NEW, **regions})
    assert {name: made[name] for name in NEW} == {**NEW, **regions}
    assert (made["status"], made["version"], made["weight"], made["refusal"]) == ("draft", 1, 1.0, None)
    path = f"/requirements/{made['code']}"
    change = {"note": "ด่วน", "regions": None, "demand": {"vcpu": {"2027": None}, "hot_tb": {"2028": 1}}}
    changed = ministry.expect(200, "PATCH", path, change, version=1)
    assert changed == ministry.get(path)
    assert changed["demand"] == {"hot_tb": {"2028": 1.0}, "vcpu": {"2028": 6.5}}
    assert (changed["note"], changed["regions"], changed["title"]) == ("ด่วน", None, NEW["title"])
    assert ministry.faults("PATCH", path, {"weight": 3}, version=2) == {"weight": "locked_column"}
    assert ministry.faults("POST", "/requirements", {**NEW, "agency": "11004"})["agency"] == "other_ministry"


def column(program: Program, key: str) -> list[dict]:
    return next(field["choices"] for field in program.get("/requirements/columns")["items"] if field["key"] == key)


def test_many_are_saved_at_once_or_none(de: Program) -> None:
    plain = {**NEW, "regions": []}
    bad = [plain, {**plain, "title": "", "copies": 2}, {"code": "R-000005", "version": 1, "incumbent": "nowhere"}]
    faults = {"items[1].title": "missing", "items[2].incumbent": "unknown_code"}
    assert de.faults("POST", "/requirements/bulk", {"items": bad}) == faults
    checked = de.expect(200, "POST", "/requirements/check", {"items": bad})["items"]
    assert {found["address"]: found["code"] for found in checked} == faults
    stale = de.expect(
        409, "POST", "/requirements/bulk", {"items": [plain, {"code": "R-000005", "version": 7, "note": "x"}]}
    )
    assert [(found["address"], found["code"]) for found in stale["faults"]] == [("items[1]", "stale")]
    assert de.faults("POST", "/requirements/bulk", {"items": [{"code": "R-000005"}]}) == {"items[0].version": "missing"}
    assert len(de.get("/requirements")["items"]) == 6
    saved = de.expect(
        200, "POST", "/requirements/bulk", {"items": [plain, {"code": "R-000005", "version": 1, "note": "x"}]}
    )
    assert [item["code"] for item in saved["items"]] == ["R-000007", "R-000005"]
    assert saved["items"][1]["note"] == "x"


def test_a_requirement_goes_from_draft_to_a_revision_in_force(program: Make, de: Program) -> None:
    ministry = program("ministry")
    code = ministry.expect(201, "POST", "/requirements", {**NEW, "regions": []})["code"]
    path = f"/requirements/{code}"
    assert ministry.get(f"{path}/standing")["actions"] == ["submit", "withdraw"]
    moved = ministry.expect(200, "POST", f"{path}/steps", {"action": "submit"}, version=1)
    assert moved["status"] == "submitted"
    assert moved["refusal"]["en"].startswith("It is being reviewed")
    assert de.faults("POST", f"{path}/steps", {"action": "return"}, version=moved["version"]) == {"comment": "missing"}
    many = {
        "action": "approve",
        "items": [{"code": code, "version": moved["version"]}, {"code": "R-000001", "version": 1}],
    }
    assert de.faults("POST", "/requirements/steps", many) == {"items[1]": "wrong_status"}
    stale = {"action": "approve", "items": [{"code": code, "version": 1}]}
    assert de.expect(409, "POST", "/requirements/steps", stale)["faults"][0]["address"] == "items[0]"
    assert ministry.expect(403, "POST", "/requirements/steps", stale)
    (approved,) = de.expect(200, "POST", "/requirements/steps", {**many, "items": many["items"][:1]})["items"]
    assert approved["status"] == "approved"
    proposed = ministry.expect(200, "PATCH", path, {"copies": 2}, version=approved["version"])
    assert (proposed["proposed"], proposed["status"], proposed["copies"]) == (True, "draft", 2)
    standing = ministry.get(f"{path}/standing")
    assert standing["revision"] == 1
    assert [(change["before"], change["after"]) for change in standing["changes"]] == [(1, 2)]
    ministry.expect(
        200, "POST", f"{path}/steps", {"action": "withdraw", "comment": "ไม่จำเป็น"}, version=proposed["version"]
    )
    assert de.get(path)["copies"] == 1


def test_a_standing_tells_what_the_plan_in_force_gives(de: Program) -> None:
    outcome = de.get("/requirements/R-000001/standing")["outcome"]
    assert (outcome["plan"], outcome["published"], outcome["granted"]) == ("P-000001", True, 1.0)
    assert outcome["placements"]["rows"]


def test_datasets_are_made_changed_and_asked_to_be_hosted(program: Make) -> None:
    ministry = program("ministry")
    (known,) = ministry.get("/datasets?category=personal&sort=title")["items"]
    assert known["code"] == "D-000001"
    fields = {name: known[name] for name in DatasetFields.model_fields}
    made = ministry.expect(201, "POST", "/datasets", {**fields, "growth": 0.5, "keywords": ["ก", "ข"]})
    assert {name: made[name] for name in fields} == {**fields, "growth": 0.5, "keywords": ["ก", "ข"]}
    path = f"/datasets/{made['code']}"
    changed = ministry.expect(200, "PATCH", path, {"volume_tb": None, "retired": True}, version=1)
    assert (changed["volume_tb"], changed["retired"], changed["version"]) == (None, True, 2)
    ministry.expect(412, "PATCH", path, {"volume_tb": 3}, version=1)
    wanted = ministry.get("/datasets/D-000001/requirement")
    assert (wanted["title"], wanted["agency"]) == (known["title"], known["agency"])
    assert wanted["demand"]["hot_tb"]["2027"] == known["volume_tb"]
    ministry.expect(404, "GET", "/datasets/D-000002")
    assert ministry.faults("PATCH", path, {"agency": "11004", "licence": "mine"}, version=2) == {
        "agency": "other_ministry",
        "licence": "unknown_choice",
    }


def test_many_datasets_are_saved_at_once_or_none(de: Program) -> None:
    fields = {name: de.get("/datasets/D-000001")[name] for name in DatasetFields.model_fields}
    change = {"code": "D-000001", "version": 1, "proposal": "ย้ายปีหน้า"}
    assert de.faults("POST", "/datasets/bulk", {"items": [change, {**fields, "title": None}]}) == {
        "items[1].title": "missing"
    }
    assert de.get("/datasets/D-000001")["proposal"] is None
    de.expect(409, "POST", "/datasets/bulk", {"items": [{**change, "version": 4}, fields]})
    saved = de.expect(200, "POST", "/datasets/bulk", {"items": [change, fields]})["items"]
    assert [item["code"] for item in saved] == ["D-000001", "D-000004"]


def test_a_round_is_made_moved_and_extended(program: Make, de: Program) -> None:
    fields = {"name_th": "รอบหน้า", "name_en": "Next round", "opens_at": "2122-01-01T09:00:00+07:00", "closes_at": LATE}
    made = de.expect(201, "POST", "/rounds", {"code": "2665-1", **fields})
    assert (made["opens_at"], made["state"]) == ("2122-01-01T02:00:00Z", "upcoming")
    assert de.faults("POST", "/rounds", {"code": "2665-1", **fields}) == {"code": "not_unique"}
    assert de.faults("PUT", "/rounds/2665-1", {**fields, "closes_at": fields["opens_at"]}, version=1) == {
        "closes_at": "ends_before_start"
    }
    assert de.faults("PUT", "/rounds/2665-1", {**fields, "closes_at": "2125-01-01T09:30:00"}, version=1) == {
        "closes_at": "not_a_minute"
    }
    assert (
        de.expect(200, "PUT", "/rounds/2665-1", {**fields, "name_en": "Another"}, version=1)["name"]["en"] == "Another"
    )
    de.expect(412, "PUT", "/rounds/2665-1", fields, version=1)
    extension = {"closes_at": "2126-01-01T00:00:00Z", "reason": "น้ำท่วม"}
    extended = de.expect(200, "PUT", "/rounds/2665-1/extensions/11000", extension)
    assert extended["extensions"] == [{"ministry": "11000", **extension}]
    assert program("ministry").get("/rounds/2665-1")["extensions"] == []
    assert de.faults("PUT", "/rounds/2665-1/extensions/11000", {**extension, "closes_at": LATE}) == {
        "closes_at": "not_later"
    }
    de.expect(204, "DELETE", "/rounds/2665-1/extensions/11000")
    de.expect(404, "DELETE", "/rounds/2665-1/extensions/11000")
    assert [row["code"] for row in de.get("/rounds")["items"]] == ["2665-1", "2570-1"]


def upload(program: Program, path: str, content: bytes, **headers: str) -> TestResponse:
    file = {"file": (io.BytesIO(content), "ข้อมูล.xlsx")}
    return program.client.post(ROOT + path, data=file, headers={**program.headers, **headers})


def test_a_workbook_goes_out_is_looked_at_taken_in_and_undone(de: Program) -> None:
    export = de.ask("GET", "/imports/export.xlsx?language=th").data
    workbook = load_workbook(io.BytesIO(export))
    sheet = workbook["ความต้องการ"]
    titles = {cell.value: cell.column for cell in sheet[1]}
    row = next(row[0].row for row in sheet.iter_rows(min_row=2) if row[0].value == "R-000005")
    sheet.cell(row, titles["ชื่อระบบ"]).value = "ชื่อใหม่"
    changed = io.BytesIO()
    workbook.save(changed)
    looked = upload(de, "/imports/preview", changed.getvalue()).json
    assert [(found["code"], found["cells"][0]["after"]["th"]) for found in looked["rows"]] == [("R-000005", "ชื่อใหม่")]
    assert de.get("/requirements/R-000005")["version"] == 1
    key = {"Idempotency-Key": "an-import"}
    done, again = (upload(de, "/imports", changed.getvalue(), **key) for _ in range(2))
    assert (done.json["code"], again.data) == (1, done.data)
    assert upload(de, "/imports", changed.getvalue()).json["code"] is None
    assert upload(de, "/imports", export, **key).status_code == 422
    assert de.get("/requirements/R-000005")["title"] == "ชื่อใหม่"
    assert [found["number"] for found in de.get("/imports")["items"]] == ["1"]
    assert de.expect(200, "POST", "/imports/1/undo")["undone_by"]
    assert de.get("/requirements/R-000005")["title"] == "แบบร่าง"
    refused = upload(de, "/imports", b"no workbook")
    assert [found["code"] for found in refused.json["faults"]] == ["not_excel"]
    assert de.client.post(f"{ROOT}/imports", data={"x": "y"}, headers=de.headers).status_code == 415


def test_long_lists_take_no_more_queries(web_app: Flask, de: Program) -> None:
    statements: list[str] = []
    event.listen(web_app.extensions["engine"], "before_cursor_execute", lambda *given: statements.append(given[2]))

    def count(path: str) -> int:
        statements.clear()
        de.get(path)
        return len(statements)

    count("/requirements")  # with which it is noted that the token was used
    for resource, most in (("requirements", 5), ("datasets", 2)):
        assert count(f"/{resource}?limit=1") == count(f"/{resource}?limit={most}")
