"""Posts from a file: who holds them from when, what they answer for, how they are reached, and what is refused."""

from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.range import Range

from huying.channels.post_plan import plan_posts, take_posts
from huying.channels.table import BadTable
from huying.directory.entries import entries
from huying.directory.models import ContactPoint
from huying.people.models import Person, Portfolio, Post, Tenure, Unit
from tests.builders import NOW, at, unit

pytestmark = pytest.mark.django_db

HEADER = "编码,职务,单位,姓名,任职时间,电话,接听方式,服务时间,分管"
MAYOR = "mayor,市长,city,沈砚青,2025-02-01,0500-555 0101,本人接听,工作日 12:00–14:00,housing、water"
DEPUTY = "deputy,副市长,city,陆知远,2025年2月1日,0500-555 0102,秘书接听,,water;housing"
TODAY = date(2026, 3, 10)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    unit("housing")
    unit("water")
    return tmp_path / "posts.csv"


def write(file: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    file.write_text("\n".join([header, *rows]) + "\n", encoding)
    return file


def load(file: Path, today: date = TODAY) -> dict[str, tuple[str, ...]]:
    """Load a file and return what was said of each post that changed."""
    plan = plan_posts(file, today)
    with transaction.atomic():
        take_posts(plan, NOW)
        connection.check_constraints()
    return {change.code: change.says for change in plan.changes if change.word != "unchanged"}


def problems(file: Path) -> list[str]:
    before = record()
    with pytest.raises(BadTable) as bad:
        plan_posts(file, TODAY)
    assert record() == before
    return [str(problem) for problem in bad.value.problems]


def record() -> list[object]:
    models = (Post, Person, Tenure, Portfolio, ContactPoint)
    return [row for model in models for row in model._default_manager.order_by("id").values()]


def tenures(code: str = "mayor") -> list[tuple[str, date, date | None]]:
    found = Tenure.objects.filter(post__code=code).select_related("person").order_by("days")
    return [(tenure.person.name, tenure.days.lower, tenure.days.upper) for tenure in found]


def portfolio(code: str = "mayor") -> set[tuple[str, date, date | None]]:
    found = Portfolio.objects.filter(post__code=code).select_related("unit")
    return {(entry.unit.code, entry.days.lower, entry.days.upper) for entry in found}


# -- what is taken -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_row_becomes_post_person_tenure_number_and_portfolio(file: Path, encoding: str) -> None:
    load(write(file, MAYOR.replace("沈砚青", "𠮷砚青🌊"), DEPUTY, encoding=encoding))
    post = Post.objects.get(code="mayor")
    assert (post.name, post.unit and post.unit.code) == ("市长", "city")
    assert tenures() == [("𠮷砚青🌊", date(2025, 2, 1), None)]
    [point] = post.contact_points.values_list("kind", "value", "answer_mode", "hours")
    assert point == ("phone_mobile", "0500-555 0101", "in_person", "工作日 12:00–14:00")
    assert portfolio() == {("housing", date(2025, 2, 1), None), ("water", date(2025, 2, 1), None)}
    assert portfolio("deputy") == portfolio()


def test_a_second_load_changes_nothing_on_whatever_day(file: Path) -> None:
    load(write(file, MAYOR, DEPUTY))
    before = record()
    assert load(file) == {}
    assert load(file, date(2026, 9, 1)) == {}
    assert record() == before


def test_only_the_three_columns_that_make_a_post_are_needed(file: Path) -> None:
    load(write(file, "mayor,市长,city", header="code,name,unit"))
    assert not Tenure.objects.exists()
    load(write(file, MAYOR))
    before = record()
    assert load(write(file, "mayor,市长,city", header="code,name,unit")) == {}
    assert record() == before


def test_a_new_holder_ends_the_old_tenure_on_the_day_before(file: Path) -> None:
    load(write(file, MAYOR))
    told = MAYOR.replace("沈砚青,2025-02-01", "叶秋白,2026-03-01")
    assert load(write(file, told)) == {"mayor": ("holder: 沈砚青 from 2025-02-01 → 叶秋白 from 2026-03-01",)}
    assert tenures() == [
        ("沈砚青", date(2025, 2, 1), date(2026, 3, 1)),
        ("叶秋白", date(2026, 3, 1), None),
    ]
    assert load(file) == {}


def test_an_end_of_office_is_its_last_day_and_leaves_the_post_without_a_holder(file: Path) -> None:
    header = "code,name,unit,person,from,until"
    load(write(file, "mayor,市长,city,沈砚青,2025-02-01,2026-02-27", header=header))
    assert tenures() == [("沈砚青", date(2025, 2, 1), date(2026, 2, 28))]
    assert load(file) == {}
    load(write(file, "mayor,市长,city,叶秋白,2026-03-01,", header=header))
    assert tenures()[0][2] == date(2026, 2, 28)


def test_who_holds_two_posts_is_one_person(file: Path) -> None:
    load(write(file, MAYOR, DEPUTY.replace("陆知远", "沈砚青")))
    assert Person.objects.count() == 1


def test_a_corrected_day_is_no_new_holder(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, MAYOR.replace("2025-02-01", "2025-01-15")))
    assert tenures() == [("沈砚青", date(2025, 1, 15), None)]


def test_a_portfolio_changes_on_the_day_of_the_load_or_with_the_new_holder(file: Path) -> None:
    load(write(file, MAYOR.replace("housing、water", "housing")))
    said = load(write(file, MAYOR.replace("housing、water", "water")))
    assert said == {
        "mayor": ("answers from 2026-03-10 for water", "no longer answers from 2026-03-10 for housing"),
    }
    assert portfolio() == {("housing", date(2025, 2, 1), TODAY), ("water", TODAY, None)}
    load(write(file, MAYOR.replace("沈砚青,2025-02-01", "叶秋白,2026-03-20").replace("housing、water", "housing")))
    new_holder = date(2026, 3, 20)
    assert portfolio() == {
        ("housing", date(2025, 2, 1), TODAY),
        ("water", TODAY, new_holder),
        ("housing", new_holder, None),
    }


def test_a_portfolio_that_ends_on_the_day_it_began_never_was(file: Path) -> None:
    load(write(file, MAYOR.replace("housing、water", "")))
    load(write(file, MAYOR))
    load(write(file, MAYOR.replace("housing、water", "")))
    assert portfolio() == set()


def test_a_blank_portfolio_is_none_and_an_absent_column_says_nothing(file: Path) -> None:
    load(write(file, MAYOR))
    assert load(write(file, "mayor,市长,city,沈砚青", header="code,name,unit,person")) == {}
    load(write(file, "mayor,市长,city,", header="code,name,unit,portfolio"))
    assert all(upper == TODAY for _, _, upper in portfolio())


def test_a_new_number_takes_the_place_of_the_old_one_and_two_may_be_swapped(file: Path) -> None:
    load(write(file, MAYOR, DEPUTY))
    load(write(file, MAYOR.replace("0101", "0102"), DEPUTY.replace("0102", "0101")))
    numbers = ContactPoint.objects.filter(withdrawn_at=None).values_list("post__code", "value")
    assert set(numbers) == {("mayor", "0500-555 0102"), ("deputy", "0500-555 0101")}


def test_the_number_that_was_published_before_is_known_as_withdrawn(file: Path) -> None:
    load(write(file, MAYOR))
    [before] = ContactPoint.objects.filter(withdrawn_at=None)
    load(write(file, MAYOR.replace("0101", "0109")))
    [now] = ContactPoint.objects.filter(withdrawn_at=None)
    before.refresh_from_db()
    assert (before.value, before.withdrawn_at) == ("0500-555 0101", NOW)
    assert (now.value, now.post, now.kind) == ("0500-555 0109", before.post, before.kind)


AHEAD = "编码,职务,单位,电话,启用日期,暂停使用"


def points() -> list[tuple[str, datetime | None, datetime | None, str | None]]:
    found = ContactPoint.objects.order_by("id")
    return [(one.value, one.valid_from, one.withdrawn_at, one.suspended) for one in found]


def test_a_number_that_is_published_ahead_leaves_the_old_one_until_its_day(file: Path) -> None:
    load(write(file, MAYOR))
    row = "mayor,市长,city,0500-555 0109,2026-03-16,"
    said = load(write(file, row, header=AHEAD))
    assert said["mayor"][0].endswith("0500-555 0109, in_person, 工作日 12:00–14:00, valid from 2026-03-16")
    monday = at(3, 16)
    assert points() == [("0500-555 0101", None, monday, None), ("0500-555 0109", monday, None, None)]
    for day in (TODAY, date(2026, 3, 16), date(2026, 4, 1)):
        assert load(write(file, row, header=AHEAD), day) == {}


def test_the_day_of_a_number_that_is_published_ahead_moves_with_that_of_the_old_one(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-16,", header=AHEAD))
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-18,", header=AHEAD))
    assert points()[0][2] == points()[1][1] == at(3, 18)
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-10,", header=AHEAD))
    assert points()[0][2] == NOW
    assert points()[1][1] == at(3, 10)


def test_a_number_that_was_announced_by_mistake_gives_way_at_once(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,0500-555 0108,2026-03-16,", header=AHEAD))
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-17,", header=AHEAD))
    assert [one[:3] for one in points()] == [
        ("0500-555 0101", None, at(3, 17)),
        ("0500-555 0108", at(3, 16), NOW),
        ("0500-555 0109", at(3, 17), None),
    ]


def test_an_announced_number_is_taken_back_by_naming_the_old_one(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-16,", header=AHEAD))
    load(write(file, MAYOR))
    assert [one[0] for one in points() if one[2] is None] == ["0500-555 0101"]
    [entry] = entries(Post.objects.filter(code="mayor"), NOW)
    assert [one.value for one in entry.points] == ["0500-555 0101"]
    assert [one.value for one in entry.withdrawn] == ["0500-555 0109"]
    assert load(write(file, MAYOR)) == {}


def test_a_number_that_goes_is_no_other_posts_before_its_day(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,0500-555 0109,2026-03-16,", header=AHEAD))
    [said] = problems(write(file, DEPUTY.replace("0102", "0101")))
    assert "is the number of post 'mayor' already" in said


def test_a_suspended_number_says_who_answers_until_the_cell_is_blank(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,0500-555 0101,,总值班室代接", header=AHEAD))
    assert points() == [("0500-555 0101", None, None, "总值班室代接")]
    assert load(write(file, MAYOR)) == {}
    load(write(file, "mayor,市长,city,0500-555 0101,,", header=AHEAD))
    assert points() == [("0500-555 0101", None, None, None)]


def test_a_number_is_suspended_for_calls_and_messages_alike(file: Path) -> None:
    load(write(file, MAYOR))
    ContactPoint.objects.create(post=Post.objects.get(code="mayor"), kind="sms", value="0500-555 0101")
    load(write(file, "mayor,市长,city,0500-555 0101,,总值班室代接", header=AHEAD))
    assert [one[3] for one in points()] == ["总值班室代接"] * 2


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("mayor,市长,city,0500-555 0101,2026-03-16,", "is in use already; only a new number has a day to come"),
        ("mayor,市长,city,,2026-03-16,", "write the number that is published ahead or suspended"),
        ("mayor,市长,city,,,代接", "write the number that is published ahead or suspended"),
        ("mayor,市长,city,0500-555 0109,16. März,", "启用日期: '16. März' is not a date"),
    ],
)
def test_a_day_or_a_pause_that_fits_no_number_is_refused(file: Path, row: str, problem: str) -> None:
    load(write(file, MAYOR))
    [said] = problems(write(file, row, header=AHEAD))
    assert problem in said


def test_the_same_number_written_otherwise_is_no_change(file: Path) -> None:
    load(write(file, MAYOR))
    assert load(write(file, MAYOR.replace("0500-555 0101", "（0500）5550101"))) == {}


def test_another_kind_is_another_way_to_reach_the_post(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, "mayor,市长,city,shen@example.com,邮箱", header="code,name,unit,phone,kind"))
    points = ContactPoint.objects.order_by("kind").values_list("kind", "answer_mode")
    assert list(points) == [("email", "undeclared"), ("phone_mobile", "in_person")]


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("市长,city", "市长,", "column 单位: the post has no unit; write the unit's code"),
        ("市长,city", "市长,nowhere", "column 单位: there is no unit 'nowhere'; load the units first"),
        ("housing、water", "housing、fire、water", "column 分管: there is no unit 'fire'; load the units first"),
        ("2025-02-01", "", "column 任职时间: 沈砚青 is new to the post; write from which day"),
        ("2025-02-01", "last year", "column 任职时间: 'last year' is not a date; write it like 2026-01-31"),
        ("2025-02-01", "2025-02-30", "column 任职时间: '2025-02-30' is not a date; write it like 2026-01-31"),
        ("沈砚青", "", "column 姓名: there is a time of office and nobody who holds it"),
        (
            "0500-555 0101",
            "055O-1234",
            "column 电话: '055O-1234' is no number that can be dialled; write one number,",
        ),
        (
            "0500-555 0101",
            "0101/0102",
            "column 电话: '0101/0102' is no number that can be dialled; write one number,",
        ),
        ("0500-555 0101", "1390000002", "column 电话: '1390000002' has 10 digits, and a mobile number has 11"),
        ("0500-555 0101", "", "column 电话: there is an answer mode and no number that it is for"),
        ("本人接听", "有人接听", "column 接听方式: '有人接听' is no answer mode; write one of 本人接听, 专人接听,"),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_reason(file: Path, old: str, new: str, reason: str) -> None:
    assert old in MAYOR
    [problem] = problems(write(file, DEPUTY, MAYOR.replace(old, new)))
    assert problem.startswith(f"line 3, {reason}")


def test_a_number_of_two_posts_is_refused_whether_in_the_file_or_in_the_record(file: Path) -> None:
    doubled = DEPUTY.replace("0500-555 0102", "(0500) 555-0101")
    words = "column 电话: (0500) 555-0101 is the number of"
    assert problems(write(file, MAYOR, doubled)) == [f"line 3, {words} line 2 already"]
    load(write(file, MAYOR))
    assert problems(write(file, doubled)) == [f"line 2, {words} post 'mayor' already"]


def test_a_doubled_code_and_an_abolished_unit_are_refused(file: Path) -> None:
    Unit.objects.filter(code="water").update(abolished_on=TODAY)
    assert problems(write(file, MAYOR, MAYOR)) == [
        "line 2, column 分管: the unit 'water' is abolished",
        "line 3, column 编码: the code 'mayor' is in line 2 already",
    ]


def test_a_holder_never_comes_before_the_present_one(file: Path) -> None:
    load(write(file, MAYOR))
    load(write(file, MAYOR.replace("沈砚青,2025-02-01", "叶秋白,2026-03-01")))
    old_file = problems(write(file, MAYOR))
    words = "叶秋白 holds the post since 2026-03-01; 沈砚青 must come later"
    assert old_file == [f"line 2, column 任职时间: {words}"]
    early = MAYOR.replace("沈砚青,2025-02-01", "叶秋白,2026-02-01")
    assert problems(write(file, early)) == ["line 2, column 任职时间: until 2026-02-28 沈砚青 held the post"]


def test_the_database_itself_holds_a_portfolio_once_at_a_time_and_knows_the_answer_modes(file: Path) -> None:
    post = Post.objects.create(code="mayor", name="市长")
    mine = {"post": post, "unit": unit("water")}
    Portfolio.objects.create(**mine, days=Range(date(2026, 1, 1), None))
    with pytest.raises(IntegrityError, match="portfolio_unit_once_at_a_time"), transaction.atomic():
        Portfolio.objects.create(**mine, days=Range(date(2026, 2, 1), date(2026, 3, 1)))
    with pytest.raises(IntegrityError, match="answer_mode_known"), transaction.atomic():
        ContactPoint.objects.create(post=post, kind="sms", value="0500-555 0101", answer_mode="somebody")
