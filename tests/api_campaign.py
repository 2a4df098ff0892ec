"""Schemathesis over the whole API, as every role; what a request changes is put back before the next."""

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import schemathesis
from api_lists import CODES as FILLED
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select

from models import Role, User
from planner.services.accounts import load_actor
from planner.services.tokens import SCOPES, NewToken, issue_token

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
KNOWN: Final = {name.replace("_", "-"): dict(parts) for name, parts in FILLED.items()}
"""Parts of addresses that lead to something, by the area they stand in."""
CODES: Final = [
    *("R-000001", "R-000002", "D-000001", "P-000001", "S-000001", "WH-000001", "WF-000001", "P1", "P4", "2570-1"),
    *("11000", "21000", "11004", "21004", "BKK1", "north", "open", "high", "normal", "vcpu", "2027", "2028"),
    *("steward", "working", "eng-2", "th", "requirement:R-000001", "demand", "https://hooks.example.go.th/"),
]
"""Texts that stand for something, of which a third of what is sent is made."""
CONFIG: Final = {
    "generation": {
        "with-security-parameters": False,  # who asks is ours to say
        "dictionaries": {"string": {"dictionary": "codes", "probability": 0.33}},
    },
    "dictionaries": {"codes": {"values": CODES}},
    "checks": {  # a version that is not written as one is none that anything has
        "negative_data_rejection": {
            "expected-statuses": ["400", "403", "404", "405", "409", "412", "415", "422", "428"]
        }
    },
}


@dataclass
class Campaign:
    """What was sent to the API behind `app`, and everything that was not as the description says."""

    app: Flask
    folder: Path
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tokens = self._make_tokens()
        self._database = Path(self.app.extensions["engine"].url.database)
        with self.app.extensions["engine"].connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept = shutil.copy(self._database, self.folder / "kept.db")
        config = SchemathesisConfig.from_dict(CONFIG)
        self._schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", self.app, config=config)

    def operations(self) -> Iterator[APIOperation]:
        """Every operation of the description."""
        return (found.ok() for found in self._schema.get_all_operations())

    def run(self, examples: int, *, same: bool) -> None:
        """Send `examples` requests as described and as many that are not to every operation, each as every role.

        `same`: the same ones each time.
        """
        for operation in self.operations():
            area = KNOWN.get(operation.path.split("/")[3], {})
            known = {name: value for name, value in area.items() if f"{{{name}}}" in operation.path}
            self._try(operation, GenerationMode.POSITIVE, known, examples, same=same)
            if operation.body or operation.query or operation.headers:
                self._try(operation, GenerationMode.NEGATIVE, known, examples, same=same)
            elif known:
                self._try(operation, GenerationMode.POSITIVE, {}, examples, same=same)

    def _try(
        self, operation: APIOperation, mode: GenerationMode, parts: dict[str, Any], examples: int, *, same: bool
    ) -> None:
        @settings(
            max_examples=examples,
            derandomize=same,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(operation.as_strategy(generation_mode=mode, path_parameters=parts or None))
        def send(case: Case) -> None:
            for role in self.tokens:
                self._send(role, case)

        with suppress(Unsatisfiable):  # there is nothing to this operation that could be wrong
            send()
        self._restore()

    def _send(self, role: Role, case: Case) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {self.tokens[role]}"})
        self.statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except FailureGroup as found:
            what = "; ".join(type(failure).__name__ for failure in found.exceptions)
            told = f"{found}\nas {role}: {case.as_curl_command()}\n{answer.status_code} {answer.text[:600]}"
            self.failures.setdefault((case.operation.label, what), told)
        if answer.status_code < 300 and case.method != "GET":
            self._restore()

    def _make_tokens(self) -> dict[Role, str]:
        tokens = {}
        with self.app.extensions["sessions"].begin() as session:
            for role in Role:
                key = session.scalars(select(User.id).where(User.role == role).order_by(User.id)).first()
                actor = load_actor(session, key)
                tokens[role] = issue_token(session, actor, NewToken("campaign", 1, SCOPES), dt.datetime.now(dt.UTC))
        return tokens

    def _restore(self) -> None:
        """Put the database back as it was: each request meets the same."""
        self.app.extensions["engine"].dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self._database}{suffix}").unlink(missing_ok=True)
        shutil.copy(self._kept, self._database)
