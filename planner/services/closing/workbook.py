"""A plan of the workforce as a workbook, of all agencies that a reader sees."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from planner.services.closing.opening import Closing
from planner.services.closing.pages import pages_of, proof_facts, summary_facts
from planner.services.reporting.cover import SYNTHETIC
from planner.text import N_
from reports.values import Report, Section
from reports.words import BANGKOK


def build_closing_report(session: Session, closing: Closing) -> Report:
    """The pages on `closing` as sheets. It names nobody."""
    info = closing.info
    return Report(
        key=f"workforce-plan-{info.code}",
        title=N_("Plan that closes the gaps of the data workforce"),
        subtitle=info.name,
        facts=(*summary_facts(closing), *(proof_facts(closing) if closing.whole else ())),
        notices=(SYNTHETIC,) if info.synthetic else (),
        sections=tuple(closing_sheets(session, closing)),
        created_at=(info.finished_at or info.created_at).astimezone(BANGKOK),
        reference=info.code,
        signatures=(N_("Prepared by"), N_("Reviewed by"), N_("Approved by")),
        publisher=N_("Ministry of Digital Economy and Society"),
    )


def closing_sheets(session: Session, closing: Closing) -> Iterator[Section]:
    """One sheet for every section of the pages but the comparison; the tables of charts stand on their sheets."""
    for name, (_, read) in pages_of(closing).items():
        if name == "compare":
            continue
        for section in read(session, closing, {}).sections:
            tables = (*section.tables, *(chart.table for chart in section.charts))
            if tables:
                yield Section(section.key, section.title, section.lead, tables, section.charts)
