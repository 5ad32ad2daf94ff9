"""What the rules remember of a case, and a command that was done, as JSON and back."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from pydantic import TypeAdapter

from huying.rules.commands import COMMANDS, Command, is_free
from huying.rules.state import CaseState, Memory

_MEMORY = TypeAdapter(Memory)


def remembered(state: CaseState) -> dict[str, Any]:
    """Return what differs from a case of which there is nothing to remember yet."""
    stored: dict[str, Any] = _MEMORY.dump_python(state.memory, mode="json", exclude_defaults=True)
    return {name: sorted(said) if name in _SETS else said for name, said in stored.items()}


def recalled(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a state that were remembered."""
    memory = _MEMORY.validate_python(dict(stored))
    return {name: getattr(memory, name) for name in stored}


_SETS = frozenset(field.name for field in fields(Memory) if isinstance(field.default, frozenset))


_COMMANDS = {kind: TypeAdapter[Command](kind) for kind in COMMANDS.values()}


def written(command: Command) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a command as JSON: what is plain in it, and somebody's own words; without what was left empty."""
    said = _COMMANDS[type(command)].dump_python(command, mode="json", exclude_none=True)
    free = {name: value for name, value in said.items() if is_free(type(command), name)}
    return {name: value for name, value in said.items() if name not in free}, free


def read(kind: type[Command], facts: Mapping[str, Any], words: Mapping[str, Any]) -> Command:
    """Return the command that was written so."""
    return _COMMANDS[kind].validate_python({**facts, **words})
