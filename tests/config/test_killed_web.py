"""kill -9 of the web server in the middle of a thousand contacts: what was acknowledged is there, once."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from itertools import count
from typing import Any

import pytest

from tests.config.installation import Installation, answers, free_port, until
from tests.config.test_setup import argv

POSTS, CLIENTS, KILL_AFTER = 1000, 4, (250, 600)
WEB = "huying.config.web"


@pytest.fixture
def city(tmp_path: Any) -> Iterator[Installation]:
    made = Installation(tmp_path / "home")
    try:
        status, _, err = made.command("setup", *argv())
        assert status == 0, err
        yield made
    finally:
        made.remove()


class Sender:
    """A program that posts contact number n under key n, from several threads."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret = port, secret
        self.acknowledged: dict[int, dict[str, Any]] = {}
        self.unknown: set[int] = set()
        self.numbers = count()

    def ask(self, method: str, path: str, body: object = None, key: str = "") -> tuple[int, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {"Authorization": f"Bearer {self.secret}", "Idempotency-Key": key}
        try:
            connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def post(self, n: int) -> None:
        body = {"channel": "sms", "kind": "problem", "from": "13900000001", "text": f"第 {n} 件"}
        status, told = self.ask("POST", "/contacts", body, f"key-{n}")
        assert status == 201, told
        self.acknowledged[n] = told

    def post_all(self) -> None:
        """Post until all numbers are taken; whatever gets no answer is unknown, and is not asked again here."""
        while (n := next(self.numbers)) < POSTS:
            try:
                self.post(n)
            except (OSError, HTTPException):
                self.unknown.add(n)
                until(lambda: answers(self.port), 60)

    def listed(self) -> list[str]:
        """Return the numbers of all cases, read page by page."""
        numbers: list[str] = []
        _, page = self.ask("GET", "/cases?show=all")
        while True:
            numbers += [one["number"] for one in page["cases"]]
            if page["older"] is None:
                return numbers
            _, page = self.ask("GET", f"/cases?show=all&from={page['older']}")


@pytest.mark.crash
def test_what_was_acknowledged_is_there_once_and_a_retry_doubles_nothing(city: Installation) -> None:
    _, secret, _ = city.command("token", "create", "feed", "--role", "office")
    port = free_port()
    with city.served(port):
        sender = Sender(port, secret.strip())
        with ThreadPoolExecutor(CLIENTS) as threads:
            clients = [threads.submit(sender.post_all) for _ in range(CLIENTS)]
            for many in KILL_AFTER:
                until(lambda many=many: len(sender.acknowledged) >= many, 120)  # type: ignore[misc]
                for process in city.processes(WEB):
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
            for client in clients:
                client.result(240)

        assert sender.unknown
        first = {told["case"] for told in sender.acknowledged.values()}
        listed = sender.listed()
        assert len(first) == len(sender.acknowledged)
        assert first <= set(listed)
        assert len(listed) == len(set(listed)) <= POSTS

        for n in sorted(sender.unknown):
            sender.post(n)
        again = dict(list(sender.acknowledged.items())[:20])
        for n, told in again.items():
            sender.post(n)
            assert sender.acknowledged[n] == told

        assert sorted(sender.listed()) == sorted(told["case"] for told in sender.acknowledged.values())
        _, totals = sender.ask("GET", "/totals")
        assert (totals["contacts_raw"], totals["cases"]) == (POSTS, POSTS)
        assert city.command("ledger", "verify")[0] == 0
