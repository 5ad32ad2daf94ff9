"""A case in the words of its requester: where it stands, what comes next, and the real date of each step."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext, override

from huying.cases import rulebooks
from huying.cases.citizen_view import CitizenView, Happened, OwnWord, Reply
from huying.cases.language import language
from huying.cases.models import Case, Clock, RulebookVersion
from huying.pages import due
from huying.pages.labels import ENDS, METHODS, OUTCOMES, REVIEW_OUTCOMES, SUSPEND_REASONS, VERDICTS
from huying.pages.shown import DueState, ShownDue
from huying.rules.masking import mask_id_number
from huying.rules.prospect import Ahead, ahead
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.terms import Due
from huying.rules.vocabulary import (
    ClosedAs,
    Complexity,
    Kind,
    Method,
    Outcome,
    ReviewOutcome,
    Stage,
    Step,
    SuspendReason,
    Urgency,
    VerdictCode,
)
from huying.rules.words import in_words, length_in_words

from . import when
from .days import shown_days
from .labels import AFTER, BECAUSE, COUNTED_FROM, DETAILS, EVENTS, FIELDS, OF_A_RE_REVIEW, OWN, STAGES, STEPS
from .shown import ShownOwnWord, ShownPledge, ShownProgress, ShownReply, ShownStep

# Which terms an event ends: the first is the event's own, what else it ends is told as a step beside it.
_ENDED = {
    "completed": (Step.PENDING_INFO,),
    "assigned": (Step.ASSIGN, Step.NOTIFY_ACCEPTANCE),
    "acknowledged": (Step.ACKNOWLEDGE,),
    "contacted": (Step.CONTACT, Step.FEEDBACK),
    "reported": (Step.RESOLVE,),
    "report_rejected": (Step.OFFICE,),
    "verified": (Step.OFFICE,),
    "claim_accepted": (Step.OFFICE,),
    "claim_refused": (Step.OFFICE,),
    "verdict_recorded": (Step.CALLBACK,),
    "review_requested": (Step.REVIEW, Step.RE_REVIEW),
    "review_decided": (Step.REVIEW, Step.RE_REVIEW),
    "answered": (Step.ASSIGN,),
}
_UNTOLD = {Step.REGISTER}  # registering ends when somebody has the case: to a citizen both are one step
# Somebody of the unit may have had the code read out: what is said about the unit isn't read out to it here.
READ_BY_SUPERVISION = {"handling_complained"}
# Who has it is the office: it assigns, reviews what a unit reports, and decides whose matter it is.
_DECIDES = {Stage.REPORTED, Stage.RETURN_REQUESTED}
_NOT_YET_CONTACTED = {Stage.ASSIGNED, Stage.ACKNOWLEDGED}
_REVIEWS = {Step.REVIEW, Step.RE_REVIEW}
_WITH_THE_OFFICE = {*_DECIDES, Stage.RECEIVED}
_WAITS_FOR_CITIZEN = {Stage.PENDING_INFO}


def shown(view: CitizenView, now: datetime) -> ShownProgress:
    case, rules = view.case, rulebooks.rules_of(view.case)
    if case.confidential:
        return ShownProgress(case.number, "", _open_or_ended(case), _state(case, None), confidential=True)
    running, office = _running(view), _is_with_the_office(view)
    now_due = [*_owed(view), *running] if office else running
    first = now_due[0] if now_due and case.closed_at is None else None
    tag = _tag(first, now, rules) if first else None
    ends = first is not None and first.step != Step.SUSPENSION
    return ShownProgress(
        number=case.number,
        title=view.title,
        stage=_stage(view, first),
        state=_state(case, tag),
        outcome=_outcome(view, now, rules),
        waiting=_waiting(view, first),
        until=when.due(first.due_at, now, rules, provisional=first.provisional) if first and ends else None,
        due=tag,
        unit="" if office else view.unit,
        handler="" if office else view.handler,
        handler_phone="" if office else view.handler_phone,
        with_office=office,
        missing=[field_label(name) for name in view.missing],
        steps=[*_done(view, now, rules), *_open(view, now_due, now, rules), *_ahead(view, running, now, rules)],
        replies=[_reply(reply, case.cycle, now, rules) for reply in view.replies],
    )


def own_words(view: CitizenView, now: datetime) -> list[ShownOwnWord]:
    """Return what the requester said and sent."""
    rules = rulebooks.rules_of(view.case)
    return [_own_word(one, now, rules) for one in view.own if one.event not in READ_BY_SUPERVISION]


def field_label(name: str) -> str:
    """Return the words for a field of the rulebook; one that we have no words for is named as it is."""
    return str(FIELDS.get(name, name))


def promised(now: datetime) -> list[ShownPledge]:
    """Return what the rulebook in force promises about a simple matter, step by step; nothing while none is."""
    version = in_force(now)
    return [] if version is None else pledges(rulebooks.ruleset(version))


def in_force(now: datetime) -> RulebookVersion | None:
    try:
        return rulebooks.in_force(now)
    except rulebooks.NoRulebook:
        return None


def pledges(rules: Ruleset) -> list[ShownPledge]:
    """Return the way of a simple matter; it is registered first, also where the rulebook has no term for that."""
    terms = {one.step: _within(one) for one in ahead(rules, simple(), ())}
    told = {Step.REGISTER: "", **terms}
    return [ShownPledge(str(STEPS[step]), term, str(DETAILS.get(step, ""))) for step, term in told.items()]


def simple(kind: Kind = Kind.PROBLEM, complexity: Complexity = Complexity.SIMPLE) -> CaseState:
    anytime = datetime.min  # noqa: DTZ901  # a term's length doesn't depend on it
    return CaseState(Stage.RECEIVED, kind, complexity, Urgency.NORMAL, anytime)


def _within(one: Ahead) -> str:
    length = length_in_words(one.term, language())
    return gettext("{after} {length}内").format(after=AFTER[one.start], length=length)


def _open_or_ended(case: Case) -> str:
    return gettext("正在办理") if case.closed_at is None else gettext("已经结束")


def _state(case: Case, tag: ShownDue | None) -> DueState:
    if case.closed_at is not None:
        return "done"
    return "late" if tag is not None and tag.state == "late" else "ok"


def _reviewed(view: CitizenView, step: Step) -> str:
    """Return what a review waits for: the requester may ask for it until a day, then the office has to answer."""
    asked, again = _is_under_review(view), step is Step.RE_REVIEW
    if asked:
        return gettext("公开电话办公室答复您的复核申请") if again else gettext("公开电话办公室答复您的复查申请")
    return (
        gettext("您要不要申请复核，过了期限就不能提了") if again else gettext("您要不要申请复查，过了期限就不能提了")
    )


def _is_under_review(view: CitizenView) -> bool:
    return view.case.closed_at is None and bool(view.case.memory.get("review"))


def _is_with_the_office(view: CitizenView) -> bool:
    return view.stage in _WITH_THE_OFFICE or _is_undecided(view) or _is_under_review(view)


def _is_undecided(view: CitizenView) -> bool:
    """Return whether the requester was not satisfied once more, and the office has to decide what comes next."""
    return view.stage is Stage.VERIFIED and view.case.verdict == VerdictCode.UNSATISFIED


def _outcome(view: CitizenView, now: datetime, rules: Ruleset) -> str:
    """Return where to go instead, and why, of what isn't handled here: the last thing that happened says it."""
    if view.stage not in (Stage.DECLINED, Stage.REFERRED) or not view.happened:
        return ""
    return _detail(view, view.happened[-1], now, rules)


def _running(view: CitizenView) -> list[Clock]:
    """Return the terms that run, the first due in front; that of registering only where there is no other.

    Of a suspended case its suspension comes first; what stands still meanwhile goes on behind it.
    """
    running = [clock for clock in view.clocks if clock.done_at is None and clock.cycle == view.case.cycle]
    told = [clock for clock in running if clock.step not in _UNTOLD]
    return sorted(told or running, key=lambda clock: (clock.step != Step.SUSPENSION, clock.due_at))


def _tag(clock: Clock, now: datetime, rules: Ruleset) -> ShownDue:
    """Return how a running term stands; a suspension is no term that somebody keeps."""
    if clock.step == Step.SUSPENSION:
        return ShownDue("wait", suspended_until(clock.due_at, now, rules), clock.due_at)
    if due.stands_still(clock):
        return ShownDue("wait", gettext("暂停计时，恢复后接着算"))
    return due.running(clock.due_at, Step(clock.step), now, rules)


def suspended_until(until: datetime, now: datetime, rules: Ruleset) -> str:
    return gettext("暂停到 {end}").format(end=when.end(until, now, rules))


def _waiting(view: CitizenView, first: Clock | None) -> str:
    if view.case.closed_at is not None:
        return ""
    match view.stage:
        case Stage.PENDING_INFO:
            return gettext("您补齐材料")
        case Stage.REPORTED:
            return gettext("公开电话办公室审核单位的答复")
        case Stage.RETURN_REQUESTED:
            return gettext("公开电话办公室核定归谁办")
        case Stage.VERIFIED if _is_undecided(view):
            return gettext("公开电话办公室决定下一步")
    if first is None:
        return gettext("公开电话办公室处理")
    if first.step in _REVIEWS:
        return _reviewed(view, Step(first.step))
    return str(STEPS[Step.ASSIGN if first.step in _UNTOLD else Step(first.step)])


# -- the steps -----------------------------------------------------------------------------------------------------


def _done(view: CitizenView, now: datetime, rules: Ruleset) -> Iterator[ShownStep]:
    reviewed = False
    for happened in view.happened:
        event = happened.event
        what = OF_A_RE_REVIEW.get(event, EVENTS[event]) if reviewed else EVENTS[event]
        reviewed = event != "reopened" and (reviewed or event == "review_decided")
        at, ended = when.moment(happened.at, now, rules), _ended_by(view, happened)
        step = ShownStep(str(what), "done", at, detail=_detail(view, happened, now, rules))
        yield _with_term(step, ended[0], now, rules) if ended else step
        for clock in ended[1:]:
            yield _with_term(ShownStep(str(STEPS[Step(clock.step)]), "done", at), clock, now, rules)


def _with_term(step: ShownStep, clock: Clock, now: datetime, rules: Ruleset) -> ShownStep:
    """Return a done step with the term that it ended: by when, why that day, and whether in time."""
    tag = due.of_clock(clock, now, rules)
    return replace(
        step,
        by=when.due(clock.due_at, now, rules),
        tag=tag if tag.state == "late" else None,
        in_time=tag.state == "done",
        why=in_words(clock.why, language()),
    )


def _ended_by(view: CitizenView, happened: Happened) -> list[Clock]:
    """Return the terms that this step ended; a second contact or report ends none."""
    ended = [clock for clock in (*view.clocks, *view.of_the_office) if clock.done_at == happened.at]
    steps = _ENDED.get(happened.event, ())
    return [clock for step in steps for clock in ended if (clock.step, clock.cycle) == (step, happened.cycle)]


def _owed(view: CitizenView) -> list[Clock]:
    """Return by when the office itself has to decide, the first in front."""
    return sorted((clock for clock in view.of_the_office if clock.done_at is None), key=lambda clock: clock.due_at)


def _detail(view: CitizenView, happened: Happened, now: datetime, rules: Ruleset) -> str:
    case, word = view.case, happened.word
    match happened.event:
        case "assigned":
            return gettext("交给 {unit}").format(unit=happened.unit) if happened.unit else ""
        case "contacted":
            return str(METHODS[Method(word)]) if word in METHODS else ""
        case "verdict_recorded":
            return str(VERDICTS[VerdictCode(word)]) if word in VERDICTS else ""
        case "reopened":
            return gettext("第 {n} 次办理").format(n=happened.cycle)
        case "closed" if case.closed_as:
            return str(ENDS[ClosedAs(case.closed_as)])
        case "discipline_informed":
            return gettext("您也可以直接拨打 12388 反映，或者依法申请行政复议、提起诉讼。")
        case "suspended":
            return gettext("；").join(filter(None, (_suspended_for(word), _until(happened.until, now, rules))))
        case "extension_approved" if clock := _extended(view):
            return gettext("新的期限：{day}").format(day=when.due(clock.due_at, now, rules).text)
        case "claim_accepted":
            objection = gettext("您不同意的，可以打电话给公开电话办公室提出异议。")
            return gettext("。").join([*happened.texts, objection])
        case "review_decided":
            outcome = str(REVIEW_OUTCOMES[ReviewOutcome(word)]) if word in REVIEW_OUTCOMES else ""
            return gettext("：").join(filter(None, (outcome, *happened.texts)))
    return gettext("；").join(happened.texts)


def _until(until: datetime | None, now: datetime, rules: Ruleset) -> str:
    if until is None:
        return ""
    return gettext("{until}，之后接着办").format(until=suspended_until(until, now, rules))


def _suspended_for(word: str) -> str:
    return str(SUSPEND_REASONS[SuspendReason(word)]) if word in SUSPEND_REASONS else ""


def _extended(view: CitizenView) -> Clock | None:
    return next((clock for clock in reversed(view.clocks) if clock.extensions), None)


def _open(view: CitizenView, running: Sequence[Clock], now: datetime, rules: Ruleset) -> Iterator[ShownStep]:
    """Yield the terms that run: the first is the open step, with why its date is that day; the others come after."""
    if view.case.closed_at is not None:
        return
    decides = view.stage in _DECIDES or _is_undecided(view)
    if decides and not _owed(view):
        yield ShownStep(_waiting(view, None), "now")
    for n, clock in enumerate(running, int(decides and not _owed(view))):
        step = Step.ASSIGN if clock.step in _UNTOLD else Step(clock.step)
        tag = _tag(clock, now, rules)
        late, runs = tag.state == "late", tag.state != "wait"
        yield ShownStep(
            what=_waiting(view, clock) if not n and (decides or step in _REVIEWS) else str(STEPS[step]),
            state="late" if late else "next" if n else "now",
            by=when.due(clock.due_at, now, rules, provisional=clock.provisional) if runs else None,
            tag=tag if late or not n or not runs else None,
            detail=str(DETAILS.get(step, "")),
            why=in_words(clock.why, language()) if runs else "",
            days=shown_days(clock.why) if runs else (),
        )


def _ahead(view: CitizenView, running: Sequence[Clock], now: datetime, rules: Ruleset) -> Iterator[ShownStep]:
    """Yield the steps whose term begins later, with their date at the latest where the rules already tell it."""
    case = view.case
    if case.closed_at is not None or case.stage in _WAITS_FOR_CITIZEN:
        return
    begun = {Step(clock.step) for clock in view.clocks if clock.cycle == case.cycle} | _UNTOLD
    if case.cycle > 1:
        begun |= {Step.ASSIGN}
    assigned_by = next((clock.due_at for clock in running if clock.step == Step.ASSIGN and now < clock.due_at), None)
    kind = Kind(case.kind)
    for one in ahead(rules, simple(kind), begun, assigned_by):
        yield ShownStep(
            what=str(STEPS[one.step]),
            state="next",
            by=when.due(one.latest.at, now, rules, provisional=one.latest.provisional) if one.latest else None,
            tag=ShownDue("wait", str(COUNTED_FROM[one.start])),
            detail=_promise(one, kind, assigned_by, now, rules),
            why=_if_assigned_last(one.latest) if one.latest else "",
            days=shown_days(one.latest.why) if one.latest else (),
        )


def _if_assigned_last(latest: Due) -> str:
    return gettext("假如到最后一天才交办，{why}").format(why=in_words(latest.why, language()))


def _promise(one: Ahead, kind: Kind, assigned_by: datetime | None, now: datetime, rules: Ruleset) -> str:
    """Return term and meaning of a step to come; of answering also the complex case, which the assignment decides."""
    said = [_within(one)]
    if one.step is Step.RESOLVE:
        known = set(Step) - {Step.RESOLVE}
        [hard] = ahead(rules, simple(kind, Complexity.COMPLEX), known, assigned_by)
        if hard.term != one.term:
            length = length_in_words(hard.term, language())
            said.append(gettext("复杂的 {length}内，交办时定").format(length=length))
            if hard.latest:
                last = when.due(hard.latest.at, now, rules).text
                said[-1] = gettext("复杂的最迟 {day}，交办时定").format(day=last)
    return gettext("。").join([gettext("；").join(said), str(DETAILS.get(one.step, ""))])


def _stage(view: CitizenView, first: Clock | None) -> str:
    """Return where it stands; while it is handled again, that too."""
    if _is_under_review(view):
        return gettext("您不服答复，公开电话办公室正在重新看")
    if first is not None and first.step in _REVIEWS:
        return gettext("已经答复，等您决定")
    # What the office sent back, or a claim that it refused, leaves a case where it was before it was acknowledged.
    spoken = any(one.event == "contacted" and one.cycle == view.case.cycle for one in view.happened)
    stage = Stage.CONTACTED if spoken and view.handler and view.stage in _NOT_YET_CONTACTED else view.stage
    said = gettext("您不满意，下一步还没有定") if _is_undecided(view) else str(STAGES[stage])
    if view.case.cycle == 1 or view.case.closed_at is not None:
        return said
    return gettext("第 {n} 次办理，{stage}").format(n=view.case.cycle, stage=said)


def _own_word(own: OwnWord, now: datetime, rules: Ruleset) -> ShownOwnWord:
    what = OWN.get(own.event, EVENTS.get(own.event, ""))
    # A code may be known to others than its owner; who needs the number whole has it.
    texts = tuple((name, mask_id_number(text) if name.endswith("id_number") else text) for name, text in own.texts)
    said = tuple(said_in_words(replace(own, texts=texts)))
    return ShownOwnWord(str(what), when.moment(own.at, now, rules), said, own.file)


def _with_reason(text: str) -> str:
    """Return the words of a verdict, the reason before them, chosen and kept in Chinese, as the reader chooses it."""
    chosen, _, words = text.partition("。")
    with override("zh-hans"):
        reason = next((one for one in BECAUSE.values() if chosen == str(one)), None)
    return text if reason is None else gettext("。").join(filter(None, (str(reason), words)))


def said_in_words(own: OwnWord) -> Iterator[str]:
    """Yield what was said, of a further field with its name."""
    for name, text in own.texts:
        field = FIELDS.get(name.removeprefix("fields.")) if own.file is None else None
        if field is not None:
            yield str(field) if text == "yes" else gettext("{field}：{text}").format(field=field, text=text)
        elif text:
            yield _with_reason(text) if own.event == "verdict_recorded" else text


def _reply(reply: Reply, cycles: int, now: datetime, rules: Ruleset) -> ShownReply:
    return ShownReply(
        at=when.moment(reply.at, now, rules),
        text=reply.text,
        outcome=str(OUTCOMES[Outcome(reply.outcome)]) if reply.outcome in OUTCOMES else "",
        round=gettext("第 {n} 次办理").format(n=reply.cycle) if cycles > 1 else "",
    )
