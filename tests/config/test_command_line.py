"""The command `huying`: what it answers, and the one line that a mistake gets."""

import base64
import os
import shutil
import socket
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from huying.config.postgres import Urls
from huying.data import rulebook_ids, rulebook_text
from tests.config.installation import Installation, free_port

OTHER_KEY = base64.b64encode(b"another key, of thirty-two bytes").decode()


@pytest.fixture
def nowhere(tmp_path: Path) -> Installation:
    """A folder that must stay empty: no command here gets as far as a database."""
    return Installation(tmp_path / "home")


# -- rulebooks ------------------------------------------------------------------------------------------------------


def test_the_list_has_a_line_for_every_shipped_rulebook(nowhere: Installation) -> None:
    status, out, _ = nowhere.command("rulebook", "list")
    assert status == 0
    assert tuple(line.split()[0] for line in out.splitlines()) == tuple(rulebook_ids())


def test_a_shipped_rulebook_is_printed_as_it_is_and_can_be_used(nowhere: Installation, tmp_path: Path) -> None:
    _, shown, _ = nowhere.command("rulebook", "show", "bozhou")
    assert shown == rulebook_text("bozhou")
    (tmp_path / "copy.toml").write_text(shown, "utf-8")
    status, out, _ = nowhere.command("rulebook", "check", str(tmp_path / "copy.toml"))
    assert (status, "can be used" in out) == (0, True)


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ("[calendar]\n", "[calendar]\ncolour = 1\n", "city.toml: calendar.colour: "),
        ('attempt_spacing = "4 hours"', 'attempt_spacing = "-4 hours"', "city.toml: step.callback.attempt_spacing: "),
    ],
    ids=["unknown key", "negative duration"],
)
def test_a_wrong_rulebook_is_refused_by_file_and_dotted_key(
    nowhere: Installation, tmp_path: Path, right: str, wrong: str, problem: str
) -> None:
    assert right in rulebook_text("bozhou")
    (tmp_path / "city.toml").write_text(rulebook_text("bozhou").replace(right, wrong), "utf-8")
    status, out, err = nowhere.command("rulebook", "check", str(tmp_path / "city.toml"))
    assert (status, out, len(err.splitlines())) == (1, "", 1)
    assert err.startswith(problem)


# -- one clear line -------------------------------------------------------------------------------------------------


def trouble(installation: Installation, *argv: str, **environ: str) -> str:
    """Return the one line with which a command must end."""
    status, out, err = installation.command(*argv, **environ)
    assert (status, out) == (1, "")
    assert err.startswith("huying: "), err
    assert len(err.splitlines()) == 1, err
    return err


@pytest.mark.parametrize(
    ("argv", "environ", "words"),
    [
        ("up", {"PORT": "eighty"}, "PORT is set, and 'eighty' is no port"),
        ("up", {"PORT": "65536"}, "from 1 to 65535"),
        ("up", {"HUYING_DATABASE_URL": "postgresql://a:secret@127.0.0.1:{closed}/x"}, "can't be reached"),
        ("doctor", {"HUYING_DATABASE_URL": "postgresql://a:secret@127.0.0.1:{closed}/x"}, "HUYING_DATABASE_URL"),
        ("doctor", {"HUYING_DATABASE_URL": "a:secret@127.0.0.1"}, "HUYING_DATABASE_URL is no address"),
        ("doctor", {"HUYING_OWNER_DATABASE_URL": "postgresql:///x"}, "HUYING_DATABASE_URL is not"),
        ("doctor", {"HUYING_HOME": "{file}"}, "set HUYING_HOME to another"),
        ("doctor", {"HUYING_HOME": "/proc/huying"}, "/proc/huying can't be used"),
        ("load contacts {file} --rulebook bozhou", {"HUYING_HOME": "{file}/below"}, "can't be used"),
        ("rulebook check {missing}", {}, "can't be read"),
        ("demo --real {missing}", {}, "is not a folder"),
    ],
)
def test_a_mistake_gets_one_clear_line(
    nowhere: Installation, tmp_path: Path, argv: str, environ: dict[str, str], words: str
) -> None:
    (tmp_path / "a-file").touch()
    fill = {"closed": free_port(), "file": tmp_path / "a-file", "missing": tmp_path / "missing"}
    given = {name: value.format(**fill) for name, value in environ.items()}
    line = trouble(nowhere, *argv.format(**fill).split(), **given)
    assert words in line
    assert "secret" not in line


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert f"{tmp_path / 'home'} can't be used (Permission denied)" in trouble(Installation(tmp_path / "home"), "up")
    tmp_path.chmod(0o700)


def test_a_port_that_another_program_holds_is_named(nowhere: Installation) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port} on 127.0.0.1 can't be used" in trouble(nowhere, "up", "--port", str(port))
    assert not nowhere.home.exists()


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"HUYING_MASTER_KEY": OTHER_KEY}, "the master key is not the one that sealed this database"),
        ({"HUYING_MASTER_KEY": "half a k"}, "HUYING_MASTER_KEY is not base64"),
        ({"HUYING_SECRET_KEY_FILE": "/nowhere/session.key"}, "HUYING_SECRET_KEY_FILE names, can't be read"),
        ({"HUYING_HTTPS": "maybe"}, "HUYING_HTTPS is 'maybe'; write yes or no"),
    ],
    ids=["another master key", "half a key", "no session key", "https"],
)
def test_a_wrong_setting_is_an_error_at_the_start(
    installation: Installation, environ: dict[str, str], words: str
) -> None:
    assert words in trouble(installation, "up", "--port", str(free_port()), **environ)


def test_lost_keys_are_not_replaced(installation: Installation) -> None:
    key = installation.home / "keys" / "master.key"
    shutil.move(key, f"{key}.away")
    try:
        assert "put it back from your key backup" in trouble(installation, "doctor")
        assert not key.exists()
    finally:
        shutil.move(f"{key}.away", key)


@pytest.mark.parametrize(("role", "words"), [("owner", "run `huying up` once"), ("app", "HUYING_OWNER_DATABASE_URL")])
def test_an_empty_database_and_a_role_that_cannot_fill_it_are_named(
    installation: Installation, server: Urls, role: str, words: str
) -> None:
    empty = make_conninfo(getattr(server, role), dbname="postgres")
    argv = ("doctor",) if role == "owner" else ("up", "--port", str(free_port()))
    assert words in trouble(installation, *argv, HUYING_DATABASE_URL=empty)


def test_what_is_misspelt_ends_with_2(nowhere: Installation) -> None:
    assert [nowhere.command(*argv)[0] for argv in ((), ("serve",), ("up", "--workers", "0"))] == [2, 2, 2]


# -- a used folder --------------------------------------------------------------------------------------------------


def test_the_ledger_of_a_used_folder_holds(installation: Installation) -> None:
    status, out, err = installation.command("ledger", "verify")
    assert (status, err) == (0, "")
    assert out.endswith("all hold\n")


def test_the_doctor_knows_the_database_and_what_is_in_it(installation: Installation) -> None:
    _, out, _ = installation.command("doctor")
    assert "run by Huying" in out
    assert "ok       two database roles" in out
    assert "ok       1 contacts, 1 cases" in out
    assert "holiday notice" in out


def test_the_doctor_says_so_when_there_is_no_second_role_or_a_key_lies_open(
    installation: Installation, server: Urls, own_database: Urls
) -> None:
    key = installation.home / "keys" / "session.key"
    key.chmod(0o644)
    try:
        given = {"HUYING_DATABASE_URL": own_database.app}
        status, out, err = installation.command("doctor", **given)
    finally:
        key.chmod(0o600)
    assert status == 1, err
    assert "warning  HUYING_OWNER_DATABASE_URL is not set" in out
    assert "warning  others can read session.key" in out


def test_a_file_is_loaded_and_its_rows_add_up(installation: Installation, tmp_path: Path) -> None:
    file = tmp_path / "messages.csv"
    file.write_text("id,body,sent_at\nm-1,小区供暖管道漏水,2026-01-05\nm-2,路灯不亮,someday\n", "utf-8")
    status, out, err = installation.command("load", "contacts", str(file))
    assert (status, out.splitlines()[0]) == (
        3,
        "messages.csv: 2 rows read = 0 contacts + 1 doubled + 1 rejected; 0 cases opened",
    )
    assert "messages.csv.rejected.csv" in err


def test_the_reader_of_a_pipe_may_leave(nowhere: Installation) -> None:
    process = nowhere.start("rulebook", "show", "bozhou")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(10)
