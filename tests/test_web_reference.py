"""The pages of reference data, the capacity grid, the policy and the pools, as people use them."""

import csv
import io
from typing import Any

import pytest
from bs4 import BeautifulSoup


def sent(page: BeautifulSoup, **changes: str) -> dict[str, str]:
    """What the page's form would send, with some fields changed."""
    form = next(
        form for form in page.select("main form[method=post]") if form.select_one("[name=version], [name$='.version']")
    )
    fields: dict[str, str] = {}
    for field in form.select("input[name], select[name]"):
        if field.name == "select":
            chosen = field.select_one("option[selected]") or field.select_one("option")
            fields[field["name"]] = chosen["value"]
        elif field.get("type") != "checkbox" or field.has_attr("checked"):
            fields[field["name"]] = field.get("value", "")
    return fields | changes


def text(part: Any) -> str:
    return " ".join(part.get_text(" ", strip=True).split())


def test_a_row_is_added_changed_and_removed_and_its_history_tells(visitor_as) -> None:
    visitor = visitor_as("administrator")
    typed = sent(visitor.open("/reference/regions/new"), code="south", name_th="ภาคใต้", name_en="South")
    answer = visitor.send("/reference/regions/new", typed)
    assert answer.location == "/reference/regions/rows/south"
    page = visitor.open(answer.location)
    assert (page.h1.get_text(), page.select_one("#code").has_attr("readonly")) == ("ภาคใต้", True)
    visitor.send(answer.location, sent(page, name_en="The South"))
    page = visitor.open(answer.location)
    assert page.select_one("#name_en")["value"] == "The South"
    assert [text(change) for change in page.select("#history del, #history ins")][:2] == ["South", "The South"]
    assert "south" in text(visitor.open("/reference/regions/").select_one("#table-regions"))
    assert visitor.send("/reference/regions/rows/south/remove", {"version": "2"}).location == "/reference/regions/"
    visitor.open("/reference/regions/rows/south", 404)


def test_a_faulty_form_comes_back_with_what_was_typed(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    path = "/reference/sites/rows/BKK1"
    answer = visitor.send(path, sent(visitor.open(path), name_en="", from_year="25x0"))
    page = BeautifulSoup(answer.text, "lxml")
    assert answer.status_code == 422
    assert page.select_one("#from_year")["value"] == "25x0"
    assert [field["id"] for field in page.select("[aria-invalid=true]")] == ["name_en", "from_year"]
    assert "from_year-error" in page.select_one("#from_year")["aria-describedby"]
    assert page.select_one("#from_year-error").get_text(strip=True)
    assert visitor.open(path).select_one("#name_en")["value"] == "Bang Rak"


def test_the_second_of_two_sees_both_versions_and_loses_nothing(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    path = "/reference/agencies/rows/11003"
    mine = sent(visitor.open(path), name_en="Mine")
    visitor.send(path, sent(visitor.open(path), name_en="Theirs"))
    answer = visitor.send(path, mine)
    assert answer.status_code == 409
    page = BeautifulSoup(answer.text, "lxml")
    assert page.select_one("#name_en")["value"] == "Mine"
    assert "Theirs" in text(page.select_one("#name_en-stored"))
    assert page.select("[id$='-stored']") == [page.select_one("#name_en-stored")]
    assert visitor.send(path, sent(page)).status_code == 302
    assert visitor.open(path).select_one("#name_en")["value"] == "Mine"


def test_what_is_used_offers_no_removal_and_says_why(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    page = visitor.open("/reference/regions/rows/north")
    assert "ศูนย์ข้อมูล: 1" in text(page.select_one("section[aria-labelledby=uses]"))
    assert not page.select("form[action$=remove]")
    assert visitor.send("/reference/regions/rows/north/remove", {"version": "1"}).status_code == 409


def test_who_may_only_read_sees_no_buttons(visitor_as) -> None:
    visitor = visitor_as("ministry_planner")
    assert not visitor.open("/reference/agencies/").select("a[href$='/new']")
    assert not visitor.open("/reference/agencies/rows/11003").select("main button[type=submit]")
    assert not visitor.open("/sites/BKK1/capacity").select("main button[type=submit]")
    assert visitor.open("/sites/BKK1/capacity").select_one("input[name='vcpu.nameplate.2027']").has_attr("readonly")


@pytest.mark.parametrize(
    ("query", "found"),
    [("", ["11003", "11004", "21004"]), ("?q=health", ["21004"]), ("?order=desc", ["21004", "11004", "11003"])],
)
def test_a_list_shows_and_exports_what_its_address_says(visitor_as, query: str, found: list[str]) -> None:
    visitor = visitor_as("auditor")
    page = visitor.open(f"/reference/agencies/{query}")
    assert [cell.get_text(strip=True) for cell in page.select("#table-agencies tbody th")] == found
    assert page.select_one("#table-agencies tbody a")["href"] == f"/reference/agencies/rows/{found[0]}"
    plain = next(link["href"] for link in page.select(".page-head a[download]") if "csv" in link["href"])
    rows = list(csv.reader(io.StringIO(visitor.client.get(plain).data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == found


def test_fiscal_years_are_shown_in_the_readers_era(visitor_as) -> None:
    page = visitor_as("de_planner").open("/reference/fiscal_years/")
    link = page.select_one("#table-fiscal_years tbody a")
    assert (link.get_text(strip=True), link["href"]) == ("2570", "/reference/fiscal_years/rows/2027")


def test_unknown_tables_and_rows_are_not_found(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    for path in ("/reference/requirements/", "/reference/regions/rows/moon", "/sites/MOON/capacity"):
        visitor.open(path, 404)


def test_an_expansion_may_be_begun_from_its_site(visitor_as) -> None:
    page = visitor_as("de_planner").open("/reference/expansions/new?site=CNX1")
    assert page.select_one("#site option[selected]")["value"] == "CNX1"


def test_the_capacity_grid_saves_all_or_tells_the_cells_at_fault(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    path = "/sites/CNX1/capacity"
    page = visitor.open(path)
    cell = page.select_one("input[name='vcpu.nameplate.2028']")
    assert "2571" in page.select_one(f"label[for='{cell['id']}']").get_text()
    faulty = visitor.send(path, sent(page, **{"vcpu.nameplate.2028": "x", "vcpu.nameplate.2027": "55"}))
    assert faulty.status_code == 422
    shown = BeautifulSoup(faulty.text, "lxml")
    assert [link["href"] for link in shown.select(".alert a")] == ["#vcpu.nameplate.2028"]
    answer = visitor.send(path, sent(shown, **{"vcpu.nameplate.2028": "60"}))
    assert (answer.status_code, answer.location) == (302, "/sites/CNX1")
    site = visitor.open("/sites/CNX1")
    assert [row.select("td")[2].get_text(strip=True) for row in site.select("#table-capacity tbody tr")[:2]] == [
        "55",
        "60",
    ]
    assert "2571" in text(site.select_one("#history"))
    assert visitor.send(path, sent(page, **{"vcpu.nameplate.2028": "70"})).status_code == 409


def test_the_policy_is_put_in_force_and_faults_come_back(visitor_as) -> None:
    visitor = visitor_as("de_planner")
    page = visitor.open("/policy/")
    fields = {"floors.21000": "30", "pins.0.requirement": "R-000001", "pins.0.site": "BKK1"}
    refused = visitor.send("/policy/", sent(page, **fields, **{"levels.1": "statutory"}))
    assert refused.status_code == 422
    shown = BeautifulSoup(refused.text, "lxml")
    assert [field["id"] for field in shown.select("[aria-invalid=true]")] == ["levels.1"]
    assert shown.select_one("[name='floors.21000']")["value"] == "30"
    assert visitor.send("/policy/", sent(shown, **{"levels.1": "fairness"})).status_code == 302
    page = visitor.open("/policy/")
    assert page.select_one("[name='pins.0.site'] option[selected]")["value"] == "BKK1"
    assert page.select_one("[name=version]")["value"] == "1"
    assert "กระทรวงสาธารณสุข" in text(page.select_one("#history"))
    assert visitor.send("/policy/", sent(page) | {"version": "0"}).status_code == 409


def test_a_manager_reads_the_policy_only(visitor_as) -> None:
    visitor = visitor_as("manager")
    assert not visitor.open("/policy/").select("main button[type=submit]")


def test_pools_export_what_is_shown_or_everything(visitor_as) -> None:
    visitor = visitor_as("manager")
    page = visitor.open("/pools/?type=hot_tb&view=2028")
    shown = [cell.get_text(strip=True) for cell in page.select("#table-pools tbody th")]
    assert shown == ["BKK1", "CNX1"]
    _, plain, everything = (link["href"] for link in page.select(".page-head a[download]"))
    rows = list(csv.reader(io.StringIO(visitor.client.get(plain).data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:3]] == shown
    rows = list(csv.reader(io.StringIO(visitor.client.get(everything.replace("xlsx", "csv")).data.decode("utf-8-sig"))))
    assert len(rows) == 13
    assert page.select_one("[data-chart]")
