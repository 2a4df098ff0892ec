"""How much waits and who works, for monitoring."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import DeliveryStatus, Job, JobKind, JobStatus, WebhookDelivery, Worker


@dataclass(frozen=True)
class WorkMeasures:
    """Jobs by kind and status, seconds that the oldest has waited (0 if none waits), seconds since each worker's last
    beat, and deliveries to webhooks by status.
    """

    jobs: Mapping[tuple[JobKind, JobStatus], int]
    longest_wait: float
    silences: Mapping[str, float]
    deliveries: Mapping[DeliveryStatus, int]


def measure_work(session: Session, now: dt.datetime) -> WorkMeasures:
    """The measures at `now`, in four queries."""
    counted = session.execute(select(Job.kind, Job.status, func.count()).group_by(Job.kind, Job.status))
    oldest = session.scalar(select(func.min(Job.created_at)).where(Job.status == JobStatus.QUEUED))
    beats = session.execute(select(Worker.executor, Worker.heartbeat_at).order_by(Worker.executor))
    delivered = session.execute(
        select(WebhookDelivery.status, func.count()).group_by(WebhookDelivery.status).order_by(WebhookDelivery.status)
    )
    return WorkMeasures(
        jobs={(kind, status): count for kind, status, count in counted},
        longest_wait=(now - oldest).total_seconds() if oldest else 0.0,
        silences={executor: (now - beat).total_seconds() for executor, beat in beats},
        deliveries=dict(delivered.all()),
    )
