"""The fuzzing campaign: it finds nothing in a few seconds, and it would find what there is to find."""

import json
import multiprocessing
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from planner.cli.fuzz.running import Outcome, Tally, _ask, _chance, _place, write_cases
from planner.cli.fuzz.targets import TARGETS, ContradictionError, _twice, prepare
from planner.cli.group import main
from planner.errors import InvalidInputError
from reports.archive import Limits
from reports.reader import read_workbook

WITHOUT_DATABASE = ("attachment", "cell", "plan", "problem", "workbook")


def test_no_reader_falls_over_spoiled_files(tmp_path: Path) -> None:
    out = tmp_path / "fuzz.json"
    result = CliRunner().invoke(main, ["fuzz", "--seconds", "5", "--cases", "40", "--out", str(out)])
    figures = json.loads(out.read_text("utf-8"))
    assert figures["defects"] == []
    assert result.exit_code == 0, result.output
    assert set(figures["targets"]) == set(TARGETS)
    assert figures["cases"] == sum(target["cases"] for target in figures["targets"].values())
    assert sum(target["refused"] for target in figures["targets"].values()) > 0
    assert figures["peak_memory_mb"] < 1_000


def test_the_same_seed_spoils_the_same_file_and_leaves_the_sound_ones_alone() -> None:
    with ExitStack() as stack:
        for name, target in prepare(WITHOUT_DATABASE, stack).items():
            sound = list(target.sound)
            cases = [target.case(_chance(name, 0, number)) for number in range(20)]
            assert cases == [target.case(_chance(name, 0, number)) for number in range(20)], name
            assert len(set(cases)) > 10, name
            assert target.sound == sound, name
            for data in sound:
                target.read(data)


def test_a_worker_that_dies_or_hangs_is_a_defect_of_its_case() -> None:
    ours, theirs = multiprocessing.Pipe()
    assert _ask(ours, "plan", 7, 0.01) == Outcome("plan", 7, "no answer in 0.01 s", 0.01)
    theirs.recv()
    theirs.send(("refused", 0.5, 1024))
    assert _ask(ours, "plan", 8, 1) == Outcome("plan", 8, "refused", 0.5, 1024)
    theirs.close()
    assert _ask(ours, "plan", 9, 1) == Outcome("plan", 9, "the process died")
    ours.close()


def test_each_defect_is_counted_once_with_its_first_case() -> None:
    tally = Tally()
    results = ("taken", "refused", "KeyError at a:1", "KeyError at a:1", "KeyError at a:2")
    new = [tally.add(Outcome("plan", number, result, number, 1000 - number)) for number, result in enumerate(results)]
    assert new == [False, False, True, False, True]
    assert tally.cases == {"plan": 5}
    assert tally.refused == {"plan": 1}
    assert tally.slowest == {"plan": (4, 4)}
    assert tally.memory == 1000
    assert tally.defects == {("plan", "KeyError at a:1"): 2, ("plan", "KeyError at a:2"): 4}


def test_a_defect_is_named_by_the_line_of_ours_that_it_came_from() -> None:
    with pytest.raises(InvalidInputError) as caught, Path(__file__).open("rb") as stream:
        read_workbook(stream, Limits())
    place = _place(caught.value)
    assert place.startswith("InvalidInputError at reports/opening.py:"), place


def test_a_reader_that_contradicts_itself_is_a_defect() -> None:
    with pytest.raises(ContradictionError):
        _twice(bytes.decode, lambda text: f"{text}!", b"a")


def test_the_file_of_a_case_can_be_kept(tmp_path: Path) -> None:
    write_cases([("attachment", 3)], 1, tmp_path / "kept")
    with ExitStack() as stack:
        data = prepare(["attachment"], stack)["attachment"].case(_chance("attachment", 1, 3))
    assert [(file.name, file.read_bytes()) for file in (tmp_path / "kept").iterdir()] == [("attachment-1-3", data)]
