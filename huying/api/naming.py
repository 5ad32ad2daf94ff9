"""The names by which a program says units, posts and cases, and the ids by which the rules know them."""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from huying.cases.dossier import Named, Names
from huying.rules.commands import CASES, POSTS, UNITS
from huying.rules.reading import is_text

# One interview is about cases of one unit; a longer list is a mistake, and each number of it is looked up.
MOST_CASES = 100
_NAMING = UNITS | POSTS | CASES
# The acts that nobody sends name the other case by a key of their own.
CASES_TOLD = CASES | {"case"}


def names_in(body: Mapping[str, object]) -> set[str]:
    """Return what has to be looked up before a command can be read."""
    return {name for key in _NAMING & body.keys() for name in _texts(body[key])}


def with_ids(body: Mapping[str, object], named: Named) -> dict[str, object]:
    """Return a body that names units, posts and cases by their ids, as the rules do; what isn't there by no id."""
    return {key: _id(key, value, named) if key in _NAMING else value for key, value in body.items()}


def ids_in(facts: Iterable[Mapping[str, Any]], keys: Set[str]) -> set[int]:
    """Return the ids that stand under these keys."""
    values = [said[key] for said in facts for key in keys & said.keys()]
    return {one for value in values for one in (value if isinstance(value, list) else [value])}


def told(facts: Mapping[str, object], names: Names) -> dict[str, object]:
    """Return the facts of an act as a command would name them; without the cases that may not be seen."""
    by_name = {key: _told(key, value, names) for key, value in facts.items()}
    return {key: value for key, value in by_name.items() if value is not None}


def _texts(value: object) -> Iterator[str]:
    """Yield the texts that stand in a field, or in a list of them."""
    yield from filter(is_text, value[:MOST_CASES] if isinstance(value, list) else [value])


def _id(key: str, value: object, named: Named) -> object:
    """Return an id, or several; an empty text, which is no id to the rules, where something isn't there."""
    if value is None:
        return None
    if isinstance(value, list):
        ids = [named.cases.get(one) if is_text(one) else None for one in value]
        return "" if None in ids else ids
    if not is_text(value):
        return ""
    if key in UNITS:
        return named.units[value].id if value in named.units else ""
    return (named.posts if key in POSTS else named.cases).get(value, "")


def _told(key: str, value: object, names: Names) -> object:
    if isinstance(value, list):
        return [names.cases[one] for one in value if one in names.cases]
    if key in UNITS and isinstance(value, int):
        return names.units[value].code if value in names.units else None
    if key in POSTS and isinstance(value, int):
        return names.posts.get(value)
    if key in CASES_TOLD and isinstance(value, int):
        return names.cases.get(value)
    return value
