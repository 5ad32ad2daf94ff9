"""Who rings the invented city during its twenty days, when, in which words: always the same, but for the dates."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, TypeVar

from django.utils import timezone

from huying.data import demo_texts
from huying.rules.vocabulary import Complexity, Kind

from .curve import cases_per_day, contacts_per_day

T = TypeVar("T")

_SMS_SHARE = 0.25  # ours; the articles count calls and SMS together
# How many of a hundred contacts come in within each hour of the day, from six in the morning to before midnight.
_HOURS = (2, 4, 7, 11, 11, 8, 9, 5, 7, 8, 7, 6, 4, 4, 3, 2, 1, 1)
_OPENS = 6  # the first of these hours
_CLOSED_LISTS = (("kind", Kind), ("complexity", Complexity))


@dataclass(frozen=True)
class Matter:
    """Something people raise, as `data/demo/matters.toml` has it; `units` are ways like `yunxi>yunxi-housing`."""

    units: Sequence[str]
    posts: Sequence[str]
    texts: Sequence[str]
    kind: Kind = Kind.PROBLEM
    complexity: Complexity = Complexity.SIMPLE
    day: int | None = None
    count: int = 1
    months: Sequence[int] = ()
    course: str | None = None
    outcome: str = "done"
    spoken: Sequence[str] = ("已经联系",)
    reports: Sequence[str] = ("已经办理",)
    basis: str | None = None
    unhappy: str | None = None
    answer: str | None = None


@dataclass
class Words:
    """Puts places, numbers and people into texts; one draw for each name, so that a whole case has the same."""

    lists: Mapping[str, Sequence[str]]
    rng: Random
    drawn: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        if name not in self.drawn:
            self.drawn[name] = self.rng.choice(self.lists[name])
        return self.drawn[name]

    def fill(self, text: str) -> str:
        return text.format_map(self)

    def one_of(self, texts: Sequence[str]) -> str:
        return self.fill(self.rng.choice(texts))


@dataclass(frozen=True)
class Call:
    """One contact: when, at which post, in which words; with a matter and its way to a unit where it opens a case."""

    at: datetime
    post: str
    kind: Kind
    text: str
    words: Words
    name: str | None
    phone: str | None
    channel: str
    matter: Matter | None = None
    way: tuple[str, ...] = ()


class Telling:
    """The invented city's own voice: all calls of the twenty days that end at `now`."""

    def __init__(self, now: datetime, posts: Mapping[str, str], rng: Random) -> None:
        texts = demo_texts()
        self.now = now.astimezone(timezone.get_current_timezone())
        self.posts = posts
        self.rng = rng
        self.places: Mapping[str, Mapping[str, Sequence[str]]] = texts["places"]
        self.lists: Mapping[str, Sequence[str]] = texts["lists"]
        self.calls: Sequence[Mapping[str, Any]] = texts["call"]
        self.matters = [_matter(table) for table in texts["matter"]]
        self.landlines, self.mobiles = count(3000), count()
        self.told: Counter[str] = Counter()
        # Until nine the day has hardly begun, and the twentieth day is yesterday.
        self.last = self.now.date() - timedelta(days=self.now.hour < 9)

    def all(self) -> Iterator[Call]:
        """Yield every call, day by day; `day` counts from 1."""
        for day, (contacts, cases) in enumerate(zip(contacts_per_day(), cases_per_day(), strict=True), 1):
            on = self.last - timedelta(days=20 - day)
            moments = self._moments(on, contacts)
            matters = iter(self._matters(day, on.month, cases))
            opening = set(self.rng.sample(range(contacts), cases))
            for number, at in enumerate(moments):
                yield self._matter_told(at, next(matters)) if number in opening else self._no_case(at)

    def _moments(self, on: date, count: int) -> list[datetime]:
        """Return when people ring on a day; those of today all before now."""
        hours = self.rng.choices(range(_OPENS, _OPENS + len(_HOURS)), _HOURS, k=count)
        minutes = sorted(60 * hour + self.rng.randrange(60) for hour in hours)
        if on == self.now.date():
            so_far = 60 * self.now.hour + self.now.minute - 5
            minutes = [60 * _OPENS + (m - 60 * _OPENS) * (so_far - 60 * _OPENS) // (18 * 60) for m in minutes]
        return [datetime(on.year, on.month, on.day, m // 60, m % 60, tzinfo=self.now.tzinfo) for m in minutes]

    def _matters(self, day: int, month: int, count: int) -> list[Matter]:
        """Return what is raised on a day: what is fixed for it, and for the rest what came up least so far."""
        possible = [matter for matter in self.matters if not matter.months or month in matter.months]
        fixed = [matter for matter in possible if matter.day == day for _ in range(matter.count)]
        free = [matter for matter in possible if matter.day is None]
        drawn = [*fixed[:count], *self._least_told(free, self._times, count - len(fixed))]
        self.rng.shuffle(drawn)
        return drawn

    def _least_told(self, choices: Sequence[T], times: Callable[[T], int], count: int) -> list[T]:
        """Return some choices, those first that came up least so far: people repeat each other less than dice do."""
        shuffled = self.rng.sample(choices, len(choices))
        return sorted(shuffled, key=times)[: max(0, count)]

    def _times(self, matter: Matter) -> int:
        return sum(self.told[text] for text in matter.texts)

    def _matter_told(self, at: datetime, matter: Matter) -> Call:
        way = tuple(self.rng.choice(matter.units).split(">"))
        district = next((name for name in self.places if way[0].startswith(name)), None)
        words = self._words(district or self.rng.choice(list(self.places)))
        has_phone = matter.course != "no_phone"
        return self._call(at, self.rng.choice(matter.posts), matter.kind, matter.texts, words, has_phone, matter, way)

    def _no_case(self, at: datetime) -> Call:
        [call] = self.rng.choices(self.calls, [call["weight"] for call in self.calls])
        words = self._words(self.rng.choice(list(self.places)))
        return self._call(at, self.rng.choice(list(self.posts)), Kind(call["kind"]), call["texts"], words)

    def _call(
        self,
        at: datetime,
        post: str,
        kind: Kind,
        texts: Sequence[str],
        words: Words,
        has_phone: bool = True,
        matter: Matter | None = None,
        way: tuple[str, ...] = (),
    ) -> Call:
        words.drawn["post"] = self.posts[post]
        [text] = self._least_told(texts, self.told.__getitem__, 1)
        self.told[text] += 1
        sms = self.rng.random() < _SMS_SHARE and kind is not Kind.MISSED
        named = matter is not None and has_phone and self.rng.random() < 0.8
        return Call(
            at=at,
            post=post,
            kind=kind,
            text=words.fill(text),
            words=words,
            name=words["surname"] + words["given"] if named else None,
            phone=self._phone(sms) if has_phone else None,
            channel="sms" if sms else "phone_mobile",
            matter=matter,
            way=way,
        )

    def _phone(self, sms: bool) -> str:
        """Return a number that is nobody's: there is no area code 0500, and 139000000xx is kept for examples."""
        return f"139000000{next(self.mobiles) % 100:02d}" if sms else f"0500-555 {next(self.landlines)}"

    def _words(self, district: str) -> Words:
        return Words({**self.lists, **self.places[district]}, self.rng)


def _matter(table: Mapping[str, Any]) -> Matter:
    words: dict[str, Any] = {name: word(table[name]) for name, word in _CLOSED_LISTS if name in table}
    return Matter(**{**table, **words})
