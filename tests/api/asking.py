"""Programs that ask the API in-process, each with a token of its own, at a moment that the test sets."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import Any

import pytest
from django.test import Client

from huying.cases.rulebooks import put_in_force
from huying.people.models import Post, Unit
from huying.people.office import the_office
from huying.people.tokens import issue_token
from huying.rules.access import Actor, Role
from tests.builders import NOW, ZONE, at, version

SAID = {"channel": "phone_mobile", "from": "13900000001", "kind": "problem", "text": "小区供暖管道漏水，三天无人维修"}
_KEYS = count()


@dataclass
class Answer:
    status: int
    json: Any
    headers: Any


@dataclass
class Program:
    """A program with a token; without one a stranger."""

    secret: str | None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def get(self, path: str, language: str = "zh-hans") -> Answer:
        return self._answer(self.client.get(f"/api/v1{path}", headers=self._headers(language)))

    def post(self, path: str, body: object, key: str | None = None, language: str = "zh-hans") -> Answer:
        """Post a body, JSON unless it is bytes."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = self._headers(language) | ({} if key is None else {"Idempotency-Key": key})
        return self._answer(self.client.post(f"/api/v1{path}", raw, content_type="application/json", headers=headers))

    def contact(self, key: str | None = None, **said: object) -> Answer:
        return self.post("/contacts", SAID | said, key or f"key-{next(_KEYS)}")

    def do(self, number: str, verb: object, **given: object) -> Answer:
        return self.post(f"/cases/{number}/commands", {"do": verb, **given})

    def _headers(self, language: str) -> dict[str, str]:
        return {"Accept-Language": language} | ({"Authorization": f"Bearer {self.secret}"} if self.secret else {})

    @staticmethod
    def _answer(response: Any) -> Answer:
        assert response.headers["Content-Type"].startswith("application/json"), response.content
        return Answer(response.status_code, json.loads(response.content), response.headers)


def program(role: Role, *, unit: Unit | None = None, post: Post | None = None, name: str | None = None) -> Program:
    """Return a program with a new token."""
    return Program(issue_token(name or f"{role}-{next(_KEYS)}", role, at(1, 5), unit=unit, post=post))


def open_office(rulebook_id: str = "bozhou") -> None:
    """Have the office work under a rulebook since January."""
    the_office()
    put_in_force(version(rulebook_id), at(1, 5).date(), at(1, 5), Actor.system())


class Clock:
    """The one clock of the product, set by the test."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, now: datetime = NOW) -> None:
        self.now = now
        monkeypatch.setattr("huying.cases.clock.now", lambda: self.now)

    def set(self, month: int, day: int, hour: int = 0, minute: int = 0) -> None:
        self.now = datetime(2026, month, day, hour, minute, tzinfo=ZONE)
