"""What the component page shows: one matter before National Day of 2026, by the rules that are in force."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.utils.translation import gettext, pgettext

from huying.cases.language import language
from huying.pages.labels import CHANNELS, OUTCOMES, STAGES, URGENCIES
from huying.pages.shown import (
    ShownAction,
    ShownActions,
    ShownCase,
    ShownClock,
    ShownDue,
    ShownEvent,
    ShownMessage,
    ShownNext,
    ShownNotYet,
    ShownReport,
    ShownRequester,
    ShownShare,
    ShownTotals,
)
from huying.rules.duration import Duration
from huying.rules.ruleset import Ruleset
from huying.rules.terms import Left, end_of_term
from huying.rules.vocabulary import AnswerMode, Outcome, Stage, StartEvent, Step, Urgency
from huying.rules.words import in_words, left_in_words

from . import when
from .days import shown_days
from .labels import ANSWERED_BY, COUNTED_FROM, DETAILS, STEPS
from .progress import suspended_until
from .shown import ShownOfficial, ShownPoint, ShownStep
from .shown_account import ShownExample
from .track import Receipt

_TITLE, _UNIT, _PHONE = "翠堤小区 3 号楼电梯停运五天", "云溪区住房和城乡建设局", "0500-555 2207"


class States(Receipt):
    """The fields of a receipt: one at rest, one that looks focused, one with a mistake."""

    field_order = ("number", "digits", "code")

    def __init__(self) -> None:
        super().__init__({"number": "YC-2026-000123", "code": "4829 713", "digits": "0001"})
        self.fields["digits"].label = pgettext("a state", "焦点")
        self.fields["digits"].widget.attrs["class"] = "control is-focus"


def dues(at: datetime, rules: Ruleset) -> Iterator[ShownDue]:
    """Yield a due tag of every state; the last are read on 28 September 2026."""
    yield ShownDue("done", gettext("按期"))
    for state, left in (
        ("ok", Left("working_days", 2, at.date(), at)),
        ("warn", Left("today", 0, at.date(), at.replace(hour=17, minute=30))),
        ("late", Left("overdue_working_days", 2, at.date(), at)),
    ):
        yield ShownDue(state, left_in_words(left, language()))  # type: ignore[arg-type]  # a literal, above
    yield ShownDue("wait", str(COUNTED_FROM[StartEvent.ASSIGNED]))
    yield ShownDue("wait", gettext("暂停计时"))
    start, zone = _start(rules), rules.rulebook.zone
    yield ShownDue("wait", suspended_until(datetime(2026, 10, 13, tzinfo=zone), start, rules))
    provisional = datetime(2027, 1, 6, tzinfo=zone)
    yield ShownDue("ok", when.due(provisional, start, rules, provisional=True).text)


def one_matter(at: datetime, rules: Ruleset) -> Mapping[str, object]:
    """Return the matter as the track page, the desk and the directory show it."""
    start = _start(rules)
    due = end_of_term(start, Duration.parse("3 calendar_days"), rules.counting(Step.CONTACT), event="assigned")
    done, ok, warn, late, wait, *_still = dues(at, rules)
    by, why = when.due(due.at, start, rules), in_words(due.why, language())
    steps = [
        ShownStep(str(STEPS[Step.ASSIGN]), "done", when=when.moment(start, start, rules), in_time=True),
        ShownStep(str(STEPS[Step.ACKNOWLEDGE]), "late", by=when.due(start, start, rules), tag=late),
        ShownStep(str(STEPS[Step.CONTACT]), "now", None, by, ok, why=why, days=shown_days(due.why)),
        ShownStep(str(STEPS[Step.CALLBACK]), "next", tag=wait, detail=str(DETAILS[Step.CALLBACK])),
    ]
    return {
        "steps": steps,
        "events": [_event(one) for one in steps],
        "clocks": [
            ShownClock(steps[0].what, "done", done, start),
            ShownClock(steps[1].what, "late", late, start),
            ShownClock(steps[2].what, "running", warn, due.at, start, why, share=70),
        ],
        "rows": list(_rows(start, ok, late)),
        "officials": [ShownOfficial("市长", "#points", "沈砚青", points(at)[:1])],
        "examples": [ShownExample(steps[2].what, when.moment(start, start, rules), "3", by, why)],
        **_at_the_desk(start, due.at, ok),
        "totals": ShownTotals(1_976, 1_741, 312, 43, 1_380, 49, at),
    }


def _start(rules: Ruleset) -> datetime:
    return datetime(2026, 9, 28, 9, tzinfo=rules.rulebook.zone)


def _event(step: ShownStep) -> ShownEvent:
    told, phone = step.when or step.by, _PHONE if step.state == "now" else ""
    at = told.at if told else None
    return ShownEvent(
        step.what, at, state=step.state, on_time=step.in_time or None, due=step.tag, handler_phone=phone
    )


def _at_the_desk(start: datetime, due_at: datetime, ok: ShownDue) -> Mapping[str, object]:
    """Return what the desk has besides: the next step, a form to unfold, what can't be done, what was said."""
    not_yet = [ShownNotYet(str(STEPS[Step.RESOLVE]), gettext("还不能：至少要有一次有效联系"))]
    text = "电梯已经修好，请您看过。"
    return {
        "next": ShownNext(str(STEPS[Step.CONTACT]), due_at, ok),
        "action": ShownAction("", gettext("编号"), Receipt(auto_id="act_%s"), [_UNIT]),
        "actions": ShownActions(0, "", not_yet=not_yet),
        "report": ShownReport(str(STEPS[Step.RESOLVE]), start, _UNIT, text, str(OUTCOMES[Outcome.DONE])),
        "messages_sent": [
            ShownMessage(start, "139****6021", text, gettext("按期")),
            ShownMessage(start, _UNIT, text, gettext("超期"), failed=True),
        ],
        "share": ShownShare("93.2%", 1_623, 1_741),
        "before": [{"at": start, "what": _TITLE, "stage": STAGES[Stage.ASSIGNED]}],
        "caller": ShownRequester("郑*", "139****6021", call_url="#call"),
    }


def points(at: datetime) -> list[ShownPoint]:
    """Return a number under every answer mode, and one that is pending or suspended; not each is dialled."""
    phone, monday = str(CHANNELS["phone_mobile"]), when.plain_day(at, at)
    return [
        ShownPoint(
            phone,
            _PHONE,
            href=f"{'sms' if mode is AnswerMode.SMS_ONLY else 'tel'}:05005552207",
            mode=mode,
            answered_by=str(said),
            hours="12:00–14:00",
        )
        for mode, said in ANSWERED_BY.items()
    ] + [
        ShownPoint(phone, _PHONE, valid_from=monday, until_then="0500-555 2200"),
        ShownPoint(phone, _PHONE, suspended=_UNIT),
    ]


def _rows(start: datetime, ok: ShownDue, late: ShownDue) -> Iterator[ShownCase]:
    for n, (due, urgency) in enumerate(((ok, None), (late, str(URGENCIES[Urgency.CRITICAL])))):
        yield ShownCase(
            number=f"YC-2026-00012{n}",
            url="#rows",
            title=_TITLE,
            channel=str(CHANNELS["phone_mobile"]),
            received_at=start,
            stage=str(STAGES[Stage.ASSIGNED]),
            unit=_UNIT,
            urgency=urgency,
            due=due,
            requester=ShownRequester("郑*", "139****6021"),
        )
