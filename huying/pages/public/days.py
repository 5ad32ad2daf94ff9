"""The day strip in words: an illustration of why a date is that day, which the sentence above it says in full."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.dateformat import format as date_text
from django.utils.translation import gettext, pgettext

from huying.cases.language import language
from huying.rules.day_strip import Cell, day_strip
from huying.rules.terms import Why

from .shown import ShownDay

_A_WEEKEND = {5, 6}


def shown_days(why: Why) -> list[ShownDay]:
    return list(_shown(day_strip(why)))


def _shown(cells: list[Cell]) -> Iterator[ShownDay]:
    """Yield the cells; the month is named where it begins, and above several days."""
    month = 0
    for cell in cells:
        first, last = cell.first, cell.last
        named = [date_text(first, pgettext("month in the day strip", "n 月"))] if first.month != month else []
        weekday = [date_text(first, "D")] if first == last else []
        across = first.month != last.month
        named_day = pgettext("day of another month in the day strip", "n 月 j 日")
        until = date_text(last, named_day if across else "j")
        days = str(first.day) if first == last else f"{first.day}–{until}"
        month = first.month
        yield ShownDay(cell.kind, " ".join([*named, *weekday]), days, _what(cell))


def _what(cell: Cell) -> str:
    match cell.kind:
        case "start":
            return pgettext("day strip", "起算")
        case "due":
            return pgettext("day strip", "最迟")
        case "paused":
            return pgettext("day strip", "暂停")
        case "counted" if cell.first == cell.last:
            return gettext("第 {n} 天").format(n=cell.n)
        case "counted":
            return gettext("第 {n}–{last} 天").format(n=cell.n, last=cell.n + (cell.last - cell.first).days)
    return _off(cell)


def _off(cell: Cell) -> str:
    """Return the name of a holiday; without one, whether the days off are a weekend."""
    if cell.name is not None:
        return cell.name[language() == "en"]
    days = {(cell.first + timedelta(n)).weekday() for n in range((cell.last - cell.first).days + 1)}
    return pgettext("day strip", "周末") if days <= _A_WEEKEND else pgettext("day strip", "放假")
