"""What each of them does: planners of ministries and of DE, who puts plans in force, and a program."""

import hashlib
import io
import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from models import Role
from planner.cli.browser import Answer
from planner.cli.faults.people import REST, Person, Trade
from planner.cli.faults.world import Post
from planner.i18n import DEFAULT_LANGUAGE, translator
from planner.text import LocalText
from reports.sheets import REQUIREMENTS
from reports.template import Exchange, write_workbook

ROWS: Final = 5
"""Rows of an imported workbook."""
IMPORT_EVERY: Final = 3
UNDO_EVERY: Final = 2
RUN_EVERY: Final = 4
"""Every so often: imports and runs in turns of the person, undoing in imports."""
SEEN: Final = re.compile(r'name="seen"[^>]*value="([^"]*)"')


class MinistryPlanner(Person):
    """Enters a requirement, speaks of it, attaches a file, changes it and submits it; now and then imports some, and
    takes them back.
    """

    _turns = 0

    def turn(self) -> None:
        """One requirement from the form to its submission."""
        self._turns += 1
        if self._turns % IMPORT_EVERY == 0:
            number = self._import()
            if number and self._turns % (IMPORT_EVERY * UNDO_EVERY) == 0:
                self.insist("undone", number, lambda: self.send_form(f"/import/{number}/undo", {}))
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

    def _import(self) -> str:
        """Import a workbook; the import's number, "" where nobody was told it."""
        mark = self.mark()
        world = self.crew.world
        rows = [{**dict(self.post.row), "code": f"{mark}-{at}", "title": f"{mark}-{at}"} for at in range(ROWS)]
        stream = io.BytesIO()
        exchange = Exchange(LocalText("ทดสอบ", "Test"), {REQUIREMENTS.key: rows}, world.years, world.units)
        write_workbook(exchange, translator(DEFAULT_LANGUAGE), DEFAULT_LANGUAGE, stream)
        content = stream.getvalue()
        checked, name = hashlib.sha256(content).hexdigest(), f"{mark}.xlsx"
        answer = self.insist(
            "imported", name, lambda: self.send_file("/import/apply", "workbook", name, content, checked=checked)
        )
        return urlsplit(answer.location).path.removeprefix("/import/") if answer else ""


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


class Program(Person):
    """Enters a requirement over the API, attaches a file to it and removes that again, each under a key of its own."""

    def sign_in(self) -> None:
        """A program has its token."""
        self.entered = self.post.token

    def turn(self) -> None:
        """One requirement with a file that comes and goes."""
        title, name = self.mark(), f"{self.mark()}.txt"
        amounts = {next(iter(self.crew.world.units)): {str(year): 1 for year in self.crew.world.years}}
        fields = {"title": title, "agency": self.post.agency, "priority": "normal", "clearance": "open"}
        asked = json.dumps({**fields, "start_year": self.crew.world.years[0], "demand": amounts}).encode()
        answer = self.insist("created", title, lambda: self._call("POST", "requirements", title, asked))
        if answer is None:
            return
        files = f"objects/requirement:{json.loads(answer.text)['code']}/attachments"
        answer = self.insist("attached", name, lambda: self._attach(files, name))
        if answer is None:
            return
        (token,) = (file["token"] for file in json.loads(answer.text)["attachments"])
        self.insist("detached", name, lambda: self._call("DELETE", f"{files}/{token}", f"without-{name}"))
        self.crew.stopping.wait(REST)

    def _call(self, method: str, path: str, key: str, body: bytes | None = None) -> Answer:
        kind = {} if body is None else {"Content-Type": "application/json"}
        return self.browser.ask(method, f"/api/v1/{path}", body, {**self._headers(key), **kind})

    def _attach(self, path: str, name: str) -> Answer:
        headers = self._headers(f"with-{name}")
        return self.browser.post_file(f"/api/v1/{path}", {}, "file", name, name.encode(), headers=headers)

    def _headers(self, key: str) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.entered}", "Idempotency-Key": key}


TRADES: Final[Mapping[Role, Trade]] = MappingProxyType(
    {Role.MINISTRY_PLANNER: MinistryPlanner, Role.DE_PLANNER: DePlanner, Role.MANAGER: Manager}
)


def trade_of(post: Post) -> Trade:
    """What whoever holds the post does."""
    return Program if post.token else TRADES[post.role]
