"""Rows that serve nobody any more: some as soon as they have expired, others once they are old enough."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, delete, func, not_, or_, select
from sqlalchemy.orm import Session

from models import (
    AddressFailures,
    ApiToken,
    Base,
    DeliveryStatus,
    ImportBatch,
    ImportRow,
    InboxItem,
    Job,
    JobKind,
    PasswordLink,
    PlanRun,
    Publication,
    ReportArchive,
    SignIn,
    WebhookDelivery,
)
from planner.services.attempts import ADDRESS_WINDOW
from planner.services.sign_ins import Lifetimes
from planner.text import N_


@dataclass(frozen=True)
class Leftover:
    """A kind of rows to remove: `key` for the audit log, `label` for people, and which rows of which table."""

    key: str
    label: str
    table: type[Base]
    condition: ColumnElement[bool]

    def count(self, session: Session) -> int:
        """How many there are."""
        return session.scalar(select(func.count()).select_from(self.table).where(self.condition)) or 0

    def remove(self, session: Session) -> int:
        """Remove them; how many there were."""
        removed = session.execute(delete(self.table).where(self.condition).returning(*self.table.__table__.primary_key))
        return len(removed.all())


def expired(lifetimes: Lifetimes, now: dt.datetime) -> tuple[Leftover, ...]:
    """What opens nothing and counts for nothing any more."""
    over = or_(SignIn.last_seen_at <= now - lifetimes.idle, SignIn.signed_in_at <= now - lifetimes.absolute)
    return (
        Leftover("sign_ins", N_("Sign-ins that are over"), SignIn, over),
        Leftover(
            "password_links",
            N_("Expired links for setting a password"),
            PasswordLink,
            PasswordLink.expires_at <= now,
        ),
        Leftover("api_tokens", N_("Expired tokens of programs"), ApiToken, ApiToken.expires_at <= now),
        Leftover(
            "address_failures",
            N_("Failed sign-ins that no longer count"),
            AddressFailures,
            AddressFailures.since <= now - ADDRESS_WINDOW,
        ),
    )


def outlived(before: dt.datetime) -> tuple[Leftover, ...]:
    """What is from before then and can be made again, was read, or was only kept so that it can be undone."""
    old = and_(ReportArchive.made_at < before, ReportArchive.run_id.not_in(select(Publication.run_id)))
    reported = select(PlanRun.code).join(ReportArchive, ReportArchive.run_id == PlanRun.id).where(not_(old))
    imported = select(ImportBatch.id).where(ImportBatch.imported_at < before)
    return (
        Leftover("report_sets", N_("Workbooks of plans that were never published"), ReportArchive, old),
        Leftover(
            "report_jobs",
            N_("Ended work on workbooks that are gone"),
            Job,
            and_(Job.kind == JobKind.REPORT_SET, Job.finished_at < before, Job.subject.not_in(reported)),
        ),
        Leftover("notices", N_("Notices that were read"), InboxItem, InboxItem.read_at < before),
        Leftover(
            "webhook_deliveries",
            N_("What webhooks were told"),
            WebhookDelivery,
            and_(WebhookDelivery.created_at < before, WebhookDelivery.status != DeliveryStatus.WAITING),
        ),
        Leftover("import_rows", N_("What imports kept to be undone"), ImportRow, ImportRow.batch_id.in_(imported)),
    )
