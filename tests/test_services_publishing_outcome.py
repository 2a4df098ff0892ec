"""What the plan in force gives a ministry, and the letter about it."""

import pytest

from models import Role
from planner.errors import ForbiddenError, NotFoundError
from planner.i18n import to_words
from planner.services.desk import open_desk
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan
from planner.services.publishing.letter import write_letter
from planner.services.publishing.outcome import list_outcomes, load_ministry_outcome
from planner.services.publishing.publish import publish_plan


@pytest.fixture
def published(world):
    """The factory of sessions on the small world with its plan, P-000001, in force."""
    run_plan(world, OPERATOR, "แผนแรก")
    with world.begin() as session:
        publish_plan(session, OPERATOR, "P-000001", "มติที่ 3/2569", seen=None)
    return world


def test_the_outcomes_of_all_ministries_tie_out_with_the_plan(published):
    with published() as session:
        plan = open_desk(session, OPERATOR, "P-000001").plan
        _, table = list_outcomes(session, OPERATOR)
        outcomes = [load_ministry_outcome(session, OPERATOR, str(code)) for code in table.column("code")]
    assert [outcome.code for outcome in outcomes] == ["11000", "21000"]
    short = [code for outcome in outcomes for code in outcome.shortfalls.column("requirement")]
    assert sorted(short) == sorted(row.requirement for row in plan.shortfalls)
    granted = {
        str(code): share
        for outcome in outcomes
        for code, share in zip(
            outcome.requirements.column("requirement"), outcome.requirements.column("share"), strict=True
        )
    }
    unmet = {row.requirement: row.share for row in plan.shortfalls}
    assert granted == pytest.approx({code: 1 - unmet.get(code, 0.0) for code in granted})
    assert len(granted) == 4
    service = {row.ministry: row.share for row in plan.service}
    for outcome, row in zip(outcomes, table.rows, strict=True):
        counts = outcome.counts
        assert outcome.share == pytest.approx(service[outcome.code])
        assert row[2:6] == (counts.asked, counts.full, counts.part, counts.none)
        assert counts.asked == counts.full + counts.part + counts.none == len(outcome.requirements.rows)
        assert sum(number for _, number in outcome.reasons) == len(outcome.shortfalls.rows)
        assert all(outcome.shortfalls.column("change"))


def test_a_ministry_reads_its_own_alone(published, person):
    ours = person(Role.MINISTRY_PLANNER, "21000")
    with published() as session:
        _, table = list_outcomes(session, ours)
        assert table.column("code") == ("21000",)
        assert table.total is None
        assert load_ministry_outcome(session, ours, "21000").code == "21000"
        for code in ("11000", "99999"):
            with pytest.raises(NotFoundError):
                load_ministry_outcome(session, ours, code)
        for role in (Role.HR, Role.ADMINISTRATOR):
            with pytest.raises(ForbiddenError):
                load_ministry_outcome(session, person(role), "21000")


def test_there_is_none_before_the_first_publication(world, person):
    run_plan(world, OPERATOR, "แผนแรก")
    with world() as session:
        assert list_outcomes(session, OPERATOR) is None
        with pytest.raises(NotFoundError):
            load_ministry_outcome(session, person(Role.MANAGER), "21000")


@pytest.mark.parametrize("language", ["th", "en"])
def test_the_letter_says_what_was_granted_and_why_not_more(published, language):
    with published() as session:
        outcome = load_ministry_outcome(session, OPERATOR, "11000")
    letter = write_letter(outcome)
    said = [to_words(part, language) for part in (letter.subject, letter.to, *letter.paragraphs, *letter.enclosures)]
    for needed in ("P-000001", "มติที่ 3/2569", str(outcome.counts.none), f"{100 * outcome.share:.1f}"):
        assert any(needed in sentence for sentence in said)
    assert any({"th": "2570", "en": "2027"}[language] in sentence for sentence in said)
    assert len(letter.enclosures) == 3
    assert not any("%(" in sentence for sentence in said)
    if language == "th":
        assert said[1] == "ปลัดกระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม"
        assert said[2].startswith("ตามที่")
        assert said[2].endswith("นั้น")
        assert said[len(letter.paragraphs) + 1].startswith("จึงเรียนมาเพื่อโปรดทราบ")


def test_the_number_of_queries_does_not_depend_on_the_ministry(published, count_queries):
    with published() as session:
        list_outcomes(session, OPERATOR)
    counts = []
    for code in ("11000", "21000"):
        with published() as session, count_queries() as statements:
            load_ministry_outcome(session, OPERATOR, code)
        counts.append(len(statements))
    assert counts == [2, 2]
