"""What is given spoiled files: every reader of something that comes from outside.

A reader may take a file or refuse it with a `PlannerError`; any other exception is a defect, and so is an answer that
contradicts itself: what was read must be written and read again as the same, and whoever imports a workbook for one
ministry must leave the rows of all others as they are.
"""

import io
import shutil
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from random import Random
from typing import Any, Final

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, sessionmaker

from models import Agency, Base, Dataset, Ministry, Requirement, Role, User
from planner.allocation import solve
from planner.allocation.plan_file import dump_plan, read_plan
from planner.allocation.problem_file import dump_problem, read_problem
from planner.bench.problems import bench_problem
from planner.cli.fuzz.mutating import (
    NASTY,
    Mutation,
    spoil_archive,
    spoil_backup,
    spoil_bytes,
    spoil_json,
)
from planner.db import migrate, open_engine, open_sessions
from planner.i18n import DEFAULT_LANGUAGE, translator
from planner.services.attachments import Shelf
from planner.services.backups import restore_backup, write_backup
from planner.services.filetypes import detect, safe_name
from planner.services.importing import apply_import, preview_import, write_export
from planner.services.permissions import OPERATOR, Actor, actor_of
from planner.services.sample import build_sample
from reports.catalogue import DATASETS
from reports.cells import CellError, parse_cell
from reports.ckan import write_packages
from reports.columns import Values
from reports.reader import read_workbook
from reports.sheets import SHEETS
from reports.template import Exchange, write_workbook

REQUIREMENTS: Final = 40
"""Requirements of the problem that is spoiled."""
ROWS: Final = 6
"""Rows of each sheet of the workbooks that are spoiled: many small ones find more than a few large ones."""


class ContradictionError(Exception):
    """What a reader said or did cannot be right."""


@dataclass(frozen=True)
class Target:
    """A reader, sound files that it takes, and the ways to spoil them."""

    read: Callable[[bytes], object]
    sound: Sequence[bytes]
    spoil: Sequence[Mutation]

    def case(self, chance: Random) -> bytes:
        """One spoiled file."""
        return chance.choice(self.spoil)(chance, chance.choice(self.sound))


class Ground:
    """The databases that targets work on, made when first asked for and taken away when `stack` ends."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planner-fuzz-")))

    @cached_property
    def blank(self) -> Engine:
        """An empty database of the newest tables."""
        engine = self._open("blank")
        migrate(engine)
        return engine

    @cached_property
    def filled(self) -> tuple[sessionmaker[Session], list[Actor]]:
        """A database with the small sample, and who imports into it: a ministry, DE and human resources."""
        self.blank.dispose()
        shutil.copy(self.folder / "blank", self.folder / "filled")
        sessions = open_sessions(self._open("filled"))
        with sessions.begin() as session:
            apply_import(session, OPERATOR, io.BytesIO(_written(_small_sample())), "sample.xlsx")
            home = session.scalars(select(Ministry).order_by(Ministry.code)).first()
            homes = {Role.MINISTRY_PLANNER: home, Role.DE_PLANNER: None, Role.HR: None}
            users = [
                User(username=role.value, full_name=role.value, role=role, ministry=ministry)
                for role, ministry in homes.items()
            ]
            session.add_all(users)
            session.flush()
            return sessions, [actor_of(user) for user in users]

    def _open(self, name: str) -> Engine:
        engine = open_engine(f"sqlite:///{self.folder / name}")
        self._stack.callback(engine.dispose)
        return engine


def prepare(names: Sequence[str], stack: ExitStack) -> Mapping[str, Target]:
    """The targets of these names, ready; what they need is taken away when `stack` ends."""
    ground = Ground(stack)
    return {name: TARGETS[name](ground) for name in names}


def _workbook(_ground: Ground) -> Target:
    files = [_written(part) for part in _parts(_small_sample())]
    return Target(lambda data: read_workbook(io.BytesIO(data)), files, (spoil_archive, spoil_archive, spoil_bytes))


def _problem(_ground: Ground) -> Target:
    text = dump_problem(bench_problem(REQUIREMENTS, 3)).encode()
    return Target(partial(_twice, read_problem, dump_problem), [text], (spoil_json, spoil_json, spoil_bytes))


def _plan(_ground: Ground) -> Target:
    text = dump_plan(solve(bench_problem(REQUIREMENTS, 3))).encode()
    return Target(partial(_twice, read_plan, dump_plan), [text], (spoil_json, spoil_json, spoil_bytes))


def _attachment(_ground: Ground) -> Target:
    files = [
        _written(_small_sample()),
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0",
        "ก,1\n".encode("cp874"),
    ]
    return Target(_detect, files, (spoil_bytes, spoil_bytes, _spoil_any_archive))


def _cell(_ground: Ground) -> Target:
    return Target(_parse_cells, [text.encode("utf-8", "surrogatepass") for text in NASTY], (spoil_bytes,))


def _import(ground: Ground) -> Target:
    sessions, people = ground.filled
    files = []
    with sessions() as session:
        for actor in people:
            stream = io.BytesIO()
            write_export(session, actor, DEFAULT_LANGUAGE, stream)
            files.append(stream.getvalue())
    spoils = (spoil_archive, spoil_archive, spoil_archive, spoil_bytes)
    return Target(_Import(sessions, people).read, files, spoils)


def _catalogue(ground: Ground) -> Target:
    sessions, people = ground.filled
    sample = _small_sample()
    agencies = {str(row["code"]): {"name": str(row["code"])} for row in sample.rows["agencies"]}
    text = write_packages(sample.rows[DATASETS.key], agencies, made_up=True).encode()
    return Target(_Import(sessions, people).read, [text], (spoil_json, spoil_json, spoil_bytes))


def _backup(ground: Ground) -> Target:
    sessions, _ = ground.filled
    stream = io.BytesIO()
    write_backup(sessions, OPERATOR, Shelf(ground.folder / "shelf"), stream)
    return Target(partial(_restore, ground), [stream.getvalue()], (spoil_backup,))


TARGETS: Final[Mapping[str, Callable[[Ground], Target]]] = {
    "attachment": _attachment,
    "backup": _backup,
    "catalogue": _catalogue,
    "cell": _cell,
    "import": _import,
    "plan": _plan,
    "problem": _problem,
    "workbook": _workbook,
}
"""How each target is made ready."""


class _Import:
    """Checks and imports a file as everybody who may, and undoes it."""

    def __init__(self, sessions: sessionmaker[Session], people: Sequence[Actor]) -> None:
        self._sessions, self._people = sessions, people

    def read(self, data: bytes) -> None:
        actor = self._people[zlib.crc32(data) % len(self._people)]
        with self._sessions() as session:
            checked = preview_import(session, actor, io.BytesIO(data), "a")
            session.rollback()
            others = _rows_of_others(session, actor)
            done = apply_import(session, actor, io.BytesIO(data), "a")
            if checked.faults or done.changes != checked.changes:
                raise ContradictionError("what was checked is not what was imported")
            session.flush()
            session.expire_all()
            if _rows_of_others(session, actor) != others:
                raise ContradictionError("rows of another ministry changed")


def _rows_of_others(session: Session, actor: Actor) -> list[Any]:
    """What no import of `actor` may change: the requirements and datasets of other ministries."""
    if actor.ministry_id is None:
        return []
    found: list[Any] = []
    for table in (Requirement.__table__, Dataset.__table__):
        theirs = select(table).join(Agency.__table__).where(Agency.ministry_id != actor.ministry_id)
        found += session.execute(theirs.order_by(table.c.id)).all()
    return found


def _twice(read: Callable[[bytes], Any], dump: Callable[[Any], str], data: bytes) -> None:
    """Read a file; what it says must come back the same."""
    text = dump(read(data))
    if dump(read(text.encode("utf-8", "surrogatepass"))) != text:
        raise ContradictionError("what was read is not what is read of it again")


def _detect(data: bytes) -> None:
    name = data[:40].decode("utf-8", "replace")
    kind = detect(data, name)
    if kind is not None and not _is_safe(safe_name(name, kind), kind.ending):
        raise ContradictionError("a name that is not safe")


def _is_safe(name: str, ending: str) -> bool:
    return name.endswith(f".{ending}") and name.isprintable() and not set(name) & set('/\\:*?"<>|')


def _parse_cells(data: bytes) -> None:
    """Every kind of field is given the text, and the number or day that stands in it."""
    text = data.decode("utf-8", "replace")
    day = date.fromordinal(1 + int.from_bytes(data[:3], "big") % date.max.toordinal())
    for field in {field.kind: field for sheet in SHEETS.values() for field in sheet.fields}.values():
        for raw in (text, len(text), -0.5 * len(text), 10 ** min(len(text), 400), day, not text):
            try:
                parse_cell(field, raw)
            except CellError:
                continue


def _spoil_any_archive(chance: Random, data: bytes) -> bytes:
    return (spoil_archive if data.startswith(b"PK") else spoil_bytes)(chance, data)


def _restore(ground: Ground, data: bytes) -> None:
    """Put a backup back into an empty database, which is empty again afterwards."""
    with tempfile.TemporaryDirectory(dir=ground.folder) as shelf:
        restore_backup(ground.blank, OPERATOR, Shelf(Path(shelf)), io.BytesIO(data))
    with ground.blank.begin() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for name, _ in triggers:
            connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
        for _, statement in triggers:
            connection.exec_driver_sql(statement)


def _small_sample() -> Exchange:
    """The sample with two ministries and a few rows of each sheet, all of which refer to what is there."""
    sample = build_sample()
    kept: dict[str, list[Values]] = {}
    codes: dict[str, set[object]] = {}
    for key, sheet in SHEETS.items():
        refers = [(field.key, codes[field.refers]) for field in sheet.fields if field.refers]
        whole = [row for row in sample.rows.get(key, ()) if all(_among(row.get(name), known) for name, known in refers)]
        most = 2 if key == "ministries" else ROWS
        kept[key] = whole[:most] if key in {"ministries", "agencies", "requirements", DATASETS.key, "people"} else whole
        codes[key] = {row.get("code", row.get("year")) for row in kept[key]}
    return Exchange(sample.title, kept, sample.years, sample.resource_types, synthetic=True)


def _among(value: object, known: set[object]) -> bool:
    values = value if isinstance(value, tuple) else (value,)
    return all(part in known or part in (None, "") for part in values)


def _parts(exchange: Exchange) -> list[Exchange]:
    """A workbook for each sheet, so that a case is read quickly."""
    return [
        Exchange(exchange.title, {key: rows[:ROWS]}, exchange.years, exchange.resource_types)
        for key, rows in exchange.rows.items()
    ]


def _written(exchange: Exchange) -> bytes:
    stream = io.BytesIO()
    write_workbook(exchange, translator(DEFAULT_LANGUAGE), DEFAULT_LANGUAGE, stream)
    return stream.getvalue()
