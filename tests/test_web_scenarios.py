"""The screens of scenarios and sweeps, as a DE planner uses them."""

import pytest
from sqlalchemy import delete

from models import Expansion
from planner.services.jobs import run_now
from planner.services.permissions import OPERATOR
from planner.services.planning import execute_run, run_plan


@pytest.fixture
def desk(visitor_as):
    """A DE planner who reads English."""
    visitor = visitor_as("de_planner")
    visitor.send("/preferences/language", {"language": "en"})
    return visitor


def make(visitor, name="What if"):
    """A scenario made through the form; its address."""
    answer = visitor.send("/scenarios/new", {"name": name, "note": "For the board."})
    assert answer.status_code == 302, answer.text
    return answer.location


def version(visitor, path):
    return visitor.open(path).select_one("input[name=version]")["value"]


def add(visitor, path, kind, **typed):
    page = f"{path}/adjustments/new?kind={kind}"
    return visitor.send(page, {"version": version(visitor, page), **typed})


def sentences(visitor, path):
    return [each.get_text(" ", strip=True) for each in visitor.open(path).select(".adjustments > li > div:first-child")]


def test_a_scenario_is_made_sentence_by_sentence(desk):
    path = make(desk)
    assert "it is the same as the base" in desk.open(path).text
    assert desk.open(path).select_one("td.empty").get_text() == "The scenario has not been run yet."
    assert add(desk, path, "demand", ministry="21000", change="20").location == path
    assert add(desk, path, "site_lost", site="BKK1", first="2571").location == path
    more, lost = "Demand of Ministry of Public Health is 20% higher.", "Bang Rak is lost from fiscal year 2028 on."
    assert sentences(desk, path) == [more, lost]
    desk.send(f"{path}/adjustments/2/raise", {"version": version(desk, path)})
    assert sentences(desk, path) == [lost, more]
    form = f"{path}/adjustments/1"
    assert desk.open(form).select_one("#first")["value"] == "2028"
    desk.send(form, {"version": version(desk, form), "site": "CNX1", "first": "2570"})
    assert sentences(desk, path)[0] == "Chiang Mai is lost from fiscal year 2027 on."
    desk.send(f"{path}/adjustments/1/remove", {"version": version(desk, path)})
    assert sentences(desk, path) == [more]
    history = desk.open(path).select_one("#history").get_text(" ", strip=True)
    assert "Chiang Mai is lost from fiscal year 2027 on." in history


def test_faults_come_back_at_their_fields_with_what_was_typed(desk):
    path = make(desk)
    answer = add(desk, path, "capacity", change="lots", first="2571", last="2570")
    assert answer.status_code == 422
    page = desk.open(f"{path}/adjustments/new?kind=capacity")
    assert page.select_one("#change")["value"] == ""
    assert "lots" in answer.text
    assert 'id="change-error"' in answer.text
    assert desk.send("/scenarios/new", {"name": " "}).status_code == 422
    assert sentences(desk, path) == []
    desk.open(f"{path}/adjustments/new?kind=none", status=404)
    desk.open(f"{path}/adjustments/9", status=404)
    desk.open(f"{path}/adjustments/0", status=404)


def test_of_two_who_edit_at_once_the_second_sees_both(desk):
    path = make(desk)
    stale = version(desk, f"{path}/adjustments/new?kind=demand")
    add(desk, path, "demand", change="5")
    answer = desk.send(f"{path}/adjustments/new?kind=demand", {"version": stale, "change": "7"})
    assert answer.status_code == 409
    assert "Somebody changed this meanwhile." in answer.text
    assert 'value="7"' in answer.text
    assert desk.send(f"{path}/adjustments/1/remove", {"version": stale}).status_code == 409
    renamed = desk.send(f"{path}/edit", {"version": stale, "name": "Other"})
    assert renamed.status_code == 409
    assert 'value="Other"' in renamed.text


def test_a_run_keeps_what_it_was_made_of_and_leads_back(desk, web_app):
    path = make(desk)
    add(desk, path, "demand", change="20")
    plan = desk.send(f"{path}/run", {"name": "What if"}).location
    assert "Demand is 20% higher." in desk.open(plan).select_one("#section-origin").parent.text
    run_now(web_app.extensions["sessions"], "plan_run", plan.rpartition("/")[2], execute_run)
    page = desk.open(plan)
    assert page.select_one("#section-origin").parent.select_one(f'a[href="{path}"]')
    assert not desk.open("/plans/P-000001").select_one("#section-origin")
    compare = desk.open(path).select_one('a[href*="/plans/compare"]')["href"]
    assert "a=P-000001" in compare
    desk.open(compare)


def test_what_can_no_longer_be_made_is_marked_where_it_stands(desk, web_app):
    path = make(desk)
    add(desk, path, "expansion_removed", expansion="BKK1-vcpu")
    with web_app.extensions["sessions"].begin() as session:
        session.execute(delete(Expansion))
    for answer in (desk.send(f"{path}/run", {"name": ""}), desk.client.get(f"{path}/promote")):
        assert answer.status_code == 422
        assert "This can no longer be made." in answer.text
        assert "BKK1-vcpu" in answer.text


def test_copying_archiving_and_taking_into_the_base(desk):
    path = make(desk)
    add(desk, path, "capacity", site="CNX1", resource_type="vcpu", change="50")
    copy = desk.send(f"{path}/copy").location
    assert sentences(desk, copy) == sentences(desk, path)
    desk.send(f"{copy}/archive", {"version": version(desk, copy)})
    assert copy.rpartition("/")[2] not in desk.open("/scenarios/").text
    assert copy.rpartition("/")[2] in desk.open("/scenarios/?archived=1").text
    assert desk.send(f"{copy}/run", {"name": ""}).status_code == 409
    desk.send(f"{copy}/restore")
    assert desk.open(path).select(f'a[href="{path}/promote"]')
    preview = desk.open(f"{path}/promote").select_one("#table-changes").get_text(" ", strip=True)
    assert preview.count("60") == 3
    desk.send(f"{path}/promote", {"version": version(desk, f"{path}/promote")})
    assert desk.open("/sites/CNX1/capacity").select_one("[name='vcpu.nameplate.2027']")["value"] == "60"


def test_a_sweep_is_started_and_draws_its_curve(desk, web_app):
    assert desk.open("/sweeps/new").select("option[value=demand]")
    desk.open("/sweeps/new?kind=demand")
    form = "/sweeps/new?kind=demand"
    wrong = desk.send(form, {"from": "20", "to": "10", "steps": "3"})
    assert wrong.status_code == 422
    assert 'id="to-error"' in wrong.text
    path = desk.send(form, {"name": "Step by step", "from": "0", "to": "50", "steps": "2"}).location
    assert desk.client.get(f"{path}.json").json == {"done": 0, "total": 2}
    page = desk.open(path)
    assert "0 of 2 runs have ended." in page.text
    codes = [cell.get_text(strip=True) for cell in page.select("#table-curve tbody th")]
    for code in codes:
        run_now(web_app.extensions["sessions"], "plan_run", code, execute_run)
    page = desk.open(path)
    assert not page.select("[data-sweep]")
    assert len(page.select("[data-chart]")) == 2
    assert page.select_one(f'a[href="/plans/compare?a={codes[0]}&b={codes[1]}"]')
    csv = desk.client.get(f"{path}/curve.csv").text
    assert codes[1] in csv
    assert desk.client.get(f"{path}/curve.pdf").status_code == 404


def test_scenarios_run_side_by_side(desk, web_app):
    codes = [make(desk, name).rpartition("/")[2] for name in ("One", "Two")]
    path = desk.send("/sweeps/scenarios", {"code": codes, "base": "yes", "name": "Both"}).location
    page = desk.open(path)
    assert [row.select("td")[0].get_text(strip=True) for row in page.select("#table-curve tbody tr")] == [
        "The base",
        f"{codes[0]} One",
        f"{codes[1]} Two",
    ]
    desk.send(f"{path}/cancel")
    assert desk.client.get(f"{path}.json").json == {"done": 3, "total": 3}
    assert desk.send("/sweeps/scenarios", {}).status_code == 422


def test_others_read_and_are_offered_nothing_to_change(visitor_as, web_app):
    desk = visitor_as("de_planner")
    path = make(desk)
    desk.send("/sign-out")
    page = visitor_as("auditor").open(path)
    assert not page.select("main form[method=post] button.btn-primary[type=submit]:not(.comment)")
    assert not page.select(f'a[href="{path}/edit"]')


def test_what_a_person_wrote_is_text(desk):
    path = make(desk, "<script>alert(1)</script>")
    page = desk.open(path)
    assert page.select_one("h1").text == "<script>alert(1)</script>"
    assert not page.select("h1 script")


def test_the_base_is_what_no_scenario_changes(desk, web_app):
    before = run_plan(web_app.extensions["sessions"], OPERATOR, "ฐาน")
    path = make(desk)
    add(desk, path, "site_lost", site="BKK1")
    after = run_plan(web_app.extensions["sessions"], OPERATOR, "ฐานอีกครั้ง", reuse=True)
    assert after == before
