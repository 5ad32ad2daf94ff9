"""An acceptance story as data: the fixed TOML format of scripted histories, read and checked, not yet played.

Unknown keys are an error that names the file and the dotted key. A key that a verb needs and a step lacks is no
error of the file: the door will refuse that step.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_COMMON = frozenset({"at", "do", "by", "refused"})
# Per verb the keys that a step may have; all but those of _WITHOUT_CASE also take `case`.
KEYS: Mapping[str, frozenset[str]] = {
    verb: frozenset(keys.split())
    for verb, keys in {
        "contact": "as channel to from kind text complexity urgency fields external_id attachments answered_by missed"
        " respondent confidential anonymous",
        "complete_info": "fields",
        "classify": "category complexity",
        "mark_urgent": "urgency legitimate_by",
        "assign": "unit designate exceed_approved_by reason",
        "acknowledge": "handler handler_phone",
        "record_contact": "method handler handler_phone text",
        "request_return": "reason suggested_unit",
        "approve_return": "",
        "refuse_return": "designate",
        "request_extension": "term reason citizen_informed",
        "approve_extension": "",
        "refuse_extension": "reason",
        "suspend": "reason until",
        "resume": "",
        "join_unit": "unit",
        "co_report": "unit text",
        "report": "outcome text public_text basis claim",
        "reject_report": "reason",
        "verify": "",
        "decide_claim": "accepted reason approved_by",
        "callback_attempt": "result",
        "record_verdict": "verdict reason",
        "close_unsatisfied": "reason basis approved_by",
        "answer": "text",
        "decline": "reason route",
        "refer": "to reason",
        "withdraw": "reason",
        "merge": "into",
        "unmerge": "",
        "group": "topic lead",
        "instruct": "post text unit due",
        "interview": "person minutes rectify_by",
        "rectified": "",
        "discipline": "",
        "fault": "code unit",
        "request_review": "reason",
        "decide_review": "outcome text",
        "daily_review": "decisions",
        "transfer_post": "post successor",
        "audit": "contact_point outcome returned_after",
        "check_number": "value answer",
        "open_case": "kind",
        "not_a_case": "kind",
        "recall": "reason",
        "correct": "field value reason",
        "contact_attempt": "result",
        "return_call": "result kind",
        "summarise": "title summary",
        "answer_instruction": "text",
        "schedule_interview": "unit person time place cases",
        "statement": "text",
        "confirm_fault": "",
        "cancel_fault": "reason",
        "complain_handling": "text",
        "reissue_code": "reason",
        "note": "text",
        "load_calendar": "file",
    }.items()
}
_WITHOUT_CASE = frozenset({"contact", "daily_review", "transfer_post", "audit", "check_number", "load_calendar"})
_EXPECT_CASE = frozenset(
    {"at", "case", "stage", "cycle", "level", "unit", "contacts", "urgency", "verdict"}
) | frozenset({"outcome", "designated", "closed_as", "flags", "actions", "clock", "missing"})
_EXPECT_ALL = frozenset({"at", "totals", "messages", "queue", "unit", "visible"})
_CLOCK = frozenset({"due", "done", "on_time", "provisional", "paused"})
_COUNTED = ("contacts_raw", "contacts", "cases", "open", "closed", "satisfied", "understanding", "unsatisfied")
_TOTALS = frozenset({*_COUNTED, "not_counted"})
_TABLES = {
    "unit": frozenset({"id", "name", "parent"}),
    "post": frozenset({"id", "name", "unit"}),
    "contact_point": frozenset({"post", "line", "kind", "value", "answer_mode", "hours"}),
}
_TOP = frozenset({"title", "rulebook", "calendar", "override", "step", "expect", *_TABLES})


class StoryError(Exception):
    """The story can't be read; the message names the file and the dotted key."""


@dataclass(frozen=True)
class Step:
    """One thing that somebody does; `refused` is the code it must be refused with, True for any."""

    number: int
    at: datetime
    do: str
    case: str | None
    by: str | None
    refused: str | bool
    given: Mapping[str, Any]


@dataclass(frozen=True)
class Expect:
    """What must hold at a moment, of one case or of the whole register."""

    number: int
    at: datetime
    case: str | None
    wanted: Mapping[str, Any]


@dataclass(frozen=True)
class Story:
    title: str
    rulebook: str
    calendar: str | None = None
    override: Mapping[str, Any] = field(default_factory=dict)
    units: Sequence[Mapping[str, str]] = ()
    posts: Sequence[Mapping[str, str]] = ()
    contact_points: Sequence[Mapping[str, str]] = ()
    steps: Sequence[Step] = ()
    expects: Sequence[Expect] = ()


def parse(text: str, name: str) -> Story:
    """Return the story that `text` tells. Raises StoryError."""
    try:
        top = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise StoryError(f"{name}: {broken}") from broken
    problem = next(_problems(top), None)
    if problem is not None:
        raise StoryError(f"{name}: {problem}")
    return Story(
        title=top["title"],
        rulebook=top["rulebook"],
        calendar=top.get("calendar"),
        override=top.get("override", {}),
        units=top.get("unit", []),
        posts=top.get("post", []),
        contact_points=top.get("contact_point", []),
        steps=[_step(number, table) for number, table in enumerate(top.get("step", []), 1)],
        expects=[_expect(number, table) for number, table in enumerate(top.get("expect", []), 1)],
    )


def _step(number: int, table: Mapping[str, Any]) -> Step:
    given = {key: value for key, value in table.items() if key not in _COMMON and key != "case"}
    return Step(
        number, table["at"], table["do"], table.get("case"), table.get("by"), table.get("refused", False), given
    )


def _expect(number: int, table: Mapping[str, Any]) -> Expect:
    wanted = {key: value for key, value in table.items() if key not in ("at", "case")}
    return Expect(number, table["at"], table.get("case"), wanted)


def _problems(top: Mapping[str, Any]) -> Iterator[str]:
    yield from _unknown(top, _TOP, "")
    for key in ("title", "rulebook"):
        if not isinstance(top.get(key), str):
            yield f"{key}: a text is needed"
    for table, keys in _TABLES.items():
        for number, row in enumerate(top.get(table, []), 1):
            yield from _unknown(row, keys, f"{table}[{number}].")
    for number, step in enumerate(top.get("step", []), 1):
        yield from _step_problems(step, f"step[{number}].")
    for number, expect in enumerate(top.get("expect", []), 1):
        yield from _expect_problems(expect, f"expect[{number}].")


def _step_problems(step: Mapping[str, Any], where: str) -> Iterator[str]:
    verb = step.get("do")
    if not isinstance(verb, str) or verb not in KEYS:
        yield f"{where}do: {verb!r} is not a verb"
        return
    own = KEYS[verb] | _COMMON | (frozenset() if verb in _WITHOUT_CASE else frozenset({"case"}))
    yield from _unknown(step, own, where)
    yield from _moment(step, where)


def _expect_problems(expect: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(expect, _EXPECT_CASE if "case" in expect else _EXPECT_ALL, where)
    yield from _moment(expect, where)
    for step, clock in expect.get("clock", {}).items():
        yield from _unknown(clock, _CLOCK, f"{where}clock.{step}.")
    yield from _unknown(expect.get("totals", {}), _TOTALS, f"{where}totals.")


def _moment(table: Mapping[str, Any], where: str) -> Iterator[str]:
    at = table.get("at")
    if not isinstance(at, datetime) or at.tzinfo is None:
        yield f"{where}at: a time with an offset is needed"


def _unknown(table: Mapping[str, Any], known: frozenset[str], where: str) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield f"{where}{key}: unknown key"
