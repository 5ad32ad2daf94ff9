"""What the pages of the calendar show; see `shown`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ShownYear:
    """A year and whether its days may still change; `says` quotes the notice, empty where it isn't known."""

    year: int
    final: bool
    says: str = ""


@dataclass(frozen=True)
class ShownProposal:
    """What somebody wants changed; `ended` says what became of it, empty while it waits for a second person."""

    url: str
    label: str
    title: str
    author: str
    at: datetime
    mine: bool
    ended: str = ""
    ended_by: str = ""
    ended_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True)
class ShownMove:
    """One term that would end at another time; both ends are exclusive."""

    number: str
    url: str
    label: str
    before: datetime
    after: datetime


@dataclass(frozen=True)
class ShownPreview:
    """What a change would do: day by day, year by year, term by term."""

    year: int
    becomes_final: bool
    changes: Sequence[tuple[str, str]]
    kept: Sequence[str]
    cases: int
    terms: int
    earlier: int
    later: int
    moves: Sequence[ShownMove]
    unnamed: int
