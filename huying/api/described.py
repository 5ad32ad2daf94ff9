"""The bodies of requests for the OpenAPI description, made from the commands and the closed lists themselves.

They are not validated by it: a door says of a wrong field what it says of everything that it refuses.
"""

from typing import Any

from huying.rules.commands import VERBS, field_names
from huying.rules.reading import LONGEST_TEXT
from huying.rules.vocabulary import AnsweredBy, Complexity, Kind

_TEXT = {"type": "string", "maxLength": LONGEST_TEXT}
_FLAG = {"type": "boolean"}


def _body(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _command(verb: str) -> dict[str, Any]:
    """Return the schema of one verb; a unit is named by its code."""
    return {
        "type": "object",
        "title": verb,
        "properties": {"do": {"const": verb}, **dict.fromkeys(field_names(VERBS[verb]), _TEXT)},
        "required": ["do"],
        "additionalProperties": False,
    }


COMMAND = _body({"oneOf": [_command(verb) for verb in VERBS]})
CONTACT = _body(
    {
        "type": "object",
        "properties": {
            "channel": {**_TEXT, "description": "phone_mobile, sms, web …, as the rulebook names them"},
            "text": {**_TEXT, "description": "what was said, unedited"},
            "title": _TEXT,
            "from": {**_TEXT, "description": "the requester's phone"},
            "to": {**_TEXT, "description": "the code of the post that was called"},
            "kind": {"enum": [kind.value for kind in Kind], "default": Kind.UNSORTED.value},
            "complexity": {"enum": [word.value for word in Complexity], "default": Complexity.SIMPLE.value},
            "fields": {
                "type": "object",
                "additionalProperties": _TEXT,
                "description": "name, address … as the rulebook asks",
            },
            "missed": _FLAG,
            "answered_by": {"enum": [word.value for word in AnsweredBy]},
            "confidential": _FLAG,
            "external_id": {
                **_TEXT,
                "description": "the sender's own number; what is known by it is not doubled",
            },
            "case": {
                **_TEXT,
                "description": "the number of a case that this is about, as whoever took it has confirmed",
            },
            "occurred_at": {
                "type": "string",
                "format": "date-time",
                "description": "when it came in, if not just now; with an offset",
            },
        },
        "required": ["channel", "text"],
        "additionalProperties": False,
    }
)
