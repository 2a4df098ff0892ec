"""What people do on screens, done by programs: plans, scenarios, data centres, reference data, the register, people."""

import io

import pytest
from sqlalchemy import select

import models
from models import AuditEntry, Role
from planner.api.v1.objects import AREAS
from planner.services.desk import PAGES, open_desk
from planner.services.invitations import LINK_PATH
from planner.services.permissions import OPERATOR
from planner.services.subjects import KINDS


@pytest.fixture
def entries(web_app):
    """The entries of the audit log about an object, the oldest first, as action and note."""

    def find(subject: str) -> list[tuple[str, str]]:
        with web_app.extensions["sessions"]() as session:
            query = select(AuditEntry).where(AuditEntry.subject == subject).order_by(AuditEntry.position)
            return [(entry.action, entry.note) for entry in session.scalars(query)]

    return find


def test_rows_are_read_changed_and_sent_back_as_they_were(program, entries):
    planner = program(Role.DE_PLANNER)
    north = planner.get("/reference/regions/north")
    changed = planner.expect(
        200, "PATCH", "/reference/regions/north", {"name_en": "The North"}, version=north["version"]
    )
    assert changed == {**north, "version": 2, "name_en": "The North"}
    assert planner.expect(200, "POST", "/reference/regions/bulk", {"items": [changed]})["items"] == [changed]
    planner.expect(412, "PATCH", "/reference/regions/north", {"name_en": "N."}, version=1)
    planner.expect(428, "PATCH", "/reference/regions/north", {"name_en": "N."})
    planner.expect(409, "DELETE", "/reference/regions/north", version=2)
    made = planner.ask("POST", "/reference/regions", {"code": "east", "name_th": "ภาคตะวันออก", "name_en": "East"})
    assert (made.status_code, made.headers["Location"]) == (201, "/api/v1/reference/regions/east")
    assert planner.ask("DELETE", "/reference/regions/east", version="*").status_code == 204
    assert [action for action, _ in entries("region:east")] == ["created", "removed"]
    assert [action for action, _ in entries("region:north")] == ["changed"]


def test_many_rows_are_stored_together_or_not_at_all(program):
    planner = program(Role.DE_PLANNER)
    items = [
        {"code": "central", "version": 1, "name_en": "The Centre"},
        {"code": "north", "version": 1, "name_en": "x" * 301, "colour": "green"},
        {"code": "two words", "name_th": "ใหม่", "name_en": "New"},
    ]
    found = planner.faults("POST", "/reference/regions/bulk", {"items": items})
    assert found == {"items[1].colour": "extra_forbidden"}
    del items[1]["colour"]
    expected = {"items[1].name_en": "too_long", "items[2].code": "bad_code"}
    assert planner.faults("POST", "/reference/regions/bulk", {"items": items}) == expected
    told = planner.expect(200, "POST", "/reference/regions/check", {"items": items})["items"]
    assert {each["address"]: each["code"] for each in told} == expected
    unnamed = {"items": [items[0], {"version": 1, "name_en": "Nowhere"}]}
    assert planner.faults("POST", "/reference/regions/bulk", unnamed) == {"items[1].code": "missing"}
    assert planner.faults("POST", "/reference/regions", {"code": "east", "version": 1}) == {
        "version": "extra_forbidden"
    }
    stale = [{"code": "central", "version": 1, "name_en": "A"}, {"code": "north", "version": 9, "name_en": "B"}]
    refused = planner.expect(409, "POST", "/reference/regions/bulk", {"items": stale})
    assert [each["address"] for each in refused["faults"]] == ["items[1]"]
    assert planner.get("/reference/regions/central")["name_en"] == "Central"


def test_rows_that_several_columns_tell_apart_keep_their_code(program, web_register):
    staff = program(Role.HR)
    path = "/register/positions/21004/steward/2027"
    row = staff.get("/register/positions/21004%2Fsteward%2F2027")
    assert row == staff.get(path)
    same = {name: row[name] for name in ("agency", "role", "from_year", "authorised")}
    assert staff.expect(200, "PATCH", path, same | {"funded": 1.5}, version=1)["funded"] == 1.5
    assert staff.faults("PATCH", path, {"role": "engineer"}, version=2) == {"role": "fixed_column"}


def test_a_list_goes_on_behind_a_row_whatever_was_added(program, web_register):
    staff = program(Role.HR)
    every = [row["code"] for row in staff.get("/register/people")["items"]]
    first = staff.get("/register/people?limit=2")
    staff.expect(201, "POST", "/register/people", {"code": "A1", "full_name": "ชูใจ", "agency": "21004"})
    rest = staff.get(f"/register/people?limit=250&cursor={first['next']}")
    assert [row["code"] for row in first["items"] + rest["items"]] == every
    assert rest["next"] is None
    assert staff.faults("GET", f"/register/people?q=x&cursor={first['next']}") == {"cursor": "unknown_cursor"}


def test_whoever_looks_at_people_is_noted(program, web_register, entries):
    staff = program(Role.HR)
    staff.get("/people?agency=21004")
    staff.get("/register/person_roles?q=P4")
    record = staff.get("/people/P4")
    copy = staff.expect(200, "POST", "/people/P4/copy")
    assert (record["full_name"], copy["data"]["people"][0]["full_name"]) == ("มานี มีนา", "มานี มีนา")
    assert entries("person:*") == [("downloaded", "P4, P5"), ("looked_at", "P4")]
    assert [action for action, _ in entries("person:P4")] == ["looked_at", "downloaded"]
    assert staff.faults("POST", "/people/P4/erase", {"confirm": "P5"}) == {"confirm": "not_confirmed"}
    assert staff.ask("POST", "/people/P4/erase", {"confirm": "P4"}).status_code == 204
    staff.expect(404, "GET", "/people/P4")
    staff.expect(404, "DELETE", "/register/people/P5", version="*")


def test_people_are_named_on_coverage_to_whom_may_know_and_that_is_noted(program, web_register, entries):
    reader, staff = program(Role.DE_PLANNER), program(Role.HR)
    assert "มานี มีนา" not in reader.ask("GET", "/coverage/agencies/21004").text
    assert "มานี มีนา" in staff.ask("GET", "/coverage/agencies/21004").text
    part = staff.get("/coverage/agencies/21004/tables/people?limit=1")
    assert len(part["rows"]) == 1
    assert part["next"]
    assert [action for action, _ in entries("person:*")] == ["looked_at", "downloaded"]
    assert entries("person:*")[1][1] == part["rows"][0]["person"]


def test_the_capacity_of_a_site_is_stored_as_it_was_read(program, entries):
    planner = program(Role.DE_PLANNER)
    path = "/sites/BKK1/capacity"
    read = planner.get(path)
    assert planner.expect(200, "PUT", path, read) == read
    assert not entries("site:BKK1")
    first = read["items"][0]
    more = {**first, "reserve_margin": 0.125, "nameplate": {**first["nameplate"], "2028": 123.456}}
    stored = planner.expect(200, "PUT", path, {"items": [more, *read["items"][1:]]})
    assert stored["items"][0] == {**more, "version": first["version"] + 1}
    planner.expect(409, "PUT", path, {"items": [{**more, "overcommit": 2.0}, *read["items"][1:]]})
    wrong = {**stored["items"][0], "nameplate": {"2099": 1.0, "2027": -1.0}}
    assert planner.faults("PUT", path, {"items": [wrong]}) == {"items[0].nameplate.2099": "unknown_code"}
    del wrong["nameplate"]["2099"]
    assert planner.faults("PUT", path, {"items": [wrong]}) == {"items[0].nameplate.2027": "negative"}
    assert len(entries("site:BKK1")) == 1


def test_the_policy_is_replaced_as_a_whole_by_who_has_read_it(program):
    planner = program(Role.DE_PLANNER)
    policy = planner.ask("GET", "/policy")
    assert policy.headers["ETag"] == '"0"'
    wanted = {name: value for name, value in policy.json.items() if name != "version"}
    wanted |= {"floors": {"21000": 0.4}, "caps": {"21000": 0.9}, "pins": {"R-000001": "BKK1"}}
    stored = planner.expect(200, "PUT", "/policy", wanted, version=0)
    assert stored == {**wanted, "version": 1}
    planner.expect(412, "PUT", "/policy", wanted, version=0)
    wrong = {**wanted, "floors": {"21000": 0.95, "99999": 0.1}, "pins": {"R-000001": "MOON"}}
    found = planner.faults("PUT", "/policy", wrong, version=1)
    assert found.keys() == {"floors.21000", "floors.99999", "pins.R-000001"}
    assert planner.get("/policy") == stored


def test_a_plan_is_queued_watched_read_and_cancelled(program, web_app, do_jobs):
    planner = program(Role.DE_PLANNER)
    once = {"Idempotency-Key": "only-once"}
    made = [planner.ask("POST", "/plans", {"name": "แผนสอง"}, headers=once) for _ in range(2)]
    assert [answer.status_code for answer in made] == [201, 201]
    assert {answer.json["code"] for answer in made} == {"P-000002"}
    assert planner.get("/jobs/plan_run/P-000002")["status"] == "queued"
    do_jobs(web_app.extensions["sessions"])
    assert planner.get("/jobs/plan_run/P-000002")["finished"]
    assert planner.get("/plans/P-000002")["state"] == "draft"
    assert [run["code"] for run in planner.get("/plans")["items"]] == ["P-000002", "P-000001"]
    waiting = planner.expect(201, "POST", "/plans", {})["code"]
    assert planner.expect(200, "POST", f"/jobs/plan_run/{waiting}/cancel")["status"] == "cancelled"
    planner.expect(409, "POST", f"/jobs/plan_run/{waiting}/cancel")
    planner.expect(409, "GET", f"/plans/{waiting}/pages/costs")
    assert planner.expect(200, "POST", f"/jobs/plan_run/{waiting}/retry")["attempt"] == 2
    compared = planner.get("/plans/P-000002/compared-with/P-000001")
    assert compared["sections"][0]["tables"][0]["rows"]


def test_lists_tell_what_it_takes_to_go_on(program):
    planner, ministry = program(Role.DE_PLANNER), program("ministry2")
    (waiting,) = ministry.get("/worklist")["items"]
    step = {"action": "withdraw", "items": [{"code": waiting["code"], "version": waiting["version"]}]}
    ministry.expect(200, "POST", "/requirements/steps", step)
    (job,) = planner.get("/jobs")["items"]
    assert planner.get(f"/jobs/{job['kind']}/{job['subject']}")["status"] == job["status_code"] == "done"
    assert (waiting["status"]["en"], waiting["status_code"]) == ("Draft", "draft")
    admin = program(Role.ADMINISTRATOR)
    listed = {row["code"]: (row["role_code"], row["state_code"]) for row in admin.get("/accounts")["items"]}
    assert listed[admin.get("/me")["username"]] == ("administrator", "active")
    entries = admin.get("/audit-log?action=withdrawn")["items"]
    assert {(entry["action_code"], entry["role_code"]) for entry in entries} == {("withdrawn", "ministry_planner")}
    site = planner.get("/sites?q=CNX1")["items"][0]
    assert site["usable"].keys() == {"vcpu", "hot_tb"}
    assert planner.get(f"/sites/{site['code']}")["from_year"] == site["from_year"]


def test_every_table_of_a_plan_is_that_of_its_page(program, web_app):
    planner = program(Role.AUDITOR)
    with web_app.extensions["sessions"]() as session:
        desk = open_desk(session, OPERATOR, "P-000001")
    names = [page["key"] for page in planner.get("/plans/P-000001/pages")["items"]]
    assert names == list(PAGES)
    for name in names:
        page = planner.get(f"/plans/P-000001/pages/{name}")
        shown = PAGES[name][1](desk, {})
        tables = [each for section in page["sections"] for each in section["tables"]]
        assert [each["key"] for each in tables] == [each.key for part in shown.sections for each in part.tables]
        for each in tables:
            whole = shown.table(each["key"])
            path = f"/plans/P-000001/pages/{name}/tables/{each['key']}"
            rows, following = [], ""
            while following is not None:
                part = planner.get(f"{path}?limit=2{following}")
                rows += part["rows"]
                following = part["next"] and f"&cursor={part['next']}"
            assert len(rows) == len(whole.rows), path
            assert rows[:50] == each["rows"][:50], path
            codes = [column.key for column in whole.columns if column.kind == "code"]
            assert [[row[key] for key in codes] for row in rows] == [
                list(found) for found in zip(*map(whole.column, codes), strict=True)
            ] or not codes, path


def test_a_plan_says_why_and_answers_questions(program):
    planner = program(Role.DE_PLANNER)
    found = planner.get("/plans/P-000001/requirements/R-000001?site=CNX1")
    assert found["why_not"]["sentence"]["en"]
    assert "CNX1" in {site["value"] for site in found["sites"]}
    planner.expect(404, "GET", "/plans/P-000001/requirements/R-000001?site=MOON")
    proof = planner.expect(200, "POST", "/plans/P-000001/proofs", {"about": "fairness"})
    assert proof["table"]["columns"][0]["key"] == "level"
    planner.expect(404, "POST", "/plans/P-000001/proofs", {"about": "pool", "name": "moon"})
    row = {"title": "ใหม่", "agency": "21004", "priority": "high", "clearance": "protected", "start_year": 2027}
    assert planner.expect(200, "POST", "/quotes", row)["answer"] is None
    quote = planner.expect(200, "POST", "/quotes", {**row, "demand": {"vcpu": {"2027": 1.0}}})
    assert quote["answer"] in {"served", "not_served", "uncertain"}, quote["sentence"]


def test_a_scenario_is_made_of_adjustments_run_swept_and_taken_into_the_base(program, web_app):
    planner = program(Role.DE_PLANNER)
    code = planner.expect(201, "POST", "/scenarios", {"name": "น้ำท่วม"})["code"]
    path = f"/scenarios/{code}"
    version = planner.get(path)["version"]
    changed = planner.expect(
        200, "POST", f"{path}/adjustments", {"kind": "demand", "terms": {"change": 0.2}}, version=version
    )
    assert changed["adjustments"][0]["terms"] == {"change": 0.2}
    assert "20%" in changed["adjustments"][0]["text"]["en"]
    wrong = {"kind": "capacity", "terms": {"site": "MOON", "change": "20", "colour": 1}}
    assert planner.faults("POST", f"{path}/adjustments", wrong, version="*") == {
        "terms.change": "wrong_kind",
        "terms.colour": "extra_forbidden",
    }
    wrong["terms"] = {"site": "MOON", "change": -2}
    assert planner.faults("POST", f"{path}/adjustments", wrong, version="*") == {"terms.change": "out_of_range"}
    wrong["terms"]["change"] = -0.5
    assert planner.faults("POST", f"{path}/adjustments", wrong, version="*").keys() == {"terms.site"}
    limit = {"kind": "levels", "terms": {"levels": ["priority", "statutory"]}}
    planner.expect(200, "POST", f"{path}/adjustments", limit, version="*")
    planner.expect(412, "POST", f"{path}/adjustments/2/raise", version=version)
    raised = planner.expect(200, "POST", f"{path}/adjustments/2/raise", version="*")
    assert [each["kind"] for each in raised["adjustments"]] == ["levels", "demand"]
    assert planner.expect(201, "POST", "/plans", {"scenario": code})["origin"]["scenario"] == code
    kinds = {kind["key"]: kind for kind in planner.get("/scenarios/kinds")["items"]}
    assert kinds["demand"]["swept"] == "change"
    sweep = {"kind": "demand", "from": -0.5, "to": 0.5, "steps": 3, "scenario": code, "name": "ทีละน้อย"}
    assert planner.faults("POST", "/sweeps", {**sweep, "to": -0.6}) == {"to": "not_larger"}
    queued = planner.expect(201, "POST", "/sweeps", sweep)
    assert [row["value"] for row in queued["table"]["rows"]] == [-0.5, 0.0, 0.5]
    assert planner.expect(200, "POST", f"/sweeps/{queued['code']}/cancel")["done"] == 3
    entering = planner.get(f"{path}/promotion")
    assert [len(entering[part]) for part in ("entering", "staying")] == [1, 1]
    left = planner.expect(200, "POST", f"{path}/promote", version="*")
    assert [each["kind"] for each in left["adjustments"]] == ["demand"]
    assert planner.get("/policy")["levels"] == ["priority", "statutory"]
    planner.expect(200, "POST", f"{path}/archive", version="*")
    assert planner.get("/scenarios")["items"] == []
    assert [row["code"] for row in planner.get("/scenarios?archived=true")["items"]] == [code]


def test_a_plan_is_published_by_who_knows_what_is_in_force(program, web_app, do_jobs):
    planner, manager, ministry = map(program, (Role.DE_PLANNER, Role.MANAGER, Role.MINISTRY_PLANNER))
    code = planner.expect(201, "POST", "/plans", {"name": "แผนสอง"})["code"]
    do_jobs(web_app.extensions["sessions"])
    wanted = {"plan": code, "note": "มติ", "seen": None}
    manager.expect(409, "POST", "/publications", wanted)
    assert manager.expect(201, "POST", "/publications", {**wanted, "seen": "P-000001"})["code"] == code
    assert planner.get("/publications/P-000001")["superseded_by"] == code
    assert planner.get(f"/plans/{code}/standing")["state"] == "published"
    assert [row["code"] for row in ministry.get("/outcomes")["items"]] == ["21000"]
    outcome = ministry.get("/outcomes/21000")
    assert outcome["publication"]["code"] == code
    assert code in outcome["letter"]["paragraphs"][1]["th"]
    assert ministry.get("/outcomes/21000/tables/requirements")["rows"]
    do_jobs(web_app.extensions["sessions"])
    workbook = ministry.ask("GET", "/outcomes/21000/workbook-th.xlsx")
    assert (workbook.status_code, workbook.data[:2]) == (200, b"PK")
    assert manager.ask("GET", f"/plans/{code}/reports/th.zip").status_code == 200
    manager.expect(201, "POST", "/publications", {"plan": "P-000001", "note": "กลับมติ", "seen": code})
    codes, following = [], ""
    while following is not None:
        part = planner.get(f"/publications?limit=1{following}")
        codes += [row["code"] for row in part["items"]]
        following = part["next"] and f"&cursor={part['next']}"
    assert codes == ["P-000001", code, "P-000001"]


def test_norms_terms_and_workforce_plans(program, web_register):
    staff = program(Role.HR)
    norm = staff.get("/norms/steward/2027")
    changed = staff.expect(200, "PUT", "/norms/steward/2027", {"floor": 1.25, "per_tb": 0.5}, version=norm["version"])
    assert (changed["floor"], changed["per_tb"], changed["per_dataset"]) == (1.25, 0.5, 0.0)
    staff.expect(412, "PUT", "/norms/steward/2027", {"floor": 9.0}, version=norm["version"])
    made = staff.ask("POST", "/norms", {"role": "steward", "from_year": 2028, "floor": 2.0})
    assert made.headers["Location"] == "/api/v1/norms/steward%2F2028"
    assert staff.get("/norms/steward%2F2028") == made.json
    assert staff.faults("POST", "/norms", {"role": "steward", "from_year": 2028}) == {"from_year": "exists"}
    assert staff.faults("POST", "/norms", {"role": "nobody", "from_year": 2028}) == {"role": "unknown_code"}
    assert staff.ask("DELETE", "/norms/steward/2028", version=1).status_code == 204
    staff.expect(404, "GET", "/norms/steward/2028")
    terms = staff.get("/workforce-plans/terms")
    wanted = {"lend_cost": 1000.5, "lend_efficiency": 0.75, "backup": 0.5, "budget": {"2027": 1_000_000.0}}
    stored = staff.expect(200, "PUT", "/workforce-plans/terms", wanted, version=terms["version"])
    assert stored == {**wanted, "version": 1}
    assert staff.faults("PUT", "/workforce-plans/terms", {**wanted, "budget": {"1999": 1.0}}, version=1) == {
        "budget.1999": "unknown_year"
    }
    plan = staff.expect(201, "POST", "/workforce-plans", {"name": "ปิดช่องว่าง", "what_if": {"budget": 0.2}})
    assert (plan["what_if"]["budget"], plan["finished_at"]) == (0.2, None)
    staff.expect(409, "GET", f"/workforce-plans/{plan['code']}/pages")
    assert "20%" in plan["supposes"]["en"]


def test_people_work_together_on_an_object_within_the_scopes_of_their_tokens(program):
    ministry, planner = program(Role.MINISTRY_PLANNER), program(Role.DE_PLANNER)
    path = "/objects/requirement:R-000001"
    ministry.expect(200, "POST", f"{path}/comments", {"text": "เรียนกระทรวงดิจิทัลฯ"})
    planner.expect(200, "POST", f"{path}/comments", {"text": "รับทราบ"})
    sent = planner.ask("POST", f"{path}/attachments", files={"file": (io.BytesIO("ความเห็น".encode()), "../a.txt")})
    (attached,) = sent.json["attachments"]
    file = ministry.ask("GET", f"{path}/attachments/{attached['token']}")
    assert (file.data.decode(), file.headers["Content-Disposition"]) == ("ความเห็น", "attachment; filename=a.txt")
    notices = ministry.get("/inbox")["items"]
    assert [(notice["event"], notice["note"]) for notice in notices] == [("attached", "a.txt"), ("commented", "รับทราบ")]
    assert ministry.expect(200, "POST", "/inbox/requirement:R-000001/read")["unread"] == 0
    assert ministry.get("/inbox?unread=true")["items"] == []
    first = ministry.get(f"{path}/history?limit=1")
    rest = ministry.get(f"{path}/history?cursor={first['next']}")
    assert [entry["action"] for entry in first["items"] + rest["items"]] == ["attached", "commented", "commented"]
    assert ministry.ask("DELETE", f"{path}/attachments/{attached['token']}").status_code == 403
    assert ministry.ask("DELETE", f"{path}/follow").status_code == 204
    assert ministry.get(f"{path}/discussion")["following"] is False
    elsewhere = program(Role.DE_PLANNER, ("requirements:read", "rounds:write"))
    elsewhere.get(f"{path}/discussion")
    refused = elsewhere.ask("POST", f"{path}/comments", {"text": "…"})
    assert (refused.status_code, "requirements:write" in refused.headers["WWW-Authenticate"]) == (403, True)
    elsewhere.expect(403, "GET", "/objects/dataset:D-000001/history")
    elsewhere.expect(404, "GET", "/objects/nothing/history")


def test_every_kind_of_object_belongs_to_an_area():
    assert AREAS.keys() == KINDS.keys()


def test_the_start_page_tells_what_the_token_was_made_for(program):
    whole = program(Role.DE_PLANNER).get("/overview")
    part = program(Role.DE_PLANNER, ("datasets:read",)).get("/overview")
    assert part == {**dict.fromkeys(whole), "datasets": whole["datasets"], "synthetic": False}
    assert all(part is not None for part in whole.values())


def test_no_link_that_lets_somebody_in_passes_through_a_program(program, web_app):
    admin = program(Role.ADMINISTRATOR)
    wanted = {"username": "New.Person", "full_name": "คนใหม่", "role": "ministry_planner", "ministry": "21000"}
    made = admin.ask("POST", "/accounts", wanted)
    assert (made.json["code"], made.json["mailed"], made.headers["Location"]) == (
        "new.person",
        False,
        "/api/v1/accounts/new.person",
    )
    with web_app.extensions["sessions"]() as session:
        assert session.scalar(select(models.PasswordLink.token_hash)) is not None
    assert made.json.keys() == {"code", "mailed", "expires_at"}
    account = admin.get("/accounts/new.person")
    assert account["state"] == "invited"
    assert (account["tokens"], account["second_factor"], account["provided"]) == (0, False, False)
    assert admin.get("/accounts/admin")["tokens"] == 1
    changed = admin.expect(200, "PATCH", "/accounts/new.person", {"role": "auditor", "ministry": None}, version="*")
    assert (changed["role"], changed["ministry"], changed["full_name"]) == ("auditor", None, "คนใหม่")
    admin.expect(412, "PATCH", "/accounts/new.person", {"full_name": "อื่น"}, version=account["version"])
    assert admin.faults("PATCH", "/accounts/new.person", {"role": "ministry_planner"}, version="*") == {
        "ministry": "missing"
    }
    assert [row["code"] for row in admin.get("/accounts?role=auditor&limit=1")["items"]] == ["auditor"]
    admin.expect(409, "POST", "/accounts/admin/deactivate")
    log = admin.get("/audit-log?limit=1&kind=account")
    older = admin.get(f"/audit-log?limit=1&kind=account&cursor={log['next']}")
    assert int(older["items"][0]["position"]) < int(log["items"][0]["position"])
    with web_app.test_request_context():
        assert web_app.url_for("auth.set_password", token="x") == f"{LINK_PATH}x"


def test_no_token_makes_an_administrator(program):
    admin = program(Role.ADMINISTRATOR)
    wanted = {"username": "new.person", "full_name": "คนใหม่", "role": "administrator"}
    for method, path, body in (
        ("POST", "/accounts", wanted),
        ("PATCH", "/accounts/manager", {"role": "administrator"}),
        ("POST", "/accounts/admin/link", None),
        ("POST", "/accounts/admin/take-back", None),
    ):
        assert "token" in admin.expect(403, method, path, body, version="*")["message"]["en"]
    assert admin.expect(200, "POST", "/accounts/manager/take-back")["mailed"] is False


def test_a_token_of_whom_an_administrator_puts_out_works_no_longer(program):
    planner, admin = program(Role.DE_PLANNER), program(Role.ADMINISTRATOR)
    planner.get("/me")
    admin.expect(200, "POST", f"/accounts/{planner.get('/me')['username']}/deactivate")
    planner.expect(401, "GET", "/me")


@pytest.mark.parametrize("first", ["0001-01-01", "2020-01-01"])
@pytest.mark.parametrize("last", ["2119-12-31", "9999-12-31"])
def test_the_log_may_be_asked_for_from_the_first_day_there_is_to_the_last(program, first, last):
    auditor = program(Role.AUDITOR)
    every = auditor.get("/audit-log")["items"]
    assert every
    assert auditor.get(f"/audit-log?first={first}&last={last}")["items"] == every
