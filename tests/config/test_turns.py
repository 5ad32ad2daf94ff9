"""Requests that write take turns over all web processes; who reads waits for nobody, and nobody for a slow sender."""

import io
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from huying.config import turns
from huying.config.turns import OneWriterAtATime

HOLDING = """
import fcntl, sys, time
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)
"""


class Busy:
    """An application that notes how many are at work in it at once."""

    def __init__(self) -> None:
        self.now, self.most, self.bodies = 0, 0, list[bytes]()

    def __call__(self, environ: dict[str, Any], _start: object) -> Iterable[bytes]:
        self.now += 1
        self.most = max(self.most, self.now)
        self.bodies.append(environ["wsgi.input"].read())
        time.sleep(0.05)
        self.now -= 1
        return [b"done"]


def request(method: str, body: Any = None, length: int = 0) -> dict[str, Any]:
    return {"REQUEST_METHOD": method, "wsgi.input": body or io.BytesIO(), "CONTENT_LENGTH": str(length)}


def together(application: OneWriterAtATime, *environs: dict[str, Any]) -> None:
    threads = [threading.Thread(target=application, args=(one, None)) for one in environs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)


def test_of_many_that_write_one_is_at_work_and_of_many_that_read_all(tmp_path: Path) -> None:
    busy = Busy()
    application = OneWriterAtATime(busy, tmp_path / "turn.lock")
    together(application, *(request("POST") for _ in range(4)))
    assert busy.most == 1
    together(application, *(request("GET") for _ in range(4)))
    assert busy.most > 1
    assert len(busy.bodies) == 8


def test_two_processes_take_turns_and_one_that_is_killed_gives_its_turn_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, busy = tmp_path / "turn.lock", Busy()
    monkeypatch.setattr(turns, "_PATIENCE", 60.0)
    other = subprocess.Popen([sys.executable, "-c", HOLDING, str(file)], stdout=subprocess.PIPE, text=True)
    assert other.stdout
    assert other.stdout.readline() == "held\n"
    writer = threading.Thread(target=OneWriterAtATime(busy, file), args=(request("POST"), None))
    writer.start()
    writer.join(0.3)
    assert busy.bodies == []
    other.kill()
    writer.join(10)
    other.communicate()
    assert busy.bodies == [b""]


def test_whoever_waits_too_long_goes_on_beside_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "_PATIENCE", 0.01)
    busy = Busy()
    together(OneWriterAtATime(busy, tmp_path / "turn.lock"), *(request("POST") for _ in range(3)))
    assert busy.bodies == [b""] * 3


def test_nobody_waits_for_a_slow_sender(tmp_path: Path) -> None:
    arriving = threading.Event()

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            arriving.wait(10)
            return super().read(size)

    busy = Busy()
    application = OneWriterAtATime(busy, tmp_path / "turn.lock")
    slow = threading.Thread(target=application, args=(request("POST", Slow(b"late"), 4), None))
    slow.start()
    application(request("POST", io.BytesIO(b"quick"), 5), None)
    assert busy.bodies == [b"quick"]
    arriving.set()
    slow.join(10)
    assert busy.bodies == [b"quick", b"late"]
