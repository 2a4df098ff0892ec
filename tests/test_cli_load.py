"""The load test: a database of any size, and planners who really work on it."""

import json

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

import models
from planner.cli.group import main
from planner.cli.load.filling import DE_EVERY, fill, make_accounts
from planner.errors import ConflictError

COUNT = 600


def test_a_filled_database_is_whole_and_is_filled_once(sessions):
    with sessions.begin() as session:
        fill(session, COUNT)
        accounts = make_accounts(session, DE_EVERY, upload_rows=3)
    assert [account.upload is None for account in accounts] == [True, False, False, False, False]
    with sessions.begin() as session:
        fill(session, COUNT)
        assert session.scalar(select(func.count()).select_from(models.Requirement)) == COUNT
        original, copy = (
            session.scalars(select(models.Requirement).where(models.Requirement.code == code)).one()
            for code in ("R-000007", "R-000407")
        )
        assert copy.title == f"{original.title} 1"
        assert {(line.resource_type_id, line.year): line.amount for line in copy.demand} == {
            (line.resource_type_id, line.year): line.amount for line in original.demand
        }
        session.add(models.Requirement(code="R-NEW", title="-", **_links(original)))
        session.flush()
    with sessions() as session, pytest.raises(ConflictError):
        fill(session, COUNT)


def _links(row: models.Requirement) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("agency_id", "priority_id", "clearance_id", "start_year")}


def test_planners_list_open_save_and_try_uploads(tmp_path):
    out = tmp_path / "load.json"
    options = {"requirements": 600, "planners": 4, "seconds": 8, "pause": 0, "upload-rows": 5, "workers": 1}
    command = [
        "load-test",
        "--out",
        str(out),
        *(part for name, value in options.items() for part in (f"--{name}", str(value))),
    ]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    figures = json.loads(out.read_text("utf-8"))
    assert figures["errors"] == {}
    assert figures["sign_in"]["count"] == 4
    assert figures["pages"] == sum(kind["count"] for kind in figures["by_kind"].values())
    assert {"list_de", "list_ministry", "detail"} <= set(figures["by_kind"])
    assert all(kind["p50_ms"] <= kind["p95_ms"] <= kind["max_ms"] for kind in figures["by_kind"].values())
