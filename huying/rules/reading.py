"""From what somebody sent to a command: any keys with any values of JSON, of which some may make no sense."""

import re
from collections.abc import Mapping
from typing import TypeGuard, get_args, get_type_hints

from .commands import VERBS, Command, command_of
from .lifecycle import Refused
from .vocabulary import RefusalCode

# In characters. A petition of thirty pages has fewer; what is longer is a mistake, or a file that belongs elsewhere.
LONGEST_TEXT = 50_000
_KEY = re.compile("[a-z_]{1,40}")


def read_command(verb: str, given: Mapping[str, object]) -> tuple[Command, Refused | None]:
    """Return the command of that verb with what can be read of it, and the first field that can't be read, if any.

    `null` is as good as nothing. Who asks, the state and the rules of the case come before such a field, so the
    command is decided all the same (`lifecycle.decide`). Raises KeyError for an unknown verb.
    """
    command = VERBS[verb]
    said = {name: value for name, value in given.items() if value is not None}
    types = get_type_hints(command)
    misread = [invalid(name) for name, value in said.items() if name not in types or not _fits(value, types[name])]
    readable = {name: value for name, value in said.items() if name in types and _fits(value, types[name])}
    return command_of(verb, readable), next(iter(misread), None)


def invalid(name: str) -> Refused:
    """Return the refusal of a field; a name that nobody could have meant is not repeated, as it may say anything."""
    return Refused(RefusalCode.FIELD_INVALID, name if _KEY.fullmatch(name) else "body")


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _fits(value: object, hint: object) -> bool:
    """Return whether a value is of the type of its field. `True` is an int to Python, not to whoever sends it."""
    allowed = get_args(hint) or (hint,)
    return is_text(value) if isinstance(value, str) and str in allowed else type(value) in allowed
