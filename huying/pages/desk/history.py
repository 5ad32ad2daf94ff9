"""办理经过: everything that was done, who did it, in which words, and whether in time."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, get_type_hints

from django.utils import timezone
from django.utils.translation import gettext

from huying.cases.dossier import Author
from huying.cases.draft import BACKFILLED_AFTER
from huying.cases.language import language
from huying.cases.models import Act, Clock
from huying.cases.said import Said
from huying.ledger.models import LedgerLine
from huying.pages import dates, due
from huying.pages.labels import ACTIONS, CALLBACK_RESULTS, EVENTS, FLAGS, LISTS, METHODS, NEXT, STEPS, VERDICTS
from huying.pages.shown import ShownDue, ShownEvent
from huying.people.models import Unit
from huying.rules.access import SYSTEM, Actor
from huying.rules.commands import COMMANDS, UNITS, field_names
from huying.rules.duration import Duration
from huying.rules.offers import words_of
from huying.rules.ruleset import Ruleset
from huying.rules.state import WINDOWS
from huying.rules.vocabulary import Action, CallbackResult, Flag, Method, Step, VerdictCode
from huying.rules.words import end_in_words, length_in_words

from .forms import label

# Which event ends which step: the timeline says "in time" or "late" at the event that ended a term.
_ENDED_STEP = {
    "assigned": Step.ASSIGN,
    "acknowledged": Step.ACKNOWLEDGE,
    "contacted": Step.CONTACT,
    "reported": Step.RESOLVE,
    "verdict_recorded": Step.CALLBACK,
    "answered": Step.ASSIGN,
    "completed": Step.PENDING_INFO,
    "called_back": Step.RETURN_CALL,
    "instruction_answered": Step.INSTRUCTION,
    "fault_stated": Step.STATEMENT,
    "rectified": Step.RECTIFICATION,
    "review_decided": Step.REVIEW,
}
# Fields that one reads without being told what they are.
_PLAINLY = frozenset({"text", "reason", "topic"})
# Fields that stand elsewhere on the page, or tell nobody anything.
_ELSEWHERE = frozenset({"handler", "handler_phone", "file", "size", "digest"})
_ACT = Act._meta.db_table
# What counts for much, and at which events somebody learns the query code.
_OF_WEIGHT = frozenset({"verdict_recorded", "withdrawn"})
_TELLS_THE_CODE = frozenset({"registered", "registered_incomplete", "case_opened", "code_reissued"})


@dataclass(frozen=True)
class History:
    """What was read of a case, or of a contact, of which the history is told at a moment."""

    lines: Sequence[LedgerLine]
    said: Mapping[int, Said]
    authors: Mapping[str, Author]
    clocks: Sequence[Clock]
    units: Mapping[int, Unit]
    rules: Ruleset
    reader: Actor
    at: datetime
    registered_at: datetime  # when the first contact was recorded
    joined: Mapping[int, str] = field(default_factory=dict)  # what later contacts said, masked, by their ids


def named_units(said: Mapping[int, Said], lines: Iterable[LedgerLine]) -> set[int]:
    """Return the units that a history names, by their ids."""
    in_acts = {one.facts.get(name) for one in said.values() for name in UNITS}
    found: set[Any] = in_acts | {line.unit_id for line in lines if line.event == "assigned"}
    return {unit for unit in found if unit is not None}


def events(of: History, *, is_open: bool, idle: frozenset[Step] = WINDOWS) -> Iterator[ShownEvent]:
    """Yield every event, and of an open case the term that is due next; those of `idle` press nobody."""
    cycle = 1
    for line in of.lines:
        clock = _ended_by(of, line, cycle)
        tag = None if clock is None else due.of_clock(clock, of.at, of.rules)
        yield ShownEvent(
            what=str(EVENTS.get(line.event, line.event)),
            at=line.at,
            who=who(of, line),
            detail=detail(of, line),
            handler=_told(of, line, "handler"),
            handler_phone=_told(of, line, "handler_phone"),
            entered_at=_entered_at(of, line),
            on_time=None if tag is None else tag.state == "done",
            due=tag if tag is not None and tag.state == "late" else None,
        )
        cycle += line.event == "reopened"
    pressing = (c for c in of.clocks if due.runs(c) and not due.stands_still(c) and c.step not in idle)
    running = sorted(pressing, key=lambda clock: clock.due_at)
    if is_open and running:
        yield _open_step(running[0], due.of_clock(running[0], of.at, of.rules))


def _open_step(clock: Clock, tag: ShownDue) -> ShownEvent:
    state = "late" if tag.state == "late" else "now"
    return ShownEvent(what=str(NEXT[Step(clock.step)]), at=clock.due_at, state=state, due=tag)  # type: ignore[arg-type]


def _ended_by(of: History, line: LedgerLine, cycle: int) -> Clock | None:
    """Return the term that this event ended; a second contact or report ends none."""
    step = _ENDED_STEP.get(line.event)
    of_step = (c for c in of.clocks if c.step == step and c.cycle == cycle and c.void_at is None)
    return next((clock for clock in of_step if clock.done_at == line.at), None)


def _entered_at(of: History, line: LedgerLine) -> datetime | None:
    """Return when an event was entered if that was late (补录), unless the mark of the whole case says it."""
    late = line.recorded_at - line.at > BACKFILLED_AFTER
    return line.recorded_at if late and line.recorded_at != of.registered_at else None


def who(of: History, line: LedgerLine) -> str:
    author = of.authors.get(line.actor)
    if author is not None:
        return _signed(author, line.at)
    if line.event in _OF_WEIGHT and _code_was_read_out(of, line):
        return gettext("诉求人（查询码由工作人员读出）")
    return {SYSTEM: gettext("文件导入"), "citizen": gettext("诉求人")}.get(line.actor, "")


def _code_was_read_out(of: History, line: LedgerLine) -> bool:
    """Return whether the query code by which a requester did something had been told by somebody of the staff."""
    told = [one for one in of.lines if one.seq < line.seq and one.event in _TELLS_THE_CODE]
    return line.actor == "citizen" and bool(told) and told[-1].actor not in ("citizen", SYSTEM)


def _signed(author: Author, at: datetime) -> str:
    """Return who signs; a liaison or delegate acts for somebody else, and everybody who reads it has to know."""
    name = author.name
    if author.is_liaison:
        name = gettext("{name}（联络员）").format(name=name)
    elif author.is_delegate(at):
        name = gettext("{name}（代理）").format(name=name)
    return f"{author.unit.name} {name}" if author.unit else name


def _told(of: History, line: LedgerLine, name: str) -> str:
    said = of.said.get(line.record_id or 0)
    return said.texts.get(name, "") if said is not None else ""


# -- in words --------------------------------------------------------------------------------------------------------


def detail(of: History, line: LedgerLine) -> str:
    """Return what the record of an event adds in words; reports and answers stand in full elsewhere."""
    if line.event == "contact_joined":
        return of.joined.get(line.record_id or 0, "")
    said = of.said.get(line.record_id or 0)
    if said is None:
        return ""
    if said.table == _ACT:
        return _of_act(of, line, said)
    match line.event:
        case "assigned":
            unit = of.units.get(line.unit_id or 0)
            return gettext("交给 {unit}").format(unit=unit.name) if unit is not None else ""
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
            return str(ACTIONS[Action(word)] if word in ACTIONS else FLAGS[Flag(word)] if word in FLAGS else "")
        case "recounted":
            return _moved(of, said)
    return ""


def _of_act(of: History, line: LedgerLine, said: Said) -> str:
    """Return what an act says, a line for each of its fields in their order."""
    if said.word == "complain_handling" and not said.texts:
        return gettext("内容由督办的人看。")
    if line.event == "reported":
        return ""
    return "\n".join(fields_in_words(of, said))


def fields_in_words(of: History, said: Said) -> Iterator[str]:
    """Yield each field of a command in words, in their order."""
    command = COMMANDS.get(said.word or "")
    if command is None:
        return
    told = [name for name in said.texts if name.startswith("fields.")]
    for name in (*field_names(command), *told):
        value = said.texts.get(name, said.facts.get(name))
        if value is None or name in _ELSEWHERE:
            continue
        if words := _value(of, said, name, value):
            bare = name.removeprefix("fields.")
            plainly = name in _PLAINLY
            yield (
                words
                if plainly
                else gettext("{label}：{words}").format(label=label(said.word or "", bare), words=words)
            )


def _value(of: History, said: Said, name: str, value: Any) -> str:  # as JSON has it
    """Return a fact or a text in words; empty where there is nothing to say."""
    command = COMMANDS[said.word or ""]
    listed = words_of(command, name)
    if listed is not None:
        return str(LISTS[listed].get(value, value))
    if name in UNITS:
        return of.units[value].name if value in of.units else ""
    if (said.word, name) == ("correct", "field"):
        return label("correct", value)
    hint = get_type_hints(command).get(name)
    return _BY_TYPE.get(hint, _as_it_is)(of, name, value)


def _as_it_is(_of: History, name: str, value: Any) -> str:
    return length_in_words(Duration.parse(value), language()) if name == "term" else str(value)


def _moment(of: History, _name: str, value: Any) -> str:
    zone = timezone.get_current_timezone()
    return dates.instant(datetime.fromisoformat(value), of.at.astimezone(zone).date(), zone)


_BY_TYPE: Mapping[object, Callable[[History, str, Any], str]] = {
    bool | None: lambda _of, _name, value: gettext("是") if value else gettext("否"),
    datetime | None: _moment,
    int | None: lambda _of, _name, _value: "",  # a post or a case: the page says which
    int: lambda _of, _name, _value: "",
    tuple[int, ...] | None: lambda _of, _name, value: gettext("{n} 件").format(n=len(value)) if value else "",
}


def _moved(of: History, said: Said) -> str:
    """Return the new ends of the terms that a calendar moved; nothing where it moved none."""
    return gettext("；").join(
        gettext("{step}改为 {end}").format(
            step=STEPS[step],
            end=end_in_words(datetime.fromisoformat(one["to"]), of.rules.counting(step), language()),
        )
        for one in said.moved
        if (step := Step(one["step"]))
    )
