"""The installation's keys: made once, read strictly, and compared with the database before anything is sealed."""

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from huying.config.postgres import Urls
from huying.vault.keys import InstallationKeys, KeyProblem, installation_keys
from huying.vault.models import KeyFingerprint
from huying.vault.suite import Key

NAMES = ("master", "index")
SECRET = bytes(range(224, 256))  # its base64 has letters of which the two alphabets differ


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """As in a process that has asked for no key yet."""
    installation_keys.cache_clear()
    yield
    installation_keys.cache_clear()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without keys, and an environment that says nothing of them."""
    for name in NAMES:
        monkeypatch.delenv(f"HUYING_{name.upper()}_KEY", raising=False)
    monkeypatch.setattr(settings, "HOME", tmp_path)
    return tmp_path


def key_file(home: Path, name: str = "master") -> Path:
    return home / "keys" / f"{name}.key"


def written(secret: bytes = SECRET) -> str:
    return base64.urlsafe_b64encode(secret).decode()


def asked_again() -> InstallationKeys:
    installation_keys.cache_clear()
    return installation_keys()


def problem() -> str:
    """Return the one line with which the keys are refused."""
    installation_keys.cache_clear()
    with pytest.raises(KeyProblem) as refused:
        installation_keys()
    [line] = str(refused.value).splitlines()
    return line


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- made once -------------------------------------------------------------------------------------------------


def test_they_are_made_once_and_read_by_nobody_else(db: None, home: Path) -> None:
    before = os.umask(0)
    try:
        made = installation_keys()
    finally:
        os.umask(before)

    assert made.master != made.blind_index
    assert mode(home / "keys") == 0o700
    assert {path.name: mode(path) for path in (home / "keys").iterdir()} == {"master.key": 0o600, "index.key": 0o600}
    assert asked_again() == made


def test_the_database_keeps_what_they_hash_to_and_nothing_more(db: None, home: Path) -> None:
    made = installation_keys()

    prints = {row.name: bytes(row.fingerprint) for row in KeyFingerprint.objects.all()}
    assert set(prints) == set(NAMES)
    for key in made:
        assert all(key.secret not in fingerprint for fingerprint in prints.values())
    assert prints["master"] == made.master.hash(b"master", "fingerprint")


def test_a_process_reads_them_once(db: None, home: Path) -> None:
    made = installation_keys()
    key_file(home).unlink()

    assert installation_keys() is made


def test_keys_that_lie_there_already_are_taken(db: None, home: Path) -> None:
    key_file(home).parent.mkdir()
    key_file(home).write_text(f" {written()} \n")

    assert installation_keys().master == Key(SECRET, 1)


def test_a_folder_in_which_none_can_be_made_is_named(db: None, home: Path) -> None:
    (home / "keys").write_text("a file, no folder")

    assert str(key_file(home)) in problem()
    assert not KeyFingerprint.objects.exists()


# -- from the environment --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [written(), written().replace("-", "+").replace("_", "/"), f"{written()}\n"])
def test_they_come_from_the_environment(db: None, home: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("HUYING_MASTER_KEY", text)
    monkeypatch.setenv("HUYING_INDEX_KEY", written(bytes(32)))

    assert installation_keys() == InstallationKeys(Key(SECRET, 1), Key(bytes(32), 1))
    assert not (home / "keys").exists()


def test_they_come_from_a_file_that_the_environment_names(
    db: None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "mounted").write_text(written() + "\n")
    monkeypatch.setenv("HUYING_MASTER_KEY_FILE", str(home / "mounted"))

    assert installation_keys().master.secret == SECRET
    assert not key_file(home).exists()


def test_a_file_that_the_environment_names_in_vain_is_not_made_up_for(
    db: None, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_MASTER_KEY_FILE", str(home / "not mounted"))

    line = problem()

    assert str(home / "not mounted") in line
    assert "HUYING_MASTER_KEY_FILE" in line
    assert not (home / "keys").exists()


# -- refused ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("%%%%", "is not base64"),
        (written()[:20] + "!" + written()[20:], "is not base64"),
        (written()[:-2], "is not base64"),
        ("密钥", "is not base64"),
        (written(SECRET[:31]), "has 31 bytes instead of 32"),
        (written(SECRET + b"!"), "has 33 bytes instead of 32"),
    ],
)
def test_a_damaged_key_is_refused(db: None, home: Path, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    monkeypatch.setenv("HUYING_MASTER_KEY", text)

    assert problem().startswith(f"HUYING_MASTER_KEY {why}")
    assert not KeyFingerprint.objects.exists()


@pytest.mark.parametrize(
    ("content", "why"), [(b"", "has 0 bytes"), (b"\xff\xfe", "can't be read"), (b"====", "is not base64")]
)
def test_a_damaged_key_file_is_named(db: None, home: Path, content: bytes, why: str) -> None:
    key_file(home).parent.mkdir()
    key_file(home).write_bytes(content)

    assert problem().startswith(f"{key_file(home)} {why}")
    assert key_file(home).read_bytes() == content


@pytest.mark.parametrize("name", NAMES)
def test_a_key_that_sealed_another_database_is_refused(
    db: None, home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    installation_keys()
    monkeypatch.setenv(f"HUYING_{name.upper()}_KEY", written())

    assert problem() == f"the {name} key is not the one that sealed this database; put the right one back"


def test_the_two_keys_in_each_others_place_are_refused(db: None, home: Path) -> None:
    installation_keys()
    key_file(home).rename(home / "aside")
    key_file(home, "index").rename(key_file(home))
    (home / "aside").rename(key_file(home, "index"))

    assert "not the one that sealed this database" in problem()


@pytest.mark.parametrize("name", NAMES)
def test_a_lost_key_is_missed_and_not_replaced(db: None, home: Path, name: str) -> None:
    made = installation_keys()
    lost = key_file(home, name).read_bytes()
    key_file(home, name).unlink()

    assert problem().startswith(f"{key_file(home, name)} is missing, and this database was sealed with it")
    assert not key_file(home, name).exists()

    key_file(home, name).write_bytes(lost)
    assert asked_again() == made


# -- at once ---------------------------------------------------------------------------------------------------

# Connects first, then makes or finds the keys of each folder that it is told, all processes at the same moment.
STARTING = """
import sys
from pathlib import Path
import django
from django.conf import settings
from django.db import connection
django.setup()
from huying.vault.keys import installation_keys
from huying.vault.models import KeyFingerprint
KeyFingerprint.objects.count()
print("ready", flush=True)
for line in sys.stdin:
    settings.HOME = Path(line.rstrip())
    installation_keys.cache_clear()
    print(*(key.secret.hex() for key in installation_keys()), flush=True)
connection.close()
connection.close_pool()
"""
PROCESSES, ROUNDS = 2, 10


def test_processes_that_start_at_once_on_an_empty_folder_use_the_same_keys(own_database: Urls, home: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "huying.config.settings"}
    environment |= {"HUYING_DATABASE_URL": own_database.app, "HUYING_HOME": str(home), "PYTHONPATH": str(Path.cwd())}
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen([sys.executable, "-c", STARTING], env=environment, stdin=pipe, stdout=pipe, text=True)
        for _ in range(PROCESSES)
    ]
    try:
        assert [told(process) for process in started] == ["ready"] * PROCESSES
        for n in range(ROUNDS):
            folder = home / str(n)
            for process in started:
                tell(process, folder)
            keys = {told(process) for process in started}
            assert len(keys) == 1
            assert len(keys.pop()) == 129
            assert sorted(path.name for path in (folder / "keys").iterdir()) == ["index.key", "master.key"]
            assert KeyFingerprint.objects.all().delete()[0] == 2
    finally:
        for process in started:
            process.communicate()
    assert [process.returncode for process in started] == [0] * PROCESSES


def tell(process: "subprocess.Popen[str]", folder: Path) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{folder}\n")
    process.stdin.flush()


def told(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
