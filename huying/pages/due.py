"""How a term stands, in words: the due tags of lists and of the case page."""

from datetime import datetime

from django.utils.translation import gettext

from huying.cases.language import language
from huying.cases.models import Clock
from huying.rules.ruleset import Ruleset
from huying.rules.state import WINDOWS
from huying.rules.terms import time_left
from huying.rules.vocabulary import Step
from huying.rules.words import left_in_words

from .shown import ShownDue


def running(due_at: datetime, step: Step, now: datetime, rules: Ruleset) -> ShownDue:
    """Return the tag of a running term."""
    left = time_left(due_at, now, rules.counting(step))
    match left.kind:
        case "overdue_working_days" | "overdue_minutes":
            state = "late"
        case "today" | "by":
            state = "warn"
        case _:
            state = "ok"
    return ShownDue(state=state, text=left_in_words(left, language()), at=due_at)  # type: ignore[arg-type]


def runs(clock: Clock) -> bool:
    """Return whether a term waits to be met, or stands still for a while."""
    return clock.done_at is None and clock.void_at is None


def stands_still(clock: Clock) -> bool:
    return runs(clock) and bool(clock.pauses) and clock.pauses[-1][1] is None


def of_clock(clock: Clock, now: datetime, rules: Ruleset) -> ShownDue:
    """Return the tag of any term: running, standing still, met, missed or void."""
    if clock.void_at is not None:
        return ShownDue("wait", gettext("不再计时"), clock.due_at)
    if stands_still(clock):
        return ShownDue("wait", gettext("暂停计时"), clock.due_at)
    if runs(clock) and clock.step in WINDOWS and now >= clock.due_at:
        return ShownDue("wait", gettext("已经过了"), clock.due_at)  # nobody is late because nobody asked
    if clock.done_at is None:
        return running(clock.due_at, Step(clock.step), now, rules)
    if clock.done_at < clock.due_at:
        return ShownDue("done", gettext("按期"), clock.due_at)
    late = time_left(clock.due_at, clock.done_at, rules.counting(Step(clock.step)))
    return ShownDue("late", left_in_words(late, language()), clock.due_at)
