"""The days of a term side by side, worked out from its derivation alone: what `why` says, as cells."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from huying.rules.duration import Unit
from huying.rules.terms import DayFact, Step, Why

Name: TypeAlias = tuple[str, str]
MOST = 16  # cells; more explain less than the sentence does
FEW = 8  # up to here each counted day has a cell of its own
_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """One day, or several in a row that are alike.

    start    the day from which the term counts
    counted  the `n`th day of the term, or those from `n` on
    off      not counted; `name` is the holiday in Chinese and English, None for a weekend and other days off
    paused   the term stood still; if it still does, this is the last cell
    due      the last day
    """

    kind: Literal["start", "counted", "off", "paused", "due"]
    first: date
    last: date
    n: int = 0
    name: Name | None = None


def day_strip(why: Why) -> list[Cell]:
    """Return the cells of a term that is counted in days.

    None for hours, for an end that somebody set, and for a term so long that its sentence says it better.
    """
    reached = [step for step in why if "to" in step]
    start, due = _date(why[0]["day"]), _date(reached[-1]["to"]) if reached else date.min
    if due <= start or any("to_at" in step for step in why):
        return []
    stands = next((date.fromisoformat(step["since_at"][:10]) for step in why if step["step"] == "paused"), None)
    after = due if stands is None else stands + _ONE_DAY
    rolled = _rolled(reached)
    days = [day for day in _walked(why, start) if not rolled or day.first < rolled[0].first]
    days = [day for day in (*days, *rolled) if day.first < after]
    end = Cell("due" if stands is None else "paused", after, after)
    cells = _joined(_numbered(days), {"off", "paused"})
    if len(cells) + 2 > FEW:
        cells = _joined(cells, {"off", "paused", "counted"})
    return [Cell("start", start, start), *cells, end] if len(cells) + 2 <= MOST else []


def _walked(why: Why, start: date) -> Iterator[Cell]:
    """Yield each day from the one after the start to the end before rolling, as its step counts it."""
    counts = [step for step in why if "n" in step]
    pauses = [(_date(step["since"]), _date(step["until"])) for step in counts if "until" in step]
    facts = [fact for step in counts for fact in (*step.get("marked", []), step["to"])]
    day = start
    for step in counts:
        while day < _date(step["to"]):
            day += _ONE_DAY
            if any(since < day <= until for since, until in pauses):
                yield Cell("paused", day, day)
            else:
                yield _counted(day, next((fact for fact in facts if _is_in(day, fact)), None), Unit(step["unit"]))


def _counted(day: date, fact: DayFact | None, unit: Unit) -> Cell:
    """Return a day that counts; a day off doesn't where working days are counted."""
    mark = fact.get("mark") if fact else None
    is_off = day.weekday() >= _SATURDAY if mark is None else mark != "make_up"
    if is_off and unit is Unit.WORKING_DAYS:
        return Cell("off", day, day, name=_name(fact))
    return Cell("counted", day, day)


def _rolled(reached: Sequence[Step]) -> list[Cell]:
    """Return the days off over which the end is rolled as one cell under the name of the first, or nothing."""
    if reached[-1]["step"] != "roll":
        return []
    end = reached[-2]["to"]
    return [Cell("off", _date(end), _date(reached[-1]["to"]) - _ONE_DAY, name=_name(end))]


def _numbered(days: Sequence[Cell]) -> Iterator[Cell]:
    """Yield the days with their place in the term."""
    n = 0
    for day in days:
        n += day.kind == "counted"
        yield replace(day, n=n) if day.kind == "counted" else day


def _joined(cells: Iterable[Cell], kinds: set[str]) -> list[Cell]:
    """Return the cells with those of the kinds that are alike and follow each other as one."""
    joined: list[Cell] = []
    for cell in cells:
        before = joined[-1] if joined else None
        if before and cell.kind in kinds and (before.kind, before.name) == (cell.kind, cell.name):
            joined[-1] = replace(before, last=cell.last)
        else:
            joined.append(cell)
    return joined


def _date(fact: DayFact) -> date:
    return date.fromisoformat(fact["date"])


def _is_in(day: date, fact: DayFact) -> bool:
    return fact["date"] <= day.isoformat() <= fact.get("last", fact["date"])


def _name(fact: DayFact | None) -> Name | None:
    return (fact["zh"], fact["en"]) if fact and fact.get("mark") == "holiday" else None
