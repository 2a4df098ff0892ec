"""Two at the same thing: each way in which the one can come between two statements of the other, tried one by one.

A race holds where it comes out as if the two had come one after the other: who was told that it is done has it done,
who was refused has left nothing, and nobody met a defect.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

import models
from models.base import Moment
from planner.db import open_sessions
from planner.errors import PlannerError
from planner.services.audit import verify_chain
from planner.services.permissions import OPERATOR

WAIT: Final = 0.15
"""Seconds after which the second counts as waiting for a lock of the first, which then goes on."""
LONGEST: Final = 30.0
"""Seconds that anything may take."""

Deed: TypeAlias = Callable[[Session], Any]
State: TypeAlias = dict[str, list[str]]
Fresh: TypeAlias = Callable[[], AbstractContextManager[Engine]]


@dataclass(frozen=True)
class Race:
    """What two people try at the same moment, each in a transaction of its own."""

    name: str
    one: Deed
    other: Deed


@dataclass(frozen=True)
class End:
    """How a race, or the two one after the other, ended: who succeeded, and what is then in the database."""

    done: tuple[bool, bool]
    state: State


def fault_of(race: Race, fresh: Fresh, moment: int, in_turn: tuple[End, End]) -> str:
    """What is wrong with how the race ends where the other comes before the statement `moment` of the one; "" if
    nothing is. `fresh` is a context with an engine on a new copy of one and the same database.
    """
    with fresh() as engine:
        errors = run_between(engine, race, moment)
        if defects := [repr(error) for error in errors if error is not None and not isinstance(error, PlannerError)]:
            return f"a defect: {defects}"
        with open_sessions(engine)() as session:
            if verify_chain(session, OPERATOR).breaks:
                return "the log does not hold"
        raced = End((errors[0] is None, errors[1] is None), read_state(engine))
    if raced in in_turn:
        return ""
    if raced.done.count(True) == 1:  # the other had to be told to look again: as if it had not been there
        with fresh() as engine:
            alone = _run_in_turn(engine, race, (raced.done.index(True),))
        if raced == alone:
            return ""
    return f"{raced.done}, in turn {[end.done for end in in_turn]}: {_differences(raced, in_turn)}"


def ends_in_turn(race: Race, fresh: Fresh) -> tuple[End, End]:
    """How it ends if the one comes first, and if the other does."""
    ends = []
    for order in ((0, 1), (1, 0)):
        with fresh() as engine:
            ends.append(_run_in_turn(engine, race, order))
    return ends[0], ends[1]


def count_moments(race: Race, fresh: Fresh) -> int:
    """How many statements the one makes, its commit among them, when nobody disturbs it."""
    with fresh() as engine:
        seen: list[int] = []
        with _watched(engine, lambda: seen.append(1)):
            _try(engine, race.one)
    return len(seen)


def run_between(engine: Engine, race: Race, moment: int) -> tuple[Exception | None, Exception | None]:
    """Let the other come in before the statement `moment` of the one; what each raised."""
    here, go_on = threading.Event(), threading.Event()
    passed = 0
    ends: dict[str, Exception | None] = {}
    first = engine.execution_options()  # of its own, so that the other's statements are not counted

    def pause() -> None:
        nonlocal passed
        if passed == moment:
            here.set()
            go_on.wait(LONGEST)
        passed += 1

    def one() -> None:
        with _watched(first, pause):
            ends["one"] = _try(first, race.one)
        here.set()

    def other() -> None:
        ends["other"] = _try(engine, race.other)

    threads = threading.Thread(target=one), threading.Thread(target=other)
    threads[0].start()
    here.wait(LONGEST)
    threads[1].start()
    threads[1].join(WAIT)
    go_on.set()
    for thread in threads:
        thread.join(LONGEST)
    return ends["one"], ends["other"]


def _run_in_turn(engine: Engine, race: Race, order: Sequence[int]) -> End:
    """One after the other, in that order; who is not in it does nothing."""
    deeds = (race.one, race.other)
    done = [number for number in order if _try(engine, deeds[number]) is None]
    return End((0 in done, 1 in done), read_state(engine))


def read_state(engine: Engine) -> State:
    """Every table's rows as texts, but for keys, times, and what is drawn by chance."""
    with engine.connect() as connection:
        return {
            name: sorted(str(tuple(row)) for row in connection.exec_driver_sql(query))
            for name, query in _QUERIES.items()
        }


def _is_told(column: Any) -> bool:
    drawn = column.name in {"id", "hash", "token", "token_hash"} or column.name.endswith("_id")
    return not drawn and not isinstance(column.type, Moment)


_QUERIES: Final = {
    table.name: f"SELECT {', '.join(told)} FROM {table.name}"  # noqa: S608 - our own names
    for table in models.Base.metadata.sorted_tables
    if (told := [column.name for column in table.columns if _is_told(column)])
}


def _differences(raced: End, in_turn: tuple[End, End]) -> dict[str, Any]:
    """What is there too much and what is missing, by table, beside the nearest of the two."""
    nearest = next((end for end in in_turn if end.done == raced.done), in_turn[0])
    return {
        name: ([*(Counter(rows) - Counter(wanted)).elements()], [*(Counter(wanted) - Counter(rows)).elements()])
        for name, rows in raced.state.items()
        if rows != (wanted := nearest.state[name])
    }


def _try(engine: Engine, deed: Deed) -> Exception | None:
    try:
        with open_sessions(engine).begin() as session:
            deed(session)
    except Exception as error:  # whatever it is, it is what the race is about
        return error
    return None


@contextmanager
def _watched(engine: Engine, look: Callable[[], None]) -> Iterator[None]:
    """Call `look` before every statement and every commit."""

    def before(*_: object) -> None:
        look()

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "commit", before)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", before)
        event.remove(engine, "commit", before)
