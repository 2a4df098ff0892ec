"""What is removed in time, and what never is."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from closing_runs import finished_closing
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

import models
from planner.cli import main
from planner.errors import ForbiddenError, NotFoundError
from planner.services import audit, retention
from planner.services.attachments import Shelf
from planner.services.permissions import OPERATOR, Actor
from planner.services.planning import load_plan, run_plan
from planner.services.retention import Purge
from planner.services.sign_ins import Lifetimes
from planner.services.stray_files import lost_files, stray_files

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
OLD, YOUNG = NOW - dt.timedelta(days=400), NOW - dt.timedelta(days=20)
LIFETIMES = Lifetimes(dt.timedelta(hours=2), dt.timedelta(hours=12))
YEAR = Purge(LIFETIMES, NOW, NOW - dt.timedelta(days=365))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / "attachments")


def a_run(number: int, at: dt.datetime = OLD, status: str = "solved", **columns: object) -> models.PlanRun:
    return models.PlanRun(
        code=f"P-{number:06}", name=f"แผน {number}", status=models.RunStatus(status), input_snapshot=b"x",
        input_sha256=f"{number:064}", planner_version="0", created_at=at, finished_at=at,
        solve_status=models.SolveStatus.OPTIMAL if status == "solved" else None, **columns,
    )  # fmt: skip


def a_job(kind: models.JobKind, subject: str, status: str = "done", at: dt.datetime = OLD) -> models.Job:
    running = status == "running"
    job = models.Job(
        kind=kind, subject=subject, status=models.JobStatus(status), created_at=at,
        finished_at=None if running else at, executor="w" if running else None,
    )  # fmt: skip
    job.lines.append(models.JobLine(at=at, text={"msgid": "Done.", "params": {}}))
    return job


def archive(run: models.PlanRun, made_at: dt.datetime) -> models.ReportArchive:
    return models.ReportArchive(
        run_id=run.id, language="th", planner_version="0", made_at=made_at, size=1, content=b"x"
    )


def counts(table: object) -> dict[str, int]:
    return {label.msgid: count for label, count in table.rows}


def codes(sessions: sessionmaker[Session], table: type[models.PlanRun] = models.PlanRun) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(table.code).order_by(table.id)))


def test_old_runs_go_with_all_that_is_theirs_and_whatever_is_needed_stays(
    sessions: sessionmaker[Session], shelf: Shelf, person: Callable[..., Actor]
) -> None:
    who = person(models.Role.DE_PLANNER).user_id
    with sessions.begin() as session:
        runs = [
            a_run(1),
            a_run(2, status="failed"),
            a_run(3),  # was published
            a_run(4),  # somebody wrote about it
            a_run(5, sweep="W-000001", status="cancelled"),
            a_run(6, YOUNG, sweep="W-000001"),
            a_run(7, sweep="W-000002"),
            a_run(8, sweep="W-000002"),
            a_run(9),  # its workbooks are being made
            a_run(10, status="queued"),
            a_run(11),  # the newest of the base
            a_run(12, status="failed"),  # the last of all
        ]
        session.add_all(runs)
        session.add_all(models.Sweep(code=f"W-{number:06}", name="ทีละน้อย", created_at=OLD) for number in (1, 2, 3))
        session.flush()
        session.add(archive(runs[0], YOUNG))
        session.add_all([a_job(models.JobKind.PLAN_RUN, "P-000001"), a_job(models.JobKind.REPORT_SET, "P-000001")])
        session.add(a_job(models.JobKind.REPORT_SET, "P-000009", "running"))
        session.add(models.Publication(run_id=runs[2].id, note="มติ", published_at=OLD))
        session.add(models.Comment(subject="plan:P-000004", author_id=who, written_at=OLD, text="ดี"))
        session.add(models.Follower(subject="plan:P-000001", user_id=who))
        session.add(models.InboxItem(user_id=who, subject="plan:P-000001", event="x", actor="x", note="", at=YOUNG))
    expected = {"Plan runs": 4, "Workforce plans": 0}
    dry = counts(retention.purge(sessions, OPERATOR, shelf, YEAR, dry_run=True))
    assert expected.items() <= dry.items()
    assert len(codes(sessions)) == 12
    assert counts(retention.purge(sessions, OPERATOR, shelf, YEAR)) == dry
    assert codes(sessions) == [f"P-{number:06}" for number in (3, 4, 5, 6, 9, 10, 11, 12)]
    assert codes(sessions, models.Sweep) == ["W-000001", "W-000003"]
    with sessions() as session:
        for table in (models.ReportArchive, models.Follower, models.InboxItem, models.Removal):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        assert session.scalars(select(models.Job.subject)).all() == ["P-000009"]
        assert session.scalar(select(func.count()).select_from(models.JobLine)) == 1
        removed = select(models.AuditEntry.subject, models.AuditEntry.changes).where(
            models.AuditEntry.action == "removed"
        )
        found = dict(session.execute(removed).all())
        assert set(found) == {f"plan:P-{number:06}" for number in (1, 2, 7, 8)} | {"sweep:W-000002"}
        assert found["plan:P-000001"] == {"name": ["แผน 1", None], "input_sha256": [f"{1:064}", None]}
        assert not audit.verify_chain(session, OPERATOR).breaks
    again = retention.purge(sessions, OPERATOR, shelf, YEAR)
    assert not any(counts(again).values())


def test_a_solved_run_goes_with_all_its_parts(world: sessionmaker[Session], shelf: Shelf) -> None:
    first, second = (run_plan(world, OPERATOR, name) for name in ("แผนแรก", "แผนที่สอง"))
    parts = (models.PlanLevel, models.Placement, models.Shortfall, models.ShortfallReason, models.PoolUse)
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    with world() as session:
        kept = {part: session.scalar(select(func.count()).select_from(part)) // 2 for part in parts}
        assert all(kept.values())
    assert counts(retention.purge(world, OPERATOR, shelf, Purge(LIFETIMES, tomorrow, tomorrow)))["Plan runs"] == 1
    assert codes(world) == [second]
    with world() as session:
        assert {part: session.scalar(select(func.count()).select_from(part)) for part in parts} == kept
        assert load_plan(session, OPERATOR, second).plan.placements
        with pytest.raises(NotFoundError):
            load_plan(session, OPERATOR, first)


def test_a_run_that_somebody_needs_by_now_stays(
    sessions: sessionmaker[Session], shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is published after it was chosen and before it goes."""
    from planner.services.retention import purging  # noqa: PLC0415 - patched below

    with sessions.begin() as session:
        session.add_all([a_run(1), a_run(2), a_run(3)])
    lock = purging.lock

    def and_somebody_publishes(session: Session, name: str) -> None:
        lock(session, name)
        if not session.scalar(select(func.count()).select_from(models.Publication)):
            first = session.scalars(select(models.PlanRun.id).where(models.PlanRun.code == "P-000001")).one()
            session.add(models.Publication(run_id=first, note="มติ", published_at=NOW))
            session.flush()

    monkeypatch.setattr(purging, "lock", and_somebody_publishes)
    assert counts(retention.purge(sessions, OPERATOR, shelf, YEAR))["Plan runs"] == 1
    assert codes(sessions) == ["P-000001", "P-000003"]


def test_the_database_lets_nothing_finished_go_that_nobody_named(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        session.add_all([a_run(1), finished_closing()])
    for table in (models.PlanRun, models.ClosingRun):
        with sessions() as session, pytest.raises(IntegrityError, match="cannot be changed"):
            session.execute(delete(table))
    with sessions.begin() as session:
        run = session.scalars(select(models.PlanRun)).one()
        session.add(models.Publication(run_id=run.id, note="มติ", published_at=NOW))
    with sessions() as session:  # published, it stays even if somebody names it
        session.add(models.Removal(subject="plan:P-000001"))
        session.flush()
        with pytest.raises(IntegrityError):
            session.execute(delete(models.PlanRun))


def test_old_workforce_plans_go_but_the_newest(sessions: sessionmaker[Session], shelf: Shelf) -> None:
    with sessions.begin() as session:
        for number in (1, 2, 3):
            run = finished_closing()
            run.code, run.created_at, run.finished_at = f"WF-{number:06}", OLD, OLD
            run.what_if = {"hiring": {"budget": 0.5}} if number == 3 else {}
            session.add(run)
            session.flush()
    assert counts(retention.purge(sessions, OPERATOR, shelf, YEAR))["Workforce plans"] == 1
    assert codes(sessions, models.ClosingRun) == ["WF-000002", "WF-000003"], "the newest as it is, and the last"


def test_what_has_expired_goes_always_and_what_is_old_only_if_asked_for(
    world: sessionmaker[Session], shelf: Shelf, person: Callable[..., Actor]
) -> None:
    who = person(models.Role.DE_PLANNER).user_id
    moments = {"over": NOW - dt.timedelta(hours=13), "idle": NOW - dt.timedelta(hours=3), "there": NOW}
    with world.begin() as session:
        for name, seen in moments.items():
            session.add(
                models.SignIn(
                    user_id=who, token_hash=name.ljust(64, "0"), signed_in_at=seen, last_seen_at=seen,
                    address="::1", device="x",
                )
            )  # fmt: skip
        session.add(models.PasswordLink(user_id=who, token_hash="0" * 64, expires_at=NOW))
        for token, ends in (("0", NOW), ("1", NOW + dt.timedelta(days=1))):
            session.add(
                models.ApiToken(
                    user_id=who, name="x", token_hash=token * 64, scopes=(), created_at=OLD, expires_at=ends
                )
            )  # fmt: skip
        session.add(models.AddressFailures(address="::1", failures=3, since=OLD))
        session.add(models.AddressFailures(address="::2", failures=3, since=NOW))
        for read in (OLD, YOUNG, None):
            session.add(
                models.InboxItem(user_id=who, subject="site:A", event="x", actor="x", note="", at=OLD, read_at=read)
            )
        for at in (OLD, YOUNG):
            batch = models.ImportBatch(file_name="x", sha256="0" * 64, synthetic=True, counts={}, imported_at=at)
            batch.rows.append(models.ImportRow(sheet="sites", identity=["A"], added=True, cells={}))
            session.add(batch)
        runs = [a_run(1, YOUNG), a_run(2, YOUNG)]
        session.add_all(runs)
        session.flush()
        for run, made in zip(runs, (OLD, YOUNG), strict=True):
            session.add(archive(run, made))
            session.add(a_job(models.JobKind.REPORT_SET, run.code))
    forever = counts(retention.purge(world, OPERATOR, shelf, Purge(LIFETIMES, NOW, None)))
    assert forever == {
        "Sign-ins that are over": 2,
        "Expired links for setting a password": 1,
        "Expired tokens of programs": 1,
        "Failed sign-ins that no longer count": 1,
        "Attached files that nothing names": 0,
    }
    dry = counts(retention.purge(world, OPERATOR, shelf, YEAR, dry_run=True))
    assert counts(retention.purge(world, OPERATOR, shelf, YEAR)) == dry
    assert {label: count for label, count in dry.items() if count} == {
        "Workbooks of plans that were never published": 1,
        "Ended work on workbooks that are gone": 1,
        "Notices that were read": 1,
        "What imports kept to be undone": 1,
    }
    with world() as session:
        assert session.scalar(select(func.count()).select_from(models.ImportBatch)) == 2
        told = select(models.AuditEntry.changes).where(models.AuditEntry.action == "purged")
        assert session.scalars(told.order_by(models.AuditEntry.position)).all() == [
            {"sign_ins": [2, 0], "password_links": [1, 0], "api_tokens": [1, 0], "address_failures": [1, 0]},
            {"report_sets": [1, 0], "report_jobs": [1, 0], "notices": [1, 0], "import_rows": [1, 0]},
        ]


def test_files_that_nothing_names_go_once_they_have_settled(
    sessions: sessionmaker[Session], shelf: Shelf, person: Callable[..., Actor]
) -> None:
    who = person(models.Role.DE_PLANNER).user_id
    tokens = {name: name * 32 for name in ("a", "b", "c")}
    for token in (tokens["a"], tokens["b"]):
        shelf.put(token, b"x")
    (shelf.folder / "aa" / "notes.txt").write_text("somebody's own")
    with sessions.begin() as session:
        for name in ("b", "c"):
            session.add(
                models.Attachment(
                    token=tokens[name], subject="site:A", name=name, media_type="x/y", size=1, sha256="0" * 64,
                    attached_by_id=who, attached_at=NOW,
                )
            )  # fmt: skip
    written = dt.datetime.now(dt.UTC)
    with sessions() as session:
        assert stray_files(session, shelf, written) == ()
        assert stray_files(session, shelf, written + dt.timedelta(days=2)) == (tokens["a"],)
        assert lost_files(session, shelf) == (tokens["c"],)
    later = Purge(LIFETIMES, written + dt.timedelta(days=2), None)
    assert counts(retention.purge(sessions, OPERATOR, shelf, later))["Attached files that nothing names"] == 1
    assert sorted(path.name for path in shelf.folder.rglob("*") if path.is_file()) == [tokens["b"], "notes.txt"]


def test_only_who_holds_the_machine_purges(
    sessions: sessionmaker[Session], shelf: Shelf, person: Callable[..., Actor]
) -> None:
    with pytest.raises(ForbiddenError):
        retention.purge(sessions, person(models.Role.ADMINISTRATOR), shelf, YEAR)


def test_the_command_goes_by_the_setting_unless_told(
    sqlite_engine: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Session(sqlite_engine) as session, session.begin():
        session.add_all([a_run(1), a_run(2), a_run(3)])
    environ = {"PLANNER_DATABASE_URL": str(sqlite_engine.url), "PLANNER_LANGUAGE": "en"}
    kept = CliRunner().invoke(main, ["purge"], env=environ)
    assert kept.exit_code == 0, kept.output
    assert "Plan runs" not in kept.stdout
    would = CliRunner().invoke(main, ["purge", "--dry-run"], env=environ | {"PLANNER_KEEP_DAYS": "30"})
    assert "Would be removed" in would.stdout
    assert "Plan runs" in would.stdout
    gone = CliRunner().invoke(main, ["purge", "--days", "30"], env=environ)
    assert [line.split() for line in gone.stdout.splitlines() if line.startswith("Plan runs")] == [
        ["Plan", "runs", "2"]
    ]
    assert codes(sessionmaker(sqlite_engine)) == ["P-000003"]
