"""What a notice is: a wording for an audience, and what of it is told to whom."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from .blanks import Said, Told, filled
from .occasions import holder


class Audience(StrEnum):
    """Who reads a message: the citizen, a unit, who holds the post that was called or acts for it, or a role."""

    CITIZEN = "citizen"
    UNIT = "unit"
    LEADER = "leader"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    DISCIPLINE = "discipline"


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording for one audience; for units, which ones those are; and when there is anything to say at all.

    `must_reach`: a citizen whom no channel reaches is phoned; `at_once`: whoever left a phone is. `discreet`: says
    nothing of what the case is about.
    """

    audience: Audience
    zh: str
    en: str
    units: Callable[[Told], Collection[int]] = holder
    when: Callable[[Told], bool] = lambda _: True
    must_reach: bool = False
    at_once: bool = False
    discreet: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """A text, and for whom it is."""

    audience: Audience
    said: Said
    unit: int | None = None
    post: int | None = None
    must_reach: bool = False
    at_once: bool = False


to_citizen, to_unit, to_leader, to_office, to_supervisor, to_discipline = (partial(Wording, one) for one in Audience)

# All that a citizen's message says of a confidential case once it is registered.
_DISCREET = ("{number} 正在处理。", "{number} is being dealt with.")
_DISCREET_END = ("{number} 已经处理。", "{number} was dealt with.")


def telling(notice: Wording, told: Told) -> Iterator[Telling]:
    """Yield a notice for each whom it reaches: of a confidential case only those who may know of it."""
    state, audience = told.state, notice.audience
    wording = (notice.zh, notice.en)
    match audience:
        case Audience.CITIZEN:
            if state.confidential and not notice.discreet:
                wording = _DISCREET if state.ended_at is None else _DISCREET_END
            said = filled(*wording, told)
            yield Telling(audience, said, must_reach=notice.must_reach, at_once=notice.at_once)
        case Audience.UNIT:
            yield from (Telling(audience, filled(*wording, told), unit=unit) for unit in notice.units(told))
        case Audience.LEADER:
            if state.post is not None and not state.confidential:
                yield Telling(audience, filled(*wording, told), post=state.post)
        case _:  # discipline runs a confidential case as office and supervisors run the others
            yield Telling(Audience.DISCIPLINE if state.confidential else audience, filled(*wording, told))
