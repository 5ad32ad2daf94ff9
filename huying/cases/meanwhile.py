"""What happened to a case since somebody read it: for a form that comes too late, or twice."""

from huying.ledger.models import LedgerLine
from huying.rules.access import Actor
from huying.rules.commands import Assign, Command, given
from huying.rules.offers import WORDS
from huying.rules.state import CaseState

from .doors import CLOCK
from .dossier import Dossier
from .records import record_of, sealed_texts


def since(found: Dossier, seen: int) -> list[LedgerLine]:
    """Return the lines after the one that was seen last, without those of the clock."""
    return [line for line in found.lines if line.seq > seen and line.actor != CLOCK.id]


def is_done(found: Dossier, seen: int, command: Command, actor: Actor, state: CaseState) -> bool:
    """Return whether the first thing done since is this very command by this actor: a double click."""
    first = next(iter(since(found, seen)), None)
    said = found.said.get(first.record_id or 0) if first is not None else None
    if first is None or said is None or first.actor != actor.id:
        return False
    record = record_of(command, state, state)
    texts = {name: text for name, text in sealed_texts(record, command).items() if text is not None}
    word = next((given(command, name) for name in WORDS if hasattr(command, name)), None)
    to = command.unit if isinstance(command, Assign) else first.unit_id
    return (said.table, said.word, said.texts, first.unit_id) == (record._meta.db_table, word, texts, to)
