"""The drill: a backup is restored into an empty place, and nothing is missing there."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.installation import Installation


@pytest.fixture
def elsewhere(installation: Installation, tmp_path: Path) -> Iterator[Installation]:
    """An empty place with the keys put back."""
    made = Installation(tmp_path / "elsewhere")
    put_keys_back(installation, made)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A place into which nothing is ever restored, so that it stays empty for the next attempt."""
    made = Installation(tmp_path_factory.mktemp("nowhere") / "home")
    yield made
    made.remove()


def put_keys_back(source: Installation, target: Installation) -> None:
    keys = target.home / "keys"
    keys.mkdir(parents=True, mode=0o700, exist_ok=True)
    for name in ("master.key", "index.key"):
        shutil.copy2(source.home / "keys" / name, keys / name)


@pytest.fixture
def backup(installation: Installation, tmp_path: Path) -> Path:
    file = tmp_path / "monday.backup"
    files = installation.home / "files"
    files.mkdir(exist_ok=True)
    (files / "sealed").write_bytes(b"\0photo")
    status, out, err = installation.command("backup", str(file))
    assert status == 0, err
    assert out.startswith(f"{file}: 1 contacts, 1 cases, 2 ledger lines.")
    return file


def test_a_backup_is_restored_with_all_it_had_and_work_goes_on(
    backup: Path, elsewhere: Installation, tmp_path: Path
) -> None:
    status, out, err = elsewhere.command("restore", str(backup))

    assert status == 0, err
    assert "1 contacts, 1 cases, 2 ledger lines; the ledger holds" in out
    assert (elsewhere.home / "files" / "sealed").read_bytes() == b"\0photo"
    assert elsewhere.command("ledger", "verify")[0] == 0
    assert [path.name for path in elsewhere.home.iterdir() if path.name.startswith("tmp")] == []

    more = tmp_path / "more.csv"
    more.write_text("id,body,sent_at\nm-1,小区供暖管道漏水,2026-01-05\nm-2,路灯不亮,2026-01-06\n", "utf-8")

    status, out, err = elsewhere.command("load", "contacts", str(more))

    assert status == 0, err
    assert "1 contacts + 1 doubled + 0 rejected" in out


def test_the_backup_is_for_its_owner_and_says_nothing_in_the_clear(backup: Path) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert "小区供暖".encode() not in backup.read_bytes()


def test_a_backup_never_overwrites_one(installation: Installation, backup: Path) -> None:
    status, _, err = installation.command("backup", str(backup))

    assert (status, err.count("\n")) == (1, 1)
    assert "exists already" in err


@pytest.mark.parametrize("harm", ["no keys", "other keys", "damaged", "cut off", "not empty"])
def test_what_cannot_be_restored_is_refused_in_one_line(
    harm: str, backup: Path, installation: Installation, nowhere: Installation
) -> None:
    put_keys_back(installation, nowhere)
    key = nowhere.home / "keys" / "master.key"
    match harm:
        case "no keys":
            key.unlink()
        case "other keys":
            key.write_text("dGVzdC1tYXN0ZXIta2V5LW9mLTMyLWJ5dGVzLWxvbmc=\n", "ascii")
        case "damaged":
            data = bytearray(backup.read_bytes())
            data[len(data) // 2] ^= 1
            backup.write_bytes(data)
        case "cut off":
            backup.write_bytes(backup.read_bytes()[:-100])
    place = installation if harm == "not empty" else nowhere

    status, out, err = place.command("restore", str(backup))

    assert (status, out) == (1, "")
    assert [line for line in err.splitlines() if line.startswith("huying: ")] == err.splitlines()[-1:]
    assert "Traceback" not in err
