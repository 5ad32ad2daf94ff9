"""Reading what a program sends: the body as JSON, and a contact in it, key by key. Whatever it is, nothing raises."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from django.http import HttpRequest

from huying.cases.intake import Intake
from huying.rules.lifecycle import Refused
from huying.rules.reading import LONGEST_TEXT, invalid, is_text
from huying.rules.vocabulary import AnsweredBy, Complexity, Kind, Urgency

from .problems import stopped

# In bytes. A text of ten megabytes is refused as a field is, whatever its escapes cost; more is not even read.
LARGEST_BODY = 64 * 2**20
# What the door calls otherwise than the request does.
KEYS_OF_CONTACT = {"contact_phone": "from", "post": "to", "at": "occurred_at", "joins": "case"}

_MOST_FILES = 1000

T = TypeVar("T")


def body_of(request: HttpRequest) -> dict[str, object]:
    """Return the JSON object that a request brings. Raises Stopped."""
    # Not `request.body`: its limit is that of forms.
    raw = request.read(LARGEST_BODY + 1)
    if len(raw) > LARGEST_BODY:
        raise stopped(413, "too_large")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as broken:
        raise stopped(400, "unreadable") from broken
    if not isinstance(body, dict):
        raise stopped(400, "unreadable")
    return body


def read_contact(body: Mapping[str, object]) -> tuple[Intake, datetime | None, Refused | None]:
    """Return a contact with what can be read of it, when it came in, and the first key that can't be read, if any."""
    given = {key: value for key, value in body.items() if value is not None}
    wrong: list[Refused] = []

    def take(key: str, read: Callable[[object], T | None], absent: T) -> T:
        if key not in given:
            return absent
        if (value := read(given.pop(key))) is None:
            wrong.append(invalid(key))
            return absent
        return value

    fields = take("fields", _fields, dict[str, str]())
    announced = take("attachments", _count, 0)
    answered_by = take("answered_by", lambda value: _word(AnsweredBy, value), None)
    missed = take("missed", _flag, absent=False)
    kind = take("kind", lambda value: _word(Kind, value), Kind.UNSORTED)
    intake = Intake(
        channel=take("channel", _text, ""),
        kind=Kind.MISSED if missed else kind,
        text=take("text", _text, ""),
        title=take("title", _text, None),
        phone=take("from", _text, None),
        name=fields.get("name"),
        fields=_kept(fields, answered_by, announced),
        to=take("to", _text, None),
        complexity=take("complexity", lambda value: _word(Complexity, value), Complexity.SIMPLE),
        confidential=take("confidential", _flag, None),
        complained_about=take("respondent", _text, None),
        holder_of=take("respondent_post", _text, None),
        anonymous=take("anonymous", _flag, absent=False),
        urgency_claimed=take("urgency", lambda value: _word(Urgency, value), None),
        external_id=take("external_id", _text, None),
        joins=take("case", _text, None),
        follows=take("follows", _text, None),
    )
    at = take("occurred_at", _moment, None)
    wrong += map(invalid, given)
    return intake, at, next(iter(wrong), None)


def _kept(fields: Mapping[str, str], answered_by: AnsweredBy | None, announced: int) -> dict[str, str]:
    """Return the further fields of a contact; who answered and how many files it had are among them, as nothing is
    decided by those.
    """
    kept = {name: said for name, said in fields.items() if name != "name"}
    kept |= {} if answered_by is None else {"answered_by": answered_by.value}
    return kept | ({"attachments": str(announced)} if announced else {})


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= _MOST_FILES else None


def _text(value: object) -> str | None:
    return value if is_text(value) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _word(words: type[T], value: object) -> T | None:
    try:
        return words(value)  # type: ignore[call-arg]  # an enum
    except ValueError:
        return None


def _fields(value: object) -> dict[str, str] | None:
    if not isinstance(value, dict) or not all(is_text(said) for said in value.values()):
        return None
    return value if sum(len(name) + len(said) for name, said in value.items()) <= LONGEST_TEXT else None


def _moment(value: object) -> datetime | None:
    """Return a moment of RFC 3339 in UTC; one without an offset is nobody's."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
