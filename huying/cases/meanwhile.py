"""What happened to a case, or to a contact, since somebody read it: for a form that comes too late, or twice."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from json import loads

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.commands import WORDS, Assign, Command, given
from huying.rules.state import CaseState

from .doors import CLOCK
from .models import Act
from .records import record_of, sealed_texts
from .said import Said, said_by


def since(lines: Sequence[LedgerLine], seen: int) -> list[LedgerLine]:
    """Return the lines after the one that was seen last, without those of the clock."""
    return [line for line in lines if line.seq > seen and line.actor != CLOCK.id]


def is_done(
    lines: Sequence[LedgerLine],
    said: Mapping[int, Said],
    seen: int,
    command: Command,
    actor: Actor,
    state: CaseState,
) -> bool:
    """Return whether the first thing done since is this very command by this actor: a double click."""
    first = next(iter(since(lines, seen)), None)
    done = said.get(first.record_id or 0) if first is not None else None
    if first is None or done is None or first.actor != actor.id:
        return False
    to = command.unit if isinstance(command, Assign) else first.unit_id
    this = _said(command, state)
    typed = {name: value for name, value in done.facts.items() if name in this.facts}  # a decision may add to it
    return (replace(done, facts=typed), first.unit_id) == (this, to)


def _said(command: Command, state: CaseState) -> Said:
    """Return what a command would say once it is done."""
    record = record_of(command, state, state)
    texts = {name: text for name, text in sealed_texts(record, command).items() if text is not None}
    if isinstance(record, Act):
        return said_by(record.verb, record.facts, loads(texts.get("words", "{}")))
    word = next((given(command, name) for of, name in WORDS if isinstance(command, of) and name != "claim"), None)
    return Said(record._meta.db_table, word, texts)
