"""`huying up` and `huying demo`: database, web server and worker as one, and the end of all of them together."""

import fcntl
import os
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from huying.config.house import OWNER_URL, House, Trouble, data_folder, disconnect, opened
from huying.config.postgres import running
from huying.config.processes import Child, ensure_free, supervise

_LOOK_AT_DATABASE_EVERY = 5.0  # seconds


def up(host: str, port: int, workers: int) -> int:
    """Serve until a signal comes. Raises Trouble, Unavailable, PortTaken."""
    with _held(host, port) as house:
        return _serve(house, host, port, workers)


def demo(host: str, port: int, workers: int, real: Path | None) -> int:
    """Build the invented city if the folder has none, load the real messages of `real`, print the account, serve."""
    if real is not None and not real.is_dir():
        raise Trouble(f"{real} is not a folder")
    with _held(host, port) as house:
        account = _prepare(house, real)
        return _serve(house, host, port, workers, account)


@contextmanager
def _held(host: str, port: int) -> Iterator[House]:
    """Open the installation for serving it; what can't be served is refused before anything is touched."""
    ensure_free(host, port)
    with _alone(data_folder()), opened(migrate=True) as house:
        yield house


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder: a second `up` on it would run every job twice as often and share nothing else."""
    try:
        lock = (home / "up.lock").open("w")
    except OSError as denied:
        raise Trouble(f"{home / 'up.lock'} can't be written ({denied.strerror})") from denied
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Trouble(f"another `huying up` already serves {home}; stop it first") from busy
        yield


def _prepare(house: House, real: Path | None) -> str:
    from huying.cases.clock import now
    from huying.config.loading import load_contacts, progress
    from huying.rehearsal.demo import build

    account = build(house.home, now(), progress("The invented city"))
    for name, unit in (("hot_messages.csv", None), ("replies.csv", "city")):
        if real is not None:
            load_contacts(real / name, "message-board", unit)
    return account


def _serve(house: House, host: str, port: int, workers: int, account: str = "") -> int:
    disconnect()
    web = Child("the web server", [sys.executable, "-m", "huying.config.web", host, str(port), str(workers)])
    worker = Child("the worker", [sys.executable, "-m", "huying.config.worker"])
    watch = Child("the sweep", [sys.executable, "-m", "huying.config.watch"])
    # Who serves has no business with the role that owns the tables.
    environ = {name: value for name, value in os.environ.items() if name != OWNER_URL}
    chores = [_Greeting(host, port, account).once_it_answers]
    if house.own_database:
        chores.append(_Database(house.home, time.monotonic()).look)
    return supervise([web, worker, watch], environ, chores)


@dataclass
class _Greeting:
    """What tells the address, when somebody answers there."""

    host: str
    port: int
    account: str
    is_said: bool = False

    def once_it_answers(self) -> None:
        if self.is_said or not self._answers():
            return
        shown = f"[{self.host}]" if ":" in self.host else self.host
        print(f"\n  Huying: http://{shown}:{self.port}/\n{self.account}  Stop it with Ctrl-C.", flush=True)
        self.is_said = True

    def _answers(self) -> bool:
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            return probe.connect_ex((self.host, self.port)) == 0


@dataclass
class _Database:
    """Our own server, which somebody else may kill (the kernel, short of memory)."""

    home: Path
    looked_at: float

    def look(self) -> None:
        """Start it again if it is gone: to join and leave is all that takes."""
        if time.monotonic() - self.looked_at < _LOOK_AT_DATABASE_EVERY:
            return
        with running(self.home):
            self.looked_at = time.monotonic()
