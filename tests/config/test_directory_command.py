"""`huying directory verify|key|new-key`: what a reader of a signed directory is told, with or without Huying."""

from pathlib import Path

import pytest

from huying.vault.signature import DIRECTORY, public_key, signed
from huying.vault.suite import Key
from tests.config.installation import Installation

KEY, OTHER = Key(bytes(range(32))), Key(bytes(range(1, 33)))
POSTS = [{"name": "市长", "points": [{"kind": "phone_mobile", "value": "0500-555 0101"}]}]
DOCUMENT = {
    "city": "云川市",
    "office": "云川市公开电话办公室",
    "as_of": "2026-03-10T09:15:00+08:00",
    "lines": [],
    "posts": POSTS,
}


@pytest.fixture
def nowhere(tmp_path: Path) -> Installation:
    """A folder that must stay empty: a file is verified without a database."""
    return Installation(tmp_path / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "directory.json"
    path.write_bytes(signed(DOCUMENT, DIRECTORY, KEY))
    return path


def test_a_genuine_directory_says_whose_it_is_and_of_when(nowhere: Installation, file: Path) -> None:
    key = public_key(KEY).upper()
    for written in (key, " ".join(key[n : n + 8] for n in range(0, 64, 8))):
        assert nowhere.command("directory", "verify", str(file), "--key", written) == (
            0,
            f"{file}: genuine, signed by 云川市公开电话办公室 as of 2026-03-10T09:15:00+08:00;"
            f" posts: 1, ways to reach them: 1\n",
            "",
        )
    assert not nowhere.home.exists()


def told(nowhere: Installation, file: Path, *options: str) -> str:
    """Return the one line that says why a file is not verified."""
    status, out, err = nowhere.command("directory", "verify", str(file), *options)
    [line] = err.splitlines()
    assert (status, out) == (1, "")
    return line


def test_each_way_of_being_wrong_has_a_sentence_and_ends_with_1(nowhere: Installation, file: Path) -> None:
    key, genuine = ("--key", public_key(KEY)), file.read_bytes()
    assert f"names the key {public_key(KEY)}" in told(nowhere, file, "--key", public_key(OTHER))
    assert "is no public key; write its 64 hex digits" in told(nowhere, file, "--key", "abc")
    file.write_bytes(genuine.replace(b"0500-555 0101", b"0500-555 0109"))
    assert told(nowhere, file, *key) == (
        f"huying: {file}: it was changed after it was signed; don't trust it, fetch it again"
    )
    file.write_bytes(b"<!doctype html>")
    assert "it is no JSON" in told(nowhere, file, *key)
    file.unlink()
    assert "can't be read" in told(nowhere, file, *key)
    assert "nothing is installed here; add --key" in told(nowhere, file)
    assert not nowhere.home.exists()


def test_an_installation_has_a_key_of_its_own_that_can_be_replaced(installation: Installation, file: Path) -> None:
    status, out, err = installation.command("directory", "key")
    assert (status, err) == (0, "")
    key = out.strip()
    assert installation.command("directory", "key")[1].strip() == key
    assert (installation.home / "keys" / "signing.key").stat().st_mode & 0o777 == 0o600
    assert f"not {key}" in told(installation, file)
    (installation.home / "keys" / "signing.key").unlink()
    status, _, err = installation.command("directory", "key")
    assert status == 1
    assert "put it back from your key backup, or have another by `huying directory new-key`" in err
    assert "the directory isn't signed" in installation.command("doctor")[1]
    status, out, _ = installation.command("directory", "new-key")
    assert status == 0
    new = out.splitlines()[0]
    assert new != key
    assert installation.command("directory", "key")[1].strip() == new
