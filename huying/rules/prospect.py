"""What is still to come for a case, and by when at the latest: what a receipt can promise from the first day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from .duration import Duration
from .rulebook_steps import Started
from .ruleset import Ruleset
from .state import CaseState
from .terms import Due, end_of_term
from .vocabulary import StartEvent, Step

# What every case can be told from the first day.
MAIN_LINE = (Step.REGISTER, Step.ASSIGN, Step.CONTACT, Step.RESOLVE, Step.CALLBACK)
_AT_ASSIGNMENT = frozenset({StartEvent.ASSIGNED, StartEvent.FIRST_ASSIGNED, StartEvent.ACCEPTED})
_LAST_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A step that hasn't begun: its term and from what it counts; `latest` is None while nothing bounds it yet."""

    step: Step
    start: StartEvent
    term: Duration
    latest: Due | None


def ahead(
    rules: Ruleset, state: CaseState, begun: Collection[Step], assigned_by: datetime | None = None
) -> Iterator[Ahead]:
    """Yield the steps of the main line whose term hasn't begun, in their order.

    `assigned_by` is the (exclusive) due of the assignment, while it can still be kept: what begins with the
    assignment is then bounded too. Assigned on Monday 28 September 2026 at the latest, the three days of the first
    talk end on 8 October at the latest.
    """
    for step in MAIN_LINE:
        section = rules.rulebook.section(step)
        term = rules.term(step, state)
        if step in begun or term is None or not isinstance(section, Started):
            continue
        latest = None
        if assigned_by is not None and section.start in _AT_ASSIGNMENT:
            latest = end_of_term(assigned_by - _LAST_INSTANT, term, rules.counting(step), event=section.start)
        yield Ahead(step, section.start, term, latest)
