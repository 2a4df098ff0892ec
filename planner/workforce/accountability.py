"""Who answers for what: gaps in accountability, people on whom too much rests, and people given too much."""

from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

import numpy as np

from planner.workforce.problem import Duty, Workforce
from planner.workforce.register import Register, build_register

GapCode: TypeAlias = Literal["nobody", "no_deputy", "acting", "expired", "expires_soon", "left", "deputy_left"]
WHOLE: Final = 1.0 + 1e-9


@dataclass(frozen=True, slots=True)
class AccountabilityGap:
    """What is missing in the answer to "who answers for it". `dataset` is None for the agency itself.

    Codes: `nobody` is accountable; the accountable person is only `acting`; the appointment has `expired` or
    `expires_soon`; the accountable person has `left` (or is no longer in the register); there is `no_deputy`, or the
    `deputy_left`.
    """

    agency: str
    dataset: str | None
    code: GapCode
    person: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class SinglePerson:
    """A role that one person alone does at an agency in a fiscal year, and what rests on them.

    `fte` of work goes if they do; `datasets` are those for which they answer without a deputy. `weight` = FTE that the
    norm requires of the role there x (1 + datasets): the order in which to look at them.
    """

    agency: str
    role: str
    fiscal_year: int
    person: str
    fte: float
    datasets: int
    weight: float


@dataclass(frozen=True, slots=True)
class Overcommitment:
    """A person whose shares add up to more than the whole."""

    person: str
    fte: float


def find_accountability_gaps(
    workforce: Workforce, on: date, *, fiscal_year: int, notice_days: int = 90
) -> tuple[AccountabilityGap, ...]:
    """Every gap on a date that lies in `fiscal_year`; agencies without a row for themselves have `nobody`."""
    here = {row.code for row in workforce.people if row.leaves is None or row.leaves > fiscal_year}
    stated = {duty.agency for duty in workforce.duties if duty.dataset is None}
    gaps = [AccountabilityGap(row.code, None, "nobody") for row in workforce.agencies if row.code not in stated]
    for duty in workforce.duties:
        expires_soon = duty.expires is not None and (duty.expires - on).days <= notice_days
        expired = duty.expires is not None and duty.expires < on
        for code, person in _duty_gaps(duty, here, expires_soon=expires_soon, expired=expired):
            gaps.append(AccountabilityGap(duty.agency, duty.dataset, code, person, duty.expires))
    return tuple(sorted(gaps, key=lambda gap: (gap.agency, gap.dataset or "", gap.code)))


def _duty_gaps(
    duty: Duty, here: Set[str], *, expires_soon: bool, expired: bool
) -> Iterator[tuple[GapCode, str | None]]:
    if duty.accountable is None:
        yield "nobody", None
    elif duty.accountable not in here:
        yield "left", duty.accountable
    else:
        if duty.acting:
            yield "acting", duty.accountable
        if expires_soon:
            yield "expired" if expired else "expires_soon", duty.accountable
    if duty.deputy is None:
        yield "no_deputy", None
    elif duty.deputy not in here:
        yield "deputy_left", duty.deputy


def find_single_persons(workforce: Workforce) -> tuple[SinglePerson, ...]:
    """Every required role that rests on one person, the heaviest first."""
    register = build_register(workforce)
    alone = count_alone(workforce)
    found = list(_single_persons(register, alone))
    return tuple(sorted(found, key=lambda row: (-row.weight, row.agency, row.role, row.fiscal_year)))


def _single_persons(register: Register, alone: Counter[str]) -> Iterator[SinglePerson]:
    for a, r, t in np.argwhere((register.people == 1) & (register.required > 0)).tolist():
        person = register.persons[register.person[a, r, t]]
        yield SinglePerson(
            agency=register.agencies[a],
            role=register.roles[r],
            fiscal_year=register.years[t],
            person=person,
            fte=float(register.available[a, r, t]),
            datasets=alone[person],
            weight=float(register.required[a, r, t]) * (1 + alone[person]),
        )


def count_alone(workforce: Workforce) -> Counter[str]:
    """How many datasets each person answers for without a deputy."""
    return Counter(
        duty.accountable
        for duty in workforce.duties
        if duty.dataset is not None and duty.accountable is not None and duty.deputy is None
    )


def find_overcommitments(workforce: Workforce) -> tuple[Overcommitment, ...]:
    """Everybody whose shares add up to more than one, the worst first."""
    totals = [Overcommitment(row.code, sum(share.fte for share in row.shares)) for row in workforce.people]
    return tuple(sorted((row for row in totals if row.fte > WHOLE), key=lambda row: (-row.fte, row.person)))
