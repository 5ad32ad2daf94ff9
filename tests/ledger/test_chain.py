"""The hash chain as pure functions: nothing can be changed, moved, taken out or put in without being named."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huying.ledger.chain import HASH_HEADER, Broken, Head, Line, canonical, first_broken

CHAIN = 41
MORNING = datetime(2026, 3, 10, 9, 15, tzinfo=ZoneInfo("Asia/Shanghai"))

Stored = list[tuple[Line, bytes]]

# Few letters, so that what is drawn is short and alike: among them what JSON escapes and what isn't in the BMP.
texts = st.text('a"\\\n\0é\u0301吉𠮷😀', max_size=3)
moments = st.integers(0, 2**52).map(lambda n: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(microseconds=n))
ids = st.integers(1, 2**62)
hashes = st.binary(min_size=1, max_size=3)
ANOTHER: dict[str, st.SearchStrategy[Any]] = {
    "chain_id": ids,
    "seq": st.integers(-5, 50),
    "event": texts,
    "step": st.none() | texts,
    "unit_id": st.none() | ids,
    "actor": texts,
    "at": moments,
    "recorded_at": moments,
    "record": st.none() | st.tuples(texts, ids),
    "content": hashes,
    "previous": st.binary(max_size=3),
}
says = st.fixed_dictionaries({"event": texts, "content": hashes})


def chained(length: int, *, alike: bool) -> Stored:
    """Return a chain, each line with its hash; where they are alike only their numbers tell the lines apart."""
    stored: Stored = []
    head = Head()
    for seq in range(1, length + 1):
        event = "contacted" if alike else f"event {seq}"
        line = replace(vector(), event=event, chain_id=CHAIN, seq=seq, previous=head.hash)
        head = Head(seq, line.hash())
        stored.append((line, head.hash))
    return stored


chains = st.builds(chained, st.integers(1, 5), alike=st.booleans())
long_chains = st.builds(chained, st.integers(2, 5), alike=st.booleans())


def vector() -> Line:
    """The line of which one hash is written down here: it may never change while there are ledgers."""
    return Line(
        chain_id=7,
        seq=3,
        event="contacted",
        step=None,
        unit_id=12,
        actor="user:1002",
        at=MORNING,
        recorded_at=MORNING + timedelta(microseconds=1),
        record=("contact_record", 99),
        content=b"\x10" + bytes(range(32)),
        previous=HASH_HEADER + bytes(32),
    )


def test_the_hash_of_a_line_is_the_one_written_down() -> None:
    assert vector().hash().hex() == "107b483c4dd56e97c6f7763c9efd5b5384f5fa184bfdf0bf12434d40b3d9dd2ec3"


def test_the_canonical_bytes_are_the_ones_written_down() -> None:
    facts = {
        "text": '李𠮷 😀 "e\u0301"\n',
        "at": MORNING,
        "day": date(2026, 3, 10),
        "none": None,
        "yes": True,
        "n": -3,
    }

    assert (
        canonical({**facts, "sealed": b"\x00\xff"})
        == (
            '{"at":"2026-03-10T01:15:00.000000+00:00","day":"2026-03-10","n":-3,"none":null,"sealed":"00ff",'
            '"text":"李𠮷 😀 \\"e\u0301\\"\\n","yes":true}'
        ).encode()
    )


def test_the_order_of_the_facts_does_not_matter() -> None:
    facts = {"b": 1, "a": {"d": 2, "c": 3}}

    assert canonical(facts) == canonical({"a": {"c": 3, "d": 2}, "b": 1})


@given(moments, st.integers(-14 * 60, 14 * 60))
def test_the_time_zone_of_a_moment_does_not_matter(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))

    assert canonical({"at": elsewhere}) == canonical({"at": moment})


def test_a_time_without_a_zone_is_not_taken() -> None:
    with pytest.raises(TypeError, match="without a zone"):
        canonical({"at": MORNING.replace(tzinfo=None)})


@pytest.mark.parametrize("value", [1.5j, {1, 2}, object()])
def test_what_has_no_canonical_form_is_not_taken(value: object) -> None:
    with pytest.raises(TypeError, match="no canonical form"):
        canonical({"value": value})


def test_a_number_that_json_does_not_have_is_not_taken() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"value": float("nan")})


@pytest.mark.parametrize(
    ("one", "other"),
    [("é", "e\u0301"), ("𠮷", "吉"), ("１", "1"), ("👨‍👩‍👧", "👨👩👧"), ("a", "a "), (None, "None"), (0, False)],
)
def test_texts_that_only_look_alike_have_different_bytes(one: object, other: object) -> None:
    assert canonical({"text": one}) != canonical({"text": other})


@given(st.dictionaries(texts, texts), st.dictionaries(texts, texts))
def test_different_texts_have_different_bytes(one: dict[str, str], other: dict[str, str]) -> None:
    assert (canonical(one) == canonical(other)) == (one == other)


@given(chains)
def test_an_untouched_chain_holds(chain: Stored) -> None:
    assert first_broken(chain) is None


def test_an_empty_chain_holds() -> None:
    assert first_broken([]) is None


def test_every_field_of_a_line_is_tried() -> None:
    assert set(ANOTHER) == {field.name for field in fields(Line)}


@pytest.mark.parametrize("field", ANOTHER)
@settings(max_examples=40)
@given(data=st.data())
def test_a_changed_field_is_found_in_its_line(field: str, data: st.DataObject) -> None:
    chain = data.draw(chains)
    i = data.draw(st.integers(0, len(chain) - 1))
    line, stored_hash = chain[i]
    value = data.draw(ANOTHER[field].filter(lambda value: value != getattr(line, field)))
    chain[i] = replace(line, **{field: value}), stored_hash

    broken = first_broken(chain)

    assert broken is not None
    assert broken.seq == i + 1


@given(long_chains, st.data())
def test_a_line_changed_together_with_its_hash_is_found_in_the_line_after_it(
    chain: Stored, data: st.DataObject
) -> None:
    i = data.draw(st.integers(0, len(chain) - 2))
    forged = replace(chain[i][0], actor=chain[i][0].actor + "!")
    chain[i] = forged, forged.hash()

    assert first_broken(chain) == Broken(CHAIN, i + 2, "it doesn't follow the line before it")


@given(chains, st.data())
def test_a_changed_hash_is_found_in_its_line(chain: Stored, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(chain) - 1))
    line, stored_hash = chain[i]
    chain[i] = line, data.draw(hashes.filter(lambda value: value != stored_hash))

    assert first_broken(chain) == Broken(CHAIN, i + 1, "the line was changed")


@given(long_chains, st.data())
def test_a_line_taken_out_before_the_last_is_missed(chain: Stored, data: st.DataObject) -> None:
    i = data.draw(st.integers(0, len(chain) - 2))
    del chain[i]

    assert first_broken(chain) == Broken(CHAIN, i + 1, "the line is missing")


@given(long_chains, st.data())
def test_two_lines_in_each_others_place_are_found_at_the_first(chain: Stored, data: st.DataObject) -> None:
    i, j = sorted(data.draw(st.lists(st.integers(0, len(chain) - 1), min_size=2, max_size=2, unique=True)))
    chain[i], chain[j] = chain[j], chain[i]

    assert first_broken(chain) == Broken(CHAIN, i + 1, "the line is missing")


@given(long_chains, st.data())
def test_two_lines_that_swapped_their_numbers_too_are_found_at_the_first(chain: Stored, data: st.DataObject) -> None:
    i, j = sorted(data.draw(st.lists(st.integers(0, len(chain) - 1), min_size=2, max_size=2, unique=True)))
    (first, first_hash), (second, second_hash) = chain[i], chain[j]
    chain[i], chain[j] = (replace(second, seq=i + 1), second_hash), (replace(first, seq=j + 1), first_hash)

    assert first_broken(chain) == Broken(CHAIN, i + 1, "it doesn't follow the line before it")


@given(chains, says, st.data())
def test_a_line_put_in_is_found(chain: Stored, said: dict[str, Any], data: st.DataObject) -> None:
    """It follows the line before it and its own hash is right, but the next one bears its number."""
    i = data.draw(st.integers(0, len(chain) - 1))
    before = chain[i - 1][1] if i else Head().hash
    forged = replace(vector(), **said, chain_id=CHAIN, seq=i + 1, previous=before)
    chain.insert(i, (forged, forged.hash()))

    assert first_broken(chain) == Broken(CHAIN, i + 2, "the line is missing")


def test_a_broken_entry_names_chain_and_line() -> None:
    assert str(Broken(7, 3, "the line was changed")) == "chain 7, line 3: the line was changed"
