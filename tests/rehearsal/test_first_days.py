"""Worked example S29: article 003's figures come out of a register into which its contacts were generated."""

import re
from collections import Counter

import pytest
from django.utils.translation import override

from huying.cases.models import Case, Contact, Refusal
from huying.cases.queries import totals
from huying.rehearsal.first_days import AS_OF, FIRST, ZONE, counted, live_through
from huying.reports.figures import figures
from huying.reports.printed import printed
from huying.reports.rates import Name
from huying.rules.access import Actor

SAID = ("2022-02-08", "2022-02-27 24:00", "3,534", "1,577")
IN_WORDS = {
    "en": ("20 days", "raw 3,600", "849 open", "of: closed cases"),
    "zh-hans": ("共 20 天", "原始 3,600 次", "在办 849 件", "基数：办结的件"),
}
STATED = {("46.2 %", "728 / 1,577"), ("58.4 %", "425 / 728"), ("13.9 %", "101 / 728"), ("27.7 %", "202 / 728")}


@pytest.mark.long
@pytest.mark.django_db
def test_s29_the_figures_of_twenty_days_are_those_of_article_003() -> None:
    """One test, since living through the days takes half a minute."""
    progress: list[tuple[int, int]] = []
    live_through(lambda done, of: progress.append((done, of)))

    the_days_came_through_the_doors()
    the_report_says_what_the_article_says()
    more_of_the_cohort_is_closed()
    the_totals_say_the_same()
    ten_days_earlier_less_had_happened()
    assert progress[-1] == (20, 20)


def the_days_came_through_the_doors() -> None:
    posts = Counter(Case.objects.values_list("post__code", flat=True))
    assert (len(posts), sum(posts.values())) == (15, 1577)
    assert not Refusal.objects.exists()
    assert not Contact.objects.exclude(at__gte=FIRST, at__lt=AS_OF).exists()


def the_report_says_what_the_article_says() -> None:
    of = counted()
    for language, words in IN_WORDS.items():
        with override(language):
            text = printed(of, ZONE)
        assert [said for said in (*SAID, *words) if said not in text] == []
        shares = re.findall(r"^ *([\d.]+ %) +([\d,]+ / [\d,]+) \|", text, re.MULTILINE)
        assert len(shares) == len(Name)
        assert set(shares) >= STATED


def more_of_the_cohort_is_closed() -> None:
    closed = counted().rates[0]
    assert 300 < closed.cohort.denominator < closed.snapshot.denominator
    assert (closed.cohort.value or 0) > (closed.snapshot.value or 1)


def the_totals_say_the_same() -> None:
    of, sums = counted(), totals(Actor.system(), AS_OF)
    assert (of.contacts_raw, of.contacts) == (sums.contacts_raw, sums.contacts) == (3600, 3534)
    for name in ("cases", "open", "overdue", "closed", "not_counted"):
        assert getattr(of.account, name) == getattr(sums, name), name


def ten_days_earlier_less_had_happened() -> None:
    then = FIRST.replace(day=18)
    earlier = figures(Actor.system(), then).account
    assert earlier.cases == Case.objects.filter(received_at__lte=then).count() < 1577
    assert 0 < earlier.closed < 400
