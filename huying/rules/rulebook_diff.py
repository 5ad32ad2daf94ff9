"""What differs between two rulebooks: what they mean, not how they are written; sources are left out.

An absent key is its default, the order of keys means nothing, channels are compared by their kind and rungs as a set.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from .rulebook import Rulebook
from .rulebook_tables import KindRule, Rung
from .rulebook_values import Table
from .rulebook_words import key_in_words, value_in_words
from .vocabulary import Kind
from .words import Language


@dataclass(frozen=True, slots=True)
class Difference:
    """One dotted key and what two rulebooks say there; None: that one says nothing."""

    key: str
    before: object
    after: object

    def in_words(self, language: Language) -> str:
        """Return 「联系诉求人 期限：3 个自然日 → 3 个工作日」."""
        before, after = value_in_words(self.before, language), value_in_words(self.after, language)
        colon = "：" if language == "zh" else ": "
        return f"{key_in_words(self.key, language)}{colon}{before} → {after}"


def differences(before: Rulebook, after: Rulebook) -> list[Difference]:
    """Return what differs, in the order of a rulebook's tables; channels and rungs come last."""
    found = [*_between(_effective(before), _effective(after), ""), *_channels(before, after)]
    gone = [Difference(key, rung, None) for key, rung in _rungs(before) if rung not in after.ladder]
    come = [Difference(key, None, rung) for key, rung in _rungs(after) if rung not in before.ladder]
    return found + gone + come


def _rungs(book: Rulebook) -> Iterator[tuple[str, Rung]]:
    return ((f"ladder[{place}]", rung) for place, rung in enumerate(book.ladder, start=1))


def _effective(book: Rulebook) -> Rulebook:
    """Return a rulebook that says what it leaves to other tables or to STORIES: how terms roll, what opens a case."""
    kinds = {kind.value: _effective_rule(book, kind) for kind in Kind}
    steps = {
        name: section.model_copy(update={"roll": section.roll or book.calendar.roll})
        for name, section in book.step
        if hasattr(section, "roll")
    }
    intake = book.intake.model_copy(update={"kinds": book.intake.kinds.model_copy(update=kinds)})
    return book.model_copy(update={"intake": intake, "step": book.step.model_copy(update=steps)})


def _effective_rule(book: Rulebook, kind: Kind) -> KindRule:
    said: KindRule = getattr(book.intake.kinds, kind) or KindRule()
    answers = book.may_answer_on_spot(kind)
    return said.model_copy(update={"creates_case": book.opens_case(kind), "may_answer_on_spot": answers})


def _between(before: object, after: object, key: str) -> Iterator[Difference]:
    if isinstance(before, Table) and type(before) is type(after):
        for name, field in type(before).model_fields.items():
            below = f"{key}.{field.alias or name}".removeprefix(".")
            if below not in _APART:
                yield from _between(getattr(before, name), getattr(after, name), below)
    elif before != after:
        yield Difference(key, None if before == () else before, None if after == () else after)


def _channels(before: Rulebook, after: Rulebook) -> Iterator[Difference]:
    for kind in dict.fromkeys(channel.kind for channel in (*before.channels, *after.channels)):
        yield from _between(before.channel(kind), after.channel(kind), f"channel[{kind}]")


_APART = ("source", "channel", "ladder")
