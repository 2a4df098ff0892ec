"""Two people at everything that can be raced, at every moment at which the one can come between the other's doing.

The tests try a moment of each race on SQLite and of some on PostgreSQL; with `RACES=all` they try every one (some
minutes).
"""

import datetime as dt
import io
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from databases import PostgresqlDatabases
from racing import Fresh, Race, count_moments, ends_in_turn, fault_of
from small_world import add_small_register, add_small_world
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import models
from models import JobKind, User
from planner.allocation import Policy
from planner.db import open_engine, open_sessions
from planner.errors import ForbiddenError
from planner.i18n import translator
from planner.services import accounts, comments, inbox, jobs, profile, reviewing, views
from planner.services.accounts import AccountFields, load_actor
from planner.services.attachments import Shelf, Upload, attach, detach
from planner.services.coverage.history import keep_quarter
from planner.services.demo_accounts import seed_demo_accounts
from planner.services.editing import RowEdit, save_rows
from planner.services.importing import apply_import, undo_import
from planner.services.permissions import OPERATOR, Actor
from planner.services.planning import Inputs, add_run, load_inputs, run_plan
from planner.services.publishing.publish import publish_plan
from planner.services.reference import TABLES, remove_row, save_row
from planner.services.reference.policy import put_policy
from planner.services.register.privacy import erase_person
from planner.services.report_sets import ask_for_reports
from planner.services.rounds import extend_round, save_round
from planner.services.scenarios.keeping import archive_scenario, put_adjustment, save_scenario
from planner.services.scenarios.promoting import promote_scenario
from planner.services.tokens import NewToken, issue_token
from planner.services.transitions import Action
from planner.text import LocalText
from reports.template import Exchange, write_workbook

EVERY: Final = os.environ.get("RACES") == "all"
ON_SERVER: Final = 4
"""Of so many races one is tried on PostgreSQL too, where not every one is: to make a database takes long."""
NOW: Final = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
NEW: Final = {
    "title": "ระบบใหม่",
    "agency": "21004",
    "priority": "normal",
    "clearance": "open",
    "start_year": "2570",
    "demand.vcpu.2027": "1",
}
TOKEN: Final = "a" * 32
SUBJECT: Final = "requirement:R-000001"
ROUND: Final = {
    "code": "2570-2", "name_th": "รอบที่ 2", "name_en": "Round 2", "opens_day": "1/10/2569", "opens_time": "08:30",
    "closes_day": "30/11/2569", "closes_time": "16:30",
}  # fmt: skip
LONGER: Final = {"ministry": "21000", "until_day": "15/12/2569", "until_time": "16:30", "reason": "น้ำท่วม"}
REGION: Final = {"code": "south", "name_th": "ภาคใต้", "name_en": "South"}
NOBODY: Final = AccountFields("คนใหม่", "new@example.go.th", "auditor", "")


def who(session: Session, username: str) -> Actor:
    """The demonstration's person of that user name; whoever was deactivated may do nothing."""
    actor = load_actor(session, session.scalars(select(User.id).where(User.username == username)).one())
    if actor is None:
        raise ForbiddenError
    return actor


def by(username: str, service: Callable[..., Any], *args: Any, **params: Any) -> Callable[[Session], Any]:
    """The deed: somebody uses a service."""
    return lambda session: service(session, who(session, username), *args, **params)


def step(username: str, action: Action, code: str, comment: str = "ตามที่ตกลง") -> Callable[[Session], Any]:
    return by(username, reviewing.act, action, [code], comment)


def entry(username: str, code: str, version: int | None, **cells: str) -> Callable[[Session], Any]:
    return by(username, save_rows, [RowEdit(code, version, cells)])


def new(username: str, title: str, key: str) -> Callable[[Session], Any]:
    return by(username, save_rows, [RowEdit(None, None, {**NEW, "title": title}, key=key)])


def workbook(*titles: str) -> bytes:
    """A workbook with one new region a title."""
    rows: list[dict[str, Any]] = [
        {"code": f"r{at}", "name_th": title, "name_en": title} for at, title in enumerate(titles)
    ]
    stream = io.BytesIO()
    write_workbook(Exchange(LocalText("ทดสอบ", "Test"), {"regions": rows}, [2027], {}), translator("th"), "th", stream)
    return stream.getvalue()


def upload(content: bytes) -> Callable[[Session], Any]:
    return by("admin", lambda session, actor: apply_import(session, actor, io.BytesIO(content), "regions.xlsx"))


def queue(session: Session) -> None:
    add_run(session, OPERATOR, "พร้อมกัน", load_inputs(session))


def add_region(session: Session) -> None:
    save_row(session, OPERATOR, TABLES["regions"], REGION)


def change_region(name: str) -> Callable[[Session], Any]:
    typed = {"name_th": name, "name_en": name}
    return lambda session: save_row(session, OPERATOR, TABLES["regions"], typed, code="north", version=1)


def rename_first(name: str) -> Callable[[Session], Any]:
    """Change by hand the first row of what was imported."""
    typed = {"name_th": name, "name_en": name}
    return lambda session: save_row(session, OPERATOR, TABLES["regions"], typed, code="r0", version=1)


def change_policy(tolerance: float) -> Callable[[Session], Any]:
    return lambda session: put_policy(session, OPERATOR, Policy(tolerance=tolerance))


def drop_row(table: str, code: str) -> Callable[[Session], Any]:
    return lambda session: remove_row(session, OPERATOR, TABLES[table], code, 1)


def both(name: str, deed: Callable[[Session], Any]) -> Race:
    """Two at one and the same."""
    return Race(name, deed, deed)


KEEP: Final = """
DO $$
DECLARE name text;
BEGIN
    CREATE SCHEMA filled;
    CREATE TABLE filled.sequences AS SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('CREATE TABLE filled.%1$I AS TABLE public.%1$I', name);
    END LOOP;
END $$
"""
"""Keeps a copy of every table in a schema of its own."""
PUT_BACK: Final = """
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica; -- neither foreign keys nor guards stand in the way
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%1$I SELECT * FROM filled.%1$I', name);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
    FROM filled.sequences;
END $$
"""
"""Makes every table what it was when it was kept: much quicker than another copy of the database."""

RACES: Final = (
    Race("save-save", entry("ministry", "R-000007", 1, title="หนึ่ง"), entry("planner", "R-000007", 1, title="สอง")),
    Race("save-submit", entry("ministry", "R-000007", 1, title="หนึ่ง"), step("planner", Action.SUBMIT, "R-000007")),
    Race("submit-withdraw", step("ministry", Action.SUBMIT, "R-000007"), step("planner", Action.WITHDRAW, "R-000007")),
    both("submit-submit", step("ministry", Action.SUBMIT, "R-000007")),
    Race("approve-return", step("planner", Action.APPROVE, "R-000008"), step("planner2", Action.RETURN, "R-000008")),
    Race("approve-approve", step("planner", Action.APPROVE, "R-000008"), step("planner2", Action.APPROVE, "R-000008")),
    Race("revision-approve-return", step("planner", Action.APPROVE, "R-000006"),
         step("planner2", Action.RETURN, "R-000006")),
    Race("revision-approve-save", step("planner", Action.APPROVE, "R-000006"),
         entry("ministry", "R-000006", 1, note="y")),
    Race("approve-reopen", step("planner", Action.APPROVE, "R-000008"), step("ministry", Action.REOPEN, "R-000008")),
    Race("revise-withdraw", entry("ministry", "R-000001", 1, note="x"), step("planner", Action.WITHDRAW, "R-000001")),
    Race("create-create", new("ministry", "หนึ่ง", "k-1"), new("planner", "สอง", "k-2")),
    both("create-once", new("ministry", "หนึ่ง", "k-1")),
    both("import-import", upload(workbook("ใต้", "ตะวันออก"))),
    Race("import-other", upload(workbook("ใต้")), upload(workbook("อีสาน"))),
    Race("import-save", upload(workbook("ใต้")), rename_first("ใต้ตอนบน")),
    both("undo-undo", by("admin", undo_import, 1)),
    Race("undo-save", by("admin", undo_import, 1), rename_first("ใต้ตอนบน")),
    Race("queue-queue", queue, queue),
    Race("publish-publish", by("manager", publish_plan, "P-000002", "หนึ่ง", seen="P-000001"),
         by("manager", publish_plan, "P-000003", "สอง", seen="P-000001")),
    both("publish-once", by("manager", publish_plan, "P-000002", "หนึ่ง", seen="P-000001")),
    both("reports-reports", by("planner", ask_for_reports, "P-000002")),
    both("cancel-cancel", by("planner", jobs.cancel_job, JobKind.PLAN_RUN, "P-000004")),
    both("retry-retry", by("planner", jobs.retry_job, JobKind.PLAN_RUN, "P-000005")),
    both("comment-comment", by("ministry", comments.add_comment, SUBJECT, "ขอบคุณ")),
    both("detach-detach", by("ministry", detach, Shelf(Path("no-folder")), TOKEN)),
    both("follow-follow", by("auditor", inbox.follow, SUBJECT, wanted=True)),
    both("mail-mail", by("ministry", inbox.set_mail, wanted=True)),
    both("read-read", by("ministry", inbox.mark_read, None)),
    both("view-view", by("ministry", views.save_view, "requirements.index", views.View("ของฉัน", "q=1"))),
    both("profile-profile", by("ministry", profile.save_profile, profile.Profile("ชื่อใหม่", "a@example.go.th"))),
    both("token-token", by("ministry", issue_token, NewToken("x", 7, ("requirements:read",)), NOW)),
    Race("policy-policy", change_policy(0.002), change_policy(0.003)),
    both("round-round", lambda session: save_round(session, OPERATOR, ROUND)),
    both("extend-extend", lambda session: extend_round(session, OPERATOR, "2570-1", LONGER)),
    both("region-region", add_region),
    Race("region-changes", change_region("เหนือ"), change_region("ภาคเหนือตอนบน")),
    Race("region-removed", change_region("เหนือ"), drop_row("regions", "north")),
    Race("priority-used", drop_row("priorities", "low"), new("ministry", "หนึ่ง", "k-1")),
    both("invite-invite", by("admin", accounts.invite, "new", NOBODY, NOW)),
    both("deactivate-deactivate", by("admin", accounts.deactivate, "hr")),
    Race("deactivate-each-other", by("admin", accounts.deactivate, "admin2"),
         by("admin2", accounts.deactivate, "admin")),
    both("link-link", by("admin", accounts.issue_link, "manager", NOW)),
    both("scenario-scenario", by("planner", save_scenario, {"name": "ถ้า"})),
    both("adjust-adjust", by("planner", put_adjustment, "S-000001", {"change": "20"}, kind="demand", version=2)),
    both("archive-archive", by("planner", archive_scenario, "S-000001", 2)),
    Race("promote-save", by("planner", promote_scenario, "S-000001", 2), entry("ministry", "R-000001", 1, title="หนึ่ง")),
    both("promote-promote", by("planner", promote_scenario, "S-000001", 2)),
    both("erase-erase", by("hr", erase_person, "P4", "P4")),
    both("quarter-quarter", keep_quarter),
)  # fmt: skip


def scenario_version(session: Session) -> int:
    """The version of the one scenario there is."""
    return session.scalars(select(models.Scenario.version)).one()


def fill(engine: Engine) -> None:
    """What is raced for: drafts and submitted ones, three plans of which one is in force, jobs, a scenario, a round."""
    sessions = open_sessions(engine)
    with sessions.begin() as session:
        add_small_world(session)
        add_small_register(session)
        seed_demo_accounts(session)
        session.add(User(username="admin2", full_name="admin2", password_hash="-", role=models.Role.ADMINISTRATOR))
    for _ in range(3):
        run_plan(sessions, OPERATOR, "แผน")
    with sessions.begin() as session:
        publish_plan(session, OPERATOR, "P-000001", "มติ", seen=None)
        save_rows(session, OPERATOR, [RowEdit(None, None, {**NEW, "title": title}) for title in ("ร่าง", "ส่งแล้ว")])
        reviewing.act(session, who(session, "ministry"), Action.SUBMIT, ["R-000008"])
        save_rows(session, who(session, "ministry"), [RowEdit("R-000006", 1, {"note": "ใหม่"})])
        reviewing.act(session, who(session, "ministry"), Action.SUBMIT, ["R-000006"])
        upload = Upload("a.txt", io.BytesIO(b"a"))
        with tempfile.TemporaryDirectory() as folder:
            attach(session, who(session, "ministry"), Shelf(Path(folder)), SUBJECT, upload)
        session.scalars(select(models.Attachment)).one().token = TOKEN
        inputs: Inputs = load_inputs(session)
        for _ in range(2):
            add_run(session, OPERATOR, "รอ", inputs)
        jobs.cancel_job(session, OPERATOR, JobKind.PLAN_RUN, "P-000005")
        code = save_scenario(session, OPERATOR, {"name": "ถ้าความต้องการเพิ่มขึ้น"})
        put_adjustment(session, OPERATOR, code, {"change": "10"}, kind="demand", version=scenario_version(session))
        save_round(session, OPERATOR, {**ROUND, "code": "2570-1", "opens_day": "1/10/2563", "closes_day": "1/10/2663"})
        apply_import(session, who(session, "admin"), io.BytesIO(workbook("กลางตอนล่าง", "ตะวันตก", "อื่น")), "regions.xlsx")


@pytest.fixture(scope="module")
def sqlite_fresh(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Gives a copy of the filled SQLite file."""
    folder = tmp_path_factory.mktemp("races")
    template = Path(shutil.copy(sqlite_template, folder / "filled.db"))
    engine = open_engine(f"sqlite:///{template}")
    fill(engine)
    engine.dispose()

    engine = open_engine(f"sqlite:///{folder / 'race.db'}")  # one for all: it remembers how to say each query

    @contextmanager
    def fresh() -> Iterator[Engine]:
        shutil.copy(template, folder / "race.db")
        yield engine
        engine.dispose()
        for left in folder.glob("race.db*"):
            left.unlink()

    return fresh


@pytest.fixture(scope="module")
def postgresql_fresh(postgresql_databases: PostgresqlDatabases, postgresql_template: str) -> Iterator[Fresh]:
    """Gives one PostgreSQL database, put back each time to what it was filled with."""
    url = postgresql_databases.create(postgresql_template)
    engine = open_engine(url.render_as_string(hide_password=False))
    fill(engine)
    with engine.begin() as connection:
        connection.execute(text(KEEP))

    @contextmanager
    def fresh() -> Iterator[Engine]:
        with engine.begin() as connection:
            connection.execute(text(PUT_BACK))
        yield engine
        engine.dispose()

    yield fresh
    postgresql_databases.drop(url)


def every_try() -> Iterator[Any]:
    for number, race in enumerate(RACES):
        for database in ("sqlite", "postgresql"):
            if EVERY or database == "sqlite" or number % ON_SERVER == 0:
                yield pytest.param(database, race, id=f"{database}-{race.name}")


@pytest.mark.parametrize(("database", "race"), [*every_try()])
def test_a_race_ends_as_if_one_had_come_after_the_other(
    request: pytest.FixtureRequest, database: str, race: Race
) -> None:
    fresh: Fresh = request.getfixturevalue(f"{database}_fresh")
    moments: Sequence[int] = range(count_moments(race, fresh))
    if not EVERY:
        moments = [random.Random(race.name).choice(moments)]  # noqa: S311 - a moment, not a secret
    in_turn = ends_in_turn(race, fresh)
    faults: Mapping[int, str] = {moment: fault_of(race, fresh, moment, in_turn) for moment in moments}
    assert not {moment: said for moment, said in faults.items() if said}
