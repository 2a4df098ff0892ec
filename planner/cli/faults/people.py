"""The people at work: each does one thing after another over HTTP and writes down what it was told."""

import hashlib
import http.client
import io
import itertools
import json
import random
import re
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final
from urllib.parse import urlsplit

from models import Role
from planner.cli.browser import Answer, Browser, PageError, token
from planner.cli.faults.ledger import Ledger, Outcome
from planner.cli.faults.world import PASSWORD, Post, World
from planner.i18n import DEFAULT_LANGUAGE, translator
from planner.text import LocalText
from reports.sheets import REQUIREMENTS
from reports.template import Exchange, write_workbook

ROWS: Final = 5
"""Rows of an imported workbook."""
PAUSES: Final = (0.05, 0.4)
"""Between so many seconds somebody rests after a deed."""
REST: Final = 0.2
"""Seconds until the next try where nothing answered."""
IMPORT_EVERY: Final = 3
RUN_EVERY: Final = 4
"""Every so often, in turns of the person."""
SEEN: Final = re.compile(r'name="seen"[^>]*value="([^"]*)"')


class Crew:
    """The people of a `world` at work at the server on `port`; what they do goes into `ledger`."""

    def __init__(self, world: World, port: int, seed: int) -> None:
        self.ledger = Ledger()
        self.world = world
        self.numbers = itertools.count(1)
        self.submitted: deque[str] = deque()
        self.runs: deque[str] = deque()
        self.stopping = threading.Event()
        kinds: dict[Role, Callable[[Crew, Post, int, int], Person]] = {
            Role.MINISTRY_PLANNER: MinistryPlanner,
            Role.DE_PLANNER: DePlanner,
            Role.MANAGER: Manager,
        }
        self._people = [kinds[post.role](self, post, port, seed + at) for at, post in enumerate(world.posts)]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Everybody works within the context; at its end what is under way is finished."""
        self.stopping.clear()
        threads = [threading.Thread(target=person.work, name=person.post.username) for person in self._people]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()


class Person(ABC):
    """Somebody at a browser that sends nothing twice by itself. `turn` is what the person does, again and again."""

    def __init__(self, crew: Crew, post: Post, port: int, seed: int) -> None:
        self.crew, self.post = crew, post
        self.chance = random.Random(seed)  # noqa: S311 - drawn for variety, not for secrecy
        self._browser = Browser(port, again=False)
        self._csrf = ""

    def work(self) -> None:
        """Sign in where that is needed, and take turns until all are told to stop."""
        with closing(self._browser.connection):
            while not self.crew.stopping.is_set():
                try:
                    if not self._csrf:
                        self._sign_in()
                    self.turn()
                except (PageError, OSError, http.client.HTTPException):
                    self.crew.stopping.wait(REST)

    @abstractmethod
    def turn(self) -> None:
        """Do what this person does."""

    def look(self, path: str) -> str:
        """Read a page; `PageError` where there is none."""
        answer = self._ask(lambda: self._browser.ask("GET", path))
        if answer is None or answer.status != 200:
            raise PageError(path)
        return answer.text

    def try_to(self, kind: str, mark: str, path: str, form: dict[str, str]) -> Answer | None:
        """Send a form, and write down what became of it; the answer, if it was done."""
        return self.note(kind, mark, lambda: self._browser.post(path, {**form, "csrf_token": self._csrf}))

    def insist(self, kind: str, mark: str, send: Callable[[], Answer]) -> Answer | None:
        """Do the same until there is an answer, as somebody does who sees an error; the answer, if it was done."""
        while True:
            answer = self.note(kind, mark, send)
            if answer is not None or self.crew.ledger.deeds[kind, mark] is not Outcome.UNKNOWN:
                return answer
            if self.crew.stopping.wait(REST):
                return None

    def note(self, kind: str, mark: str, send: Callable[[], Answer]) -> Answer | None:
        """Do something once and write down what became of it; the answer, if it was done."""
        answer = self._ask(send)
        if answer is None or answer.status >= 500:
            outcome = Outcome.UNKNOWN
        else:
            outcome = Outcome.DONE if answer.status in {200, 302} and self._csrf else Outcome.REFUSED
        self.crew.ledger.note(kind, mark, outcome)
        self.crew.stopping.wait(self.chance.uniform(*PAUSES))
        return answer if outcome is Outcome.DONE else None

    def mark(self) -> str:
        """Something that stands nowhere else."""
        return f"fault-{next(self.crew.numbers):06}"

    def send_form(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form of this session."""
        return self._browser.post(path, {**form, "csrf_token": self._csrf})

    def send_json(self, path: str, value: object, csrf: str) -> Answer:
        """Send what a script would."""
        return self._browser.post_json(path, value, csrf)

    def send_file(self, path: str, field: str, name: str, content: bytes, **form: str) -> Answer:
        """Send a file."""
        return self._browser.post_file(path, {**form, "csrf_token": self._csrf}, field, name, content)

    def _ask(self, send: Callable[[], Answer]) -> Answer | None:
        """The answer; None where nothing answered. Whoever is asked to sign in does so at the next turn."""
        try:
            answer = send()
        except (OSError, http.client.HTTPException):
            self.crew.ledger.count(0)
            self.crew.stopping.wait(REST)
            return None
        self.crew.ledger.count(answer.status)
        if answer.status == 302 and urlsplit(answer.location).path == "/sign-in":
            self._csrf = ""
        return answer

    def _sign_in(self) -> None:
        self._browser.cookies.clear()
        form = {"username": self.post.username, "password": PASSWORD, "csrf_token": token(self.look("/sign-in"))}
        if (answer := self._ask(lambda: self._browser.post("/sign-in", form))) is None or answer.status != 302:
            raise PageError("not signed in")
        self._csrf = token(self.look("/account/"))


class MinistryPlanner(Person):
    """Enters a requirement, speaks of it, attaches a file, changes it and submits it; now and then imports some."""

    _turns = 0

    def turn(self) -> None:
        """One requirement from the form to its submission."""
        self._turns += 1
        if self._turns % IMPORT_EVERY == 0:
            self._import()
        mark, key = self.mark(), self.mark()
        form = self._form(mark) | {"key": key}
        if (answer := self.insist("created", mark, lambda: self.send_form("/requirements/new", form))) is None:
            return
        code = urlsplit(answer.location).path.rpartition("/")[2]
        subject = f"requirement:{code}"
        mark = self.mark()
        self.try_to("commented", mark, f"/objects/{subject}/comments", {"text": mark})
        name = f"{self.mark()}.txt"
        content = f"{name} {self.chance.random()}".encode()
        self.note("attached", name, lambda: self.send_file(f"/objects/{subject}/attachments", "file", name, content))
        self._save(code)
        mark = self.mark()
        steps = {"action": "submit", "code": code, "comment": mark}
        if self.try_to("submitted", mark, "/requirements/actions", steps):
            self.crew.submitted.append(code)
        self.look("/requirements/?sort=title")

    def _form(self, title: str) -> dict[str, str]:
        start = self.crew.world.years[0]
        resource = next(iter(self.crew.world.units))
        return {
            "title": title,
            "agency": self.post.agency,
            "priority": "normal",
            "clearance": "open",
            "weight": "1",
            "copies": "1",
            "divisible": "yes",
            "start_year": str(start + 543),
            **{f"demand.{resource}.{year}": "1" for year in self.crew.world.years},
        }

    def _save(self, code: str) -> None:
        found = json.loads(self.look(f"/requirements/grid/rows?q={code}"))
        mark = self.mark()
        edits = [{"code": row["code"], "version": row["version"], "cells": {"note": mark}} for row in found["rows"]]
        self.note("saved", mark, lambda: self.send_json("/requirements/grid/save", {"rows": edits}, found["token"]))

    def _import(self) -> None:
        mark = self.mark()
        world = self.crew.world
        rows = [{**dict(self.post.row), "code": f"{mark}-{at}", "title": f"{mark}-{at}"} for at in range(ROWS)]
        stream = io.BytesIO()
        exchange = Exchange(LocalText("ทดสอบ", "Test"), {REQUIREMENTS.key: rows}, world.years, world.units)
        write_workbook(exchange, translator(DEFAULT_LANGUAGE), DEFAULT_LANGUAGE, stream)
        content = stream.getvalue()
        checked, name = hashlib.sha256(content).hexdigest(), f"{mark}.xlsx"
        self.insist(
            "imported", name, lambda: self.send_file("/import/apply", "workbook", name, content, checked=checked)
        )


class DePlanner(Person):
    """Approves what was submitted, has runs made and their workbooks."""

    _turns = 0

    def turn(self) -> None:
        """Approve one; now and then ask for a run, and for the workbooks of the one before."""
        self._turns += 1
        self.look("/work/")
        if self.crew.submitted:
            code, mark = self.crew.submitted.popleft(), self.mark()
            steps = {"action": "approve", "code": code, "comment": mark}
            self.try_to("approved", mark, "/requirements/actions", steps)
        if self._turns % RUN_EVERY == 1:
            mark = self.mark()
            if answer := self.try_to("queued", mark, "/plans/", {"name": mark}):
                self.crew.runs.append(urlsplit(answer.location).path.rpartition("/")[2])
        if self._turns % RUN_EVERY == 3 and self.crew.runs:
            code = self.crew.runs[0]
            if self.try_to("asked_for_reports", code, f"/plans/{code}/reports", {}):
                self.crew.runs.popleft()
        self.crew.stopping.wait(REST)


class Manager(Person):
    """Publishes the newest plan that there is."""

    def turn(self) -> None:
        """Read the newest plan and put it in force."""
        self.look("/")
        if not self.crew.runs:
            self.crew.stopping.wait(REST)
            return
        code = self.crew.runs[-1]
        page = self.look(f"/publishing/{code}")
        found, mark = SEEN.search(page), self.mark()
        self.try_to("published", mark, f"/publishing/{code}", {"note": mark, "seen": found[1] if found else ""})
        self.crew.stopping.wait(1.0)
