"""What stands on the cover of every report on a plan, and what the report says of its run."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from planner.services.reporting.ledger import Ledger
from planner.services.reporting.levels import certificate_phrase
from planner.text import N_, FiscalYear, Phrase
from reports.values import Fact, Report, Section

SYNTHETIC = N_("SYNTHETIC DATA: made up for demonstration, not the figures of any ministry")


class ReportFacts(Protocol):
    """What a report says of its plan run; `planner.services.planning.RunInfo` has all of it."""

    @property
    def code(self) -> str:
        """The plan run's code, such as P-000001."""

    @property
    def name(self) -> str:
        """What somebody called it; may be empty."""

    @property
    def created_at(self) -> dt.datetime:
        """When it was made (aware)."""

    @property
    def created_by(self) -> str:
        """Who made it; "" for the operator at the command line."""

    @property
    def scenario(self) -> str | None:
        """The code of the scenario that it is a run of; None for the base."""

    @property
    def synthetic(self) -> bool:
        """Whether the data is made up."""

    @property
    def planner_version(self) -> str:
        """The version of the planner that made it."""


@dataclass(frozen=True)
class ReportInfo:
    """`ReportFacts` for a plan that stands in no database."""

    code: str
    name: str
    created_at: dt.datetime
    created_by: str = ""
    synthetic: bool = False
    planner_version: str = ""
    scenario: str | None = None


def build_cover(
    ledger: Ledger,
    info: ReportFacts,
    sections: tuple[Section, ...],
    *,
    key: str,
    title: str,
    about: Sequence[Fact] = (),
) -> Report:
    """A report called `title` of `sections`; its cover begins with the facts `about`, and has lines to sign."""
    return Report(
        key=key,
        title=title,
        subtitle=_horizon(ledger),
        facts=(*about, *_facts(ledger, info)),
        notices=(SYNTHETIC,) if info.synthetic else (),
        sections=sections,
        created_at=info.created_at,
        reference=f"{info.code} · SHA-256 {ledger.plan.problem_sha256[:12]}",
        signatures=(N_("Prepared by"), N_("Reviewed by"), N_("Approved by")),
        publisher=N_("Ministry of Digital Economy and Society"),
    )


def _horizon(ledger: Ledger) -> Phrase:
    first, last = FiscalYear(ledger.years[0]), FiscalYear(ledger.years[-1])
    return Phrase(N_("Fiscal years %(first)s to %(last)s"), {"first": first, "last": last})


def _facts(ledger: Ledger, info: ReportFacts) -> tuple[Fact, ...]:
    return (
        Fact(N_("Plan"), info.code if info.name in ("", info.code) else f"{info.code} {info.name}"),
        Fact(N_("Scenario"), info.scenario or Phrase(N_("Base plan"))),
        Fact(N_("Date"), info.created_at, "date"),
        Fact(N_("Made by"), info.created_by or Phrase(N_("Operator"))),
        Fact(N_("Certificate"), certificate_phrase(ledger)),
        Fact(N_("Planner version"), info.planner_version),
    )
