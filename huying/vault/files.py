"""Files beside the register: sealed under the key of their case, on the disk before any row names them.

A file's name is random; what it is called, and by whom it was sent, stands in the record that names it.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .keys import installation_keys
from .seals import DataKey
from .stream import read_sealed, write_sealed

LARGEST = 20 * 2**20  # bytes


class TooLarge(Exception):
    """The file has more than `LARGEST` bytes."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was stored: its name on the disk, its length in bytes, and the keyed hash of its content.

    By the hash the same photo is known again, whatever it is called and in whatever case.
    """

    file: str
    size: int
    digest: bytes


class _Measured:
    """Reads on behalf of the sealer, and counts and hashes what passes."""

    def __init__(self, source: IO[bytes]) -> None:
        self.source, self.size, self.hash = source, 0, hashlib.sha256()

    def read(self, n: int) -> bytes:
        block = self.source.read(n)
        self.size += len(block)
        if self.size > LARGEST:
            raise TooLarge
        self.hash.update(block)
        return block


def put(source: IO[bytes], key: DataKey, folder: Path) -> StoredFile:
    """Store what `source` has; when this returns it is on the disk, name and all. Raises TooLarge."""
    name = secrets.token_hex(16)
    path = path_of(name, folder)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    measured = _Measured(source)
    try:
        with path.open("xb") as target:
            path.chmod(0o600)
            write_sealed(measured, target, key.key)  # type: ignore[arg-type]  # only `read` is used
            target.flush()
            os.fsync(target.fileno())
    except TooLarge:
        path.unlink()
        raise
    _sync(path.parent)
    return StoredFile(name, measured.size, _keyed(measured.hash.digest()))


def digest_of(content: bytes) -> bytes:
    """Return the keyed hash that `put` gives to the same content."""
    return _keyed(hashlib.sha256(content).digest())


def _keyed(digest: bytes) -> bytes:
    return installation_keys().blind_index.hash(digest, "file")


def read(name: str, key: DataKey, folder: Path) -> Iterator[bytes]:
    """Yield the blocks of a stored file. Raises Unreadable, FileNotFoundError."""
    with path_of(name, folder).open("rb") as source:
        yield from read_sealed(source, key.key)


def drop(name: str, folder: Path) -> None:
    """Remove a file that no record came to name."""
    path_of(name, folder).unlink(missing_ok=True)


def path_of(name: str, folder: Path) -> Path:
    return folder / name[:2] / name


def _sync(folder: Path) -> None:
    """Have the folder itself written, so that the name outlives a fall of the machine."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
