"""A sealed stream comes back whole or not at all."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.vault import stream
from huying.vault.stream import read_sealed, write_sealed
from huying.vault.suite import Key, Unreadable

KEY = Key(b"k" * 32, 1)


def sealed(plain: bytes, key: Key = KEY) -> bytes:
    target = io.BytesIO()
    write_sealed(io.BytesIO(plain), target, key)
    return target.getvalue()


def opened(data: bytes, key: Key = KEY) -> bytes:
    return b"".join(read_sealed(io.BytesIO(data), key))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_BLOCK", 10)


def blocks(data: bytes) -> list[bytes]:
    """Return the name of a stream and its blocks, each with its length."""
    parts, rest = [data[:16]], data[16:]
    while rest:
        end = 4 + int.from_bytes(rest[:4], "big")
        parts.append(rest[:end])
        rest = rest[end:]
    return parts


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 20, 35])
def test_what_was_sealed_comes_back(length: int) -> None:
    plain = bytes(range(length))

    assert opened(sealed(plain)) == plain
    assert plain[:8] not in sealed(plain) or length < 8


def test_another_key_opens_nothing() -> None:
    with pytest.raises(Unreadable):
        opened(sealed(b"text"), Key(b"x" * 32, 1))


@pytest.mark.parametrize("kept", [[0], [0, 1, 2], [0, 2, 3], [0, 1, 3, 2], [0, 1, 2, 3, 3]])
def test_left_out_swapped_or_doubled_blocks_are_noticed(kept: list[int]) -> None:
    parts = blocks(sealed(bytes(25)))
    assert len(parts) == 4

    with pytest.raises(Unreadable):
        opened(b"".join(parts[i] for i in kept))


def test_a_block_of_another_stream_is_noticed() -> None:
    one, other = blocks(sealed(bytes(25))), blocks(sealed(bytes(25)))

    with pytest.raises(Unreadable):
        opened(b"".join([*one[:2], other[2], one[3]]))


@given(cut=st.integers(0, 120), flip=st.none() | st.integers(0, 120))
def test_a_cut_or_a_changed_byte_is_noticed(cut: int, flip: int | None) -> None:
    whole = sealed(bytes(40))
    data = bytearray(whole[: len(whole) - 1 - cut] if flip is None else whole)
    if flip is not None:
        data[flip] ^= 1

    with pytest.raises((Unreadable, OverflowError)):
        opened(bytes(data))
