"""Derivations, days and due tags in the words of a good clerk, Chinese and English: data in, text out."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from huying.rules.calendar import Calendar
from huying.rules.duration import Duration, Unit
from huying.rules.terms import Counting, DayFact, Left, Step, day_fact

Language: TypeAlias = Literal["zh", "en"]

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LENGTHS_ZH = {
    "calendar_days": "{} 个自然日",
    "working_days": "{} 个工作日",
    "hours": "{} 小时",
    "minutes": "{} 分钟",
}
_PLACES_ZH = {
    "calendar_days": "第 {} 天",
    "working_days": "第 {} 个工作日",
    "hours": "满 {} 小时",
    "minutes": "满 {} 分钟",
}
# What happened at the start; an event that isn't here is left unsaid.
_EVENTS_ZH = {
    "received": "收到",
    "completed": "补正",
    "assigned": "交办",
    "first_assigned": "交办",
    "accepted": "受理",
    "reported": "反馈",
    "verified": "审核",
    "closed": "销号",
    "reopened": "重办",
    "marked_urgent": "标为紧急",
    "returned": "退单",
    "requested": "申请",
    "reviewed": "复查决定",
}


def day_in_words(day: date, calendar: Calendar, language: Language, with_year: bool = False) -> str:
    """Return 「10 月 1 日（周四，国庆节）」 or "Thu 1 Oct, National Day"; a shifted day says that it is worked."""
    tell = _day_zh if language == "zh" else _day_en
    return tell(day_fact(day, calendar), None if with_year else day.year)


def end_in_words(due: datetime, counting: Counting, language: Language) -> str:
    """Return when a term ends: 「2027 年 1 月 4 日（周一）24:00」; midnight is 24:00 of the day that ended."""
    day, local = counting.day_ended(due), counting.local(due)
    clock = "24:00" if local.date() > day else f"{local:%H:%M}"
    said = day_in_words(day, counting.calendar, language, with_year=True)
    return f"{said}{clock}" if language == "zh" else f"{said}, {clock}"


def in_words(why: Sequence[Step], language: Language) -> str:
    """Return the derivation of a term (`Due.why`, as it is or read back from JSON) as one sentence.

    「3 个自然日：9 月 28 日（周一）交办后第 3 天是 10 月 1 日（周四，国庆节），顺延到 10 月 8 日（周四）24:00」
    A date says its year where that isn't the year of the start.
    """
    start, year = why[0], int(why[0]["at"][:4])
    steps = [step for step in why if "to" in step or "to_at" in step]
    clock = next((step["clock"] for step in why if step["step"] == "end"), "")
    # Only the last date is the due, and says its hour.
    clocks = [""] * (len(steps) - 1) + [clock]
    if language == "zh":
        clauses = [_clause_zh(step, start, year, at) for step, at in zip(steps, clocks, strict=True)]
        return "；".join(["，".join(clauses), *(text for step in why for text in _notes_zh(step, year))])
    clauses = [_clause_en(step, start, year, at) for step, at in zip(steps, clocks, strict=True)]
    return "; ".join([", ".join(clauses), *(text for step in why for text in _notes_en(step, year))])


def length_in_words(term: Duration, language: Language) -> str:
    """Return 「3 个工作日」 or "3 working days"."""
    return _LENGTHS_ZH[term.unit].format(term.n) if language == "zh" else str(term).replace("_", " ")


def left_in_words(left: Left, language: Language) -> str:
    """Return a due tag's text: 「还剩 2 个工作日」, 「今天 24:00 前」, 「超期 2 个工作日」, 「09:41 前」."""
    return _left_zh(left) if language == "zh" else _left_en(left)


def _moment(written: str) -> tuple[DayFact, str]:
    """Return day and hour of a local instant."""
    at = datetime.fromisoformat(written)
    return DayFact(date=at.date().isoformat()), f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _start_clock(start: Step) -> str:
    """Return the hour at which a deadline passed; midnight is 24:00 of the day that ended."""
    day, clock = _moment(start["at"])
    return clock if day["date"] == start["day"]["date"] else "24:00"


def _left_clock(left: Left) -> str:
    return "24:00" if left.at.date() > left.day else f"{left.at:%H:%M}"


def _is_another_day(left: Left) -> bool:
    """Return whether a term of hours ends on another day than today; now is `n` minutes before its end."""
    return (left.at - timedelta(minutes=left.n)).date() != left.at.date()


def _date_zh(day: date, year: int | None) -> str:
    said = f"{day.month} 月 {day.day} 日"
    return said if day.year == year else f"{day.year} 年 {said}"


def _day_zh(fact: DayFact, year: int | None, clock: str = "") -> str:
    day = date.fromisoformat(fact["date"])
    inside = f"周{_WEEKDAYS_ZH[day.weekday()]}"
    match fact.get("mark"):
        case "holiday":
            inside += f"，{fact['zh']}"
        case "day_off":
            inside += "，放假"
        case "make_up":
            inside += "，上班"
    return f"{_date_zh(day, year)}（{inside}）{clock}"


def _run_zh(fact: DayFact, year: int) -> str:
    first, last = date.fromisoformat(fact["date"]), date.fromisoformat(fact["last"])
    if (first.year, first.month) == (last.year, last.month):
        return f"{_date_zh(first, year)}至 {last.day} 日"
    return f"{_date_zh(first, year)}至 {_date_zh(last, year)}"


def _moment_zh(written: str, year: int) -> str:
    fact, clock = _moment(written)
    return _day_zh(fact, year, clock)


def _start_zh(start: Step, year: int, unit: str) -> str:
    event = _EVENTS_ZH.get(start.get("event", ""), "")
    match start.get("moved"):
        case "day_ended":
            return f"{_day_zh(start['day'], year, _start_clock(start))} 到期后"
        case "late_intake":
            came = f"{_moment_zh(start['at'], year)} {event or '收到'}，不在办公时间"
            return f"{came}，算 {_day_zh(start['day'], year)}的，此后"
    if Unit(unit).is_day:
        return f"{_day_zh(start['day'], year)}{event}后"
    return f"{_day_zh(start['day'], year, _moment(start['at'])[1])} {event or '起'}{'后' if event else ''}"


def _clause_zh(step: Step, start: Step, year: int, clock: str) -> str:
    to = _moment_zh(step["to_at"], year) if "to_at" in step else _day_zh(step["to"], year, clock)
    if step["step"] == "roll":
        return f"顺延到 {to}"
    if step["step"] == "set":
        return f"定于 {to}"
    n, unit = step["n"], step["unit"]
    length = _LENGTHS_ZH[unit].format(n)
    if step["step"] == "count":
        return f"{length}：{_start_zh(start, year, unit)}{_PLACES_ZH[unit].format(n)}是 {to}"
    if step["step"] == "extend":
        return f"延期 {length}到 {to}"
    return f"{_pause_zh(step, year)}暂停，加 {_minutes_zh(n) if unit == 'minutes' else length}到 {to}"


def _pause_zh(step: Step, year: int) -> str:
    if "since_at" in step:
        return f"{_moment_zh(step['since_at'], year)} 至 {_moment_zh(step['until_at'], year)} "
    return f"{_day_zh(step['since'], year)}至 {_day_zh(step['until'], year)}"


def _notes_zh(step: Step, year: int) -> list[str]:
    if step["step"] == "provisional":
        return _provisional_zh(*_years_without_notice(step, "、"))
    if step["step"] == "paused":
        return [f"{_moment_zh(step['since_at'], year)} 起暂停，恢复后重新推算"]
    notes = []
    for fact in _passed(step):
        if fact["mark"] == "make_up":
            notes.append(f"{_day_zh(fact, year)}也算")
        elif "last" in fact:
            notes.append(f"{_run_zh(fact, year)}{fact['zh']}放假，不算")
        else:
            notes.append(f"{_day_zh(fact, year)}不算")
    return notes


def _provisional_zh(lacking: str, to_come: str) -> list[str]:
    notes = [f"呼应没有 {lacking} 年的放假安排，按周末和法定节日推算"] * bool(lacking)
    return notes + [f"{to_come} 年放假安排未公布，暂定"] * bool(to_come)


def _years_without_notice(step: Step, joint: str) -> tuple[str, str]:
    """Return the years of which we don't have the notice, and those of which it is still to come."""
    lacking = step.get("before_table", [])
    to_come = [year for year in step["years"] if year not in lacking]
    return joint.join(map(str, lacking)), joint.join(map(str, to_come))


def _passed(step: Step) -> list[DayFact]:
    """Return the marked days on the way to a day that names itself."""
    return [fact for fact in step.get("marked", []) if fact["date"] != step["to"]["date"]]


def _minutes_zh(n: int) -> str:
    hours, minutes = divmod(n, 60)
    parts = [f"{hours} 小时" * bool(hours), f"{minutes} 分钟" * bool(minutes or not hours)]
    return " ".join(part for part in parts if part)


def _left_zh(left: Left) -> str:
    due = f"{_day_zh(DayFact(date=left.day.isoformat()), left.day.year)}{_left_clock(left)} 前"
    match left.kind:
        case "working_days":
            return f"还剩 {left.n} 个工作日" if left.n else due
        case "today":
            return f"今天 {_left_clock(left)} 前"
        case "overdue_working_days":
            return f"超期 {left.n:,} 个工作日"
        case "by":
            return due if _is_another_day(left) else f"{left.at:%H:%M} 前"
    return f"超期 {_minutes_zh(left.n)}"


def _date_en(day: date, year: int | None) -> str:
    said = f"{day.day} {_MONTHS_EN[day.month - 1]}"
    return said if day.year == year else f"{said} {day.year}"


def _day_en(fact: DayFact, year: int | None, clock: str = "") -> str:
    day = date.fromisoformat(fact["date"])
    said = f"{_WEEKDAYS_EN[day.weekday()]} {_date_en(day, year)}" + (f" {clock}" if clock else "")
    match fact.get("mark"):
        case "holiday":
            return f"{said}, {fact['en']}"
        case "day_off":
            return f"{said}, a day off"
        case "make_up":
            return f"{said}, a working day"
    return said


def _moment_en(written: str, year: int) -> str:
    fact, clock = _moment(written)
    return _day_en(fact, year, clock)


def _start_en(start: Step, year: int, unit: str) -> str:
    match start.get("moved"):
        case "day_ended":
            return _day_en(start["day"], year, _start_clock(start))
        case "late_intake":
            came = _moment_en(start["at"], year)
            return f"{_day_en(start['day'], year)} (came {came}, outside office hours)"
    return _day_en(start["day"], year, "" if Unit(unit).is_day else _moment(start["at"])[1])


def _clause_en(step: Step, start: Step, year: int, clock: str) -> str:
    to = _moment_en(step["to_at"], year) if "to_at" in step else _day_en(step["to"], year, clock)
    if step["step"] == "roll":
        return f"rolled to {to}"
    if step["step"] == "set":
        return f"set for {to}"
    n, unit = step["n"], step["unit"]
    length = str(Duration(n, Unit(unit))).replace("_", " ")
    if step["step"] == "count":
        return f"{length} from {_start_en(start, year, unit)} = {to}"
    if step["step"] == "extend":
        return f"extended by {length} = {to}"
    if "since_at" in step:
        since, until = _moment_en(step["since_at"], year), _moment_en(step["until_at"], year)
    else:
        since, until = _day_en(step["since"], year), _day_en(step["until"], year)
    return f"paused from {since} to {until}, plus {_minutes_en(n) if unit == 'minutes' else length} = {to}"


def _notes_en(step: Step, year: int) -> list[str]:
    if step["step"] == "provisional":
        return _provisional_en(*_years_without_notice(step, " and "))
    if step["step"] == "paused":
        return [f"paused since {_moment_en(step['since_at'], year)}, to be worked out again when it resumes"]
    notes = []
    for fact in _passed(step):
        if fact["mark"] == "make_up":
            notes.append(f"{_day_en(fact, year)}, is counted")
        elif "last" in fact:
            first, last = date.fromisoformat(fact["date"]), date.fromisoformat(fact["last"])
            run = f"{_date_en(first, year)} to {_date_en(last, year)}"
            notes.append(f"{run}, {fact['en']}, are not counted")
        else:
            notes.append(f"{_day_en(fact, year)}, is not counted")
    return notes


def _provisional_en(lacking: str, to_come: str) -> list[str]:
    notes = [f"Huying has no holiday notice of {lacking}, counted by weekends and statutory holidays"] * bool(lacking)
    return notes + [f"provisional: no holiday notice for {to_come} yet"] * bool(to_come)


def _minutes_en(n: int) -> str:
    hours, minutes = divmod(n, 60)
    parts = [Duration(hours, Unit.HOURS)] * bool(hours)
    parts += [Duration(minutes, Unit.MINUTES)] * bool(minutes or not hours)
    return " ".join(map(str, parts))


def _left_en(left: Left) -> str:
    due = f"by {_day_en(DayFact(date=left.day.isoformat()), left.day.year, _left_clock(left))}"
    days = f"{left.n:,} working day{'' if left.n == 1 else 's'}"
    match left.kind:
        case "working_days":
            return f"{days} left" if left.n else due
        case "today":
            return f"today by {_left_clock(left)}"
        case "overdue_working_days":
            return f"{days} overdue"
        case "by":
            return due if _is_another_day(left) else f"by {left.at:%H:%M}"
    return f"{_minutes_en(left.n)} overdue"
