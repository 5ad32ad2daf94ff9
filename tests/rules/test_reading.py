"""Reading a command of whatever somebody sent: nothing raises, and the first thing that makes no sense is named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.rules.commands import VERBS, Acknowledge, Assign, RecordContact, Verify, field_names
from huying.rules.lifecycle import Refused, decide
from huying.rules.reading import LONGEST_TEXT, read_command
from huying.rules.vocabulary import RefusalCode
from tests.rules.test_lifecycle import OFFICE, at, opened, rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=5,
)


def invalid(name: str) -> Refused:
    return Refused(RefusalCode.FIELD_INVALID, name)


@pytest.mark.parametrize(
    ("verb", "said", "command", "misread"),
    [
        ("verify", {}, Verify(), None),
        ("verify", {"colour": 1}, Verify(), invalid("colour")),
        ("verify", {"colour": None}, Verify(), None),
        ("verify", {"张三": 1}, Verify(), invalid("body")),
        ("verify", {"a" * 41: 1}, Verify(), invalid("body")),
        ("assign", {"unit": 7}, Assign(7), None),
        ("assign", {}, Assign(), None),
        ("assign", {"unit": None}, Assign(), None),
        ("assign", {"unit": True}, Assign(), invalid("unit")),
        ("assign", {"unit": "7"}, Assign(), invalid("unit")),
        ("assign", {"unit": 7, "reason": 5}, Assign(7), invalid("reason")),
        ("acknowledge", {"handler": ["何砚"], "handler_phone": 5}, Acknowledge(), invalid("handler")),
        ("record_contact", {"text": "长" * LONGEST_TEXT}, RecordContact(text="长" * LONGEST_TEXT), None),
        ("record_contact", {"text": "长" * (LONGEST_TEXT + 1)}, RecordContact(), invalid("text")),
    ],
)
def test_a_command_has_what_can_be_read_and_the_first_field_that_cannot_is_named(
    verb: str, said: dict[str, Any], command: object, misread: Refused | None
) -> None:
    assert read_command(verb, said) == (command, misread)


@given(
    verb=st.sampled_from(sorted(VERBS)),
    said=st.dictionaries(
        st.text() | st.sampled_from(sorted({name for one in VERBS.values() for name in field_names(one)})), JSON
    ),
)
def test_whatever_is_sent_is_decided(verb: str, said: dict[str, Any]) -> None:
    command, misread = read_command(verb, said)

    case = opened(at("Tue 03-10 09:15"), rules())
    result = decide(case, command, OFFICE, at("Tue 03-10 15:00"), rules(), misread)

    assert misread is None or isinstance(result, Refused)
