"""How a case stands, as far as figures ask, as columns of its row: counting a year of cases then reads nothing else.

The store keeps them with every change; the replay compares them with what the ledger says.
"""

from collections.abc import Mapping

from huying.rules.state import CaseState
from huying.rules.vocabulary import VALID_VERDICTS, Step

from .models import Case

COLUMNS = ("contact_due_at", "contacted_at", "answer_due_at", "answered_at", "judged")


def show(case: Case, state: CaseState) -> None:
    """Copy it from the decided state into the row."""
    for column, moment in terms_of(state).items():
        setattr(case, column, moment)
    if state.verdict in VALID_VERDICTS:
        case.judged = state.verdict


def terms_of(state: CaseState) -> Mapping[str, object]:
    """Return due and done of the first cycle's talk and of this cycle's answer; None where there is no such term.

    Nothing of a talk whose cycle is over, if the state came without it: its row keeps what it says.
    """
    told: dict[str, object] = {}
    for step, cycle, due_at, done_at in (
        (Step.CONTACT, 1, "contact_due_at", "contacted_at"),
        (Step.RESOLVE, state.cycle, "answer_due_at", "answered_at"),
    ):
        terms = (one for one in state.clocks if (one.step, one.cycle, one.void_at) == (step, cycle, None))
        term = next(terms, None)
        if term is not None or cycle == state.cycle:
            told |= {due_at: term and term.due_at, done_at: term and term.done_at}
    return told
