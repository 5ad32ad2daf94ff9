"""Schemathesis sends what the description allows, and what it doesn't: nothing is a fault, every answer described."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.config import SchemathesisConfig

from huying.config.wsgi import application
from tests.api.asking import Program
from tests.builders import unit

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
CONFIG = SchemathesisConfig.from_dict({"generation": {"max-examples": 15, "deterministic": True, "no-shrink": True}})
SEEN = defaultdict[tuple[str, str], set[int]](set)
COUNT = count()
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application, config=CONFIG)


@pytest.fixture
def asked(office: Program) -> Iterator[tuple[Program, str, int]]:
    """A program of the office, the number of a case that is assigned, and a contact that waits."""
    unit("housing")
    number = office.contact().json["case"]
    office.do(number, "assign", unit="housing")
    waits = office.contact(kind="unsorted").json["contact"]
    # A request ends by closing its connection, with which all of this test would be gone.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    yield office, number, waits
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_that_is_sent_is_a_fault(case: schemathesis.Case[Any], asked: tuple[Program, str, int]) -> None:
    office, number, waits = asked
    if "contact" in case.path_parameters and next(COUNT) % 2:
        case.path_parameters["contact"] = waits
    if "number" in case.path_parameters and len(str(case.path_parameters["number"])) % 2:
        case.path_parameters["number"] = number  # every other one is of a case that exists

    own = {"Authorization": f"Bearer {office.secret}"}
    if case.path.endswith("/contacts") and next(COUNT) % 4:
        own["Idempotency-Key"] = f"key-{next(COUNT)}"  # without one, nothing else of a contact is looked at
        _name_nothing(case.body)

    answer = case.call_and_validate(headers=own, checks=CHECKS)

    SEEN[case.method, case.path].add(answer.status_code)


def _name_nothing(body: object) -> None:
    """Leave out of a contact what only somebody who knows the register could say; else none is ever taken in."""
    if isinstance(body, dict):
        for key in ("to", "case", "respondent", "occurred_at"):
            body.pop(key, None)
        body.setdefault("text", "x")


@pytest.mark.parametrize(
    ("address", "answers"),
    [
        (("POST", "/api/v1/contacts"), {201, 409}),
        (("GET", "/api/v1/cases/{number}"), {200, 404}),
        (("POST", "/api/v1/cases/{number}/commands"), {404, 409}),
        (("POST", "/api/v1/contacts/{contact}/commands"), {404, 409}),
    ],
)
def test_what_was_sent_reached_the_doors(address: tuple[str, str], answers: set[int]) -> None:
    """Else the test before would say little. It may have looked at that address in another process."""
    assert address not in SEEN or answers <= SEEN[address]
