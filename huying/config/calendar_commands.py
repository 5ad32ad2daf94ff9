"""`huying calendar load`: what a file of days would change, a question, and then every open term counted by it.

`huying calendar paste` shows the same of a notice's text; two people of the office apply it, at their desk.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import IntegrityError
from django.utils import timezone
from tqdm import tqdm

from huying.cases.calendars import Move, count_open_terms, foresee, in_use, load
from huying.cases.clock import now
from huying.cases.days import Days, laid_over
from huying.cases.proposals import plan_notice
from huying.channels.calendar_file import read_days
from huying.channels.sheet_rows import SheetError
from huying.channels.table import BadTable
from huying.config.house import Trouble
from huying.config.organising import confirmed, refuse
from huying.rules.access import Actor
from huying.rules.calendar import Calendar
from huying.rules.holiday_notice import NotANotice

_SHOWN = 20
_A_DAY = timedelta(days=1)


def load_calendar(file: Path, *, dry_run: bool, yes: bool) -> int:
    """Load a file of days. Raises Trouble."""
    try:
        days = read_days(file)
    except SheetError as unreadable:
        raise Trouble(str(unreadable)) from unreadable
    except BadTable as bad:
        return refuse(file, bad)
    if not days:
        raise Trouble(f"{file}: there are no days in it")
    for line in _told(file, days, in_use(now())):
        print(line)
    _say("would move", foresee(days))
    if dry_run:
        print("Only looked at: nothing was loaded.")
    elif yes or confirmed():
        _load(days)
    return 0


def paste_notice(file: Path) -> int:
    """Say what the text of a yearly notice would change; nothing is loaded. Raises Trouble."""
    try:
        written = file.read_bytes()
    except OSError as unreadable:
        raise Trouble(f"{file}: {unreadable.strerror}") from unreadable
    try:
        plan = plan_notice(_text(written), now())
    except NotANotice as refused:
        problems = "\n  ".join(one.in_words("en") for one in refused.problems)
        raise Trouble(f"{file} can't be taken over:\n  {problems}") from refused
    print(plan.title)
    for line in _told(file, plan.days, in_use(now())):
        print(line)
    _say("would move", foresee(plan.days))
    print("Only looked at: somebody of the office pastes it at /desk/calendar/, and a second person applies it.")
    return 0


def _text(written: bytes) -> str:
    """Return what a file says in UTF-8 or GB18030; what is neither will hardly be a notice."""
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError:
        return written.decode("gb18030", errors="replace")


def _load(days: Days) -> None:
    at = now()
    try:
        loaded = load(days, at, Actor.system())
    except IntegrityError as raced:
        raise Trouble("somebody else loads a calendar at this moment; nothing was loaded, run it again") from raced
    print("All of these days had been loaded before." if loaded is None else f"Loaded as version {loaded.number}.")
    with tqdm(desc="open cases", unit=" cases", disable=None, leave=False) as bar:
        moves = count_open_terms(at, progress=bar.update)
    _say("moved", moves)


def _told(file: Path, days: Days, before: Calendar) -> Iterator[str]:
    """Yield what the file says that the calendar in use doesn't."""
    yield f"{file.name}: {_count(len(days), 'day')} from {min(days)} to {max(days)}"
    after = laid_over(before, days)
    other = [day for day in sorted(days) if _state(after, day) != _state(before, day)]
    for day in other[:_SHOWN]:
        yield f"  {day} {day:%a}  {_state(after, day)}, so far {_state(before, day)}"
    if len(other) > _SHOWN:
        yield f"  and {len(other) - _SHOWN} more days that were counted otherwise so far"
    for year in sorted({day.year for day in days}):
        final = not after.provisional_years(date(year, 1, 1), date(year, 12, 31))
        yield f"  {year} {'is final' if final else 'stays provisional: it has days that are not final'}"


def _state(calendar: Calendar, day: date) -> str:
    until = calendar.worked_until(day)
    if until is not None:
        return f"worked until {until:%H:%M}"
    return "worked" if calendar.is_working(day) else "off"


def _say(verb: str, moves: Sequence[Move]) -> None:
    """Print how many terms moved, of how many cases, and by how many days; confidential cases aren't named."""
    cases = len({move.number for move in moves})
    print(f"{_count(len(moves), 'open term')} of {_count(cases, 'case')} {verb}" + (":" if moves else "."))
    for days, count in sorted(Counter(round((move.after - move.before) / _A_DAY) for move in moves).items()):
        print(f"  {count:,} by {_count(abs(days), 'day')}, {'earlier' if days < 0 else 'later'}")
    named = [move for move in moves if not move.confidential]
    for move in named[:_SHOWN]:
        print(f"  {move.number}  {move.step}: due before {_local(move.before)}, now before {_local(move.after)}")
    if len(named) > _SHOWN:
        print(f"  and {len(named) - _SHOWN:,} more")
    if unnamed := len(moves) - len(named):
        print(f"  and {unnamed:,} of confidential cases")


def _local(at: datetime) -> str:
    return f"{at.astimezone(timezone.get_current_timezone()):%Y-%m-%d %H:%M}"


def _count(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"
