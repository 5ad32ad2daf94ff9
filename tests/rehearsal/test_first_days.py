"""Worked example S29: article 003's figures come out of a register into which its contacts were generated."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils.translation import override
from pytest_django import DjangoDbBlocker

from huying.cases.models import Case, Contact, Refusal
from huying.cases.queries import totals
from huying.config.postgres import Urls
from huying.rehearsal.first_days import AS_OF, FIRST, ZONE, counted, live_through
from huying.reports.figures import figures
from huying.reports.printed import printed
from huying.reports.rates import Name
from huying.rules.access import Actor
from tests import conftest as suite

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def days(
    server: Urls, template: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[list[tuple[int, int]]]:
    """The twenty days, lived through once (half a minute) in a database of their own; nothing here changes them."""
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), suite._database(server, template) as name:
        suite._point_django_at(server, name)
        progress: list[tuple[int, int]] = []
        try:
            live_through(lambda done, of: progress.append((done, of)))
            yield progress
        finally:
            suite._point_django_at(server, before)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("20 days", "raw 3,600", "849 open", "of: closed cases")),
        ("zh-hans", ("共 20 天", "原始 3,600 次", "在办 849")),
    ],
)
def test_s29_the_report_of_twenty_days_is_that_of_article_003(language: str, words: tuple[str, ...]) -> None:
    with override(language):
        text = printed(counted(), ZONE)
    for said in ("2022-02-08", "2022-02-27 24:00", "3,534", "1,577", *words):
        assert said in text
    shares = re.findall(r"^ *([\d.]+ %) +([\d,]+ / [\d,]+) \|", text, re.MULTILINE)
    assert len(shares) == len(Name)
    assert {
        ("46.2 %", "728 / 1,577"),
        ("58.4 %", "425 / 728"),
        ("13.9 %", "101 / 728"),
        ("27.7 %", "202 / 728"),
    } <= set(shares)


def test_s29_beside_each_rate_stands_a_cohort_of_which_more_is_closed() -> None:
    closed = counted().rates[0]
    assert closed.snapshot.value is not None
    assert closed.cohort.value is not None
    assert closed.cohort.value > closed.snapshot.value
    assert 300 < closed.cohort.denominator < closed.snapshot.denominator


def test_s29_figures_are_those_of_the_totals() -> None:
    of, sums = counted(), totals(Actor.system(), AS_OF)
    assert (of.contacts_raw, of.contacts) == (sums.contacts_raw, sums.contacts) == (3600, 3534)
    for name in ("cases", "open", "overdue", "closed", "not_counted"):
        assert getattr(of.account, name) == getattr(sums, name), name


def test_s29_the_cases_are_of_fifteen_leaders_and_came_through_the_doors(days: list[tuple[int, int]]) -> None:
    posts = Counter(Case.objects.values_list("post__code", flat=True))
    assert len(posts) == 15
    assert sum(posts.values()) == 1577
    assert not Refusal.objects.exists()
    assert not Contact.objects.exclude(at__gte=FIRST, at__lt=AS_OF).exists()
    assert days[-1] == (20, 20)


def test_s29_ten_days_earlier_fewer_had_come_and_fewer_were_closed() -> None:
    earlier = figures(Actor.system(), FIRST.replace(day=18))
    assert earlier.account.cases == Case.objects.filter(received_at__lt=FIRST.replace(day=18)).count()
    assert 0 < earlier.account.closed < 400
