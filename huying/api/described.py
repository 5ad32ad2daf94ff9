"""The bodies of requests for the OpenAPI description, made from the commands and the closed lists themselves.

They are not validated by it: a door says of a wrong field what it says of everything that it refuses.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, get_type_hints

from huying.rules.commands import APPROVER, CASES, POSTS, UNITS, VERBS, WORDS, Command
from huying.rules.deciding import Party
from huying.rules.lifecycle import TABLE
from huying.rules.reading import LONGEST_TEXT
from huying.rules.vocabulary import AnsweredBy, Complexity, Kind, Stage, Urgency

from .approvals import DECISION

_TEXT = {"type": "string", "maxLength": LONGEST_TEXT}
_FLAG = {"type": "boolean"}
_WHICH = {"type": "integer", "minimum": 1}
_MOMENT = {"type": "string", "format": "date-time", "description": "RFC 3339, with an offset"}
_TEXTS = {"type": "object", "additionalProperties": _TEXT, "description": "name, address … as the rulebook asks"}
_UNIT = {**_TEXT, "description": "the code of a unit"}
_POST = {**_TEXT, "description": "the code of a post"}
_NUMBER = {**_TEXT, "description": "the number of a case that may be seen"}

# The verbs of a contact that waits to be sorted or called back, and those of a case.
OF_CONTACTS = [verb for verb in VERBS if any(Stage.WAITING in row.stages for row in TABLE[VERBS[verb]])]
OF_CASES = [verb for verb in VERBS if any(row.stages != {Stage.WAITING} for row in TABLE[VERBS[verb]])]
# The verbs of whoever holds the receipt of a case, and the keys that say so.
BY_RECEIPT = [verb for verb in VERBS if any(Party.CITIZEN in row.by for row in TABLE[VERBS[verb]])]
RECEIPT = {
    "code": {**_TEXT, "description": "the query code of the receipt: then the requester does it"},
    "last_digits": {**_TEXT, "description": "the last four digits of the requester's phone, where one was left"},
}

_BY_TYPE: Mapping[object, dict[str, Any]] = {
    str | None: _TEXT,
    int | None: _WHICH,
    bool | None: _FLAG,
    datetime | None: _MOMENT,
    Mapping[str, str] | None: _TEXTS,
}
_BY_NAME: Mapping[str, dict[str, Any]] = {
    **dict.fromkeys(UNITS, _UNIT),
    **dict.fromkeys(POSTS, _POST),
    **dict.fromkeys(CASES, _NUMBER),
    "cases": {"type": "array", "items": _NUMBER},
}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _word(words: type[StrEnum], **more: str) -> dict[str, Any]:
    return {"enum": [word.value for word in words], **more}


def _field(command: type[Command], name: str, hint: object) -> dict[str, Any]:
    if (command, name) in WORDS:
        return _word(WORDS[command, name])
    return _BY_NAME.get(name) or _BY_TYPE[hint]


def _command(verb: str) -> dict[str, Any]:
    """Return the schema of one verb, with what its command says of itself."""
    command = VERBS[verb]
    hints = {name: hint for name, hint in get_type_hints(command).items() if name != APPROVER.get(command)}
    own = {name: _field(command, name, hint) for name, hint in hints.items()}
    return {
        "type": "object",
        "title": verb,
        "description": " ".join((command.__doc__ or "").split()),
        "properties": {"do": {"const": verb}, **own, **(RECEIPT if verb in BY_RECEIPT else {})},
        "required": ["do"],
        "additionalProperties": False,
    }


def _commands(verbs: Collection[str]) -> dict[str, Any]:
    return _body({"oneOf": [_command(verb) for verb in verbs]})


COMMAND = _commands(OF_CASES)
DECIDING = _body(DECISION)
SORTING = _commands(OF_CONTACTS)
FILE = {"required": True, "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
CONTACT = _body(
    {
        "type": "object",
        "properties": {
            "channel": {**_TEXT, "description": "phone_mobile, sms, web …, as the rulebook names them"},
            "text": {**_TEXT, "description": "what was said, unedited; a missed call has none"},
            "title": _TEXT,
            "from": {**_TEXT, "description": "the requester's phone"},
            "to": {**_TEXT, "description": "the code of the post that was called"},
            "kind": _word(Kind, default=Kind.UNSORTED.value),
            "complexity": _word(Complexity, default=Complexity.SIMPLE.value),
            "urgency": _word(Urgency, description="as whoever took it has it; nothing follows until it is marked"),
            "fields": _TEXTS,
            "attachments": {"type": "integer", "minimum": 0, "description": "how many files came with it"},
            "missed": _FLAG,
            "answered_by": _word(AnsweredBy),
            "anonymous": {**_FLAG, "description": "who it is isn't asked, where the rulebook allows that"},
            "confidential": {**_FLAG, "description": "if not said, as the rulebook has it"},
            "respondent": {**_TEXT, "description": "the code of the unit that is complained about; it sees nothing"},
            "respondent_post": {
                **_TEXT,
                "description": "the code of a post of which the holder is complained about; sees nothing",
            },
            "external_id": {
                **_TEXT,
                "description": "the sender's own number; what is known by it is not doubled",
            },
            "case": {
                **_TEXT,
                "description": "the number of a case that this is about, as whoever took it has confirmed",
            },
            "occurred_at": {**_MOMENT, "description": "when it came in, if not just now; with an offset"},
        },
        "required": ["channel"],
        "additionalProperties": False,
    }
)
