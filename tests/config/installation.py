"""An installation in a temporary folder, worked by real processes, and what is left of them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from huying.config.postgres_setup import cluster_folder, locate
from tests.conftest import REPOSITORY

Process = subprocess.Popen[str]
# Nothing here is measured: on a machine that is busy with other things a start takes ten times as long.
PATIENCE = 240  # seconds


def clean_environ(**more: str) -> dict[str, str]:
    """Return the environment without what the suite, or a developer, has set for Huying.

    Without PYTHONDONTWRITEBYTECODE too: each of many processes would compile all of it, for seconds.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HUYING_", "DJANGO_"))}
    return {name: value for name, value in kept.items() if name not in ("PORT", "PYTHONDONTWRITEBYTECODE")} | more


@dataclass(frozen=True)
class Installation:
    home: Path

    def start(self, *argv: str, **environ: str) -> Process:
        return subprocess.Popen(
            [sys.executable, "-m", "huying", *argv],
            cwd=REPOSITORY,
            env=clean_environ(HUYING_HOME=str(self.home)) | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def command(self, *argv: str, **environ: str) -> tuple[int, str, str]:
        """Run a command to its end; return exit status, output and error output."""
        process = self.start(*argv, **environ)
        out, err = patiently(process)
        return process.returncode, out, err

    @contextmanager
    def served(self, port: int) -> Iterator[Process]:
        """Have `up` serve while the block runs; PORT tells it where."""
        process = self.start("up", PORT=str(port))
        try:
            until(lambda: answers(port) or process.poll() is not None, PATIENCE)
            assert process.returncode is None, process.communicate()
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
                patiently(process)

    def processes(self, named: str = "") -> list[int]:
        """Return the living processes that bear HUYING_HOME, and those of its database."""
        return sorted(pid for pid, line in self._lines() if named in line)

    def _lines(self) -> Iterator[tuple[int, str]]:
        mark, tag = f"HUYING_HOME={self.home}\0".encode(), locate(self.home, None).tag
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line and (tag in line or mark in (process / "environ").read_bytes()):
                    yield int(process.name), line

    def remove(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(cluster_folder(self.home), ignore_errors=True)


def patiently(process: Process) -> tuple[str, str]:
    """Wait for a process to end, and return what it said; one that doesn't end is killed and fails the test."""
    try:
        return process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/account/login/", timeout=20) as page:
            return int(page.status) == 200
    except (URLError, OSError):
        return False


def until(condition: Callable[[], object], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it didn't come about within {seconds} seconds"
        time.sleep(0.02)
