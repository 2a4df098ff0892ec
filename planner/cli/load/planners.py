"""Planners at work over HTTP: each signs in and then lists, opens, saves and tries uploads, a page after another."""

import http.client
import json
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from models import Role
from planner.cli.browser import Browser, PageError, token
from planner.cli.load.filling import PASSWORD, Account

CODE: Final = re.compile(r'href="/requirements/(R-\d+)"')
WORDS: Final = ("พยากรณ์", "สำรอง ข้อมูล", "ทะเบียน", "R-0543", "กรม", "health")
SORTS: Final = ("code", "title", "ministry", "agency", "priority", "start", "end", "status", "granted")
SAVE_EVERY: Final = 3
SAVED_ROWS: Final = 20
PREVIEW_EVERY: Final = 10
ARRIVAL: Final = 0.5
"""Seconds from one sign-in to the next, on average."""
VISITS: Final[Mapping[Role, Sequence[str]]] = MappingProxyType(
    {
        Role.MINISTRY_PLANNER: ("/", "/inbox/", "/work/", "/datasets/", "/coverage/", "/rounds/"),
        Role.DE_PLANNER: ("/", "/inbox/", "/work/", "/plans/", "/pools/", "/scenarios/", "/publishing/", "/coverage/"),
    }
)
"""Where each role looks besides."""
PLAN_PAGES: Final = ("", "/placements", "/utilisation", "/costs")
"""Of the plan that there is, where there is one."""


@dataclass
class Timings:
    """Seconds of every page by its kind, and how many went wrong. Many threads add to it.

    `elapsed` is the time from `start` to the end of the last page.
    """

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lock: threading.Lock = field(default_factory=threading.Lock)
    started: float = 0.0
    elapsed: float = 0.0

    def start(self) -> None:
        """Everybody has signed in."""
        self.started = time.perf_counter()

    @contextmanager
    def measure(self, kind: str) -> Iterator[None]:
        """Note how long the block takes, or that it failed."""
        start = time.perf_counter()
        try:
            yield
        except (PageError, OSError, http.client.HTTPException) as error:
            with self.lock:
                self.errors[f"{kind}: {error}"[:120]] += 1
        else:
            with self.lock:
                self.seconds[kind].append(time.perf_counter() - start)
                self.elapsed = time.perf_counter() - self.started


@dataclass
class Planner:
    """One planner's session. `pause` is how long somebody looks at a page, on average.

    Nobody goes on from the sign-in before all are in (`ready`): that comes in one rush here alone.
    """

    account: Account
    port: int
    timings: Timings
    pause: float
    seconds: float
    ready: threading.Barrier
    seed: int
    plan: str | None = None

    def work(self) -> None:
        """Sign in, not all at the same moment, then go from page to page."""
        self.chance = random.Random(self.seed)  # noqa: S311 - drawn for variety, not for secrecy
        self.browser = Browser(self.port)
        time.sleep(self.chance.uniform(0, max(self.pause, ARRIVAL * self.ready.parties)))
        with closing(self.browser.connection):
            self.sign_in()
            self.ready.wait()
            self.go_round(time.monotonic() + self.seconds)

    def sign_in(self) -> None:
        """The first page of all."""
        with self.timings.measure("sign_in"):
            page = self.browser.get("/sign-in")
            form = {"username": self.account.username, "password": PASSWORD, "csrf_token": token(page)}
            self.browser.send("/sign-in", form, {302})

    def go_round(self, until: float) -> None:
        """List, open, save and try uploads until the time is over."""
        turn = self.seed  # not everybody saves at the same moment
        while time.monotonic() < until:
            turn += 1
            self.look()
            if self.codes:
                self.open(self.chance.choice(self.codes))
            self.visit()
            if turn % SAVE_EVERY == 0 and self.account.role is Role.MINISTRY_PLANNER:
                self.save()
            if turn % PREVIEW_EVERY == 0 and self.account.upload:
                self.preview(self.account.upload)

    def look(self) -> None:
        """A page of the list, narrowed and sorted in one of many ways."""
        query = self.chance.choice(
            (
                {},
                {"sort": self.chance.choice(SORTS), "order": self.chance.choice(("asc", "desc"))},
                {"page": self.chance.randint(1, 100)},
                {"q": self.chance.choice(WORDS)},
                {"status": self.chance.choice(("draft", "approved", "submitted")), "sort": "title"},
            )
        )
        self.codes: list[str] = []
        with self.measured("list_de" if self.account.role is Role.DE_PLANNER else "list_ministry"):
            self.codes = CODE.findall(self.browser.get(f"/requirements/?{urlencode(query)}"))

    def open(self, code: str) -> None:
        """One requirement's page."""
        with self.measured("detail"):
            self.browser.get(f"/requirements/{code}")

    def visit(self) -> None:
        """Another page of the person's, or of the plan."""
        pages = {path.strip("/") or "home": path for path in VISITS[self.account.role]}
        if self.plan and self.account.role is Role.DE_PLANNER:
            pages |= {f"plan{page.replace('/', '_')}": f"/plans/{self.plan}{page}" for page in PLAN_PAGES}
        if self.plan and self.account.ministry:
            pages["outcome"] = f"/outcome/{self.account.ministry}"
        kind = self.chance.choice([*pages])
        with self.measured(kind):
            self.browser.get(pages[kind])

    def save(self) -> None:
        """Open drafts in the grid, write other notes into some, save."""
        loaded = None
        with self.measured("grid_rows"):
            loaded = json.loads(self.browser.get("/requirements/grid/rows?status=draft"))
        if not loaded or not loaded["rows"]:
            return
        chosen = self.chance.sample(loaded["rows"], min(SAVED_ROWS, len(loaded["rows"])))
        edits = [
            {"code": row["code"], "version": row["version"], "cells": {"note": f"ทดสอบ {self.chance.random()}"}}
            for row in chosen
        ]
        with self.measured("grid_save"):
            self.browser.send_json("/requirements/grid/save", {"rows": edits}, loaded["token"], {200, 409})

    def preview(self, workbook: bytes) -> None:
        """Try an upload without applying it."""
        page = ""
        with self.measured("import_page"):
            page = self.browser.get("/import/")
        if page:
            with self.measured("preview"):
                self.browser.upload("/import/", {"csrf_token": token(page)}, "workbook", workbook)

    @contextmanager
    def measured(self, kind: str) -> Iterator[None]:
        """A page, and the time that somebody then looks at it."""
        with self.timings.measure(kind):
            yield
        if self.pause:
            time.sleep(self.chance.uniform(0.5, 1.5) * self.pause)


def run_planners(
    accounts: Sequence[Account], port: int, seconds: float, pause: float, plan: str | None = None
) -> Timings:
    """Let everybody sign in and then work at once for so many seconds, and for as long as the last page takes.

    Planners of DE look at the plan called `plan` too, where there is one.
    """
    timings = Timings()
    ready = threading.Barrier(len(accounts), action=timings.start)
    threads = [
        threading.Thread(target=Planner(account, port, timings, pause, seconds, ready, seed, plan).work)
        for seed, account in enumerate(accounts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return timings
