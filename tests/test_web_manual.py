"""The help of a page leads to the manual, where one is served."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from models import Role

DOCS = Path(__file__).resolve().parent.parent / "docs"
MANUAL = "https://manual.example.go.th"


@pytest.mark.parametrize("role", Role)
def test_the_help_leads_to_the_tutorial_of_the_readers_role(web_app: Flask, visitor_as: Callable, role: Role) -> None:
    web_app.config["MANUAL"] = MANUAL
    (link,) = visitor_as(role).open("/").select("#help a")
    page = str(link["href"]).removeprefix(f"{MANUAL}/").removesuffix(".html")
    assert (DOCS / f"{page}.md").is_file()
    assert page.startswith("th/")


def test_before_signing_in_it_leads_to_all_tutorials(web_app: Flask) -> None:
    web_app.config["MANUAL"] = MANUAL
    page = web_app.test_client().get("/sign-in").text
    assert f'href="{MANUAL}/th/index.html"' in page


def test_without_a_manual_there_is_no_link(visitor_as: Callable) -> None:
    assert not visitor_as("manager").open("/").select("#help a")
