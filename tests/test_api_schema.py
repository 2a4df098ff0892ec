"""The API answers whatever is sent to it as its description says. `make fuzz-api` sends much more."""

from pathlib import Path

import pytest
from api_campaign import KNOWN, Campaign
from flask import Flask

pytestmark = pytest.mark.usefixtures(
    "what_if",
    "closing_plan",
    "web_register",
    "told_webhook",
    "attached_files",
    "imported_files",
    "written_workbooks",
)


@pytest.fixture
def campaign(web_app: Flask, tmp_path: Path) -> Campaign:
    web_app.testing = False  # what is a defect is answered as one
    return Campaign(web_app, tmp_path)


def test_whatever_is_sent_by_whomever_is_answered_as_described(
    campaign: Campaign, pytestconfig: pytest.Config, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = pytestconfig.getoption("api_examples")
    campaign.run(examples or 1, same=not examples)
    told = f"{campaign.statuses.total()} requests, by status: {dict(sorted(campaign.statuses.items()))}"
    with capsys.disabled():
        pytestconfig.pluginmanager.getplugin("terminalreporter").write_line(told)
    assert not campaign.failures, "\n\n".join(campaign.failures.values())
    assert campaign.statuses[200] > 100
    assert not campaign.statuses[401]
    assert not campaign.statuses[429]


def test_every_operation_with_parts_in_its_address_is_tried_with_something_that_there_is(campaign: Campaign) -> None:
    lacking = {
        (operation.label, part["name"])
        for operation in campaign.operations()
        for part in operation.definition.raw.get("parameters", ())
        if part.get("in") == "path" and part["name"] not in KNOWN.get(operation.path.split("/")[3], {})
    }
    assert not lacking


def test_a_number_that_no_table_has_is_not_found_by_any_method(program) -> None:
    for method in ("PUT", "DELETE"):  # it was once the wrong method for one of the two
        path = "/scenarios/S-000001/adjustments/1012270766309605760"
        assert program("de_planner").expect(404, method, path, version=1)["code"] == "not_found"


def test_nobody_is_served_without_a_token(campaign: Campaign) -> None:
    client = campaign.app.test_client()
    for operation in campaign.operations():
        path = operation.path
        for name, value in KNOWN.get(path.split("/")[3], {}).items():
            path = path.replace(f"{{{name}}}", str(value))
        for headers in ({}, {"Authorization": "Bearer dcp_x"}, {"Authorization": "Basic YTpi"}):
            answer = client.open(path, method=operation.method.upper(), headers=headers)
            assert (answer.status_code, answer.json["code"]) == (401, "unauthenticated"), operation.label
