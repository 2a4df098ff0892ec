"""Words for codes, pools and reasons, in both languages."""

import pytest

from planner.allocation.plan import Reason
from planner.allocation.problem import (
    Agency,
    Expansion,
    Ministry,
    Policy,
    Problem,
    Region,
    Requirement,
    ResourceType,
    Site,
    Staff,
)
from planner.i18n import LANGUAGES, load_translations, to_words
from planner.services import wording
from planner.services.names import Names, PoolKey, parse_pool
from planner.text import LocalText, Phrase

PROBLEM = Problem(
    fiscal_years=(2027, 2028),
    resource_types=(ResourceType("vcpu", "vCPU", name=LocalText("หน่วยประมวลผล", "Processors")),),
    ministries=(Ministry("11000", LocalText("กระทรวงดิจิทัลฯ", "Ministry of Digital Economy")),),
    agencies=(Agency("11001", "11000", LocalText("สำนักงานปลัด", "Permanent Secretary's Office")),),
    regions=(Region("central"),),
    clearances=("open",),
    sites=(
        Site(
            "BKK1",
            "central",
            "open",
            {"vcpu": (1000.0, 2000.0)},
            overcommit={"vcpu": 2.0},
            reserve_margin={"vcpu": 0.1},
            name=LocalText("ศูนย์ข้อมูลกรุงเทพ", "Bangkok data centre"),
        ),
    ),
    requirements=(Requirement("R-1", "11001", "open", {"vcpu": (1.0, 1.0)}, 2027),),
    expansions=(Expansion("BKK1-cpu", "BKK1", "vcpu", 96.0, 2e6, 1, 20.0),),
    staff=(Staff("11001", "data_steward", (1.5, 2.0)),),
    policy=Policy(capex_limit=(5e6, None)),
)
POOLS = {
    "BKK1/vcpu/2028": "Processors at Bangkok data centre, fiscal year 2028",
    "capex/2027": "Investment limit, fiscal year 2027",
    "opex/2027": "Running cost limit, fiscal year 2027",
    "moves/2027": "Data moves, fiscal year 2027",
    "expansion/BKK1-cpu": "Modules of expansion BKK1-cpu",
    "staff/11001/data_steward/2028": "Data steward of Permanent Secretary's Office, fiscal year 2028",
    "cap/11000": "Service cap of Ministry of Digital Economy",
    "level/fairness": "Fairness between ministries",
}


@pytest.mark.parametrize("pool", POOLS)
def test_a_pool_is_named_in_both_languages(pool: str) -> None:
    phrase = wording.pool_phrase(pool, PROBLEM)
    assert to_words(phrase, "en") == POOLS[pool]
    thai = to_words(phrase, "th")
    assert thai != POOLS[pool]
    assert "2027" not in thai
    assert "2028" not in thai


@pytest.mark.parametrize(
    ("pool", "unit"),
    [
        ("BKK1/vcpu/2027", "vCPU"),
        ("capex/2027", "THB"),
        ("moves/2027", "TB"),
        ("staff/11001/data_steward/2027", "FTE"),
        ("expansion/BKK1-cpu", "modules"),
        ("cap/11000", "service share"),
        ("level/cost", "THB"),
    ],
)
def test_a_pool_has_the_unit_of_what_it_limits(pool: str, unit: str) -> None:
    assert to_words(wording.pool_unit(pool, PROBLEM), "en") == unit


def test_a_site_may_bear_the_name_of_a_budget() -> None:
    assert parse_pool("capex/vcpu/2027") == PoolKey("capacity", site="capex", resource_type="vcpu", year=2027)


@pytest.mark.parametrize("pool", ["", "capex", "capex/soon", "a/b/c/d/e", "people/11001/x/2027"])
def test_what_is_no_pool_is_refused(pool: str) -> None:
    with pytest.raises(ValueError, match=r"pool|invalid literal"):
        parse_pool(pool)


@pytest.mark.parametrize(
    ("reason", "english"),
    [
        (
            Reason("capacity", "BKK1/vcpu/2028", {"need": 40.0, "limit": 3600.0, "part": 1.0}),
            "Full: Processors at Bangkok data centre, fiscal year 2028. "
            "It needs 40 vCPU; usable before expansion: 3,600 vCPU.",
        ),
        (Reason("capacity", "BKK1/vcpu/2028"), "Full: Processors at Bangkok data centre, fiscal year 2028."),
        (
            Reason("budget", "capex/2027", {"limit": 5e6}),
            "Used up: Investment limit, fiscal year 2027, 5,000,000 THB.",
        ),
        (Reason("budget", "capex/2028"), "Used up: Investment limit, fiscal year 2028."),
        (
            Reason("staff", "staff/11001/data_steward/2027", {"need": 0.25, "limit": 1.5}),
            "Used up: Data steward of Permanent Secretary's Office, fiscal year 2027. "
            "It needs 0.25 FTE; the limit is 1.5 FTE.",
        ),
        (
            Reason("no_eligible_site", amounts={"region_rule": 2.0, "clearance": 3.0, "site_rule": 0.0, "flood": 1.0}),
            "No site may host it. Sites ruled out: clearance too low: 3, flood: 1, not in a region that it allows: 2.",
        ),
        (Reason("no_eligible_site"), "No site may host it."),
        (
            Reason("outranked", "BKK1/vcpu/2028", {"own": 2.0, "others": 4.0}),
            "Requirements of greater weight (up to 4 against 2) took what it needed: "
            "Processors at Bangkok data centre, fiscal year 2028.",
        ),
        (
            Reason("outranked", "BKK1/vcpu/2028", {"own": 2.0}),
            "Statutory requirements or incumbents took what it needed: "
            "Processors at Bangkok data centre, fiscal year 2028.",
        ),
        (Reason("outranked"), "Outranked"),
        (
            Reason("fairness", amounts={"ministries": 3.0}),
            "It gave way so that the ministries served least (3 of them) could be served more.",
        ),
        (
            Reason("fairness"),
            "It gave way so that the ministries served least could be served more.",
        ),
        (Reason("late_start"), "It is served, but not from its first year."),
        (Reason("cap", "cap/11000", {"limit": 0.5}), "Its ministry has all that policy allows it."),
        (Reason("goal", "level/fairness"), "A goal that stands above would lose by it: Fairness between ministries."),
        (
            Reason("tolerance"),
            "Nothing that it needs is short; it was left out within the tolerance of its level.",
        ),
    ],
)
def test_a_reason_is_one_sentence_with_names_and_numbers(reason: Reason, english: str) -> None:
    assert to_words(wording.reason_phrase(reason, PROBLEM), "en") == english
    assert to_words(wording.reason_phrase(reason, Names(PROBLEM)), "th") not in {english, ""}


@pytest.mark.parametrize(
    "terms",
    [
        wording.ROLES,
        wording.ACCOUNT_STATES,
        wording.PRIORITIES,
        wording.CLEARANCES,
        wording.REQUIREMENT_STATUSES,
        wording.RUN_STATUSES,
        wording.SOLVE_STATUSES,
        wording.LEVELS,
        wording.LEVEL_UNITS,
        wording.STAFF_ROLES,
        wording.REASONS,
        wording.RULES,
    ],
)
def test_every_term_has_thai(terms: dict[str, str]) -> None:
    catalogue = load_translations("th")
    assert [msgid for msgid in terms.values() if msgid not in catalogue._catalog] == []


def test_a_code_of_an_installations_own_is_shown_as_it_stands() -> None:
    assert [to_words(wording.priority_phrase("royal"), language) for language in LANGUAGES] == ["royal", "royal"]
    assert wording.reason_phrase(Reason("weather"), PROBLEM) == Phrase("weather")
