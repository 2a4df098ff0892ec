"""The tutorials, step by step: what their pages name in bold is on the screens, in that order and in both languages."""

import re
from collections.abc import Callable
from contextlib import closing
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from walks import DAY, PAGES
from walks.guide import Guide

from models import Job, JobKind, JobStatus
from planner.i18n import LANGUAGES, label_words
from planner.jobs.handlers import HANDLERS
from planner.services.jobs import run_now
from planner.services.scenarios.sample import seed_scenarios

pytestmark = pytest.mark.browser

DOCS = Path(__file__).resolve().parents[2] / "docs"
BOLD = re.compile(r"\*\*(.+?)\*\*")


@pytest.fixture(scope="module")
def demo(serve: Callable, fill_solved: Callable) -> Any:
    """A server on what the demonstration leaves: the solved sample as no other test changed it, and scenarios."""

    def fill(sessions: sessionmaker[Session]) -> None:
        fill_solved(sessions)
        with sessions.begin() as session:
            seed_scenarios(session)

    return serve(fill)


def do_plans(sessions: sessionmaker[Session]) -> None:
    """Do what waits, but for workbooks, which take long and have tests of their own."""
    with sessions() as session:
        waiting = session.scalars(select(Job).where(Job.status == JobStatus.QUEUED).order_by(Job.id)).all()
    for job in waiting:
        if job.kind is not JobKind.REPORT_SET:
            run_now(sessions, job.kind, job.subject, HANDLERS[job.kind])


def test_every_step_of_the_tutorials_can_be_taken(chromium: Browser, demo: Any) -> None:
    walked = {}
    for part, language in zip(DAY, cycle(("en", "th")), strict=False):  # both, without walking all of it twice
        guide = Guide(chromium, demo.address, demo.accounts, language, work=lambda: do_plans(demo.sessions))
        with closing(guide):
            part(guide)
        walked[part] = guide
    for name, parts in PAGES.items():
        words = [word for part in parts for word in walked[part].words]
        pictures = [picture for part in parts for picture in walked[part].pictures]
        for language in LANGUAGES:
            page = (DOCS / language / f"{name}.md").read_text(encoding="utf-8")
            assert BOLD.findall(page) == [label_words(word, language) for word in words], f"{language}/{name}"
            assert re.findall(r"\(\.\./images/(.+?)\.webp\)", page) == [f"{language}/{each}" for each in pictures]
