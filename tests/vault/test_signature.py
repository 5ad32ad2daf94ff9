"""Signed documents: every byte is vouched for, and each way of being wrong has its own sentence."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from huying.vault.signature import NotGenuine, canonical, public_key, signed, verified
from huying.vault.suite import Key

KEY, OTHER = Key(bytes(range(32))), Key(bytes(range(1, 33)))
FORMAT = "some-format-1"
DOCUMENT = {"posts": [{"name": "市长", "hours": None, "code": 'a"\\/\n'}], "city": "云川市", "count": 2}
CONTENT = signed(DOCUMENT, FORMAT, KEY)


def refusal(content: bytes, key: Key = KEY) -> str:
    with pytest.raises(NotGenuine) as refused:
        verified(content, FORMAT, public_key(key))
    [line] = str(refused.value).splitlines()
    return line


def test_what_was_signed_is_read_again() -> None:
    document = verified(CONTENT, FORMAT, public_key(KEY))
    assert {name: document[name] for name in DOCUMENT} == DOCUMENT


def test_somebody_with_nothing_but_the_description_can_check_it() -> None:
    document = json.loads(CONTENT)
    signature = bytes.fromhex(document.pop("signature"))
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["public_key"])).verify(signature, text.encode())


def test_the_canonical_form_is_as_described() -> None:
    assert canonical({"b": [1, True, None], "a": '市"\\\n\x01/'}) == (
        '{"a":"市\\"\\\\\\n\\u0001/","b":[1,true,null]}'.encode()
    )


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(place: int, by: int) -> None:
    changed = bytearray(CONTENT)
    changed[place] ^= by
    refusal(bytes(changed))


@given(st.integers(0, len(CONTENT) - 1), st.binary(min_size=1, max_size=3))
def test_nothing_can_be_cut_off_or_put_in(place: int, more: bytes) -> None:
    refusal(CONTENT[:place])
    refusal(CONTENT[:place] + more + CONTENT[place:])


def test_a_changed_number_is_called_changed() -> None:
    assert "changed after it was signed" in refusal(CONTENT.replace("市长".encode(), "省长".encode()))


def test_a_file_that_an_editor_saved_is_told_from_a_forged_one() -> None:
    assert "saved anew" in refusal(CONTENT + b"\n")
    assert "saved anew" in refusal(json.dumps(json.loads(CONTENT), indent=1).encode())


def test_another_key_is_named_whoever_put_it_there() -> None:
    assert f"names the key {public_key(OTHER)}, not {public_key(KEY)}" in refusal(signed(DOCUMENT, FORMAT, OTHER))
    assert f"names the key {public_key(KEY)}" in refusal(CONTENT, OTHER)
    document = json.loads(signed(DOCUMENT, FORMAT, OTHER))
    assert "changed after" in refusal(canonical({**document, "public_key": public_key(KEY)}))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        b"\xff\xfe",
        b"<html>",
        b"[]",
        b"null",
        b"{}",
        b'"some-format-1"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_what_is_no_such_thing_is_refused(content: bytes) -> None:
    assert "fetch" in refusal(content)


@pytest.mark.parametrize(
    "changed",
    [
        {"format": "other-1"},
        {"signature": None},
        {"signature": "0" * 127},
        {"signature": "zz" * 64},
        {"public_key": 7},
        {"public_key": public_key(KEY).upper()},
        {"more": "\ud800"},
        {"more": 1e308 * 10},
    ],
)
def test_members_that_are_odd_are_refused(changed: dict[str, Any]) -> None:
    document = json.loads(CONTENT)
    refusal(json.dumps({**document, **changed}, sort_keys=True, separators=(",", ":")).encode())


def test_another_kind_of_document_of_the_same_key_is_refused() -> None:
    assert f"no {FORMAT}" in refusal(signed(DOCUMENT, "another-1", KEY))
