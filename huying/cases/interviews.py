"""约谈: who may hold one, by the portfolios of the day."""

from datetime import datetime

from huying.people.chair import interview_chair, serves
from huying.people.models import Unit
from huying.people.serving import day_of
from huying.rules.access import PERSONS_BEGIN
from huying.rules.commands import Command, HoldInterview, ScheduleInterview, given
from huying.rules.deciding import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import RefusalCode

from .queries import shut_out


def unfit_chair(command: Command, state: CaseState, at: datetime) -> Refused | None:
    """Return the refusal of an interview that the leader in charge of the unit doesn't hold, and nobody says why.

    Whoever holds it serves in a post on that day and isn't complained about. Where nobody has the unit in a
    portfolio there is nobody to go by.
    """
    if not isinstance(command, ScheduleInterview | HoldInterview):
        return None
    named = command.unit if isinstance(command, ScheduleInterview) else state.interview_of
    unit = Unit.objects.filter(id=named or state.unit or 0).first()
    without, day = complained_about(state.id), day_of(at)
    chair = interview_chair(unit, day, without) if unit else None
    person = given(command, "person")
    if chair is None or person is None:
        return None
    if not serves(person, day, without):
        return Refused(RefusalCode.FIELD_INVALID, "person")
    arranged = isinstance(command, HoldInterview) and bool(state.interview_with)
    in_charge = person == chair.name and not chair.passed_over
    if arranged or in_charge or given(command, "reason") is not None:
        return None
    return Refused(RefusalCode.REASON_REQUIRED, "reason")


def complained_about(case: int) -> frozenset[int]:
    """Return the persons of whom a case complains."""
    persons = (party for party in shut_out(case) if party.startswith(PERSONS_BEGIN))
    return frozenset(int(party.removeprefix(PERSONS_BEGIN)) for party in persons)
