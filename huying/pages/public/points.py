"""The published ways to reach somebody, as everybody sees them: who answers, when, and what can't be dialled now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from huying.cases.language import language
from huying.directory.entries import Point
from huying.directory.models import ContactPoint
from huying.pages.labels import CHANNELS
from huying.pages.phones import tel
from huying.rules.hours_words import hours_in_english
from huying.rules.vocabulary import AnswerMode
from huying.rules.words import Language

from . import when
from .labels import ANSWERED_BY
from .shown import ShownPoint


@dataclass(frozen=True)
class Spoken:
    """A page's moment and its words of kinds and of who answers: translated once, not for each number."""

    at: datetime
    language: Language
    kinds: Mapping[str, str]
    modes: Mapping[str, str]


def spoken(at: datetime) -> Spoken:
    kinds = {kind: str(word) for kind, word in CHANNELS.items()}
    return Spoken(at, language(), kinds, {mode: str(word) for mode, word in ANSWERED_BY.items()})


def shown_points(points: Iterable[ContactPoint], at: datetime, *, named: bool = False) -> list[ShownPoint]:
    """Return the points, each under its kind, or `named` after its line or post."""
    words = spoken(at)
    return [shown_point(one, words, one.line or (one.post.name if named and one.post else "")) for one in points]


def shown_point(point: ContactPoint | Point, words: Spoken, label: str = "", until_then: str = "") -> ShownPoint:
    """Return a point; of a pending one, `until_then` is the number that is still dialled."""
    way = _way(point)
    label = label or words.kinds.get(way, point.kind)
    if point.valid_from is not None and point.valid_from > words.at:
        day = when.plain_day(point.valid_from, words.at)
        return ShownPoint(label, point.value, valid_from=day, until_then=until_then)
    if point.suspended is not None:
        return ShownPoint(label, point.value, suspended=point.suspended)
    return ShownPoint(
        label,
        point.value,
        href=_href(way, point.value),
        mode=AnswerMode(point.answer_mode),
        answered_by=words.modes[point.answer_mode],
        hours=_hours(point.hours or "", words.language),
    )


def ways(points: Sequence[Point], words: Spoken) -> list[ShownPoint]:
    """Return the points; a number for calls and, in the same way, messages stands once and says both.

    So does one that is suspended, or pending, for both.
    """
    # What goes when a pending one comes: withdrawn at that very moment.
    replaced = {(one.kind, one.withdrawn_at): one.value for one in points}
    shown: list[ShownPoint] = []
    for point in points:
        one = shown_point(point, words, until_then=replaced.get((point.kind, point.valid_from), ""))
        same = next((n for n, other in enumerate(shown) if _is_the_same(other, one)), None)
        if same is None:
            shown.append(one)
        else:
            shown[same] = shown[same]._replace(sms=one.href)
    return shown


def _hours(written: str, said_in: Language) -> str:
    """Return answering hours in the language of the page; what has no English stays as the office wrote it."""
    return (said_in == "en" and hours_in_english(written)) or written


def _is_the_same(called: ShownPoint, texted: ShownPoint) -> bool:
    if called.value != texted.value:
        return False
    if texted.suspended or texted.valid_from:
        return (called.suspended, called.valid_from) == (texted.suspended, texted.valid_from)
    same = (called.answered_by, called.hours) == (texted.answered_by, texted.hours)
    return same and called.href.startswith("tel:") and texted.href.startswith("sms:")


def _href(way: str, value: str) -> str:
    """Return what the number does when it is pressed; a number that takes messages alone is never dialled."""
    if way == "email":
        return f"mailto:{value}"
    if way == "sms":
        return f"sms:{tel(value)}"
    return f"tel:{tel(value)}" if way.startswith(("phone", "hotline")) else ""


def _way(point: ContactPoint | Point) -> str:
    """Return by which channel a point is reached; that of a phone which takes messages alone is those."""
    return "sms" if point.kind.startswith("phone") and point.answer_mode == AnswerMode.SMS_ONLY else point.kind
