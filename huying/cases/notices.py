"""Who is told what because of which event: one table. Sending is the job `deliver`, deferred by name."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from huying.rules.commands import Command, given
from huying.rules.rulebook_tables import Rung
from huying.rules.ruleset import Ruleset
from huying.rules.stages import IN_UNITS_HANDS
from huying.rules.state import CaseState
from huying.rules.vocabulary import Action, Flag, Step, Trigger
from huying.rules.words import end_in_words


class Audience(StrEnum):
    CITIZEN = "citizen"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: the case's number, the case before and after the command, the command itself."""

    number: str
    before: CaseState
    state: CaseState
    command: Command
    rules: Ruleset

    def said(self, field: str) -> str:
        return given(self.command, field) or "" if hasattr(self.command, field) else ""


# A wording that returns None has nothing to say to that audience about this case.
Wording = Callable[[Told], str | None]

# An event without a row here is deliberately told to nobody; but see `pressing` and `moving` for two more.
NOTICES: dict[str, tuple[tuple[Audience, Wording], ...]] = {
    "case_opened": ((Audience.CITIZEN, lambda it: receipt(it.number)),),
    "case_opened_incomplete": ((Audience.CITIZEN, lambda it: receipt(it.number, it.state.missing)),),
    "info_incomplete": ((Audience.CITIZEN, lambda it: f"{it.number} {asked_for(it.state.missing)}"),),
    "completed": ((Audience.CITIZEN, lambda it: f"{it.number} 已经补齐，开始办理。"),),
    "assigned": ((Audience.UNIT, lambda it: f"{it.number} 交给您单位办理。请尽快联系诉求人。"),),
    "referred": ((Audience.CITIZEN, lambda it: referral(it.number, it.said("to"))),),
    "declined": (
        (Audience.CITIZEN, lambda it: f"{it.number} 不予受理：{it.said('reason')}。您可以：{it.said('route')}。"),
    ),
    "incomplete_declined": (
        (Audience.CITIZEN, lambda it: f"{it.number} 到期没有补齐，不予受理。补齐材料后可以再次反映。"),
    ),
    "report_rejected": ((Audience.UNIT, lambda it: f"{it.number} 的办理结果没有通过审核，请按原期限继续办理。"),),
    "reopened": (
        (Audience.CITIZEN, lambda it: f"您不满意，{it.number} 已经重新办理（第 {it.state.cycle} 次）。"),
        (Audience.UNIT, lambda it: f"{it.number} 诉求人不满意，请重新办理（第 {it.state.cycle} 次）。"),
    ),
    "answered": ((Audience.CITIZEN, lambda it: f"{it.number} 已经答复您。"),),
    "closed": ((Audience.CITIZEN, lambda it: f"{it.number} 已经办结。凭编号和查询码可以看答复。"),),
    "result_told": ((Audience.CITIZEN, lambda it: f"{it.number} 的办理结果：已经办结。凭编号和查询码可以看答复。"),),
}


def texts(event: str, told: Told) -> Iterator[tuple[Audience, str]]:
    """Yield what is said to whom because of an event; nothing to a unit where none holds the case."""
    for audience, wording in NOTICES.get(event, ()):
        if (audience is not Audience.UNIT or told.state.unit is not None) and (said := wording(told)):
            yield audience, said


_EMERGENCY = re.compile(r"110|119|120|122")


def referral(number: str, to: str) -> str:
    """Return what somebody is told who must turn to somebody else: to dial, at once, where lives may be at stake."""
    if _EMERGENCY.fullmatch(to):
        return f"情况紧急，请立即拨打 {to}。{number} 已经转交 {to}。"
    return f"{number} 已转有权机关：{to}。请按法定途径反映。"


_UNSATISFIED = "诉求人不满意"
_OVERDUE = "超期未办"
# What a rung says to the unit: of its action, else of its flag; `why` is what set it off.
_PRESSING: Mapping[Action | Flag | None, str] = {
    Action.REMIND: "{number} {why}，请马上办理。",
    Action.SUPERVISE: "{number} {why}，已列入督办。请马上办理并说明原因。",
    Action.LISTED: "{number} {why}，已挂牌督办。请马上办理并说明原因。",
    Flag.INTERVIEW_PROPOSED: "{number} {why}，已建议约谈你单位负责人。",
}
_PRESSING_ELSE = "{number} {why}，请马上办理。"


def pressing(rung: Rung, number: str, state: CaseState) -> str | None:
    """Return what the unit is told of a rung that fired; nothing where it isn't the unit that is late.

    A passed term presses it only while the case is in its hands: a late callback is the office's own.
    """
    unsatisfied = rung.on is Trigger.UNSATISFIED
    if state.unit is None or (state.stage not in IN_UNITS_HANDS and not unsatisfied):
        return None
    wording = _PRESSING.get(rung.action or rung.flag, _PRESSING_ELSE)
    return wording.format(number=number, why=_UNSATISFIED if unsatisfied else _OVERDUE)


# The terms that are the unit's own, as it reads of them.
_UNITS_TERMS: Mapping[Step, str] = {
    Step.ACKNOWLEDGE: "签收",
    Step.CONTACT: "联系诉求人",
    Step.RETURN: "退单",
    Step.RESOLVE: "办理答复",
    Step.FEEDBACK: "反馈进展",
}


def moving(moved: Sequence[Mapping[str, str]], number: str, state: CaseState, rules: Ruleset) -> str | None:
    """Return what the unit is told when a calendar has moved terms of its own; `moved` is that of a Recount."""
    if state.unit is None or state.stage not in IN_UNITS_HANDS:
        return None
    said = [
        f"{_UNITS_TERMS[step]}期限由 {_end(one['from'], step, rules)} 改为 {_end(one['to'], step, rules)}"
        for one in moved
        if (step := Step(one["step"])) in _UNITS_TERMS
    ]
    return f"{number} 因放假安排更新，{'；'.join(said)}。" if said else None


def _end(written: str, step: Step, rules: Ruleset) -> str:
    return end_in_words(datetime.fromisoformat(written), rules.counting(step), "zh")


# Stands in a stored message for the query code, which is put in only when the message is sent: whoever reads the
# case must not be able to act with the citizen's code.
CODE = "{查询码}"


# What a requester is asked for, by the name of the field in a rulebook.
_FIELDS = {
    "contact_phone": "联系电话",
    "name": "姓名",
    "address": "地址",
    "home_address": "家庭住址",
    "work_unit": "工作单位",
    "id_number": "身份证号",
    "enterprise_name": "企业名称",
    "contact_name": "企业联系人",
    "fact": "事实经过",
    "content": "反映的内容",
    "claim": "诉求",
    "post_called": "拨打的公开电话",
}


def asked_for(missing: Sequence[str]) -> str:
    """Return what a requester is asked for: exactly what is missing."""
    return f"还缺：{'、'.join(_FIELDS.get(name, name) for name in missing)}。补齐以后开始办理。" if missing else ""


def receipt(number: str, missing: Sequence[str] = ()) -> str:
    """Return the receipt of a case: by number and query code it is followed; and what is still to be told."""
    return f"您反映的事已经登记。编号 {number}，查询码 {CODE}。{asked_for(missing)}"
