"""What is wrong with a rulebook that can be read: what never happens, never ends, or has no source or term.

An error is a mistake under every calendar and in every case. Where it depends on the days, nothing is said.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, product
from typing import TypeAlias

from .duration import Duration, never_shorter
from .rulebook import Rulebook, parse, stray_sources, unsourced
from .rulebook_steps import ByComplexity, ByUrgency, Callback, Started
from .rulebook_tables import Rung
from .state import WINDOWS
from .vocabulary import Action, Flag, Kind, StartEvent, Step, Trigger, VerdictCode
from .words import length_in_words

Keyed: TypeAlias = tuple[str, Duration]  # a term with its dotted key


class Severity(StrEnum):
    """An error keeps the loop from working; a warning is likely not meant; a note is worth knowing."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a rulebook: the dotted key it is about, and a sentence in two languages."""

    severity: Severity
    key: str
    zh: str
    en: str


def check(text: str, name: str) -> list[Finding]:
    """Return all that is found, errors first, in the order of the rulebook's tables. Raises RulebookError."""
    found = [*findings(parse(text, name)), *_sources(text)]
    return sorted(found, key=lambda one: list(Severity).index(one.severity))


def findings(book: Rulebook) -> list[Finding]:
    """Return what is found in the rules themselves; sources are a matter of the text, see `check`."""
    parts = (_intake, _starts, _lengths, _tries, _steps, _verdicts, _ladder, _unreachable, _without_term)
    return [finding for part in parts for finding in part(book)]


def no_source(key: str) -> Finding:
    """Return what is found of a number without a source; shipped rulebooks have none such."""
    return _note(key, "没有写出处", "has no [source]")


# -- findings, part by part -----------------------------------------------------------------------------------------


def _error(key: str, zh: str, en: str) -> Finding:
    return Finding(Severity.ERROR, key, zh, en)


def _warning(key: str, zh: str, en: str) -> Finding:
    return Finding(Severity.WARNING, key, zh, en)


def _note(key: str, zh: str, en: str) -> Finding:
    return Finding(Severity.NOTE, key, zh, en)


def _sources(text: str) -> Iterator[Finding]:
    for key in unsourced(text):
        yield no_source(key)
    for key in stray_sources(text):
        yield _warning(f"source.{key}", "出处写的这一项，规则里没有", "is the source of a key that isn't in the file")


def _intake(book: Rulebook) -> Iterator[Finding]:
    if not any(map(book.opens_case, Kind)):
        yield _error("intake.kinds", "哪一种来电都不立件", "no kind of contact opens a case")
    if book.channels and not any(channel.enabled for channel in book.channels):
        yield _warning("channel", "所有渠道都停用，什么也进不来", "every channel is off: nothing can come in")
    scope = "all" if book.step.daily_review is None else book.step.daily_review.scope
    if scope != "all" and book.channel(scope.removeprefix("channel:")) is None:
        yield _warning(
            "step.daily_review.scope",
            "规则里没有这个渠道，每日会商没有内容",
            "names a channel that the rulebook doesn't have: the review has nothing on its agenda",
        )


def _starts(book: Rulebook) -> Iterator[Finding]:
    for step in Step:
        section = book.section(step)
        if not isinstance(section, Started):
            continue
        key = f"step.{step}.start"
        if section.start is StartEvent.REOPENED and not _reopens(book):
            yield _error(
                key, "没有哪种评价会重办，期限永远不会开始", "nothing reopens a case, so this term never begins"
            )
        if section.start is StartEvent.CLOSED and step is not Step.CALLBACK:
            yield _error(
                key, "销号以后才开始，已经没有事要办", "begins when the case has ended and nothing is left to do"
            )
        elif section.start in _TOO_LATE.get(step, ()):
            yield _error(
                key,
                "开始的时候，这一步已经做完了，期限永远不会开始",
                "comes when this step is done already, so its term never begins",
            )


_ONCE_ASSIGNED = {StartEvent.ASSIGNED, StartEvent.FIRST_ASSIGNED, StartEvent.ACCEPTED, StartEvent.REOPENED}
_ONCE_REPORTED = {StartEvent.REPORTED, StartEvent.VERIFIED}
# The events that come only after a step is done.
_TOO_LATE: Mapping[Step, Set[StartEvent]] = {
    **dict.fromkeys((Step.REGISTER, Step.ASSIGN, Step.NOTIFY_ACCEPTANCE), _ONCE_ASSIGNED | _ONCE_REPORTED),
    Step.RETURN_CALL: set(StartEvent) - {StartEvent.RECEIVED, StartEvent.CLOSED},
    **dict.fromkeys((Step.ACKNOWLEDGE, Step.RETURN, Step.CONTACT, Step.RESOLVE), _ONCE_REPORTED),
}


# What has to be done before what; a term is longer than its parent's only if both begin at the same moment.
_PARENTS = (
    (Step.REGISTER, Step.ASSIGN),
    (Step.ASSIGN, Step.NOTIFY_ACCEPTANCE),
    (Step.ACKNOWLEDGE, Step.CONTACT),
    (Step.ACKNOWLEDGE, Step.RESOLVE),
    (Step.RETURN, Step.CONTACT),
    (Step.RETURN, Step.RESOLVE),
    (Step.CONTACT, Step.RESOLVE),
)
# The first assignment is an assignment, and accepts the case.
_SAME_MOMENT = {
    StartEvent.FIRST_ASSIGNED: StartEvent.ASSIGNED,
    StartEvent.ACCEPTED: StartEvent.ASSIGNED,
    StartEvent.COMPLETED: StartEvent.RECEIVED,
}


def _lengths(book: Rulebook) -> Iterator[Finding]:
    for find, pairs in ((_error, _comparable(book)), (_warning, _odd(book))):
        for (key, term), (above, limit), rolls in pairs:
            if never_shorter(term, limit, other_rolls=rolls, day_end_minute=book.calendar.day_end_minute):
                zh = f"{length_in_words(term, 'zh')}，比 {above}（{length_in_words(limit, 'zh')}）还长"
                en = f"{length_in_words(term, 'en')} is longer than {above} ({length_in_words(limit, 'en')})"
                yield find(key, zh, en)


def _odd(book: Rulebook) -> Iterator[tuple[Keyed, Keyed, bool]]:
    """Yield two terms of which the first is likely not meant to be longer: a consultation, or an extension."""
    found = terms(book, Step.RESOLVE)
    longest = next((term for term in found if term[0] == "step.resolve.due.complex"), found[-1] if found else None)
    consultation = next((term for term in found if term[0] == "step.resolve.due.consultation"), None)
    extension = book.step.extension
    if longest and consultation:
        yield consultation, longest, book.rolls(Step.RESOLVE)
    if longest and extension is not None:
        yield ("step.extension.limit", extension.limit), longest, book.rolls(Step.RESOLVE)


def _tries(book: Rulebook) -> Iterator[Finding]:
    """Find tries to speak with the requester that can't all be made in time, so that nobody may say it in time."""
    contact = book.step.contact
    if contact is None:
        return
    spacing, n = contact.attempt_spacing, contact.attempts
    least = Duration(spacing.n * (n - 1), spacing.unit)  # the first may be made at once
    for step in (Step.CONTACT, Step.RESOLVE):
        for key, limit in terms(book, step):
            if never_shorter(least, limit, other_rolls=book.rolls(step), day_end_minute=book.calendar.day_end_minute):
                zh = f"联系满 {n} 次至少要 {length_in_words(least, 'zh')}，比 {key}"
                en = f"{n} tries take at least {length_in_words(least, 'en')}, longer than {key}"
                yield _warning(
                    "step.contact.attempts",
                    f"{zh}（{length_in_words(limit, 'zh')}）还长",
                    f"{en} ({length_in_words(limit, 'en')})",
                )


def _comparable(book: Rulebook) -> Iterator[tuple[Keyed, Keyed, bool]]:
    """Yield two terms that begin at one moment, the first not to be longer; and whether the other one rolls."""
    for step, parent in _PARENTS:
        if _moment(book, step) is not None and _moment(book, step) is _moment(book, parent):
            for one, other in product(terms(book, step), terms(book, parent)):
                yield one, other, book.rolls(parent)
    for one, other in zip(terms(book, Step.DISPATCH), terms(book, Step.FEEDBACK), strict=True):
        yield one, other, False
    resolve = dict(terms(book, Step.RESOLVE))
    simple, complex_ = "step.resolve.due.simple", "step.resolve.due.complex"
    if simple in resolve:
        yield (simple, resolve[simple]), (complex_, resolve[complex_]), book.rolls(Step.RESOLVE)


def _moment(book: Rulebook, step: Step) -> StartEvent | None:
    section = book.section(step)
    return _SAME_MOMENT.get(section.start, section.start) if isinstance(section, Started) else None


def terms(book: Rulebook, step: Step) -> tuple[Keyed, ...]:
    """Return every term that a step may have, by its dotted key; none where the rulebook lacks the step."""
    if step in (Step.DISPATCH, Step.FEEDBACK):
        return tuple((f"urgency.{urgency}.{step}", getattr(urgent, step)) for urgency, urgent in book.urgency)
    section, key = book.section(step), f"step.{step}.due"
    if isinstance(section, Callback) and section.due is None:
        return () if section.every is None else ((f"step.{step}.every", section.every),)
    match getattr(section, "due", None):
        case Duration() as due:
            return ((key, due),)
        case ByComplexity() | ByUrgency() as by:
            return tuple((f"{key}.{name}", term) for name, term in by if term is not None)
        case _:
            return ()


def _steps(book: Rulebook) -> Iterator[Finding]:
    steps = book.step
    if steps.acknowledge is not None and not terms(book, Step.ACKNOWLEDGE):
        yield _error("step.acknowledge.due", "哪种紧急程度都没有期限", "has a term for no urgency")
    if steps.extension is not None and steps.resolve is None:
        yield _error(
            "step.extension", "没有 [step.resolve]，没有可延的期限", "extends [step.resolve], which isn't there"
        )
    if steps.re_review is not None and steps.review is None:
        yield _error("step.re_review", "没有 [step.review]，不会有复核", "follows [step.review], which isn't there")
    if steps.re_review is not None and steps.review is not None and steps.review.final:
        yield _error("step.re_review", "复查已是终局，不会有复核", "can't follow a review that is final")
    if steps.callback is not None and book.verdicts is None:
        yield _error(
            "step.callback",
            "要回访，但没有 [verdicts]，什么评价都不能记，销不了号",
            "asks for a verdict, but without [verdicts] none can be recorded: no case can close",
        )
    if book.max_levels == 1:
        yield _note(
            "step.assign.max_levels",
            "承办单位不经批准不能再往下交",
            "a unit can't hand a case on without approval",
        )
    attempts = None if steps.callback is None else steps.callback.attempts
    closes_after = None if book.verdicts is None else book.verdicts.unreachable_closes_after
    if attempts is not None and closes_after not in (None, attempts):
        yield _warning(
            "verdicts.unreachable_closes_after",
            "和 step.callback.attempts 不一样，只按后者",
            "differs from step.callback.attempts, which alone is read",
        )


def _verdicts(book: Rulebook) -> Iterator[Finding]:
    verdicts = book.verdicts
    if verdicts is None:
        return
    if not any(map(book.closes, book.allowed)):
        yield _error("verdicts.allowed", "哪种评价都不能销号", "no verdict that is allowed closes a case")
    elif not book.close_on:
        yield _error(
            "verdicts.close_on", "没有一种是允许的评价，诉求人怎么说都销不了号", "names no verdict that is allowed"
        )
    for key in ("close_on", "reopen_on"):
        stray = [verdict for verdict in getattr(verdicts, key) if verdict not in book.allowed]
        if stray and key in verdicts.model_fields_set:
            words = ", ".join(stray)
            yield _warning(f"verdicts.{key}", f"有不允许的评价：{words}", f"names what isn't allowed: {words}")
    idle = [verdict for verdict in verdicts.allowed if not book.closes(verdict) and verdict not in book.reopen_on]
    if idle:
        words = ", ".join(idle)
        yield _warning(
            "verdicts.allowed", f"既不销号也不重办：{words}", f"neither closes nor reopens a case: {words}"
        )
    if VerdictCode.UNREACHABLE not in book.allowed:
        yield _warning(
            "verdicts.allowed",
            "没有 unreachable：联系不上的诉求人，件就一直销不了号",
            "has no unreachable: a case stays open where nobody can be reached",
        )
    if not _asks(book):
        yield _warning(
            "verdicts", "没有 [step.callback]，不会有人去问", "there is no [step.callback], so nobody asks for one"
        )


# -- ladder ---------------------------------------------------------------------------------------------------------


def _ladder(book: Rulebook) -> Iterator[Finding]:
    for place, rung in enumerate(book.ladder, start=1):
        if (why := _never_fires(book, rung)) is not None:
            yield _error(f"ladder[{place}]", f"永远不会触发：{why[0]}", f"can never fire: {why[1]}")
    for (first, one), (second, other) in combinations(enumerate(book.ladder, start=1), 2):
        if one == other:
            yield _error(f"ladder[{second}]", f"和 ladder[{first}] 一模一样", f"is the same as ladder[{first}]")
    if any(rung.on is Trigger.NOT_RECTIFIED for rung in book.ladder) and not any(map(_interviews, book.ladder)):
        yield _warning(
            "ladder",
            "有 not_rectified，但哪一级也不约谈：整改期限只从约谈来",
            "has not_rectified, but no rung leads to an interview, which alone sets a date to rectify by",
        )


def _interviews(rung: Rung) -> bool:
    return rung.action is Action.INTERVIEW or rung.flag is Flag.INTERVIEW_PROPOSED


def _never_fires(book: Rulebook, rung: Rung) -> tuple[str, str] | None:
    """Return why a rung can't fire, in two languages; None if it can."""
    if rung.on is Trigger.UNSATISFIED:
        return _never_unsatisfied(book, rung.times)
    if not rung.on.endswith("_overdue"):
        return None
    step = Step(rung.on.removesuffix("_overdue"))
    if step in WINDOWS:
        return "这是可以退单的时间，不是谁的期限，没有人会超期", "a window in which one may ask makes nobody late"
    if terms(book, step):
        return None
    return f"没有 [step.{step}]", f"there is no [step.{step}]"


def _never_unsatisfied(book: Rulebook, times: int) -> tuple[str, str] | None:
    if VerdictCode.UNSATISFIED not in book.allowed:
        return "不满意不在 verdicts.allowed 里", "verdicts.allowed has no unsatisfied"
    if not _asks(book):
        return "没有 [step.callback]，不会有评价", "without [step.callback] there is no verdict"
    if VerdictCode.UNSATISFIED in book.reopen_on and times > book.max_reopen + 1:
        most = book.max_reopen + 1
        return f"max_reopen 只让人说 {most} 次不满意", f"max_reopen lets nobody be unsatisfied more than {most} times"
    return None


# -- stages ------------------------------------------------------------------------------------------


def _unreachable(book: Rulebook) -> Iterator[Finding]:
    answers = any(book.opens_case(kind) and book.may_answer_on_spot(kind) for kind in Kind)
    for key, is_reached, zh, en in (
        (
            "intake.required",
            bool(book.required_fields),
            "没有必填内容，不会待补正",
            "no field is required: pending_info",
        ),
        ("intake.kinds", answers, "哪一种件都不能直接答复", "no kind may be answered on the spot: answered"),
        ("step.return", book.step.return_ is not None, "不能退单", "a unit can't return a case: return_requested"),
        ("verdicts.reopen_on", _reopens(book), "不会重办", "nothing reopens a case: a second cycle"),
    ):
        if not is_reached:
            yield _note(key, zh, f"{en} is never reached")


def _without_term(book: Rulebook) -> Iterator[Finding]:
    """Name each stage in which only the office's own term runs (STORIES "No gap")."""
    office = book.step.office.due
    for key, zh, en in _gaps(book):
        yield _note(
            key,
            f"{zh}没有自己的期限，按办公室的 {length_in_words(office, 'zh')}",
            f"{en} has no term of its own: the office's runs ({length_in_words(office, 'en')})",
        )


def _gaps(book: Rulebook) -> Iterator[tuple[str, str, str]]:
    steps = book.step
    if steps.register_ is None and not book.opens_case(Kind.UNSORTED):
        yield "step.register", "没有分拣的来电", "a contact that isn't sorted yet"
    if steps.return_call is None and not book.opens_case(Kind.MISSED):
        yield "step.return_call", "漏接的来电", "a missed call"
    if book.required_fields and book.intake.pending_info_limit is None:
        yield "intake.pending_info_limit", "待补正的件", "a case that waits for missing fields"
    at_receipt = {*book.starting_at(StartEvent.RECEIVED), *book.starting_at(StartEvent.COMPLETED)}
    if not at_receipt - {Step.RETURN_CALL}:  # which is a missed contact's alone
        yield "step.assign", "等交办的件", "a case that waits to be assigned"
    if steps.return_ is not None:
        yield "step.return", "申请了退单、等核定的件", "a return that waits to be decided"
    if steps.resolve is None:
        yield "step.resolve", "承办单位手里的件", "a case in a unit's hands"
    callback = steps.callback
    if callback is None or callback.start is not StartEvent.REPORTED:
        yield "step.callback", "反馈后等审核的件", "a report that waits to be verified"
    if book.has_follow_up_visits:
        yield "step.callback", "审核后等评价的件", "a verified case that waits for a verdict"
    if _reopens(book):
        yield "verdicts.max_reopen", "重办到头仍不满意的件", "a case that may not be reopened once more"


def _reopens(book: Rulebook) -> bool:
    return bool(book.reopen_on) and book.max_reopen > 0 and _asks(book)


def _asks(book: Rulebook) -> bool:
    """Return whether a verdict can be recorded: without callback and review a case closes as it is verified."""
    return book.verdicts is not None and (book.step.callback is not None or book.step.review is not None)
