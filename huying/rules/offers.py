"""What somebody could do to a case now, and what is missing where it can't be done yet: dry runs of `lifecycle`.

Nothing here knows a rule: which fields a command needs, which words they take and who may use it is asked of
`decide`, with every field filled, with one left empty, with each word in turn. So forms, lists of what waits for
whom and the table can't disagree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import get_type_hints

from .access import Actor, Role
from .commands import VERBS, WORDS, Command, CoReport, command_of, field_names
from .lifecycle import OPEN_STAGES, TABLE, Refused, decide, may_do, refusal
from .ruleset import Ruleset
from .state import CaseState
from .vocabulary import Complexity, Kind, RefusalCode, Stage, Urgency

# The stages in the order in which a case comes through them. What isn't here is an end that nobody aims at.
_WAY = (
    Stage.WAITING,
    Stage.PENDING_INFO,
    Stage.RETURN_REQUESTED,
    Stage.RECEIVED,
    Stage.ASSIGNED,
    Stage.ACKNOWLEDGED,
    Stage.SUSPENDED,
    Stage.CONTACTED,
    Stage.REPORTED,
    Stage.VERIFIED,
    Stage.CLOSED,
    Stage.ARCHIVED,
)
_PLACE: Mapping[Stage, int] = {stage: place for place, stage in enumerate(_WAY)}
_WHENEVER = datetime(2026, 1, 5, 10, tzinfo=UTC)  # what comes next is the same at any time
_WAITING_STAGES = tuple(stage for stage in _WAY if stage in OPEN_STAGES | {Stage.WAITING})
# What stands in a field that is only tried out. No unit or case has these ids, any phone can be dialled by these
# digits, and the number of an identity card is one of those that the standard gives as examples.
_NO_UNIT, _TRIED_UNIT, _TEXT, _ID_NUMBER, _SHORTEST = 0, -1, "000", "11010519491231002X", "1 minute"
_ONE_DAY = timedelta(days=1)


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


def words_of(command: type[Command], name: str) -> type[StrEnum] | None:
    """Return the closed list of which a field takes one word; None for any other field."""
    return WORDS.get((command, name))


def offers(state: CaseState, actor: Actor, at: datetime, rules: Ruleset, verbs: Iterable[str] = VERBS) -> list[Offer]:
    """Return an offer for each command that this actor may ever do to such a case, in the order of the loop.

    Of `verbs` alone where nobody asks for the others.
    """
    found = (_offer(verb, state, actor, at, rules) for verb in verbs)
    return [one for one in found if one.refused is None or one.refused.code is not RefusalCode.FORBIDDEN]


def natural_next(found: Iterable[Offer], stage: Stage) -> Offer | None:
    """Return the possible command that moves a case on by the least: the next step of the loop.

    What only ends a case (declining, merging, withdrawing …) is nobody's next step.
    """
    ahead = [one for one in found if _place(one.after) > _PLACE.get(stage, len(_WAY))]
    return min(ahead, key=lambda one: _place(one.after), default=None)


def waiting(actor: Actor, rules: Ruleset) -> dict[str, frozenset[Stage]]:
    """Return for which steps cases wait for this actor: the verb of each, and the stages in which it comes next.

    Asked of an ordinary case in each stage that has the actor's own unit and post; an operator, say, has the verdict
    of every case that was verified.
    """
    somebody = Actor(
        "", actor.role, None if actor.unit is None else _NO_UNIT, posts=frozenset({1} if actor.posts else ())
    )
    return _waiting(somebody, rules)


@lru_cache(maxsize=64)  # a hundred dry runs, and the same answer for everybody in a role until the rules change
def _waiting(actor: Actor, rules: Ruleset) -> dict[str, frozenset[Stage]]:
    found: dict[str, frozenset[Stage]] = {}
    for stage, verb in next_steps(rules).items():
        mine = offers(_ordinary(stage, actor, _WHENEVER), actor, _WHENEVER, rules)
        if any(one.verb == verb and one.refused is None for one in mine):
            found[verb] = found.get(verb, frozenset()) | {stage}
    return found


@lru_cache(maxsize=16)
def next_steps(rules: Ruleset) -> dict[Stage, str]:
    """Return the verb that comes next in each stage that waits for somebody, whoever may do it."""
    found: dict[Stage, str] = {}
    system = Actor.system()
    for stage in _WAITING_STAGES:
        step = natural_next(offers(_ordinary(stage, system, _WHENEVER), system, _WHENEVER, rules), stage)
        if step is not None:
            found[stage] = step.verb
    return found


def _place(after: CaseState | None) -> int:
    return -1 if after is None else _PLACE.get(after.stage, -1)


def _offer(verb: str, state: CaseState, actor: Actor, at: datetime, rules: Ruleset) -> Offer:
    def tried(**said: object) -> Refused | None:
        return refusal(state, command_of(verb, filled | said), actor, at, rules)

    def answer(name: str, word: str) -> Refused | None:
        """Say why a field doesn't take a word; what an optional word beside it brings about isn't its fault."""
        found = tried(**{name: word})
        others = [other for other in names if other != name and words_of(command, other) is not None]
        if found is None or found.field == name or not others:
            return found
        return found if tried(**dict.fromkeys(others), **{name: word}) else None

    command, names = VERBS[verb], field_names(VERBS[verb])
    filled = _filled(command, state, at)
    first = tried()
    if first is not None and first.code in (RefusalCode.FORBIDDEN, RefusalCode.WRONG_STATE):
        return Offer(verb, first)
    words: dict[str, Mapping[str, Refused | None]] = {}
    for name in names:
        if (listed := words_of(command, name)) is not None:
            answers = {word.value: answer(name, word.value) for word in listed}
            words[name] = _takes(name, answers)
            filled[name] = _first_taken(answers, tried(**{name: None}))
    result = decide(state, command_of(verb, filled), actor, at, rules)
    if isinstance(result, Refused):
        return Offer(verb, result)
    required = {name: missed for name in names if (missed := tried(**{name: None})) is not None}
    return Offer(verb, None, required, words, result.after)


_hints = cache(get_type_hints)  # a page of a case asks a hundred times, and each takes 20 µs


def _filled(command: type[Command], state: CaseState, at: datetime) -> dict[str, object]:
    """Return something plausible for every field of a command, by the field's type."""
    by_type: Mapping[object, object] = {
        str | None: _TEXT,
        bool | None: True,
        int | None: _TRIED_UNIT,
        tuple[int, ...] | None: (),
        datetime | None: at + _ONE_DAY,
        Mapping[str, str] | None: dict.fromkeys(state.missing, _TEXT) | {"id_number": _ID_NUMBER},
    }
    filled = {name: by_type[hint] for name, hint in _hints(command).items()}  # type: ignore[arg-type]  # a class has a hash
    for name in filled:
        if (words := words_of(command, name)) is not None:
            filled[name] = next(iter(words))
    own = {"unit": None} if command is CoReport else {}  # a unit that takes part reports for itself
    own |= {"fault": None} if "fault" in filled else {}  # the latest
    return filled | own | ({"term": _SHORTEST} if "term" in filled else {})


def _takes(name: str, answers: Mapping[str, Refused | None]) -> dict[str, Refused | None]:
    """Return the words that a field takes; one that the rulebook knows but the case isn't ready for, with why."""
    return {word: why for word, why in answers.items() if why is None or why.field != name}


def _first_taken(answers: Mapping[str, Refused | None], unsaid: Refused | None) -> str | None:
    taken = (word for word, why in answers.items() if why is None)
    return next(taken, None if unsaid is None else next(iter(answers)))


def _ordinary(stage: Stage, actor: Actor, at: datetime) -> CaseState:
    """Return a case that has come to `stage` on the main line, in the hands of the actor's unit."""
    handed = stage is Stage.RETURN_REQUESTED or _PLACE[stage] >= _PLACE[Stage.ASSIGNED]
    return CaseState(
        stage=stage,
        kind=Kind.UNSORTED if stage is Stage.WAITING else Kind.PROBLEM,
        complexity=Complexity.SIMPLE,
        urgency=Urgency.NORMAL,
        received_at=at,
        confidential=actor.role is Role.DISCIPLINE,
        level=int(handed),
        unit=(actor.unit or _NO_UNIT) if handed else None,
        post=min(actor.posts, default=None),
        contacted=_PLACE[stage] >= _PLACE[Stage.SUSPENDED],
    )


def possible(state: CaseState, actor: Actor) -> list[type[Command]]:
    """Return the commands that have a row for this actor in this stage; their guards may still refuse."""
    return [
        command
        for command, rows in TABLE.items()
        if any(may_do(actor, row, state) and state.stage in row.stages for row in rows)
    ]
