"""A case as the rules see it: the facts on which the next decision depends, and nothing else."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self

from .terms import Pause, Why
from .vocabulary import (
    Action,
    AttachmentKind,
    Claim,
    ClosedAs,
    Complexity,
    Fault,
    Flag,
    Kind,
    Stage,
    Step,
    Urgency,
    VerdictCode,
)

# Terms that belong to the case and not to one cycle: a reopening lets nobody off what was set before.
OF_THE_CASE = frozenset({Step.INSTRUCTION, Step.STATEMENT, Step.RECTIFICATION})
# Terms of supervision that an end of the case leaves as they are: they are the unit's, not the requester's.
OUTLIVING = frozenset({Step.STATEMENT, Step.RECTIFICATION})
# Terms that run on a closed case: what was wrong is put right, and somebody visits once more.
OWED_AFTER_CLOSING = frozenset({Step.RECTIFICATION, Step.CALLBACK})
# Terms of which several run at once, one for each unit that is asked.
SEVERAL = frozenset({Step.INSTRUCTION, Step.STATEMENT})
# Terms within which somebody may ask for something: nobody is late because nobody asked.
WINDOWS = frozenset({Step.RETURN, Step.STATEMENT})
# Windows as well, until a review is asked for: then whoever decides it has a term.
REVIEWS = frozenset({Step.REVIEW, Step.RE_REVIEW})


@dataclass(frozen=True, slots=True)
class ClockState:
    """One term of a case; `due_at` is exclusive. `id` is None until it is stored."""

    step: Step
    cycle: int
    unit: int | None
    start_event: str
    started_at: datetime
    term: str
    due_at: datetime
    provisional: bool
    why: Why
    calendar_version: str
    recorded_at: datetime | None = None  # None until stored; no rung from before it fires
    rungs_fired: int = 0
    extensions: tuple[str, ...] = ()  # the approved ones, each a duration
    pauses: tuple[Pause, ...] = ()
    done_at: datetime | None = None
    void_at: datetime | None = None
    id: int | None = None

    @property
    def is_running(self) -> bool:
        return self.done_at is None and self.void_at is None

    @property
    def is_paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].end is None


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A fault that was proposed: of which unit, when, has it spoken; its number among the open ones."""

    code: Fault
    unit: int
    at: datetime
    stated: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class EarlyInstruction:
    """An instruction of a leader on a case that no unit has yet: when it was given, and until when it is answered."""

    at: datetime
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the rules remember of a case beside what lists and counts need; of this cycle where it says so."""

    missing: tuple[str, ...] = ()  # required fields that nobody has told yet
    contacted: bool = False  # a valid contact record exists in this cycle
    contact_attempts: tuple[datetime, ...] = ()  # of this cycle, that failed
    callback_attempts: tuple[datetime, ...] = ()  # since the report was verified, or since the last visit
    handled_by: frozenset[str] = frozenset()  # actors who spoke for the unit in this cycle
    given_on: tuple[int, ...] = ()  # the units above the holder that handed the case down
    shown: frozenset[AttachmentKind] = frozenset()  # of what there are files in this cycle
    visits: int = 0  # verdicts of follow-up visits, in this cycle
    unsatisfied: int = 0  # how often the requester said so, over all cycles
    actions: tuple[Action, ...] = ()  # of supervision, in their order
    designated: bool = False
    returns: int = 0  # approved ones
    suspended_from: Stage | None = None
    extension_asked: str | None = None  # a duration that waits for an answer
    co_units: frozenset[int] = frozenset()  # that take part and haven't reported
    claim: Claim | None = None  # that waits to be decided
    instructed: frozenset[int] = frozenset()  # units that owe an answer to an instruction
    instructions: tuple[EarlyInstruction, ...] = ()  # that wait for a unit to answer them
    answering: frozenset[int] = frozenset()  # units that the case was taken from, which see it until they answer
    faults: tuple[OpenFault, ...] = ()  # that are neither confirmed nor cancelled
    confirmed: tuple[Fault, ...] = ()
    interview_with: tuple[int, ...] = ()  # the cases that are on the same scheduled interview
    interview_of: int | None = None  # the unit that is called to it
    interview_at: datetime | None = None  # when that is
    review: Step | None = None  # the review or re-review that was asked for and not decided
    merged_into: int | None = None
    merged_from: Stage | None = None
    office_for: Stage | None = None  # the stage for which the office's own term runs
    nuisance_until: datetime | None = None  # until when the requester counts as a nuisance, by human decision


@dataclass(frozen=True, slots=True)
class CaseState(Memory):
    """A case between two decisions; `clocks` may include those of earlier cycles, which nothing changes any more."""

    stage: Stage
    kind: Kind
    complexity: Complexity
    urgency: Urgency
    received_at: datetime
    id: int = 0
    cycle: int = 1
    level: int = 0
    unit: int | None = None
    post: int | None = None  # the one that was called
    respondent: int | None = None  # the unit that is complained about
    confidential: bool = False
    contacts: int = 1  # how often somebody came about it; nothing is decided by that
    calendar: int | None = None  # the id of the loaded calendar by which its terms are counted; None: as shipped
    category: str | None = None
    verdict: VerdictCode | None = None
    ended_at: datetime | None = None
    closed_as: ClosedAs | None = None
    flags: frozenset[Flag] = frozenset()
    clocks: tuple[ClockState, ...] = ()

    @property
    def memory(self) -> Memory:
        return Memory(**{field.name: getattr(self, field.name) for field in fields(Memory)})

    def clock(self, step: Step) -> ClockState | None:
        """Return the latest clock of `step` in this cycle that is not void, if one was started."""
        mine = [clock for clock in self._of_cycle if clock.step is step and clock.void_at is None]
        return mine[-1] if mine else None

    def runs(self, *steps: Step) -> bool:
        """Return whether a clock of one of these steps is running."""
        return not set(steps).isdisjoint(self.running)

    @property
    def owing(self) -> frozenset[int]:
        """The units that have something to answer: a fault, an instruction, an interview and what came of it."""
        silent = {fault.unit for fault in self.faults if not fault.stated}
        rectifying = {clock.unit for clock in self.clocks if clock.step is Step.RECTIFICATION and clock.is_running}
        return self.instructed | {unit for unit in (*silent, *rectifying, self.interview_of) if unit is not None}

    @property
    def next_due(self) -> ClockState | None:
        """Return the running clock that is due first, of those by which somebody can be late."""
        pressing = (clock for clock in self.clocks if clock.is_running and not clock.is_paused)
        counted = (clock for clock in pressing if clock.step not in self.idle)
        return min(counted, key=lambda clock: clock.due_at, default=None)

    @property
    def idle(self) -> frozenset[Step]:
        """The steps whose clocks press nobody: windows, and a talk with somebody who can't be reached."""
        window = frozenset[Step]() if self.review else REVIEWS
        unreachable = Flag.CITIZEN_NOT_REACHED in self.flags
        return WINDOWS | window | (frozenset({Step.CONTACT, Step.FEEDBACK}) if unreachable else frozenset())

    @property
    def is_owed(self) -> bool:
        """Whether a unit still owes something about the case that closing doesn't let it off."""
        return bool(self.faults or self.interview_with) or self.runs(*OWED_AFTER_CLOSING)

    def recorded(self, at: datetime) -> Self:
        """Return the state with the moment of recording in its new clocks: no rung from before it ever fires."""
        clocks = (replace(clock, recorded_at=clock.recorded_at or at) for clock in self.clocks)
        return replace(self, clocks=tuple(clocks))

    def finish(self, *steps: Step, at: datetime) -> Self:
        """Return the state with the running clocks of `steps` done at `at`."""
        return self._with(steps, lambda clock: replace(clock, done_at=at) if clock.is_running else clock)

    def finish_one(self, step: Step, started_at: datetime, at: datetime) -> Self:
        """Return the state with the running clock of `step` done that began at `started_at`; others run on."""

        def done(clock: ClockState) -> ClockState:
            its = clock.is_running and clock.started_at == started_at
            return replace(clock, done_at=at) if its else clock

        return self._with([step], done)

    def resume(self, *steps: Step) -> Self:
        """Return the state with the clocks of `steps` running again, towards their old due."""
        return self._with(steps, lambda clock: replace(clock, done_at=None))

    def void(self, *steps: Step, at: datetime) -> Self:
        """Return the state in which the clocks of `steps` no longer count."""
        return self._with(steps, lambda clock: replace(clock, void_at=at))

    def end_running(self, at: datetime, spared: Collection[Step] = ()) -> Self:
        """Return the state in which no clock but the spared runs any more: they have nothing left to wait for."""
        over = (replace(c, void_at=at) if c.is_running and c.step not in spared else c for c in self.clocks)
        return replace(self, clocks=tuple(over))

    @property
    def running(self) -> tuple[Step, ...]:
        return tuple(clock.step for clock in self._of_cycle if clock.is_running)

    @property
    def _of_cycle(self) -> tuple[ClockState, ...]:
        return tuple(clock for clock in self.clocks if clock.cycle == self.cycle or clock.step in OF_THE_CASE)

    def _with(self, steps: Iterable[Step], change: Callable[[ClockState], ClockState]) -> Self:
        wanted = {id(clock) for clock in self._of_cycle if clock.step in set(steps) and clock.void_at is None}
        return replace(self, clocks=tuple(change(c) if id(c) in wanted else c for c in self.clocks))
