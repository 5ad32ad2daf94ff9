"""Random histories on a real database, through both doors, with the sweep: what holds whatever anybody does.

In the suite some histories that are always the same, for about half a minute. `make soak SECONDS=600` plays others
for as long as is said, and tells how many.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from huying.cases import rulebooks
from huying.cases.calendars import count_open_terms, in_use, load
from huying.cases.days import Day
from huying.cases.doors import CLOCK, Deed, act, act_all
from huying.cases.intake import Register, register
from huying.cases.models import Case, Clock, Contact, Origin, Refusal
from huying.cases.opened import waiting
from huying.cases.queries import ACCESS, Filter, access_facts, page, totals, visible_to
from huying.cases.sweep import next_instant, sweep
from huying.cases.transfer import transfer_post
from huying.cases.verification import broken_entries
from huying.ledger.models import LedgerLine
from huying.rehearsal.scratch import on_an_empty_register
from huying.rules.access import Actor, may_see
from huying.rules.commands import VERBS, Resume, Suspend
from huying.rules.deciding import Refused
from huying.rules.duration import Duration
from huying.rules.ruleset import SET
from huying.rules.stages import OPEN_STAGES
from huying.rules.state import WINDOWS, CaseState
from huying.rules.vocabulary import RefusalCode, Stage, Step, SuspendReason
from tests.builders import at, version
from tests.cases.histories import MAIN_LINE, PAUSES, Cast, Dice, bare, digest, state_now

RULEBOOKS = ("bozhou", "henan-xinfang", "fengxian", "nanning", "laixi")
BEGIN = at(12, 24, 10)  # soon in a year without notice
OFFICES_OWN = frozenset({Stage.WAITING, Stage.RECEIVED, Stage.PENDING_INFO})
NOT_THE_CASES = WINDOWS | {Step.INSTRUCTION, Step.STATEMENT, Step.RECTIFICATION}  # terms beside the way of a case
MOVES = st.lists(st.integers(0, 2**64), min_size=30, max_size=60, unique=True)
played: Counter[str] = Counter()


class History:
    """One history: what happens is chosen by the numbers of `play`, one each."""

    def __init__(self, rulebook: str) -> None:
        self.now = BEGIN
        self.chains: list[int] = []  # cases, and contacts that wait or waited
        self.cast = Cast()
        rulebooks.put_in_force(version(rulebook), date(2026, 1, 5), at(1, 5), self.cast.office)

    def play(self, moves: Sequence[int]) -> None:
        played["histories"] += 1
        for n in moves:
            dice = Dice(n)
            what = dice.of(self.what) if self.chains else self.come_in
            what(dice)
            played["steps"] += 1
        self.holds_at_the_end()

    @property
    def what(self) -> Sequence[Callable[[Dice], None]]:
        often = (self.go_on, self.come_in, self.do, self.go_on, self.do, self.try_anything, self.go_on, self.do)
        rarely = (self.sweep, self.do_several, self.load_a_calendar, self.pause_on_days_off)
        return (*often, *often, *rarely, self.hand_a_post_over, self.change_the_rules)

    # -- what happens ------------------------------------------------------------------------------------------------

    def come_in(self, dice: Dice) -> None:
        when = self.later(dice)
        into = Register.now_in_force(dice.of(self.cast.registering), self.now)
        numbers = list(Case.objects.order_by("id").values_list("number", flat=True))
        intake = self.cast.intake(dice, into.rules.rulebook.required_fields, numbers)
        before, refused = digest(), Refusal.objects.count()
        answer = register(intake, when, into)
        self.tell(getattr(answer, "case_id", None) or 0, intake, when, into.actor, answer)
        if isinstance(answer, Refused):
            self.nothing_happened(before, refused, None)
        elif not answer.again and intake.joins is None:
            self.chains.append(answer.case_id or answer.contact_id)

    def go_on(self, dice: Dice) -> None:
        """Somebody takes the usual next step."""
        self.done_by_the_rules(dice, MAIN_LINE)

    def do(self, dice: Dice) -> None:
        """Somebody does what he may."""
        self.done_by_the_rules(dice, tuple(VERBS))

    def try_anything(self, dice: Dice) -> None:
        """Anybody tries anything, perhaps with rubbish in it."""
        case_id = dice.of(self.chains)
        self.act(dice, case_id, dice.of(tuple(VERBS)), dice.of(self.cast.actors(case_id)), spoilt=dice.once_in(2))

    def do_several(self, dice: Dice) -> None:
        """Somebody does a list of things in one transaction, as loading history does."""
        deeds = []
        when = self.later(dice)
        actor = dice.of(self.cast.actors(dice.of(self.chains)))
        for _ in range(dice.of((2, 3, 4))):
            case_id = dice.of(self.chains)
            way = self.cast.way_on(dice, state_now(case_id))
            verb = way[0] if way else "note"
            command = self.cast.command(dice, verb, when, None, self.chains, spoilt=False)
            deeds.append(Deed(case_id, command, when, dice.of((Origin.LIVE, Origin.IMPORT))))
        results = act_all(deeds, self.now, actor)
        for deed, result in zip(deeds, results, strict=True):
            self.tell(deed.case_id, deed.command, when, actor, result)
        last = {deed.case_id: result for deed, result in zip(deeds, results, strict=True)}
        assert len(results) == len(deeds)
        for case_id, result in last.items():
            if isinstance(result, CaseState):
                self.holds(case_id)

    def sweep(self, dice: Dice) -> None:
        self.later(dice)
        note(f"{self.now:%m-%d %H:%M}: sweep")
        sweep(self.now)
        due = next_instant()
        assert due is None or due > self.now
        assert sweep(self.now) == 0

    def load_a_calendar(self, dice: Dice) -> None:
        """A day on which people worked becomes a holiday: no term ends earlier. Or one off is worked."""
        self.later(dice)
        sweep(self.now)
        count_open_terms(self.now)
        adds = not dice.once_in(3)
        days = (self.now.date() + timedelta(days=n) for n in range(1, 60))
        fitting = [day for day in days if in_use(self.now).is_working(day) is adds]
        before = self.ends()
        day = dice.of(fitting[:12])
        note(f"{self.now:%m-%d %H:%M}: {day} is {'off' if adds else 'worked'}")
        load({day: Day(works=not adds)}, self.now, self.cast.office)
        count_open_terms(self.now)
        if adds:
            after = self.ends()
            assert all(after[clock] >= due for clock, due in before.items() if clock in after)

    def hand_a_post_over(self, dice: Dice) -> None:
        self.later(dice)
        mayor, deputy = self.cast.posts
        note(f"{self.now:%m-%d %H:%M}: {mayor.id} is handed over to {deputy.id}")
        transfer_post(mayor.id, deputy.id, self.now, self.cast.office)
        assert not Case.objects.filter(post=mayor, stage__in=OPEN_STAGES).exists()

    def change_the_rules(self, dice: Dice) -> None:
        """Another rulebook is in force from now on; what is open keeps its own."""
        self.later(dice)
        found = version(dice.of(RULEBOOKS))
        note(f"{self.now:%m-%d %H:%M}: {found.rulebook} is in force")
        rulebooks.put_in_force(found, self.now.date(), self.now, self.cast.office)

    def pause_on_days_off(self, dice: Dice) -> None:
        """A case stands still while nobody works anyway: terms in working days end when they would have ended."""
        self.now = _next_day_off(self.now)
        sweep(self.now)
        case_id = dice.of(self.chains)
        state = state_now(case_id)
        if state.stage is not Stage.CONTACTED or state.confidential:
            return
        until = self.now + timedelta(days=9)
        stopped = act(case_id, Suspend(SuspendReason.COURT, until), self.now, self.now, self.cast.office)
        self.now += dice.of((timedelta(hours=5), timedelta(0)))
        again = act(case_id, Resume(), self.now, self.now, self.cast.office)
        if isinstance(stopped, CaseState) and isinstance(again, CaseState):
            assert _working_ends(again) == _working_ends(state)

    # -- how it is done ----------------------------------------------------------------------------------------------

    def later(self, dice: Dice) -> datetime:
        """Let time pass, and return when what happens now happened: now, or some time ago."""
        self.now += dice.of(PAUSES)
        return self.now - (dice.of((timedelta(hours=3), timedelta(days=2))) if dice.once_in(10) else timedelta(0))

    def done_by_the_rules(self, dice: Dice, verbs: tuple[str, ...]) -> None:
        for _ in range(3):  # most of what has ended waits for nobody
            case_id = dice.of(self.chains[-4:])
            if way := self.cast.way_on(dice, state_now(case_id), verbs):
                self.act(dice, case_id, *way, spoilt=dice.once_in(20))
                break

    def act(self, dice: Dice, case_id: int, verb: str, actor: Actor, *, spoilt: bool) -> None:
        when = self.later(dice)
        state = state_now(case_id)
        command = self.cast.command(dice, verb, when, state, self.chains, spoilt=spoilt)
        before, refused = digest(), Refusal.objects.count()
        lines = LedgerLine.objects.filter(chain_id=case_id).count()
        seen = dice.of((lines, max(lines - 1, 0))) if dice.once_in(6) else None
        answer = act(case_id, command, when, self.now, actor, seen=seen)
        self.tell(case_id, command, when, actor, answer)
        if isinstance(answer, Refused):
            played["refused"] += 1
            self.nothing_happened(before, refused, None if answer.code is RefusalCode.NOT_FOUND else case_id)
        else:
            played[verb] += 1
            assert Refusal.objects.count() == refused
            assert bare(answer) == bare(state_now(case_id))
            self.holds(case_id)

    def tell(self, case_id: int, done: object, when: datetime, actor: Actor, answer: object) -> None:
        """Write a line of the history; the shortest one that fails is printed."""
        if not isinstance(answer, Refused):
            note(f"{when:%m-%d %H:%M}, recorded {self.now:%m-%d %H:%M}: {actor.id} {case_id} {done}")

    def nothing_happened(self, before: dict[str, str], refusals: int, case_id: int | None) -> None:
        """A refusal leaves its row, naming the case to nobody who may not see it, and all else as it was.

        But what the clock had to do before anything else: the refusal may rest on that.
        """
        assert Refusal.objects.count() == refusals + 1
        assert Refusal.objects.latest("id").case_id in (case_id, None)
        changed = {name for name, now in digest().items() if now != before[name]}
        if changed:
            last = LedgerLine.objects.latest("id")
            assert (last.chain_id, last.actor) == (case_id, CLOCK.id), changed

    def ends(self) -> dict[int, datetime]:
        open_ = Clock.objects.filter(done_at=None, void_at=None).exclude(term=SET)
        return dict(open_.values_list("id", "due_at"))

    # -- what holds --------------------------------------------------------------------------------------------------

    def holds(self, case_id: int) -> None:
        """An open case has a running clock and exactly one holder."""
        state = state_now(case_id)
        if state.ended_at is not None:
            return
        if state.stage is Stage.WAITING and not state.clocks:
            return  # it came to a channel that is off: nobody is to call back
        assert set(state.running) - NOT_THE_CASES, state
        assert (state.unit is None) is (state.stage in OFFICES_OWN), state

    def holds_at_the_end(self) -> None:
        for case_id in self.chains:
            self.holds(case_id)
        assert list(broken_entries()) == []
        self.whoever_may_not_see_cannot_count()
        self.every_contact_is_counted_once()

    def whoever_may_not_see_cannot_count(self) -> None:
        cases = Case.objects.in_bulk()
        facts = {case_id: access_facts(said) for case_id, said in Case.objects.values_list("id", ACCESS)}
        for viewer in self.cast.actors(0):
            mine = {case_id for case_id, said in facts.items() if may_see(viewer, said)}
            assert set(visible_to(viewer).values_list("id", flat=True)) == mine
            assert {row.id for row in page(visible_to(viewer), Filter.ALL, self.now).rows} == mine
            told = totals(viewer, self.now)
            merged = {case_id for case_id in mine if cases[case_id].stage == Stage.MERGED}
            not_counted = merged | {case_id for case_id in mine if cases[case_id].stage == Stage.DECLINED}
            contacts = sum(cases[case_id].contacts for case_id in mine - merged) + _alone(viewer)
            assert (told.listed, told.cases, told.contacts_raw) == (len(mine), len(mine - not_counted), contacts)

    def every_contact_is_counted_once(self) -> None:
        told = totals(self.cast.actors(0)[-1], self.now)
        assert told.contacts_raw == Contact.objects.count()


def _alone(viewer: Actor) -> int:
    """Return how many contacts without a case the doors open to somebody: as many as he may count."""
    return len(waiting(Contact.objects.filter(case=None).values_list("id", flat=True), viewer))


def _next_day_off(now: datetime) -> datetime:
    """Return Saturday 10:00 of this week or the next."""
    days = (5 - now.weekday()) % 7 or 7
    return (now + timedelta(days=days)).replace(hour=10, minute=0, second=0, microsecond=0)


def _working_ends(state: CaseState) -> list[tuple[Step, datetime]]:
    counted = (one for one in state.clocks if one.is_running and one.term != SET and one.step is not Step.OFFICE)
    return [(one.step, one.due_at) for one in counted if Duration.parse(one.term).unit == "working_days"]


# -- playing them ----------------------------------------------------------------------------------------------------

# In the suite a failing history is told as it was played: shortening it takes minutes, which `make soak` has.
FOR_LONG = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
IN_THE_SUITE = settings(FOR_LONG, max_examples=12, derandomize=True, phases=(Phase.generate,))


def hold(how: settings) -> None:
    @how
    @given(rulebook=st.sampled_from(RULEBOOKS), moves=MOVES)
    def whatever_happens(rulebook: str, moves: list[int]) -> None:
        with on_an_empty_register():
            History(rulebook).play(moves)

    whatever_happens()


@pytest.mark.django_db
def test_whatever_happens_the_register_holds() -> None:
    began, seconds = time.monotonic(), float(os.environ.get("HUYING_SOAK_SECONDS", "0"))
    if not seconds:
        hold(IN_THE_SUITE)
    while time.monotonic() - began < seconds:
        hold(FOR_LONG)
    print(f"\n{played.pop('histories'):,} histories with {played.pop('steps'):,} steps", dict(played.most_common()))
