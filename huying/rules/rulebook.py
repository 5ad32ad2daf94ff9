"""A city's mechanism as data: the TOML of a rulebook in, a frozen model or a list of clear complaints out.

The id of a rulebook is the stem of its file's name. Nothing here reads files, the clock or the calendar.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from pathlib import PurePath
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, PlainValidator, PrivateAttr, ValidationError
from pydantic_core import ErrorDetails

from .duration import Duration
from .rulebook_steps import (
    ATTEMPT_SPACING,
    ATTEMPTS,
    MAX_LEVELS,
    ByComplexity,
    ByUrgency,
    Clocked,
    Started,
    Steps,
)
from .rulebook_tables import (
    MAX_REOPEN,
    About,
    Calendar,
    Channel,
    Directory,
    Intake,
    KindRule,
    Reports,
    Rung,
    UrgencyTerms,
    UrgentTerms,
    Verdicts,
)
from .rulebook_values import Table, is_number
from .vocabulary import (
    KINDS_WITHOUT_CASE,
    Complexity,
    Kind,
    Roll,
    StartEvent,
    Step,
    Urgency,
    VerdictCode,
)

# Far more than any rulebook needs, far less than what recursion bears.
_DEPTH = 32


class RulebookError(ValueError):
    """A rulebook can't be read; one line per problem, each naming the file and the dotted key."""

    def __init__(self, name: str, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(name, problems)
        self.name = name
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(f"{self.name}: {key}: {sentence}" for key, sentence in self.problems)


def _once_each(channels: tuple[Channel, ...]) -> tuple[Channel, ...]:
    kinds = [channel.kind for channel in channels]
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        raise ValueError(f"has {', '.join(twice)} more than once")
    return channels


def _flat(source: object) -> object:
    """Return `[source]` with one dotted key per entry, whether the file quotes its keys or nests them."""
    return dict(_leaves(source)) if isinstance(source, Mapping) else source


def _said(source: object) -> tuple[tuple[str, str], ...]:
    entries = _flat(source)
    if not isinstance(entries, Mapping):
        raise ValueError("must be a table")  # noqa: TRY004
    empty = [key for key, said in entries.items() if not (isinstance(said, str) and said.strip())]
    if empty:
        raise ValueError(f"says nothing for {', '.join(empty)}; a source is a text in quotes")
    return tuple(entries.items())


class Rulebook(Table):
    """One office's mechanism; attributes are the tables of the file, methods what STORIES says they mean."""

    rulebook: About
    calendar: Calendar
    directory: Directory | None = None
    channels: Annotated[tuple[Channel, ...], AfterValidator(_once_each)] = Field((), alias="channel")
    intake: Intake = Intake()
    step: Steps = Steps()
    urgency: UrgencyTerms = UrgencyTerms()
    verdicts: Verdicts | None = None
    ladder: tuple[Rung, ...] = ()
    reports: Reports | None = None
    source: Annotated[tuple[tuple[str, str], ...], PlainValidator(_said)] = ()
    _id: str = PrivateAttr("")

    def model_post_init(self, context: Any) -> None:
        self._id = context or ""

    @property
    def id(self) -> str:
        """Return the stem of the file's name, e.g. `bozhou`; `rulebook.id` is a reference shown to people."""
        return self._id

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.rulebook.timezone)

    @property
    def calendar_id(self) -> str:
        return self.calendar.id

    # --- intake

    @property
    def required_fields(self) -> tuple[str, ...]:
        """Return what a contact must say, in the order of the file; nothing where it is silent."""
        return self.intake.required

    def channel(self, kind: str) -> Channel | None:
        """Return the channel of that kind; None where the rulebook doesn't name it."""
        return next((channel for channel in self.channels if channel.kind == kind), None)

    def opens_case(self, kind: Kind) -> bool:
        """Return whether such a contact opens a case: `[intake.kinds]` decides, else STORIES "Kinds"."""
        rule: KindRule | None = getattr(self.intake.kinds, kind)
        if rule is None or rule.creates_case is None:
            return kind not in KINDS_WITHOUT_CASE
        return rule.creates_case

    def may_answer_on_spot(self, kind: Kind) -> bool:
        """Return whether such a case may be answered directly: `[intake.kinds]`, else a consultation only."""
        rule: KindRule | None = getattr(self.intake.kinds, kind)
        if rule is None or rule.may_answer_on_spot is None:
            return kind == Kind.CONSULTATION
        return rule.may_answer_on_spot

    # --- terms

    def section(self, step: Step) -> Clocked | None:
        """Return `[step.X]` of a clock; None where it is absent, and for dispatch, feedback and total."""
        name = {Step.REGISTER: "register_", Step.RETURN: "return_"}.get(step, step.value)
        section: Clocked | None = getattr(self.step, name, None)
        return section

    def starting_at(self, event: StartEvent) -> tuple[Step, ...]:
        """Return the steps whose clocks start at `event`, in the order of `Step`."""
        sections = ((step, self.section(step)) for step in Step)
        return tuple(step for step, section in sections if isinstance(section, Started) and section.start is event)

    def rolls(self, step: Step | None = None) -> bool:
        """Return whether a term in days that ends on a day off moves to the next working day.

        The step's `roll` wins over the calendar's, "none" switches it off; urgent terms never roll (D9).
        Without a step: `pending_info_limit` and a rung's `after`, which roll like the calendar.
        """
        if step in (Step.DISPATCH, Step.FEEDBACK, Step.TOTAL):
            return False
        section = None if step is None else self.section(step)
        roll = self.calendar.roll if section is None or section.roll is None else section.roll
        return roll is Roll.NEXT_WORKING_DAY

    def resolve_term(self, kind: Kind, complexity: Complexity | None) -> Duration | None:
        """Return the resolve term; None without `[step.resolve]`.

        Kind consultation takes that entry whatever its complexity; no complexity = simple.
        """
        if self.step.resolve is None:
            return None
        due = self.step.resolve.due
        if not isinstance(due, ByComplexity):
            return due
        if kind == Kind.CONSULTATION and due.consultation is not None:
            return due.consultation
        return due.complex if complexity == Complexity.COMPLEX else due.simple

    def acknowledge_term(self, urgency: Urgency) -> Duration | None:
        """Return the acknowledge term; None without `[step.acknowledge]` or an entry for that urgency."""
        if self.step.acknowledge is None:
            return None
        due = self.step.acknowledge.due
        if not isinstance(due, ByUrgency):
            return due
        by_urgency = {Urgency.CRITICAL: due.critical, Urgency.URGENT: due.urgent, Urgency.NORMAL: due.normal}
        return by_urgency[urgency]

    def dispatch_term(self, urgency: Urgency) -> Duration | None:
        """Return within what an urgent matter must be assigned; None for a normal one (DOMAIN 4.4)."""
        terms = self._urgent(urgency)
        return None if terms is None else terms.dispatch

    def feedback_term(self, urgency: Urgency) -> Duration | None:
        """Return within what the requester of an urgent matter must be spoken to; None for a normal one."""
        terms = self._urgent(urgency)
        return None if terms is None else terms.feedback

    def _urgent(self, urgency: Urgency) -> UrgentTerms | None:
        return {Urgency.CRITICAL: self.urgency.critical, Urgency.URGENT: self.urgency.urgent}.get(urgency)

    @property
    def max_levels(self) -> int:
        """Return how many levels a case may be assigned down without approval; 2 where the file is silent."""
        return MAX_LEVELS if self.step.assign is None else self.step.assign.max_levels

    # --- callback and verdict

    @property
    def callback_attempts(self) -> int:
        """Return after how many spaced tries "unreachable" may be recorded.

        `callback.attempts`, else `verdicts.unreachable_closes_after`, else 3.
        """
        if self.step.callback is not None and self.step.callback.attempts is not None:
            return self.step.callback.attempts
        if self.verdicts is not None and self.verdicts.unreachable_closes_after is not None:
            return self.verdicts.unreachable_closes_after
        return ATTEMPTS

    @property
    def callback_term(self) -> Duration | None:
        """Return the term of a callback, or how often a follow-up visit comes; None without `[step.callback]`."""
        callback = self.step.callback
        return None if callback is None else callback.due or callback.every

    @property
    def contact_attempts(self) -> int:
        """Return after how many spaced tries a report may say that the requester wasn't reached."""
        return ATTEMPTS if self.step.contact is None else self.step.contact.attempts

    @property
    def contact_spacing(self) -> Duration:
        return ATTEMPT_SPACING if self.step.contact is None else self.step.contact.attempt_spacing

    @property
    def callback_spacing(self) -> Duration:
        return ATTEMPT_SPACING if self.step.callback is None else self.step.callback.attempt_spacing

    @property
    def has_follow_up_visits(self) -> bool:
        """Return whether the verdict closes and the visits come after (丰县: callback starts at closed)."""
        return self.step.callback is not None and self.step.callback.start is StartEvent.CLOSED

    @property
    def allowed(self) -> frozenset[VerdictCode]:
        """Return the verdicts that may be recorded; none without `[verdicts]`."""
        return frozenset() if self.verdicts is None else frozenset(self.verdicts.allowed)

    @property
    def close_on(self) -> frozenset[VerdictCode]:
        """Return the verdicts that close, as far as allowed; default satisfied + understanding."""
        return frozenset() if self.verdicts is None else self.allowed & frozenset(self.verdicts.close_on)

    @property
    def reopen_on(self) -> frozenset[VerdictCode]:
        """Return the verdicts that reopen, as far as allowed; default unsatisfied (ours)."""
        return frozenset() if self.verdicts is None else self.allowed & frozenset(self.verdicts.reopen_on)

    @property
    def max_reopen(self) -> int:
        return MAX_REOPEN if self.verdicts is None else self.verdicts.max_reopen

    def closes(self, verdict: VerdictCode) -> bool:
        """Return whether it closes: `close_on`, and "unreachable" and "declined" where nothing reopens on them."""
        without_answer = {VerdictCode.UNREACHABLE, VerdictCode.DECLINED} & self.allowed
        return verdict in (self.close_on | without_answer) - self.reopen_on


# --- reading


def parse(text: str, name: str) -> Rulebook:
    """Return the rulebook that `text` says.

    `name` is the file's name: it stands in complaints, its stem is the id. Raises RulebookError: every problem.
    """
    return _validated(_tables(text, name), name)


def merged(text: str, overrides: Mapping[str, object], name: str) -> Rulebook:
    """Return the rulebook of `text` with a story's `[override]` laid over it, validated alike.

    Tables are merged, everything else is replaced, a list as a whole. A changed value loses its source.
    Raises RulebookError.
    """
    return _validated(_merged(_tables(text, name), overrides), name)


def merged_text(text: str, overrides: Mapping[str, object], name: str) -> str:
    """Return the TOML of `merged`, for whoever keeps rulebooks as text; comments and layout are lost."""
    tables = _merged(_tables(text, name), overrides)
    _validated(tables, name)
    return "".join(f"{json.dumps(key)} = {_as_toml(value)}\n" for key, value in tables.items())


def numbers(text: str) -> dict[str, object]:
    """Return every number, duration, date and time of a rulebook by its dotted key, but for `[source]`.

    Entries of a list are counted from 1: `ladder[3].after`. Place codes and telephone numbers are names.
    """
    return {key: value for key, value in _leaves(_without_source(text)) if is_number(value)}


def unsourced(text: str) -> list[str]:
    """Return the keys of `numbers` for which `[source]` has no entry of exactly that name."""
    sources = _sources(text)
    return [key for key in numbers(text) if key not in sources]


def stray_sources(text: str) -> list[str]:
    """Return the keys of `[source]` that name nothing in the file: a typing error, or left over."""
    keys = {key for key, _ in _nodes(_without_source(text))}
    return [key for key in _sources(text) if key not in keys]


def _tables(text: str, name: str) -> dict[str, Any]:
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as broken:
        place = re.search(r"(.*) \(at line (\d+), column \d+\)", str(broken))
        key, complaint = (f"line {place[2]}", place[1]) if place else ("last line", str(broken))
        raise RulebookError(name, ((key, f"is not TOML: {complaint}"),)) from None
    except RecursionError:
        raise _too_deep(name) from None
    if _is_deeper(tables, _DEPTH):
        raise _too_deep(name)
    return tables


def _too_deep(name: str) -> RulebookError:
    return RulebookError(name, (("the file", f"is nested more than {_DEPTH} levels deep"),))


def _is_deeper(value: object, levels: int) -> bool:
    """Return whether something lies below so many levels; without recursion, whatever the file does."""
    level = [value]
    for _ in range(levels + 1):
        level = [below for one in level for below in _directly_below(one)]
    return bool(level)


def _directly_below(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list) else ()


def _sources(text: str) -> dict[str, object]:
    return dict(_leaves(_tables(text, "rulebook").get("source", {})))


def _without_source(text: str) -> dict[str, Any]:
    return {key: value for key, value in _tables(text, "rulebook").items() if key != "source"}


def _nodes(value: object, key: str = "") -> Iterator[tuple[str, object]]:
    """Yield every table, list and value below `value` by its dotted key."""
    if key:
        yield key, value
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _nodes(below, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for n, below in enumerate(value, start=1):
            yield from _nodes(below, f"{key}[{n}]")


def _leaves(value: object) -> Iterator[tuple[str, object]]:
    """Yield what of `_nodes` has nothing below it: plain values, empty tables, empty lists."""
    return ((key, below) for key, below in _nodes(value) if not (isinstance(below, Mapping | list) and below))


def _merged(tables: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    changed = {key.split("[")[0] for key, _ in _leaves(overrides)}
    sources = _flat(tables.get("source", {}))
    if isinstance(sources, dict):
        kept = {key: said for key, said in sources.items() if not any(_overlap(key, c) for c in changed)}
        tables = {**tables, "source": kept}
    return _laid_over(tables, overrides)


def _overlap(source: str, changed: str) -> bool:
    named = source.split("[")[0]
    return named == changed or named.startswith(f"{changed}.") or changed.startswith(f"{named}.")


def _laid_over(table: Mapping[str, object], overrides: Mapping[str, object]) -> dict[str, object]:
    result = dict(table)
    for key, value in overrides.items():
        below = result.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = _laid_over(below, value)
        result[key] = value
    return result


def _as_toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{" + ", ".join(f"{json.dumps(key)} = {_as_toml(below)}" for key, below in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_as_toml, value)) + "]"
        case date() | time():
            return value.isoformat()
        case _:
            return repr(value)


def _validated(tables: Mapping[str, object], name: str) -> Rulebook:
    try:
        return Rulebook.model_validate(tables, context=PurePath(name).stem)
    except ValidationError as refused:
        problems = tuple((_dotted(error["loc"]), _sentence(error)) for error in refused.errors())
        raise RulebookError(name, problems) from None


def _dotted(place: tuple[str | int, ...]) -> str:
    """Return where an error lies as the file says it: ("ladder", 2, "after") is `ladder[3].after`.

    pydantic's own marks in such a place (the tag of a union, "[key]") are no part of the file.
    """
    parts = [part for part in place if part not in ("(table)", "(text)", "[key]")]
    return "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in parts).removeprefix(".")


_SENTENCES = {
    "extra_forbidden": "is not a key of a rulebook",
    "missing": "is missing",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "string_type": "must be a text in quotes",
    "date_type": "must be a date such as 2026-01-31, without quotes",
    "model_type": "must be a table",
    "mapping_type": "must be a table",
    "tuple_type": "must be a list",
}


def _sentence(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "enum" | "literal_error":
            return f"{error['input']!r} is not one of {context['expected'].replace(' or ', ', ')}"
        case "value_error":
            return str(context["error"])
        case "greater_than_equal":
            return f"must be at least {context['ge']}"
        case "less_than_equal":
            return f"must be at most {context['le']}"
        case kind:
            return _SENTENCES.get(kind, error["msg"])
