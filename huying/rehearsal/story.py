"""An acceptance story as data: the fixed TOML format of scripted histories, read and checked, not yet played.

Unknown keys are an error that names the file and the dotted key. A key that a verb needs and a step lacks is no
error of the file: the door will refuse that step.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from huying.rules.vocabulary import Complexity, Kind, Urgency
from huying.rules.vocabulary import Step as ClockStep

# What a value must be where it isn't a text; by its key, in whatever table it stands.
_TYPES: Mapping[str, tuple[type, ...]] = {
    **dict.fromkeys(("missed", "confidential", "anonymous", "designate", "accepted", "citizen_informed"), (bool,)),
    **dict.fromkeys(("designated", "on_time", "provisional", "paused"), (bool,)),
    **dict.fromkeys(("cycle", "level", "contacts", "attachments", "returned_after"), (int,)),
    **dict.fromkeys(("rectify_by", "time", "done"), (datetime,)),
    **dict.fromkeys(("flags", "actions", "missing", "queue", "cases", "decisions"), (list,)),
    **dict.fromkeys(("fields", "answer", "clock", "totals"), (dict,)),
    "due": (datetime,),
    "until": (datetime, date),
    "refused": (str, bool),
    "messages": (list,),
    "visible": (list,),
}
_WORD_FOR = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    datetime: "a time",
    date: "a day",
    list: "a list",
    dict: "a table",
}
# Keys whose words are a closed list. A command's own words aren't looked at: its door refuses those.
_WORDS: Mapping[tuple[str, str], type[StrEnum]] = {
    ("contact", "kind"): Kind,
    ("contact", "complexity"): Complexity,
    ("contact", "urgency"): Urgency,
}
# Names, ids and paths are one line.
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
_COMMON = frozenset({"at", "do", "by", "refused"})
# Per verb the keys that a step may have; all but those of _WITHOUT_CASE also take `case`.
KEYS: Mapping[str, frozenset[str]] = {
    verb: frozenset(keys.split())
    for verb, keys in {
        "contact": "as channel to from kind text complexity urgency fields external_id attachments answered_by missed"
        " respondent confidential anonymous follows",
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
        "interview": "person minutes rectify_by reason",
        "rectified": "",
        "discipline": "",
        "receive_package": "text",
        "record_result": "text",
        "fault": "code unit evidence",
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
        "return_call": "result kind text",
        "summarise": "title summary",
        "answer_instruction": "text",
        "schedule_interview": "unit person time place cases reason",
        "statement": "text fault",
        "confirm_fault": "fault",
        "cancel_fault": "reason fault",
        "complain_handling": "text",
        "tell_unanswered": "",
        "ask_erasure": "",
        "mark_nuisance": "reason until approved_by",
        "review_nuisance": "outcome reason until approved_by",
        "reissue_code": "reason",
        "note": "text",
        "archive": "",
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
_NEEDED = {"unit": ("id", "name"), "post": ("id", "name"), "contact_point": ("kind", "value")}
# What an entry of these lists must be.
_ENTRIES: Mapping[str, type] = {"messages": dict, "visible": dict, "decisions": dict} | dict.fromkeys(
    ("flags", "actions", "missing", "queue", "cases"), str
)
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
    return told_by(top, name)


def told_by(top: Mapping[str, Any], name: str) -> Story:
    """Return the story that these tables tell; `name` is the file's. Raises StoryError."""
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
    for key in ("title", "rulebook", "calendar"):
        if (key in top or key != "calendar") and not _is_name(top.get(key)):
            yield f"{key}: a text is needed, of one line and at most 200 characters"
    if not isinstance(top.get("override", {}), dict):
        yield "override: a table is needed"
    for table in (*_TABLES, "step", "expect"):
        rows = top.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            yield f"{table}: write each one as [[{table}]]"
            return
    for table in _TABLES:
        yield from _row_problems(table, top.get(table, []))
    yield from _reference_problems(top)
    for number, step in enumerate(top.get("step", []), 1):
        yield from _step_problems(step, f"step[{number}].")
    for number, expect in enumerate(top.get("expect", []), 1):
        yield from _expect_problems(expect, f"expect[{number}].")


def _row_problems(table: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        where = f"{table}[{number}]."
        yield from _unknown(row, _TABLES[table], where)
        for key in (*_NEEDED[table], *row):
            if not _is_name(row.get(key)):
                yield f"{where}{key}: a text is needed, of one line and at most 200 characters"


def _reference_problems(top: Mapping[str, Any]) -> Iterator[str]:
    """Yield names that are given twice, or to nothing. The rows themselves are sound."""
    units, posts, values = {"city"}, set[str](), set[tuple[str, str]]()
    for number, unit in enumerate(top.get("unit", []), 1):
        if unit["id"] in units:
            yield f"unit[{number}].id: {unit['id']!r} is there already"
        if unit.get("parent", "city") not in units:
            yield f"unit[{number}].parent: the unit {unit['parent']!r} must come before it"
        units.add(unit["id"])
    for number, post in enumerate(top.get("post", []), 1):
        if post["id"] in posts:
            yield f"post[{number}].id: {post['id']!r} is there already"
        posts.add(post["id"])
    for number, point in enumerate(top.get("contact_point", []), 1):
        if ("post" in point) == ("line" in point):
            yield f"contact_point[{number}].post: it belongs to a post or to a line"
        if point.get("post") not in {None, *posts}:
            yield f"contact_point[{number}].post: there is no post {point['post']!r}"
        if (point["kind"], point["value"]) in values:
            yield f"contact_point[{number}].value: {point['value']!r} is there already"
        values.add((point["kind"], point["value"]))


def _step_problems(step: Mapping[str, Any], where: str) -> Iterator[str]:
    verb = step.get("do")
    if not isinstance(verb, str) or verb not in KEYS:
        yield f"{where}do: {verb!r} is not a verb"
        return
    own = KEYS[verb] | _COMMON | (frozenset() if verb in _WITHOUT_CASE else frozenset({"case"}))
    yield from _unknown(step, own, where)
    yield from _moment(step, where)
    yield from _mistyped(step, where)
    for (of, key), words in _WORDS.items():
        if verb == of and key in step and step[key] not in list(words):
            yield f"{where}{key}: {step[key]!r} is none of {', '.join(words)}"


def _expect_problems(expect: Mapping[str, Any], where: str) -> Iterator[str]:
    yield from _unknown(expect, _EXPECT_CASE if "case" in expect else _EXPECT_ALL, where)
    yield from _moment(expect, where)
    mistyped = list(_mistyped(expect, where))
    yield from mistyped
    if mistyped:
        return
    for step, clock in expect.get("clock", {}).items():
        if step not in list(ClockStep):
            yield f"{where}clock.{step}: there is no such clock"
        elif not isinstance(clock, dict):
            yield f"{where}clock.{step}: a table is needed"
        else:
            yield from _unknown(clock, _CLOCK, f"{where}clock.{step}.")
            yield from _mistyped(clock, f"{where}clock.{step}.")
    yield from _unknown(expect.get("totals", {}), _TOTALS, f"{where}totals.")
    for key, count in expect.get("totals", {}).items():
        if type(count) is not int:
            yield f"{where}totals.{key}: a number is needed"
    for number, message in enumerate(expect.get("messages", []), 1):
        yield from _unknown(message, frozenset({"to", "contains"}), f"{where}messages[{number}].")
        yield from _mistyped(message, f"{where}messages[{number}].")
        if "to" not in message:
            yield f"{where}messages[{number}].to: a text is needed"


def _mistyped(table: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the values that aren't of the type that their key has; a time needs an offset."""
    for key, value in table.items():
        if key == "at":
            continue
        types = _TYPES.get(key, (str,))
        # True is an int, and a moment is a day, to Python.
        if type(value) not in types:
            yield f"{where}{key}: {' or '.join(_WORD_FOR[one] for one in types)} is needed"
        elif isinstance(value, datetime) and value.tzinfo is None:
            yield f"{where}{key}: a time with an offset is needed"
        elif key in _ENTRIES and not all(type(entry) is _ENTRIES[key] for entry in value):
            yield f"{where}{key}: a list of {_WORD_FOR[_ENTRIES[key]].removeprefix('a ')}s is needed"
        elif key == "fields" and not all(isinstance(said, str) for said in value.values()):
            yield f"{where}{key}: its values are texts"


def _moment(table: Mapping[str, Any], where: str) -> Iterator[str]:
    at = table.get("at")
    if not isinstance(at, datetime) or at.tzinfo is None:
        yield f"{where}at: a time with an offset is needed"
    elif not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        yield f"{where}at: a time of the years {_FIRST_YEAR} to {_LAST_YEAR} is needed"


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _unknown(table: Mapping[str, Any], known: frozenset[str], where: str) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield f"{where}{key}: unknown key"
