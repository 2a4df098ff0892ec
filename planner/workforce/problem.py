"""The register of the data workforce as plain values: what is asked of agencies, and who they have.

A `Workforce` that exists is valid: building one checks every rule and raises `InvalidInputError` with all faults at
once, each at its path. Amounts of staff are full-time equivalents (FTE), years are CE fiscal years in order, shares
are fractions of one. The first fiscal year is the present one; attrition counts from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeAlias

from planner.text import LocalText
from planner.workforce.validation import require_valid_workforce

Series: TypeAlias = tuple[float, ...]
"""One number for each fiscal year, in order."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level of skill. `factor`: what an hour at this level counts for beside an hour of a practitioner."""

    code: str
    factor: float
    name: LocalText | None = None


DEFAULT_LEVELS: Final = (
    Level("awareness", 0.25),
    Level("working", 0.6),
    Level("practitioner", 1.0),
    Level("expert", 1.0),
)
"""From low to high. The factors are made up: nobody has published any for Thai agencies."""


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of work. `attrition`: the share of its people that leaves in a year without anybody's planning it."""

    code: str
    attrition: float = 0.0
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Agency:
    """A part of a ministry."""

    code: str
    ministry: str
    name: LocalText | None = None


@dataclass(frozen=True, slots=True)
class Norm:
    """FTE that an agency needs of a role, from fiscal year `start` until a later norm of that role begins."""

    role: str
    start: int
    floor: float = 0.0
    per_dataset: float = 0.0
    per_personal_dataset: float = 0.0
    per_tb: float = 0.0
    per_vcpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Workload:
    """What an agency has to look after, by fiscal year; an agency without one has nothing."""

    agency: str
    datasets: Series
    personal_datasets: Series
    terabytes: Series
    vcpu: Series


@dataclass(frozen=True, slots=True)
class Posts:
    """Authorised posts of a role, FTE; `funded` are those that may be filled (none: all of them)."""

    agency: str
    role: str
    authorised: Series
    funded: Series | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a person's time that goes to a role, and how well they do it."""

    role: str
    fte: float
    level: str


@dataclass(frozen=True, slots=True)
class Person:
    """Who works at an agency, known by a code alone.

    `availability` is the share of each year that they are there (none: all of it), for planned leave. `leaves` is the
    first fiscal year in which they are gone: retirement, the end of a contract.
    """

    code: str
    agency: str
    shares: tuple[Share, ...]
    availability: Series | None = None
    leaves: int | None = None


@dataclass(frozen=True, slots=True)
class Secondment:
    """A person who works for another agency in the fiscal years from `start` to `end`."""

    person: str
    agency: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Training under way: from fiscal year `start` on, the person does the role at `level`."""

    person: str
    role: str
    level: str
    start: int


@dataclass(frozen=True, slots=True)
class Duty:
    """Who answers for an agency's data, or for one dataset (`dataset`), and who stands in for them.

    `acting`: the accountable person only acts as such. `expires` is the last day of the appointment.
    """

    agency: str
    dataset: str | None = None
    accountable: str | None = None
    deputy: str | None = None
    acting: bool = False
    expires: date | None = None


@dataclass(frozen=True)
class Workforce:
    """The register at one date, complete and valid. `levels` runs from low to high."""

    fiscal_years: tuple[int, ...]
    roles: tuple[Role, ...]
    agencies: tuple[Agency, ...]
    norms: tuple[Norm, ...] = ()
    workloads: Sequence[Workload] = ()
    posts: Sequence[Posts] = ()
    people: Sequence[Person] = ()
    secondments: Sequence[Secondment] = ()
    enrolments: Sequence[Enrolment] = ()
    duties: Sequence[Duty] = ()
    levels: tuple[Level, ...] = DEFAULT_LEVELS

    def __post_init__(self) -> None:
        require_valid_workforce(self)
