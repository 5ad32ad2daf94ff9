"""Reading sheets: what is found, what is broken and why, and that one bad row costs no other."""

import csv
import errno
import io
import os
import stat
import subprocess
import sys
import tracemalloc
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from huying.channels import sheet_rows
from huying.channels.rejects import Rejects
from huying.channels.sheet import BrokenRow, SheetRow, parse_time, read
from huying.channels.sheet_rows import (
    MAX_ROW,
    MAX_TEXT,
    REASONS,
    Fault,
    SheetError,
    count_rows,
    headers,
    raw_rows,
)

DATA = Path(__file__).parents[3] / "shared" / "data"
HEADER = "id,user,title,body,sent_at,reply,replied_at\n"
GOOD = "7,u1,路灯,路灯不亮,2019-01-06 12:09:38,,\n"


def write(folder: Path, content: str | bytes, name: str = "messages.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    return path


def rows(folder: Path, content: str | bytes, *, with_replies: bool = True) -> list[SheetRow | BrokenRow]:
    return list(read(write(folder, content), with_replies=with_replies))


def message(folder: Path, content: str | bytes, *, with_replies: bool = True) -> SheetRow:
    (row,) = rows(folder, content, with_replies=with_replies)
    assert isinstance(row, SheetRow), row
    return row


def forbid(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Let nobody open the path, as its mode would, if the tests weren't run by root at times."""
    rightful = Path.open

    def open_(self: Path, *args: Any, **options: Any) -> Any:
        if self == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(self))
        return rightful(self, *args, **options)

    monkeypatch.setattr(Path, "open", open_)


def faults(found: list[SheetRow | BrokenRow]) -> list[tuple[int, str, str]]:
    return [(row.line, row.code, row.column) for row in found if isinstance(row, BrokenRow)]


def good_lines(found: list[SheetRow | BrokenRow]) -> list[int]:
    return [row.line for row in found if isinstance(row, SheetRow)]


def naive(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)  # type: ignore[misc, arg-type]


# ---------------------------------------------------------------- what a row says


def test_every_known_column_is_read(tmp_path: Path) -> None:
    row = message(
        tmp_path,
        "id,user,title,body,sent_at,phone,name,address,reply,replied_at\n"
        "7,u1,路灯,路灯不亮,2019-01-06 12:09,13900006021,张三,谯城区,已修,2019-01-08 09:00\n",
    )
    assert (row.identity, row.reporter, row.title, row.text) == ("7", "u1", "路灯", "路灯不亮")
    assert (row.phone, row.name, row.address) == ("13900006021", "张三", "谯城区")
    assert (row.sent_at, row.reply, row.replied_at) == (naive(2019, 1, 6, 12, 9), "已修", naive(2019, 1, 8, 9))


@pytest.mark.parametrize(
    "header",
    [
        "留言编号,留言用户,留言主题,留言详情,留言时间,答复意见,答复时间",
        "编号,用户,标题,内容,时间,答复,答复时间",
        "ID , User,SUBJECT,Content,Sent At,Reply,Replied AT",
        "id,user,title,text,sent_at,reply,replied_at",
        "ｉｄ,user,留言 主题,留言 内容,日期,答复,答复时间",
    ],
)
def test_headers_are_found_by_either_language_and_any_spacing(tmp_path: Path, header: str) -> None:
    row = message(tmp_path, f"{header}\n7,u1,路灯,路灯不亮,2019-01-06,已修,2019-01-08\n")
    assert (row.identity, row.reporter, row.title, row.text, row.reply) == ("7", "u1", "路灯", "路灯不亮", "已修")


def test_unknown_columns_are_ignored_but_kept_in_the_cells(tmp_path: Path) -> None:
    row = message(tmp_path, "likes,body,sent_at\n3,路灯不亮,2019-01-06\n")
    assert row.cells == ("3", "路灯不亮", "2019-01-06")
    assert row.identity is None


def test_the_title_is_the_text_where_the_body_is_blank(tmp_path: Path) -> None:
    assert message(tmp_path, "title,body,sent_at\n路灯不亮, ,2019-01-06\n").text == "路灯不亮"


def test_a_text_is_kept_character_for_character(tmp_path: Path) -> None:
    text = ' 😀 𠮷野家\r\n第二行\n\n"引号",尾 '
    quoted = text.replace('"', '""')
    assert message(tmp_path, f'body,sent_at\n"{quoted}",2019-01-06\n').text == text


def test_a_line_number_is_the_physical_line_where_the_row_starts(tmp_path: Path) -> None:
    found = rows(tmp_path, 'body,sent_at\n"一\n二\n三",2019-01-06\n\n四,2019-01-07\n')
    assert good_lines(found) == [2, 6]


def test_blank_rows_are_passed_over(tmp_path: Path) -> None:
    assert good_lines(rows(tmp_path, "\n\nbody,sent_at\n\n,\n路灯,2019-01-06\n,\n")) == [6]


def test_a_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert good_lines(rows(tmp_path, "body,sent_at\r\n路灯,2019-01-06")) == [2]


# ---------------------------------------------------------------- times


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2019-01-06 12:09:38", naive(2019, 1, 6, 12, 9, 38)),
        ("2019-01-06T12:09:38", naive(2019, 1, 6, 12, 9, 38)),
        ("2019-01-06T12:09", naive(2019, 1, 6, 12, 9)),
        ("2019-01-06T12:09:38.25", naive(2019, 1, 6, 12, 9, 38, 250_000)),
        ("2019/1/6 12:09:38", naive(2019, 1, 6, 12, 9, 38)),
        ("2019/1/6 9:05", naive(2019, 1, 6, 9, 5)),
        ("2019.1.6", naive(2019, 1, 6)),
        ("2019年1月6日", naive(2019, 1, 6)),
        ("2019年1月6日 12时9分", naive(2019, 1, 6, 12, 9)),
        ("2019年01月06日12:09:38", naive(2019, 1, 6, 12, 9, 38)),
        ("２０１９－０１－０６　１２：０９", naive(2019, 1, 6, 12, 9)),
        ("  2019-01-06  ", naive(2019, 1, 6)),
        ("2019-01-06T12:09:38Z", datetime(2019, 1, 6, 12, 9, 38, tzinfo=UTC)),
        ("2019-01-06 12:09+08:00", datetime(2019, 1, 6, 12, 9, tzinfo=timezone(timedelta(hours=8)))),
        ("2019-01-06 12:09 -0330", datetime(2019, 1, 6, 12, 9, tzinfo=timezone(-timedelta(hours=3, minutes=30)))),
    ],
)
def test_a_time_is_read_as_written(written: str, meant: datetime) -> None:
    parsed = parse_time(written)
    assert parsed == meant
    assert parsed is not None
    assert parsed.utcoffset() == meant.utcoffset()


@pytest.mark.parametrize(
    "written",
    [
        *("2019-02-29", "2019-13-01", "2019-01-06 25:00", "2019-01-06 12:60", "0000-01-01", "2019-01-06 12:09+99:00"),
        *("昨天", "1/6/2019", "43471", "20190106", "2019-01-06 12", "12:09:38", "2019-01-06 12:09 上午"),
    ],
)
def test_what_is_no_date_is_not_guessed(written: str) -> None:
    assert parse_time(written) is None


@pytest.mark.parametrize(("cell", "code"), [("", "no_date"), ("  ", "no_date"), ("2019-02-30", "bad_date")])
def test_an_absent_or_impossible_date_names_its_column(tmp_path: Path, cell: str, code: str) -> None:
    assert faults(rows(tmp_path, f"body,留言时间\n路灯,{cell}\n")) == [(2, code, "留言时间")]


@given(moment=st.datetimes(min_value=naive(1, 1, 1)))
def test_every_iso_time_comes_back(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment
    assert parse_time(moment.isoformat(sep=" ")) == moment


# ---------------------------------------------------------------- replies


def test_a_reply_without_a_time_is_broken(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + "7,u,t,b,2019-01-06,已修,\n")
    assert faults(found) == [(2, "reply_without_date", "replied_at")]


def test_a_reply_without_a_column_for_its_time_is_broken(tmp_path: Path) -> None:
    assert faults(rows(tmp_path, "body,sent_at,答复\n路灯,2019-01-06,已修\n")) == [(2, "reply_without_date", "答复")]


def test_a_reply_with_no_date_in_its_time_is_broken(tmp_path: Path) -> None:
    assert faults(rows(tmp_path, HEADER + "7,u,t,b,2019-01-06,已修,某天\n")) == [(2, "bad_date", "replied_at")]


def test_a_reply_before_its_message_is_broken(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + "7,u,t,b,2019-01-06 12:00,已修,2019-01-06 11:59\n")
    assert faults(found) == [(2, "reply_before_message", "replied_at")]


def test_times_of_which_one_has_an_offset_are_compared_as_wall_clocks(tmp_path: Path) -> None:
    content = HEADER + "7,u,t,b,2019-01-06 12:00+08:00,已修,2019-01-06 11:59\n"
    assert faults(rows(tmp_path, content)) == [(2, "reply_before_message", "replied_at")]


def test_a_time_of_reply_without_a_reply_is_no_reply(tmp_path: Path) -> None:
    row = message(tmp_path, HEADER + "7,u,t,b,2019-01-06, ,某天\n")
    assert (row.reply, row.replied_at) == (None, None)


@pytest.mark.parametrize(
    "reply", ["已修,", "已修,某天", "已修,2018-01-01", "已\0修,2019-01-07", "x" * (MAX_TEXT + 1) + ","]
)
def test_without_replies_their_columns_are_not_read(tmp_path: Path, reply: str) -> None:
    row = message(tmp_path, HEADER + f"7,u,t,b,2019-01-06,{reply}\n", with_replies=False)
    assert (row.reply, row.replied_at) == (None, None)


# ---------------------------------------------------------------- broken rows


@pytest.mark.parametrize("bad", ["7,u,t,b,2019-01-06,\n", "7,u,t,b,2019-01-06,,,\n", "7\n"])
def test_a_wrong_number_of_cells_breaks_that_row_alone(tmp_path: Path, bad: str) -> None:
    found = rows(tmp_path, HEADER + GOOD + bad + GOOD)
    assert faults(found) == [(3, "cell_count", "")]
    assert good_lines(found) == [2, 4]


def test_a_quote_never_closed_rejects_one_line_though_no_quote_follows(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + GOOD + '8,u,t,"开了口,2019-01-06,,\n' + GOOD * 3)
    assert faults(found) == [(3, "open_quote", "")]
    assert good_lines(found) == [2, 4, 5, 6]


def test_a_quote_never_closed_rejects_one_line_though_a_quote_follows(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + '8,u,t,"开了口,2019-01-06,,\n' + GOOD + '9,u,t,"好, 的",2019-01-06,,\n' + GOOD)
    assert faults(found) == [(2, "open_quote", "")]
    assert good_lines(found) == [3, 4, 5]


def test_the_rejected_line_of_an_open_quote_is_kept_whole(tmp_path: Path) -> None:
    broken = rows(tmp_path, HEADER + '8,u,t,"开了口,2019-01-06,,\n' + GOOD)[0]
    assert broken.cells == ('8,u,t,"开了口,2019-01-06,,',)


def test_many_open_quotes_reject_a_line_each(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + ('8,u,t,"开了口,2019-01-06,,\n' + GOOD) * 50)
    assert len(faults(found)) == 50
    assert len(good_lines(found)) == 50


def test_text_behind_a_closing_quote_is_broken(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + '8,u,t,"他说"好,2019-01-06,,\n' + GOOD)
    assert faults(found) == [(2, "stray_quote", "")]
    assert good_lines(found) == [3]


def test_an_open_quote_in_a_large_file_is_given_up_within_the_limit_of_a_row(tmp_path: Path) -> None:
    many = MAX_ROW // len(GOOD) + 1_000
    found = rows(tmp_path, HEADER + '8,u,t,"开了口,2019-01-06,,\n' + GOOD * many)
    assert faults(found) == [(2, "open_quote", "")]
    assert len(good_lines(found)) == many


@pytest.mark.parametrize("length", [MAX_ROW, MAX_ROW + 1, MAX_ROW * 2 + 5])
def test_a_line_longer_than_a_row_may_be_is_one_broken_row(tmp_path: Path, length: int) -> None:
    found = rows(tmp_path, HEADER + GOOD + "x" * length + "\n" + GOOD)
    assert faults(found) == [(3, "row_too_long", "")]
    assert good_lines(found) == [2, 4]
    assert sum(len(cell) for row in found for cell in row.cells) < MAX_TEXT + 1_000


def test_a_line_too_long_behind_an_open_quote_costs_both_lines_and_no_more(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + '8,u,t,"开\n' + "x" * (MAX_ROW + 9) + "\n" + GOOD)
    assert faults(found) == [(2, "open_quote", ""), (3, "row_too_long", "")]
    assert good_lines(found) == [4]


@pytest.mark.parametrize("line", ["一行普通的话\n", 'say ""so"", twice\r\n', GOOD, "\n", "x" * 2_300_000 + "\n"])
def test_a_cell_of_two_million_characters_is_one_broken_row_whatever_its_lines_look_like(
    tmp_path: Path, line: str
) -> None:
    cell = line * (2_000_000 // len(line) + 1)
    found = rows(tmp_path, HEADER + GOOD + f'8,u,t,"{cell}",2019-01-06,"a ""reply""",\n' + GOOD)
    assert faults(found) == [(3, "row_too_long", "")]
    assert good_lines(found) == [2, 4 + cell.count("\n")]


def test_a_cell_too_long_is_passed_over_where_the_file_ends_with_its_quote(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + GOOD + '8,u,t,b,2019-01-06,,"' + "一行\n" * 700_000 + '"')
    assert (len(found), faults(found)) == (2, [(3, "row_too_long", "")])


@pytest.mark.parametrize("last", [GOOD, '9,u,t,"好, 的",2019-01-06,,\n'], ids=["never", "wrongly"])
def test_a_quote_never_or_wrongly_closed_costs_one_line_though_two_million_characters_follow(
    tmp_path: Path, last: str
) -> None:
    many = 2_000_000 // len(GOOD)
    found = rows(tmp_path, HEADER + '8,u,t,"开了口,2019-01-06,,\n' + GOOD * many + last)
    assert faults(found) == [(2, "open_quote", "")]
    assert good_lines(found) == list(range(3, many + 4))


def test_passing_over_a_long_cell_stores_none_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + '8,u,t,"' + ("row after row" * 99 + "\n") * 25_000 + '",2019-01-06,,\n' + GOOD)
    tracemalloc.start()
    try:
        assert len(list(read(path, with_replies=True))) == 2
        assert tracemalloc.get_traced_memory()[1] < 12_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030"])
@given(
    parts=st.lists(st.sampled_from(['"', '""', ",", "\n", "\r\n", "\r", "字", "words, ", '"\n', ',"']), max_size=40)
)
def test_a_row_too_long_ends_where_the_csv_module_ends_it(
    tmp_path_factory: pytest.TempPathFactory, code: str, parts: list[str]
) -> None:
    """With a limit of eight characters and one of a million, the rows behind a bad one are the same."""
    path = tmp_path_factory.mktemp("sheet") / "messages.csv"
    path.write_bytes(("灯,b\n" * 9 + "".join(parts)).encode(code))
    whole = {row.line: row for row in raw_rows(path)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheet_rows, "MAX_ROW", 8)
        patch.setattr(sheet_rows, "_encoding", lambda _: code)  # it reads pieces of MAX_ROW bytes
        cut = {row.line: row for row in raw_rows(path)}
    assert whole.keys() <= cut.keys()
    # A row of commas alone is blank, and passed over where it isn't too long.
    assert all(cut[line].fault or cut[line].cells == whole[line].cells for line in cut)


@pytest.mark.parametrize(("at", "column"), [(0, "id"), (3, "body"), (6, "replied_at")])
def test_a_nul_in_any_cell_names_its_column(tmp_path: Path, at: int, column: str) -> None:
    cells = ["7", "u", "t", "b", "2019-01-06", "", ""]
    cells[at] += "\0"
    found = rows(tmp_path, HEADER + ",".join(cells) + "\n" + GOOD)
    assert faults(found) == [(2, "nul", column)]
    assert good_lines(found) == [3]


def test_a_text_of_the_limit_is_read_and_one_character_more_is_not(tmp_path: Path) -> None:
    found = rows(tmp_path, f"body,sent_at\n{'长' * MAX_TEXT},2019-01-06\n{'长' * (MAX_TEXT + 1)},2019-01-06\n")
    assert good_lines(found) == [2]
    assert faults(found) == [(3, "too_long", "body")]


def test_the_limit_of_the_csv_module_is_left_as_it_was(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    reading = read(write(tmp_path, f"body,sent_at\n{'x' * 200_000},2019-01-06\n"), with_replies=False)
    next(reading)
    assert csv.field_size_limit() == before


def test_neither_text_nor_title_is_broken(tmp_path: Path) -> None:
    assert faults(rows(tmp_path, "title,body,sent_at\n , ,2019-01-06\n")) == [(2, "no_text", "body")]


def test_every_reason_is_a_short_sentence_with_a_remedy() -> None:
    assert set(REASONS) == set(Fault)
    for reason in REASONS.values():
        assert reason.endswith(".")
        assert ";" in reason
        assert len(reason) < 100


# ---------------------------------------------------------------- encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_file_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    row = message(tmp_path, "留言详情,留言时间\n路灯不亮😀𠮷,2019-01-06\n".encode(encoding))
    assert row.text == "路灯不亮😀𠮷"


def test_the_mark_of_utf8_may_stand_before_a_quoted_header(tmp_path: Path) -> None:
    assert message(tmp_path, '\ufeff"body","sent_at"\n路灯,2019-01-06\n').text == "路灯"


def test_bad_bytes_in_a_utf8_file_break_their_row_and_name_the_column(tmp_path: Path) -> None:
    found = rows(tmp_path, (HEADER + GOOD).encode() + b"8,u,t,\xff\xfe\xb2,2019-01-06,,\n" + GOOD.encode())
    assert faults(found) == [(3, "bad_bytes", "body")]
    assert good_lines(found) == [2, 4]


def test_bad_bytes_in_a_gb18030_file_break_their_row_and_name_the_column(tmp_path: Path) -> None:
    good = GOOD.encode("gb18030")
    found = rows(tmp_path, HEADER.encode() + good + b"8,u,t\xff,b,2019-01-06,,\n" + good)
    assert faults(found) == [(3, "bad_bytes", "title")]
    assert good_lines(found) == [2, 4]


def test_a_line_in_gb18030_does_not_turn_a_utf8_file_into_gb18030(tmp_path: Path) -> None:
    found = rows(tmp_path, (HEADER + GOOD * 2).encode() + GOOD.encode("gb18030"))
    assert good_lines(found) == [2, 3]
    assert faults(found) == [(4, "bad_bytes", "title")]


def test_half_a_character_is_broken(tmp_path: Path) -> None:
    found = rows(tmp_path, HEADER + GOOD + "8,u,t,半\ud83d个,2019-01-06,,\n")
    assert faults(found) == [(3, "bad_bytes", "body")]


def test_bad_bytes_that_hide_a_comma_are_called_bad_bytes(tmp_path: Path) -> None:
    found = rows(tmp_path, (HEADER + GOOD).encode() + b"8,u,t,\xff2019-01-06,,\n")
    assert faults(found) == [(3, "bad_bytes", "")]


# ---------------------------------------------------------------- files that can't be read


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n,,\n", "empty"),
        ("letters.txt", b"body,sent_at\n", "unknown ending"),
        ("old.xls", b"", "save it as .csv or .xlsx"),
        ("nothing.csv", b"id,user,sent_at\n", "no header names the text"),
        ("timeless.csv", b"id,body\n", "no header names the time"),
        ("headless.csv", b'id,"body,sent_at\n1,2,3\n', "header in line 1"),
        ("wide.csv", "body,sent_at\n".encode("utf-16"), "UTF-16"),
        ("renamed.csv", b"PK\x03\x04abc", "rename it to .xlsx"),
        ("false.xlsx", b"body,sent_at\n", "save it again as .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_says_so_in_one_line(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = write(tmp_path, content, name)
    with pytest.raises(SheetError, match=says) as refusal:
        read(path, with_replies=False)
    assert str(path) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="no such file"):
        read(tmp_path / "absent.csv", with_replies=False)


def test_a_workbook_of_charts_alone_cannot_be_read(tmp_path: Path) -> None:
    book = Workbook()
    book.create_chartsheet()
    book.remove(book.worksheets[0])
    book.save(tmp_path / "charts.xlsx")
    with pytest.raises(SheetError, match="save it again"):
        read(tmp_path / "charts.xlsx", with_replies=False)


@pytest.mark.parametrize("name", ["messages.csv", "messages.xlsx"])
def test_a_file_without_rights_to_it_is_named_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = write(tmp_path, HEADER + GOOD, name)
    forbid(monkeypatch, path)
    with pytest.raises(SheetError, match=rf"{name}: the file can't be read \(Permission denied\)$"):
        read(path, with_replies=False)
    if path.suffix == ".csv":
        with pytest.raises(SheetError, match="Permission denied"):
            count_rows(path)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(SheetError, match="not a file"):
        read(tmp_path / "folder.csv", with_replies=False)


# ---------------------------------------------------------------- spreadsheets


def workbook(folder: Path, *lines: list[object]) -> Path:
    book = Workbook()
    page = book.active
    assert page is not None
    for line in lines:
        page.append(line)
    book.save(folder / "messages.xlsx")
    return folder / "messages.xlsx"


def test_a_spreadsheet_is_read_with_its_dates_and_numbers(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["编号", "留言主题", "留言详情", "留言时间", "电话"],
        [300400, "路灯", "不亮😀\n第二行", naive(2019, 1, 6, 12, 9, 38), 13900006021.0],
        [300401, "路灯", "不亮", date(2019, 1, 6), None],
        [300402, "路灯", "不亮", "2019/1/6 12:09:38", None],
    )
    found = list(read(path, with_replies=True))
    assert [row.sent_at for row in found if isinstance(row, SheetRow)] == [
        naive(2019, 1, 6, 12, 9, 38),
        naive(2019, 1, 6),
        naive(2019, 1, 6, 12, 9, 38),
    ]
    first = found[0]
    assert isinstance(first, SheetRow)
    assert (first.line, first.identity, first.text, first.phone) == (2, "300400", "不亮😀\n第二行", "13900006021")


def test_a_number_that_a_spreadsheet_keeps_as_a_fraction_has_no_decimals(tmp_path: Path) -> None:
    (row,) = read(workbook(tmp_path, ["id", "body", "sent_at"], [1e16, "灯", "2019-01-06"]), with_replies=False)
    assert isinstance(row, SheetRow)
    assert row.identity == "10000000000000000"


def test_a_line_of_a_spreadsheet_is_its_row_number(tmp_path: Path) -> None:
    lines: list[list[object]] = [[], ["body", "sent_at"], [], ["路灯", "2019-01-06"], [None, None], ["灯", "x"]]
    found = list(read(workbook(tmp_path, *lines), with_replies=False))
    assert good_lines(found) == [4]
    assert faults(found) == [(6, "bad_date", "sent_at")]


def test_a_spreadsheet_row_wider_than_its_header_is_broken_and_a_shorter_one_is_not(tmp_path: Path) -> None:
    path = workbook(
        tmp_path,
        ["body", "sent_at", "phone"],
        ["灯", "2019-01-06"],
        ["灯", "2019-01-06", None, "多出来的"],
        ["灯", "2019-01-06", 0.5, " "],
    )
    found = list(read(path, with_replies=False))
    assert good_lines(found) == [2, 4]
    assert faults(found) == [(3, "cell_count", "")]


@pytest.mark.parametrize(("escape", "code"), [("_x0000_", "nul"), ("_xD83D_", "surrogate")])
def test_what_a_spreadsheet_writes_as_an_escape_is_still_found(tmp_path: Path, escape: str, code: str) -> None:
    path = workbook(tmp_path, ["body", "sent_at"], [f"灯{escape}", "2019-01-06"])
    assert faults(list(read(path, with_replies=False))) == [(2, code, "body")]


def test_the_carriage_return_that_excel_escapes_is_one(tmp_path: Path) -> None:
    (row,) = read(workbook(tmp_path, ["body", "sent_at"], ["一_x000D_\n二", "2019-01-06"]), with_replies=False)
    assert isinstance(row, SheetRow)
    assert row.text == "一\r\n二"


def test_a_damaged_spreadsheet_says_so(tmp_path: Path) -> None:
    whole = workbook(tmp_path, ["body", "sent_at"], ["灯", "2019-01-06"]).read_bytes()
    with pytest.raises(SheetError, match="damaged"):
        list(read(write(tmp_path, whole[: len(whole) // 2], "half.xlsx"), with_replies=False))


def test_reading_a_csv_does_not_import_openpyxl(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + GOOD)
    program = (
        "import sys; from pathlib import Path; from huying.channels.sheet import read; "
        f"list(read(Path({str(path)!r}), with_replies=True)); sys.exit('openpyxl' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=False).returncode == 0


# ---------------------------------------------------------------- counting


def test_rows_are_counted_without_those_line_ends_that_stand_in_quotes(tmp_path: Path) -> None:
    assert count_rows(write(tmp_path, 'body,sent_at\n"一\n\n二",2019-01-06\n三,2019-01-06')) == 2


def test_rows_of_a_spreadsheet_or_a_missing_file_are_not_counted(tmp_path: Path) -> None:
    assert count_rows(tmp_path / "messages.xlsx") is None
    assert count_rows(tmp_path / "absent.csv") is None


def test_an_empty_file_has_no_rows(tmp_path: Path) -> None:
    assert count_rows(write(tmp_path, "")) == 0


# ---------------------------------------------------------------- what was rejected


def reject(path: Path) -> Rejects:
    with Rejects(path) as rejects:
        for row in read(path, with_replies=True):
            if isinstance(row, BrokenRow):
                rejects.add(row)
    return rejects


def test_rejected_rows_are_written_under_their_headers(tmp_path: Path) -> None:
    rejects = reject(write(tmp_path, HEADER + GOOD + "8,u,t,b😀,某天,,\n"))
    assert rejects.path == tmp_path / "messages.csv.rejected.csv"
    assert rejects.count == 1
    written = list(csv.reader(io.StringIO(rejects.path.read_text(encoding="utf-8-sig"))))
    assert written == [
        ["line", "column", "reason", "id", "user", "title", "body", "sent_at", "reply", "replied_at"],
        ["3", "sent_at", REASONS[Fault.BAD_DATE], "8", "u", "t", "b😀", "某天", "", ""],
    ]


def test_rejected_rows_are_for_their_owner_alone(tmp_path: Path) -> None:
    rejects = reject(write(tmp_path, HEADER + "8\n"))
    assert stat.S_IMODE(rejects.path.stat().st_mode) == 0o600


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_rejected_cell_is_no_formula(tmp_path: Path, start: str) -> None:
    rejects = reject(write(tmp_path, f'body,sent_at\n"{start}1+1",某天\n'))
    assert f"'{start}1+1" in rejects.path.read_bytes().decode("utf-8-sig")


def test_nothing_rejected_leaves_no_file_and_removes_a_stale_one(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + GOOD)
    stale = write(tmp_path, "old", "messages.csv.rejected.csv")
    assert reject(path).count == 0
    assert not stale.exists()


def test_bytes_that_no_encoding_explains_can_still_be_written(tmp_path: Path) -> None:
    rejects = reject(write(tmp_path, (HEADER + GOOD).encode() + b"8,u,t,\xff,2019-01-06,,\n"))
    assert r"\udcff" in rejects.path.read_text(encoding="utf-8-sig")


def test_a_link_put_in_the_place_of_the_rejected_file_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, victim = write(tmp_path, HEADER + "8\n"), write(tmp_path, "precious", "victim")
    rejects = Rejects(path)
    rejects.path.symlink_to(victim)
    monkeypatch.setattr(Path, "unlink", lambda _path, **_options: None)  # as if it came just after
    with pytest.raises(SheetError, match="can't be written"), rejects:
        pass
    assert victim.read_text() == "precious"


def test_a_rejected_file_can_be_corrected_and_read_again(tmp_path: Path) -> None:
    rejects = reject(write(tmp_path, HEADER + "8,u,t,b,某天,,\n"))
    corrected = rejects.path.read_text(encoding="utf-8-sig").replace("某天", "2019-01-06")
    assert message(tmp_path, corrected).identity == "8"


@pytest.mark.parametrize("cell", ["+8613900006021", "-", "=1+1", "'=1+1", "''@all", "'quoted'", "''", "\t灯", "'\r"])
def test_what_keeps_a_cell_from_being_a_formula_is_gone_when_it_is_read_again(tmp_path: Path, cell: str) -> None:
    rejects = reject(write(tmp_path, f'body,sent_at\n"{cell}",某天\n'))
    corrected = rejects.path.read_bytes().decode("utf-8-sig").replace("某天", "2019-01-06")
    assert message(tmp_path, corrected).text == cell


def test_an_apostrophe_is_kept_in_a_file_that_is_none_of_rejected_rows(tmp_path: Path) -> None:
    assert message(tmp_path, "line,column,body,sent_at\n1,c,'=1+1,2019-01-06\n").text == "'=1+1"


def test_a_rejected_file_saved_as_a_spreadsheet_is_read_as_it_was(tmp_path: Path) -> None:
    path = workbook(
        tmp_path, ["line", "column", "reason", "body", "sent_at"], [2, "sent_at", "bad", "'-灯", "2019-01-06"]
    )
    (row,) = read(path, with_replies=False)
    assert isinstance(row, SheetRow)
    assert row.text == "-灯"


def test_a_rejected_file_that_cannot_be_written_is_noticed_at_the_start(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + GOOD)
    (tmp_path / "messages.csv.rejected.csv").mkdir()
    with pytest.raises(SheetError, match=r"messages\.csv\.rejected\.csv: rejected rows can't be written") as refusal:
        Rejects(path).__enter__()
    assert "\n" not in str(refusal.value)


def test_all_rejected_rows_are_in_one_file(tmp_path: Path) -> None:
    rejects = reject(write(tmp_path, HEADER + "8\n" + GOOD + "9\n"))
    assert rejects.count == 2
    assert [row[0] for row in csv.reader(rejects.path.read_text("utf-8-sig").splitlines())] == ["line", "2", "4"]


def test_a_spreadsheet_has_its_rejected_rows_too(tmp_path: Path) -> None:
    path = workbook(tmp_path, ["body", "sent_at"], ["灯", None])
    assert headers(path) == ("body", "sent_at")
    assert reject(path).count == 1


# ---------------------------------------------------------------- round trips and real files

_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(
    lines=st.lists(st.tuples(_CELL, _CELL, _CELL.filter(str.strip)), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    ending=st.sampled_from(["\n", "\r\n"]),
)
def test_what_csv_writes_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str, str]], encoding: str, ending: str
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "messages.csv"
    with path.open("w", encoding=encoding, newline="") as file:
        # With "\n" the writer of Python 3.11 forgets to quote a lone CR.
        writer = csv.writer(
            file, lineterminator=ending, quoting=csv.QUOTE_ALL if ending == "\n" else csv.QUOTE_MINIMAL
        )
        writer.writerow(["id", "title", "body", "sent_at"])
        writer.writerows([*line, "2019-01-06"] for line in lines)
    found = list(read(path, with_replies=True))
    assert [row.cells for row in found] == [(*line, "2019-01-06") for line in lines]
    assert [row.text for row in found if isinstance(row, SheetRow)] == [body for _, _, body in lines]


_RISKY = st.text(st.sampled_from("'=+-@\t\r\n\", 字"), max_size=8)


@given(lines=st.lists(st.tuples(_RISKY, _RISKY | _CELL), min_size=1, max_size=6))
def test_rejected_rows_are_read_again_as_they_were_also_the_second_time(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["'-phone", "body", "sent_at"], *((*line, "某天") for line in lines)])
    for _ in range(2):
        path = reject(path).path
    assert headers(path)[-3:] == ("'-phone", "body", "sent_at")
    assert [row.cells[-3:] for row in read(path, with_replies=True)] == [(*line, "某天") for line in lines]


@given(content=st.binary(max_size=300))
def test_no_file_whatever_it_holds_breaks_the_reader(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "messages.csv"
    path.write_bytes(b"body,sent_at\n" + content)
    for row in read(path, with_replies=True):
        assert row.line > 1


@pytest.mark.skipif(not DATA.is_dir(), reason="the citizens' messages are not beside the repository")
@pytest.mark.parametrize(("name", "count"), [("hot_messages.csv", 2931), ("replies.csv", 1976)])
def test_the_real_files_are_read_whole(name: str, count: int) -> None:
    found = list(read(DATA / name, with_replies=True))
    assert faults(found) == []
    assert len(found) == count_rows(DATA / name) == count
