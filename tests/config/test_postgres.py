"""Own PostgreSQL: joined by many, stopped by the last, and none the worse for kill -9.

The variable HUYING_TEST_POSTGRES names a folder of other binaries (say of PostgreSQL 15) to run this file on.
"""

import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from huying.config import postgres, postgres_setup
from huying.config.postgres import Unavailable, Urls, cluster_folder

IS_ROOT = os.geteuid() == 0
BIN_DIR = Path(os.environ["HUYING_TEST_POSTGRES"]) if "HUYING_TEST_POSTGRES" in os.environ else None
REPOSITORY = Path(postgres.__file__).parents[2]
USER_PROGRAM = """
import sys, time
from pathlib import Path
import psycopg
from huying.config.postgres import running
home, bin_dir, seconds = sys.argv[1:]
with running(Path(home), bin_dir=Path(bin_dir) if bin_dir else None, say=lambda line: None) as urls:
    with psycopg.connect(urls.app) as connection:
        connection.execute("SELECT 1")
    print("in", flush=True)
    time.sleep(float(seconds))
    with psycopg.connect(urls.app) as connection:
        connection.execute("SELECT 1")
"""


def running(home: Path, say: Callable[[str], None] = lambda _: None) -> AbstractContextManager[Urls]:
    return postgres.running(home, bin_dir=BIN_DIR, say=say)


def user(home: Path, seconds: float) -> subprocess.Popen[str]:
    """Start another process that uses the database of `home` for so long and prints `in` when it does."""
    return subprocess.Popen(
        [sys.executable, "-c", USER_PROGRAM, home, BIN_DIR or "", str(seconds)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def servers(home: Path) -> list[int]:
    """Return the living processes that stand in a data folder of `home`; found without the code under test."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(cluster_folder(home)):
                found.append(int(process.name))
    return found


def data_folder(home: Path) -> Path:
    return postgres_setup.locate(home, BIN_DIR).data


def postmaster(home: Path) -> int:
    return int((data_folder(home) / "postmaster.pid").read_text().split("\n")[0])


def one(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def do(url: str, *commands: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for command in commands:
            connection.execute(command.encode())


def clear(home: Path) -> None:
    for pid in servers(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(cluster_folder(home), ignore_errors=True)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home with nothing in it yet; a first start in it takes a second."""
    yield tmp_path / "home"
    clear(tmp_path / "home")


@dataclass(frozen=True)
class FirstStart:
    home: Path
    said: list[str]
    modes_before: dict[Path, int]
    modes_during: dict[Path, int]


def modes(folder: Path) -> dict[Path, int]:
    """Return the modes of all folders above; one that isn't there yet has none."""
    return {path: path.stat().st_mode for path in folder.parents if path.exists()}


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FirstStart]:
    """One cluster for most tests, made under a strict umask and then stopped."""
    home = tmp_path_factory.mktemp("shared") / "home"
    said: list[str] = []
    before = modes(home) | modes(cluster_folder(home))
    umask = os.umask(0o077)
    try:
        with running(home, said.append):
            during = modes(home) | modes(cluster_folder(home))
    finally:
        os.umask(umask)
    yield FirstStart(home, said, before, during)
    clear(home)


@pytest.fixture
def made(first_start: FirstStart) -> Iterator[Path]:
    """The home of this one cluster; a test must leave no server behind."""
    assert servers(first_start.home) == []
    yield first_start.home
    assert servers(first_start.home) == []


# Life cycle


def test_it_serves_while_held_and_stops_after(made: Path) -> None:
    with running(made) as urls:
        assert one(urls.app, "SELECT current_user || '@' || current_database()") == "hy_app@huying"
        assert one(urls.owner, "SELECT current_user || '@' || current_database()") == "hy_owner@huying"
        assert servers(made) != []
    assert servers(made) == []


def test_a_second_user_shares_the_server_and_the_last_to_leave_stops_it(made: Path) -> None:
    with running(made):
        first = postmaster(made)
        other = user(made, 0.5)
        assert other.stdout is not None
        assert other.stdout.readline() == "in\n"
        assert postmaster(made) == first
    assert first in servers(made)
    assert other.communicate() == ("", "")
    assert servers(made) == []


def test_a_user_that_fails_leaves_too(made: Path) -> None:
    with pytest.raises(ZeroDivisionError), running(made):
        raise ZeroDivisionError
    assert servers(made) == []


def test_the_next_user_stops_a_server_whose_users_were_all_killed(made: Path) -> None:
    other = user(made, 60)
    assert other.stdout is not None
    assert other.stdout.readline() == "in\n"
    other.kill()
    other.communicate()
    left = postmaster(made)
    with running(made):
        assert postmaster(made) == left
    assert servers(made) == []


def test_the_lock_is_not_inherited_by_programs_started_meanwhile(made: Path) -> None:
    with running(made):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        assert servers(made) == []
    finally:
        child.kill()
        child.wait()


def test_overlapping_users_a_third_of_them_killed_see_no_error(made: Path) -> None:
    chance = random.Random(7)
    users = []
    for _ in range(12):
        users.append(user(made, chance.uniform(0, 0.4)))
        time.sleep(chance.uniform(0, 0.1))
        if len(users) % 3 == 0:
            users[-1].kill()
    ends = [(other.communicate()[1], other.returncode) for other in users]
    assert [end for end in ends if end != ("", -signal.SIGKILL)] == [("", 0)] * 8
    with running(made) as urls:
        assert one(urls.app, "SELECT 1") == 1
    assert servers(made) == []


# After a crash


@pytest.mark.parametrize("content", ["", "{pid}\n{data}\n1\n5432\n.\n\n0 0\nready\n", "4194304\n", "nonsense"])
def test_a_stale_pid_file_does_not_keep_it_from_starting(made: Path, content: str) -> None:
    ids = postgres_setup.account() or (None, None)
    stranger = subprocess.Popen(["sleep", "60"], user=ids[0], group=ids[1])
    data = data_folder(made)
    try:
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
            (data / name).write_text(content.format(pid=stranger.pid, data=data))
        with running(made) as urls:
            assert one(urls.app, "SELECT 1") == 1
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@contextmanager
def killed_while_busy(home: Path) -> Iterator[Urls]:
    """A server with one committed table, killed by -9 while a backend counts to 10**9."""
    with running(home) as urls:
        do(urls.owner, "DROP TABLE IF EXISTS kept", "CREATE TABLE kept AS SELECT generate_series(1, 1000)")
        busy = threading.Thread(target=_count_until_killed, args=(urls.app,))
        busy.start()
        others = "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%-- busy'"
        while one(urls.app, others) != 1:
            time.sleep(0.01)
        server = postmaster(home)
        os.kill(server, signal.SIGKILL)
        while server in servers(home):
            time.sleep(0.001)
        yield urls
    busy.join()


def _count_until_killed(url: str) -> None:
    with suppress(psycopg.OperationalError):
        one(url, "SELECT count(*) FROM generate_series(1, 1e9::bigint) -- busy")


def test_what_was_committed_survives_kill_9_of_the_server_under_a_busy_backend(made: Path) -> None:
    with killed_while_busy(made) as urls:
        assert servers(made) != []
        with running(made) as again:
            assert again == urls
            assert one(again.app, "SELECT count(*) FROM kept") == 1000
        assert servers(made) != []


def test_the_last_to_leave_ends_the_backends_of_a_killed_server(made: Path) -> None:
    with killed_while_busy(made):
        assert servers(made) != []
    assert servers(made) == []


def test_a_user_killed_while_it_stops_the_server_does_not_mislead_the_next(made: Path) -> None:
    with running(made):
        about_to_stop = postmaster(made)
        (lock,) = cluster_folder(made).glob("pg-[0-9]*[0-9].lock")
        lock.write_bytes(b"stopping")
        with running(made) as urls:
            assert postmaster(made) != about_to_stop
            assert one(urls.app, "SELECT 1") == 1
        assert lock.read_bytes() == b""


def test_a_first_start_killed_half_way_is_made_up_for_by_the_next(home: Path) -> None:
    other = user(home, 0)
    while not list(cluster_folder(home).glob("pgdata-*.new-*/data/global")):
        time.sleep(0.005)
    other.kill()
    other.communicate()
    with running(home) as urls:
        assert one(urls.app, "SELECT 1") == 1
        assert list(cluster_folder(home).glob("*.new-*")) == []
    assert servers(home) == []


# Where things are


@pytest.mark.parametrize(
    "name",
    ["O'Neill's 家 100%", "/".join(["a long way down, to the data"] * 6)],
    ids=["odd characters", "long and with commas"],
)
def test_the_path_of_home_may_be_odd(tmp_path: Path, name: str) -> None:
    home = tmp_path / name
    try:
        with running(home) as urls:
            assert one(urls.app, "SELECT 1") == 1
        assert servers(home) == []
    finally:
        clear(home)


def test_no_folder_above_changes_its_mode(first_start: FirstStart) -> None:
    assert first_start.modes_during | first_start.modes_before == first_start.modes_during


def test_passwords_data_and_log_are_closed_to_others(made: Path) -> None:
    (log,) = cluster_folder(made).glob("pg-*.log")
    passwords = made / "keys" / "database.json"
    assert [stat.S_IMODE(path.stat().st_mode) for path in (passwords, log)] == [0o600, 0o600]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (passwords.parent, data_folder(made))] == [0o700, 0o700]


def test_it_listens_on_no_network_and_commits_durably(made: Path) -> None:
    with running(made) as urls:
        shown = {name: one(urls.app, f"SHOW {name}") for name in ("listen_addresses", "fsync", "data_checksums")}
        sockets = Path("/proc/net/tcp").read_text().count(":1538 ")
    assert shown == {"listen_addresses": "", "fsync": "on", "data_checksums": "on"}
    assert sockets == Path("/proc/net/tcp").read_text().count(":1538 ")


def test_text_is_utf_8_and_chinese_characters_are_letters(made: Path) -> None:
    with running(made) as urls:
        assert one(urls.app, "SHOW server_encoding") == "UTF8"
        assert one(urls.app, r"SELECT '呼应' ~ '^\w\w$' AND lower('Ä') = 'ä' AND 'B' < 'a'") is True


def test_the_wheel_is_not_imported(made: Path) -> None:
    with running(made):
        assert postgres_setup.WHEEL.replace("-", "_") not in sys.modules


def test_each_major_version_has_a_data_folder_of_its_own(tmp_path: Path) -> None:
    program = tmp_path / "postgres"
    program.write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 16.3 (Debian 16.3-1)'\n")
    program.chmod(0o755)
    assert postgres_setup.locate(tmp_path, tmp_path).data.name == "pgdata-16"


@pytest.mark.skipif(not IS_ROOT, reason="only root keeps the cluster outside HOME")
def test_root_is_told_once_where_the_cluster_is(first_start: FirstStart) -> None:
    home, again = first_start.home, list[str]()
    with running(home, again.append):
        assert [str(cluster_folder(home)) in line for line in first_start.said] == [True]
        assert again == []
    assert (home / "database-folder").read_text().strip() == str(cluster_folder(home))


# Roles


def test_hy_app_uses_the_tables_of_hy_owner_in_every_database(made: Path) -> None:
    with running(made) as urls:
        do(urls.owner, "CREATE DATABASE of_a_test")
        for database in ("huying", "of_a_test"):
            owner, app = (make_conninfo(url, dbname=database) for url in (urls.owner, urls.app))
            do(owner, "CREATE TABLE used (id serial, n int)")
            do(
                app,
                "INSERT INTO used (n) VALUES (1)",
                "UPDATE used SET n = 2",
                "SELECT * FROM used",
                "DELETE FROM used",
            )
            do(owner, "DROP TABLE used")
        do(urls.owner, "DROP DATABASE of_a_test")


@pytest.mark.parametrize(
    "command",
    [
        "CREATE TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "TRUNCATE theirs",
        "DROP TABLE theirs",
        "CREATE TRIGGER t BEFORE INSERT ON theirs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "COPY theirs TO PROGRAM 'true'",
    ],
)
def test_hy_app_may_not(serving: Urls, command: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        do(serving.app, command)


@pytest.fixture
def serving(made: Path) -> Iterator[Urls]:
    with running(made) as urls:
        do(urls.owner, "CREATE TABLE theirs (n int)")
        yield urls
        do(urls.owner, "DROP TABLE theirs")


def test_hy_owner_drops_a_database_that_hy_app_still_uses(made: Path) -> None:
    with running(made) as urls:
        do(urls.owner, "CREATE DATABASE of_a_test")
        with psycopg.connect(make_conninfo(urls.app, dbname="of_a_test")):
            do(urls.owner, "DROP DATABASE of_a_test WITH (FORCE)")


def test_a_wrong_password_is_refused(made: Path) -> None:
    with running(made) as urls, pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        one(make_conninfo(urls.app, password="guessed"), "SELECT 1")


# What the user reads


def refusal(home: Path) -> str:
    with pytest.raises(Unavailable) as caught, running(home):
        pass
    line = str(caught.value)
    assert "\n" not in line
    return line


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert str(tmp_path / "file" / "home") in refusal(tmp_path / "file" / "home")


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_home_without_rights_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert f"Permission denied: {tmp_path}" in refusal(tmp_path / "home")
    tmp_path.chmod(0o700)


def test_a_data_folder_open_to_others_is_refused_with_the_words_of_the_log(made: Path) -> None:
    data_folder(made).chmod(0o777)
    try:
        assert "has invalid permissions" in refusal(made)
    finally:
        data_folder(made).chmod(0o700)


def test_a_failing_initdb_is_quoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_setup, "SUPERUSER", "pg_reserved")
    assert 'initdb says: superuser name "pg_reserved" is disallowed' in refusal(home)


def test_the_data_of_another_version_are_refused_with_a_hint(made: Path) -> None:
    file = data_folder(made) / "PG_VERSION"
    before = file.read_text()
    file.write_text("14\n")
    try:
        assert "pg_upgrade" in refusal(made)
    finally:
        file.write_text(before)


@pytest.mark.skipif(BIN_DIR is not None, reason="asks about the programs of the wheel")
def test_a_newer_wheel_does_not_begin_an_empty_database_beside_the_old_one(home: Path) -> None:
    if not IS_ROOT:
        home.mkdir()
    else:
        (home / "x").mkdir(parents=True)
        cluster_folder(home).mkdir(parents=True)
    old = cluster_folder(home) / "pgdata-17"
    old.mkdir()
    (old / "made-by-wheel").touch()
    assert "pg_upgrade" in refusal(home)


def test_lost_passwords_are_not_replaced(made: Path) -> None:
    file = made / "keys" / "database.json"
    file.rename(made / "away")
    try:
        assert f"{file} with the passwords" in refusal(made)
        file.write_text("{}")
        assert f"{file} can't be understood" in refusal(made)
    finally:
        (made / "away").rename(file)


@pytest.mark.skipif(not IS_ROOT, reason="only root keeps the cluster outside HOME")
def test_a_moved_home_is_told_where_its_database_is(made: Path, tmp_path: Path) -> None:
    shutil.copytree(made, tmp_path / "moved")
    assert f"move {cluster_folder(made)} to {cluster_folder(tmp_path / 'moved')}" in refusal(tmp_path / "moved")


@pytest.mark.skipif(not IS_ROOT, reason="tells root")
def test_root_does_not_begin_an_empty_database_beside_a_users(home: Path) -> None:
    (home / "pgdata-18").mkdir(parents=True)
    assert "run this as that user" in refusal(home)


@pytest.mark.skipif(IS_ROOT, reason="tells an ordinary user")
def test_a_user_does_not_begin_an_empty_database_beside_roots(home: Path) -> None:
    home.mkdir()
    (home / "database-folder").touch()
    assert "run this as root" in refusal(home)


def test_binaries_that_are_not_there_are_named(home: Path) -> None:
    with pytest.raises(Unavailable, match="no PostgreSQL that runs in"), postgres.running(home, bin_dir=home):
        pass
