"""Programs that hold a token of the demonstration's people, as tests of the API use them."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from models import User
from planner.services.accounts import load_actor
from planner.services.demo_accounts import DemoAccount
from planner.services.tokens import SCOPES, NewToken, issue_token

ROOT = "/api/v1"


class Program:
    """A client of the API with a token of its own."""

    def __init__(self, app: Flask, username: str, scopes: tuple[str, ...]) -> None:
        self.client = app.test_client()
        with app.extensions["sessions"].begin() as session:
            key = session.scalars(select(User.id).where(User.username == username)).one()
            owner = load_actor(session, key)
            assert owner is not None
            token = issue_token(session, owner, NewToken("test", 1, scopes), dt.datetime.now(dt.UTC))
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        version: int | str | None = None,
        headers: Mapping[str, str] | None = None,
        files: Mapping[str, Any] | None = None,
    ) -> TestResponse:
        """The answer to a request below /api/v1; `version` goes into If-Match, `body` as JSON or else `files`."""
        sent = {**self.headers, **(headers or {})}
        if version is not None:
            sent["If-Match"] = version if isinstance(version, str) else f'"{version}"'
        return self.client.open(ROOT + path, method=method, json=body, data=files, headers=sent)

    def get(self, path: str) -> Any:
        """What a GET answers, which must succeed."""
        return self.expect(200, "GET", path)

    def expect(self, status: int, method: str, path: str, body: Any = None, *, version: int | str | None = None) -> Any:
        """What a request answers, which must be with `status`."""
        response = self.ask(method, path, body, version=version)
        assert response.status_code == status, response.text
        return response.json if response.is_json else response.data

    def faults(self, method: str, path: str, body: Any = None, *, version: int | str | None = None) -> dict[str, str]:
        """The codes of the faults for which a request is refused, by their addresses."""
        answer = self.expect(422, method, path, body, version=version)
        return {each["address"]: each["code"] for each in answer["faults"]}


@pytest.fixture
def program(web_app: Flask, web_template: tuple[Path, Mapping[str, DemoAccount]]) -> Callable[..., Program]:
    """Makes a program of the demonstration's person of a role, or of that user name, with a token for everything."""

    def make(who: str, scopes: tuple[str, ...] = SCOPES) -> Program:
        return Program(web_app, web_template[1][who].username, scopes)

    return make
