"""现在的情况: what is particular about a case at the moment, beside its stage and its terms."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext

from huying.cases.dossier import Dossier
from huying.cases.language import language
from huying.cases.said import Said
from huying.pages import dates, due
from huying.pages.labels import CLAIMS, FAULTS, STEPS
from huying.rules.access import oversees
from huying.rules.duration import Duration
from huying.rules.state import CaseState
from huying.rules.vocabulary import Stage, Step
from huying.rules.words import length_in_words

from .history import History

Facts = Iterator[tuple[str, str]]


def situation(found: Dossier, of: History, state: CaseState) -> Facts:
    """Yield what somebody has to know who takes the case up now, each with its name."""
    if oversees(of.reader):
        yield from _complained_about(found, of, state)
    yield from _about(found, state)
    yield from _in_whose_hands(of, state)
    yield from _asked_for(found, of, state)
    yield from _supervised(found, of, state)


def _complained_about(found: Dossier, of: History, state: CaseState) -> Facts:
    if state.respondent is not None:
        yield gettext("被反映单位"), _names(of, [state.respondent])
    if found.persons:
        yield gettext("被反映的人"), gettext("、").join(person.name for person in found.persons)


def _about(found: Dossier, state: CaseState) -> Facts:
    if state.category:
        yield gettext("类别"), state.category
    if state.contacts > 1:
        yield gettext("来过"), gettext("{n} 次，期限和先后不变").format(n=state.contacts)
    if found.merged_into:
        yield gettext("并入了"), found.merged_into


def _in_whose_hands(of: History, state: CaseState) -> Facts:
    if state.designated:
        yield gettext("指定承办"), gettext("不能再退单")
    if state.co_units:
        yield gettext("协办还没有反馈"), _names(of, state.co_units)
    if state.contact_attempts:
        yield gettext("没联系上"), gettext("{n} 次").format(n=len(state.contact_attempts))
    for unit in state.instructed:
        clock = next((c for c in of.clocks if c.step == Step.INSTRUCTION and c.unit_id == unit and due.runs(c)), None)
        until = _until(of, clock.due_at) if clock else gettext("没有定期限")
        yield gettext("批示等回复"), gettext("{unit}，{until}").format(unit=_names(of, [unit]), until=until)
    if state.instructions:
        yield gettext("批示等回复"), gettext("交办以后由承办单位回复")


def _asked_for(found: Dossier, of: History, state: CaseState) -> Facts:
    if state.stage is Stage.RETURN_REQUESTED and (asked := latest(found, "request_return")):
        yield gettext("为什么退"), asked.texts.get("reason", "")
        if suggested := asked.facts.get("suggested_unit"):
            yield gettext("应当由谁办"), _names(of, [suggested])
    if state.extension_asked:
        length = length_in_words(Duration.parse(state.extension_asked), language())
        said = latest(found, "request_extension")
        why = (said and said.texts.get("reason")) or gettext("等办公室决定")
        yield gettext("申请延期"), gettext("{length}：{why}").format(length=length, why=why)
    for clock in state.clocks:
        if clock.is_running and clock.extensions:
            lengths = (length_in_words(Duration.parse(one), language()) for one in clock.extensions)
            yield (
                gettext("已经延期"),
                gettext("{step} {lengths}").format(step=STEPS[clock.step], lengths=gettext("、").join(lengths)),
            )
    if state.claim is not None:
        yield gettext("申请剔除"), gettext("{why}，等办公室审定").format(why=CLAIMS[state.claim])
    if state.review is not None:
        yield str(STEPS[state.review]), gettext("诉求人申请了，等决定")


def _supervised(found: Dossier, of: History, state: CaseState) -> Facts:
    for fault in state.faults:
        stated = gettext("单位已经陈述") if fault.stated else gettext("单位还没有陈述")
        said = gettext("{fault}，{unit}，{stated}").format(
            fault=FAULTS[fault.code], unit=_names(of, [fault.unit]), stated=stated
        )
        yield gettext("提出的情形"), said
    if state.confirmed:
        yield gettext("确认的情形"), gettext("、").join(str(FAULTS[one]) for one in state.confirmed)
    if state.interview_with and (planned := latest(found, "schedule_interview")):
        texts = [_moment(of, planned.facts.get("time", "")), planned.texts.get("place"), planned.texts.get("person")]
        yield gettext("约谈"), gettext("，").join(filter(None, texts))


def latest(found: Dossier, verb: str) -> Said | None:
    """Return what the latest act of this verb says."""
    said = (found.said.get(line.record_id or 0) for line in reversed(found.lines))
    return next((one for one in said if one is not None and one.word == verb), None)


def _names(of: History, ids: Iterable[int]) -> str:
    return gettext("、").join(of.units[one].name for one in sorted(ids) if one in of.units)


def _until(of: History, at: datetime) -> str:
    zone = timezone.get_current_timezone()
    return gettext("最迟 {at}").format(at=dates.due_instant(at, of.at.astimezone(zone).date(), zone))


def _moment(of: History, written: str) -> str:
    zone = timezone.get_current_timezone()
    today = of.at.astimezone(zone).date()
    return dates.instant(datetime.fromisoformat(written), today, zone) if written else ""
