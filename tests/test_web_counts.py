"""No page and no answer of the API asks the database more often because there is more to show: all are counted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from api_lists import path_of
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

import models
from planner.api.v1 import RESOURCES
from planner.services.accounts import load_actor
from planner.services.comments import add_comment
from planner.services.reference.tables import TABLES

MORE = 12
"""How many more rows of each kind the second count finds."""
MOST = 30
"""Queries that any page may take."""


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = app.extensions["engine"]
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def count(app: Flask, get: Callable[[str], TestResponse], pages: list[str]) -> dict[str, int]:
    found = {}
    for path in pages:
        with counted(app) as statements:
            response = get(path)
            response.close()
        if response.status_code == 200:
            found[path] = len(statements)
    return found


def repeat(session: Session, model: type[models.Base], **changed: Callable[[int], object]) -> None:
    """Add copies of the first row of `model`'s table."""
    table = model.__table__
    first = dict(session.execute(select(table).limit(1)).mappings().one())
    first.pop("id", None)
    rows = [first | {name: value(number) for name, value in changed.items()} for number in range(MORE)]
    session.execute(insert(table), rows)


def grow(session: Session) -> None:
    """More of whatever lists show, and more on the objects whose pages are opened."""
    repeat(session, models.Ministry, code=lambda n: f"{30000 + n}")
    repeat(session, models.Agency, code=lambda n: f"11{100 + n}")
    repeat(session, models.Region, code=lambda n: f"region{n}")
    repeat(session, models.Clearance, code=lambda n: f"clearance{n}", level=lambda n: 10 + n)
    repeat(session, models.Priority, code=lambda n: f"priority{n}", rank=lambda n: 10 + n, weight=lambda _: 1.0)
    repeat(session, models.ResourceType, code=lambda n: f"type{n}", position=lambda n: 10 + n)
    repeat(session, models.Site, code=lambda n: f"SITE{n}")
    repeat(session, models.Webhook, code=lambda n: f"WH-{100 + n:06}")
    repeat(session, models.WebhookDelivery, message=lambda n: f"msg_{100 + n}")
    repeat(session, models.WebhookAttempt, milliseconds=lambda n: n)
    repeat(session, models.Expansion, code=lambda n: f"MORE{n}")
    repeat(session, models.User, username=lambda n: f"person{n}", email=lambda _: None)
    repeat(session, models.PlanRun, code=lambda n: f"P-{100 + n:06}", status=lambda _: models.RunStatus.FAILED)
    repeat(session, models.Dataset, code=lambda n: f"D-{100 + n:06}", catalogue_name=lambda n: f"dataset-{n}")
    repeat(session, models.PlanningRound, code=lambda n: f"round{n}")
    writer = session.scalars(select(models.User.id).where(models.User.role == models.Role.DE_PLANNER)).first()
    actor = load_actor(session, writer)
    for number in range(MORE):
        add_comment(session, actor, "requirement:R-000001", f"ความเห็น {number}")
    requirement = session.scalars(select(models.Requirement).where(models.Requirement.code == "R-000001")).one()
    sites, regions = session.scalars(select(models.Site)).all(), session.scalars(select(models.Region)).all()
    agencies = session.scalars(select(models.Agency)).all()
    statuses = list(models.RequirementStatus)
    for number in range(MORE):
        copy = models.Requirement(
            code=f"R-{100 + number:06}",
            title=f"ระบบ {number}",
            agency=agencies[number % len(agencies)],
            priority=requirement.priority,
            clearance=requirement.clearance,
            start_year=2027,
            status=statuses[number % len(statuses)],
            sites=list(sites),
            regions=list(regions),
        )
        copy.demand.append(models.DemandLine(resource_type_id=1, year=2027, amount=1.0))
        session.add(copy)
    requirement.sites = list(sites)
    requirement.regions = list(regions)


@pytest.mark.parametrize("role", ["de_planner", "ministry_planner", "administrator", "auditor"])
def test_a_page_asks_no_more_often_where_there_is_more(web_app, visitor_as, page_paths, role: str) -> None:
    pages = [*page_paths, *(f"/reference/{table}/" for table in TABLES)]
    visitor = visitor_as(role)
    count(web_app, visitor.client.get, pages)  # what is read once for good, and what a first look marks as read
    before = count(web_app, visitor.client.get, pages)
    with web_app.extensions["sessions"].begin() as session:
        grow(session)
    visitor.open("/")  # which works out once what changed in the inputs of the plan in force
    after = count(web_app, visitor.client.get, pages)
    assert len(before) > 10
    assert {path: (number, after.get(path)) for path, number in before.items() if after.get(path, 0) > number} == {}
    assert {path: number for path, number in after.items() if number > MOST} == {}


@pytest.mark.usefixtures("what_if", "closing_plan", "web_register", "told_webhook", "imported_files")
def test_an_answer_asks_no_more_often_where_there_is_more(web_app, program) -> None:
    reading = (
        each for resource in RESOURCES for each in resource.operations if each.method == "GET" and not each.files
    )
    paths = list(map(path_of, reading))
    asking = program("de_planner")

    def get(path: str) -> TestResponse:
        return asking.ask("GET", path)

    count(web_app, get, paths)  # what is read once for good
    before = count(web_app, get, paths)
    with web_app.extensions["sessions"].begin() as session:
        grow(session)
    get("/plans/P-000001/standing")  # which works out once what changed in the inputs of the plan in force
    after = count(web_app, get, paths)
    assert len(before) > 10
    assert {path: (number, after.get(path)) for path, number in before.items() if after.get(path, 0) > number} == {}
    assert {path: number for path, number in after.items() if number > MOST} == {}
