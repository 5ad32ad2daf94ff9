"""A sealed stream: a file of any size under one key, in blocks, so that neither end needs the whole in memory.

Each block is sealed for its place (stream, number, whether it is the last), so that blocks can't be left out,
swapped, or the end cut off, without the reader noticing.
"""

import os
from collections.abc import Iterator
from typing import IO

from .suite import Key, Unreadable

_BLOCK = 1 << 20
_LENGTH_BYTES = 4
_NAME_BYTES = 16


def write_sealed(source: IO[bytes], target: IO[bytes], key: Key) -> None:
    """Seal everything that `source` has into `target`."""
    name = os.urandom(_NAME_BYTES)
    target.write(name)
    number, block = 0, source.read(_BLOCK)
    while True:
        following = source.read(_BLOCK)
        sealed = key.seal(block, _place(name, number, is_last=not following))
        target.write(len(sealed).to_bytes(_LENGTH_BYTES, "big") + sealed)
        if not following:
            return
        number, block = number + 1, following


def read_sealed(source: IO[bytes], key: Key) -> Iterator[bytes]:
    """Yield the blocks of a sealed stream. Raises Unreadable, also where the end is missing."""
    name = source.read(_NAME_BYTES)
    number, sealed = 0, _next_block(source)
    while sealed:
        following = _next_block(source)
        yield key.open(sealed, _place(name, number, is_last=not following))
        number, sealed = number + 1, following
    if number == 0:
        raise Unreadable("the stream is empty")


def _next_block(source: IO[bytes]) -> bytes:
    length = source.read(_LENGTH_BYTES)
    sealed = source.read(int.from_bytes(length, "big")) if len(length) == _LENGTH_BYTES else b""
    if length and len(sealed) != int.from_bytes(length, "big"):
        raise Unreadable("the stream is cut off")
    return sealed


def _place(name: bytes, number: int, *, is_last: bool) -> str:
    return f"stream:{name.hex()}:{number}:{'last' if is_last else 'more'}"
