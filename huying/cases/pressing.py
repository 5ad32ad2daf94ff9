"""What is said because of rungs of the ladder that fired, and of terms that a calendar has moved."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from huying.rules.commands import TermPassed
from huying.rules.deciding import Decision
from huying.rules.escalation import presses_unit, rungs_of
from huying.rules.rulebook_tables import Rung
from huying.rules.stages import IN_UNITS_HANDS
from huying.rules.vocabulary import Action, Flag, Trigger

from .blanks import Said, Told, moved_terms
from .occasions import faulted, holder, interviewed
from .wording import Audience, Telling, Wording, telling, to_discipline, to_office, to_supervisor, to_unit

_UNSATISFIED = Said("诉求人不满意", "the citizen is not satisfied")
_OVERDUE = Said("超期未办", "is overdue")
_FAULT = Said("已认定办理不当", "a fault was confirmed")
_NOT_RECTIFIED = Said("约谈后到期没有整改", "not put right by the day set")
_WHY: Mapping[Trigger, Said] = {
    Trigger.UNSATISFIED: _UNSATISFIED,
    Trigger.FAULT: _FAULT,
    Trigger.SERIOUS_FAULT: _FAULT,
    Trigger.NOT_RECTIFIED: _NOT_RECTIFIED,
}
# What a rung says to the unit: of its action, else of its flag, else of whom it tells; `why` is what set it off.
_PRESSING: Mapping[str | None, Said] = {
    Action.REMIND: Said("{why}，请马上办理。", "{why}. Please act at once."),
    Action.SUPERVISE: Said(
        "{why}，已列入督办。请马上办理并说明原因。", "{why} and under supervision. Act at once and say why."
    ),
    Action.LISTED: Said(
        "{why}，已挂牌督办。请马上办理并说明原因。", "{why} and on the published list. Act at once and say why."
    ),
    Flag.INTERVIEW_PROPOSED: Said(
        "{why}，已建议约谈你单位负责人。", "{why}; an interview of your unit's head is proposed."
    ),
    None: Said("{why}，请马上办理。", "{why}. Please act at once."),
}
# Whom a rung tells besides: nobody has signed for the case. A unit's head and duty phone have no desk of their own.
_TELL: Mapping[str, Wording] = {
    "liaison": to_unit(
        "{number} 超期未办，请联络员马上签收。", "{number} is overdue: the liaison is to acknowledge it."
    ),
    "duty_phone": to_office(
        "{number} 没有人签收，请打承办单位值班电话。", "{number}: nobody acknowledges it. Phone the unit's duty line."
    ),
    "head": to_unit(
        "{number} 没有人签收，请报告单位负责人。", "{number}: nobody acknowledges it. Tell the unit's head."
    ),
}
# Who has the next step after a rung.
_FURTHER: Mapping[str | None, Wording] = {
    Flag.INTERVIEW_PROPOSED: to_supervisor(
        "{number} 建议约谈，请安排。", "{number}: an interview is proposed. Please arrange it."
    ),
    Action.DISCIPLINE: to_discipline(
        "{number} 已移送，请查收。", "{number} was handed over. Please confirm that you have it."
    ),
}


def pressing(decision: Decision, told: Told) -> Iterator[Telling]:
    """Yield what is said because of the rungs that a decision is, or set off; a late callback is the office's own."""
    for rung in _rungs(decision, told):
        if presses_unit(rung, told.state):
            pressed = [_pressed(rung)] if rung.action or rung.flag or not rung.tell else []
            for notice in [*pressed, *(_TELL[name] for name in rung.tell)]:
                yield from telling(replace(notice, units=_WHOM.get(rung.on, holder)), told)
        if (further := _FURTHER.get(rung.action or rung.flag)) is not None:
            yield from telling(further, told)


# Whom a rung of supervision presses, wherever the case lies by now; every other one presses the holder.
_WHOM: Mapping[Trigger, Callable[[Told], Collection[int]]] = {
    Trigger.FAULT: faulted,
    Trigger.SERIOUS_FAULT: faulted,
    Trigger.NOT_RECTIFIED: interviewed,
}


def _rungs(decision: Decision, told: Told) -> Sequence[Rung]:
    """Return the rungs as the rulebook has them: a passed term names its own by its number alone."""
    command = decision.command
    clock = told.before.clock(command.step) if isinstance(command, TermPassed) else None
    if not isinstance(command, TermPassed) or clock is None:
        return decision.rungs
    return [due.rung for due in rungs_of(clock, told.rules) if due.number == command.number]


def _pressed(rung: Rung) -> Wording:
    why = _WHY.get(rung.on, _OVERDUE)
    wording = _PRESSING.get(rung.action or rung.flag, _PRESSING[None])
    joint = " " if why is _OVERDUE else ": "
    zh, en = wording.zh.replace("{why}", why.zh), (wording.en or "").replace("{why}", why.en or "")
    return to_unit("{number} " + zh, "{number}" + joint + en)


def moving(moved: Sequence[Mapping[str, str]], told: Told) -> Telling | None:
    """Return what the unit is told when a calendar has moved terms of its own; `moved` is that of a Recount."""
    if told.state.unit is None or told.state.stage not in IN_UNITS_HANDS:
        return None
    said = moved_terms(moved, told)
    return None if said is None else Telling(Audience.UNIT, said, unit=told.state.unit)
