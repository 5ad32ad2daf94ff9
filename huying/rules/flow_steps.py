"""What the flow chart 办理工作流程图 of a rulebook says, box by box, in Chinese or English; `flow_chart` draws it.

The rows follow the loop (DOMAIN 4.2). What a rulebook lacks is absent; what happens under every rulebook is there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .duration import Duration
from .names import CHANNEL_NAMES, FIELD_NAMES, listed, name
from .rulebook import Rulebook
from .rulebook_check import terms
from .rulebook_steps import ReReview, Review, Started
from .rulebook_words import faults_in_words, part_in_words, rung_in_words, start_in_words, trigger_in_words
from .vocabulary import Kind, Method, Step, Trigger
from .words import Language, length_in_words


def counted(n: int, noun: str) -> str:
    """Return "1 level", "2 levels"."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


@dataclass(frozen=True, slots=True)
class Entry:
    """A name that stands out, and what is said of it, line by line."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the loop, the other ways from it (`back_to`: they lead to that row), the rungs it may set off."""

    id: str
    title: str
    lines: tuple[str, ...] = ()
    ways: tuple[Entry, ...] = ()
    back_to: str | None = None
    rungs: tuple[Entry, ...] = ()


def rows(book: Rulebook, language: Language) -> list[Row]:
    """Return the steps of a rulebook, from the receipt of a request to its close and the visits after it."""
    made = [row for row in _Telling(book, language).loop() if row is not None]
    here = {row.id for row in made}
    return [replace(row, rungs=_rungs(book, language, row.id, here)) for row in made]


# Beside which row a trigger stands; the first that the chart has, else the close.
_PLACES: Mapping[Trigger, tuple[str, ...]] = {
    Trigger.REGISTER_OVERDUE: ("register",),
    Trigger.RETURN_CALL_OVERDUE: ("register",),
    Trigger.NOTIFY_ACCEPTANCE_OVERDUE: ("assign",),
    Trigger.ASSIGN_OVERDUE: ("assign",),
    Trigger.DISPATCH_OVERDUE: ("assign",),
    Trigger.RETURN_OVERDUE: ("assign",),
    Trigger.ACKNOWLEDGE_OVERDUE: ("acknowledge",),
    Trigger.CONTACT_OVERDUE: ("contact",),
    Trigger.FEEDBACK_OVERDUE: ("contact", "resolve"),
    Trigger.RESOLVE_OVERDUE: ("resolve",),
    Trigger.CALLBACK_OVERDUE: ("callback", "visits"),
    Trigger.UNSATISFIED: ("verdicts",),
    Trigger.REVIEW_OVERDUE: ("review",),
    Trigger.RE_REVIEW_OVERDUE: ("re_review",),
}


def _rungs(book: Rulebook, language: Language, row: str, here: set[str]) -> tuple[Entry, ...]:
    """Return the ladder beside a row, an entry for each trigger, in the order of the rulebook."""
    found: dict[str, list[str]] = {}
    for rung in book.ladder:
        if row == next((place for place in _PLACES.get(rung.on, ()) if place in here), "close"):
            said = (faults_in_words(rung, language), rung_in_words(rung, language))
            found.setdefault(trigger_in_words(rung, language), []).extend(filter(None, said))
    return tuple(Entry(trigger, tuple(lines)) for trigger, lines in found.items())


class _Telling:
    """The rows of one rulebook in one language; each method is one box, None where the rulebook has no such step."""

    def __init__(self, book: Rulebook, language: Language) -> None:
        self.book, self.language = book, language

    def loop(self) -> tuple[Row | None, ...]:
        return (
            self.register(),
            self.daily_review(),
            self.assign(),
            self.acknowledge(),
            self.contact(),
            self.resolve(),
            self.verify(),
            self.callback(),
            self.verdicts(),
            self.review("review", self.book.step.review),
            self.review("re_review", self.book.step.re_review),
            self.close(),
            self.visits(),
        )

    # -- the boxes --------------------------------------------------------------------------------------------------

    def register(self) -> Row:
        book, kinds = self.book, list(Kind)
        opened = [kind for kind in kinds if book.opens_case(kind)]
        on = listed((channel.kind for channel in book.channels if channel.enabled), self.language, CHANNEL_NAMES)
        required = listed(book.required_fields, self.language, FIELD_NAMES)
        lines = (
            self.say(f"渠道：{on}", f"Channels: {on}") if on else "",
            self.say(f"必填：{required}", f"Required: {required}") if required else "",
            self.term(Step.REGISTER),
        )
        ways = (
            self.pending(),
            self.kinds("只记一次，不立件", "Noted, no case", [kind for kind in kinds if kind not in opened]),
            self.missed(),
            self.kinds("直接答复", "Answered on the spot", [one for one in opened if book.may_answer_on_spot(one)]),
            self.entry("转法定渠道", "Referred", "险情打 110、119、120、122", "danger: dial 110, 119, 120 or 122"),
            self.entry("不予受理", "Declined", "说明理由，告诉该找谁", "with the reason and where to go"),
            self.entry("并单", "Merged", "同一人同一件事，次序不变", "same person, same matter; order unchanged"),
        )
        return self.row("register", "来电登记", "Received and registered", lines, ways)

    def daily_review(self) -> Row | None:
        review = self.book.step.daily_review
        if review is None:
            return None
        clock = review.schedule.removeprefix("daily ")
        kind = review.scope.removeprefix("channel:")
        on = name(kind, self.language, {**CHANNEL_NAMES, "all": ("全部诉求", "All cases")})
        lines = (self.say(f"每天 {clock}：{on}", f"Every day at {clock}: {on}"),)
        return self.row("daily_review", "每日会商", "Daily review by the leaders", lines)

    def assign(self) -> Row:
        levels, dispatch = self.book.max_levels, self.listed_terms(Step.DISPATCH)
        returning = self.book.step.return_
        ways = (
            []
            if returning is None
            else [
                self.entry(
                    "退单",
                    "Return",
                    f"不归本单位的，{length_in_words(returning.due, 'zh')}内申请，办公室核定",
                    f"within {length_in_words(returning.due, 'en')} if it isn't the unit's own; the office decides",
                    *self.at_most(returning.max),
                )
            ]
        )
        lines = (
            self.term(Step.ASSIGN),
            self.say(f"{dispatch}内转出", f"Dispatched within: {dispatch}"),
            self.say(f"最多 {levels} 级，再往下交要批准", f"At most {counted(levels, 'level')}; more need approval"),
            self.term(Step.NOTIFY_ACCEPTANCE, "告知受理：", "Notice of acceptance within "),
        )
        return self.row("assign", "交办", "Assigned to a unit", lines, ways, "assign")

    def acknowledge(self) -> Row | None:
        step = self.book.step.acknowledge
        if step is None:
            return None
        lines = (
            self.term(Step.ACKNOWLEDGE),
            self.say("定下办理责任人和电话", "Names the handler and a phone number"),
        )
        return self.row("acknowledge", "签收", "Acknowledged", lines)

    def contact(self) -> Row | None:
        step = self.book.step.contact
        if step is None:
            return None
        methods = listed(step.methods, self.language)
        told = listed(step.must_disclose, self.language, FIELD_NAMES)
        lines = (
            self.term(Step.CONTACT),
            self.feedback(),
            self.say(f"方式：{methods}", f"By: {methods}") if set(step.methods) != set(Method) else "",
            self.say(f"必须告知：{told}", f"Must be told: {told}") if told else "",
            self.say("办结前保持联系", "Stays in touch until the end") if step.keep_contact else "",
            self.tries(step.attempts, step.attempt_spacing),
        )
        return self.row("contact", "联系诉求人", "Requester contacted", lines)

    def resolve(self) -> Row:
        extension, required = self.book.step.extension, self.book.step.report.required
        parts = {
            "text": ("经过", "what was done"),
            "outcome": ("结果", "the outcome"),
            "basis": ("依据", "its basis"),
        }
        report = listed(required, self.language, parts)
        ways = (
            []
            if extension is None
            else [
                self.entry(
                    "延期",
                    "Extension",
                    f"到期前申请，最长 {length_in_words(extension.limit, 'zh')}",
                    f"asked for before the end, at most {length_in_words(extension.limit, 'en')}",
                    *self.at_most(extension.max),
                    self.say("要告诉诉求人", "the requester is told") if extension.must_inform_citizen else "",
                )
            ]
        )
        lines = (
            self.term(Step.RESOLVE),
            "" if self.book.step.contact else self.feedback(),
            self.say(f"报告写明：{report}", f"The report says {report}") if report else "",
        )
        return self.row("resolve", "办理反馈", "Handled and reported", lines, ways)

    def verify(self) -> Row:
        ways = [self.entry("退回重办", "Sent back", "原期限照样计时", "the old term runs on")]
        lines = (self.say("办公室审核报告", "The office checks the report"),)
        return self.row("verify", "审核", "Verified", lines, ways, "resolve")

    def callback(self) -> Row | None:
        step = self.book.step.callback
        if step is None or self.book.has_follow_up_visits:
            return None
        lines = (
            self.term(Step.CALLBACK),
            self.say("由办公室回访，不由承办人", "By the office, never by the handler"),
            self.tries(self.book.callback_attempts, self.book.callback_spacing),
        )
        return self.row("callback", "回访", "Callback", lines)

    def verdicts(self) -> Row | None:
        book = self.book
        if book.verdicts is None:
            return None
        closing = listed((one for one in book.verdicts.allowed if one in book.close_on), self.language)
        unsaid = (one for one in book.verdicts.allowed if book.closes(one) and one not in book.close_on)
        silent = listed(unsaid, self.language)
        again = listed((one for one in book.verdicts.allowed if one in book.reopen_on), self.language)
        lines = (
            self.say(f"销号：{closing}", f"Closes: {closing}") if closing else "",
            self.say(f"没有评价，也销号：{silent}", f"No verdict, closes too: {silent}") if silent else "",
        )
        ways = (
            [
                self.entry(
                    "重办",
                    "Reopened",
                    f"{again}，最多 {book.max_reopen} 次",
                    f"{again}; at most {counted(book.max_reopen, 'time')}",
                ),
                self.entry(
                    "重办到头",
                    "No more reopening",
                    "写明理由依据，经批准才销号，不算满意",
                    "closes only with reason, basis and approval; never as satisfied",
                ),
            ]
            if again
            else []
        )
        taken_up = [step for step in ("acknowledge", "contact") if getattr(book.step, step) is not None]
        return self.row("verdicts", "诉求人评价", "The requester’s verdict", lines, ways, [*taken_up, "resolve"][0])

    def review(self, id_: str, step: Review | ReReview | None) -> Row | None:
        if step is None:
            return None
        ask, decide = (length_in_words(term, self.language) for term in (step.window, step.due))
        zh, en = "复查维持", "a review that upholds"
        if isinstance(step, Review):
            zh, en = start_in_words(step.start, "zh"), start_in_words(step.start, "en")
        lines = (
            self.say(f"{zh}后 {ask}内可以请求", f"May be asked for within {ask} of {en}"),
            self.say(f"{decide}内作出决定", f"Decided within {decide}"),
            self.say("是最后一次", "The last one") if step.final else "",
        )
        return self.row(id_, name(id_, "zh"), name(id_, "en"), lines)

    def close(self) -> Row:
        steps = self.book.step
        at_once = steps.callback is None and steps.review is None
        after_window = steps.callback is None and steps.review is not None
        lines = (
            self.say("审核通过就销号，不回访", "As soon as it is verified; no callback") if at_once else "",
            self.say("期满没有人请求，就销号", "When the time to ask has passed") if after_window else "",
            self.say("每一步都记入账，改了查得出", "Every step is in the ledger; a change would show"),
        )
        return self.row("close", "销号", "Closed", lines)

    def visits(self) -> Row | None:
        step = self.book.step.callback
        if step is None or not self.book.has_follow_up_visits:
            return None
        every = self.listed_terms(Step.CALLBACK)
        lines = (self.say(f"每隔 {every}一次，共 {step.times} 次", f"Every {every}, {step.times} times"),)
        return self.row("visits", "回访（销号以后）", "Follow-up visits", lines)

    # -- their parts ------------------------------------------------------------------------------------------------

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def entry(self, zh_name: str, en_name: str, zh: str, en: str, *more: str) -> Entry:
        said = [text for text in (self.say(zh, en), *more) if text]
        return Entry(self.say(zh_name, en_name), (self.say("，", "; ").join(said),))

    def row(
        self,
        id_: str,
        zh: str,
        en: str,
        lines: Iterable[str],
        ways: Iterable[Entry | None] = (),
        back_to: str | None = None,
    ) -> Row:
        there = tuple(way for way in ways if way is not None)
        said = tuple(line for line in lines if line)
        return Row(id_, self.say(zh, en), said, there, back_to if there else None)

    def pending(self) -> Entry | None:
        if not self.book.required_fields:
            return None
        limit = self.book.intake.pending_info_limit
        more = (
            ""
            if limit is None
            else self.say(
                f"{length_in_words(limit, 'zh')}内没有补齐，不予受理",
                f"declined after {length_in_words(limit, 'en')}",
            )
        )
        return self.entry("待补正", "Waits for missing fields", "补齐以后起算", "terms begin when complete", more)

    def missed(self) -> Entry | None:
        term = self.listed_terms(Step.RETURN_CALL)
        return self.entry("漏接", "Missed call", f"{term}内回电", f"called back within {term}") if term else None

    def kinds(self, zh: str, en: str, kinds: Iterable[Kind]) -> Entry | None:
        names = listed(kinds, self.language)
        return self.entry(zh, en, names, names) if names else None

    def at_most(self, times: int | None) -> list[str]:
        """Return 「最多 1 次」, nothing where the rulebook sets no limit."""
        return [] if times is None else [self.say(f"最多 {times} 次", f"{times} at most")]

    def tries(self, attempts: int, spacing: Duration) -> str:
        zh, en = length_in_words(spacing, "zh"), length_in_words(spacing, "en")
        return self.say(f"联系不上的，试 {attempts} 次，每次隔 {zh}", f"Not reached: {attempts} tries, {en} apart")

    def feedback(self) -> str:
        urgent = self.listed_terms(Step.FEEDBACK)
        return self.say(f"{urgent}内反馈进展", f"Progress told within: {urgent}")

    def term(self, step: Step, zh: str = "", en: str = "Within ") -> str:
        """Return 「收到后 1 个工作日内」, the step's terms from its start; nothing where the rulebook has none."""
        section, lengths = self.book.section(step), self.listed_terms(step)
        if not isinstance(section, Started) or not lengths:
            return ""
        after = start_in_words(section.start, self.language)
        if len(terms(self.book, step)) > 1:
            return self.say(f"{zh}{after}后：{lengths}内", f"After {after}: {lengths}")
        return self.say(f"{zh}{after}后 {lengths}内", f"{en}{lengths} of {after}")

    def listed_terms(self, step: Step) -> str:
        """Return the terms of a step in words, each under the name of what it is for where there are several."""
        words = {}
        for key, term in terms(self.book, step):
            what = key.removeprefix("urgency.").split(".")[0 if key.startswith("urgency") else -1]
            words[part_in_words(what, self.language)] = length_in_words(term, self.language)
        if len(words) == 1:
            return next(iter(words.values()))
        return self.say("、", ", ").join(f"{what} {length}" for what, length in words.items())
