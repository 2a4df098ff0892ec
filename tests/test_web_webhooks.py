"""The administrator's screens of webhooks."""

import pytest
from flask import Flask

from planner.services.webhooks.addresses import Outlet

NEW = {"name": "คลังข้อมูลกลาง", "url": "https://hooks.example.go.th/in", "events": ["plan.published", "run.finished"]}


@pytest.fixture
def admin(visitor_as):
    return visitor_as("administrator")


def secret_on(page: str) -> str:
    return page.split('id="secret"')[1].split('value="')[1].partition('"')[0]


def version_on(page) -> str:
    return page.select_one("input[name=version]")["value"]


def test_a_webhook_is_made_and_its_secret_shown_once(admin) -> None:
    answer = admin.send("/webhooks/new", NEW)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = secret_on(answer.text)
    assert secret.startswith("whsec_")
    page = admin.open("/webhooks/WH-000001")
    assert [box["value"] for box in page.select("input[name=events][checked]")] == ["run.finished", "plan.published"]
    assert secret not in page.text
    another = secret_on(admin.send("/webhooks/WH-000001/secret").text)
    assert another != secret
    assert "กุญแจเดิมยังใช้ได้" in admin.open("/webhooks/WH-000001").select_one(".facts").text


def test_faults_stand_at_their_fields_and_nothing_is_kept(admin) -> None:
    answer = admin.send("/webhooks/new", {"name": "", "url": "https://elsewhere.example/", "events": []})
    assert answer.status_code == 422
    assert all(f'id="{field}-error"' in answer.text for field in ("name", "url", "events"))
    assert admin.open("/webhooks/").select("tbody th") == []


def test_a_webhook_is_changed_paused_tried_and_removed(admin) -> None:
    admin.send("/webhooks/new", NEW)
    version = version_on(admin.open("/webhooks/WH-000001"))
    changed = NEW | {"name": "ใหม่", "ministry": "21000", "version": version}
    assert admin.send("/webhooks/WH-000001", changed).status_code == 302
    assert admin.send("/webhooks/WH-000001", NEW | {"version": version}).status_code == 409
    page = admin.open("/webhooks/WH-000001")
    assert page.h1.get_text(strip=True) == "ใหม่"
    assert page.select_one("select[name=ministry] option[selected]")["value"] == "21000"
    assert admin.send("/webhooks/WH-000001/test").status_code == 302
    assert admin.send("/webhooks/WH-000001/pause").status_code == 302
    assert admin.send("/webhooks/WH-000001/test").status_code == 409
    assert admin.send("/webhooks/WH-000001/resume").status_code == 302
    page = admin.open("/webhooks/WH-000001/deliveries/1")
    assert '"type": "test"' in page.pre.text
    assert admin.send("/webhooks/WH-000001/deliveries/1/again").status_code == 302
    version = version_on(admin.open("/webhooks/WH-000001"))
    assert admin.send("/webhooks/WH-000001/remove", {"version": version}).status_code == 302
    admin.open("/webhooks/WH-000001", status=404)


@pytest.mark.usefixtures("told_webhook")
def test_a_delivery_says_what_became_of_every_try(admin) -> None:
    page = admin.open("/webhooks/WH-000001")
    link = page.select_one("#table-deliveries tbody a")
    assert page.select_one("#table-deliveries tbody td").get_text(strip=True) == "รอส่ง"
    delivery = admin.open(link["href"])
    assert "503" in delivery.select_one("#table-tries").text
    assert "P-000001" in delivery.pre.text


def test_it_is_said_where_the_settings_allow_no_host(web_app: Flask, visitor_as) -> None:
    web_app.extensions["outlet"] = Outlet("k")
    page = visitor_as("administrator").open("/webhooks/new")
    assert "PLANNER_WEBHOOK_HOSTS" in page.select_one(".alert").text
