"""Processes that are started, watched and ended together: tried on small programs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from huying.config import processes
from huying.config.processes import PARENT, Child, PortTaken, ensure_free, supervise
from tests.config.installation import until
from tests.conftest import REPOSITORY

CHILD = "from huying.config.processes import end_with_parent; end_with_parent(); {then}"
SLEEP = "import time; print('on', flush=True); time.sleep(60)"
PARENT_OF_ONE = f"""
import os, subprocess, sys, time
environ = os.environ | {{"{PARENT}": str(os.getpid())}}
print(subprocess.Popen([sys.executable, "-c", sys.argv[1]], env=environ).pid, flush=True)
time.sleep(60)
"""
UNTIL_SIGNAL = """
import time
from huying.config.processes import stop_on_signals
stop_on_signals()
try:
    print("on", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("closing", flush=True)
    time.sleep(0.3)
    print("closed", flush=True)
"""


def python(code: str, *argv: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *argv],
        cwd=REPOSITORY,
        env=os.environ | environ,
        stdout=subprocess.PIPE,
        text=True,
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


# -- a child ends with its parent -----------------------------------------------------------------------------------


def test_a_child_ends_when_its_parent_is_killed() -> None:
    parent = python(PARENT_OF_ONE, CHILD.format(then=SLEEP))
    child = int(line(parent))
    assert line(parent) == "on"
    parent.kill()
    parent.wait()
    until(lambda: not lives(child), 5)
    parent.communicate()


def test_a_child_whose_parent_is_gone_already_ends_at_once() -> None:
    orphan = python(CHILD.format(then=SLEEP), **{PARENT: "4194304"})
    assert orphan.communicate(timeout=20)[0] == ""
    assert orphan.returncode == -signal.SIGKILL


def test_a_process_that_nobody_claims_goes_on() -> None:
    alone = python(CHILD.format(then="print('on')"))
    assert alone.communicate(timeout=20)[0] == "on\n"


# -- watching -------------------------------------------------------------------------------------------------------


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_STOP_WITHIN", 0.3)
    monkeypatch.setattr(processes, "_LOOK_EVERY", 0.01)


def test_a_child_that_ends_again_and_again_stops_all(impatient: None, capfd: pytest.CaptureFixture[str]) -> None:
    healthy = Child("healthy", ["sleep", "60"])
    assert supervise([healthy, Child("the moody one", ["sh", "-c", "echo began"])], os.environ) == 1
    said = capfd.readouterr()
    assert said.out == "began\n" * 5
    assert said.err == "huying: the moody one ended 5 times within a minute; stopping\n"
    assert not healthy.is_running


def test_ends_that_lie_far_apart_are_forgiven() -> None:
    child = Child("old", ["true"], ended_at=[])
    assert not child.crashed_too_often(0.0)  # its first start is no end
    child.process = subprocess.Popen(["true"])
    child.process.wait()
    assert [child.crashed_too_often(20.0 * i) for i in range(10)] == [False] * 10
    assert [child.crashed_too_often(200.0 + i) for i in range(4)][-1]


def test_a_chore_that_fails_ends_the_children(impatient: None) -> None:
    child = Child("child", ["sleep", "60"])
    with pytest.raises(ZeroDivisionError):
        supervise([child], os.environ, [lambda: 1 // 0])
    assert not child.is_running


def test_a_child_that_will_not_end_is_killed_with_its_own_children(impatient: None) -> None:
    stubborn = Child("stubborn", ["sh", "-c", "trap '' TERM; sleep 61 & sleep 61; wait"])

    def interrupt() -> None:
        time.sleep(0.2)
        raise KeyboardInterrupt

    assert supervise([stubborn], os.environ, [interrupt]) == 0
    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL
    until(lambda: not any(lives(pid) for pid in _group(stubborn.process)), 2)


def _group(leader: subprocess.Popen[bytes] | None) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if leader is not None and int(fields[2]) == leader.pid:
            yield int(process.name)


# -- signals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_signal_closes_and_the_next_do_not_disturb(number: signal.Signals) -> None:
    program = python(UNTIL_SIGNAL)
    assert line(program) == "on"
    program.send_signal(number)
    assert line(program) == "closing"
    program.send_signal(signal.SIGINT)
    program.send_signal(signal.SIGTERM)
    assert program.communicate(timeout=10)[0] == "closed\n"
    assert program.returncode == 0


def test_a_signal_that_was_ignored_stays_ignored() -> None:
    program = python("import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)" + UNTIL_SIGNAL)
    assert line(program) == "on"
    program.send_signal(signal.SIGHUP)
    time.sleep(0.1)
    assert program.poll() is None
    program.terminate()
    assert line(program) == "closing"
    program.communicate(timeout=10)


# -- ports ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_port_is_free_until_somebody_takes_it(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        other = socket.create_server((host, 0), family=family)
    except OSError:
        pytest.skip(f"there is no {host} here")
    port = other.getsockname()[1]
    with (
        closing(other),
        pytest.raises(PortTaken, match=rf"port {port} on {host} can't be used \(Address already in use"),
    ):
        ensure_free(host, port)
    ensure_free(host, port)


def test_a_host_that_is_not_here_is_refused() -> None:
    with pytest.raises(PortTaken, match=r"port 9300 on 192\.0\.2\.1 can't be used"):
        ensure_free("192.0.2.1", 9300)
