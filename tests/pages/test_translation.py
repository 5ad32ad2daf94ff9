"""Every text has its English, placeholders survive translation, and dates follow the language."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override, trans_real

from huying.pages import dates
from huying.pages.translation import (
    LOCALE,
    Text,
    compile_catalogs,
    extract,
    main,
    missing,
    read_catalog,
)

CATALOGS = sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
TODAY = date(2026, 9, 29)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def _forms(texts: object) -> list[str]:
    """Return the one text of a message, or all forms of its plural."""
    return [texts] if isinstance(texts, str) else [str(text) for text in cast(Iterable[str], texts)]


@pytest.fixture
def compiled() -> Iterator[None]:
    compile_catalogs()
    trans_real._translations.clear()  # type: ignore[attr-defined]
    yield
    trans_real._translations.clear()  # type: ignore[attr-defined]


def write_package(home: Path, template: str, code: str, po: str) -> Path:
    for path, text in (
        ("pages/templates/one.html", template),
        ("pages/one.py", code),
        ("locale/en/LC_MESSAGES/django.po", po),
    ):
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text, encoding="utf-8")
    return home


def test_every_text_has_an_english_translation() -> None:
    assert [f"{text.found_in}: {text.source}" for text in missing("en")] == []


@pytest.mark.parametrize("po", CATALOGS, ids=lambda po: po.parts[-3])
def test_a_translation_keeps_the_placeholders_of_its_source(po: Path) -> None:
    for message in read_catalog(po):
        ids = _forms(message.id)
        if ids == [""]:
            continue
        for string in _forms(message.string):
            assert set(PLACEHOLDER.findall(string)) == set(PLACEHOLDER.findall(ids[-1])), ids


def test_the_english_catalog_holds_nothing_that_no_page_says() -> None:
    said = {(text.context, text.source) for text in extract()}
    for message in read_catalog(LOCALE / "en" / "LC_MESSAGES" / "django.po"):
        source = message.id if isinstance(message.id, str) else message.id[0]
        assert source == "" or (message.context or "", source) in said


def test_texts_are_found_in_templates_and_modules(tmp_path: Path) -> None:
    home = write_package(
        tmp_path / "package",
        '{% load i18n %}{% translate "签收" %}{{ _("退单") }}'
        "{% blocktranslate count n=n trimmed %}\n {{ n }} 件 \n{% plural %}{{ n }} 件{% endblocktranslate %}",
        'from x import gettext_lazy as _, pgettext\n_("交办")\npgettext("step", "办理")\n',
        "",
    )
    assert [(t.context, t.source, t.plural) for t in extract(home)] == [
        ("", "%(n)s 件", True),
        ("", "交办", False),
        ("step", "办理", False),
        ("", "签收", False),
        ("", "退单", False),
    ]


@pytest.mark.parametrize(
    ("po", "lacking"),
    [
        ('msgid "签收"\nmsgstr "Acknowledge"\n', []),
        ('msgid "签收"\nmsgstr ""\n', ["签收"]),
        ('#, fuzzy\nmsgid "签收"\nmsgstr "Sign"\n', ["签收"]),
        ('msgctxt "step"\nmsgid "签收"\nmsgstr "Acknowledge"\n', ["签收"]),
        ("", ["签收"]),
    ],
    ids=["translated", "empty", "unsure", "other context", "absent"],
)
def test_a_text_is_missing_unless_its_translation_is_sure(tmp_path: Path, po: str, lacking: list[str]) -> None:
    home = write_package(tmp_path / "package", "", '_("签收")\n', po)
    assert [text.source for text in missing("en", home)] == lacking


def test_a_plural_with_one_form_only_is_missing(tmp_path: Path) -> None:
    po = 'msgid "%d 件"\nmsgid_plural "%d 件"\nmsgstr[0] "%d case"\nmsgstr[1] ""\n'
    home = write_package(tmp_path / "package", "", 'ngettext("%d 件", "%d 件", n)\n', po)
    assert missing("en", home) == [Text("%d 件", "", True, "package/pages/one.py:1")]


def test_the_command_compiles_reports_and_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compile"]) == 0
    assert all(po.with_suffix(".mo").stat().st_size for po in CATALOGS)
    assert main(["missing", "en"]) == 0
    assert main(["missing", "zh_Hans"]) == 1
    assert main([]) == 2
    output = capsys.readouterr()
    assert "登录" in output.out
    assert "[date format, this year]" in output.out
    assert "usage" in output.err


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("due_at", "chinese", "english"),
    [
        # Fri 2026-10-09 00:00 in Shanghai is the end of Thursday
        (datetime(2026, 10, 8, 16, tzinfo=UTC), "10-08 周四 24:00", "Thu 8 Oct 24:00"),
        (datetime(2026, 10, 8, 1, 41, tzinfo=UTC), "10-08 周四 09:41", "Thu 8 Oct 09:41"),
        (datetime(2019, 10, 8, 16, tzinfo=UTC), "2019-10-08 周二 24:00", "Tue 8 Oct 2019 24:00"),
        # New Year's Eve belongs to this year, even though the instant lies in the next
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "12-31 周四 24:00", "Thu 31 Dec 24:00"),
        (datetime(2027, 1, 4, 16, tzinfo=UTC), "2027-01-04 周一 24:00", "Mon 4 Jan 2027 24:00"),
    ],
)
def test_a_term_that_ends_at_midnight_ends_at_24_of_its_own_day(due_at: datetime, chinese: str, english: str) -> None:
    with override("zh-hans"):
        assert dates.due_instant(due_at, TODAY, SHANGHAI) == chinese
    with override("en"):
        assert dates.due_instant(due_at, TODAY, SHANGHAI) == english


@pytest.mark.usefixtures("compiled")
def test_an_event_at_midnight_is_0_of_the_day_that_begins() -> None:
    with override("zh-hans"):
        assert dates.instant(datetime(2026, 10, 8, 16, tzinfo=UTC), TODAY, SHANGHAI) == "10-09 周五 00:00"
