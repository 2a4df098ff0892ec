"""`planner bench workforce`: coverage and the plan of a made-up register as JSON, and the classical model beside it."""

import json

import pytest
from click.testing import CliRunner

from planner.cli.group import main


def test_the_figures_are_json_and_the_classical_optimum_is_among_them() -> None:
    result = CliRunner().invoke(main, ["bench", "workforce", "--agencies", "4"], catch_exceptions=False)
    assert result.exit_code == 0
    measured = json.loads(result.stdout)
    assert measured["format"] == "planner-bench-workforce/1"
    assert measured["register"]["agencies"] == 4
    assert measured["plan"]["largest_gap"] < 1e-5
    assert set(measured["plan"]["seconds"]) == {"coverage", "single_person", "cost", "total", "cpu"}
    for solver in ("pulp", "highs"):
        assert measured["classical"]["redundancy"][solver]["redundancies"] == pytest.approx(841.796875)
        assert measured["classical"]["cost"][solver]["cost"] == pytest.approx(498677.2853, abs=1e-3)
