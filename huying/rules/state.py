"""A case as the rules see it: the facts on which the next decision depends, and nothing else."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from .terms import Why
from .vocabulary import Action, ClosedAs, Complexity, Flag, Kind, Stage, Step, Urgency, VerdictCode


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
    done_at: datetime | None = None
    void_at: datetime | None = None
    id: int | None = None

    @property
    def is_running(self) -> bool:
        return self.done_at is None and self.void_at is None


@dataclass(frozen=True, slots=True)
class CaseState:
    """A case between two decisions; `clocks` may include those of earlier cycles, which nothing changes any more."""

    stage: Stage
    kind: Kind
    complexity: Complexity
    urgency: Urgency
    received_at: datetime
    cycle: int = 1
    level: int = 0
    unit: int | None = None
    post: int | None = None  # the one that was called
    confidential: bool = False
    contacts: int = 1  # how often somebody came about it; nothing is decided by that
    calendar: int | None = None  # the id of the loaded calendar by which its terms are counted; None: as shipped
    contacted: bool = False  # a valid contact record exists in this cycle
    callback_attempts: tuple[datetime, ...] = ()  # since the report of this cycle was verified
    handled_by: frozenset[str] = frozenset()  # actors who spoke for the unit in this cycle
    verdict: VerdictCode | None = None
    ended_at: datetime | None = None
    closed_as: ClosedAs | None = None
    unsatisfied: int = 0  # how often the requester said so, over all cycles
    actions: tuple[Action, ...] = ()  # of supervision, in their order
    flags: frozenset[Flag] = frozenset()
    clocks: tuple[ClockState, ...] = ()

    def clock(self, step: Step) -> ClockState | None:
        """Return the clock of `step` in this cycle that is not void, if it was started."""
        return next((clock for clock in self._of_cycle if clock.step is step and clock.void_at is None), None)

    @property
    def next_due(self) -> ClockState | None:
        """Return the running clock that is due first."""
        return min((clock for clock in self.clocks if clock.is_running), key=lambda c: c.due_at, default=None)

    def recorded(self, at: datetime) -> Self:
        """Return the state with the moment of recording in its new clocks: no rung from before it ever fires."""
        clocks = (replace(clock, recorded_at=clock.recorded_at or at) for clock in self.clocks)
        return replace(self, clocks=tuple(clocks))

    def finish(self, *steps: Step, at: datetime) -> Self:
        """Return the state with the running clocks of `steps` done at `at`."""
        return self._with(steps, lambda clock: replace(clock, done_at=at) if clock.is_running else clock)

    def resume(self, *steps: Step) -> Self:
        """Return the state with the clocks of `steps` running again, towards their old due."""
        return self._with(steps, lambda clock: replace(clock, done_at=None))

    def void(self, *steps: Step, at: datetime) -> Self:
        """Return the state in which the clocks of `steps` no longer count."""
        return self._with(steps, lambda clock: replace(clock, void_at=at))

    @property
    def running(self) -> tuple[Step, ...]:
        return tuple(clock.step for clock in self._of_cycle if clock.is_running)

    @property
    def _of_cycle(self) -> tuple[ClockState, ...]:
        return tuple(clock for clock in self.clocks if clock.cycle == self.cycle)

    def _with(self, steps: Iterable[Step], change: Callable[[ClockState], ClockState]) -> Self:
        wanted = {id(clock) for clock in self._of_cycle if clock.step in set(steps) and clock.void_at is None}
        return replace(self, clocks=tuple(change(c) if id(c) in wanted else c for c in self.clocks))
