"""The audit log: written with the transaction, linked into one chain, never rewritten without showing it."""

import ast
import threading
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from models import AuditEntry, AuditHead, Role
from planner import services
from planner.errors import ForbiddenError
from planner.services.audit import record, verify_chain
from planner.services.permissions import OPERATOR, Actor
from planner.services.transitions import TRANSITIONS
from planner.services.wording import ACTIONS

SOMCHAI = Actor(1, "somchai", "สมชาย", Role.DE_PLANNER)
TABLES = (AuditEntry, AuditHead)


@pytest.fixture
def chain(sessions):
    """Ten entries, each committed on its own."""
    for number in range(1, 11):
        with sessions.begin() as session:
            changes = {"title": ("ก", f"ข{number}")}
            record(session, SOMCHAI, "changed", f"requirement:R-{number:06}", changes, note="เหตุผล")
    return sessions


def entries(sessions) -> list[AuditEntry]:
    with sessions() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.position)))


def verified(sessions, **options) -> list[tuple[int, str]]:
    with sessions() as session:
        return [
            (found.position, str(found.message.msgid)) for found in verify_chain(session, OPERATOR, **options).breaks
        ]


def tamper(sessions, *statements) -> None:
    """What somebody with the database in hand may do: switch the guards off first."""
    with sessions.begin() as session:
        if session.get_bind().dialect.name == "sqlite":
            for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
                if name.startswith("audit_"):
                    session.execute(text(f"DROP TRIGGER {name}"))
        else:
            for table in TABLES:
                session.execute(text(f"ALTER TABLE {table.__tablename__} DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(statement)


def test_an_entry_says_who_did_what_to_which_object(sessions) -> None:
    with sessions.begin() as session:
        changes = {"name": ("a", "b"), "same": (1, 1), "new": (None, [2.5])}
        record(session, SOMCHAI, "changed", "site:BKK1", changes, note="why")
        record(session, None, "sign_in_failed", "account:nobody")
    first, second = entries(sessions)
    assert (first.position, first.actor, first.role, first.action) == (1, "somchai", "de_planner", "changed")
    assert (first.subject, first.note) == ("site:BKK1", "why")
    assert first.changes == {"name": ["a", "b"], "new": [None, [2.5]]}
    assert (second.position, second.actor, second.role, second.changes) == (2, "", "", {})
    assert verified(sessions) == []


def test_what_is_no_json_is_refused_at_once(sessions) -> None:
    with sessions() as session:
        with pytest.raises(TypeError):
            record(session, SOMCHAI, "changed", "site:BKK1", {"x": (None, object())})
        with pytest.raises(ValueError, match="JSON compliant"):
            record(session, SOMCHAI, "changed", "site:BKK1", {"x": (None, float("nan"))})


def test_an_undone_transaction_leaves_no_entry(sessions) -> None:
    with sessions() as session:
        record(session, SOMCHAI, "created", "site:A")
        session.rollback()
        record(session, SOMCHAI, "created", "site:B")
        session.commit()
    assert [(entry.position, entry.subject) for entry in entries(sessions)] == [(1, "site:B")]


def test_an_undone_savepoint_takes_its_entries_along_and_no_others(sessions) -> None:
    with sessions.begin() as session:
        record(session, SOMCHAI, "created", "site:A")
        undone = session.begin_nested()
        record(session, SOMCHAI, "created", "site:B")
        with session.begin_nested():
            record(session, SOMCHAI, "created", "site:C")
        undone.rollback()
        with session.begin_nested():
            record(session, SOMCHAI, "created", "site:D")
    assert [entry.subject for entry in entries(sessions)] == ["site:A", "site:D"]
    assert verified(sessions) == []


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__tablename__)
def test_the_database_refuses_to_rewrite(chain, table) -> None:
    for statement in (update(table).values(position=1), delete(table)):
        with chain() as session, pytest.raises(IntegrityError, match="only ever added to"):
            session.execute(statement)


def test_postgresql_refuses_to_empty_the_log(chain) -> None:
    with chain() as session:
        if session.get_bind().dialect.name == "sqlite":
            return  # knows no TRUNCATE
        for table in TABLES:
            with pytest.raises(IntegrityError, match="only ever added to"):
                session.execute(text(f"TRUNCATE {table.__tablename__}"))
            session.rollback()


MISSING = "Entries %(first)s to %(last)s are missing."
REWRITTEN = "The entry is not as it was written."
OTHER_END = "The end of the chain is not the one that was kept."


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        (update(AuditEntry).where(AuditEntry.position == 4).values(actor="other"), [(4, REWRITTEN)]),
        (update(AuditEntry).where(AuditEntry.position == 4).values(changes={}), [(4, REWRITTEN)]),
        (update(AuditEntry).where(AuditEntry.position == 4).values(note=""), [(4, REWRITTEN)]),
        (update(AuditEntry).where(AuditEntry.position == 4).values(hash="f" * 64), [(4, REWRITTEN), (5, REWRITTEN)]),
        (delete(AuditEntry).where(AuditEntry.position.between(4, 6)), [(4, MISSING)]),
        (delete(AuditEntry).where(AuditEntry.position == 1), [(1, MISSING)]),
        (delete(AuditEntry).where(AuditEntry.position > 8), [(9, MISSING)]),
        (delete(AuditEntry), [(1, MISSING)]),
        (update(AuditEntry).where(AuditEntry.position == 10).values(hash="f" * 64), [(10, REWRITTEN), (10, OTHER_END)]),
        (update(AuditHead).values(position=8), [(10, OTHER_END)]),
    ],
)  # fmt: skip
def test_verifying_finds_what_was_tampered_with(chain, statement, found) -> None:
    tamper(chain, statement)
    assert verified(chain) == found


def test_a_chain_forged_as_a_whole_shows_against_an_anchor(chain) -> None:
    with chain() as session:
        kept = verify_chain(session, OPERATOR)
    anchor = (kept.entries, kept.head)
    assert kept.entries == 10
    assert verified(chain, anchor=anchor) == []
    tamper(chain, delete(AuditEntry).where(AuditEntry.position > 5))
    shorter = entries(chain)[-1]
    tamper(chain, update(AuditHead).values(position=5, hash=shorter.hash))
    assert verified(chain) == []
    assert verified(chain, anchor=anchor) == [(6, MISSING)]
    with chain.begin() as session:
        for _ in range(5):
            record(session, SOMCHAI, "changed", "site:X")
    assert verified(chain) == []
    assert verified(chain, anchor=anchor) == [(10, "The hash is not the one that was noted before.")]


def test_only_those_who_may_see_the_log_verify_it(sessions) -> None:
    with sessions() as session, pytest.raises(ForbiddenError):
        verify_chain(session, SOMCHAI)


def test_many_at_once_make_one_chain(sessions) -> None:
    """Real threads, each with its own connection, some transactions of several entries and some undone."""
    writers, rounds = 8, 12
    start = threading.Barrier(writers)
    failures: list[BaseException] = []

    def write(name: int) -> None:
        start.wait()
        try:
            for turn in range(rounds):
                with sessions() as session:
                    for part in range(1 + turn % 3):
                        record(session, SOMCHAI, "changed", f"site:{name}-{turn}-{part}")
                    session.rollback() if turn % 4 == 3 else session.commit()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    written = writers * sum(1 + turn % 3 for turn in range(rounds) if turn % 4 != 3)
    assert [entry.position for entry in entries(sessions)] == list(range(1, written + 1))
    assert verified(sessions) == []


def test_everything_that_is_recorded_or_told_has_words() -> None:
    """Every action that stands in the code as it is given to `record` or `notify`."""
    actions = {
        call.args[at].value
        for path in Path(services.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for name, at in (("record", 2), ("notify", 3))
        if ast.unparse(call.func) in {name, f"audit.{name}", f"inbox.{name}"}
        if len(call.args) > at and isinstance(call.args[at], ast.Constant)
    }
    assert {"signed_in", "created", "commented"} <= actions
    assert actions <= set(ACTIONS)
    assert {transition.event for transition in TRANSITIONS.values()} <= set(ACTIONS)
