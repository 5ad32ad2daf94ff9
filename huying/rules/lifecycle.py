"""The life of a case as one table: which verb, by whom, in which stage, under which guards, with which effect.

`decide` and `refusal` alone read the table; `decide` returns a `Decision` or a `Refused` and touches nothing. The
rows stand in five modules, one for each aspect of the work: `sorting`, `assigning`, `handling`, `closing`,
`supervising`. Stages and guards: DOMAIN.md 4.2; the order in which refusals apply: STORIES.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import Any

from . import assigning, closing, handling, sorting, supervising
from .access import Actor, Role
from .commands import Command
from .deciding import Decision, Party, Refused, Row, Situation, valid_phone
from .ruleset import Ruleset
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import CaseState
from .vocabulary import RefusalCode

__all__ = [
    "IN_UNITS_HANDS",
    "OPEN_STAGES",
    "TABLE",
    "Decision",
    "Refused",
    "decide",
    "may_do",
    "refusal",
    "valid_phone",
]

_CODES = tuple(RefusalCode)
_FIRST_OF_A_FIELD = _CODES.index(RefusalCode.METHOD_NOT_ALLOWED)


def _table() -> dict[type[Command], tuple[Row, ...]]:
    table: dict[type[Command], tuple[Row, ...]] = {}
    for row in chain(sorting.ROWS, assigning.ROWS, handling.ROWS, closing.ROWS, supervising.ROWS):
        table[row.command] = (*table.get(row.command, ()), row)
    return table


TABLE: Mapping[type[Command], tuple[Row, ...]] = _table()


def decide(
    state: CaseState,
    command: Command,
    actor: Actor,
    at: datetime,
    rules: Ruleset,
    misread: Refused | None = None,
    lines: Mapping[int, frozenset[int]] | None = None,
) -> Decision | Refused:
    """Return what `command` does to a case in `state`, or of the refusals that apply the first by its code.

    `misread` is a field that could not even be read (`reading`); it comes before every other field. `lines` says
    which units stand above those that the command names.
    """
    situation = Situation(state, command, actor, at, rules, lines or {})
    row = _row(situation)
    if isinstance(row, Refused):
        return row
    refused = _first_refusal(row, situation)
    if misread is not None and (refused is None or _precedence(refused) >= _FIRST_OF_A_FIELD):
        return misread
    if refused is not None:
        return refused
    decision = row.effect(situation)
    return replace(decision, after=rules.settled(decision.after, at))


def refusal(state: CaseState, command: Command, actor: Actor, at: datetime, rules: Ruleset) -> Refused | None:
    """Return what `decide` would refuse a command with; None where it wouldn't. What it would do isn't worked out."""
    situation = Situation(state, command, actor, at, rules)
    row = _row(situation)
    return row if isinstance(row, Refused) else _first_refusal(row, situation)


def _row(it: Situation[Any]) -> Row | Refused:
    """Return the row of the table by which the actor may do the command now."""
    mine = [row for row in TABLE[type(it.command)] if may_do(it.actor, row, it.state)]
    if not mine:
        return Refused(RefusalCode.FORBIDDEN)
    return next((row for row in mine if it.state.stage in row.stages), Refused(RefusalCode.WRONG_STATE))


def _first_refusal(row: Row, it: Situation[Any]) -> Refused | None:
    refusals = (guard(it) for guard in row.guards)
    return min((refused for refused in refusals if refused is not None), key=_precedence, default=None)


def _precedence(refused: Refused) -> int:
    return _CODES.index(refused.code)


def may_do(actor: Actor, row: Row, state: CaseState) -> bool:
    """Return whether somebody may use a row of the table on this case, in whatever stage."""
    return actor.role is None or not row.by.isdisjoint(_parties(actor, state))


def _parties(actor: Actor, state: CaseState) -> frozenset[Party]:
    """Return as what somebody acts on a case."""
    match actor.role:
        case Role.OFFICE:
            return frozenset({Party.OFFICE, Party.ON_BEHALF})
        case Role.SUPERVISOR:
            return frozenset({Party.SUPERVISOR})
        case Role.DISCIPLINE if state.confidential:  # runs such a case as office and supervisors run the others
            return frozenset({Party.DISCIPLINE, Party.OFFICE, Party.ON_BEHALF, Party.SUPERVISOR})
        case Role.DISCIPLINE:
            return frozenset({Party.DISCIPLINE})
        case Role.OPERATOR:
            return frozenset({Party.OPERATOR})
        case Role.CITIZEN if actor.receipt == state.id:
            return frozenset({Party.CITIZEN})
        case Role.LEADER | Role.LIAISON if state.post in actor.posts:
            return frozenset({Party.LEADER})
        case Role.UNIT if actor.unit is not None:
            tied = {
                Party.HOLDER: actor.unit == state.unit,
                Party.ON_BEHALF: actor.unit in state.given_on,
                Party.CO_UNIT: actor.unit in state.co_units,
                Party.INSTRUCTED: actor.unit in state.instructed,
                Party.FAULTED: actor.unit in _faulted(state),
            }
            return frozenset(party for party, holds in tied.items() if holds)
    return frozenset()


def _faulted(state: CaseState) -> frozenset[int | None]:
    """Return the units to which open faults are laid; without one the holder hears that there is none."""
    return frozenset(fault.unit for fault in state.faults) or frozenset({state.unit})
