"""The page of one case: what is asked, by when what is due and why, everything that was done, what can be done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.doors import state_seen
from huying.cases.dossier import Dossier, dossier, joined_texts, reissued_code
from huying.cases.draft import BACKFILLED_AFTER
from huying.cases.language import language
from huying.cases.masked import readable, text_of
from huying.cases.meanwhile import since
from huying.cases.models import Case, Clock, Delivery, Origin
from huying.cases.queries import visible_to
from huying.cases.receipts import spaced
from huying.ledger.models import LedgerLine
from huying.pages import due
from huying.pages.access import READERS, Signed, requires
from huying.pages.desk import acting, approval
from huying.pages.frame import footed
from huying.pages.labels import (
    AUDIENCES,
    CHANNELS,
    DELIVERIES,
    ENDS,
    EVENTS,
    FLAGS,
    KINDS,
    NEXT,
    NEXT_AT,
    NORMAL_CHANNEL,
    OUTCOMES,
    STAGES,
    STEPS,
    URGENCIES,
)
from huying.pages.shown import (
    ShownCasePage,
    ShownClock,
    ShownEnd,
    ShownEvent,
    ShownImport,
    ShownLedger,
    ShownMessage,
    ShownNext,
    ShownPage,
    ShownReport,
    ShownRequester,
    ShownTab,
)
from huying.people.actors import actor_of
from huying.rules.access import Actor, may_call
from huying.rules.calendar import Calendar
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.vocabulary import ClosedAs, Flag, Kind, Outcome, RefusalCode, Stage, Step, Urgency
from huying.rules.words import in_words

from .filled import filled
from .forms import known_units, label
from .gone import gone
from .history import History, detail, events, named_units, who
from .read_out import READ_OUT
from .requester import in_clear, masked_shown
from .situation import situation

_REVIEWS = (Step.REVIEW, Step.RE_REVIEW)


@requires(*READERS)
def case(request: Signed, number: str) -> HttpResponse:
    """Show the case; a POST does what its form says, and comes back here by a redirect if it was done, or goes to
    the desk where one sees the case no more.
    """
    at = now()
    actor = actor_of(request.user, at)
    try:
        found = _found(actor, number)
    except Http404:
        return gone(request, at)
    attempt = acting.kept_attempt(request)
    if request.method == "POST":
        attempt = acting.attempt(request, found.case.id, actor, at)
        if attempt.refused is not None:
            try:
                found = _found(actor, number)
            except Http404:
                return gone(request, at)
        if acting.finished(request, attempt, partial(_subject, request, found, at), actor):
            stays = visible_to(actor).filter(number=number).exists()
            return redirect("case", number=number) if stays else redirect("today")
    return _page(request, found, actor, at, attempt)


@requires(*READERS)
def call_requester(request: Signed, number: str) -> HttpResponse:
    """Show the case with the requester's name and phone in the clear, once, and log the look."""
    if request.method != "POST":
        return redirect("case", number=number)
    at = now()
    actor = actor_of(request.user, at)
    found = _found(actor, number)
    if not may_call(actor, found.case.unit_id, found.case.post_id):
        raise Http404
    return _page(request, found, actor, at, None, in_clear(found, actor, at))


def _found(actor: Actor, number: str) -> Dossier:
    found = dossier(visible_to(actor), number, actor)
    if found is None:
        raise Http404
    return readable(found, actor)


def _page(
    request: Signed,
    found: Dossier,
    actor: Actor,
    at: datetime,
    attempt: acting.Attempt | None,
    revealed: ShownRequester | None = None,
) -> HttpResponse:
    version = rulebooks.version(found.case.rulebook_id)
    edition = gettext("第 {n} 版").format(n=version.version)
    on, rulebook = _subject(request, found, at), f"{version.title} {edition}"
    of = _history(found, on, actor, at)
    shown = _shown(found, of, on.state, rulebook, revealed or masked_shown(found, actor))
    actions = acting.actions(request, on, actor, at, attempt)
    context = {
        "page": ShownPage(shown.title),
        "now": at,
        "frame": footed(request, at, rulebook, calendar_in_words(on.rules.calendar)),
        "case": shown,
        "code": spaced(reissued_code(found, actor, at - READ_OUT) or ""),
        "act_url": reverse("case", args=[found.case.number]),
        "back": _back(request),
        "actions": actions,
        "form": acting.failed(actions),
        "approvals": list(approval.shown(found, of, actor, at)),
        "not_approved": approval.refused_lately(found, actor),
        "meanwhile": meanwhile(of, attempt),
    }
    return render(request, "desk/case.html", context)


def _subject(request: Signed, found: Dossier, at: datetime) -> acting.Subject:
    case = found.case
    return acting.Subject(
        id=case.id,
        state=state_seen(found),
        seen=case.ledger_seq,
        lines=found.lines,
        said=found.said,
        rules=rulebooks.ruleset(rulebooks.version(case.rulebook_id), case.calendar_id),
        units=known_units(named_units(found.said, found.lines) | _named_by(case)),
        initial=filled(found, request.user, at),
    )


def _named_by(case: Case) -> set[int]:
    faults = {fault["unit"] for fault in case.memory.get("faults", ())}
    named = faults | set(case.memory.get("co_units", ())) | set(case.memory.get("instructed", ()))
    return named | ({case.respondent_id} if case.respondent_id else set())


def _history(found: Dossier, on: acting.Subject, reader: Actor, at: datetime) -> History:
    return History(
        lines=found.lines,
        said=found.said,
        authors=found.authors,
        clocks=found.clocks,
        units={unit.id: unit for unit in on.units},
        rules=on.rules,
        reader=reader,
        at=at,
        registered_at=found.contacts[0].recorded_at,
        joined=joined_texts(found),
    )


def meanwhile(of: History, attempt: acting.Attempt | None) -> list[ShownEvent]:
    """Return what others, or the same person in another window, did while a form that was refused was filled in."""
    if attempt is None or attempt.refused is None or attempt.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        return []
    lines = since(of.lines, attempt.seen)
    return [
        ShownEvent(str(EVENTS.get(line.event, line.event)), line.at, who(of, line), detail=detail(of, line))
        for line in lines
    ]


def calendar_in_words(calendar: Calendar) -> str:
    """Return whose notices a calendar has, and of which years; nothing where it has none."""
    years = calendar.notice_years
    if not years:
        return ""
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    return gettext("国务院办公厅放假安排 {years}").format(years=span)


def _back(request: Signed) -> ShownTab:
    """Return the way back: to the day, or to the filter and page of the list, from which somebody came."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.path == reverse("today"):
        return ShownTab(gettext("今天"), reverse("today"))
    register = reverse("register")
    query = f"?{came_from.query}" if came_from.path == register and came_from.query else ""
    return ShownTab(gettext("登记清单"), register + query)


def _shown(found: Dossier, of: History, state: CaseState, rulebook: str, requester: ShownRequester) -> ShownCasePage:
    case, at, rules = found.case, of.at, of.rules
    of_cycle = [clock for clock in found.clocks if clock.cycle == case.cycle]
    running = [clock for clock in of_cycle if due.runs(clock) and not _is_past(clock, state)]
    running.sort(key=lambda clock: clock.step in state.idle)  # a window presses nobody
    clocks = [shown_clock(clock, at, rules) for clock in running]
    ended = [shown_clock(clock, at, rules) for clock in of_cycle if not due.runs(clock)]
    return ShownCasePage(
        number=case.number,
        cycle=case.cycle,
        rulebook=rulebook,
        title=found.text.title,
        stage=str(STAGES[Stage(case.stage)]),
        text=found.text.text,
        channel=str(CHANNELS.get(case.channel, case.channel)),
        received_at=case.received_at,
        post=case.post.name if case.post else "",
        kind="" if case.kind == Kind.UNSORTED else str(KINDS[Kind(case.kind)]),
        urgency=str(URGENCIES[Urgency(case.urgency)]) if case.urgency in URGENCIES else None,
        unit=case.unit.name if case.unit else "",
        handler=found.latest("handler") or "",
        handler_phone=found.latest("handler_phone") or "",
        handed_over=sum(line.event == "assigned" for line in found.lines) - 1 if case.unit else None,
        imported=_imported(found),
        next=_next(found, state, at, rules),
        requester=requester,
        end=_end(found),
        clocks=clocks,
        ended_clocks=ended,
        ended_says=_ended_says(ended),
        situation=list(situation(found, of, state)),
        events=list(events(of, is_open=case.closed_at is None, idle=state.idle)),
        reports=list(_reports(found, of)),
        messages=list(_messages(found)),
        attached=sum(line.event == "attached" for line in found.lines),
        missing=[label("", name) for name in found.missing],
        flags=[str(FLAGS[Flag(flag)]) for flag in case.flags],
        prior_attempts=found.told("prior_attempts"),
        normal_channel=str(NORMAL_CHANNEL.get(found.told("normal_channel"), "")),
        follows=found.follows,
        followed_by=found.followed_by,
        ledger=ShownLedger(case.ledger_seq, bytes(case.ledger_head).hex()[2:14]),
    )


def _is_past(clock: Clock, state: CaseState) -> bool:
    """Return whether a window is of no use any more: once a unit works on a case, nobody sends it back."""
    return clock.step == Step.RETURN and state.stage not in (Stage.ASSIGNED, Stage.ACKNOWLEDGED)


def shown_clock(clock: Clock, at: datetime, rules: Ruleset) -> ShownClock:
    tag = due.of_clock(clock, at, rules)
    if clock.void_at is not None:
        state = "void"
    elif tag.state == "late":
        state = "late"
    else:
        state = "running" if clock.done_at is None else "done"
    used = (min(clock.done_at or at, clock.due_at) - clock.started_at) / (clock.due_at - clock.started_at)
    return ShownClock(
        label=str(STEPS[Step(clock.step)]),
        state=state,  # type: ignore[arg-type]
        tag=tag,
        due_at=clock.due_at,
        started_at=clock.started_at,
        why=in_words(clock.why, language()),
        share=max(0, min(100, round(100 * used))),
        between=_between(clock, rules) if due.runs(clock) else "",
    )


def _between(clock: Clock, rules: Ruleset) -> str:
    """Return the statutory holidays in a term as people call them: 国庆 for 国庆节, but 春节."""
    holidays = rules.holidays_in(Step(clock.step), clock.started_at, clock.due_at)
    if language() == "en":
        return ", ".join(holiday.en for holiday in holidays)
    names = (name for holiday in holidays for name in holiday.zh.split("、"))
    return "、".join(name.removesuffix("节") if len(name) > 2 else name for name in names)


def _ended_says(clocks: Sequence[ShownClock]) -> str:
    """Return what became of the terms that have ended, e.g. 按期 3 项，超期 1 项."""
    counts = Counter[str](clock.state for clock in clocks)
    said = {"done": gettext("按期 {n} 项"), "late": gettext("超期 {n} 项"), "void": gettext("不再计时 {n} 项")}
    return gettext("，").join(text.format(n=counts[state]) for state, text in said.items() if counts[state])


def _end(found: Dossier) -> ShownEnd | None:
    case = found.case
    if case.closed_at is None:
        return None
    how = ENDS[ClosedAs(case.closed_as)] if case.closed_as else STAGES[Stage(case.stage)]
    return ShownEnd(case.closed_at, str(how))


def _next(found: Dossier, state: CaseState, at: datetime, rules: Ruleset) -> ShownNext | None:
    case = found.case
    if case.closed_at is not None:
        return None
    if case.stage == Stage.SUSPENDED:
        still = next((clock for clock in found.clocks if clock.step == Step.SUSPENSION and due.runs(clock)), None)
        tag = due.of_clock(still, at, rules) if still else None
        return ShownNext(str(NEXT[Step.SUSPENSION]), still.due_at if still else None, tag)
    window = next((clock for clock in found.clocks if clock.step in _REVIEWS and due.runs(clock)), None)
    if window is not None and state.review is None:
        says = gettext("诉求人可以申请{step}").format(step=STEPS[Step(window.step)])
        return ShownNext(says, window.due_at, due.running(window.due_at, Step(window.step), at, rules))
    if case.due_at is None or case.due_step is None:
        return ShownNext(gettext("等办公室处理"))
    step = Step(case.due_step)
    label = NEXT_AT.get(Stage(case.stage), NEXT[step])
    return ShownNext(str(label), case.due_at, due.running(case.due_at, step, at, rules))


def _imported(found: Dossier) -> ShownImport | None:
    """Return the mark of a case that was registered more than a day after it came in."""
    first = found.contacts[0]
    if first.recorded_at - first.at <= BACKFILLED_AFTER:
        return None
    return ShownImport(first.origin == Origin.IMPORT, first.recorded_at, first.at)


def _reports(found: Dossier, of: History) -> Iterator[ShownReport]:
    labels = {"reported": gettext("办理结果"), "answered": gettext("直接答复")}
    for line in found.lines:
        said = found.said.get(line.record_id or 0)
        if line.event not in labels or said is None:
            continue
        outcome = str(OUTCOMES[Outcome(said.listed)]) if said.listed in OUTCOMES else ""
        yield ShownReport(
            label=labels[line.event],
            at=line.at,
            who=_reporter(found, of, line),
            text=said.texts.get("text", ""),
            outcome=outcome,
            basis=said.texts.get("basis", ""),
            public_text=said.texts.get("public_text", ""),
        )


def _reporter(found: Dossier, of: History, line: LedgerLine) -> str:
    """Return who answered; a file names nobody, so its replies are the holder's."""
    unit = found.case.unit.name if found.case.unit else ""
    return unit if unit and line.actor not in found.authors else who(of, line)


def _messages(found: Dossier) -> Iterator[ShownMessage]:
    for message in found.messages:
        yield ShownMessage(
            at=message.created_at,
            to=str(AUDIENCES[message.audience]),
            text=text_of(message, found.key, language()),
            status=str(DELIVERIES[message.delivery]),
            failed=message.delivery == Delivery.FAILED,
        )
