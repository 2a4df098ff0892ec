"""Reading a plan at the desk: what the pages say ties out with the plan, and who may ask about what."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import highspy
import pytest
from sqlalchemy import func, select

import models
from models import Role
from planner.allocation.explain import Change, quote
from planner.allocation.explain import view as explain_view
from planner.errors import ConflictError, ForbiddenError, NotFoundError
from planner.i18n import to_words
from planner.services.desk import PAGES, needs, open_desk, opening, proofs
from planner.services.desk.comparing import compare_plans
from planner.services.desk.opening import open_for_requirement
from planner.services.desk.proofs import prove_changes, prove_fairness, prove_module, prove_price
from planner.services.desk.quoting import quote_row
from planner.services.desk.requirement import answer_why_not, changes_for, read_requirement
from planner.services.desk.wording import change_phrase
from planner.services.desk.worth import priced_pools
from planner.services.permissions import OPERATOR
from planner.services.planning import run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.reporting import ledger
from planner.text import FiscalYear

NEW = {
    "agency": "21004",
    "priority": "statutory",
    "clearance": "open",
    "start_year": "2571",
    "demand.vcpu.2028": "๑",
    "demand.vcpu.2029": "1",
}
"""What somebody of the Ministry of Public Health has typed so far: little, and of the first importance."""


@pytest.fixture
def planned(world):
    """The factory of sessions on the small world with its plan, P-000001."""
    run_plan(world, OPERATOR, "แผนแรก")
    return world


@pytest.fixture
def desk(planned):
    with planned() as session:
        return open_desk(session, OPERATOR, "P-000001")


def rows(page, key):
    table = page.table(key)
    names = [column.key for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_reads_and_its_tables_have_keys_of_their_own(desk, name):
    page = PAGES[name][1](desk, {})
    keys = [table.key for part in page.sections for table in (*part.tables, *(chart.table for chart in part.charts))]
    assert keys
    assert len(keys) == len(set(keys))
    assert page.shaded.keys() <= set(keys)
    for key, columns in page.shaded.items():
        kinds = {column.key: column.kind for column in page.table(key).columns}
        assert {kinds[column] for column in columns} <= {"share"}
    with pytest.raises(NotFoundError):
        page.table("nothing")


def test_a_plan_is_opened_once_for_all_readers(planned):
    with planned() as session:
        first = open_desk(session, OPERATOR, "P-000001")
        assert open_desk(session, OPERATOR, "P-000001").open is first.open


def test_a_plan_is_laid_out_once_for_all_that_is_read_of_it(desk, monkeypatch):
    laid_out = []
    real = explain_view.build_instance

    def build(problem):
        laid_out.append(problem)
        return real(problem)

    monkeypatch.setattr(explain_view, "build_instance", build)
    for _, read in PAGES.values():
        read(desk, {})
    for row in desk.plan.shortfalls[:3]:
        read_requirement(desk, row.requirement)
        answer_why_not(desk, row.requirement, desk.problem.sites[0].code)
        quote(desk.open.quotes, replace(desk.view.requirement(row.requirement), code="+1"))
    assert [len(problem.requirements) for problem in laid_out if problem is desk.problem] == [
        len(desk.problem.requirements)
    ]
    assert max(len(problem.requirements) for problem in laid_out if problem is not desk.problem) == 1


def test_many_who_ask_for_a_plan_at_once_wait_for_one_to_open_it(planned, monkeypatch):
    loads, everybody = [], threading.Barrier(6)
    real = opening.load_plan

    def load(*given):
        loads.append(given)
        time.sleep(0.3)  # so that the others come meanwhile
        return real(*given)

    monkeypatch.setattr(opening, "load_plan", load)

    def read(_number):
        with planned() as session:
            everybody.wait()
            return open_desk(session, OPERATOR, "P-000001").open

    with ThreadPoolExecutor(6) as people:
        opened = list(people.map(read, range(6)))
    assert len(loads) == 1
    assert len(set(map(id, opened))) == 1


def test_no_more_plans_stay_open_than_are_to_be_kept(planned, monkeypatch):
    monkeypatch.setattr(opening, "KEPT", 1)
    run_plan(planned, OPERATOR, "แผนที่สอง")
    with planned() as session:
        first = open_desk(session, OPERATOR, "P-000001")
        open_desk(session, OPERATOR, "P-000002")
        assert open_desk(session, OPERATOR, "P-000001").open is not first.open


@pytest.mark.parametrize("chosen", [{}, {"type": "vcpu"}, {"type": "hot_tb", "year": "2028"}, {"year": "2029"}])
def test_the_heat_map_adds_up_to_what_is_asked(desk, chosen):
    page = PAGES["placements"][1](desk, chosen)
    for row in rows(page, "heat"):
        shares = [share for key, share in row.items() if key.startswith("at") or key == "unmet"]
        assert sum(shares) == pytest.approx(1.0)
        assert min(shares) >= 0.0


def test_the_heat_map_of_all_types_and_years_leaves_what_the_plan_does_not_serve(desk):
    unmet = {row["code"]: row["unmet"] for row in rows(PAGES["placements"][1](desk, {}), "heat")}
    assert unmet == pytest.approx({row.ministry: 1.0 - row.share for row in desk.plan.service})


def test_a_choice_that_is_none_is_the_first(desk):
    page = PAGES["utilisation"][1](desk, {"type": "no-such-type", "year": "1999"})
    assert [choice.chosen for choice in page.choices] == ["hot_tb", "2027"]


def test_utilisation_is_use_over_what_is_usable(desk):
    found = {
        (row["year"], key): share
        for row in rows(PAGES["utilisation"][1](desk, {"type": "vcpu"}), "utilisation_years")
        for key, share in row.items()
        if key != "year"
    }
    for pool in desk.plan.pools:
        site, resource_type, year = (*pool.pool.split("/"), "", "")[:3]
        if resource_type == "vcpu":
            key = (FiscalYear(int(year)), f"at{desk.ledger.site_at[site]}")
            assert found[key] == pytest.approx(pool.use / pool.limit if pool.limit else 0.0)


def test_shortfalls_are_narrowed_to_a_reason_and_name_a_change_that_would_help(desk):
    everything = rows(PAGES["shortfalls"][1](desk, {}), "shortfalls")
    assert {row["requirement"] for row in everything} == {row.requirement for row in desk.plan.shortfalls}
    assert [row["part"] for row in everything] == sorted((row["part"] for row in everything), reverse=True)
    reason = desk.plan.shortfalls[0].reasons[0].code
    some = rows(PAGES["shortfalls"][1](desk, {"reason": reason}), "shortfalls")
    assert {row["requirement"] for row in some} == {
        row.requirement for row in desk.plan.shortfalls if row.reasons[0].code == reason
    }
    helped = [row for row in everything if changes_for(desk, row["requirement"])]
    assert helped
    assert all(row["change"] for row in helped)


def test_what_is_ruled_out_counts_each_requirement_once_a_site(desk):
    for row in rows(PAGES["exclusions"][1](desk, {}), "rules"):
        counts = [value for key, value in row.items() if key not in {"code", "site"}]
        assert sum(counts) == len(desk.problem.requirements)
    narrow = {row["requirement"]: row["sites"] for row in rows(PAGES["exclusions"][1](desk, {}), "narrow")}
    assert narrow["R-000001"] == 1  # restricted data: Bang Rak alone


def test_fairness_lists_the_least_served_first_and_costs_add_up(desk):
    served = [row["served"] for row in rows(PAGES["fairness"][1](desk, {}), "fairness")]
    assert served == sorted(served)
    costs = PAGES["costs"][1](desk, {})
    total = costs.table("ministry_costs").total
    assert total
    assert total[5] == pytest.approx(sum(row["total"] for row in rows(costs, "ministry_costs")))
    assert total[5] == pytest.approx(sum(row["running"] for row in rows(costs, "costs")))


def test_a_large_plan_leaves_out_what_nobody_would_wait_for(desk, monkeypatch):
    assert desk.ledger.marginal_costs.keys() == {row.ministry for row in desk.plan.service}
    monkeypatch.setattr(ledger, "MARGINAL", 0)
    monkeypatch.setattr(needs, "SMALL", 0)
    large = opening.OpenPlan(desk.problem, desk.plan)
    assert not large.ledger.marginal_costs
    page = PAGES["shortfalls"][1](opening.Desk(desk.info, large), {})
    assert "change" not in {column.key for column in page.table("shortfalls").columns}


def test_the_drill_lists_what_the_site_that_was_chosen_would_lose(desk):
    page = PAGES["failover"][1](desk, {"site": "BKK1"})
    lost = {row["code"]: row["lost"] for row in rows(page, "failover")}
    assert len(rows(page, "lost")) == lost["BKK1"] > 0


def test_a_requirement_has_a_row_for_every_year_and_a_sentence_for_every_placement(desk):
    page = read_requirement(desk, "R-000001")
    table = page.sections[0].charts[0].table
    assert table.column("year") == tuple(map(FiscalYear, (2027, 2028, 2029)))
    assert len(page.here) == sum(row.requirement == "R-000001" for row in desk.plan.placements)
    assert "Bang Rak" in to_words(page.here[0], "en")


@pytest.mark.parametrize("language", ["th", "en"])
@pytest.mark.parametrize("requirement", ["R-000001", "R-000002", "R-000003", "R-000004"])
@pytest.mark.parametrize("site", ["BKK1", "CNX1"])
def test_why_not_is_answered_in_one_sentence_with_its_numbers(desk, requirement, site, language):
    answer = answer_why_not(desk, requirement, site)
    sentence = to_words(answer.sentence, language)
    assert desk.names.sites[site].name.in_language(language) in sentence
    assert "%(" not in sentence
    if requirement in {"R-000001", "R-000004"} and site == "CNX1":
        assert ("ชั้นความลับ" if language == "th" else "clearance") in sentence
        assert not answer.tables


def test_why_not_at_a_site_that_is_none_is_not_found(desk):
    with pytest.raises(NotFoundError):
        answer_why_not(desk, "R-000001", "XXX1")


def test_a_ministry_asks_about_its_own_requirements_in_the_plan_in_force_alone(planned, person):
    ours = person(Role.MINISTRY_PLANNER, "21000")
    with planned.begin() as session:
        publish_plan(session, OPERATOR, "P-000001", "มติ", seen=None)
        assert open_for_requirement(session, ours, "P-000001", "R-000001").info.code == "P-000001"
        for requirement in ("R-000002", "R-999999"):
            with pytest.raises(NotFoundError):
                open_for_requirement(session, ours, "P-000001", requirement)
        with pytest.raises(ForbiddenError):
            open_desk(session, ours, "P-000001")
    run_plan(planned, OPERATOR, "แผนที่สอง")
    with planned.begin() as session:
        publish_plan(session, OPERATOR, "P-000002", "มติ", seen="P-000001")
        assert open_for_requirement(session, ours, "P-000002", "R-000001").info.code == "P-000002"
        with pytest.raises(NotFoundError):
            open_for_requirement(session, ours, "P-000001", "R-000001")


def test_proofs_solve_again_and_say_how_often_and_how_long(desk):
    pool, _ = priced_pools(desk)[0]
    for proof in (prove_price(desk, pool), prove_module(desk, "BKK1-vcpu"), prove_fairness(desk)):
        seconds, solves = (fact.value for fact in proof.facts)
        assert solves > 0
        assert seconds >= 0
        assert "%(" not in to_words(proof.sentence, "th")


def test_a_change_that_was_proved_serves_and_one_that_was_refused_does_not(desk):
    short = next(row.requirement for row in desk.plan.shortfalls if changes_for(desk, row.requirement))
    proof = prove_changes(desk, short)
    assert proof.table
    assert len(proof.table.rows) == len(changes_for(desk, short))
    for status, served in zip(proof.table.column("status"), proof.table.column("served"), strict=True):
        assert (served >= 0.999) is not to_words(status, "en").startswith("Does not serve")


def test_a_change_in_one_year_names_one_fiscal_year(desk):
    pools = [row.pool for row in desk.plan.pools if row.pool.count("/") == 2]
    site, kind, _ = pools[0].split("/")
    years = [f"{site}/{kind}/{year}" for year in (2027, 2028)]
    changes = (Change("R-000001", "capacity", dict.fromkeys(some, 1.0)) for some in (years[:1], years))
    one, two = (to_words(change_phrase(change, desk.names), "en") for change in changes)
    assert "in fiscal year 2027:" in one
    assert "in fiscal years 2027, 2028:" in two


def test_one_question_is_proved_at_a_time_and_none_of_a_large_plan(desk, monkeypatch):
    with proofs._solving(desk), pytest.raises(ConflictError):
        prove_fairness(desk)
    monkeypatch.setattr(proofs, "SLOWEST", -1.0)
    with pytest.raises(ConflictError):
        prove_fairness(desk)


def test_a_proof_that_takes_too_long_is_given_up_and_the_next_is_answered(desk, monkeypatch):
    monkeypatch.setattr(proofs, "LONGEST", -1.0)
    with pytest.raises(ConflictError):
        prove_fairness(desk)
    monkeypatch.undo()
    assert prove_fairness(desk).facts


def test_a_quote_says_where_and_from_when_and_costs_no_row(planned, person):
    ours = person(Role.MINISTRY_PLANNER, "21000")
    with planned() as session:
        before = session.scalar(select(func.count()).select_from(models.Requirement))
        found = quote_row(session, ours, NEW)
        assert found.answer in {"served", "uncertain"}
        assert "2571" in to_words(found.sentence, "th")
        assert found.facts[-1].value == "P-000001"
        assert session.scalar(select(func.count()).select_from(models.Requirement)) == before


@pytest.mark.parametrize(
    "changed",
    [
        {"agency": ""},
        {"agency": "11004"},  # another ministry's
        {"agency": "no-such-agency"},
        {"start_year": "สองพัน"},
        {"demand.vcpu.2028": "", "demand.vcpu.2029": "0"},
        {"end_year": "2570"},
    ],
)
def test_there_is_no_quote_of_what_is_incomplete_or_anothers(planned, person, changed):
    ours = person(Role.MINISTRY_PLANNER, "21000")
    with planned() as session:
        assert quote_row(session, ours, NEW | changed).answer is None


def test_a_quote_names_the_rules_where_no_site_may_host_it(planned, person):
    ours = person(Role.DE_PLANNER)
    with planned() as session:
        found = quote_row(session, ours, NEW | {"clearance": "restricted", "sites": ["CNX1"]})
    assert found.answer == "not_served"
    assert to_words(found.sentence, "en").startswith("No site may host it. Sites ruled out: clearance too low: 1")


def test_there_is_no_quote_without_a_plan_nor_for_those_who_enter_nothing(world, person):
    with world() as session:
        assert quote_row(session, person(Role.DE_PLANNER), NEW).answer is None
        with pytest.raises(ForbiddenError):
            quote_row(session, person(Role.MANAGER), NEW)


def test_a_quote_of_an_open_plan_solves_nothing_and_asks_little(planned, person, count_queries, monkeypatch):
    ours = person(Role.DE_PLANNER)
    with planned() as session:
        quote_row(session, ours, NEW)
        monkeypatch.setattr(opening, "load_plan", None)  # neither is called
        monkeypatch.setattr(highspy.Highs, "run", None)
        with count_queries() as asked:
            assert quote_row(session, ours, NEW).answer is not None
    assert len(asked) <= 12


def test_a_plan_does_not_differ_from_itself(desk):
    page = compare_plans(desk, desk)
    for key in ("figures", "levels", "inputs"):
        assert {row["difference"] for row in rows(page, key)} <= {0.0}
    assert not rows(page, "input_rows")
    assert all(row["modules"] == 0 for row in rows(page, "purchases"))
    assert all(row["difference"] == 0 for row in rows(page, "sites"))
    assert not rows(page, "requirements")
    assert {row["served"] for row in rows(page, "ministries")} == {0.0}


def test_a_comparison_shows_what_went_in_and_what_came_of_it_most_changed_first(planned):
    with planned.begin() as session:
        session.execute(models.Capacity.__table__.update().values(nameplate=models.Capacity.nameplate / 2))
        gone = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000003")).one()
        gone.status = models.RequirementStatus.WITHDRAWN
    run_plan(planned, OPERATOR, "ครึ่งเดียว")
    with planned() as session:
        before, after = (open_desk(session, OPERATOR, code) for code in ("P-000001", "P-000002"))
    page = compare_plans(before, after)
    changed = {row["requirement"]: row for row in rows(page, "requirements")}
    assert (changed["R-000003"]["granted_b"], changed["R-000003"]["sites_b"]) == (None, None)
    assert to_words(changed["R-000003"]["asked"], "en") == "Not in plan B"
    parts = [abs(row["part"]) for row in rows(page, "requirements")]
    assert parts == sorted(parts, reverse=True)
    served = [abs(row["served"]) for row in rows(page, "ministries")]
    assert served == sorted(served, reverse=True)
    inputs = {to_words(row["what"], "en"): row["difference"] for row in rows(page, "inputs")}
    assert inputs["Requirements"] == -1
    assert inputs["Usable capacity: vCPU"] < 0
    listed = [(row["code"], to_words(row["field"], "en"), row["difference"]) for row in rows(page, "input_rows")]
    assert listed[0] == ("R-000003", "The whole row", None)
    assert ("BKK1", "Capacity: vCPU, fiscal year 2027", -50) in listed
    asked = {row["code"]: row for row in rows(page, "asked")}
    assert (asked["11000"]["requirements_a"], asked["11000"]["requirements_b"]) == (3, 2)
    assert asked["11000"]["type0"] < 0 == asked["21000"]["type0"]
    assert [row["code"] for row in rows(page, "asked")] == ["11000", "21000"]
    sites = rows(page, "sites")
    assert [abs(row["difference"]) for row in sites] == sorted((abs(row["difference"]) for row in sites), reverse=True)
    for side, desk in (("a", before), ("b", after)):
        modules = {row["code"]: row[f"modules_{side}"] for row in rows(page, "purchases")}
        assert sum(modules.values()) == pytest.approx(sum(row.modules for row in desk.plan.purchases))
