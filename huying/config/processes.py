"""The processes of `huying up`: started, watched, and ended together, so that none is left over.

A child dies with its parent even if that is killed (PR_SET_PDEATHSIG); the signal isn't inherited, so each child
and each web worker sets it for itself. Numbers and traps: granian forks its workers, and without respawning
a killed worker would stop the server.
"""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PARENT = "HUYING_PARENT"  # set for children: the process whose end is theirs
_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.1  # seconds
_STOP_WITHIN = 12.0  # seconds; a web request gets 10, a job that doesn't end is retried later
_CRASHES = 5  # within _CRASH_WINDOW seconds: something is wrong for good
_CRASH_WINDOW = 60.0


class PortTaken(Exception):
    """The address can't be listened on; the message is one line that says what to do."""


def stop_on_signals() -> None:
    """Have SIGTERM and SIGHUP do what Ctrl-C does, so that everything opened is closed; the first of them counts.

    Impatience must not interrupt the closing. What was ignored stays so: `nohup` means it.
    """

    def stop(_number: int, _frame: object) -> None:
        for number in heeded:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    stopping = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    heeded = [number for number in stopping if signal.getsignal(number) is not signal.SIG_IGN]
    for number in heeded:
        signal.signal(number, stop)


def end_with_parent() -> None:
    """Have this process killed when the one that PARENT names ends; do nothing if it names none."""
    parent = os.environ.get(PARENT)
    if parent is None or sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it ended before the line above
        os.kill(os.getpid(), signal.SIGKILL)
    # A forked web worker still has its master's handlers, which would lose a signal that comes while it starts.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def ensure_free(host: str, port: int) -> None:
    """Raise PortTaken unless `host:port` can be bound: two granians would silently share it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as taken:
            raise PortTaken(
                f"port {port} on {host} can't be used ({taken.strerror}): end what holds it, or use --port"
            ) from taken


@dataclass
class Child:
    """One long-running program; started again when it ends by itself."""

    name: str
    argv: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    ended_at: list[float] = field(default_factory=list)

    def start(self, environ: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(self.argv, env=environ, start_new_session=True)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def crashed_too_often(self, now: float) -> bool:
        """Return whether this end, if it is one, is one too many."""
        ends = [now] if self.process is not None else []
        self.ended_at = [at for at in (*self.ended_at, *ends) if now - at < _CRASH_WINDOW]
        return len(self.ended_at) >= _CRASHES


def supervise(
    children: Sequence[Child], environ: Mapping[str, str], chores: Sequence[Callable[[], object]] = ()
) -> int:
    """Run the children, and the chores every moment, until a signal comes; return the exit status.

    The signals are those of `stop_on_signals`.
    """
    environ = {**environ, PARENT: str(os.getpid())}
    try:
        while True:
            for child in children:
                if child.is_running:
                    continue
                if child.crashed_too_often(time.monotonic()):
                    print(f"huying: {child.name} ended {_CRASHES} times within a minute; stopping", file=sys.stderr)
                    return 1
                child.start(environ)
            for chore in chores:
                chore()
            time.sleep(_LOOK_EVERY)
    except KeyboardInterrupt:
        return 0
    finally:
        _end(children)


def _end(children: Sequence[Child]) -> None:
    """Ask all children to end, then make those end that didn't."""
    running = [child.process for child in children if child.process is not None and child.is_running]
    for process in running:
        process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + _STOP_WITHIN
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
