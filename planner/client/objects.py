"""What the objects that other systems mostly work with hold, for type checkers; moments are texts in ISO 8601.

A test holds each against the API's description. Of any other object the description says what it holds.
"""

from typing import Any, Literal, TypedDict


class Words(TypedDict):
    """Something that people read, in Thai and English."""

    th: str
    en: str


class Me(TypedDict):
    """The token's owner, and what the token may do: `me`."""

    username: str
    full_name: str
    role: str
    ministry: str | None
    permissions: list[str]
    scopes: list[str]
    token_expires_at: str


class Requirement(TypedDict):
    """What an agency asks to have hosted: `requirements/R-000123`; `demand` is by resource type and fiscal year."""

    code: str
    version: int
    status: Literal["draft", "submitted", "returned", "approved", "withdrawn"]
    proposed: bool
    refusal: Words | None
    title: str | None
    agency: str | None
    priority: str | None
    clearance: str | None
    weight: float | None
    copies: int | None
    divisible: bool | None
    start_year: int | None
    end_year: int | None
    regions: list[str] | None
    sites: list[str] | None
    incumbent: str | None
    note: str | None
    demand: dict[str, dict[str, Any]] | None


class PlanRun(TypedDict):
    """A plan run in the list `plans`; `state` is there once it is solved."""

    code: str
    name: str
    status: Literal["queued", "running", "solved", "failed", "cancelled"]
    state: Literal["draft", "published", "superseded"] | None
    scenario: str | None
    created_at: str
    created_by: str
    finished_at: str | None
    solve_status: str | None
    seconds: float
    solver: str
    failure: str
    planner_version: str
    input_sha256: str
    synthetic: bool


class LogLine(TypedDict):
    """One line of a job's log."""

    at: str
    text: Words


class Job(TypedDict):
    """Work in the background: `jobs/plan_run/P-000012`; `share` is done of one."""

    kind: str
    subject: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    finished: bool
    cancelling: bool
    attempt: int
    progress: Words | None
    share: float | None
    failure: Words | None
    ahead: int | None
    workers: int | None
    created_at: str
    created_by: str
    started_at: str | None
    finished_at: str | None
    lines: list[LogLine]


class Publication(TypedDict):
    """A plan put in force: `publications/current`."""

    code: str
    name: str
    note: str
    published_at: str
    published_by: str
    superseded_at: str | None
    superseded_by: str | None
    synthetic: bool


class Webhook(TypedDict):
    """A webhook: `webhooks/WH-000001`."""

    code: str
    name: str
    url: str
    events: list[Literal["requirement.submitted", "requirement.approved", "run.finished", "plan.published"]]
    ministry: str | None
    active: bool
    created_at: str
    created_by: str
    secret_before_until: str | None
    version: int


class WebhookSecret(TypedDict):
    """The secret of a webhook, which is told once."""

    code: str
    secret: str
