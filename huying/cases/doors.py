"""Door 2: somebody, or the clock, does something to a case, or to a contact that waits to be sorted.

`act` locks the case, lets the rules decide, and stores what follows, in one transaction. A refusal is returned,
never raised, so that its row commits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huying.ledger.models import LedgerLine
from huying.people.models import Post
from huying.people.office import the_office
from huying.people.serving import holder_at
from huying.rules.access import Actor
from huying.rules.commands import (
    UNITS,
    Command,
    Correct,
    HoldInterview,
    Merge,
    MovePost,
    OpenCase,
    RecountTerms,
    ReissueCode,
    ReturnCall,
    ScheduleInterview,
    Summarise,
    Unmerge,
    field_names,
    given,
    verb_of,
)
from huying.rules.deciding import Decision, Refused
from huying.rules.escalation import next_watch
from huying.rules.lifecycle import decide
from huying.rules.state import OF_THE_CASE, CaseState
from huying.rules.vocabulary import RefusalCode, Stage
from huying.vault.seals import keys_of, take_ids, unseal

from .arrival import is_id
from .dossier import Dossier
from .draft import UNSTORABLE, Draft, is_told
from .interviews import unfit_chair
from .models import Case, CaseText, Origin, Recount, Refusal
from .opened import Units, clock_state, opened, state_in
from .opening import Opening, next_number, open_case
from .queries import shut_out
from .rulebooks import in_force, ruleset
from .store import store

CLOCK = Actor("clock", None)  # who acts when a term passes


@dataclass(frozen=True, slots=True)
class Deed:
    """One command on one case, with the moment at which it was done.

    `seen` is the last line of the case's ledger that whoever decided it had read; None: it doesn't depend on that.
    `misread` is the first field of what was sent that could not be read.
    """

    case_id: int
    command: Command
    at: datetime
    origin: Origin = Origin.LIVE
    seen: int | None = None
    misread: Refused | None = None


def act(
    case_id: int,
    command: Command,
    at: datetime,
    recorded_at: datetime,
    actor: Actor,
    *,
    seen: int | None = None,
    misread: Refused | None = None,
) -> CaseState | Refused:
    """Do one command; return the case after it, or why it can't be done.

    With `seen`, not if somebody did anything to the case since: one form is done once, and nobody acts on a page
    that no longer holds.
    """
    [result] = act_all([Deed(case_id, command, at, seen=seen, misread=misread)], recorded_at, actor)
    return result


def act_all(deeds: Sequence[Deed], recorded_at: datetime, actor: Actor) -> list[CaseState | Refused]:
    """Do several commands in their order, in one transaction; a refused one stops nothing. For loading history.

    Return a result for each.
    """
    with transaction.atomic():
        named = {unit for deed in deeds for unit in _units_in(deed.command)}
        ids = {deed.case_id for deed in deeds} | {case for deed in deeds for case in _cases_in(deed.command)}
        drafts, units = opened(set(filter(is_id, ids)), named, actor, also=_remembered_by(deeds))
        results = [_done(drafts, deed, recorded_at, actor, units) for deed in deeds]
        store([draft for draft in drafts.values() if draft.entries], recorded_at)
        _store_refusals(deeds, results, drafts, recorded_at, actor)
    return results


def _units_in(command: Command) -> Iterator[int]:
    named = (getattr(command, name) for name in field_names(type(command)) if name in UNITS)
    return filter(is_id, named)


def _cases_in(command: Command) -> Iterator[int]:
    match command:
        case Merge(into=into):
            yield from filter(is_id, [into])
        case ScheduleInterview(cases=cases):
            yield from filter(is_id, cases or ())


def _remembered_by(deeds: Sequence[Deed]) -> set[int]:
    """Return the other cases that these commands are about without naming them: the rules remember which."""
    about = [
        deed.case_id for deed in deeds if isinstance(deed.command, Unmerge | HoldInterview) and is_id(deed.case_id)
    ]
    memories = Case.objects.filter(id__in=about).values_list("memory", flat=True) if about else ()
    return {
        case
        for memory in memories
        for case in (memory.get("merged_into"), *memory.get("interview_with", ()))
        if case is not None and case not in about
    }


def pass_terms(case_ids: Sequence[int], now: datetime) -> int:
    """Fire every rung of these cases that is due by `now` and return how many; for the sweep.

    The cases come in the order in which their rungs are due.
    """
    with transaction.atomic():
        found, _ = opened(case_ids, (), CLOCK)
        drafts = [found[case_id] for case_id in case_ids]
        fired = sum(caught_up(draft, now, now) for draft in drafts)
        store(drafts, now)
    return fired


def recount_terms(case_ids: Sequence[int], now: datetime) -> list[Recount]:
    """Count the terms of these cases by the calendar that was loaded last; return what came of it, per case.

    What is due by `now` follows at once.
    """
    with transaction.atomic():
        found, _ = opened(case_ids, (), CLOCK)
        for draft in found.values():
            caught_up(draft, now, now)
        drafts = [draft for draft in found.values() if draft.entries]
        store(drafts, now)
    return [entry.row for draft in drafts for entry in draft.entries if isinstance(entry.row, Recount)]


def caught_up(draft: Draft, until: datetime | None, recorded_at: datetime) -> int:
    """Do first what is due anyway: the calendar that was loaded last, and the terms that have passed by `until`.

    None: the calendar alone. Return how many rungs fired. However late a calendar is noticed, and by whom, it counts
    from the moment it was loaded: what had passed by then has passed, a term of which the new end lies before is
    late at that moment, and from then on the new ends hold.
    """
    fired = 0
    if (counts_from := _newer_from(draft, recorded_at)) is not None:
        fired += _fire(draft, counts_from, recorded_at)
        _recount(draft, counts_from, recorded_at)
        until = counts_from if until is None else max(until, counts_from)
    return fired if until is None else fired + _fire(draft, until, recorded_at, since=draft.loaded_at)


def _newer_from(draft: Draft, recorded_at: datetime) -> datetime | None:
    """Return from when a calendar counts that is newer than the case's own; never from before the case was there."""
    if draft.case is None or draft.state is None or draft.calendar is None or draft.loaded_at is None:
        return None
    since = max(draft.loaded_at, draft.case.received_at)
    return since if draft.calendar > (draft.state.calendar or 0) and since <= recorded_at else None


def _recount(draft: Draft, at: datetime, recorded_at: datetime) -> None:
    """Count the terms of a case by the calendar that was loaded last."""
    if draft.case is None or draft.state is None or draft.calendar is None:
        raise TypeError("there is nothing to count, or no calendar to count by")
    command = RecountTerms(draft.calendar)
    draft.rules = ruleset(draft.case.rulebook, draft.calendar)
    decision = decide(draft.state, command, CLOCK, at, draft.rules)
    if isinstance(decision, Refused):
        raise TypeError(f"a calendar was refused: {command}, {decision}")
    _take(draft, decision, CLOCK, at, recorded_at, told_at=recorded_at)


def _fire(draft: Draft, until: datetime, recorded_at: datetime, since: datetime | None = None) -> int:
    """Do what the clock brings about on one case by `until`, in order, and return how much that was.

    Each is decided by the same rules as a command, at the instant at which it was due, however late it is noticed;
    what is said about it is said when it is noticed. `since`: the moment from which the terms run, or run again,
    as they do; nothing follows from them before.
    """
    fired = 0
    while draft.case and draft.state and draft.rules and (due := next_watch(draft.state, draft.rules)):
        if due.at > until:
            break
        at = due.at if since is None else max(due.at, since)
        decision = decide(draft.state, due.command, CLOCK, at, draft.rules)
        if isinstance(decision, Refused):
            raise TypeError(f"what is due was refused: {due.command}, {decision}")
        _take(draft, decision, CLOCK, at, recorded_at, told_at=recorded_at)
        fired += 1
    return fired


def state_of(case_id: int) -> CaseState:
    """Return a case as the rules see it now. Raises KeyError.

    Locked, since it is read in several statements that must see the same case.
    """
    with transaction.atomic():
        state = opened({case_id}, (), Actor.system())[0][case_id].state
    if state is None:
        raise KeyError(case_id)
    return state


def state_seen(found: Dossier) -> CaseState:
    """Return a case as the rules see it, of what was read without a lock: for what is offered, never to act on."""
    clocks = map(clock_state, sorted(found.clocks, key=lambda clock: clock.id))
    ours = (clock for clock in clocks if clock.cycle == found.case.cycle or clock.step in OF_THE_CASE)
    return state_in(found.case, tuple(ours))


def _done(
    drafts: Mapping[int, Draft], deed: Deed, recorded_at: datetime, actor: Actor, units: Units
) -> CaseState | Refused:
    draft = drafts.get(deed.case_id)
    if draft is None or draft.state is None or draft.rules is None:
        return Refused(RefusalCode.NOT_FOUND)
    if not draft.state.received_at <= deed.at <= recorded_at:
        return Refused(RefusalCode.FIELD_INVALID, "at")
    lines = {unit: facts.line for unit, facts in units.items()}
    match decide(draft.state, deed.command, actor, deed.at, draft.rules, deed.misread, lines):
        case Refused(code=RefusalCode.FORBIDDEN) as refused:
            return refused
        case _ if _changed(draft, deed):
            return Refused(RefusalCode.CHANGED_MEANWHILE)
        case Refused() as refused:
            return refused
        case Decision() as decision:
            others = _others(decision, drafts, draft, actor, deed)
            if isinstance(others, Refused):
                return others
            if refused_now := _refused_now(deed, units, draft):
                return refused_now
            is_live, before = deed.origin is Origin.LIVE, draft.state
            caught_up(draft, deed.at if is_live else None, recorded_at)
            if draft.state is not before:
                # A term that passed before this deed was late, also where the sweep hasn't come round yet.
                return _done(drafts, deed, recorded_at, actor, units)
            told_at = deed.at if is_told(deed.origin, deed.at, recorded_at) else None
            for one, its in [(draft, decision), *others]:
                _take(one, its, actor, deed.at, recorded_at, told_at)
            if is_live:
                # A term that runs again, towards an end that has passed meanwhile, is late at once.
                _fire(draft, deed.at, recorded_at, since=max(deed.at, draft.loaded_at or deed.at))
            return draft.state


def _take(
    draft: Draft, decision: Decision, actor: Actor, at: datetime, recorded_at: datetime, told_at: datetime | None
) -> None:
    """Take a decision over into the draft, with what its command needs to be read first, and what it tells whom."""
    before = draft.state
    if before is None:
        raise TypeError("nothing is decided on what isn't there")
    if isinstance(decision.command, Summarise | ReissueCode) and draft.case is not None and draft.text is None:
        draft.text = CaseText.objects.get(case_id=draft.case.id, month=draft.case.month)
    becomes_case = draft.case is None and decision.after.stage is not Stage.WAITING
    opening = None
    if becomes_case:
        _make_case(draft, decision.after, decision.command)
        draft.state, opening = before, draft.opening()
    draft.add(decision, actor, at, recorded_at, opening)
    if draft.contact is not None and decision.after.stage is Stage.WAITING and decision.after.ended_at is not None:
        draft.contact.sorted_as = decision.after.kind
    if told_at is not None:
        draft.announce(decision, before, told_at)


def _make_case(draft: Draft, state: CaseState, command: Command) -> None:
    """Make a case of a contact that was sorted as one, in the same chain."""
    contact = draft.contact
    if contact is None or contact.requester is None:
        raise TypeError("what isn't a case is a contact, and somebody made it")
    said = given(command, "text") if isinstance(command, ReturnCall) else None
    key = keys_of([contact.requester.id]).get(contact.requester.id)
    phone, name = (unseal(contact.requester, key, field) if key else None for field in ("phone", "name"))
    opening = Opening(
        number=next_number(the_office().number_prefix, state.received_at, draft),
        version=in_force(contact.at),
        requester=contact.requester,
        channel=contact.channel,
        origin=Origin(contact.origin),
        text=said or unseal(contact, draft.key, "text") or "",
        title=unseal(contact, draft.key, "title"),
        phone=phone,
        name=name,
        respondent_person=_complained_of(command, contact.at) or contact.respondent_person_id,
    )
    open_case(draft, state, opening)
    contact.case = draft.case


def _others(
    decision: Decision, drafts: Mapping[int, Draft], draft: Draft, actor: Actor, deed: Deed
) -> list[tuple[Draft, Decision]] | Refused:
    """Return what follows on other cases, or on this one besides; where a named case can't follow, the refusal."""
    follow: list[tuple[Draft | None, Command]] = [(drafts.get(case), one) for case, one in decision.others.items()]
    if isinstance(deed.command, Correct) and given(deed.command, "field") == "post_called":
        post = Post.objects.filter(code=given(deed.command, "value") or "").first()
        if post is None:
            return Refused(RefusalCode.FIELD_INVALID, "value")
        follow.append((draft, MovePost(post.id)))
    if isinstance(deed.command, Unmerge | HoldInterview) and not decision.others.keys() <= drafts.keys():
        # Which cases those are was read before the lock; somebody has merged or scheduled since.
        return Refused(RefusalCode.CHANGED_MEANWHILE)
    found = []
    for other, command in follow:
        result = _follow(other, command, actor, deed.at, decision, draft)
        if isinstance(result, Decision) and other is not None:
            found.append((other, result))
        elif isinstance(deed.command, Merge | ScheduleInterview):
            return Refused(RefusalCode.FIELD_INVALID, "into" if isinstance(deed.command, Merge) else "cases")
        elif isinstance(deed.command, Unmerge):  # the older case was merged itself; that one is undone first
            return Refused(RefusalCode.WRONG_STATE)
    return found


def _follow(
    other: Draft | None, command: Command, actor: Actor, at: datetime, decision: Decision, draft: Draft
) -> Decision | None:
    """Return the decision on another case, if it can be taken there: not on itself, in less secrecy, nor with another
    unit, where that is interviewed, or was to be.
    """
    if other is None or other.state is None or other.rules is None or draft.state is None:
        return None
    if isinstance(decision.command, Merge) and not _mergeable(draft, other):
        return None
    if isinstance(decision.command, ScheduleInterview) and other.state.unit != draft.state.unit:
        return None
    if isinstance(decision.command, HoldInterview) and other.state.interview_with != draft.state.interview_with:
        return None
    state = decision.after if other is draft else other.state
    result = decide(state, command, Actor(actor.id, None), at, other.rules)
    return result if isinstance(result, Decision) else None


def _mergeable(one: Draft, other: Draft) -> bool:
    """Return whether the first case may go into the other: the older, of the same secrecy, about the same unit and
    persons, and of the same requester: both of one phone, or of none, and not of two names.
    """
    if one is other or one.case is None or other.case is None or one.case.confidential != other.case.confidential:
        return False
    if other.case.received_at > one.case.received_at:
        return False
    if shut_out(one.case.id) != shut_out(other.case.id):
        return False
    both = (one.case.requester, other.case.requester)
    phones = {bytes(requester.phone_index or b"") for requester in both}
    names = {bytes(requester.name_index) for requester in both if requester.name_index is not None}
    return len(phones) == 1 and len(names) < 2


def _changed(draft: Draft, deed: Deed) -> bool:
    """Return whether anybody did something to the case since it was read; a rung of the ladder asks nobody anew."""
    if deed.seen is None or draft.head.seq <= deed.seen:
        return False
    later = LedgerLine.objects.filter(chain_id=deed.case_id, seq__gt=deed.seen)
    return later.exclude(actor=CLOCK.id).exists()


def _complained_of(command: Command, at: datetime) -> int | None:
    """Return the person who held the post of which a command says that the contact complains."""
    post = command.respondent_post if isinstance(command, OpenCase | ReturnCall) else None
    return holder_at(post, at) if is_id(post) else None


def _refused_now(deed: Deed, units: Units, draft: Draft) -> Refused | None:
    """Return why a command can't be done that the rules allow: for whom or what it names."""
    if draft.state is None:
        return None
    named = _nobody_named(deed, units, draft) or _unstorable(deed.command)
    return named or unfit_chair(deed.command, draft.state, deed.at)


def _nobody_named(deed: Deed, units: Units, draft: Draft) -> Refused | None:
    """Return the refusal of the first field that names what isn't a unit on that day, or a post that nobody held."""
    if draft.rules is None:
        return None
    day = deed.at.astimezone(draft.rules.rulebook.zone).date()
    for name in field_names(type(deed.command)):
        unit = getattr(deed.command, name) if name in UNITS else None
        if unit is not None and not (is_id(unit) and unit in units and units[unit].exists_on(day)):
            return Refused(RefusalCode.FIELD_INVALID, name)
    named = getattr(deed.command, "respondent_post", None) is not None
    if named and draft.contact is not None and _complained_of(deed.command, draft.contact.at) is None:
        return Refused(RefusalCode.FIELD_INVALID, "respondent_post")
    return None


def _unstorable(command: Command) -> Refused | None:
    """Return the refusal of the first field of a command that has a character which can't be kept."""
    texts = ((name, getattr(command, name)) for name in field_names(type(command)))
    name = next((name for name, text in texts if isinstance(text, str) and UNSTORABLE.search(text)), None)
    return None if name is None else Refused(RefusalCode.FIELD_INVALID, name)


def _store_refusals(
    deeds: Sequence[Deed],
    results: Sequence[CaseState | Refused],
    drafts: Mapping[int, Draft],
    recorded_at: datetime,
    actor: Actor,
) -> None:
    """Keep what was refused; of a contact that is no case, and of what nobody may know of, without naming a case."""
    refused = [(deed, result) for deed, result in zip(deeds, results, strict=True) if isinstance(result, Refused)]
    if not refused:
        return
    Refusal.objects.bulk_create(
        Refusal(
            id=row_id,
            case=drafts[deed.case_id].case if deed.case_id in drafts else None,
            verb=verb_of(deed.command),
            code=result.code,
            field=result.field,
            clause=result.clause,
            actor=actor.id,
            at=deed.at,
            recorded_at=recorded_at,
        )
        for row_id, (deed, result) in zip(take_ids(len(refused)), refused, strict=True)
    )
