"""The statement in PuLP: one golden LP file and one heading in the docs for each constraint family.

A tiny world with a little of everything, in round numbers, so that a golden file can be checked by eye. After a change
that is meant, write the files anew with `GOLDEN=write pytest tests/test_allocation_formulation.py` and read the
difference before committing it.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pulp
import pytest

from planner.allocation import Expansion, Policy, Problem, Requirement, Site, Staff, formulation
from planner.allocation.formulation import Statement, define_variables, lp_name, state
from planner.allocation.instance import build_instance
from planner.allocation.layout import build_layout
from planner.allocation.options import Options, list_all_options
from planner.bench.problems import random_problem, small_problem

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden"
FAMILIES = sorted(name.removeprefix("define_") for name in vars(formulation) if name.startswith("define_"))


def tiny_problem() -> Problem:
    """R1 asks for a standby copy, R2 lives at CNX today, R3 is statutory and starts in the second year."""
    bkk = Site(
        "BKK",
        "central",
        "protected",
        {"vcpu": (100.0, 100.0), "tb": (40.0, 40.0)},
        running_cost={"vcpu": (3.0, 3.0), "tb": (1.0, 1.0)},
    )
    cnx = replace(bkk, code="CNX", region="north", running_cost={"vcpu": (2.0, 2.0), "tb": (1.0, 1.0)})
    return small_problem(
        [
            Requirement("R1", "a1", "open", {"vcpu": (8.0, 8.0), "tb": (4.0, 4.0)}, 2027, copies=2, priority="high"),
            Requirement("R2", "b1", "open", {"tb": (12.0, 12.0)}, 2027, incumbent="CNX", staff_load={"dpo": 0.5}),
            Requirement("R3", "b1", "open", {"vcpu": (0.0, 8.0)}, 2028, priority="statutory"),
        ],
        [bkk, cnx],
        expansions=(Expansion("BKK-more", "BKK", "vcpu", 10.0, 500.0, 1, 3),),
        staff=(Staff("b1", "dpo", (1.0, 2.0)),),
        policy=Policy(
            standby_ratio={"vcpu": 0.5},
            capex_limit=(1000.0, None),
            opex_limit=(None, 200.0),
            move_limit_tb=(6.0, 7.0),
            staff_gate=True,
            floors={"a": 0.5},
            caps={"b": 0.75},
            pins={"R1": "BKK"},
        ),
    )


def tiny_statement() -> Statement:
    instance = build_instance(tiny_problem())
    layout = build_layout(instance)
    model = pulp.LpProblem("tiny", pulp.LpMinimize)
    return Statement(instance, layout, list_all_options(instance), model)


def lp_of(model: pulp.LpProblem, path: Path) -> str:
    model.writeLP(str(path))
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_states_what_its_golden_file_says(family: str, tmp_path: Path) -> None:
    statement = tiny_statement()
    define_variables(statement)
    if family == "variables":
        shared = [*statement.buy.values(), statement.fairness, *statement.give.values()]
        statement.model.setObjective(pulp.lpSum([*statement.grant, *shared]))
    else:
        getattr(formulation, f"define_{family}")(statement)
    text = lp_of(statement.model, tmp_path / "model.lp")
    golden = GOLDEN / f"{family}.lp"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_there_is_a_golden_file_for_each_family_and_for_nothing_else() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.lp")) == FAMILIES


def test_the_docs_have_a_heading_for_each_family() -> None:
    page = (ROOT / "docs/formulation.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^### `define_(\w+)`", page, re.MULTILINE)) == FAMILIES


def test_the_statement_is_every_family_and_every_row_of_the_layout_in_order() -> None:
    statement = tiny_statement()
    whole = state(statement.instance, statement.layout, statement.options)
    names = [row.name for row in whole.model.constraints()]
    assert names[: len(whole.layout)] == [lp_name(name) for name in whole.layout.names]
    assert all(name.startswith("choice_") for name in names[len(whole.layout) :])
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_rows_in_any_order_are_the_same_statement_to_the_byte(seed: int, tmp_path: Path) -> None:
    problem = random_problem(seed, 8)
    backwards = replace(problem, requirements=problem.requirements[::-1], sites=problem.sites[::-1])
    texts = set()
    for n, rows in enumerate((problem, backwards)):
        instance = build_instance(rows)
        model = state(instance, build_layout(instance), list_all_options(instance)).model
        texts.add(lp_of(model, tmp_path / f"{n}.lp"))
    assert len(texts) == 1


def test_without_options_the_statement_holds_the_shared_variables_alone() -> None:
    statement = tiny_statement()
    shared = state(statement.instance, statement.layout, Options.none())
    assert shared.grant == []
    assert {variable.name.split("_")[0] for variable in shared.model.variables()} == {"buy", "fairness", "give"}


@pytest.mark.parametrize(
    ("text", "name"),
    [("BKK1/vcpu/2027", "BKK1_vcpu_2027"), ("R-1.2", "R_1_2"), ("ก", "ue01"), ("a+b", "au2bb")],
)
def test_any_code_becomes_an_lp_name(text: str, name: str) -> None:
    assert lp_name(text) == name
