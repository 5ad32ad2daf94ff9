"""Posts from a file, with who holds them, what they answer for and how they are reached: what a row says.

What becomes of the rows stands in `post_plan`.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from huying.people.models import Unit
from huying.rules.vocabulary import AnswerMode

from .table import Row, Table, read_table

FIELDS = {
    "code": ("code", "编码", "职务编码"),
    "name": ("name", "职务", "职务名称", "名称"),
    "unit": ("unit", "单位", "所属单位", "单位编码"),
    "person": ("person", "姓名"),
    "from": ("from", "任职时间", "任职日期"),
    "until": ("until", "离任时间", "离任日期"),
    "phone": ("phone", "电话", "公开电话"),
    "kind": ("kind", "联系方式"),
    "answer_mode": ("answer_mode", "接听方式"),
    "hours": ("hours", "服务时间", "接听时间"),
    "valid_from": ("valid_from", "启用日期", "启用时间"),
    "suspended": ("suspended", "暂停使用", "暂停说明"),
    "portfolio": ("portfolio", "分管", "分管单位"),
}
ANSWER_MODES = {
    "本人接听": AnswerMode.IN_PERSON,
    "专人接听": AnswerMode.OPERATOR,
    "只收短信": AnswerMode.SMS_ONLY,
    "秘书接听": AnswerMode.SECRETARY,
    "定时接听": AnswerMode.SESSION,
    "未说明": AnswerMode.UNDECLARED,
} | {mode.value: mode for mode in AnswerMode}
KINDS = {
    "手机": "phone_mobile",
    "办公电话": "phone_office",
    "热线": "hotline",
    "短信": "sms",
    "微信": "wechat_personal",
    "邮箱": "email",
}
_KIND = re.compile(r"[a-z][a-z0-9_]{1,23}")
_DIALLED = re.compile(r"\+?[0-9()][0-9() -]*[0-9]")
_SEPARATORS = re.compile(r"[、;；,，\s]+")


@dataclass(frozen=True, slots=True)
class ToldPoint:
    """A way to reach a post; None where the file doesn't say.

    `valid_from` is the first day of a number that is published ahead; `suspended`, who answers meanwhile.
    """

    kind: str
    value: str
    answer_mode: str | None
    hours: str | None
    valid_from: date | None = None
    suspended: str | None = None


@dataclass(frozen=True, slots=True)
class ToldPost:
    """What a row says of a post; `says_…` is whether the file has that column at all."""

    code: str
    name: str
    unit: str
    person: str
    since: date | None
    until: date | None
    says_until: bool
    point: ToldPoint | None
    says_hours: bool
    says_suspended: bool
    portfolio: tuple[str, ...] | None


def read_posts(path: Path) -> tuple[Table, dict[str, tuple[Row, ToldPost]]]:
    """Return the table, with the problems that a row has by itself, and its posts by code. Raises SheetError."""
    table = read_table(path, FIELDS, ("code", "name", "unit"))
    units = dict(Unit.objects.values_list("code", "abolished_on"))
    return table, {row["code"]: (row, _told(table, row, units)) for row in table.coded()}


def _told(table: Table, row: Row, units: Mapping[str, date | None]) -> ToldPost:
    _check_unit(table, row, units)
    since, until = table.day(row, "from"), table.day(row, "until")
    if not row["person"] and (row["from"] or row["until"]):
        table.complain(row, "person", "there is a time of office and nobody who holds it")
    if since and until and until < since:
        table.complain(row, "until", f"it ends on {until}, before it began")
    return ToldPost(
        code=row["code"],
        name=row["name"],
        unit=row["unit"],
        person=row["person"],
        since=since,
        until=until,
        says_until=table.has("until"),
        point=_point(table, row),
        says_hours=table.has("hours"),
        says_suspended=table.has("suspended"),
        portfolio=_portfolio(table, row, units) if table.has("portfolio") else None,
    )


def _check_unit(table: Table, row: Row, units: Mapping[str, date | None]) -> None:
    if not row["unit"]:
        table.complain(row, "unit", "the post has no unit; write the unit's code")
    elif reason := _unknown(row["unit"], units):
        table.complain(row, "unit", reason)


def _unknown(code: str, units: Mapping[str, date | None]) -> str | None:
    if code not in units:
        return f"there is no unit {code!r}; load the units first"
    return f"the unit {code!r} is abolished" if units[code] else None


def _portfolio(table: Table, row: Row, units: Mapping[str, date | None]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code for code in _SEPARATORS.split(row["portfolio"]) if code))
    for code in codes:
        if reason := _unknown(code, units):
            table.complain(row, "portfolio", reason)
    return codes


# -- the ways to reach a post ---------------------------------------------------------------------------------------


def _point(table: Table, row: Row) -> ToldPoint | None:
    mode = row["answer_mode"]
    if mode and mode not in ANSWER_MODES:
        table.complain(row, "answer_mode", f"{mode!r} is no answer mode; write one of {', '.join(ANSWER_MODES)}")
    if not row["phone"]:
        if mode:
            table.complain(row, "phone", "there is an answer mode and no number that it is for")
        if row["valid_from"] or row["suspended"]:
            table.complain(row, "phone", "write the number that is published ahead or suspended")
        return None
    kind = KINDS.get(row["kind"], row["kind"] or "phone_mobile")
    if not _KIND.fullmatch(kind):
        table.complain(row, "kind", f"{kind!r} is no kind; write one of {', '.join(KINDS)}, or a rulebook's word")
    value = " ".join(unicodedata.normalize("NFKC", row["phone"]).split())
    if reason := _garbled(kind, value):
        table.complain(row, "phone", reason)
    known = ANSWER_MODES.get(mode)
    valid_from = table.day(row, "valid_from")
    return ToldPoint(kind, value, known and known.value, row["hours"] or None, valid_from, row["suspended"] or None)


def is_dialled(kind: str) -> bool:
    return kind.startswith(("phone", "hotline", "sms"))


def same_number(kind: str, value: str) -> str:
    """Return what is equal for two ways of writing one number: only its digits, or the address in small letters."""
    return re.sub(r"\D", "", value) if is_dialled(kind) else value.casefold()


def _garbled(kind: str, value: str) -> str | None:
    if is_dialled(kind):
        digits = len(same_number(kind, value))
        if not _DIALLED.fullmatch(value) or not 3 <= digits <= 15:
            return f"{value!r} is no number that can be dialled; write one number, like 0500-555 0101"
        if value.startswith("1") and kind == "phone_mobile" and digits > 5 and digits != 11:
            return f"{value!r} has {digits} digits, and a mobile number has 11"
    if kind == "email" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        return f"{value!r} is no e-mail address"
    return None
