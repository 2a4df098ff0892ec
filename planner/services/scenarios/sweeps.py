"""Sweeps: one adjustment over a range, or several scenarios at once, as plan runs that are queued together."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from models import JobKind, PlanRun, RunStatus, Sweep
from planner.db import join_or_begin, open_snapshot
from planner.errors import Fault, InvalidInputError, NotFoundError, fault
from planner.services import audit
from planner.services.jobs import cancel_job
from planner.services.overview import is_synthetic
from planner.services.permissions import Actor, Permission, require
from planner.services.planning import LONGEST_NAME, Inputs, add_run
from planner.services.problems import load_problem
from planner.services.reference.texts import read_text
from planner.services.scenarios.adjustments import Adjustment, read_adjustment
from planner.services.scenarios.keeping import at_fields
from planner.services.scenarios.kinds import Kind, kind_named
from planner.services.scenarios.loading import Origin, SweepPoint, apply_origin, load_origin
from planner.text import N_, LocalText
from reports.cells import CellError
from reports.columns import Field

MOST_RUNS: Final = 40
"""How many runs a sweep may have."""
UNFINISHED: Final = (RunStatus.QUEUED, RunStatus.RUNNING)
STEPS: Final = Field(
    "steps",
    LocalText("จำนวนจุด", "Points"),
    "integer",
    N_("How many plans to run, both ends among them."),
    required=True,
    low=2,
    high=MOST_RUNS,
)


def queue_sweep(
    sessions: sessionmaker[Session],
    actor: Actor,
    kind: str,
    typed: Mapping[str, str],
    *,
    within: Session | None = None,
) -> str:
    """Queue a run for each number between two that were typed, `from` and `to`; the sweep's code.

    `typed` also holds the other terms of the adjustment, a `name`, the `scenario` it comes on top of ("" for the base),
    and how many points there are in `steps`; of fiscal years there is one each. The rows are read in one snapshot,
    and what is queued is so in the transaction of `within`, which has not begun yet, or in one of its own.
    `InvalidInputError` with every fault at its field; then nothing is queued.
    """
    require(actor, Permission.RUN_PLAN)
    known = kind_named(kind)
    if known.swept is None:
        raise NotFoundError
    varied = known.field(known.swept)
    rest, values = _read(known, varied, typed)
    scenario = typed.get("scenario") or None
    with open_snapshot(sessions) as session:
        own = load_origin(session, scenario).adjustments
        points = [
            SweepPoint("", Adjustment(rest.kind, {**rest.terms, varied.key: value}), float(value)) for value in values
        ]
        inputs, wrong = _apply(
            session, [Origin(scenario, (*own, *filter(None, [point.adjustment])), point) for point in points]
        )
    if wrong:
        raise InvalidInputError(_at_form(wrong, len(own), varied.key))
    with join_or_begin(sessions, within) as session:
        return _add(session, actor, typed.get("name", ""), inputs)


def _read(kind: Kind, varied: Field, typed: Mapping[str, str]) -> tuple[Adjustment, Sequence[float]]:
    """The adjustment without what is varied, and the numbers that it is to be given."""
    faults: list[Fault] = []
    rest = Adjustment(kind.key, {})
    try:
        rest = read_adjustment(kind, typed, without=varied.key)
    except InvalidInputError as error:
        faults += error.faults
    read: dict[str, float] = {}
    years = varied.kind == "year"
    for key, field in (("from", varied), ("to", varied), *([] if years else [("steps", STEPS)])):
        try:
            text = typed.get(key, "")
            if not text.strip():
                raise CellError("missing", N_("A value is missing here."))
            read[key] = float(str(read_text(field, text)))
        except CellError as error:
            faults.append(Fault(key, error.code, error.message))
    if faults:
        raise InvalidInputError(faults)
    low, high = read["from"], read["to"]
    if low >= high:
        raise InvalidInputError([fault("to", "not_larger", N_("This must be more than where the range begins."))])
    steps = int(high - low) + 1 if years else int(read["steps"])
    if steps > MOST_RUNS:
        raise InvalidInputError([fault("to", "too_many", N_("A sweep has at most %(most)s runs."), most=MOST_RUNS)])
    whole = varied.kind in {"year", "integer"}
    numbers = [round(number, 9) for number in np.linspace(low, high, steps).tolist()]
    return rest, [int(number) for number in numbers] if whole else numbers


def _at_form(wrong: Iterable[tuple[Origin, tuple[Fault, ...]]], place: int, varied: str) -> list[Fault]:
    """Faults at the fields of the form, each once: of what is varied at `to`, of the scenario itself at `scenario`."""
    found: dict[tuple[str, str], Fault] = {}
    for _, faults in wrong:
        own = at_fields(faults, place)
        for each in own or faults:
            address = ("to" if each.address in {varied, ""} else each.address) if own else "scenario"
            found.setdefault((address, each.code), replace(each, address=address))
    return list(found.values())


def _apply(session: Session, origins: Iterable[Origin]) -> tuple[list[Inputs], list[tuple[Origin, tuple[Fault, ...]]]]:
    """The inputs of runs of `origins`, the rows read once; and what is wrong with those that have none."""
    problem, synthetic = load_problem(session), is_synthetic(session)
    inputs, wrong = [], []
    for origin in origins:
        try:
            inputs.append(Inputs.of(apply_origin(session, problem, origin), synthetic=synthetic, origin=origin))
        except InvalidInputError as error:
            wrong.append((origin, error.faults))
    return inputs, wrong


def queue_scenarios(
    sessions: sessionmaker[Session],
    actor: Actor,
    name: str,
    codes: Sequence[str],
    *,
    base: bool = False,
    within: Session | None = None,
) -> str:
    """Queue a run of each scenario of `codes`, with `base` also of the base; the code of the sweep.

    Rows are read, and what is queued is stored, as by `queue_sweep`.
    `InvalidInputError` if they are too few or too many, or if adjustments of one cannot be made, at its code; then
    nothing is queued.
    """
    require(actor, Permission.RUN_PLAN)
    chosen: list[str | None] = [*([None] if base else []), *dict.fromkeys(codes)]
    if not 1 < len(chosen) <= MOST_RUNS:
        message = N_("Choose between 2 and %(most)s to run side by side.")
        raise InvalidInputError([fault("", "wrong_number", message, most=MOST_RUNS)])
    with open_snapshot(sessions) as session:
        inputs, wrong = _apply(session, [load_origin(session, code, SweepPoint("")) for code in chosen])
    if wrong:
        raise InvalidInputError(
            replace(each, address=f"{origin.scenario}.{each.address}") for origin, faults in wrong for each in faults
        )
    with join_or_begin(sessions, within) as session:
        return _add(session, actor, name, inputs)


def _add(session: Session, actor: Actor, name: str, inputs: Sequence[Inputs]) -> str:
    """The sweep, its runs and their jobs, in one transaction; the sweep's code."""
    sweep = Sweep(
        code=uuid.uuid4().hex,
        name=name.strip()[:LONGEST_NAME],
        created_at=dt.datetime.now(dt.UTC),
        created_by_id=actor.user_id,
    )
    session.add(sweep)
    session.flush()
    sweep.code = f"W-{sweep.id:06}"
    sweep.name = sweep.name or sweep.code
    session.flush()
    for n, each in enumerate(inputs, start=1):
        point = replace(each.origin.point or SweepPoint(""), sweep=sweep.code)
        add_run(
            session, actor, f"{sweep.name} ({n}/{len(inputs)})", replace(each, origin=replace(each.origin, point=point))
        )
    audit.record(session, actor, "created", f"sweep:{sweep.code}", {"name": (None, sweep.name)})
    return sweep.code


def cancel_sweep(session: Session, actor: Actor, code: str) -> None:
    """Cancel the runs of the sweep that have not ended; `NotFoundError` if there is no such sweep."""
    require(actor, Permission.RUN_PLAN)
    if session.scalar(select(Sweep.id).where(Sweep.code == code)) is None:
        raise NotFoundError
    waiting = select(PlanRun.code).where(PlanRun.sweep == code, PlanRun.status.in_(UNFINISHED))
    for run in session.scalars(waiting.order_by(PlanRun.id)).all():
        cancel_job(session, actor, JobKind.PLAN_RUN, run)
