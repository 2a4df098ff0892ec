"""Running a plan, reading it, and its report."""

import datetime as dt
import io
import json
import zipfile

import pytest
from flask import Flask
from openpyxl import load_workbook

import models
from planner.errors import NotSolvedError
from planner.services.reporting import advice


def test_running_a_plan_leads_to_its_progress_and_then_to_its_overview(web_app: Flask, visitor_as, do_jobs) -> None:
    visitor = visitor_as("de_planner")
    answer = visitor.send("/plans/", {"name": "<b>แผน</b> & ทดลอง"})
    assert (answer.status_code, answer.location) == (302, "/plans/P-000002")
    page = visitor.open("/plans/P-000002")
    assert page.h1.get_text() == "<b>แผน</b> & ทดลอง"
    assert page.select_one("[data-job-status]").get_text() == "รอประมวลผล"
    do_jobs(web_app.extensions["sessions"])
    page = visitor.open("/plans/P-000002")
    assert page.select("[data-chart]")
    assert not page.select("[data-job]")
    listed = visitor.open("/plans/").select("#table-runs tbody th")
    assert [cell.get_text(strip=True) for cell in listed] == ["P-000002", "P-000001"]


def test_a_problem_that_cannot_be_planned_is_told_and_kept(web_app: Flask, visitor_as) -> None:
    visitor = visitor_as("de_planner")
    with web_app.extensions["engine"].begin() as connection:
        for table in ("capacity", "demand_line", "fiscal_year"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 - names of our own
    answer = visitor.send("/plans/", {"name": ""})
    assert answer.status_code == 422
    assert "fiscal_years" in answer.text


def test_a_failed_run_says_so_in_the_readers_language_and_keeps_the_details(web_app: Flask, visitor_as) -> None:
    with web_app.extensions["sessions"].begin() as database:
        started = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
        failed = models.PlanRun(code="P-000002", name="P-000002", status=models.RunStatus.FAILED, input_snapshot=b"")
        failed.input_sha256, failed.planner_version, failed.created_at = "ab" * 32, "0.1.0", started
        failed.finished_at, failed.synthetic = started, False
        failed.failure = NotSolvedError.default.msgid
        database.add(failed)
    visitor = visitor_as("manager")
    told = visitor.open("/plans/P-000002").select_one("main .alert")
    assert told.select_one("details").get_text(" ", strip=True).endswith("ประมวลผลแผนไม่สำเร็จ")
    assert NotSolvedError.default.msgid not in told.get_text()
    assert not visitor.open("/plans/P-000002").select("a[download]")


def test_a_run_without_a_name_is_called_by_its_code_once(web_app: Flask, visitor_as, do_jobs) -> None:
    visitor = visitor_as("de_planner")
    visitor.send("/plans/", {"name": " "})
    do_jobs(web_app.extensions["sessions"])
    row = visitor.open("/plans/").select_one("#table-runs tbody tr")
    assert row.get_text().count("P-000002") == 1
    assert visitor.open("/plans/P-000002").h1.get_text(strip=True) == "P-000002"


@pytest.mark.parametrize("role", ["manager", "auditor"])
def test_who_may_only_read_sees_no_button(visitor_as, role: str) -> None:
    assert not visitor_as(role).open("/plans/").select("form.run-form")


@pytest.mark.parametrize(
    ("language", "year", "dot"), [("th", "2571", "กระทรวงสาธารณสุข"), ("en", "2028", "Ministry of Public Health")]
)
def test_each_chart_stands_beside_a_table_with_the_same_numbers(visitor_as, language: str, year: str, dot: str) -> None:
    visitor = visitor_as("manager")
    visitor.send("/preferences/language", {"language": language})
    page = visitor.open("/plans/P-000001?year=2028")
    service, sites = (json.loads(place["data-chart"]) for place in page.select("[data-chart]"))
    assert dot in service["categories"]
    assert sites["categories"] == ["BKK1", "CNX1"]
    assert [series["name"] for series in sites["series"]] == [
        cell.get_text(strip=True) for cell in page.select("#table-site_utilisation thead th")
    ][2:]
    shown = [row.select("td")[-1].get_text(strip=True) for row in page.select("#table-ministries tbody tr")]
    assert shown == [f"{value:.1%}" for value in service["series"][0]["values"]]
    assert page.select_one("#choose-year option[selected]").get_text(strip=True) == year
    for place in page.select("[data-chart]"):
        assert (place["role"], bool(place["aria-label"])) == ("img", True)


def test_the_overview_shows_levels_reasons_and_certificate(visitor_as) -> None:
    page = visitor_as("de_planner").open("/plans/P-000001")
    sections = [section["aria-labelledby"] for section in page.select("main section")]
    assert sections == [f"section-{key}" for key in (
        "summary", "levels", "service", "utilisation", "reasons", "expansions", "certificate", "run",
    )]  # fmt: skip
    assert page.select("#table-levels tbody tr")
    assert page.select("#table-reasons tbody tr")


def test_the_workbooks_are_made_in_the_background_and_handed_out(
    web_app: Flask, visitor_as, do_jobs, monkeypatch
) -> None:
    monkeypatch.setattr(advice, "PATIENCE", 0)
    manager = visitor_as("manager")
    assert manager.open("/plans/P-000001").select_one('a[href="/plans/P-000001/reports"]')
    assert not manager.open("/plans/P-000001/reports").select("main a[download]")
    manager.open("/plans/P-000001/reports/th.xlsx", 404)
    assert manager.send("/plans/P-000001/reports").location == "/plans/P-000001/reports"
    waiting = manager.open("/plans/P-000001/reports")
    assert waiting.select_one("[data-job]")
    assert not waiting.select("form[action='/plans/P-000001/reports']")
    do_jobs(web_app.extensions["sessions"])
    page = manager.open("/plans/P-000001/reports")
    links = [link["href"] for link in page.select("main a[download]")]
    assert len(links) == 2 * 2 + 2 * 2
    for link in links:
        answer = manager.client.get(link)
        assert answer.status_code == 200
        assert "allocation-P-000001-" in answer.headers["Content-Disposition"]
        with zipfile.ZipFile(io.BytesIO(answer.data)) as opened:
            assert opened.testzip() is None
    managers = load_workbook(io.BytesIO(manager.client.get("/plans/P-000001/reports/en.xlsx").data))
    assert len(managers.sheetnames) > 20
    assert any("P-000001" in str(cell.value) for row in managers.worksheets[0].iter_rows() for cell in row)


@pytest.mark.parametrize(
    "path",
    ["/plans/P-000009", "/plans/P-000001/reports/de.xlsx", "/plans/P-000009/reports/th.zip", "/plans/P-000009/reports"],
)
def test_what_does_not_exist_is_not_found(visitor_as, path: str) -> None:
    visitor_as("manager").open(path, 404)
