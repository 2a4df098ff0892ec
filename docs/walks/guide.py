"""Somebody who follows a tutorial: signs in, presses what the page names in bold, and looks whether it is there."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from planner.i18n import LANGUAGE_NAMES, label_words
from planner.services.demo_accounts import DemoAccount
from planner.text import LocalText

WIDTH: Final = 1240
"""Of the window in pixels: wide enough for the whole menu in a row."""
PATIENCE: Final = 90_000
"""Milliseconds that a page may take on a slow machine."""
MIMETYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Word = str | LocalText
"""What a screen says: a message id, or words that carry both languages."""


@dataclass
class Guide:
    """One walk's state: the browser at the place it has come to, and the words of the screen said so far.

    `accounts` are found by user name. `work` does what waits in the queue, or waits until it is done. `photograph`
    takes a picture of parts of the page under a name; without it the parts must only be there.
    """

    browser: Browser
    address: str
    accounts: Mapping[str, DemoAccount]
    language: str
    work: Callable[[], None] = lambda: None
    photograph: Callable[[Page, str, list[Locator]], None] | None = None
    words: list[Word] = field(default_factory=list)
    pictures: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)
    page: Page = field(init=False)

    def sign_in(self, username: str) -> None:
        """Open a browser of their own for somebody, in the guide's language."""
        context = self.browser.new_context(viewport={"width": WIDTH, "height": 900})
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        self.page = context.new_page()
        self.page.goto(f"{self.address}/sign-in")
        self.page.fill("#username", username)
        self.page.fill("#password", self.accounts[username].password)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_url(f"{self.address}/")
        if self.page.locator("html").get_attribute("lang") != self.language:
            self._leave_by(self.page.get_by_role("button", name=LANGUAGE_NAMES[self.language], exact=True))

    def menu(self, *names: Word) -> None:
        """Open a page from the menu: by its name, or by the group and then by the name."""
        *group, name = map(self._say, names)
        bar = self.page.locator("header nav")
        for each in group:
            bar.get_by_role("button", name=re.compile(f"^{re.escape(each)}")).first.click()
        self._leave_by(bar.get_by_role("link", name=re.compile(rf"^{re.escape(name)}(\s|$)")))

    def press(self, name: Word) -> None:
        """Press the first button, or follow the first link, of that name, and be on the page that comes of it."""
        self._leave_by(self._named(name))

    def ask(self, name: Word) -> None:
        """Press a button that answers on the same page."""
        self._named(name).click()

    def download(self, name: Word) -> bytes:
        """Press what hands out a file."""
        with self.page.expect_download() as handed:
            self._named(name).click()
        return handed.value.path().read_bytes()

    def see(self, name: Word) -> None:
        """Find a heading, or other words, on the page."""
        self.page.locator("main").get_by_text(self._say(name), exact=True).locator("visible=true").first.wait_for()

    def fill(self, label: Word, text: str) -> None:
        """Write into the field of that label, or choose in it what has that value."""
        name = re.compile(rf"^\s*{re.escape(self._say(label))}\s*\*?\s*$")  # the star of what must be filled in
        place = self.page.locator("main").get_by_label(name).first
        if place.evaluate("place => place.tagName") == "SELECT":
            place.select_option(text)
        else:
            place.fill(text)

    def tick(self, *codes: str) -> None:
        """Choose rows of a list by their codes."""
        for code in codes:
            self.page.check(f"input[name=code][value={code}]")

    def attach(self, name: str, content: bytes) -> None:
        """Choose a workbook to upload."""
        self.page.set_input_files("input[type=file]", {"name": name, "mimeType": MIMETYPE, "buffer": content})

    def open(self, code: str) -> None:
        """Follow the first link on the page that starts with a code."""
        self._leave_by(self.page.locator("main").get_by_role("link", name=re.compile(f"^{re.escape(code)}")))

    def picture(self, name: str, *parts: str) -> None:
        """A picture of parts of the page, named by selectors; of all of it without any."""
        places = [self.page.locator(part).first for part in parts or ("main",)]
        for place in places:
            place.wait_for()
        self.pictures.append(name)
        if self.photograph:
            self.photograph(self.page, name, places)

    def wait(self) -> None:
        """See the panel of a job, and have it done. The page then goes on by itself, for which pictures wait."""
        panel = self.page.locator("[data-job]").first
        panel.wait_for()
        self.work()
        if self.photograph:
            panel.wait_for(state="detached")

    def close(self) -> None:
        """Close every browser that was opened."""
        for context in self.contexts:
            context.close()
        self.contexts.clear()

    def _say(self, word: Word) -> str:
        self.words.append(word)
        return label_words(word, self.language)

    def _named(self, name: Word) -> Locator:
        exact = re.compile(rf"^\s*{re.escape(self._say(name))}\s*$")
        main = self.page.locator("main")
        found = main.get_by_role("button", name=exact).or_(main.get_by_role("link", name=exact))
        return found.locator("visible=true").first

    def _leave_by(self, way: Locator) -> None:
        with self.page.expect_navigation():
            way.locator("visible=true").first.click()
