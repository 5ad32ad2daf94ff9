"""Where a number of a rulebook comes from, in words: a news article, a public text, or whoever wrote the rulebook."""

import re
from collections.abc import Mapping

from .words import Language

_ORIGINS: Mapping[str, tuple[str, str]] = {"R": ("自定", "Ours"), "P": ("公开文件", "Public text")}
_MARKED = re.compile(r"(R|P|\d{3}): *(.*)", re.DOTALL)
_ARTICLE = re.compile(r"\b(0\d\d)\b")


def source_in_words(source: str, language: Language, notes: Mapping[str, str]) -> str:
    """Return 「报道 003：在3日内」 or "Article 003: 在3日内"; a source without such a mark stays as it is written.

    `notes` says in Chinese what a source notes in English. What it quotes is Chinese in both languages.
    """
    marked = _MARKED.fullmatch(source)
    if marked is None:
        return source
    origin, note = marked.groups()
    zh, en = _ORIGINS.get(origin, (f"报道 {origin}", f"Article {origin}"))
    return f"{zh}：{notes.get(note, note)}" if language == "zh" else f"{en}: {_in_english(note)}"


def _in_english(note: str) -> str:
    """Return a note in which the marks are words too: "the day is R", "001 says"."""
    return re.sub(r"\bR\b", "ours", _ARTICLE.sub(r"article \1", note))
