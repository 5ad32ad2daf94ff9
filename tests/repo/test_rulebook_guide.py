"""docs/rulebooks.md lists every key that a rulebook may have, with its default, and none that it may not."""

import re
from collections.abc import Iterator
from typing import Any, get_args

from pydantic.fields import FieldInfo

from huying.rehearsal.story import parse
from huying.rules.duration import Duration
from huying.rules.rulebook import Rulebook
from huying.rules.rulebook_check import Severity, check
from huying.rules.rulebook_tables import Kinds
from huying.rules.rulebook_values import Table
from huying.rules.vocabulary import Fault, Method
from tests.repo.files import texts

GUIDE = "docs/rulebooks.md"


def tables(annotation: Any) -> Iterator[type[Table]]:
    """Yield the tables that a key may hold: `[x]`, `[[x]]`, or a table instead of a single value."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        yield annotation
    for part in get_args(annotation):
        yield from tables(part)


def default(field: FieldInfo) -> str:
    value = field.default
    if field.is_required():
        return "needed"
    if value in (tuple(Method), tuple(Fault)):
        return "all"
    match value:
        case None | ():
            return "–"
        case bool():
            return str(value).lower()
        case tuple():
            return ", ".join(value)
        case Duration() | str() | int():
            return str(value)
    raise AssertionError(value)


def keys(model: type[Table], above: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        key = f"{above}{field.alias or name}" if name != "roll" or above == "calendar." else "step.STEP.roll"
        below = list(tables(field.annotation))
        if key == "source":
            continue
        if below == [Kinds]:
            kind = next(iter(Kinds.model_fields.values()))
            yield from keys(next(tables(kind.annotation)), f"{key}.KIND.")
            continue
        if not below or "Duration" in str(field.annotation):
            yield key, default(field)
        for table in below:
            yield from keys(table, f"{key}.")


def listed() -> list[tuple[str, str]]:
    return re.findall(r"^\| `([\w.]+)` \| .* \| ([^|]+) \|$", texts()[GUIDE], re.MULTILINE)


def test_the_guide_lists_every_key_of_a_rulebook_with_its_default() -> None:
    assert dict(listed()) == dict(keys(Rulebook))
    assert len(listed()) == len(dict(listed()))


def blocks() -> list[str]:
    return re.findall(r"```toml\n(.*?)```", texts()[GUIDE], re.DOTALL)


def test_the_rulebook_of_the_guide_has_no_error_and_no_warning() -> None:
    found = check(blocks()[0], "my-city.toml")
    assert [one for one in found if one.severity is not Severity.NOTE] == []


def test_the_story_of_the_guide_can_be_read() -> None:
    story = parse(blocks()[1], "late.toml")
    assert story.rulebook == "../my-city.toml"
