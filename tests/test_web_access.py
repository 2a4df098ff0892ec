"""Every route stands in exactly one access list, and every role meets each route as its list says.

A new route goes into one of the lists, `PUBLIC`, `SIGNED_IN` or `BY_ROLE`. If its address has variable parts, they go
into `PARTS`, and another ministry's object into `FOREIGN`, or the endpoint into `OF_NO_MINISTRY`. What its form must
hold goes into `forms`. The tests fail until all of it is there.
"""

import datetime as dt
import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import pytest
from bs4 import BeautifulSoup
from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from models import Attachment, ImportBatch, PlanRun, ReportArchive, Role, User
from planner.services.report_sets import workbook_name
from planner.web.security import PUBLIC as OPEN_TO_STRANGERS

ATTACHED: Final = {"R-000001": "1" * 32, "R-000002": "2" * 32}
"""The token of a file attached to each requirement, by a person of its ministry or of DE."""
STRANGER: Final = "stranger"
DIGITS: Final = re.compile(r"\d")
DE, MINISTRY, MANAGER, AUDITOR, ADMIN, HR = (
    Role.DE_PLANNER,
    Role.MINISTRY_PLANNER,
    Role.MANAGER,
    Role.AUDITOR,
    Role.ADMINISTRATOR,
    Role.HR,
)

pytestmark = pytest.mark.usefixtures("what_if", "closing_plan", "web_register")

PUBLIC: Final = {
    "auth.set_password",
    "auth.sign_in",
    "health.live",
    "health.metrics",
    "health.ready",
    "preferences.set_language",
    "preferences.set_theme",
    "static",
}
SIGNED_IN: Final = {
    "account.change_password",
    "account.end_sign_in",
    "account.save_profile",
    "account.show",
    "account.sign_out_everywhere",
    "auth.sign_out",
    "home.show",
    "inbox.index",
    "inbox.mail",
    "inbox.read",
    "views.delete",
    "views.save",
}
BY_ROLE: Final[Mapping[str, set[Role]]] = {
    "accounts.change": {ADMIN},
    "accounts.deactivate": {ADMIN},
    "accounts.end_sign_ins": {ADMIN},
    "accounts.export": {ADMIN},
    "accounts.index": {ADMIN},
    "accounts.invite": {ADMIN},
    "accounts.issue_link": {ADMIN},
    "accounts.reactivate": {ADMIN},
    "accounts.show": {ADMIN},
    "accounts.unlock": {ADMIN},
    "attachments.add": {MINISTRY, DE, MANAGER},
    "attachments.download": {MINISTRY, DE, MANAGER, AUDITOR},
    "attachments.remove": {MINISTRY, DE},
    "audit.export": {AUDITOR, ADMIN},
    "audit.index": {AUDITOR, ADMIN},
    "bulk.edit": {MINISTRY, DE},
    "bulk.save": {MINISTRY, DE},
    "closing.calendar": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.change_terms": {HR},
    "closing.export": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.export_calendar": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.export_list": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.index": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.page": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.report": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.run": {HR},
    "closing.show": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "closing.terms": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "comments.add": {MINISTRY, DE, MANAGER},
    "coverage.export": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.export_place": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.index": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.keep": {HR},
    "coverage.page": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.place": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.report": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "coverage.report_ministry": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "datasets.create": {MINISTRY, DE},
    "datasets.edit": {MINISTRY, DE},
    "datasets.export": {MINISTRY, DE, MANAGER, AUDITOR},
    "datasets.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "datasets.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "editing.check": {MINISTRY, DE},
    "editing.create": {MINISTRY, DE},
    "editing.edit": {MINISTRY, DE},
    "editing.new": {MINISTRY, DE},
    "editing.update": {MINISTRY, DE},
    "history.show": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "grid.check": {MINISTRY, DE},
    "grid.rows": {MINISTRY, DE},
    "grid.save": {MINISTRY, DE},
    "grid.show": {MINISTRY, DE},
    "imports.apply": {MINISTRY, DE, ADMIN, HR},
    "imports.detail": {MINISTRY, DE, ADMIN, HR},
    "imports.export": {MINISTRY, DE, ADMIN, HR},
    "imports.preview": {MINISTRY, DE, ADMIN, HR},
    "imports.show": {MINISTRY, DE, ADMIN, HR},
    "imports.template": {MINISTRY, DE, ADMIN, HR},
    "imports.undo": {MINISTRY, DE, ADMIN, HR},
    "inbox.follow": {MINISTRY, DE, MANAGER, AUDITOR},
    "inbox.open_subject": {MINISTRY, DE, MANAGER, AUDITOR},
    "jobs.cancel": {DE},
    "jobs.index": {DE, MANAGER, AUDITOR, Role.HR},
    "jobs.retry": {DE},
    "jobs.show": {DE, MANAGER, AUDITOR},
    "jobs.state": {DE, MANAGER, AUDITOR},
    "norms.export": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "norms.preview": {HR},
    "norms.remove": {HR},
    "norms.save": {HR},
    "norms.show": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "outcome.export": {MINISTRY, DE, MANAGER, AUDITOR},
    "outcome.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "outcome.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "outcome.workbook": {MINISTRY, DE, MANAGER, AUDITOR},
    "plans.compare": {DE, MANAGER, AUDITOR},
    "plans.export": {DE, MANAGER, AUDITOR},
    "plans.export_comparison": {DE, MANAGER, AUDITOR},
    "plans.export_requirement": {MINISTRY, DE, MANAGER, AUDITOR},
    "plans.index": {DE, MANAGER, AUDITOR},
    "plans.page": {DE, MANAGER, AUDITOR},
    "plans.prove_expansion": {DE, MANAGER, AUDITOR},
    "plans.prove_price_of_fairness": {DE, MANAGER, AUDITOR},
    "plans.prove_requirement": {DE, MANAGER, AUDITOR},
    "plans.make_reports": {DE, MANAGER, AUDITOR},
    "plans.ministry_report": {DE, MANAGER, AUDITOR},
    "plans.report": {DE, MANAGER, AUDITOR},
    "plans.report_archive": {DE, MANAGER, AUDITOR},
    "plans.reports": {DE, MANAGER, AUDITOR},
    "plans.quote": {MINISTRY, DE},
    "plans.requirement": {MINISTRY, DE, MANAGER, AUDITOR},
    "plans.run": {DE},
    "plans.show": {DE, MANAGER, AUDITOR},
    "policy.save": {DE},
    "policy.show": {DE, MANAGER, AUDITOR},
    "pools.export": {DE, MANAGER, AUDITOR},
    "pools.index": {DE, MANAGER, AUDITOR},
    "publishing.export": {DE, MANAGER, AUDITOR},
    "publishing.index": {DE, MANAGER, AUDITOR},
    "publishing.publish": {MANAGER},
    "publishing.show": {DE, MANAGER, AUDITOR},
    "reference.add": {DE, ADMIN},
    "reference.export": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "reference.index": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "reference.new": {DE, ADMIN},
    "reference.remove": {DE, ADMIN},
    "reference.rows": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "reference.save": {DE, ADMIN},
    "reference.show": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "register.add": {HR},
    "register.erase": {HR},
    "register.export": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "register.index": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "register.new": {HR},
    "register.people_export": {HR},
    "register.people_index": {HR},
    "register.person": {HR},
    "register.person_copy": {HR},
    "register.remove": {HR},
    "register.rows": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "register.save": {HR},
    "register.show": {MINISTRY, DE, MANAGER, AUDITOR, HR},
    "requirements.export": {MINISTRY, DE, MANAGER, AUDITOR},
    "requirements.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "requirements.review": {MINISTRY, DE, MANAGER, AUDITOR},
    "requirements.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "review.act": {MINISTRY, DE},
    "rounds.edit": {DE},
    "rounds.end_extension": {DE},
    "rounds.extend": {DE},
    "rounds.index": {MINISTRY, DE, MANAGER, AUDITOR},
    "rounds.new": {DE},
    "rounds.show": {MINISTRY, DE, MANAGER, AUDITOR},
    "scenarios.add_adjustment": {DE},
    "scenarios.archive": {DE},
    "scenarios.change_adjustment": {DE},
    "scenarios.copy": {DE},
    "scenarios.edit": {DE},
    "scenarios.index": {DE, MANAGER, AUDITOR},
    "scenarios.new": {DE},
    "scenarios.preview": {DE},
    "scenarios.promote": {DE},
    "scenarios.raise_adjustment": {DE},
    "scenarios.remove_adjustment": {DE},
    "scenarios.restore": {DE},
    "scenarios.run": {DE},
    "scenarios.show": {DE, MANAGER, AUDITOR},
    "sites.capacity": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sites.export": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sites.index": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sites.save_capacity": {DE},
    "sites.show": {MINISTRY, DE, MANAGER, AUDITOR, ADMIN},
    "sweeps.cancel": {DE},
    "sweeps.export": {DE, MANAGER, AUDITOR},
    "sweeps.index": {DE, MANAGER, AUDITOR},
    "sweeps.new": {DE},
    "sweeps.run_scenarios": {DE},
    "sweeps.show": {DE, MANAGER, AUDITOR},
    "sweeps.state": {DE, MANAGER, AUDITOR},
    "table_grid.check": {HR},
    "table_grid.rows": {HR},
    "table_grid.save": {HR},
    "table_grid.show": {HR},
    "worklist.index": {MINISTRY, DE},
}
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "account.end_sign_in": {"number": "1"},
    "accounts.change": {"code": "hr"},
    "accounts.deactivate": {"code": "hr"},
    "accounts.end_sign_ins": {"code": "hr"},
    "accounts.export": {"form": "csv"},
    "accounts.issue_link": {"code": "manager"},
    "accounts.reactivate": {"code": "hr"},
    "accounts.show": {"code": "hr"},
    "accounts.unlock": {"code": "hr"},
    "attachments.add": {"subject": "requirement:R-000001"},
    "attachments.download": {"token": ATTACHED["R-000001"]},
    "attachments.remove": {"token": ATTACHED["R-000001"]},
    "audit.export": {"form": "csv"},
    "auth.set_password": {"token": "no-such-token"},
    "closing.export": {"code": "WF-000001", "page": "agencies", "table": "agencies", "form": "csv"},
    "closing.export_calendar": {"table": "cohorts", "form": "csv"},
    "closing.export_list": {"form": "csv"},
    "closing.page": {"code": "WF-000001", "page": "measures"},
    "closing.report": {"code": "WF-000001", "language": "th"},
    "closing.show": {"code": "WF-000001"},
    "comments.add": {"subject": "requirement:R-000001"},
    "coverage.export": {"page": "gaps", "table": "gaps", "form": "csv"},
    "coverage.export_place": {"area": "agencies", "code": "21004", "table": "roles", "form": "csv"},
    "coverage.page": {"page": "gaps"},
    "coverage.place": {"area": "ministries", "code": "21000"},
    "coverage.report": {"language": "th"},
    "coverage.report_ministry": {"code": "21000", "language": "th"},
    "datasets.edit": {"code": "D-000001"},
    "datasets.export": {"form": "csv"},
    "datasets.show": {"code": "D-000001"},
    "editing.edit": {"code": "R-000001"},
    "editing.update": {"code": "R-000001"},
    "history.show": {"subject": "requirement:R-000001"},
    "imports.detail": {"code": "1"},
    "imports.undo": {"code": "1"},
    "inbox.follow": {"subject": "requirement:R-000001"},
    "inbox.open_subject": {"subject": "requirement:R-000001"},
    "jobs.cancel": {"kind": "plan_run", "subject": "P-000001"},
    "jobs.retry": {"kind": "plan_run", "subject": "P-000001"},
    "jobs.show": {"kind": "plan_run", "subject": "P-000001"},
    "jobs.state": {"kind": "plan_run", "subject": "P-000001"},
    "norms.export": {"form": "csv"},
    "outcome.export": {"ministry": "21000", "table": "requirements", "form": "csv"},
    "outcome.show": {"ministry": "21000"},
    "outcome.workbook": {"ministry": "21000", "language": "th"},
    "plans.export": {"code": "P-000001", "page": "costs", "table": "costs", "form": "csv"},
    "plans.export_comparison": {"table": "ministries", "form": "csv"},
    "plans.export_requirement": {
        "code": "P-000001",
        "requirement": "R-000001",
        "table": "timeline",
        "form": "csv",
    },
    "plans.make_reports": {"code": "P-000001"},
    "plans.ministry_report": {"code": "P-000001", "ministry": "21000", "language": "th"},
    "plans.page": {"code": "P-000001", "page": "placements"},
    "plans.prove_expansion": {"code": "P-000001"},
    "plans.prove_price_of_fairness": {"code": "P-000001"},
    "plans.prove_requirement": {"code": "P-000001", "requirement": "R-000004"},
    "plans.report": {"code": "P-000001", "language": "th"},
    "plans.report_archive": {"code": "P-000001", "language": "th"},
    "plans.reports": {"code": "P-000001"},
    "plans.requirement": {"code": "P-000001", "requirement": "R-000001"},
    "plans.show": {"code": "P-000001"},
    "pools.export": {"form": "csv"},
    "publishing.export": {"code": "P-000001", "form": "csv"},
    "publishing.publish": {"code": "P-000001"},
    "publishing.show": {"code": "P-000001"},
    "reference.add": {"table": "regions"},
    "reference.export": {"table": "regions", "form": "csv"},
    "reference.new": {"table": "regions"},
    "reference.remove": {"table": "regions", "code": "north"},
    "reference.rows": {"table": "regions"},
    "reference.save": {"table": "regions", "code": "north"},
    "reference.show": {"table": "regions", "code": "north"},
    "register.add": {"table": "positions"},
    "register.erase": {"code": "P4"},
    "register.export": {"table": "positions", "form": "csv"},
    "register.new": {"table": "positions"},
    "register.people_export": {"form": "csv"},
    "register.person": {"code": "P4"},
    "register.person_copy": {"code": "P4", "form": "json"},
    "register.remove": {"table": "positions", "code": "21004/steward/2027"},
    "register.rows": {"table": "positions"},
    "register.save": {"table": "positions", "code": "21004/steward/2027"},
    "register.show": {"table": "positions", "code": "21004/steward/2027"},
    "requirements.export": {"form": "csv"},
    "requirements.review": {"code": "R-000001"},
    "requirements.show": {"code": "R-000001"},
    "rounds.edit": {"code": "2570-1"},
    "rounds.end_extension": {"code": "2570-1", "ministry": "21000"},
    "rounds.extend": {"code": "2570-1"},
    "rounds.show": {"code": "2570-1"},
    "scenarios.add_adjustment": {"code": "S-000001", "kind": "demand"},
    "scenarios.archive": {"code": "S-000001"},
    "scenarios.change_adjustment": {"code": "S-000001", "number": "1"},
    "scenarios.copy": {"code": "S-000001"},
    "scenarios.edit": {"code": "S-000001"},
    "scenarios.preview": {"code": "S-000001"},
    "scenarios.promote": {"code": "S-000001"},
    "scenarios.raise_adjustment": {"code": "S-000001", "number": "1"},
    "scenarios.remove_adjustment": {"code": "S-000001", "number": "1"},
    "scenarios.restore": {"code": "S-000001"},
    "scenarios.run": {"code": "S-000001"},
    "scenarios.show": {"code": "S-000001"},
    "sites.capacity": {"code": "BKK1"},
    "sites.export": {"form": "csv"},
    "sites.save_capacity": {"code": "BKK1"},
    "sites.show": {"code": "BKK1"},
    "sweeps.cancel": {"code": "W-000001"},
    "sweeps.export": {"code": "W-000001", "form": "csv"},
    "sweeps.show": {"code": "W-000001"},
    "sweeps.state": {"code": "W-000001"},
    "static": {"filename": "app.css"},
    "table_grid.check": {"table": "positions"},
    "table_grid.rows": {"table": "positions"},
    "table_grid.save": {"table": "positions"},
    "table_grid.show": {"table": "positions"},
}
"""The parts of addresses that have any: things that the small world has and its ministry planner (21000) may see."""
FOREIGN: Final[Mapping[str, Mapping[str, str]]] = {
    "attachments.add": {"subject": "requirement:R-000002"},
    "attachments.download": {"token": ATTACHED["R-000002"]},
    "attachments.remove": {"token": ATTACHED["R-000002"]},
    "comments.add": {"subject": "requirement:R-000002"},
    "coverage.export_place": {"area": "agencies", "code": "11004", "table": "roles", "form": "csv"},
    "coverage.place": {"area": "ministries", "code": "11000"},
    "coverage.report_ministry": {"code": "11000", "language": "th"},
    "datasets.edit": {"code": "D-000002"},
    "datasets.show": {"code": "D-000002"},
    "editing.edit": {"code": "R-000002"},
    "editing.update": {"code": "R-000002"},
    "history.show": {"subject": "requirement:R-000002"},
    "imports.detail": {"code": "2"},
    "imports.undo": {"code": "2"},
    "inbox.follow": {"subject": "requirement:R-000002"},
    "inbox.open_subject": {"subject": "requirement:R-000002"},
    "outcome.export": {"ministry": "11000", "table": "requirements", "form": "csv"},
    "outcome.show": {"ministry": "11000"},
    "outcome.workbook": {"ministry": "11000", "language": "th"},
    "plans.export_requirement": {
        "code": "P-000001",
        "requirement": "R-000002",
        "table": "timeline",
        "form": "csv",
    },
    "plans.requirement": {"code": "P-000001", "requirement": "R-000002"},
    "register.erase": {"code": "P1"},
    "register.person": {"code": "P1"},
    "register.person_copy": {"code": "P1", "form": "json"},
    "register.remove": {"table": "positions", "code": "11004/steward/2027"},
    "register.save": {"table": "positions", "code": "11004/steward/2027"},
    "register.show": {"table": "positions", "code": "11004/steward/2027"},
    "requirements.review": {"code": "R-000002"},
    "requirements.show": {"code": "R-000002"},
}
"""The parts that lead to an object of another ministry: to 21000's planner it must not even seem to exist."""
FOREIGN_FORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "editing.check": {"code": "R-000002"},
    "grid.check": {"rows": [{"code": "R-000002", "version": 1, "cells": {"title": "ของเรา"}}]},
    "grid.save": {"rows": [{"code": "R-000002", "version": 1, "cells": {"title": "ของเรา"}}]},
    "review.act": {"action": "submit", "code": "R-000002"},
}
"""What is sent to name another ministry's object where the address names none."""
AS_JSON: Final = {"grid.check", "grid.save", "table_grid.check", "table_grid.save"}
"""Endpoints to which a script sends JSON instead of a form."""
OF_NO_MINISTRY: Final = {
    "account.end_sign_in",
    "accounts.change",
    "accounts.deactivate",
    "accounts.end_sign_ins",
    "accounts.export",
    "accounts.issue_link",
    "accounts.reactivate",
    "accounts.show",
    "accounts.unlock",
    "audit.export",
    "auth.set_password",
    "closing.export",
    "closing.export_calendar",
    "closing.export_list",
    "closing.page",
    "closing.report",
    "closing.show",
    "coverage.export",
    "coverage.page",
    "coverage.report",
    "datasets.export",
    "jobs.cancel",
    "jobs.retry",
    "jobs.show",
    "jobs.state",
    "norms.export",
    "plans.export",
    "plans.export_comparison",
    "plans.make_reports",
    "plans.ministry_report",
    "plans.page",
    "plans.prove_expansion",
    "plans.prove_price_of_fairness",
    "plans.prove_requirement",
    "plans.report",
    "plans.report_archive",
    "plans.reports",
    "plans.show",
    "pools.export",
    "publishing.export",
    "publishing.publish",
    "publishing.show",
    "reference.add",
    "reference.export",
    "reference.new",
    "reference.remove",
    "reference.rows",
    "reference.save",
    "reference.show",
    "register.add",
    "register.export",
    "register.new",
    "register.people_export",
    "register.rows",
    "requirements.export",
    "rounds.edit",
    "rounds.end_extension",
    "rounds.extend",
    "rounds.show",
    "scenarios.add_adjustment",
    "scenarios.archive",
    "scenarios.change_adjustment",
    "scenarios.copy",
    "scenarios.edit",
    "scenarios.preview",
    "scenarios.promote",
    "scenarios.raise_adjustment",
    "scenarios.remove_adjustment",
    "scenarios.restore",
    "scenarios.run",
    "scenarios.show",
    "sites.capacity",
    "sites.export",
    "sites.save_capacity",
    "sites.show",
    "static",
    "table_grid.check",
    "table_grid.rows",
    "table_grid.save",
    "table_grid.show",
    "sweeps.cancel",
    "sweeps.export",
    "sweeps.show",
    "sweeps.state",
}
"""Endpoints whose address has parts, but none that names an object of a ministry.

Another person's sign-in is tried in test_web_account.py.
"""
ASKED_BY_QUERY: Final = {"norms.remove"}
"""Endpoints to which the query says what is meant: without one there is nothing."""
ENDING: Final = {"account.end_sign_in", "account.sign_out_everywhere", "auth.sign_out"}
"""Endpoints that end the visitor's own session."""


@pytest.fixture(autouse=True)
def attached_files(web_app: Flask) -> None:
    """A file on each of two requirements of different ministries."""
    shelf = web_app.extensions["shelf"]
    with web_app.extensions["sessions"].begin() as database:
        for (code, token), role in zip(ATTACHED.items(), (MINISTRY, DE), strict=True):
            by = database.scalars(select(User).where(User.role == role).order_by(User.id)).first()
            database.add(
                Attachment(
                    token=token, subject=f"requirement:{code}", name="a.txt", media_type="text/plain", size=1,
                    sha256="0" * 64, attached_by=by, attached_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                )
            )  # fmt: skip
            shelf.put(token, b"a")


@pytest.fixture(autouse=True)
def imported_files(web_app: Flask) -> None:
    """An import by a person of each of two ministries."""
    with web_app.extensions["sessions"].begin() as database:
        for number, username in ((1, "ministry"), (2, "ministry2")):
            by = database.scalars(select(User).where(User.username == username)).one()
            database.add(
                ImportBatch(
                    id=number, file_name="a.xlsx", sha256="0" * 64, synthetic=False, counts={}, imported_by=by,
                    ministry_id=by.ministry_id, imported_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
                )
            )  # fmt: skip


@pytest.fixture(autouse=True)
def written_workbooks(web_app: Flask) -> None:
    """Workbooks of the plan, whatever stands in them."""
    names = [workbook_name("P-000001", "th", ministry) for ministry in (None, "11000", "21000")]
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, b"")
    with web_app.extensions["sessions"].begin() as database:
        run = database.scalars(select(PlanRun).where(PlanRun.code == "P-000001")).one()
        database.add(
            ReportArchive(
                run_id=run.id, language="th", planner_version="1", size=1, content=content.getvalue(),
                made_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        )  # fmt: skip


def endpoints(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules()}


def forms(endpoint: str) -> dict[str, Any]:
    """What a form sends to that endpoint, such that it is refused for nothing but the role."""
    return {
        "preferences.set_language": {"language": "en"},
        "preferences.set_theme": {"theme": "dark"},
        "attachments.add": {"file": (io.BytesIO("ความเห็น".encode()), "a.txt")},
        "comments.add": {"text": "ขอบคุณ"},
        "inbox.follow": {"follow": "on"},
        "grid.check": {"rows": []},
        "grid.save": {"rows": []},
        "table_grid.check": {"rows": []},
        "table_grid.save": {"rows": []},
        "plans.prove_expansion": {"expansion": "BKK1-vcpu"},
        "review.act": {"action": "submit", "code": "R-000001"},
        "views.delete": {"area": "requirements.index", "name": "mine"},
        "views.save": {"area": "requirements.index", "name": "mine"},
        "imports.preview": {"workbook": (io.BytesIO(b"not a workbook"), "a.xlsx")},
        "imports.apply": {"workbook": (io.BytesIO(b"not a workbook"), "a.xlsx")},
    }.get(endpoint, {})


def test_every_route_stands_in_exactly_one_list(web_app: Flask) -> None:
    lists = [PUBLIC, SIGNED_IN, set(BY_ROLE)]
    assert set.union(*lists) == endpoints(web_app)
    assert sum(map(len, lists)) == len(set.union(*lists))


def test_the_application_has_the_same_list_of_public_routes() -> None:
    assert OPEN_TO_STRANGERS == PUBLIC


def rules(app: Flask) -> list[Rule]:
    """Every route, those that end the session last. One that is not described yet fails the first two tests alone."""
    described = [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint in PUBLIC | SIGNED_IN | set(BY_ROLE) and rule.arguments <= set(PARTS.get(rule.endpoint, ()))
    ]
    return sorted(described, key=lambda rule: (rule.endpoint in ENDING, rule.endpoint))


def meet(
    visitor: Any, rule: Rule, method: str, parts: Mapping[str, str], form: Mapping[str, Any] | None = None
) -> TestResponse:
    """What the route answers when its address is filled with `parts` and `form`, or its own form, is sent."""
    with visitor.client.application.test_request_context():
        path = url_for(rule.endpoint, **parts)
    if method == "GET":
        return visitor.client.get(path)
    send = visitor.send_json if rule.endpoint in AS_JSON else visitor.send
    return send(path, form or forms(rule.endpoint))


def test_no_route_works_in_a_way_that_is_not_tried(web_app: Flask) -> None:
    assert {method for rule in web_app.url_map.iter_rules() for method in rule.methods} == {
        "GET",
        "HEAD",
        "OPTIONS",
        "POST",
    }


def test_every_address_with_parts_says_what_is_another_ministrys(web_app: Flask) -> None:
    with_parts = {rule.endpoint for rule in web_app.url_map.iter_rules() if rule.arguments}
    assert set(FOREIGN) | OF_NO_MINISTRY == set(PARTS) == with_parts
    assert not set(FOREIGN) & OF_NO_MINISTRY


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_each_role_meets_each_route_as_its_list_says(web_app: Flask, visitor, who: str) -> None:
    """A stranger is led to sign in, a role without the permission is told so, anybody else is served."""
    if who != STRANGER:
        visitor.sign_in(who)
    for rule in rules(web_app):
        endpoint = rule.endpoint
        if who != STRANGER and endpoint in ENDING:
            visitor.sign_in(who)
        for method in sorted(rule.methods & {"GET", "POST"}):
            response = meet(visitor, rule, method, PARTS.get(endpoint, {}))
            to_sign_in = response.status_code == 302 and response.location.startswith("/sign-in")
            met = f"{who} {method} {endpoint}: {response.status_code}"
            if who == STRANGER:
                assert to_sign_in is (endpoint not in PUBLIC), met
            elif endpoint in BY_ROLE:
                assert (response.status_code == 403) is (who not in BY_ROLE[endpoint]), met
                unseen = {404} if (endpoint in FOREIGN and who in {ADMIN, HR}) or endpoint in ASKED_BY_QUERY else set()
                assert response.status_code in {200, 302, 403, 409, 422} | unseen, met
            elif endpoint in SIGNED_IN:
                assert response.status_code in {200, 302, 422}, met
            else:
                assert response.status_code in {200, 302, 404}, met
            response.close()


def missing(values: Any) -> Any:
    """The same codes with other numbers, which nothing has."""
    return json.loads(DIGITS.sub("9", json.dumps(values, ensure_ascii=False)))


@pytest.mark.parametrize("who", [STRANGER, *Role])
def test_another_ministrys_object_does_not_exist_for_a_ministry(web_app: Flask, visitor, who: str) -> None:
    """By a guessed code a ministry planner finds what is behind a code that nothing has; others find the object.

    An administrator works with the reference data and HR with the register: a page that serves several areas shows
    them nothing of the others.
    """
    if who != STRANGER:
        visitor.sign_in(who)
    for rule in rules(web_app):
        endpoint = rule.endpoint
        if endpoint not in FOREIGN.keys() | FOREIGN_FORMS.keys():
            continue
        parts, form = FOREIGN.get(endpoint, {}), FOREIGN_FORMS.get(endpoint)
        for method in sorted(rule.methods & {"GET", "POST"}):
            response = meet(visitor, rule, method, parts, form)
            met = f"{who} {method} {endpoint}: {response.status_code}"
            if who == STRANGER:
                assert response.status_code == 302, met
                assert response.location.startswith("/sign-in"), met
            elif who not in BY_ROLE.get(endpoint, set(Role)):
                assert response.status_code == 403, met
            elif who == MINISTRY:
                nothing = meet(visitor, rule, method, missing(parts), missing(form))
                assert (response.status_code, words(response)) == (nothing.status_code, words(nothing)), met
                assert response.status_code == 404 or endpoint in FOREIGN_FORMS, met
            else:
                assert response.status_code != 404 or who in {ADMIN, HR}, met
            response.close()


def words(response: TestResponse) -> str:
    """What an answer says beside a page's header, whatever the numbers in it."""
    page = BeautifulSoup(response.text, "lxml")
    return DIGITS.sub("9", (page.main or page).get_text(" ", strip=True))
