"""Signed documents: JSON of which everybody who knows the public key can tell that no byte was changed.

A signed document is one JSON object in canonical form: UTF-8, keys in the order of their code points, no space, only
`"`, `\\` and control characters escaped. For what it is made of (objects with ASCII keys, lists, texts, whole
numbers, true, false, null) that is RFC 8785. `signature` is the Ed25519 signature (RFC 8032) of the same object
without that member, in the same form, by the key whose public half is `public_key`; both in hex. `format` says what
kind of document it is, and is signed with the rest. The file itself is in canonical form, so that two files that say
the same are the same.

No Django here: whoever verifies has no installation.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .suite import Key

DIRECTORY = "huying-directory-1"
_PUBLIC_KEY, _SIGNATURE = re.compile("[0-9a-f]{64}"), re.compile("[0-9a-f]{128}")


class NotGenuine(Exception):
    """The document is not what was signed; the message is one sentence that says in what way."""


def canonical(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode()


def public_key(key: Key) -> str:
    """Return the public half of a signing key, as 64 hex digits."""
    return _private(key).public_key().public_bytes_raw().hex()


def is_public_key(written: str) -> bool:
    return _PUBLIC_KEY.fullmatch(written) is not None


def signed(document: Mapping[str, Any], format_: str, key: Key) -> bytes:
    """Return a document of that format with its signature, in canonical form."""
    whole = {**document, "format": format_, "public_key": public_key(key)}
    return canonical({**whole, "signature": _private(key).sign(canonical(whole)).hex()})


def verified(content: bytes, format_: str, by: str) -> dict[str, Any]:
    """Return the document in `content` if that key signed it and it was not changed since. Raises NotGenuine."""
    document = _read(content, format_)
    if document["public_key"] != by:
        raise NotGenuine(f"it names the key {document['public_key']}, not {by}; don't trust it")
    signature = bytes.fromhex(document["signature"])
    rest = {name: value for name, value in document.items() if name != "signature"}
    try:
        if canonical(document) != content:
            raise NotGenuine("it was saved anew, not as it was signed; fetch it again, and change nothing in it")
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(by)).verify(signature, canonical(rest))
    except InvalidSignature as changed:
        raise NotGenuine("it was changed after it was signed; don't trust it, fetch it again") from changed
    except (ValueError, RecursionError) as odd:
        raise NotGenuine("it has something in it that is never signed; don't trust it") from odd
    return document


def _read(content: bytes, format_: str) -> dict[str, Any]:
    """Return what looks like a signed document of that format. Raises NotGenuine."""
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as wrong:
        raise NotGenuine("it is no JSON; fetch it again, as it is sent") from wrong
    if not isinstance(document, dict) or document.get("format") != format_:
        raise NotGenuine(f"it is no {format_}; fetch the right file")
    members = ((_PUBLIC_KEY, "public_key"), (_SIGNATURE, "signature"))
    for shape, name in members:
        if not isinstance(document.get(name), str) or not shape.fullmatch(document[name]):
            raise NotGenuine(f"its {name} is missing or damaged; don't trust it, fetch it again")
    return document


def _private(key: Key) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key.secret)
