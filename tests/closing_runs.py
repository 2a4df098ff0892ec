"""A workforce plan for tests that only look: finished, and with nothing to do in it."""

import datetime as dt
import zlib
from functools import cache

import models
from planner.workforce.closing import close_gaps
from planner.workforce.files import Answer, dump_answer, dump_problem, problem_sha256
from planner.workforce.measures import ClosingProblem, Measures
from planner.workforce.problem import Agency, Workforce

MOMENT = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)


@cache
def _texts() -> tuple[str, str, str]:
    problem = ClosingProblem(Workforce((2027,), (), (Agency("21004", "21000"),)), Measures())
    return dump_problem(problem), dump_answer(Answer(close_gaps(problem))), problem_sha256(problem)


def finished_closing() -> models.ClosingRun:
    """The run called WF-000001, of one agency of the small world and no role."""
    problem, answer, sha256 = _texts()
    return models.ClosingRun(
        code="WF-000001",
        name="ปิดช่องว่าง",
        on=MOMENT.date(),
        input_snapshot=zlib.compress(problem.encode()),
        input_sha256=sha256,
        planner_version="0",
        created_at=MOMENT,
        answer=zlib.compress(answer.encode()),
        finished_at=MOMENT,
    )
