"""The algorithms that protect personal data, and the byte that says which ones a value was made with.

Every ciphertext and every hash begins with a header byte: suite in the high four bits, key number in the low
four. Suite 1 is AES-256-GCM with HMAC-SHA-256; a suite of SM4 and SM3 can join it without touching old rows.
"""

import hmac
import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SUITE = 1
KEY_BYTES = 32
_NONCE_BYTES = 12


class Unreadable(Exception):
    """A sealed value doesn't open: it was changed, moved to another row, or another key sealed it."""


def header(key_number: int) -> bytes:
    if not 0 <= key_number <= 15:
        raise ValueError(f"key number {key_number} doesn't fit into four bits")
    return bytes((SUITE << 4 | key_number,))


@dataclass(frozen=True, slots=True)
class Key:
    """A symmetric key of 32 bytes and its number (0 for the data key of one case, requester or contact)."""

    secret: bytes = field(repr=False)  # tracebacks and logs show reprs
    number: int = 0

    @classmethod
    def new(cls, number: int = 0) -> "Key":
        return cls(os.urandom(KEY_BYTES), number)

    def seal(self, plain: bytes, place: str) -> bytes:
        """Return header, nonce and ciphertext; `place` (table, row, field) must be given again to open it."""
        nonce = os.urandom(_NONCE_BYTES)
        return header(self.number) + nonce + AESGCM(self.secret).encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """Return what was sealed. Raises Unreadable."""
        if len(sealed) <= _NONCE_BYTES or sealed[:1] != header(self.number):
            raise Unreadable(f"{place}: not sealed by this key and suite")
        nonce, body = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return AESGCM(self.secret).decrypt(nonce, body, place.encode())
        except InvalidTag as broken:
            raise Unreadable(f"{place}: the value was changed") from broken

    def hash(self, content: bytes, purpose: str) -> bytes:
        """Return the header and HMAC-SHA-256 of `content` under a key derived for `purpose`."""
        derived = hmac.digest(self.secret, purpose.encode(), "sha256")
        return header(self.number) + hmac.digest(derived, content, "sha256")
