"""What the public templates show: plain frozen values, translated and decided by the views."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from huying.pages.shown import DueState, ShownDue, ShownFrame, StepState
from huying.rules.vocabulary import AnswerMode


class ShownPoint(NamedTuple):
    """A published way to reach somebody; `href` is empty where it can't be dialled or written to from here.

    `sms` is there where a number that is called takes messages too; `valid_from` while it is pending, with the number
    that is dialled until then; `suspended`, who answers meanwhile.
    """

    label: str
    value: str
    href: str = ""
    sms: str = ""
    mode: AnswerMode | None = None
    answered_by: str = ""
    hours: str = ""
    valid_from: "ShownWhen | None" = None
    until_then: str = ""
    suspended: str = ""


@dataclass(frozen=True)
class ShownPublicNotice:
    """What the office tells everybody, in the language of the page."""

    at: "ShownWhen"
    text: str


@dataclass(frozen=True)
class ShownPublicFrame(ShownFrame):
    """The frame of a public page, with the office's own lines and the way in for staff."""

    lines: Sequence[ShownPoint] = ()
    staff_url: str = ""
    staff_label: str = ""
    notices: Sequence[ShownPublicNotice] = ()
    large_print: bool = False


@dataclass(frozen=True)
class ShownWhen:
    """A day or a moment in words; `at` is the same for machines."""

    text: str
    at: datetime


@dataclass(frozen=True)
class ShownDay:
    """A cell of the day strip: what stands above the day or days, they themselves, and what they are."""

    kind: str
    above: str
    days: str
    below: str


@dataclass(frozen=True)
class ShownStep:
    """One step of a case: what, and when it was done or by when it will be; `why` and `days` explain a date."""

    what: str
    state: StepState
    when: ShownWhen | None = None
    by: ShownWhen | None = None
    tag: ShownDue | None = None
    in_time: bool = False
    detail: str = ""
    why: str = ""
    days: Sequence[ShownDay] = ()


@dataclass(frozen=True)
class ShownReply:
    """An answer in full; `round` says of which round where there was more than one."""

    at: ShownWhen
    text: str
    outcome: str = ""
    round: str = ""


@dataclass(frozen=True)
class ShownOwnWord:
    """What the requester said or sent; `file` is the id by which one can be looked at."""

    what: str
    at: ShownWhen
    texts: Sequence[str]
    file: int | None = None


@dataclass(frozen=True)
class ShownProgress:
    """A case for its requester: what is waited for, until when, who has it; then every step, answer and own word."""

    number: str
    title: str
    stage: str
    state: DueState
    outcome: str = ""
    waiting: str = ""
    until: ShownWhen | None = None
    due: ShownDue | None = None
    unit: str = ""
    handler: str = ""
    handler_phone: str = ""
    with_office: bool = False
    missing: Sequence[str] = ()
    steps: Sequence[ShownStep] = ()
    replies: Sequence[ShownReply] = ()
    own: Sequence[ShownOwnWord] = ()
    confidential: bool = False


@dataclass(frozen=True)
class ShownChecked:
    """A number, account or link of a message, and how it stands.

    `since`: since when it isn't published any more; `valid_from`: from when it will be the city's.
    """

    written: str
    word: str
    tone: DueState
    says: str = ""
    since: ShownWhen | None = None
    valid_from: ShownWhen | None = None
    points: Sequence[ShownPoint] = ()


@dataclass(frozen=True)
class ShownLook:
    """A look at personal data in the clear: when, by which unit, at what."""

    at: ShownWhen
    unit: str
    field: str


@dataclass(frozen=True)
class ShownOwnCase:
    """Another case of the same requester."""

    number: str
    title: str
    stage: str
    at: ShownWhen


@dataclass(frozen=True)
class ShownPledge:
    """One step of the way of a request, with the term that the rulebook in force gives it, if it gives any."""

    what: str
    term: str
    detail: str


@dataclass(frozen=True)
class ShownOfficial:
    """A published post; `holder` is empty while it is vacant."""

    post: str
    url: str
    holder: str = ""
    points: Sequence[ShownPoint] = ()


@dataclass(frozen=True)
class ShownTenure:
    """Somebody who holds or held a post: since None where nobody knows, until None where it has no end."""

    holder: str
    since: ShownWhen | None
    until: ShownWhen | None


@dataclass(frozen=True)
class ShownWithdrawn:
    """A number that is no longer one of the post; it is text alone, never a link."""

    label: str
    value: str
    at: ShownWhen


@dataclass(frozen=True)
class ShownGroup:
    """The posts of one unit."""

    name: str
    anchor: str
    officials: Sequence[ShownOfficial]


@dataclass(frozen=True)
class ShownAnswer:
    """One line of the check page; `step` is where it can be changed."""

    label: str
    text: str
    step: str
