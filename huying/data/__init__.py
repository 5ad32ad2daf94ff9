"""Cities as data: the rulebooks, calendars and taxonomies that Huying ships. Only reads its own files."""

import csv
import tomllib
from importlib.resources import files
from typing import Any


def rulebook_ids() -> list[str]:
    """Return the ids (file stems) of the shipped rulebooks, sorted."""
    return sorted(
        entry.name.removesuffix(".toml")
        for entry in (files(__name__) / "rulebooks").iterdir()
        if entry.name.endswith(".toml")
    )


def rulebook_text(rulebook_id: str) -> str:
    """Return the TOML of a shipped rulebook. Raises KeyError for an id that isn't shipped."""
    if rulebook_id not in rulebook_ids():
        raise KeyError(rulebook_id)
    return (files(__name__) / "rulebooks" / f"{rulebook_id}.toml").read_text("utf-8")


def source_notes() -> dict[str, str]:
    """Return what the sources of the shipped rulebooks note in English, with the same in Chinese."""
    return tomllib.loads((files(__name__) / "source_notes.toml").read_text("utf-8"))


def calendar_text(calendar_id: str) -> str:
    """Return the TOML of a shipped calendar, e.g. `cn-state-council`. Raises FileNotFoundError."""
    return (files(__name__) / "calendars" / f"{calendar_id}.toml").read_text("utf-8")


def demo_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the invented city: `units`, `posts` or `users`."""
    text = (files(__name__) / "demo" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def demo_texts() -> dict[str, Any]:
    """Return what the people of the invented city say, as the comment on top of the file describes it."""
    return tomllib.loads((files(__name__) / "demo" / "matters.toml").read_text("utf-8"))
