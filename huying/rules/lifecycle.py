"""The life of a case as one table: which verb, by whom, in which stage, under which guards, with which effect.

`decide` is the only reader of the table; it returns a `Decision` or a `Refused` and touches nothing. The rows stand
in five modules, one for each aspect of the work: `sorting`, `assigning`, `handling`, `closing`, `supervising`. Stages
and guards: DOMAIN.md 4.2; the order in which refusals apply: STORIES.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from itertools import chain

from . import assigning, closing, handling, sorting, supervising
from .access import Actor, Role
from .commands import Command
from .deciding import Decision, Party, Refused, Row, Situation, valid_phone
from .ruleset import Ruleset
from .stages import IN_UNITS_HANDS, OPEN_STAGES
from .state import CaseState
from .vocabulary import RefusalCode

__all__ = ["IN_UNITS_HANDS", "OPEN_STAGES", "TABLE", "Decision", "Refused", "decide", "may_do", "valid_phone"]

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
    mine = [row for row in TABLE[type(command)] if may_do(actor, row, state)]
    if not mine:
        return Refused(RefusalCode.FORBIDDEN)
    row = next((row for row in mine if state.stage in row.stages), None)
    if row is None:
        return Refused(RefusalCode.WRONG_STATE)
    situation = Situation(state, command, actor, at, rules, lines or {})
    refusals = [refused for guard in row.guards if (refused := guard(situation)) is not None]
    first = min(refusals, key=_precedence, default=None)
    if misread is not None and (first is None or _precedence(first) >= _FIRST_OF_A_FIELD):
        return misread
    if first is not None:
        return first
    decision = row.effect(situation)
    return replace(decision, after=rules.settled(decision.after, at))


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
