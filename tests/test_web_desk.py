"""The pages on a plan: charts beside their tables, tables as files, questions, comparing, and quotes."""

import io
import json

import pytest
from openpyxl import load_workbook

from planner.services.desk import PAGES

PLAN = "/plans/P-000001"
NEW = {
    "agency": "21004",
    "priority": "statutory",
    "clearance": "open",
    "start_year": "2571",
    "demand.vcpu.2028": "1",
    "demand.vcpu.2029": "1",
}


def pages() -> list[str]:
    return [PLAN if name == "overview" else f"{PLAN}/{name}" for name in PAGES]


@pytest.mark.parametrize("path", pages())
def test_every_chart_stands_beside_a_table_and_every_table_is_a_file(visitor_as, path: str) -> None:
    visitor = visitor_as("manager")
    page = visitor.open(path)
    assert page.select_one(".desk-nav [aria-current=page]")["href"] == path
    for figure in page.select(".beside"):
        data = json.loads(figure.select_one("[data-chart]")["data-chart"])
        assert data["axis"]
        assert figure.figcaption.get_text(strip=True)
        headers = [cell.get_text(" ", strip=True) for cell in figure.select("table thead th")]
        assert all(any(series["name"] in header for header in headers) for series in data["series"])
    tables = page.select("main table")
    files = [link["href"] for link in page.select("main a[download]") if "report" not in link["href"]]
    assert len(files) == 2 * len(tables) > 0
    for address in files:
        answer = visitor.client.get(address)
        assert answer.status_code == 200, address
        assert "synthetic" not in answer.headers["Content-Disposition"]


def test_a_file_holds_what_was_chosen(visitor_as) -> None:
    visitor = visitor_as("manager")
    page = visitor.open(f"{PLAN}/utilisation?type=vcpu&year=2028&sort=%3Cb%3E&_external=1")
    assert page.select_one("#choose-type option[selected]")["value"] == "vcpu"
    links = [link["href"] for link in page.select("a[download]") if "site_years.xlsx" in link["href"]]
    assert links == [f"{PLAN}/utilisation/site_years.xlsx?type=vcpu&year=2028"]
    sheet = load_workbook(io.BytesIO(visitor.client.get(links[0]).data)).worksheets[0]
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert "vCPU" in cells
    assert "TB" not in cells


def test_the_heat_map_shades_shares_and_leaves_the_rest(visitor_as) -> None:
    page = visitor_as("auditor").open(f"{PLAN}/placements")
    shaded = page.select("#table-heat tbody td[class*='heat-']")
    assert shaded
    assert all("%" in cell.get_text() for cell in shaded)
    full = [cell for cell in shaded if cell.get_text(strip=True) == "100.0%"]
    assert all("heat-10" in cell["class"] for cell in full)


def test_requirements_lead_to_their_page_in_the_plan(visitor_as) -> None:
    page = visitor_as("de_planner").open(f"{PLAN}/shortfalls")
    links = [link["href"] for link in page.select("#table-shortfalls tbody th a")]
    assert links
    assert all(link.startswith(f"{PLAN}/requirements/R-") for link in links)


@pytest.mark.parametrize("role", ["ministry_planner", "de_planner"])
def test_why_not_answers_below_the_question(visitor_as, role: str) -> None:
    visitor = visitor_as(role)
    page = visitor.open(f"{PLAN}/requirements/R-000001?site=CNX1")
    assert page.select_one("#choose-site option[selected]")["value"] == "CNX1"
    assert "เชียงใหม่" in page.select_one(".verdict").get_text()
    visitor.open(f"{PLAN}/requirements/R-000001?site=XXX1", 404)
    page = visitor.open(f"{PLAN}/requirements/R-000001?site=BKK1")
    files = [link["href"] for link in page.select("main a[download]")]
    assert {f"{PLAN}/requirements/R-000001/timeline.csv?site=BKK1"} < set(files)
    assert {visitor.client.get(address).status_code for address in files} == {200}
    visitor.open(f"{PLAN}/requirements/R-000001/nothing.csv", 404)


def test_a_ministry_sees_no_way_to_the_rest_of_the_plan(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    page = visitor.open(f"{PLAN}/requirements/R-000001")
    assert not page.select(".desk-nav")
    ways = {link["href"] for link in page.select("main a") if link["href"].startswith("/plans/")}
    assert not {way for way in ways if not way.startswith(f"{PLAN}/requirements/R-000001/")}
    assert not page.select("main form[method=post]")


def test_a_proof_is_shown_above_the_page_with_the_time_it_took(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    pool = visitor.open(f"{PLAN}/expansion").select_one("#question-pool option")["value"]
    for path, form in ((f"{PLAN}/expansion", {"pool": pool}), (f"{PLAN}/expansion", {"expansion": "BKK1-vcpu"}),
                       (f"{PLAN}/fairness", {}), (f"{PLAN}/requirements/R-000004", {})):  # fmt: skip
        answer = visitor.send(path, form)
        assert answer.status_code == 200, (path, form)
        assert "section-proof" in answer.text
        assert "วินาที" in answer.text
    assert visitor.send(f"{PLAN}/expansion", {}).status_code == 404
    assert visitor.send(f"{PLAN}/expansion", {"pool": "no/such/pool"}).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"{PLAN}/overview",
        f"{PLAN}/no-such-page",
        f"{PLAN}/costs/no-such-table.csv",
        f"{PLAN}/costs/costs.pdf",
        f"{PLAN}/no-such-page/costs.csv",
        f"{PLAN}/requirements/R-999999",
        "/plans/compare/no-such-table.csv",
    ],
)
def test_what_does_not_exist_is_not_found(visitor_as, path: str) -> None:
    visitor_as("manager").open(path, 404)


def test_plans_are_compared_once_there_are_two(web_app, visitor_as, do_jobs) -> None:
    visitor = visitor_as("de_planner")
    assert not visitor.open("/plans/").select("a[href='/plans/compare']")
    visitor.send("/plans/", {"name": "แผนที่สอง"})
    do_jobs(web_app.extensions["sessions"])
    assert visitor.open("/plans/").select("a[href='/plans/compare']")
    page = visitor.open("/plans/compare")
    assert [select.select_one("[selected]")["value"] for select in page.select("select")] == ["P-000001", "P-000002"]
    page = visitor.open("/plans/compare?a=P-000002&b=P-000001")
    files = [link["href"] for link in page.select("main a[download]")]
    assert all(address.endswith("?a=P-000002&b=P-000001") for address in files)
    assert {visitor.client.get(address).status_code for address in files} == {200}


def test_the_form_of_a_new_requirement_asks_for_a_quote(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    form = visitor.open("/requirements/new")
    assert form.select_one("form [data-quote]")["data-quote"] == "/plans/quote"
    quote = visitor.send("/plans/quote", NEW).get_json()
    assert quote["answer"] in {"served", "uncertain"}
    assert "2571" in quote["sentence"]
    assert ["ตามราคาเงาของแผน", "P-000001"] in quote["facts"]
    for missing in ({"agency": "11004"}, {"start_year": ""}):
        assert visitor.send("/plans/quote", NEW | missing).get_json()["answer"] is None
    assert not visitor.open("/requirements/R-000001/review").select("[data-quote]")
