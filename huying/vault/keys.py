"""The installation's keys: the master key that wraps every data key, the index key of blind indexes, the signing key.

They lie in HUYING_HOME/keys (0600), made on the first start, or come from HUYING_MASTER_KEY and HUYING_INDEX_KEY
(each also as _FILE). The database keeps a fingerprint of each, so that a wrong or lost key is found at start and
not when the first sealed value fails to open. The signing key (HUYING_SIGNING_KEY) signs what is published; it is
made at its first use, and nothing but that waits for it.
"""

import base64
import binascii
import os
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from .models import KeyFingerprint
from .suite import KEY_BYTES, Key

_NUMBER = 1  # of the current keys; rotation will count up


class KeyProblem(Exception):
    """The keys don't fit this database; the message is one line that says what to do."""


class InstallationKeys(NamedTuple):
    master: Key
    blind_index: Key


def _file(name: str) -> Path:
    return Path(settings.HOME) / "keys" / f"{name}.key"


def _decoded(text: str, origin: str) -> Key:
    try:
        # Both alphabets are in use (`openssl rand -base64 32`); strict, so that a damaged key isn't half read.
        secret = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError) as wrong:
        raise KeyProblem(f"{origin} is not base64; put the key back from your key backup") from wrong
    if len(secret) != KEY_BYTES:
        raise KeyProblem(
            f"{origin} has {len(secret)} bytes instead of {KEY_BYTES}; put the key back from your backup"
        )
    return Key(secret, _NUMBER)


def _read(name: str) -> Key | None:
    """Return the key that the environment or the key folder has; None if neither says anything of one."""
    variable = f"HUYING_{name.upper()}_KEY"
    if text := os.environ.get(variable):
        return _decoded(text, variable)
    chosen = os.environ.get(f"{variable}_FILE")
    path = Path(chosen) if chosen else _file(name)
    try:
        return _decoded(path.read_text("ascii"), str(path))
    except FileNotFoundError as missing:
        if chosen is None:
            return None
        raise KeyProblem(f"{path}, which {variable}_FILE names, doesn't exist") from missing
    except (OSError, UnicodeDecodeError) as unreadable:
        raise KeyProblem(f"{path} can't be read: {unreadable}") from unreadable


def _make(name: str) -> Key | None:
    """Make a key file, or leave the one that another process made meanwhile; return the key that lies there.

    The file gets its name when it is complete, so that nobody ever reads half a key, not even after a crash.
    """
    path = _file(name)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=f".{name}-") as file:  # it is 0600 from the start
            file.write(base64.urlsafe_b64encode(Key.new().secret) + b"\n")
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
        _sync(path.parent)
    except OSError as denied:
        raise KeyProblem(f"{path} can't be made ({denied.strerror}); set HUYING_HOME to another folder") from denied
    return _read(name)


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk before the database says that there is a key."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fitting(name: str) -> Key:
    """Return the key `name` if it fits the database; make it if neither key nor fingerprint exists.

    Asked in this order, and without a lock: who sees no fingerprint may still find the key of a process that
    started at the same moment, never the other way round.
    """
    is_sealed = KeyFingerprint.objects.filter(name=name).exists()
    key = _read(name)
    if key is None and not is_sealed:
        key = _make(name)
    if key is None:
        raise KeyProblem(
            f"{_file(name)} is missing, and this database was sealed with it; put it back from your key backup"
        )
    fingerprint = key.hash(name.encode(), "fingerprint")
    known, _ = KeyFingerprint.objects.get_or_create(
        name=name, defaults={"number": _NUMBER, "fingerprint": fingerprint}
    )
    if bytes(known.fingerprint) != fingerprint:
        raise KeyProblem(f"the {name} key is not the one that sealed this database; put the right one back")
    return key


def sealing_key() -> Key:
    """Return the master key without asking the database, for files that are sealed as a whole. Raises KeyProblem."""
    key = _read("master")
    if key is None:
        raise KeyProblem(f"{_file('master')} is missing; put the keys back from your key backup first")
    return key


@cache
def installation_keys() -> InstallationKeys:
    """Return the keys that fit the database; the first call of a process reads and compares. Raises KeyProblem."""
    with transaction.atomic():
        return InstallationKeys(_fitting("master"), _fitting("index"))


@cache
def signing_key() -> Key:
    """Return the secret half of the Ed25519 pair that signs the directory; see `signature`. Raises KeyProblem."""
    with transaction.atomic():
        return _fitting("signing")


def replace_signing_key() -> Key:
    """Make another signing key in the place of one that was lost, or that somebody else knows. Raises KeyProblem."""
    if any(name in os.environ for name in ("HUYING_SIGNING_KEY", "HUYING_SIGNING_KEY_FILE")):
        raise KeyProblem("the signing key comes from HUYING_SIGNING_KEY; take that away first")
    with transaction.atomic():
        KeyFingerprint.objects.filter(name="signing").delete()
        _file("signing").unlink(missing_ok=True)
        signing_key.cache_clear()
        return signing_key()
