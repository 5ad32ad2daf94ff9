"""What a notice is made of: what there is to tell, and what stands in the blanks of its wording in each language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from huying.rules.commands import Command, given
from huying.rules.ruleset import Ruleset
from huying.rules.state import CaseState
from huying.rules.vocabulary import ReviewOutcome, Step, SuspendReason, VerdictCode
from huying.rules.words import Language, end_in_words

# Stands in a stored message for the query code, which is put in only when the message is sent: whoever reads the
# case must not be able to act with the citizen's code.
CODE = "{查询码}"


class Said(NamedTuple):
    """A text in both languages; a rulebook's own words are there in Chinese alone."""

    zh: str
    en: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to tell: the case's number, the case before and after the command, and that command, if any."""

    number: str
    before: CaseState
    state: CaseState
    command: Command | None
    rules: Ruleset

    def said(self, field: str) -> str:
        return given(self.command, field) or "" if self.command is not None and hasattr(self.command, field) else ""

    def unit(self, field: str) -> int | None:
        return getattr(self.command, field, None)

    def moment(self, field: str) -> datetime | None:
        return getattr(self.command, field, None)


def filled(zh: str, en: str, told: Told) -> Said:
    """Return a wording with its blanks filled. What fills a blank is never read for blanks itself."""
    return Said(zh.format_map(_Blanks(told, "zh")), en.format_map(_Blanks(told, "en")))


class _Blanks(dict[str, str]):
    def __init__(self, told: Told, language: Language) -> None:
        super().__init__()
        self._told, self._language = told, language

    def __missing__(self, name: str) -> str:
        return BLANKS[name](self._told, self._language)


def _until(at: datetime | None, told: Told, language: Language, step: Step | None = None) -> str:
    return "" if at is None else end_in_words(at, told.rules.counting(step), language)


def _due(step: Step) -> Callable[[Told, Language], str]:
    def said(told: Told, language: Language) -> str:
        clock = told.state.clock(step)
        return _until(None if clock is None else clock.due_at, told, language, step)

    return said


def _moment(field: str) -> Callable[[Told, Language], str]:
    return lambda told, language: _until(told.moment(field), told, language)


def _word(field: str, words: Mapping[str, Said]) -> Callable[[Told, Language], str]:
    def said(told: Told, language: Language) -> str:
        word = words.get(told.said(field), Said("", ""))
        return (word.zh if language == "zh" else word.en) or ""

    return said


def _missing(told: Told, language: Language) -> str:
    names = [_FIELDS.get(name, Said(name, name)) for name in told.state.missing]
    return "、".join(name.zh for name in names) if language == "zh" else ", ".join(name.en or "" for name in names)


# What a requester is asked for, by the name of the field in a rulebook.
_FIELDS: Mapping[str, Said] = {
    "contact_phone": Said("联系电话", "your telephone number"),
    "name": Said("姓名", "your name"),
    "address": Said("地址", "the address"),
    "home_address": Said("家庭住址", "your home address"),
    "work_unit": Said("工作单位", "where you work"),
    "id_number": Said("身份证号", "your identity card number"),
    "enterprise_name": Said("企业名称", "the name of the firm"),
    "contact_name": Said("企业联系人", "a contact person of the firm"),
    "fact": Said("事实经过", "what happened"),
    "content": Said("反映的内容", "what it is about"),
    "claim": Said("诉求", "what you ask for"),
    "post_called": Said("拨打的公开电话", "which official's number you called"),
}
_SUSPENDED: Mapping[str, Said] = {
    SuspendReason.COURT: Said("正在诉讼或仲裁", "a court or arbitration is dealing with it"),
    SuspendReason.SEASON: Said("受季节影响，暂时不能施工", "the season doesn't allow the work"),
    SuspendReason.CITIZEN_ABSENT: Said("您暂时不在", "you are away"),
    SuspendReason.THIRD_PARTY: Said("要等第三方", "it depends on somebody else"),
}
_VERDICTS: Mapping[str, Said] = {
    VerdictCode.SATISFIED: Said("满意", "satisfied"),
    VerdictCode.BASICALLY_SATISFIED: Said("基本满意", "mostly satisfied"),
    VerdictCode.UNDERSTANDING: Said("理解", "understanding"),
    VerdictCode.UNSATISFIED: Said("不满意", "not satisfied"),
    VerdictCode.UNREACHABLE: Said("联系不上", "could not be reached"),
    VerdictCode.DECLINED: Said("拒评", "would not say"),
}
_REVIEWS: Mapping[str, Said] = {
    ReviewOutcome.UPHELD: Said("维持原来的答复", "the answer stands"),
    ReviewOutcome.CHANGED: Said("改变原来的答复，重新办理", "the answer is changed and the matter taken up again"),
}
# Each blank of a wording. Those in FREE hold what somebody wrote, and stand in texts for the citizen alone.
BLANKS: Mapping[str, Callable[[Told, Language], str]] = {
    "number": lambda told, _: told.number,
    "cycle": lambda told, _: str(told.state.cycle),
    "code": lambda _told, _language: CODE,
    "missing": _missing,
    "reason": lambda told, _: told.said("reason"),
    "route": lambda told, _: told.said("route"),
    "to": lambda told, _: told.said("to"),
    "verdict": _word("verdict", _VERDICTS),
    "outcome": _word("outcome", _REVIEWS),
    "why": _word("reason", _SUSPENDED),
    "resolve_due": _due(Step.RESOLVE),
    "statement_due": _due(Step.STATEMENT),
    "review_due": _due(Step.REVIEW),
    "until": _moment("until"),
    "answer_due": _moment("due"),
    "time": _moment("time"),
    "rectify_by": _moment("rectify_by"),
}
FREE = frozenset({"reason", "route", "to"})

# The terms that are the unit's own, as it reads of them.
_UNITS_TERMS: Mapping[Step, Said] = {
    Step.ACKNOWLEDGE: Said("签收", "acknowledging"),
    Step.CONTACT: Said("联系诉求人", "speaking with the citizen"),
    Step.RETURN: Said("退单", "handing it back"),
    Step.RESOLVE: Said("办理答复", "settling it"),
    Step.FEEDBACK: Said("反馈进展", "the first word on it"),
}


def moved_terms(moved: Sequence[Mapping[str, str]], told: Told) -> Said | None:
    """Return what a unit reads of its own terms that a calendar has moved; `moved` is that of a Recount."""
    mine = [(step, one["from"], one["to"]) for one in moved if (step := Step(one["step"])) in _UNITS_TERMS]
    if not mine:
        return None

    def end(written: str, step: Step, language: Language) -> str:
        return _until(datetime.fromisoformat(written), told, language, step)

    zh = [f"{_UNITS_TERMS[s].zh}期限由 {end(old, s, 'zh')} 改为 {end(new, s, 'zh')}" for s, old, new in mine]
    en = [f"{_UNITS_TERMS[s].en} is due {end(new, s, 'en')} instead of {end(old, s, 'en')}" for s, old, new in mine]
    return Said(
        f"{told.number} 因放假安排更新，{'；'.join(zh)}。",
        f"{told.number}: the holidays were announced anew; {'; '.join(en)}.",
    )
