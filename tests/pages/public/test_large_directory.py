"""The directory of a big city: 5,268 posts are found and turned over in small pages and few statements."""

import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from psycopg.types.range import DateRange

from huying.directory.models import ContactPoint
from huying.pages.public.directory import PAGE
from huying.people.models import Person, Post, Tenure
from tests.builders import unit
from tests.pages.public.city import found
from tests.pages.reading import browser, page, statements, words

pytestmark = pytest.mark.django_db
DIRECTORY, POSTS, EACH = "/directory/", 5_268, 10
MOST_BYTES = 100 * 1024


@pytest.fixture
def many(ten_march: None) -> None:
    """Ten posts in every unit, each with a holder, and a number for calls and one for messages, with its hours."""
    found()
    units = [unit(f"某某区住房和城乡建设局{n:03d}") for n in range(POSTS // EACH + 1)]
    posts = Post.objects.bulk_create(
        Post(code=f"post-{n}", name=f"党组成员、副局长{n}", unit=units[n // EACH]) for n in range(POSTS)
    )
    people = Person.objects.bulk_create(Person(name=f"官员{n}") for n in range(POSTS))
    days = DateRange(date(2026, 1, 1), None)
    Tenure.objects.bulk_create(
        Tenure(post=post, person=person, days=days) for post, person in zip(posts, people, strict=True)
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(post=post, kind=kind, value=f"0500-6{n:06d}", hours="工作日 12:00–14:00、18:00–21:00")
        for n, post in enumerate(posts)
        for kind in ("phone_mobile", "sms")
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def shown(html: str) -> list[str]:
    return re.findall(r"<p>(官员\d+)</p>", html)


def pages() -> Iterator[str]:
    url: str | None = DIRECTORY
    while url:
        html = page(browser(), url)
        yield html
        following = re.search(r'rel="next" href="([^"]+)"', html)
        url = following[1] if following else None


def test_each_page_is_small_and_all_together_are_the_directory(many: None) -> None:
    seen: list[str] = []
    for html in pages():
        assert len(html.encode()) <= MOST_BYTES
        assert len(shown(html)) <= PAGE
        assert html.count('<a href="#u') == html.count('<section class="sheet" aria-labelledby="u')
        seen += shown(html)
    assert sorted(seen) == sorted(f"官员{n}" for n in range(POSTS))
    assert "共 5,268 个职务，这一页是第 5,201 到第 5,268 个" in words(html)


def test_it_takes_eight_statements_at_most_wherever_one_is(many: None) -> None:
    page(browser(), DIRECTORY)
    for url in (DIRECTORY, "/directory/?from=5200", "/directory/?q=副局长", "/directory/?q=0500-6005267"):
        assert statements(browser(), url) <= 8, url


def test_one_of_them_is_found_by_name_number_or_unit_and_post(many: None) -> None:
    by_number = ("0500-6005267", "6005267", "+86 500 6005267")
    for query in ("官员5267", "建设局526 官员5267", "建设局526党组成员、副局长5267", *by_number):
        html = browser().get(DIRECTORY, {"q": query}).content.decode()
        assert shown(html) == ["官员5267"], query
        assert "共 1 个职务" in words(html)
