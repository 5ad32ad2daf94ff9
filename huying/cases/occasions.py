"""When there is something to say because of an event, and which unit it is for."""

import re
from collections.abc import Callable, Collection

from huying.rules.commands import Decline, Refer, Withdraw
from huying.rules.vocabulary import ClosedAs, ReviewOutcome, Stage, Step, Urgency

from .blanks import Told

# One of these numbers by itself, as in "110报警台": not as a part of a longer one.
_EMERGENCY = re.compile(r"(?<!\d)(?<!\d-)(?:110|119|120|122)(?!-?\d)")


def is_emergency(told: Told) -> bool:
    return isinstance(told.command, Refer) and _EMERGENCY.search(told.said("to")) is not None


def no_emergency(told: Told) -> bool:
    return isinstance(told.command, Refer) and not is_emergency(told)


def was_declined(told: Told) -> bool:
    return isinstance(told.command, Decline)


def was_withdrawn(told: Told) -> bool:
    return isinstance(told.command, Withdraw)


def never_completed(told: Told) -> bool:
    return told.state.closed_as is ClosedAs.INCOMPLETE


def was_dealt_with(told: Told) -> bool:
    return not isinstance(told.command, Decline | Refer | Withdraw) and not never_completed(told)


def first_given(told: Told) -> bool:
    return told.state.level == 1 and told.state.cycle == 1


def by_review(told: Told) -> bool:
    return told.said("outcome") == ReviewOutcome.CHANGED


def by_verdict(told: Told) -> bool:
    return not by_review(told)


def given_up(told: Told) -> bool:
    """Unsatisfied once too often: the case waits for a supervisor."""
    stays = told.state.stage is Stage.VERIFIED and told.state.cycle == told.before.cycle
    return stays and told.said("verdict") in told.rules.rulebook.reopen_on


def waits_for_callback(told: Told) -> bool:
    return told.state.runs(Step.CALLBACK)


def may_be_reviewed(told: Told) -> bool:
    return told.state.runs(Step.REVIEW)


def closed_as(*ends: ClosedAs) -> Callable[[Told], bool]:
    return lambda told: told.state.closed_as in ends


def critical(told: Told) -> bool:
    return told.state.urgency is Urgency.CRITICAL


def marked(told: Told) -> bool:
    return told.state.urgency not in (Urgency.NORMAL, told.before.urgency)


def holder(told: Told) -> Collection[int]:
    return _one(told.state.unit)


def named(told: Told) -> Collection[int]:
    return _one(told.unit("unit") or told.state.unit)


def took_part(told: Told) -> Collection[int]:
    """The units that took part, but for one that holds the case now."""
    return sorted(told.before.co_units - {told.state.unit or 0})


def handling(told: Told) -> Collection[int]:
    """The holder and those that take part."""
    return [*holder(told), *took_part(told)]


def _one(unit: int | None) -> Collection[int]:
    return () if unit is None else (unit,)


def due_said(told: Told) -> bool:
    return told.moment("due") is not None


def holder_changed(told: Told) -> bool:
    return told.state.unit != told.before.unit


def takes_part_instead(told: Told) -> bool:
    return told.unit("before") in told.before.co_units and told.unit("unit") in told.state.co_units


def instructed_instead(told: Told) -> bool:
    return told.unit("before") in told.before.instructed


def faulted_instead(told: Told) -> bool:
    return bool(faulted(told))


def instructed_before(told: Told) -> bool:
    """A leader has given an instruction before any unit had the case."""
    return bool(told.before.instructions)


def no_due_said(told: Told) -> bool:
    return not due_said(told)


def faulted(told: Told) -> Collection[int]:
    """The unit of the fault that a decision was about: the one that it has put on the list, taken off or changed."""
    differing = set(told.state.faults) ^ set(told.before.faults)
    return _one(next((fault.unit for fault in differing), None))


def called(told: Told) -> Collection[int]:
    """The unit that is called to an interview."""
    return _one(told.state.interview_of)


def interviewed(told: Told) -> Collection[int]:
    """The unit that has to put right what it was interviewed for."""
    clock = told.state.clock(Step.RECTIFICATION)
    return _one(None if clock is None else clock.unit)
