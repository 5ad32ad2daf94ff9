"""A query whose SQL is written once answers as the queryset would, whatever it is asked for."""

from datetime import UTC, date, datetime

import pytest
from django.db.models import F, QuerySet
from django.db.models.sql.compiler import SQLCompiler

from huying.directory.models import PublicNotice
from huying.people.models import Unit
from huying.written import Written

pytestmark = pytest.mark.django_db


def _notice(text: str, day: int) -> PublicNotice:
    at = datetime(2026, 10, day, 9, tzinfo=UTC)
    return PublicNotice.objects.create(at=at, text=text, actor="user:1", until=date(2026, 10, day + 5))


def _said(actor: str, since: datetime, until: date) -> QuerySet[PublicNotice]:
    found = PublicNotice.objects.filter(actor=actor, at__gte=since, until__lte=until, ended_at=None)
    return found.annotate(words=F("text")).order_by("-at")


def test_each_call_asks_for_what_it_was_given() -> None:
    one, other = _notice("冒充", 1), _notice("放假", 3)
    said = Written(_said)
    assert said("user:1", one.at, date(2026, 12, 31)) == [other, one]
    assert said("user:1", other.at, date(2026, 12, 31)) == [other]
    assert said("user:1", one.at, date(2026, 10, 6)) == [one]
    assert said("user:2", one.at, date(2026, 12, 31)) == []


def test_an_annotation_is_an_attribute_of_its_row() -> None:
    _notice("冒充", 1)
    [row] = Written(_said)("user:1", datetime(2026, 1, 1, tzinfo=UTC), date(2026, 12, 31))
    assert row.words == "冒充"  # type: ignore[attr-defined]  # annotated


def test_a_number_and_one_that_is_always_there_keep_apart() -> None:
    one, other = _notice("冒充", 1), _notice("放假", 1)
    of_the_text = Written(lambda notice: PublicNotice.objects.filter(id=notice, text="冒充"))
    assert of_the_text(one.pk) == [one]
    assert of_the_text(other.pk) == []


def test_its_sql_is_written_once(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[SQLCompiler] = []
    as_sql = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: object, **options: object) -> object:
        written.append(self)
        return as_sql(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    of_the_name = Written(lambda name: Unit.objects.filter(name=name))
    for name in ("甲", "乙", "丙"):
        of_the_name(name)
    assert len(written) == 1


def test_a_parameter_for_which_the_query_has_no_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for its parameters"):
        Written(lambda name, _: Unit.objects.filter(name=name))("甲", "乙")
