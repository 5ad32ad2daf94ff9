"""Units from a file: any order, any sound encoding, all or nothing, and reasons that name the line."""

import random
from datetime import date
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction

from huying.channels.sheet_rows import REASONS, Fault, SheetError
from huying.channels.table import BadTable
from huying.channels.unit_file import plan_units, take_units
from huying.people.models import Unit
from huying.people.office import ROOT, make_unit, the_office
from tests.builders import unit

pytestmark = pytest.mark.django_db

HEADER = "编码,名称,上级"
NO_CODE = "'a、b' is no code: at most 60 characters, no space, comma, 、 or ;"
CONTROL = "the cell has a line break or another control character; delete it"
ROWS = ["yunxi,云溪区,city", "town,云溪镇,yunxi", "village,𠮷祥村🌾,town", "water,市水务集团,"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    the_office()
    return tmp_path / "units.csv"


def write(file: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    file.write_text("\n".join([header, *rows]) + "\n", encoding)
    return file


def load(file: Path) -> list[str]:
    plan = plan_units(file)
    with transaction.atomic():
        take_units(plan)
        connection.check_constraints()
    return [change.word for change in plan.changes]


def tree() -> dict[str, tuple[str, str | None]]:
    rows = Unit.objects.values_list("code", "name", "parent__code")
    return {code: (name, parent) for code, name, parent in rows}


def problems(file: Path) -> list[str]:
    before = tree()
    with pytest.raises(BadTable) as bad:
        plan_units(file)
    assert tree() == before
    return [str(problem) for problem in bad.value.problems]


# -- what is taken -----------------------------------------------------------------------------------------------


def test_a_tree_is_loaded_in_whatever_order_its_rows_stand(file: Path) -> None:
    for seed in range(4):
        with transaction.atomic():
            load(write(file, *random.Random(seed).sample(ROWS, len(ROWS))))
            assert {code: parent for code, (_, parent) in tree().items()} == {
                ROOT: None,
                "yunxi": ROOT,
                "town": "yunxi",
                "village": "town",
                "water": ROOT,
            }
            assert tree()["village"][0] == "𠮷祥村🌾"
            transaction.set_rollback(True)


def test_a_second_load_changes_nothing(file: Path) -> None:
    assert load(write(file, *ROWS)) == ["new"] * 4
    before = list(Unit.objects.order_by("id").values())
    assert load(file) == ["unchanged"] * 4
    assert list(Unit.objects.order_by("id").values()) == before
    assert plan_units(file).wanted == {}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_encoding_of_the_file_makes_no_difference(file: Path, encoding: str) -> None:
    load(write(file, *ROWS, encoding=encoding))
    assert tree()["village"] == ("𠮷祥村🌾", "town")


def test_a_spreadsheet_is_read_with_real_dates_and_numbers_as_codes(file: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for row in (
        ["编码", "名称", "上级", "撤销日期"],
        [101, "市水务局", None, date(2026, 3, 1)],
        ["102", "水务所", None, ""],
    ):
        book.active.append(row)  # type: ignore[union-attr]
    book.save(file.with_suffix(".xlsx"))
    load(file.with_suffix(".xlsx"))
    assert Unit.objects.get(code="101").abolished_on == date(2026, 3, 1)
    assert Unit.objects.get(code="102").abolished_on is None


def test_names_moves_and_swapped_names_are_changes_in_words(file: Path) -> None:
    load(write(file, *ROWS))
    write(file, "yunxi,市水务集团,city", "water,云溪区,city", "town,云溪镇,water", "village,𠮷祥村🌾,town")
    said = {change.code: (change.word, change.says) for change in plan_units(file).changes}
    assert said["yunxi"] == ("changed", ("name: 云溪区 → 市水务集团",))
    assert said["town"] == ("changed", ("parent: yunxi → water",))
    assert said["village"] == ("unchanged", ())
    load(file)
    assert tree()["water"] == ("云溪区", ROOT)
    assert tree()["town"] == ("云溪镇", "water")


def test_a_unit_is_abolished_only_if_the_file_says_so(file: Path) -> None:
    load(write(file, *ROWS))
    load(write(file, ROWS[0]))
    assert not Unit.objects.filter(abolished_on__isnull=False).exists()
    assert load(write(file, "water,市水务集团,city,2026年3月1日", header=f"{HEADER},撤销日期")) == ["abolished"]
    assert Unit.objects.get(code="water").abolished_on == date(2026, 3, 1)
    # Without the column nothing is said of it; the name is free for another unit.
    assert load(write(file, "water,市水务集团,city", "water2,市水务集团,city")) == ["unchanged", "new"]


def test_the_offices_own_level_can_be_renamed_and_not_moved(file: Path) -> None:
    assert load(write(file, "city,云川市,")) == ["changed"]
    assert problems(write(file, "city,云川市,water"))[0].startswith("line 2, column 上级: city is the office's own")


# -- what is refused ---------------------------------------------------------------------------------------------


def test_a_circle_is_named_once_by_all_its_lines(file: Path) -> None:
    rows = ["x,外面,a", "a,甲,c", "b,乙,a", "c,丙,b"]
    circle = "line 3, column 上级: the parents run in a circle: a (line 3) → c (line 5) → b (line 4) → a (line 3)"
    assert problems(write(file, *rows)) == [circle]


def test_a_circle_through_units_that_are_there_is_found(file: Path) -> None:
    load(write(file, *ROWS))
    words = "the parents run in a circle: yunxi (line 2) → village → town → yunxi (line 2)"
    assert problems(write(file, "yunxi,云溪区,village")) == [f"line 2, column 上级: {words}"]
    assert problems(write(file, "self,自己,self"))[0].endswith("in a circle: self (line 2) → self (line 2)")


@pytest.mark.parametrize(
    ("rows", "reasons"),
    [
        (["a,甲,city", "a,乙,city"], ["line 3, column 编码: the code 'a' is in line 2 already"]),
        (["a,甲,city", "b,甲,city"], ["line 3, column 名称: city has a unit '甲' already: line 2"]),
        (["a,housing,"], ["line 2, column 名称: city has a unit 'housing' already: housing"]),
        (["a,甲,nowhere"], ["line 2, column 上级: there is no unit 'nowhere', here or in this file"]),
        (["a,,city"], ["line 2, column 名称: the name is missing"]),
        ([",甲,city"], ["line 2, column 编码: the code is missing"]),
        (["a、b,甲,city"], [f"line 2, column 编码: {NO_CODE}"]),
        (["a,甲,city,extra"], [f"line 2, {REASONS[Fault.CELL_COUNT]}"]),
        (['a,"甲\n乙",city'], [f"line 2, column 名称: {CONTROL}"]),
        (["a,甲\x1b[2J,city"], [f"line 2, column 名称: {CONTROL}"]),
        (["a,甲,b", "b,,city"], ["line 3, column 名称: the name is missing"]),
    ],
)
def test_a_bad_row_is_named_by_line_column_and_reason(file: Path, rows: list[str], reasons: list[str]) -> None:
    unit()
    assert problems(write(file, *rows)) == reasons


def test_all_bad_rows_are_named_at_once(file: Path) -> None:
    found = problems(write(file, "a,甲,nowhere", "good,好,city", "b,,city", "a,丙,city"))
    assert [line.split(",")[0] for line in found] == ["line 2", "line 4", "line 5"]


def test_what_exists_is_never_below_what_is_abolished(file: Path) -> None:
    load(write(file, *ROWS))
    header = f"{HEADER},撤销日期"
    assert problems(write(file, "town,云溪镇,yunxi,2026-03-01", header=header)) == [
        "line 2, column 撤销日期: 'village' below it is not abolished"
    ]
    assert problems(write(file, "water,市水务集团,,2026-03-01", "new,新,water,", header=header)) == [
        "line 3, column 上级: its parent 'water' is abolished"
    ]
    assert problems(write(file, "water,市水务集团,,3/1/2026", header=header)) == [
        "line 2, column 撤销日期: '3/1/2026' is not a date; write it like 2026-01-31"
    ]


@pytest.mark.parametrize(
    ("header", "words"),
    [("编码,名称", "a column is missing: parent or 上级"), ("编码,code,名称,上级", "编码 and code mean the same")],
)
def test_a_file_without_its_columns_is_refused_as_a_whole(file: Path, header: str, words: str) -> None:
    with pytest.raises(SheetError, match=words):
        plan_units(write(file, header=header))


def test_what_is_not_read_is_said(file: Path) -> None:
    assert plan_units(write(file, "a,甲,city,x", header=f"{HEADER},撤消日期")).unread == ("撤消日期",)


def test_the_database_itself_holds_names_apart_under_one_parent() -> None:
    unit("a")
    with pytest.raises(IntegrityError, match="unit_name_once_under_parent"):
        _add_namesake("a")


def _add_namesake(name: str) -> None:
    with transaction.atomic():
        make_unit("b", name, Unit.objects.get(code=ROOT))
        connection.check_constraints()


# -- moving --------------------------------------------------------------------------------------------------------


def test_a_unit_that_moves_takes_those_below_it_along(file: Path) -> None:
    load(write(file, "a,甲,city", "b,乙,a", "c,丙,b", "d,丁,city"))
    load(write(file, "b,乙,d"))
    d, b, c = (Unit.objects.get(code=code) for code in "dbc")
    assert (b.path, c.path) == (f"{d.path}{b.id}/", f"{d.path}{b.id}/{c.id}/")


def test_two_units_change_places(file: Path) -> None:
    load(write(file, "a,甲,city", "b,乙,a"))
    load(write(file, "a,甲,b", "b,乙,city"))
    ids = dict(Unit.objects.values_list("code", "id"))
    assert Unit.objects.get(code="a").above == (ids["city"], ids["b"])
