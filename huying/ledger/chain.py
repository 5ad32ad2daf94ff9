"""A hash chain of ledger lines: pure functions over plain values.

A line holds no personal data and no free text. `content` is a keyed hash of those, `previous` the hash of the
line before it in its chain, and `hash` covers all of it, so that no line can be changed, moved or left out of
the middle without a later hash giving it away.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

CANONICAL_VERSION = 1
HASH_HEADER = b"\x10"  # suite 1 (SHA-256), no key
NOTHING_BEFORE = b""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the number of its last line, and that line's hash."""

    seq: int = 0
    hash: bytes = NOTHING_BEFORE


@dataclass(frozen=True, slots=True)
class Line:
    """What one ledger line says. `record` names the row (table, id) whose fields `content` vouches for."""

    chain_id: int
    seq: int
    event: str
    step: str | None
    unit_id: int | None
    actor: str
    at: datetime
    recorded_at: datetime
    record: tuple[str, int] | None
    content: bytes
    previous: bytes

    def hash(self) -> bytes:
        return HASH_HEADER + hashlib.sha256(self._canonical()).digest()

    def _canonical(self) -> bytes:
        return canonical(
            {
                "v": CANONICAL_VERSION,
                "chain": self.chain_id,
                "seq": self.seq,
                "event": self.event,
                "step": self.step,
                "unit": self.unit_id,
                "actor": self.actor,
                "at": self.at,
                "recorded_at": self.recorded_at,
                "record": list(self.record) if self.record else None,
                "content": self.content,
                "previous": self.previous,
            }
        )


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place at which a chain doesn't hold, and why in words."""

    chain_id: int
    seq: int
    why: str

    def __str__(self) -> str:
        return f"chain {self.chain_id}, line {self.seq}: {self.why}"


def canonical(facts: Mapping[str, object]) -> bytes:
    """Return the one byte string that stands for `facts`: sorted keys, UTF-8, times in UTC to the microsecond."""
    return json.dumps(
        facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain, allow_nan=False
    ).encode()


def first_broken(stored: Iterable[tuple[Line, bytes]]) -> Broken | None:
    """Return where the lines of one chain, in their order and each with its stored hash, stop holding together."""
    head = Head()
    for line, stored_hash in stored:
        if line.seq != head.seq + 1:
            return Broken(line.chain_id, head.seq + 1, "the line is missing")
        if line.previous != head.hash:
            return Broken(line.chain_id, line.seq, "it doesn't follow the line before it")
        if line.hash() != stored_hash:
            return Broken(line.chain_id, line.seq, "the line was changed")
        head = Head(line.seq, stored_hash)
    return None


def _plain(value: object) -> str:
    match value:
        case datetime() if value.tzinfo is None:  # it would read differently on a machine in another zone
            raise TypeError("a time without a zone has no canonical form")
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
    raise TypeError(f"{type(value).__name__} has no canonical form")
