"""The parts of a rulebook in words, Chinese and English: terms and when they begin, rungs, keys and values."""

from collections.abc import Mapping
from enum import Enum

from .duration import Duration
from .names import CHANNEL_NAMES, FAULT_NAMES, FIELD_NAMES, NAMES, listed, name
from .rulebook_tables import Rung
from .rulebook_values import Table
from .vocabulary import AnswerMode, Roll, StartEvent, Step, Trigger
from .words import Language, length_in_words

_AFTER: Mapping[str, tuple[str, str]] = {
    StartEvent.RECEIVED: ("收到", "receipt"),
    StartEvent.COMPLETED: ("补齐", "completion"),
    StartEvent.ASSIGNED: ("交办", "the assignment"),
    StartEvent.FIRST_ASSIGNED: ("首次交办", "the first assignment"),
    StartEvent.ACCEPTED: ("受理", "acceptance"),
    StartEvent.REPORTED: ("反馈", "the report"),
    StartEvent.VERIFIED: ("审核通过", "the verification"),
    StartEvent.CLOSED: ("销号", "the close"),
    StartEvent.REOPENED: ("重办", "the reopening"),
}
_TRIGGERS: Mapping[str, tuple[str, str]] = {
    Trigger.UNSATISFIED: ("不满意", "Unsatisfied"),
    Trigger.FAULT: ("查实有下列情形之一", "One of these faults is confirmed"),
    Trigger.SERIOUS_FAULT: ("查实有七种情形之一", "Any of the seven faults is confirmed"),
    Trigger.NOT_RECTIFIED: ("约谈后到期没有整改", "Not rectified by the date set in the interview"),
}
_TOLD: Mapping[str, tuple[str, str]] = {
    "liaison": ("联络员", "liaison"),
    "duty_phone": ("值班电话", "duty phone"),
    "head": ("单位负责人", "head of the unit"),
}
_KEYS: Mapping[str, tuple[str, str]] = {
    "rulebook": ("规则", "Rulebook"),
    "calendar": ("日历", "Calendar"),
    "directory": ("公开目录", "Directory"),
    "office": ("办公室", "office"),
    "channel": ("渠道", "Channel"),
    "intake": ("登记要求", "Intake"),
    "kinds": ("哪种件", "kinds"),
    "urgency": ("紧急的", "Urgent matters"),
    "verdicts": ("评价", "Verdicts"),
    "ladder": ("催办督办", "Ladder"),
    "reports": ("报告", "Reports"),
    "extension": ("延期", "Extension"),
    "daily_review": ("每日会商", "Daily review"),
    "report": ("反馈", "Report"),
    "title": ("名称", "title"),
    "gb2260": ("行政区划代码", "place code"),
    "audience": ("给谁用的", "for whom"),
    "late_intake": ("下班以后来的", "what comes after hours counts"),
    "flag_obstruction_by_unit": ("反映单位阻碍的要标出", "complaints of an obstructing unit are marked"),
    "effective_from": ("施行日期", "in effect from"),
    "effective_to": ("截止日期", "in effect until"),
    "start": ("从哪时起算", "begins at"),
    "due": ("期限", "term"),
    "roll": ("遇休息日", "on a day off"),
    "consultation": ("咨询", "consultation"),
    "simple": ("简单的", "simple"),
    "complex": ("复杂的", "complex"),
    "critical": ("特急", "critical"),
    "urgent": ("紧急", "urgent"),
    "normal": ("一般", "normal"),
    "max_levels": ("最多几级", "levels at most"),
    "methods": ("怎么联系", "methods"),
    "must_disclose": ("必须告知", "must be told"),
    "attempts": ("最多联系几次", "attempts"),
    "attempt_spacing": ("两次之间至少", "between attempts"),
    "max": ("最多几次", "times at most"),
    "limit": ("最长", "at most"),
    "every": ("每隔", "every"),
    "times": ("次数", "times"),
    "window": ("多久以内可以请求", "to be asked for within"),
    "required": ("必填", "required"),
    "optional": ("选填", "optional"),
    "pending_info_limit": ("补正期限", "term for completing"),
    "allowed": ("可以说的", "allowed"),
    "close_on": ("销号的", "that close"),
    "reopen_on": ("重办的", "that reopen"),
    "max_reopen": ("最多重办几次", "reopenings at most"),
    "enabled": ("启用", "on"),
    "published_posts": ("公布电话的职务", "posts with a published number"),
    "day_end": ("一天算到几点", "a day ends at"),
    "dispatch": ("转出", "passed on within"),
    "feedback": ("告知进展", "first news within"),
    "unreachable_closes_after": ("几次联系不上销号", "attempts without an answer that close"),
    "after": ("过多久", "later by"),
    "daily_brief": ("每日简报", "daily brief"),
    "at": ("几点", "at"),
    "window_days": ("往回看几天", "days looked back"),
    "hours": ("时间", "hours"),
    "answer_mode": ("谁接听", "who answers"),
}


# Words that a rulebook writes as plain text.
_PLAIN: Mapping[str, tuple[str, str]] = {
    "own_day": ("算当天", "from its own day"),
    "next_working_day": ("从下一个工作日算", "from the next working day"),
    "citizen": ("群众", "citizens"),
    "enterprise": ("企业", "firms"),
    "investor": ("投资者", "investors"),
    "petitioner": ("信访人", "petitioners"),
    "tipster": ("举报人", "tipsters"),
    **FIELD_NAMES,
}
_VALUES: Mapping[str, tuple[str, str]] = {
    Roll.NEXT_WORKING_DAY: ("顺延到工作日", "rolled to the next working day"),
    Roll.NONE: ("不顺延", "as it is"),
    AnswerMode.IN_PERSON: ("本人接听", "Answered in person"),
    AnswerMode.OPERATOR: ("话务员接听", "Answered by an operator"),
    AnswerMode.SMS_ONLY: ("只收短信", "Text messages only"),
    AnswerMode.SECRETARY: ("秘书接听", "Answered by a secretary"),
    AnswerMode.SESSION: ("定时接听", "Answered at set times"),
    AnswerMode.UNDECLARED: ("没有说明谁接", "Not said who answers"),
    **_AFTER,
    **FAULT_NAMES,
    **NAMES,
}
# Whose names come first below such a part: `report` is a step's, or a kind's.
_BELOW: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "step": {step: NAMES[step] for step in Step if step in NAMES},
    "kinds": NAMES,
    "channel": CHANNEL_NAMES,
}


def start_in_words(event: StartEvent, language: Language) -> str:
    """Return the event at which a term begins: 「收到」, "receipt"."""
    return name(event, language, _AFTER)


def trigger_in_words(rung: Rung, language: Language) -> str:
    """Return what a rung answers to: 「联系诉求人超期」, 「第 2 次不满意」."""
    if rung.on.endswith("_overdue"):
        step = name(rung.on.removesuffix("_overdue"), language)
        return f"{step}超期" if language == "zh" else f"{step}: overdue"
    said = name(rung.on, language, _TRIGGERS)
    if rung.on is Trigger.UNSATISFIED:
        return f"第 {rung.times} 次{said}" if language == "zh" else f"{said}, time {rung.times}"
    return said


def faults_in_words(rung: Rung, language: Language) -> str:
    """Return the faults that set off a rung on a fault; nothing for another."""
    return listed(rung.faults, language, FAULT_NAMES) if rung.on is Trigger.FAULT else ""


def rung_in_words(rung: Rung, language: Language) -> str:
    """Return what a rung does, and how long after its trigger: 「1 个工作日后：督办」, "Reminder, at once"."""
    done = listed([word for word in (rung.action, rung.flag) if word is not None], language)
    if rung.tell:
        told = listed(rung.tell, language, _TOLD)
        done = (
            f"{done}，告知{told}".removeprefix("，")
            if language == "zh"
            else f"{done}, {told} told".removeprefix(", ")
        )
    length = length_in_words(rung.after, language)
    if language == "zh":
        return f"{length}后：{done}" if rung.after.n else f"当时：{done}"
    return f"{done}, {length} later" if rung.after.n else f"{done}, at once"


def key_in_words(key: str, language: Language) -> str:
    """Return `step.contact.due` as 「联系诉求人 期限」; parts that have no name stay as they are written."""
    parts = key.replace("[", ".").replace("]", "").split(".")
    words = [
        part_in_words(part, language, above)
        for above, part in zip(["", *parts], parts, strict=False)
        if part != "step"
    ]
    if language == "zh" or len(words) == 1:
        return " ".join(words)
    return f"{words[0]}: {' '.join(words[1:])}"


def part_in_words(part: str, language: Language, above: str = "") -> str:
    """Return the name of one part of a key, below the part `above` it."""
    return name(part, language, {**_KEYS, **_BELOW.get(above, {})})


def value_in_words(value: object, language: Language) -> str:
    """Return a value of a rulebook as a clerk says it; None is 「没有」, of a table what the file says of it."""
    match value:
        case None:
            return "没有" if language == "zh" else "none"
        case bool():
            return ("是" if value else "否") if language == "zh" else ("yes" if value else "no")
        case Duration():
            return length_in_words(value, language)
        case Rung():
            tell = (trigger_in_words, faults_in_words, rung_in_words)
            return " · ".join(said for one in tell if (said := one(value, language)))
        case Table():
            return _table_in_words(value, language)
        case tuple():
            parts = dict.fromkeys(value_in_words(one, language) for one in value)
            return ("、" if language == "zh" else ", ").join(parts)
        case Enum():
            return name(str(value), language, _VALUES)
        case _:
            return name(str(value), language, _PLAIN)


def _table_in_words(table: Table, language: Language) -> str:
    fields = [(key, field) for key, field in type(table).model_fields.items() if key in table.model_fields_set]
    words = (
        f"{part_in_words(field.alias or key, language)} {value_in_words(getattr(table, key), language)}"
        for key, field in fields
    )
    return ("，" if language == "zh" else "; ").join(words)
