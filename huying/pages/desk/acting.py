"""What can be done about a case or a waiting contact: forms made of the command table, and what becomes of them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.contrib import messages
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext

from huying.cases.approvals import submit
from huying.cases.meanwhile import is_done
from huying.cases.models import Approval
from huying.cases.said import Said
from huying.ledger.models import LedgerLine
from huying.pages import dates, kept
from huying.pages.access import Signed
from huying.pages.labels import FAULTS, NEXT, STAGES
from huying.pages.shown import ShownAction, ShownActions, ShownGroup, ShownNotYet
from huying.people.models import Post, Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import OWN_POSTS, POSTS, UNITS, VERBS, field_names
from huying.rules.lifecycle import TABLE, Refused, may_do
from huying.rules.offers import Offer, natural_next, offers
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState, OpenFault
from huying.rules.vocabulary import Kind, RefusalCode, Stage

from .action_form import Around, action_form, not_yet, typed
from .forms import TOLD, Sheet, in_words, label, number, post_choices, to_choose, too_long
from .labels import COMMANDS, DONE, GROUPS

_AFTER_A_CALL = frozenset({"return_call", "record_contact", "contact_attempt", "callback_attempt", "record_verdict"})
# What stands unfolded beside the next step: what the loop takes next, and what somebody has asked for. The rest is
# folded away, each under its heading.
_USUAL = (
    *("open_case", "not_a_case", "return_call", "complete_info", "answer", "assign", "acknowledge", "record_contact"),
    *("contact_attempt", "report", "verify", "reject_report", "record_verdict", "callback_attempt", "resume"),
    *("approve_return", "refuse_return", "approve_extension", "refuse_extension", "decide_claim", "decide_review"),
    *("co_report", "answer_instruction", "statement", "confirm_fault", "cancel_fault", "rectified"),
    *("close_unsatisfied", "unmerge", "instruct", "request_return", "request_extension"),
    *("fault", "schedule_interview", "interview"),
)
# Of which it is said why they can't be done yet; of the others that would only drown it.
_AWAITED = (
    *("assign", "acknowledge", "record_contact", "report", "verify", "callback_attempt", "record_verdict", "answer"),
    *("request_return", "request_extension"),
)


@dataclass(frozen=True)
class Subject:
    """What is acted on, as it was read: `seen` is the last line of its chain."""

    id: int
    state: CaseState
    seen: int
    lines: Sequence[LedgerLine]
    said: Mapping[int, Said]
    rules: Ruleset
    units: Sequence[Unit] = ()  # those that there are, and those that its history names
    initial: Mapping[str, Mapping[str, object]] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """A form that was sent, or kept over the end of a session, and isn't done: what it said and why not.

    `waits`: it was laid before a second person.
    """

    verb: str
    said: Mapping[str, str]
    seen: int = 0
    refused: Refused | None = None
    waits: bool = False

    @classmethod
    def of(cls, said: Mapping[str, str]) -> "Attempt":
        """Return what a form says. Raises Http404 if it isn't one of this page."""
        verb = said.get("verb", "")
        if verb not in VERBS:
            raise Http404
        return cls(verb, said, number(said.get("seen", "")))


def attempt(request: Signed, subject_id: int, actor: Actor, at: datetime) -> Attempt:
    """Do what a form says; `refused` of what is returned is None if it was done."""
    tried = Attempt.of(request.POST.dict())
    command, misread = typed(tried.verb, tried.said, actor)
    wrong = misread or next(_too_long(tried), None)
    result = submit(subject_id, command, at, actor, seen=tried.seen, misread=wrong)
    if isinstance(result, Refused):
        return replace(tried, refused=result)
    return replace(tried, waits=isinstance(result, Approval))


def _too_long(tried: Attempt) -> Iterator[Refused]:
    told = (name for name in tried.said if name.startswith(TOLD))
    return too_long(tried.said, [*field_names(VERBS[tried.verb]), *told])


def kept_attempt(request: Signed) -> Attempt | None:
    """Return the form that was sent when the session had ended, if the page is looked at and there is one."""
    typed = None if request.method == "POST" else kept.kept(request, request.user.pk)
    return None if typed is None else Attempt.of(typed)


def finished(request: Signed, tried: Attempt, on: Callable[[], Subject], actor: Actor) -> bool:
    """Return whether a form that was sent is done, now or a moment before, and if so say it."""
    if tried.refused is not None and not _was_done(tried, on(), actor):
        return False
    waits = gettext("已经送给同事批准，批准以后才生效。")
    messages.success(request, waits if tried.waits else str(DONE[tried.verb]))
    kept.forget(request)
    return True


def _was_done(tried: Attempt, on: Subject, actor: Actor) -> bool:
    """Return whether a form was refused only because it had been sent, and done, a moment before."""
    if tried.refused is None or tried.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        return False
    command, _ = typed(tried.verb, tried.said, actor)
    return is_done(on.lines, on.said, tried.seen, command, actor, on.state)


def actions(request: Signed, on: Subject, actor: Actor, at: datetime, tried: Attempt | None) -> ShownActions:
    """Return what this actor may do now, each with its form; the form that was tried is filled and says why not."""
    offered = offers(on.state, actor, at, on.rules)
    possible = {one.verb: one for one in offered if one.refused is None}
    around = _around(request, on, actor, possible.values())
    no_units = "assign" in possible and not around.units_for("assign")
    if no_units:
        possible.pop("assign")
    shown = {
        verb: _shown(offer, around, tried if tried and tried.verb == verb else None, actor, at)
        for verb, offer in possible.items()
    }
    lost = tried if tried and tried.verb not in possible else None
    first = _next(possible, on.state)
    main = None if first is None else shown.pop(first.verb)
    usual = [shown[verb] for verb in _USUAL if verb in shown]
    return ShownActions(
        seen=on.seen,
        by=kept.mark(request.user.pk),
        main=main,
        others=usual,
        groups=list(_groups(shown)),
        not_yet=list(_not_yet(offered, on.state, actor)) if on.state.ended_at is None else [],
        no_units=no_units,
        refused=in_words(lost.refused, lost.verb) if lost and lost.refused else "",
        typed=typed_of(lost) if lost else [],
    )


def failed(shown: ShownActions) -> Sheet | None:
    """Return the form that has something to change."""
    folded = [one for group in shown.groups for one in group.actions]
    forms = [one.form for one in (shown.main, *shown.others, *folded) if one is not None]
    return next((form for form in forms if isinstance(form, Sheet) and form.errors), None)


def _next(possible: Mapping[str, Offer], state: CaseState) -> Offer | None:
    """Return the next step of the loop; of a call that was missed, calling back."""
    if state.kind is Kind.MISSED and "return_call" in possible:
        return possible["return_call"]
    return natural_next(possible.values(), state.stage)


def _around(request: Signed, on: Subject, actor: Actor, possible: Iterable[Offer]) -> Around:
    """Return what the fields of the possible forms can name (one statement where somebody has several posts)."""
    names = {name for offer in possible for name in field_names(offer.command)}
    posts = Post.objects.filter(id__in=actor.posts) if names & OWN_POSTS and len(actor.posts) > 1 else None
    book = on.rules.rulebook.intake
    asked = (*book.required, *book.optional, "post_called")
    return Around(
        units=to_choose(on.units),
        below=to_choose(on.units, request.user.unit) if actor.role is Role.UNIT else None,
        posts=[] if posts is None else list(posts.order_by("id").values_list("id", "name")),
        all_posts=post_choices() if "respondent_post" in names else (),
        faults=[(fault.number, _fault(fault, on)) for fault in reversed(on.state.faults) if _may_speak(actor, fault)],
        missing=on.state.missing,
        correctable=list(dict.fromkeys(["contact_phone", "name", "address", *asked])),
        initial=on.initial,
    )


def _may_speak(actor: Actor, fault: OpenFault) -> bool:
    return actor.role is not Role.UNIT or fault.unit == actor.unit


def _fault(fault: OpenFault, on: Subject) -> str:
    unit = next((unit.name for unit in on.units if unit.id == fault.unit), "")
    stated = gettext("已经陈述") if fault.stated else gettext("还没有陈述")
    return gettext("{fault}，{unit}，{stated}").format(fault=FAULTS[fault.code], unit=unit, stated=stated)


def _groups(shown: Mapping[str, ShownAction]) -> Iterator[ShownGroup]:
    """Yield what is rare, by its headings."""
    for heading, verbs in GROUPS:
        found = [shown[verb] for verb in verbs.split() if verb in shown and verb not in _USUAL]
        if found:
            yield ShownGroup(str(heading), found, open=any(one.open for one in found))


def _shown(offer: Offer, around: Around, tried: Attempt | None, actor: Actor, at: datetime) -> ShownAction:
    form = action_form(offer, around, tried.said if tried else None)
    if tried and tried.refused and tried.refused.code is not RefusalCode.CHANGED_MEANWHILE:
        command, misread = typed(offer.verb, tried.said, actor)
        unreadable = {misread.field} if misread else set()
        missing = [
            why
            for name, why in offer.required.items()
            if getattr(command, name, None) is None and name not in unreadable and name in form.fields
        ]
        form.refuse([*missing, *_too_long(tried), tried.refused])
    hints = [*not_yet(offer), *_dues(offer, at)]
    is_open, calls = tried is not None, offer.verb in _AFTER_A_CALL
    return ShownAction(offer.verb, str(COMMANDS[offer.verb]), form, hints, open=is_open, calls=calls)


def _dues(offer: Offer, at: datetime) -> Iterator[str]:
    """Yield by when what is due if the case is given to somebody now, before anybody presses the button."""
    if offer.verb != "assign" or offer.after is None:
        return
    zone = timezone.get_current_timezone()
    today = at.astimezone(zone).date()
    running = (clock for clock in offer.after.clocks if clock.is_running and clock.step not in offer.after.idle)
    for clock in sorted(running, key=lambda clock: clock.due_at):
        until = dates.due_instant(clock.due_at, today, zone)
        yield gettext("现在交办：{step}最迟 {until}").format(step=NEXT[clock.step], until=until)


def _not_yet(offered: list[Offer], state: CaseState, actor: Actor) -> Iterator[ShownNotYet]:
    """Yield what this actor can't do yet, with the reason; a step that the case has left behind isn't said."""
    order = list(Stage)
    for offer in offered:
        if offer.refused is None or offer.verb not in _AWAITED:
            continue
        why = in_words(offer.refused, offer.verb)
        if offer.refused.code is RefusalCode.NOT_IN_RULEBOOK:
            continue
        if offer.refused.code is RefusalCode.WRONG_STATE:
            stages = {stage for row in TABLE[offer.command] if may_do(actor, row, state) for stage in row.stages}
            ahead = [stage for stage in order[order.index(state.stage) + 1 :] if stage in stages]
            if not ahead or state.stage is Stage.WAITING:
                continue
            why = gettext("要等到“{stage}”").format(stage=STAGES[ahead[0]])
        yield ShownNotYet(str(COMMANDS[offer.verb]), why)


def typed_of(tried: Attempt) -> list[tuple[str, str]]:
    """Return what was written into a form that can't be shown any more, so that it can be copied."""
    names = [name for name in field_names(VERBS[tried.verb]) if name not in UNITS | POSTS]
    told = [name for name in tried.said if name.startswith(TOLD)]
    said = ((name, tried.said.get(name, "").strip()) for name in [*names, *told])
    return [(label(tried.verb, name), text) for name, text in said if text]
