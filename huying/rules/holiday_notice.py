"""The yearly notice of the State Council's General Office, read from its text into the days that it arranges.

Whoever pastes it may have copied it from a page or typed it, so it is checked against itself: weekdays against dates,
lengths against ranges, make-up days against weekends. What doesn't agree, or isn't understood, is a problem.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, TypeAlias

from .calendar import Arrangement, Calendar, Notice
from .notice_words import SENTENCES, Flaw

_ONE_DAY = timedelta(days=1)
_MONDAY, _FRIDAY, _SATURDAY = 0, 4, 5
_DECEMBER = 12
# The two characters by which a holiday is known, whether its name is written in full or not.
_HOLIDAYS = {
    "元旦": "new_year",
    "春节": "spring_festival",
    "清明": "qingming",
    "劳动": "labour_day",
    "端午": "dragon_boat",
    "中秋": "mid_autumn",
    "国庆": "national_day",
}
_DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

# [0-9], since \d is a digit of any script.
_YEAR = r"(?:[0-9]{4}|[〇○零一二三四五六七八九]{4})"
_NUMBER = r"(?:[0-9]{1,2}|[一二三四五六七八九十]{1,3})"
_DAY = rf"(?:{_YEAR}年)?(?:{_NUMBER}月)?{_NUMBER}日(?:\([^()]*\))?"
_RANGE = rf"{_DAY}(?:[至到~—–-]+{_DAY})?"
_NAME = r"(?:元旦|春节|清明节?|(?:五一)?(?:国际)?劳动节|端午节?|中秋节?|国庆节?)"
_NUMBERING = r"(?:[一二三四五六七八九十]{1,2}|(?<![0-9])[0-9]{1,2})[、.]"

_TITLE = re.compile(rf"国务院办公厅关于({_YEAR})年部分节假日安排的通知")
_REFERENCE = re.compile(r"(国办发(?:明电)?)[〔\[(]([0-9]{4})[〕\])]([0-9]+)号")
_HEADING = re.compile(
    rf"(?:{_NUMBERING})?(?P<names>{_NAME}(?:[、,和与及]{_NAME})*):|{_NUMBERING}(?P<other>[^:。,;0-9]{{1,20}}):"
)
_CLAUSE = re.compile(
    rf"(?P<days>{_RANGE}(?:[、,和与及]{_RANGE})*)(?:(?:均|正常|照常)?(?P<verb>放假|上班))?(?P<rest>[^。;]*)"
)
_ONE_RANGE = re.compile(rf"({_DAY})(?:[至到~—–-]+({_DAY}))?")
_ONE_DATE = re.compile(rf"(?:({_YEAR})年)?(?:({_NUMBER})月)?({_NUMBER})日(?:\(([^()]*)\))?")
_WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
_LENGTH = re.compile(rf"({_NUMBER})天")
_CLOSE = re.compile(r"节假日期间|国务院办公厅")
_SIGNED = re.compile(rf"国务院办公厅[^0-9。]{{0,6}}?({_YEAR}年{_NUMBER}月{_NUMBER}日)")

_Range: TypeAlias = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a text: in which line, counted from 1, at which words.

    `day` is the date that was meant, `n` the length that was counted.
    """

    flaw: Flaw
    line: int
    quote: str = ""
    day: date | None = None
    n: int = 0

    def in_words(self, language: Literal["zh", "en"]) -> str:
        """Return line, words and what to do: 「第 5 行“1月4日(周六)”：2026-01-04 是周日，和写的不一样。……」."""
        number = 0 if self.day is None else self.day.weekday()
        if language == "zh":
            said = SENTENCES[self.flaw][0].format(day=self.day, weekday=f"周{_WEEKDAYS_ZH[number]}", n=self.n)
            return f"第 {self.line} 行{f'“{self.quote}”' if self.quote else ''}：{said}"
        said = SENTENCES[self.flaw][1].format(day=self.day, weekday=_WEEKDAYS_EN[number], n=self.n)
        return f"line {self.line}{f', “{self.quote}”' if self.quote else ''}: {said}"


class NotANotice(ValueError):
    """A text that can't be taken over; `problems` say why, in the order of its lines."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(one.in_words("en") for one in problems))
        self.problems = problems


def read_notice(text: str, in_use: Calendar) -> tuple[int, Notice]:
    """Return the year of a notice and what its text arranges.

    「1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班」: off from the 1st to the 3rd, the 4th worked.
    Raises NotANotice, also for a year that isn't provisional in `in_use`, or lies before what it knows.
    """
    reader = _Reader(_Squeezed(text))
    notice = reader.read(in_use)
    if notice is None or reader.problems:
        raise NotANotice(sorted(reader.problems, key=lambda problem: problem.line))
    return reader.year, notice


def days_of(year: int, notice: Notice) -> dict[date, bool]:
    """Return of every day of `year`, and of those beyond it that its notice names, whether it is worked."""
    days = {day: day.weekday() < _SATURDAY for day in _each(date(year, 1, 1), date(year, 12, 31))}
    for one in notice.holiday:
        days |= dict.fromkeys(_each(one.first, one.last), False) | dict.fromkeys(one.make_up, True)
    return dict(sorted(days.items()))


class _Squeezed:
    """A text without white space and in one width, since copies of a notice differ in both; it knows its lines."""

    def __init__(self, text: str) -> None:
        # Cf: byte order marks, zero-width spaces and what else a copy brings along unseen.
        kept = [
            (c, number)
            for number, line in enumerate(text.splitlines(), 1)
            for c in unicodedata.normalize("NFKC", line)
            if not c.isspace() and unicodedata.category(c) != "Cf"
        ]
        self.text = "".join(c for c, _ in kept)
        self._lines = [number for _, number in kept] or [1]

    def line(self, at: int) -> int:
        """Return the line of the character at `at`; of a place beyond the end, the last one."""
        return self._lines[min(at, len(self._lines) - 1)]


@dataclass
class _Reader:
    source: _Squeezed
    year: int = 0
    problems: list[Problem] = field(default_factory=list)
    spoken: list[tuple[date, int, str]] = field(default_factory=list)  # each day, where, and in which words

    def read(self, in_use: Calendar) -> Notice | None:
        text = self.source.text
        title = _TITLE.search(text)
        if title is None:
            self._complain(Flaw.NO_NOTICE, 0, text[:20])
            return None
        self.year = _year(title[1])
        if (flaw := self._too_late(in_use)) is not None:
            self._complain(flaw, title.start(), title[0])
            return None
        headings = list(_HEADING.finditer(text, title.end()))
        ends = [heading.start() for heading in headings[1:]] + [len(text)]
        arranged = [
            one for heading, end in zip(headings, ends, strict=True) for one in self._arrangements(heading, end)
        ]
        self._compare(arranged, title)
        signed = self._signed(title.end())
        if signed is None:
            return None
        reference = _REFERENCE.search(text)
        return Notice(
            notice=f"国务院办公厅关于{self.year}年部分节假日安排的通知",
            number=f"{reference[1]}〔{reference[2]}〕{reference[3]}号" if reference else "",
            issued=signed,
            holiday=tuple(arranged),
        )

    def _too_late(self, in_use: Calendar) -> Flaw | None:
        """Return why the year isn't waiting for its notice; one that nobody can mean counts as too early."""
        if not 2000 <= self.year <= 2099 or in_use.lacks_notice(self.year):
            return Flaw.BEFORE_TABLE
        waits = in_use.provisional_years(date(self.year, 1, 1), date(self.year, 12, 31))
        return None if waits else Flaw.FINAL_YEAR

    def _arrangements(self, heading: re.Match[str], end: int) -> Iterator[Arrangement]:
        """Yield what stands under a heading, which names a holiday, or two that were joined."""
        if heading["names"] is None:
            self._complain(Flaw.UNKNOWN_HOLIDAY, heading.start(), heading["other"])
            return
        found = [(heading["names"].find(short), key) for short, key in _HOLIDAYS.items()]
        of = tuple(key for at, key in sorted(found) if at >= 0)
        close = _CLOSE.search(self.source.text, heading.end(), end)
        off: list[_Range] = []
        make_up: list[date] = []
        before = len(self.problems)
        for clause in self._clauses(heading.end(), close.start() if close else end):
            ranges = list(self._ranges(clause, of))
            self.spoken += [
                (day, clause.start(), clause["days"]) for first, last in ranges for day in _each(first, last)
            ]
            if clause["verb"] == "上班":
                make_up += [day for first, last in ranges for day in _each(first, last)]
                continue
            off += ranges
            if len(self.problems) == before:
                self._check_length(clause, ranges)
        if not off and len(self.problems) == before:
            self._complain(Flaw.NOTHING_OFF, heading.start(), heading[0])
        for first, last in off:
            yield Arrangement(of=of, first=first, last=last, make_up=tuple(make_up))
            # The make-up days are of the holiday as a whole; should it have a gap, the first part names them.
            make_up = []

    def _clauses(self, start: int, end: int) -> Iterator[re.Match[str]]:
        """Yield each group of dates with its verb; what follows in the same sentence may hold another."""
        text = self.source.text
        while (clause := _CLAUSE.search(text, start, end)) is not None:
            sentence = max(start, *(text.rfind(mark, start, clause.start()) for mark in "。;"))
            start = clause.start("rest")
            # 「鼓励各单位…安排职工在除夕（2月9日）休息」 arranges nothing.
            if "鼓励" in text[sentence : clause.start()]:
                continue
            if clause["verb"] is None:
                self._complain(Flaw.NOT_READ, clause.start(), clause["days"])
                continue
            yield clause

    def _ranges(self, clause: re.Match[str], of: Sequence[str]) -> Iterator[_Range]:
        """Yield the ranges of a clause, a single day as one of its own."""
        before: date | None = None
        for written in _ONE_RANGE.finditer(clause["days"]):
            first = self._day(written[1], before, clause, of)
            last = first if written[2] is None else self._day(written[2], first, clause, of)
            before = last
            if first is None or last is None:
                continue
            if last < first:
                self._complain(Flaw.BACKWARDS, clause.start(), clause["days"])
            else:
                yield first, last

    def _day(self, written: str, before: date | None, clause: re.Match[str], of: Sequence[str]) -> date | None:
        """Return the day that is written, or None with a problem; month and year may be those of `before`."""
        parts = _ONE_DATE.fullmatch(written)
        if parts is None or (parts[2] is None and before is None):
            self._complain(Flaw.NOT_READ, clause.start(), clause["days"])
            return None
        month = _number(parts[2]) if parts[2] else before.month if before else 0
        try:
            day = date(_year(parts[1]) if parts[1] else self._year_of(month, before, of), month, _number(parts[3]))
        except ValueError:
            self._complain(Flaw.NO_SUCH_DAY, clause.start(), written)
            return None
        if not date(self.year - 1, _DECEMBER, 1) <= day <= date(self.year, _DECEMBER, 31):
            self._complain(Flaw.OUTSIDE, clause.start(), written, day)
            return None
        said = _WEEKDAY.search(parts[4] or "")
        if said is not None and _WEEKDAYS_ZH.find(said[1].replace("天", "日")) != day.weekday():
            self._complain(Flaw.WEEKDAY, clause.start(), written, day)
        elif clause["verb"] == "上班" and day.weekday() < _SATURDAY:
            self._complain(Flaw.NOT_A_WEEKEND, clause.start(), written, day)
        return day

    def _year_of(self, month: int, before: date | None, of: Sequence[str]) -> int:
        """Return the year of a date that doesn't say it: New Year may begin, or be made up for, in December."""
        if before is not None:
            return before.year + (month < before.month == _DECEMBER)
        return self.year - (month == _DECEMBER and "new_year" in of)

    def _check_length(self, clause: re.Match[str], ranges: Sequence[_Range]) -> None:
        """Compare the days off with 「共3天」 and 「与周末连休」 behind them."""
        length = sum((last - first).days + 1 for first, last in ranges)
        said = _LENGTH.search(clause["rest"])
        if said is not None and _number(said[1]) != length:
            self._complain(Flaw.LENGTH, clause.start(), clause["days"], n=length)
        if "与周末连休" in clause["rest"]:
            for first, last in ranges:
                if first.weekday() not in (_MONDAY, _SATURDAY, _SATURDAY + 1) and last.weekday() < _FRIDAY:
                    self._complain(Flaw.NO_WEEKEND, clause.start(), clause["days"], first)

    def _compare(self, arranged: Sequence[Arrangement], title: re.Match[str]) -> None:
        """Complain of a day that is spoken of twice, and of holidays that no line arranges."""
        known_days: set[date] = set()
        for day, at, words in self.spoken:
            if day in known_days:
                self._complain(Flaw.TWICE, at, words, day)
            known_days.add(day)
        known = {key for one in arranged for key in one.of}
        if not self.problems:
            for short, key in _HOLIDAYS.items():
                if key not in known:
                    self._complain(Flaw.MISSING, title.start(), short)

    def _signed(self, start: int) -> date | None:
        """Return the date under the notice, which lies in its year or the one before."""
        found = [*_SIGNED.finditer(self.source.text, start)]
        if found and (parts := _ONE_DATE.fullmatch(found[-1][1])) is not None:
            try:
                day = date(_year(parts[1]), _number(parts[2]), _number(parts[3]))
            except ValueError:
                day = date.min
            if self.year - 1 <= day.year <= self.year:
                return day
        self._complain(Flaw.NOT_SIGNED, len(self.source.text), self.source.text[-20:])
        return None

    def _complain(self, flaw: Flaw, at: int, quote: str, day: date | None = None, n: int = 0) -> None:
        self.problems.append(Problem(flaw, self.source.line(at), quote, day, n))


def _each(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _number(written: str) -> int:
    """Return what 「28」 or 「二十八」 says, 0 where it says no number."""
    if written.isascii():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    if any(digit not in _DIGITS for digit in tens + ones) or len(tens) > 1 or len(ones) > 1:
        return 0
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _year(written: str) -> int:
    return int("".join(str(_DIGITS.get(digit, digit)) for digit in written))
