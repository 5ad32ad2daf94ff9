"""The page of one case: what is asked, by when what is due and why, everything that was done, what can be done."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.dossier import Author, Dossier, dossier
from huying.cases.draft import BACKFILLED_AFTER
from huying.cases.language import language
from huying.cases.masked import masked, text_of
from huying.cases.meanwhile import since
from huying.cases.models import Clock, Delivery, Origin
from huying.cases.queries import visible_to
from huying.ledger.models import LedgerLine
from huying.pages import due, kept
from huying.pages.access import READERS, Signed, requires
from huying.pages.desk import acting
from huying.pages.frame import footed
from huying.pages.labels import (
    ACTIONS,
    AUDIENCES,
    CALLBACK_RESULTS,
    CHANNELS,
    DELIVERIES,
    DONE,
    ENDS,
    EVENTS,
    FIELDS,
    FLAGS,
    KINDS,
    METHODS,
    NEXT,
    NEXT_AT,
    OUTCOMES,
    STAGES,
    STEPS,
    URGENCIES,
    VERDICTS,
)
from huying.pages.shown import (
    ShownCasePage,
    ShownClock,
    ShownDue,
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
from huying.rules.access import SYSTEM, Actor, may_call
from huying.rules.calendar import Calendar
from huying.rules.ruleset import Ruleset
from huying.rules.vocabulary import (
    Action,
    CallbackResult,
    ClosedAs,
    Flag,
    Kind,
    Method,
    Outcome,
    RefusalCode,
    Stage,
    Step,
    Urgency,
    VerdictCode,
)
from huying.rules.words import end_in_words, in_words
from huying.vault.seals import reveal

# Which event ends which step: the timeline says "in time" or "late" at the event that ended a term.
_ENDED_STEP = {
    "assigned": Step.ASSIGN,
    "contacted": Step.CONTACT,
    "reported": Step.RESOLVE,
    "verdict_recorded": Step.CALLBACK,
    "answered": Step.ASSIGN,
}


@requires(*READERS)
def case(request: Signed, number: str) -> HttpResponse:
    """Show the case; a POST does what its form says, and comes back here by a redirect if it was done."""
    at = now()
    actor = actor_of(request.user, at)
    found = _found(actor, number)
    attempt = None
    if request.method == "POST":
        attempt = acting.attempt(request, found.case.id, actor, at)
        if attempt.refused is not None:
            found = _found(actor, number)
        if attempt.refused is None or acting.was_done(attempt, found, actor):
            messages.success(request, str(DONE[attempt.verb]))
            kept.forget(request)
            return redirect("case", number=number)
    elif (typed := kept.kept(request, request.user.pk)) is not None:
        attempt = acting.Attempt.of(typed)
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
    return _page(request, found, actor, at, None, _revealed(found, actor, at))


@transaction.atomic
def _revealed(found: Dossier, actor: Actor, at: datetime) -> ShownRequester | None:
    if found.requester_key is None:
        return None
    requester, key, why = found.case.requester, found.requester_key, f"call {found.case.number}"
    name, phone = (reveal(requester, key, what, actor=actor.id, at=at, reason=why) for what in ("name", "phone"))
    return ShownRequester(name=name, phone=phone, reference=masked(found).reference, in_clear=True)


def _found(actor: Actor, number: str) -> Dossier:
    found = dossier(visible_to(actor), number)
    if found is None:
        raise Http404
    return found


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
    rules, rulebook = rulebooks.ruleset(version, found.case.calendar_id), f"{version.title} {edition}"
    requester = revealed or _requester(found, actor)
    shown = _shown(found, at, rules, rulebook, requester)
    handler = {"handler": shown.handler, "handler_phone": shown.handler_phone}
    actions = acting.actions(request, found, actor, at, rules, attempt, handler)
    context = {
        "page": ShownPage(shown.title),
        "now": at,
        "frame": footed(request, at, rulebook, calendar_in_words(rules.calendar)),
        "case": shown,
        "back": _back(request),
        "actions": actions,
        "form": acting.failed(actions),
        "meanwhile": _meanwhile(found, attempt),
    }
    return render(request, "desk/case.html", context)


def _meanwhile(found: Dossier, attempt: acting.Attempt | None) -> list[ShownEvent]:
    """Return what others, or the same person in another window, did while a form that was refused was filled in."""
    if attempt is None or attempt.refused is None or attempt.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        return []
    lines = since(found, attempt.seen)
    return [
        ShownEvent(str(EVENTS.get(line.event, line.event)), line.at, _who(found, line), detail=_detail(found, line))
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


def _shown(found: Dossier, at: datetime, rules: Ruleset, rulebook: str, requester: ShownRequester) -> ShownCasePage:
    case = found.case
    clocks = [_clock(clock, at, rules) for clock in found.clocks if clock.cycle == case.cycle and not _ended(clock)]
    ended = [_clock(clock, at, rules) for clock in found.clocks if clock.cycle == case.cycle and _ended(clock)]
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
        handler=_latest(found, "handler"),
        handler_phone=_latest(found, "handler_phone"),
        handed_over=sum(line.event == "assigned" for line in found.lines) - 1 if case.unit else None,
        imported=_imported(found),
        next=_next(found, at, rules),
        requester=requester,
        end=_end(found),
        clocks=clocks,
        ended_clocks=ended,
        ended_says=_ended_says(ended),
        events=list(_events(found, at, rules)),
        reports=list(_reports(found)),
        messages=list(_messages(found)),
        missing=[str(FIELDS.get(name, name)) for name in found.missing],
        flags=[str(FLAGS[Flag(flag)]) for flag in case.flags],
        ledger=ShownLedger(case.ledger_seq, bytes(case.ledger_head).hex()[2:14]),
    )


def _ended(clock: Clock) -> bool:
    return clock.done_at is not None or clock.void_at is not None


def _clock(clock: Clock, at: datetime, rules: Ruleset) -> ShownClock:
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
        between="" if _ended(clock) else _between(clock, rules),
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
    if case.closed_at is None or case.closed_as is None:
        return None
    return ShownEnd(case.closed_at, str(ENDS[ClosedAs(case.closed_as)]))


def _next(found: Dossier, at: datetime, rules: Ruleset) -> ShownNext | None:
    case = found.case
    if case.closed_at is not None:
        return None
    if case.due_at is None or case.due_step is None:
        return ShownNext(gettext("等办公室处理"))
    step = Step(case.due_step)
    label = NEXT_AT.get(Stage(case.stage), NEXT[step])
    return ShownNext(str(label), case.due_at, due.running(case.due_at, step, at, rules))


def _requester(found: Dossier, actor: Actor) -> ShownRequester:
    told = masked(found)
    callable_ = told.phone is not None and may_call(actor, found.case.unit_id, found.case.post_id)
    return ShownRequester(
        name=told.name,
        phone=told.phone,
        reference=told.reference,
        call_url=reverse("call_requester", args=[found.case.number]) if callable_ else "",
    )


def _imported(found: Dossier) -> ShownImport | None:
    """Return the mark of a case that was registered more than a day after it came in."""
    first = found.contacts[0]
    if first.recorded_at - first.at <= BACKFILLED_AFTER:
        return None
    return ShownImport(first.origin == Origin.IMPORT, first.recorded_at, first.at)


def _events(found: Dossier, at: datetime, rules: Ruleset) -> Iterator[ShownEvent]:
    cycle = 1
    for line in found.lines:
        clock = _ended_by(found, line, cycle)
        tag = None if clock is None else due.of_clock(clock, at, rules)
        yield ShownEvent(
            what=str(EVENTS.get(line.event, line.event)),
            at=line.at,
            who=_who(found, line),
            detail=_moved(found, line, rules) if line.event == "recounted" else _detail(found, line),
            handler=_said(found, line, "handler"),
            handler_phone=_said(found, line, "handler_phone"),
            entered_at=_entered_at(found, line),
            on_time=None if tag is None else tag.state == "done",
            due=tag if tag is not None and tag.state == "late" else None,
        )
        cycle += line.event == "reopened"
    running = sorted((clock for clock in found.clocks if not _ended(clock)), key=lambda clock: clock.due_at)
    if found.case.closed_at is None and running:
        yield _open_step(running[0], due.of_clock(running[0], at, rules))


def _open_step(clock: Clock, tag: ShownDue) -> ShownEvent:
    state = "late" if tag.state == "late" else "now"
    return ShownEvent(what=str(NEXT[Step(clock.step)]), at=clock.due_at, state=state, due=tag)  # type: ignore[arg-type]


def _ended_by(found: Dossier, line: LedgerLine, cycle: int) -> Clock | None:
    """Return the term that this event ended; a second contact or report ends none."""
    step = _ENDED_STEP.get(line.event)
    of_step = (c for c in found.clocks if c.step == step and c.cycle == cycle and c.void_at is None)
    return next((clock for clock in of_step if clock.done_at == line.at), None)


def _entered_at(found: Dossier, line: LedgerLine) -> datetime | None:
    """Return when an event was entered if that was late (补录), unless the mark of the whole case says it."""
    late = line.recorded_at - line.at > BACKFILLED_AFTER
    return line.recorded_at if late and line.recorded_at != found.contacts[0].recorded_at else None


def _who(found: Dossier, line: LedgerLine) -> str:
    author = found.authors.get(line.actor)
    if author is not None:
        return _signed(author)
    return gettext("文件导入") if line.actor == SYSTEM else ""


def _signed(author: Author) -> str:
    """Return who signs; a liaison acts for somebody else, and everybody who reads it has to know."""
    name = gettext("{name}（联络员）").format(name=author.name) if author.is_liaison else author.name
    return f"{author.unit.name} {name}" if author.unit else name


def _said(found: Dossier, line: LedgerLine, field: str) -> str:
    said = found.said.get(line.record_id or 0)
    return said.texts.get(field, "") if said is not None else ""


def _detail(found: Dossier, line: LedgerLine) -> str:
    """Return what the record of an event adds in words; reports and answers stand in full elsewhere."""
    said = found.said.get(line.record_id or 0)
    if said is None:
        return ""
    match line.event:
        case "assigned":
            return _given_to(found, line)
        case "contacted":
            method = str(METHODS[Method(said.word)]) if said.word in METHODS else ""
            return gettext("：").join(filter(None, (method, said.texts.get("text"))))
        case "callback_attempted":
            return str(CALLBACK_RESULTS[CallbackResult(said.word)]) if said.word in CALLBACK_RESULTS else ""
        case "verdict_recorded":
            verdict = str(VERDICTS[VerdictCode(said.word)]) if said.word in VERDICTS else ""
            return gettext("：").join(filter(None, (verdict, said.texts.get("reason"))))
        case "report_rejected":
            return said.texts.get("reason", "")
        case "escalated":
            word = said.word or ""
            return str(ACTIONS[Action(word)] if word in ACTIONS else FLAGS[Flag(word)])
    return ""


def _moved(found: Dossier, line: LedgerLine, rules: Ruleset) -> str:
    """Return the new ends of the terms that a calendar moved; nothing where it moved none."""
    said = found.said.get(line.record_id or 0)
    return gettext("；").join(
        gettext("{step}改为 {end}").format(
            step=STEPS[step],
            end=end_in_words(datetime.fromisoformat(one["to"]), rules.counting(step), language()),
        )
        for one in (said.moved if said is not None else ())
        if (step := Step(one["step"]))
    )


def _given_to(found: Dossier, line: LedgerLine) -> str:
    """Return to whom a case was given; of an earlier holder only if somebody of it has acted, which names it."""
    known = [found.case.unit, *(author.unit for author in found.authors.values())]
    unit = next((unit for unit in known if unit is not None and unit.id == line.unit_id), None)
    return gettext("交给 {unit}").format(unit=unit.name) if unit is not None else ""


def _latest(found: Dossier, field: str) -> str:
    """Return the handler, or the handler's phone, that the unit named last in this holding."""
    return found.latest(field) or ""


def _reports(found: Dossier) -> Iterator[ShownReport]:
    labels = {"reported": gettext("办理结果"), "answered": gettext("直接答复")}
    for line in found.lines:
        said = found.said.get(line.record_id or 0)
        if line.event not in labels or said is None:
            continue
        outcome = str(OUTCOMES[Outcome(said.word)]) if said.word in OUTCOMES else ""
        yield ShownReport(
            label=labels[line.event],
            at=line.at,
            who=_reporter(found, line),
            text=said.texts.get("text", ""),
            outcome=outcome,
            basis=said.texts.get("basis", ""),
            public_text=said.texts.get("public_text", ""),
        )


def _reporter(found: Dossier, line: LedgerLine) -> str:
    """Return who answered; a file names nobody, so its replies are the holder's."""
    unit = found.case.unit.name if found.case.unit else ""
    return unit if unit and line.actor not in found.authors else _who(found, line)


def _messages(found: Dossier) -> Iterator[ShownMessage]:
    for message in found.messages:
        yield ShownMessage(
            at=message.created_at,
            to=str(AUDIENCES[message.audience]),
            text=text_of(message, found),
            status=str(DELIVERIES[message.delivery]),
            failed=message.delivery == Delivery.FAILED,
        )
