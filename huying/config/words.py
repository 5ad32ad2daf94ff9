"""What somebody types: one clean line, and the language in which they are asked."""

import os
import unicodedata

from huying.config.house import Trouble

MAX_LENGTH = 100


def one_line(what: str, written: str) -> str:
    """Return a text without spaces around it. Raises Trouble for one that is blank, too long or can't be stored."""
    text = written.strip()
    if not text:
        raise Trouble(f"{what} is missing")
    if len(text) > MAX_LENGTH:
        raise Trouble(f"{what} has more than {MAX_LENGTH} characters")
    if {unicodedata.category(character) for character in text} & {"Cc", "Cs"}:
        raise Trouble(f"{what} has a character that can't be stored; type it again")
    return text


def language() -> str:
    """Return the language of the terminal: Chinese where the locale says so, else English."""
    locale = next((value for name in ("LC_ALL", "LC_MESSAGES", "LANG") if (value := os.environ.get(name))), "")
    return "zh-hans" if locale.lower().startswith("zh") else "en"
