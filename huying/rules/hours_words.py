"""Answering hours, which an office writes in Chinese, in English: where every word of them is a known one."""

import re
from collections.abc import Mapping
from functools import lru_cache

_DAYS = dict(zip("一二三四五六日天", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Sun"), strict=True))
_WORDS: Mapping[str, str] = {
    "每天": "daily",
    "每日": "daily",
    "天天": "daily",
    "工作日": "working days",
    "工作时间": "working hours",
    "休息日": "days off",
    "节假日": "holidays",
    "法定节假日": "statutory holidays",
    "周末": "weekends",
    "全天": "all day",
    "上午": "morning",
    "中午": "noon",
    "下午": "afternoon",
    "晚上": "evening",
    "24小时": "24 hours",
    "24 小时": "24 hours",
    "至": "to",
    "到": "to",
    "除外": "excepted",
    **{week + day: english for week in ("周", "星期") for day, english in _DAYS.items()},
}
_MARKS: Mapping[str, str] = {
    "、": ", ",
    "，": ", ",
    ",": ", ",
    "；": "; ",
    ";": "; ",
    "（": " (",
    "）": ") ",
    "。": " ",
}
_DASHES = "-–—~～"
_LONGEST_FIRST = "|".join(sorted(_WORDS, key=len, reverse=True))
_PART = re.compile(
    rf"\s*(?:(?P<word>{_LONGEST_FIRST})|(?P<time>\d{{1,2}}[:：]\d\d)(?!\d)|(?P<dash>[{_DASHES}]+)|(?P<mark>[{''.join(_MARKS)}]))"
)


@lru_cache(maxsize=1000)
def hours_in_english(written: str) -> str | None:
    """Return 「工作日 12:00–14:00」 as "Working days 12:00–14:00", or None where a word isn't known."""
    said, place, written = "", 0, written.strip()
    while place < len(written):
        part = _PART.match(written, place)
        if part is None:
            return None
        said, place = said + _said(part), part.end()
    return _tidy(said)


def _said(part: re.Match[str]) -> str:
    if part["word"]:
        return f" {_WORDS[part['word']]} "
    if part["time"]:
        return f" {part['time'].replace('：', ':')} "
    return "–" if part["dash"] else _MARKS[part["mark"]]


def _tidy(said: str) -> str:
    """Return a text without the spaces that stand beside a mark, its first letter a capital."""
    close = re.sub(r" *([–,;)]) *", lambda mark: mark[1] if mark[1] == "–" else f"{mark[1]} ", said)
    text = " ".join(close.replace("( ", "(").split())
    return text[:1].upper() + text[1:]
