"""What somebody could do to a case now, and what is missing where it can't be done yet: dry runs of `lifecycle`.

Nothing here knows a rule: which fields a command needs, which words they take and who may use it is asked of
`decide`, with every field filled, with one left empty, with each word in turn. So forms, lists of what waits for
whom and the table can't disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from .access import Actor, Role
from .commands import VERBS, Command, command_of, field_names
from .lifecycle import OPEN_STAGES, TABLE, Decision, Refused, decide, may_do
from .ruleset import Ruleset
from .state import CaseState
from .vocabulary import CallbackResult, Complexity, Kind, Method, Outcome, RefusalCode, Stage, Urgency, VerdictCode

# The fields that take one word of a closed list.
WORDS: Mapping[str, type[StrEnum]] = {
    "method": Method,
    "outcome": Outcome,
    "result": CallbackResult,
    "verdict": VerdictCode,
}
# What stands in a field that is only tried out: no unit has this id, and any phone can be dialled by these digits.
_NO_UNIT, _TEXT = 0, "000"
_ORDER = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Offer:
    """One command as it stands for somebody: possible if `refused` is None, once its fields are filled.

    `required` says what leaving a field empty would be refused with; `words` of each field of a closed list which
    words it takes, and why one of them can't be chosen yet. `after` is the case after it, with any fields.
    """

    verb: str
    refused: Refused | None
    required: Mapping[str, Refused] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Refused | None]] = field(default_factory=dict)
    after: CaseState | None = None

    @property
    def command(self) -> type[Command]:
        return VERBS[self.verb]


def offers(state: CaseState, actor: Actor, at: datetime, rules: Ruleset) -> list[Offer]:
    """Return an offer for each command that this actor may ever do to such a case, in the order of the loop."""
    found = (_offer(verb, state, actor, at, rules) for verb in VERBS)
    return [one for one in found if one.refused is None or one.refused.code is not RefusalCode.FORBIDDEN]


def natural_next(found: Iterable[Offer], stage: Stage) -> Offer | None:
    """Return the possible command that moves a case on by the least: the next step of the loop."""
    ahead = [one for one in found if one.after is not None and _place(one.after) > _ORDER.index(stage)]
    return min(ahead, key=lambda one: _place(one.after), default=None)


def waiting(actor: Actor, at: datetime, rules: Ruleset) -> dict[str, frozenset[Stage]]:
    """Return for which steps cases wait for this actor: the verb of each, and the stages in which it comes next.

    Asked of an ordinary case in each stage that has the actor's own unit and post; an operator, say, has the verdict
    of every case that was verified.
    """
    found: dict[str, frozenset[Stage]] = {}
    for stage, verb in next_steps(actor, at, rules).items():
        mine = offers(_ordinary(stage, actor, at), actor, at, rules)
        if any(one.verb == verb and one.refused is None for one in mine):
            found[verb] = found.get(verb, frozenset()) | {stage}
    return found


def next_steps(actor: Actor, at: datetime, rules: Ruleset) -> dict[Stage, str]:
    """Return the verb that comes next in each open stage, whoever may do it; what no verb leaves is missing."""
    found: dict[Stage, str] = {}
    for stage in (stage for stage in Stage if stage in OPEN_STAGES):
        step = natural_next(offers(_ordinary(stage, actor, at), Actor.system(), at, rules), stage)
        if step is not None:
            found[stage] = step.verb
    return found


def _place(after: CaseState | None) -> int:
    return -1 if after is None else _ORDER.index(after.stage)


def _offer(verb: str, state: CaseState, actor: Actor, at: datetime, rules: Ruleset) -> Offer:
    def tried(**said: object) -> Decision | Refused:
        return decide(state, command_of(verb, filled | said), actor, at, rules)

    names = field_names(VERBS[verb])
    filled: dict[str, object] = {name: _NO_UNIT if name == "unit" else _TEXT for name in names}
    words: dict[str, dict[str, Refused | None]] = {}
    for name in filter(WORDS.__contains__, names):
        answers = {word.value: tried(**{name: word.value}) for word in WORDS[name]}
        words[name] = _takes(name, answers)
        filled[name] = _first_taken(answers)
    result = tried()
    if isinstance(result, Refused):
        return Offer(verb, result)
    lacking = {name: tried(**{name: None}) for name in names}
    required = {name: missed for name, missed in lacking.items() if isinstance(missed, Refused)}
    # The table leaves it to the door whether a unit exists; a command without one can't even be said.
    unsaid = {name: Refused(RefusalCode.FIELD_REQUIRED, name) for name in names if name == "unit"}
    return Offer(verb, None, unsaid | required, words, result.after)


def _takes(name: str, answers: Mapping[str, Decision | Refused]) -> dict[str, Refused | None]:
    """Return the words that a field takes; one that the rulebook knows but the case isn't ready for, with why."""
    refused = {word: answer if isinstance(answer, Refused) else None for word, answer in answers.items()}
    return {word: why for word, why in refused.items() if why is None or why.field != name}


def _first_taken(answers: Mapping[str, Decision | Refused]) -> str:
    taken = (word for word, answer in answers.items() if isinstance(answer, Decision))
    return next(taken, next(iter(answers)))


def _ordinary(stage: Stage, actor: Actor, at: datetime) -> CaseState:
    """Return a case that has come to `stage` on the main line, in the hands of the actor's unit."""
    handed = _ORDER.index(stage) >= _ORDER.index(Stage.ASSIGNED)
    return CaseState(
        stage=stage,
        kind=Kind.PROBLEM,
        complexity=Complexity.SIMPLE,
        urgency=Urgency.NORMAL,
        received_at=at,
        confidential=actor.role is Role.DISCIPLINE,
        level=int(handed),
        unit=(actor.unit or _NO_UNIT) if handed else None,
        post=min(actor.posts, default=None),
        contacted=_ORDER.index(stage) >= _ORDER.index(Stage.CONTACTED),
    )


def possible(state: CaseState, actor: Actor) -> list[type[Command]]:
    """Return the commands that have a row for this actor in this stage; their guards may still refuse."""
    return [
        command
        for command, rows in TABLE.items()
        if any(may_do(actor, row, state) and state.stage in row.stages for row in rows)
    ]
