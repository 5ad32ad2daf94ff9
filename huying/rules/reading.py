"""From what somebody sent to a command: any keys with any values of JSON, of which some may make no sense."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeGuard, get_type_hints

from .commands import VERBS, Command, command_of
from .lifecycle import Refused
from .vocabulary import RefusalCode

# In characters. A petition of thirty pages has fewer; what is longer is a mistake, or a file that belongs elsewhere.
LONGEST_TEXT = 50_000
_KEY = re.compile("[a-z][a-z0-9_]{0,39}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_HIGHEST_ID = 2**63 - 1  # what the register can hold
_YEARS = range(1900, 2200)  # a moment outside is a slip of the pen


def read_command(verb: str, given: Mapping[str, object]) -> tuple[Command, Refused | None]:
    """Return the command of that verb with what can be read of it, and the first field that can't be read, if any.

    `null` is as good as nothing. Who asks, the state and the rules of the case come before such a field, so the
    command is decided all the same (`lifecycle.decide`). Raises KeyError for an unknown verb.
    """
    command = VERBS[verb]
    types = get_type_hints(command)
    said = {name: value for name, value in given.items() if value is not None}
    read = {name: _READERS[types[name]](value) for name, value in said.items() if name in types}
    misread = (invalid(name) for name in said if read.get(name) is None)
    return command_of(verb, {name: value for name, value in read.items() if value is not None}), next(misread, None)


def invalid(name: str) -> Refused:
    """Return the refusal of a field; a name that nobody could have meant is not repeated, as it may say anything."""
    return Refused(RefusalCode.FIELD_INVALID, name if _KEY.fullmatch(name) else "body")


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


# -- one value of a field's type, or None where it can't be read as one


def _text(value: object) -> str | None:
    return value if is_text(value) else None


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _id(value: object) -> int | None:
    """`True` is an int to Python, not to whoever sends it."""
    return value if type(value) is int and 0 < value <= _HIGHEST_ID else None


def _ids(value: object) -> tuple[int, ...] | None:
    ids = [_id(one) for one in value] if isinstance(value, list) else [None]
    return None if None in ids else tuple(one for one in ids if one is not None)


def _moment(value: object) -> datetime | None:
    """Read a moment of RFC 3339; one without an offset is nobody's."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.year in _YEARS else None


def _texts(value: object) -> Mapping[str, str] | None:
    if not isinstance(value, dict):
        return None
    texts = {name: text for name, text in value.items() if _KEY.fullmatch(name) and is_text(text)}
    short = sum(map(len, texts.values())) <= LONGEST_TEXT
    return texts if short and len(texts) == len(value) else None


_READERS: Mapping[object, Callable[[object], object]] = {
    str | None: _text,
    bool | None: _flag,
    int | None: _id,
    tuple[int, ...] | None: _ids,
    datetime | None: _moment,
    Mapping[str, str] | None: _texts,
}
