"""`planner kill-test` as a command; what it does to workers is tried with them, in test_jobs_worker.py."""

import json
from pathlib import Path

from click.testing import CliRunner

from planner.cli.group import main
from planner.cli.killing import Toll

QUIET = ["kill-test", "--runs", "1", "--requirements", "25", "--workers", "1", "--kills", "0", "--stops", "0"]


def test_a_campaign_in_which_nobody_is_killed(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, [*QUIET, "--out", "toll.json"])
    assert result.exit_code == 0, result.output
    toll = json.loads((tmp_path / "toll.json").read_text("utf-8"))
    assert (toll["database"], toll["runs"], toll["solved"], toll["attempts"]) == ("sqlite", 1, 1, 1)
    assert (toll["kills"], toll["lost"], toll["different"]) == (0, 0, 0)


def test_whatever_must_not_happen_makes_a_campaign_unsound() -> None:
    sound = {"runs": 1, "solved": 1, "kills": 1, "stops": 0, "in_hand": 1, "attempts": 2, "seconds": 1.0}
    never = ("lost", "done_twice", "half_stored", "different")
    assert Toll(**sound, **dict.fromkeys(never, 0)).sound
    for name in never:
        assert not Toll(**sound, **dict.fromkeys(never, 0) | {name: 1}).sound
