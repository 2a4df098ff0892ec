"""People at work: each does one thing after another over HTTP and writes down what it was told."""

import http.client
import itertools
import random
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from planner.cli.browser import Answer, Browser, PageError, token
from planner.cli.faults.ledger import Ledger, Outcome
from planner.cli.faults.world import PASSWORD, Post, World

PAUSES: Final = (0.05, 0.4)
"""Between so many seconds somebody rests after a deed."""
REST: Final = 0.2
"""Seconds until the next try where nothing answered."""
DONE: Final = frozenset({200, 201, 204, 302})
"""How it is answered that something is done."""


class Crew:
    """The people of a `world` at work at the server on `port`; what they do goes into `ledger`.

    `trade` says what kind of person holds a post.
    """

    def __init__(self, world: World, port: int, seed: int, trade: Callable[[Post], "Trade"]) -> None:
        self.ledger = Ledger()
        self.world = world
        self.numbers = itertools.count(1)
        self.submitted: deque[str] = deque()
        self.runs: deque[str] = deque()
        self.stopping = threading.Event()
        self._people = [trade(post)(self, post, port, seed + at) for at, post in enumerate(world.posts)]

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
        self.browser = Browser(port, again=False)
        self.entered = ""
        """What proves to the server that this is who signed in; "" for nobody."""

    def work(self) -> None:
        """Sign in where that is needed, and take turns until all are told to stop."""
        with closing(self.browser.connection):
            while not self.crew.stopping.is_set():
                try:
                    if not self.entered:
                        self.sign_in()
                    self.turn()
                except (PageError, OSError, http.client.HTTPException):
                    self.crew.stopping.wait(REST)

    @abstractmethod
    def turn(self) -> None:
        """Do what this person does."""

    def look(self, path: str) -> str:
        """Read a page; `PageError` where there is none."""
        answer = self._ask(lambda: self.browser.ask("GET", path))
        if answer is None or answer.status != 200:
            raise PageError(path)
        return answer.text

    def try_to(self, kind: str, mark: str, path: str, form: dict[str, str]) -> Answer | None:
        """Send a form, and write down what became of it; the answer, if it was done."""
        return self.note(kind, mark, lambda: self.browser.post(path, {**form, "csrf_token": self.entered}))

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
            outcome = Outcome.DONE if answer.status in DONE and self.entered else Outcome.REFUSED
        self.crew.ledger.note(kind, mark, outcome)
        self.crew.stopping.wait(self.chance.uniform(*PAUSES))
        return answer if outcome is Outcome.DONE else None

    def mark(self) -> str:
        """Something that stands nowhere else."""
        return f"fault-{next(self.crew.numbers):06}"

    def send_form(self, path: str, form: dict[str, str]) -> Answer:
        """Send a form of this session."""
        return self.browser.post(path, {**form, "csrf_token": self.entered})

    def send_json(self, path: str, value: object, csrf: str) -> Answer:
        """Send what a script would."""
        return self.browser.post_json(path, value, csrf)

    def send_file(self, path: str, field: str, name: str, content: bytes, **form: str) -> Answer:
        """Send a file."""
        return self.browser.post_file(path, {**form, "csrf_token": self.entered}, field, name, content)

    def _ask(self, send: Callable[[], Answer]) -> Answer | None:
        """The answer; None where nothing answered. Whoever is no longer taken for signed in is so at the next turn."""
        try:
            answer = send()
        except (OSError, http.client.HTTPException):
            self.crew.ledger.count(0)
            self.crew.stopping.wait(REST)
            return None
        self.crew.ledger.count(answer.status)
        if answer.status == 400 or (answer.status == 302 and urlsplit(answer.location).path == "/sign-in"):
            self.entered = ""  # by the clock a form was open for too long, or the sign-in was
        return answer

    def sign_in(self) -> None:
        """Enter; `PageError` where that is not possible now."""
        self.browser.cookies.clear()
        form = {"username": self.post.username, "password": PASSWORD, "csrf_token": token(self.look("/sign-in"))}
        if (answer := self._ask(lambda: self.browser.post("/sign-in", form))) is None or answer.status != 302:
            raise PageError("not signed in")
        self.entered = token(self.look("/account/"))


Trade: TypeAlias = Callable[[Crew, Post, int, int], Person]
"""Makes a person of a crew, a post, the server's port and a seed."""
