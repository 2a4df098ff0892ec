"""The workbooks of a plan: having them made in the background, and fetching them."""

import datetime as dt

from planner.api.resources import Call, File
from planner.api.v1.jobs import Job
from planner.api.v1.plans import plans
from planner.api.values import Model, Words, said
from planner.services.report_sets import ask_for_reports, find_reports, open_archive, open_workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"


class Archive(Model):
    """The workbooks of one language; `outdated` if this version of the planner would make them anew."""

    language: str
    made_at: dt.datetime
    bytes: int
    outdated: bool


class MinistryNamed(Model):
    """A ministry that has a workbook."""

    code: str
    name: Words


class Reports(Model):
    """What there is of a plan's workbooks, and the job that makes them."""

    archives: list[Archive]
    ministries: list[MinistryNamed]
    job: Job | None


@plans.get("/<code>/reports")
def reports(call: Call, code: str) -> Reports:
    """What there is of a plan's workbooks."""
    found = find_reports(call.session, call.actor, code)
    return Reports(
        archives=[
            Archive(language=each.language, made_at=each.made_at, bytes=each.size, outdated=each.outdated)
            for each in found.archives
        ],
        ministries=[MinistryNamed(code=each, name=said(name)) for each, name in found.ministries],
        job=Job.of(found.job) if found.job else None,
    )


@plans.post("/<code>/reports")
def make_reports(call: Call, code: str) -> Reports:
    """Have a plan's workbooks made, or made anew, in the background."""
    ask_for_reports(call.session, call.actor, code)
    return reports(call, code)


@plans.get("/<code>/reports/<language>.zip", files=(ZIP,))
def report_archive(call: Call, code: str, language: str) -> File:
    """All workbooks of a plan in a language (`th` or `en`)."""
    found = open_archive(call.session, call.actor, code, language)
    return File(found.content, found.name, ZIP)


@plans.get("/<code>/reports/<language>.xlsx", files=(XLSX,))
def report(call: Call, code: str, language: str) -> File:
    """The managers' workbook of a plan in a language."""
    found = open_workbook(call.session, call.actor, code, language)
    return File(found.content, found.name, XLSX)


@plans.get("/<code>/reports/<ministry>/<language>.xlsx", files=(XLSX,))
def ministry_report(call: Call, code: str, ministry: str, language: str) -> File:
    """The workbook of a plan for one ministry, in a language."""
    found = open_workbook(call.session, call.actor, code, language, ministry)
    return File(found.content, found.name, XLSX)
