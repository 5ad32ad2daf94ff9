"""Reading a command of whatever somebody sent: nothing raises, and the first thing that makes no sense is named."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.rules.access import Actor
from huying.rules.commands import (
    VERBS,
    Acknowledge,
    Assign,
    CompleteInfo,
    RecordContact,
    RefuseReturn,
    ScheduleInterview,
    Suspend,
    Verify,
    field_names,
)
from huying.rules.lifecycle import Refused, decide
from huying.rules.reading import LONGEST_TEXT, read_command
from huying.rules.vocabulary import RefusalCode, Stage
from tests.rules.test_lifecycle import at, opened, rules

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
    max_leaves=5,
)
MOMENT = st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat(timespec="seconds"))
TOO_MUCH = {"name": "长" * LONGEST_TEXT, "content": "长"}


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
        ("assign", {"unit": 0}, Assign(), invalid("unit")),
        ("assign", {"unit": 2**63}, Assign(), invalid("unit")),
        ("refuse_return", {"designate": True}, RefuseReturn(designate=True), None),
        ("refuse_return", {"designate": "true"}, RefuseReturn(), invalid("designate")),
        ("refuse_return", {"designate": 1}, RefuseReturn(), invalid("designate")),
        ("complete_info", {"fields": {"name": "测试人甲"}}, CompleteInfo({"name": "测试人甲"}), None),
        ("complete_info", {"fields": {}}, CompleteInfo({}), None),
        ("complete_info", {"fields": {"name": 5}}, CompleteInfo(), invalid("fields")),
        ("complete_info", {"fields": {"姓名": "测试人甲"}}, CompleteInfo(), invalid("fields")),
        ("complete_info", {"fields": ["name"]}, CompleteInfo(), invalid("fields")),
        ("complete_info", {"fields": TOO_MUCH}, CompleteInfo(), invalid("fields")),
        ("schedule_interview", {"cases": [1, 2]}, ScheduleInterview(cases=(1, 2)), None),
        ("schedule_interview", {"cases": []}, ScheduleInterview(cases=()), None),
        ("schedule_interview", {"cases": [1, True]}, ScheduleInterview(), invalid("cases")),
        ("schedule_interview", {"cases": 1}, ScheduleInterview(), invalid("cases")),
        ("suspend", {"until": "2026-03-20T00:00:00+08:00"}, Suspend(until=at("Fri 03-20 00:00")), None),
        ("suspend", {"until": "2026-03-19T16:00:00Z"}, Suspend(until=at("Fri 03-20 00:00")), None),
        ("suspend", {"until": "2026-03-19T16:00:00.000Z"}, Suspend(until=at("Fri 03-20 00:00")), None),
        ("suspend", {"until": "2026-03-20T00:00:00"}, Suspend(), invalid("until")),
        ("suspend", {"until": "2026-03-20"}, Suspend(), invalid("until")),
        ("suspend", {"until": "2026-02-30T00:00:00+08:00"}, Suspend(), invalid("until")),
        ("suspend", {"until": "0001-01-01T00:00:00+08:00"}, Suspend(), invalid("until")),
        ("suspend", {"until": "9999-12-31T23:59:59-12:00"}, Suspend(), invalid("until")),
        ("suspend", {"until": 20260320}, Suspend(), invalid("until")),
    ],
)
def test_a_command_has_what_can_be_read_and_the_first_field_that_cannot_is_named(
    verb: str, said: dict[str, Any], command: object, misread: Refused | None
) -> None:
    assert read_command(verb, said) == (command, misread)


@given(
    verb=st.sampled_from(sorted(VERBS)),
    said=st.dictionaries(
        st.text() | st.sampled_from(sorted({name for one in VERBS.values() for name in field_names(one)})),
        JSON | MOMENT | st.dictionaries(st.sampled_from(["name", "content", "id_number"]), st.text()),
    ),
    stage=st.sampled_from(Stage),
)
def test_whatever_is_sent_is_decided(verb: str, said: dict[str, Any], stage: Stage) -> None:
    command, misread = read_command(verb, said)

    case = replace(opened(at("Tue 03-10 09:15"), rules()), stage=stage)
    result = decide(case, command, Actor.system(), at("Tue 03-10 15:00"), rules(), misread)

    assert misread is None or isinstance(result, Refused)
