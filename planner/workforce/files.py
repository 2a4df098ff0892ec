"""Problems and plans of the workforce as canonical JSON, and back: what is kept beside a plan for good.

The text is made from the dataclasses themselves and read back by their type hints, so it names each field as they do.
Reading builds them, so whatever was read is valid.
"""

import hashlib
import json
import types
from dataclasses import asdict, dataclass, is_dataclass
from datetime import date
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

from planner.workforce.measures import ClosingProblem
from planner.workforce.plan import ClosingPlan
from planner.workforce.pricing import PoolValue

PROBLEM_FORMAT: Final = "workforce-problem/1"
ANSWER_FORMAT: Final = "workforce-plan/1"
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """A plan, and what more of some pools is worth beside it."""

    plan: ClosingPlan
    values: tuple[PoolValue, ...] = ()


def dump_problem(problem: ClosingProblem) -> str:
    """`problem` as text: the same problem gives the same text."""
    return _dump(PROBLEM_FORMAT, problem)


def read_problem(text: str | bytes) -> ClosingProblem:
    """The problem that `text` holds; `ValueError` if it is of another format."""
    return _read(ClosingProblem, PROBLEM_FORMAT, text)


def problem_sha256(problem: ClosingProblem) -> str:
    """The SHA-256 of the problem's text, in hexadecimal."""
    return hashlib.sha256(dump_problem(problem).encode()).hexdigest()


def dump_answer(answer: Answer) -> str:
    """`answer` as text."""
    return _dump(ANSWER_FORMAT, answer)


def read_answer(text: str | bytes) -> Answer:
    """The answer that `text` holds; `ValueError` if it is of another format."""
    return _read(Answer, ANSWER_FORMAT, text)


def _dump(kind: str, value: Any) -> str:
    row = {"format": kind, **asdict(value)}
    return json.dumps(row, ensure_ascii=False, allow_nan=False, sort_keys=True, default=date.isoformat)


def _read(kind: type[T], expected: str, text: str | bytes) -> T:
    row = json.loads(text)
    if row.pop("format") != expected:
        raise ValueError(f"not of the format {expected}")
    built: T = _build(kind, row)
    return built


def _build(kind: Any, value: Any) -> Any:
    """`value` out of JSON as a `kind`: a dataclass, a tuple or sequence, a mapping, a date, an option, or plain."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _build(hints[name], part) for name, part in value.items()})  # type: ignore[operator] # a class
    options = get_args(kind)
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _build(next(each for each in options if each is not type(None)), value)
    if kind is date:
        return date.fromisoformat(value)
    if isinstance(value, list):
        return tuple(_build(options[0], part) for part in value)
    return value
