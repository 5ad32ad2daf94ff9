"""A source of a rulebook in words: whose it is, and in Chinese also what it notes in English."""

import re
import tomllib

import pytest

from huying.data import rulebook_ids, rulebook_text, source_notes
from huying.rules.source_words import source_in_words

NOTES = {"our own": "自己拟的"}
SHIPPED = {note for book in rulebook_ids() for note in tomllib.loads(rulebook_text(book))["source"].values()}


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ("003: 在3日内", "报道 003：在3日内", "Article 003: 在3日内"),
        ("R: our own", "自定：自己拟的", "Ours: our own"),
        ("P: 某条例 第5条", "公开文件：某条例 第5条", "Public text: 某条例 第5条"),
        ("002: 5月; the day is R", "报道 002：5月; the day is R", "Article 002: 5月; the day is ours"),
        ("R: 001 says so", "自定：001 says so", "Ours: article 001 says so"),
        ("市政府令 第12号", "市政府令 第12号", "市政府令 第12号"),
        ("Decree R: 12", "Decree R: 12", "Decree R: 12"),
        ("", "", ""),
    ],
)
def test_a_source_says_whose_it_is(source: str, zh: str, en: str) -> None:
    assert (source_in_words(source, "zh", NOTES), source_in_words(source, "en", NOTES)) == (zh, en)


def test_every_shipped_source_reads_in_chinese_and_no_note_is_left_over() -> None:
    notes = source_notes()
    said = {source: source_in_words(source, "zh", notes) for source in SHIPPED}
    assert [source for source, zh in said.items() if re.search("[a-z]{2}", zh)] == []
    assert set(notes) <= {re.sub(r"^(R|P|\d{3}): ", "", source) for source in SHIPPED}
