"""The command line runs a scenario as the screen does, and reports on the base unless told otherwise."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from models import PlanRun, Scenario
from planner.cli import main
from planner.cli.steps import newest_plan
from planner.db import open_engine, open_sessions
from planner.services.permissions import OPERATOR
from planner.services.scenarios.keeping import put_adjustment, save_scenario


@pytest.fixture
def sessions(sqlite_template, tmp_path, monkeypatch, small_world):
    """The small world in a database that the command line finds."""
    path = tmp_path / "planner.db"
    path.write_bytes(sqlite_template.read_bytes())
    monkeypatch.setenv("PLANNER_DATABASE_URL", f"sqlite:///{path}")
    monkeypatch.chdir(tmp_path)
    engine = open_engine(f"sqlite:///{path}")
    made = open_sessions(engine)
    with made.begin() as session:
        small_world(session)
        code = save_scenario(session, OPERATOR, {"name": "x"})
        version = session.scalars(select(Scenario.version)).one()
        put_adjustment(session, OPERATOR, code, {"change": "10"}, kind="demand", version=version)
    yield made
    engine.dispose()


def run(*arguments):
    return CliRunner().invoke(main, [*arguments, "--language", "en"])


def test_a_scenario_is_run_by_its_code(sessions):
    based = run("plan").stdout.split()[0]
    ended = run("plan", "--scenario", "S-000001", "--name", "More")
    assert ended.exit_code == 0, ended.output
    code = next(word for word in ended.stdout.split() if word.startswith("P-"))
    with sessions() as session:
        row = session.scalars(select(PlanRun).where(PlanRun.code == code)).one()
        assert (row.name, row.scenario) == ("More", "S-000001")
        assert row.adjustments == [{"kind": "demand", "terms": {"change": 0.1}}]
    assert (newest_plan(sessions), based == code) == (based, False)


def test_a_scenario_that_is_not_there_is_bad_input(sessions):
    assert run("plan", "--scenario", "S-999999").exit_code == 2
