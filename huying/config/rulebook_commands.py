"""`huying rulebook list|check`: rulebooks as files; no database is needed."""

import sys
from pathlib import Path

from huying.config.house import Trouble
from huying.data import rulebook_ids, rulebook_text
from huying.rules.rulebook import parse, unsourced


def show_list() -> int:
    for rulebook_id in rulebook_ids():
        book = parse(rulebook_text(rulebook_id), f"{rulebook_id}.toml")
        print(f"{rulebook_id:15} {book.rulebook.id:24} {book.rulebook.title}")
    return 0


def check(file: Path) -> int:
    """Read a rulebook; print what has no source. Raises Trouble, RulebookError."""
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise Trouble(f"{file} can't be read: {unreadable}") from unreadable
    parse(text, file.name)
    without = unsourced(text)
    print(f"{file}: can be used" + (f"; {len(without)} values have no [source]:" if without else ""))
    for key in without:
        print(f"  {key}", file=sys.stdout)
    return 0
