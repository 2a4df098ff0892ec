"""The API of webhooks: what their pages can do."""

import pytest
from programs import Program

from models import Role

NEW = {"name": "คลังข้อมูลกลาง", "url": "https://hooks.example.go.th/in", "events": ["plan.published"]}


@pytest.fixture
def admin(program) -> Program:
    return program("administrator")


def test_a_webhook_lives_and_its_secret_is_told_once(admin: Program) -> None:
    keyed = {**admin.headers, "Idempotency-Key": "k"}  # with which its answer would be kept
    assert admin.client.post("/api/v1/webhooks", json=NEW, headers=keyed).status_code == 400
    made = admin.ask("POST", "/webhooks", NEW)
    assert made.headers["Location"].endswith("/api/v1/webhooks/WH-000001")
    secret = made.json["secret"]
    assert secret.startswith("whsec_")
    shown = admin.ask("GET", "/webhooks/WH-000001")
    version = shown.json["version"]
    assert shown.headers["ETag"] == f'"{version}"'
    assert {key: shown.json[key] for key in NEW} == NEW
    assert "secret" not in shown.json
    wanted = {"name": "ใหม่", "ministry": "21000"}
    changed = admin.expect(200, "PATCH", "/webhooks/WH-000001", wanted, version=version)
    assert (changed["name"], changed["events"], changed["ministry"]) == ("ใหม่", NEW["events"], "21000")
    everybody = admin.expect(200, "PATCH", "/webhooks/WH-000001", {"ministry": None}, version="*")
    assert (everybody["name"], everybody["ministry"]) == ("ใหม่", None)
    admin.expect(412, "PATCH", "/webhooks/WH-000001", {"name": "x"}, version=version)
    admin.expect(412, "PATCH", "/webhooks/WH-000001", {"name": "x"}, version=0)
    admin.expect(412, "DELETE", "/webhooks/WH-000001", version=0)
    admin.expect(428, "PATCH", "/webhooks/WH-000001", {"name": "x"})
    assert admin.expect(200, "POST", "/webhooks/WH-000001/secret")["secret"] != secret
    assert not admin.expect(200, "POST", "/webhooks/WH-000001/pause")["active"]
    admin.expect(409, "POST", "/webhooks/WH-000001/test")
    assert admin.expect(200, "POST", "/webhooks/WH-000001/resume")["active"]
    (row,) = admin.get("/webhooks")["items"]
    assert (row["code"], row["events"]["en"]) == ("WH-000001", "A plan was published")
    admin.expect(412, "DELETE", "/webhooks/WH-000001", version=1)
    admin.expect(204, "DELETE", "/webhooks/WH-000001", version="*")
    admin.expect(404, "GET", "/webhooks/WH-000001")


def test_every_fault_is_told_with_its_address(admin: Program) -> None:
    wrong = NEW | {"name": " ", "url": "https://elsewhere.example/", "events": []}
    assert admin.faults("POST", "/webhooks", wrong) == {
        "name": "missing",
        "url": "host_not_allowed",
        "events": "missing",
    }
    assert admin.get("/webhooks")["items"] == []


def test_deliveries_come_part_by_part_the_newest_first_while_others_are_added(admin: Program) -> None:
    admin.expect(201, "POST", "/webhooks", NEW)
    for _ in range(3):
        admin.expect(204, "POST", "/webhooks/WH-000001/test")
    first = admin.get("/webhooks/WH-000001/deliveries?limit=2")
    admin.expect(204, "POST", "/webhooks/WH-000001/test")
    second = admin.get(f"/webhooks/WH-000001/deliveries?limit=2&cursor={first['next']}")
    numbers = [[row["number"] for row in part["items"]] for part in (first, second)]
    assert (numbers, second["next"]) == ([["3", "2"], ["1"]], None)
    delivery = admin.get("/webhooks/WH-000001/deliveries/2")
    assert (delivery["status"], delivery["tries"]["rows"]) == ("waiting", [])
    assert '"type": "test"' in delivery["body"]
    assert admin.expect(200, "POST", "/webhooks/WH-000001/deliveries/2/again")["number"] == 2
    for number in (9, 999_999_999, 2**31):
        admin.expect(404, "GET", f"/webhooks/WH-000001/deliveries/{number}")


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMINISTRATOR}))
@pytest.mark.usefixtures("told_webhook")
def test_nobody_else_reaches_them(program, role: Role) -> None:
    for method, path in (("GET", "/webhooks"), ("GET", "/webhooks/WH-000001"), ("POST", "/webhooks/WH-000001/secret")):
        assert program(role).expect(403, method, path)["code"] == "forbidden"
