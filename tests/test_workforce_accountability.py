"""Who answers for what, on whom too much rests, and who is given too much."""

from datetime import date

import pytest

from planner.workforce.accountability import find_accountability_gaps, find_overcommitments, find_single_persons
from planner.workforce.problem import Agency, Duty, Norm, Person, Role, Share, Workforce

TODAY = date(2026, 12, 1)


def workforce(*duties: Duty, agencies: str = "A") -> Workforce:
    return Workforce(
        (2027, 2028),
        (Role("steward"), Role("dpo")),
        tuple(Agency(code, "M") for code in agencies),
        norms=(Norm("steward", 2027, 1.5), Norm("dpo", 2027, 1.0)),
        people=(
            Person("P1", "A", (Share("steward", 0.8, "expert"), Share("dpo", 0.4, "working"))),
            Person("P2", "A", (Share("steward", 0.5, "working"),), leaves=2028),
            Person("gone", "A", (), leaves=2027),
        ),
        duties=duties,
    )


@pytest.mark.parametrize(
    ("duty", "codes"),
    [
        (Duty("A", None, "P1", "P2"), []),
        (Duty("A"), ["no_deputy", "nobody"]),
        (Duty("A", None, "P1", "P2", acting=True), ["acting"]),
        (Duty("A", None, "P1", "P2", expires=date(2026, 11, 30)), ["expired"]),
        (Duty("A", None, "P1", "P2", expires=date(2026, 12, 1)), ["expires_soon"]),
        (Duty("A", None, "P1", "P2", expires=date(2027, 3, 1)), ["expires_soon"]),
        (Duty("A", None, "P1", "P2", expires=date(2027, 3, 2)), []),
        (Duty("A", None, "gone", "P1"), ["left"]),
        (Duty("A", None, "P1", "gone"), ["deputy_left"]),
        (Duty("A", None, "P1", acting=True, expires=date(2020, 1, 1)), ["acting", "expired", "no_deputy"]),
    ],
)
def test_what_is_missing_is_said_by_its_code(duty: Duty, codes: list[str]) -> None:
    gaps = find_accountability_gaps(workforce(duty), TODAY, fiscal_year=2027)
    assert [gap.code for gap in gaps] == codes


def test_an_agency_that_no_duty_names_has_nobody_and_a_dataset_stands_for_itself() -> None:
    duties = Duty("A", None, "P1", "P2"), Duty("A", "D1", "P1")
    gaps = find_accountability_gaps(workforce(*duties, agencies="AB"), TODAY, fiscal_year=2027)
    assert [(gap.agency, gap.dataset, gap.code) for gap in gaps] == [("A", "D1", "no_deputy"), ("B", None, "nobody")]


def test_a_role_that_rests_on_one_person_weighs_what_depends_on_them() -> None:
    rows = find_single_persons(workforce(Duty("A", "D1", "P1"), Duty("A", "D2", "P1"), Duty("A", "D3", "P1", "P2")))
    assert [(row.role, row.fiscal_year, row.person, row.datasets) for row in rows] == [
        ("steward", 2028, "P1", 2),
        ("dpo", 2027, "P1", 2),
        ("dpo", 2028, "P1", 2),
    ]
    assert [row.weight for row in rows] == [4.5, 3.0, 3.0]
    assert rows[0].fte == pytest.approx(0.8)


def test_shares_beyond_the_whole_are_pointed_out() -> None:
    assert [(row.person, row.fte) for row in find_overcommitments(workforce())] == [("P1", pytest.approx(1.2))]
