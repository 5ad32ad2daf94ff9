"""`huying up` while it serves: what it starts, what it refuses, and what it starts again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.installation import Installation, Process, answers, free_port, until

WEB, WORKER, DATABASE = "huying.config.web", "huying.config.worker", "bin/postgres"
MEGABYTE = 1024


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def serving(installation: Installation, port: int) -> Iterator[Process]:
    with installation.served(port) as up:
        yield up
    assert installation.processes() == []


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def web_processes(installation: Installation) -> tuple[int, list[int]]:
    """Return the web server's own process and its two workers."""
    found = installation.processes(WEB)
    [master] = [pid for pid in found if parent(pid) not in found]
    return master, [pid for pid in found if pid != master]


def test_it_prints_where_it_serves(serving: Process, port: int) -> None:
    assert serving.stdout is not None
    assert [serving.stdout.readline() for _ in range(3)][1] == f"  Huying: http://127.0.0.1:{port}/\n"
    assert answers(port)


def test_a_second_one_is_refused_and_changes_nothing(installation: Installation, serving: Process, port: int) -> None:
    before = installation.processes()
    status, out, err = installation.command("up", "--port", str(free_port()))
    assert (status, out) == (1, "")
    assert err == f"huying: another `huying up` already serves {installation.home}; stop it first\n"
    assert installation.processes() == before
    assert answers(port)


def test_another_command_works_beside_it_and_stops_nothing(
    installation: Installation, serving: Process, port: int
) -> None:
    before = installation.processes(DATABASE)
    assert installation.command("ledger", "verify")[0] == 0
    assert installation.processes(DATABASE) == before
    assert answers(port)


def test_a_web_worker_needs_less_than_150_megabytes(installation: Installation, serving: Process) -> None:
    until(lambda: len(web_processes(installation)[1]) == 2, 5)
    _, workers = web_processes(installation)
    for pid in workers:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        [own] = [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
        assert own < 150 * MEGABYTE


def test_what_serves_does_not_know_the_role_that_owns_the_tables(
    installation: Installation, serving: Process
) -> None:
    served = [*installation.processes(WEB), *installation.processes(WORKER)]
    environs = [Path(f"/proc/{pid}/environ").read_bytes() for pid in served]
    assert [b"hy_owner" in environ for environ in environs] == [False] * len(served)
    assert all(b"hy_app" in environ for environ in environs)


@pytest.mark.parametrize("which", ["a web worker", "the web server", "the worker", "the database"])
def test_what_is_killed_is_started_again(installation: Installation, serving: Process, port: int, which: str) -> None:
    master, workers = web_processes(installation)
    [jobs], [database] = installation.processes(WORKER), installation.processes(DATABASE)
    victim = {"a web worker": workers[0], "the web server": master, "the worker": jobs, "the database": database}[
        which
    ]
    before = installation.processes()

    os.kill(victim, signal.SIGKILL)

    until(lambda: victim not in installation.processes(), 5)
    if which == "the web server":
        until(lambda: not set(workers) & set(installation.processes()), 5)
    until(lambda: len(installation.processes(WEB)) == 3, 15)
    until(lambda: len(installation.processes(WORKER)) == len(installation.processes(DATABASE)) == 1, 15)
    until(lambda: answers(port), 15)
    assert set(installation.processes()) - set(before)
    assert serving.poll() is None
