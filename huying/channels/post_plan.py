"""Posts from a file: what the file would change of each post, what contradicts the record, and taking it over.

A blank cell, or a column that is absent, changes nothing; only of `until`, `hours`, `suspended` and `portfolio` a
blank cell says that there is none. Persons are known by their names alone: one name is one person, so that whoever
holds two posts is not taken for two people when a matter is about one of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone
from psycopg.types.range import Range

from huying.directory.models import ContactPoint
from huying.people.models import Person, Portfolio, Post, Tenure, Unit
from huying.people.serving import day_of
from huying.rules.vocabulary import AnswerMode

from .post_file import ToldPoint, ToldPost, read_posts, same_number
from .table import BadTable, Change, Row, Table

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a post from a day up to and including another; `tenure` is the row, None for one to come."""

    person: str
    since: date
    until: date | None
    tenure: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A way to reach a post; `id` is the row, None for one to come. It is pending before `valid_from`."""

    kind: str
    value: str
    answer_mode: str
    hours: str | None
    id: int | None = None
    valid_from: date | None = None
    suspended: str | None = None


@dataclass(frozen=True, slots=True)
class PostState:
    """A post as it is: its holders in the order of time, and what it answers for without an end."""

    name: str
    unit: str | None
    holders: tuple[Holder, ...] = ()
    points: tuple[Point, ...] = ()
    portfolio: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostStep:
    """What becomes of one post; None and empty: nothing. `turn` is the day on which the portfolio changes."""

    name: str
    unit: str
    holder: Holder | None
    point: Point | None
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    turn: date


@dataclass(frozen=True, slots=True)
class PostPlan:
    """What a file would do: every row in words, and the steps of the posts that change."""

    changes: tuple[Change, ...]
    steps: Mapping[str, PostStep]
    unread: tuple[str, ...]


def plan_posts(path: Path, today: date) -> PostPlan:
    """Compare a file with the posts there are. Raises SheetError, BadTable."""
    table, told = read_posts(path)
    known = _known()
    steps: dict[str, PostStep] = {}
    changes = []
    for code, (row, post) in told.items():
        step = _step(table, row, post, known.get(code), today)
        says = tuple(_says(step, known.get(code)))
        if says:
            steps[code] = step
        changes.append(Change("unchanged" if not says else "changed" if code in known else "new", code, says))
    _check_numbers(table, {code: row for code, (row, _) in told.items()}, steps, _midnight(today))
    if table.problems:
        raise BadTable(table.problems)
    return PostPlan(tuple(changes), steps, table.unread)


# -- what there is ---------------------------------------------------------------------------------------------------


def _known() -> dict[str, PostState]:
    holders: dict[int, list[Holder]] = {}
    for tenure in Tenure.objects.select_related("person").order_by("days"):
        holders.setdefault(tenure.post_id, []).append(
            Holder(tenure.person.name, tenure.days.lower, _last_day(tenure.days), tenure.id)
        )
    points: dict[int, list[Point]] = {}
    for point in ContactPoint.objects.filter(post__isnull=False, withdrawn_at=None).order_by("id"):
        valid_from = point.valid_from and day_of(point.valid_from)
        points.setdefault(point.post_id or 0, []).append(
            Point(point.kind, point.value, point.answer_mode, point.hours, point.id, valid_from, point.suspended)
        )
    units: dict[int, list[str]] = {}
    for entry in Portfolio.objects.filter(days__upper_inf=True).select_related("unit").order_by("id"):
        units.setdefault(entry.post_id, []).append(entry.unit.code)
    return {
        post.code: PostState(
            post.name,
            post.unit.code if post.unit else None,
            tuple(holders.get(post.id, ())),
            tuple(points.get(post.id, ())),
            tuple(units.get(post.id, ())),
        )
        for post in Post.objects.select_related("unit")
    }


def _last_day(days: "Range[date]") -> date | None:
    """Return the last day of a range, whose upper end the database keeps as the day after it."""
    return days.upper - _DAY if days.upper else None


# -- what the file would do ------------------------------------------------------------------------------------------


def _step(table: Table, row: Row, told: ToldPost, known: PostState | None, today: date) -> PostStep:
    known = known or PostState("", None)
    holder = _holder(table, row, told, known.holders)
    begins = holder is not None and holder.tenure is None
    portfolio = known.portfolio if told.portfolio is None else told.portfolio
    return PostStep(
        name=told.name,
        unit=told.unit,
        holder=holder,
        point=_point(table, row, told, known.points, today),
        added=tuple(code for code in portfolio if code not in known.portfolio),
        dropped=tuple(code for code in known.portfolio if code not in portfolio),
        turn=holder.since if holder and begins else today,
    )


def _holder(table: Table, row: Row, told: ToldPost, holders: Sequence[Holder]) -> Holder | None:
    """Return the tenure that the row begins or corrects; None if it says nothing new."""
    last = holders[-1] if holders else None
    if not told.person:
        return None
    if last is None or last.person != told.person:
        return _successor(table, row, told, last)
    until = told.until if told.says_until else last.until
    corrected = Holder(last.person, told.since or last.since, until, last.tenure)
    before = holders[-2] if len(holders) > 1 else None
    if before and before.until and corrected.since <= before.until:
        table.complain(row, "from", f"until {before.until} {before.person} held the post")
    if until and until < corrected.since:
        table.complain(row, "until", f"it ends on {until}, before it began on {corrected.since}")
    return corrected if corrected != last else None


def _successor(table: Table, row: Row, told: ToldPost, last: Holder | None) -> Holder | None:
    if told.since is None:
        if not row["from"]:
            table.complain(row, "from", f"{told.person} is new to the post; write from which day")
        return None
    if last and told.since <= last.since:
        table.complain(row, "from", f"{last.person} holds the post since {last.since}; {told.person} must come later")
        return None
    return Holder(told.person, told.since, told.until)


def _point(table: Table, row: Row, told: ToldPost, points: Iterable[Point], today: date) -> Point | None:
    """Return the way to reach the post that is new or changes: that of the number, else the only one of its kind."""
    point = told.point
    if point is None:
        return None
    alike = [one for one in points if one.kind == point.kind]
    equal = [one for one in alike if same_number(one.kind, one.value) == same_number(point.kind, point.value)]
    known = equal[0] if equal else alike[0] if len(alike) == 1 else None
    ahead = point.valid_from if point.valid_from and point.valid_from > today else None
    if known is None:
        mode = point.answer_mode or AnswerMode.UNDECLARED.value
        return Point(point.kind, point.value, mode, point.hours, None, ahead, point.suspended)
    if equal and ahead and (known.valid_from is None or known.valid_from <= today):
        table.complain(row, "valid_from", f"{known.value} is in use already; only a new number has a day to come")
    changed = Point(
        kind=point.kind,
        value=known.value if equal else point.value,
        answer_mode=point.answer_mode or known.answer_mode,
        hours=point.hours if told.says_hours else known.hours,
        id=known.id,
        valid_from=_valid_from(point, known, today) if equal else ahead,
        suspended=point.suspended if told.says_suspended else known.suspended if equal else None,
    )
    return changed if changed != known else None


def _valid_from(told: ToldPoint, known: Point, today: date) -> date | None:
    """Return from when a number that is there already is valid: a day that has passed says nothing new."""
    if told.valid_from is None or (told.valid_from <= today and (known.valid_from or today) <= today):
        return known.valid_from
    return max(today, told.valid_from)


def _check_numbers(table: Table, rows: Mapping[str, Row], steps: Mapping[str, PostStep], at: datetime) -> None:
    """Complain where a number would belong to two; the numbers that the file itself changes are free again."""
    freed = {step.point.id for step in steps.values() if step.point and step.point.id is not None}
    owners: dict[tuple[str, str], str] = {}
    standing = ContactPoint.objects.standing(at).select_related("post")
    for point in standing.exclude(id__in=freed):
        owner = f"post {point.post.code!r}" if point.post else f"the line {point.line!r}"
        owners[point.kind, same_number(point.kind, point.value)] = owner
    for code, step in steps.items():
        if step.point is None:
            continue
        number = step.point.kind, same_number(step.point.kind, step.point.value)
        # The post's own is one that goes when another comes: it may come back before.
        if owners.get(number, f"post {code!r}") != f"post {code!r}":
            table.complain(rows[code], "phone", f"{step.point.value} is the number of {owners[number]} already")
        owners.setdefault(number, f"line {rows[code].line}")


# -- in words ------------------------------------------------------------------------------------------------------


def _says(step: PostStep, known: PostState | None) -> Iterator[str]:
    if known is None:
        yield f"{step.name}, in {step.unit}"
    elif known.name != step.name:
        yield f"name: {known.name} → {step.name}"
    if known and known.unit != step.unit:
        yield f"unit: {known.unit or '–'} → {step.unit}"
    if step.holder:
        yield _says_holder(step.holder, known.holders[-1] if known and known.holders else None)
    if step.point:
        before = [one for one in known.points if one.id == step.point.id] if known else []
        yield (f"{_says_point(before[0])} → " if before else "") + _says_point(step.point)
    if step.added:
        yield f"answers from {step.turn} for {'、'.join(step.added)}"
    if step.dropped:
        yield f"no longer answers from {step.turn} for {'、'.join(step.dropped)}"


def _says_holder(holder: Holder, last: Holder | None) -> str:
    now = f"{holder.person} from {holder.since}" + (f" until {holder.until}" if holder.until else "")
    if last is None:
        return now
    until = "" if last.until is None else f" until {last.until}"
    return f"holder: {last.person} from {last.since}{until} → {now}"


def _says_point(point: Point | ToldPoint) -> str:
    said = [f"{point.kind} {point.value}", point.answer_mode or "", point.hours or ""]
    said.append(f"valid from {point.valid_from}" if point.valid_from else "")
    said.append(f"suspended: {point.suspended}" if point.suspended else "")
    return ", ".join(filter(None, said))


# -- taking it over ------------------------------------------------------------------------------------------------


def take_posts(plan: PostPlan, at: datetime) -> None:
    """Make the posts as planned; a number that another takes the place of is withdrawn. Call it in a transaction."""
    units = dict(Unit.objects.values_list("code", "id"))
    for code, step in plan.steps.items():
        post, _ = Post.objects.update_or_create(code=code, defaults={"name": step.name, "unit_id": units[step.unit]})
        if step.holder:
            _take_holder(post, step.holder)
        if step.point:
            _take_point(post, step.point, at)
        for unit in step.dropped:
            _drop(post, units[unit], step.turn)
        for unit in step.added:
            _add(post, units[unit], step.turn)


def _take_holder(post: Post, holder: Holder) -> None:
    days = Range(holder.since, holder.until + _DAY if holder.until else None)
    if holder.tenure is not None:
        Tenure.objects.filter(id=holder.tenure).update(days=days)
        return
    last = Tenure.objects.filter(post=post).order_by("-days").first()
    if last and (last.days.upper is None or last.days.upper > holder.since):
        Tenure.objects.filter(id=last.id).update(days=Range(last.days.lower, holder.since))
    person = Person.objects.filter(name=holder.person).order_by("id").first()
    Tenure.objects.create(post=post, person=person or Person.objects.create(name=holder.person), days=days)


def _take_point(post: Post, point: Point, at: datetime) -> None:
    """Publish or change a point; what it takes the place of is withdrawn, at the moment from which it is valid."""
    valid_from = _midnight(point.valid_from) if point.valid_from else None
    told: dict[str, Any] = {"answer_mode": point.answer_mode, "hours": point.hours, "suspended": point.suspended}
    standing = ContactPoint.objects.standing(at).filter(post=post)
    known = standing.filter(id=point.id or 0).first()  # no row has 0
    turn = max(valid_from or at, at)
    if known is not None and known.valid_from is not None:  # while it is pending another one goes when it comes
        standing.filter(kind=point.kind, withdrawn_at=known.valid_from).update(withdrawn_at=turn)
    if known is not None and known.value == point.value:
        standing.filter(id=known.id).update(**told, valid_from=valid_from)
        # Whoever can't be called at a number can't be texted there either.
        standing.filter(value=point.value).update(suspended=point.suspended)
        return
    if known is not None:
        was_pending = known.valid_from is not None and known.valid_from > at
        standing.filter(id=known.id).update(withdrawn_at=at if was_pending else turn)
    ContactPoint.objects.create(post=post, kind=point.kind, value=point.value, valid_from=valid_from, **told)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def _drop(post: Post, unit: int, turn: date) -> None:
    entry = Portfolio.objects.get(post=post, unit=unit, days__upper_inf=True)
    if entry.days.lower >= turn:  # it never came to be
        entry.delete()
    else:
        Portfolio.objects.filter(id=entry.id).update(days=Range(entry.days.lower, turn))


def _add(post: Post, unit: int, turn: date) -> None:
    last = Portfolio.objects.filter(post=post, unit=unit).order_by("-days").first()
    begins = max(turn, last.days.upper) if last else turn
    Portfolio.objects.create(post=post, unit_id=unit, days=Range(begins, None))
