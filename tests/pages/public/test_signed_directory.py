"""The directory as a signed file: what is in it, whom it lets in, and that it stays one when there is no key."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from psycopg.types.range import DateRange

from huying.directory.models import ContactPoint
from huying.people.models import Portfolio, Unit
from huying.vault.keys import signing_key
from huying.vault.signature import DIRECTORY, public_key, verified
from tests.builders import NOW, at, unit
from tests.pages.public.city import found, official
from tests.pages.reading import browser, page, words

pytestmark = pytest.mark.django_db


def content() -> bytes:
    answer = Client().get("/directory.json")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Access-Control-Allow-Origin"] == "*"
    return answer.content


def test_it_says_what_the_directory_says_and_its_key_stands_on_the_page() -> None:
    found()
    mayor = official("mayor", "沈砚青", name="市长", value="0500-555 0101", hours="工作日 12:00–14:00")
    official("vacant", unit=unit())
    Portfolio.objects.create(post=mayor, unit=unit(), days=DateRange(date(2026, 1, 1), None))
    ContactPoint.objects.create(post=mayor, kind="sms", value="0500-555 0100", withdrawn_at=at(2, 3))
    document = verified(content(), DIRECTORY, public_key(signing_key()))
    assert public_key(signing_key()) in page(browser(), "/directory/").replace(" ", "")
    assert (document["city"], document["office"]) == ("云川市", "云川市公开电话办公室")
    assert document["as_of"] == NOW.isoformat()
    assert [one["value"] for one in document["lines"]] == ["0500-555 0100"]
    assert document["posts"] == [
        {
            "code": "mayor",
            "name": "市长",
            "unit": None,
            "person": "沈砚青",
            "from": "2026-01-01",
            "portfolio": ["housing"],
            "points": [
                {
                    "kind": "phone_mobile",
                    "value": "0500-555 0101",
                    "answer_mode": "in_person",
                    "hours": "工作日 12:00–14:00",
                    "valid_from": None,
                    "suspended": None,
                }
            ],
        },
        {
            "code": "vacant",
            "name": "vacant",
            "unit": "housing",
            "person": None,
            "from": None,
            "portfolio": [],
            "points": [],
        },
    ]


def test_a_pending_number_and_a_suspended_one_say_so() -> None:
    found()
    official("mayor", value="0500-555 0101", valid_from=at(3, 16))
    official("deputy", value="0500-555 0102", suspended="总值班室代接")
    points = [post["points"][0] for post in verified(content(), DIRECTORY, public_key(signing_key()))["posts"]]
    assert [(one["valid_from"], one["suspended"]) for one in points] == [
        ("2026-03-16T00:00:00+08:00", None),
        (None, "总值班室代接"),
    ]


def test_posts_of_an_abolished_unit_are_not_in_it() -> None:
    found()
    official("chief", "沈砚青", unit("old"))
    Unit.objects.filter(code="old").update(abolished_on=date(2026, 3, 10))
    assert json.loads(content())["posts"] == []


def test_it_takes_the_same_statements_for_one_post_and_for_many() -> None:
    found()
    counts = []
    for n in range(5):
        official(f"post{n}", f"官员{n}", unit(f"u{n}"), value=f"0500-556 {n:04d}")
        content()
        with CaptureQueriesContext(connection) as captured:
            content()
        counts.append(len(captured))
    assert set(counts) == {3}


def test_without_its_key_the_page_stays_and_the_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database remembers the key; a folder that has lost it makes no other in silence."""
    found()
    signing_key.cache_clear()
    signing_key()
    monkeypatch.delenv("HUYING_SIGNING_KEY")
    monkeypatch.setattr(settings, "HOME", tmp_path)
    signing_key.cache_clear()
    try:
        answer = Client().get("/directory.json")
        assert (answer.status_code, answer.json()) == (503, {"code": "no_signing_key"})
        text = words(page(browser(), "/directory/"))
        assert "公开目录" in text
        assert "公钥" not in text
        assert not (tmp_path / "keys").exists()
    finally:
        signing_key.cache_clear()
