"""What may be done about gaps: courses with their seats, hires, secondments, and the money for them.

A `ClosingProblem` that exists is valid. Money is THB; a year's budget pays for that year's seats, for the people hired
by the plan who are in post that year, and for that year's secondments.
"""

from dataclasses import dataclass

from planner.text import LocalText
from planner.workforce.problem import Workforce
from planner.workforce.validation import require_valid_measures


@dataclass(frozen=True, slots=True)
class Course:
    """Takes people who do `from_role` at `from_level` to `role` at `level`: upward in one role, or into another.

    It takes effect `lead_years` after its fiscal year. A trainee is away for `lost_time` of that year. Whoever reaches
    a course's level may go on to a course that begins there: that is what a prerequisite is.
    """

    code: str
    from_role: str
    from_level: str
    role: str
    level: str
    price: float
    lead_years: int = 1
    lost_time: float = 0.0
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """A course held in a fiscal year, for so many trainees (FTE)."""

    course: str
    fiscal_year: int
    seats: float


@dataclass(frozen=True, slots=True)
class Hiring:
    """Terms on which a role may be hired into vacancies: THB per FTE and year, level, years from decision to post."""

    role: str
    cost: float
    level: str
    lead_years: int = 1


@dataclass(frozen=True, slots=True)
class Lending:
    """Terms of secondments from surplus: THB per FTE and year, and what of the time lent arrives as work."""

    cost: float
    efficiency: float = 1.0


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that may be done. `budget` is THB by fiscal year, None for no limit.

    `backup` is the share of what a role needs that should still be there when its most important person is not.
    """

    courses: tuple[Course, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    hiring: tuple[Hiring, ...] = ()
    lending: Lending | None = None
    budget: tuple[float | None, ...] | None = None
    backup: float = 0.5


@dataclass(frozen=True)
class ClosingProblem:
    """A register and what may be done about its gaps, valid together."""

    workforce: Workforce
    measures: Measures

    def __post_init__(self) -> None:
        require_valid_measures(self)
