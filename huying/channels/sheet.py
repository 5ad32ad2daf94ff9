"""Citizens' messages from a .csv or .xlsx file, one row at a time.

It answers for reading what is written, and for saying which rows can't be read and what to do about them. It
doesn't judge a message: whether a time lies in the future, who sent it and where it belongs is not asked here.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

from .sheet_rows import MAX_TEXT, REASONS, Fault, RawRow, SheetError, raw_rows


class Column(StrEnum):
    """What a column says; the value is the name that a header is expected to have."""

    IDENTITY = "id"
    REPORTER = "user"
    TITLE = "title"
    TEXT = "text"
    SENT_AT = "sent_at"
    PHONE = "phone"
    NAME = "name"
    ADDRESS = "address"
    REPLY = "reply"
    REPLIED_AT = "replied_at"


HEADERS: Mapping[Column, tuple[str, ...]] = {
    Column.IDENTITY: ("id", "编号", "留言编号"),
    Column.REPORTER: ("user", "用户", "留言用户"),
    Column.TITLE: ("title", "subject", "留言主题", "主题", "标题", "留言标题"),
    Column.TEXT: ("body", "text", "content", "message", "留言详情", "留言内容", "内容", "详情", "正文"),
    Column.SENT_AT: ("sent_at", "sent", "留言时间", "留言日期", "时间", "日期"),
    Column.PHONE: ("phone", "mobile", "电话", "联系电话", "手机", "手机号", "电话号码"),
    Column.NAME: ("name", "姓名", "联系人"),
    Column.ADDRESS: ("address", "地址", "住址", "联系地址"),
    Column.REPLY: ("reply", "答复意见", "答复", "答复内容"),
    Column.REPLIED_AT: ("replied_at", "答复时间", "答复日期"),
}


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A message as the file has it.

    `line` is the physical line where the row starts (in .xlsx the row number). `text` is the body, or the title
    where the body is blank, character for character. Times are wall clock as written, aware only if the file
    carries an offset; a date without a time is its midnight. What is blank is None.
    """

    line: int
    cells: tuple[str, ...]
    identity: str | None
    reporter: str | None
    title: str | None
    text: str
    sent_at: datetime
    phone: str | None = None
    name: str | None = None
    address: str | None = None
    reply: str | None = None
    replied_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A row that can't be taken: where, which column (as the file names it; empty: the whole row), and why.

    `code` is for translation. It is a plain string, so that whoever imports the rows can reject with a
    reason of its own.
    """

    line: int
    column: str
    reason: str
    cells: tuple[str, ...]
    code: str = ""


class _BrokenError(Exception):
    def __init__(self, column: str, fault: Fault) -> None:
        super().__init__(fault)
        self.column, self.fault = column, fault


# ---------------------------------------------------------------- what is asked for


def read(path: Path, *, with_replies: bool) -> Iterator[SheetRow | BrokenRow]:
    """Yield the rows of `path` in their order, each as a message or as broken. Blank rows are passed over.

    The file is read as a stream; it may be larger than memory. Without `with_replies` the columns of the reply
    aren't looked at, so a bad date of a reply breaks nothing. Raises SheetError, before the first row.
    """
    rows = raw_rows(path)
    header = next(rows)
    columns = _columns(header.cells, path)
    unread: set[int] = set()
    if not with_replies:
        unread = {columns.pop(column) for column in (Column.REPLY, Column.REPLIED_AT) if column in columns}
    return (_message_or_broken(raw, header.cells, columns, unread) for raw in rows)


# ---------------------------------------------------------------- meaning of cells


def _plain(header: str) -> str:
    return re.sub(r"[\s_\ufeff]+", "", unicodedata.normalize("NFKC", header)).casefold()


_MEANS = {_plain(name): column for column, names in HEADERS.items() for name in names}


def _columns(header: Sequence[str], path: Path) -> dict[Column, int]:
    """Return the position of each known column; of two with one meaning the first counts."""
    found: dict[Column, int] = {}
    for at, name in enumerate(header):
        if column := _MEANS.get(_plain(name)):
            found.setdefault(column, at)
    if Column.TEXT not in found and Column.TITLE not in found:
        raise SheetError(f"{path}: no header names the text; call that column body, text, content or 留言详情")
    if Column.SENT_AT not in found:
        raise SheetError(f"{path}: no header names the time of the message; call that column sent_at or 留言时间")
    return found


def _message_or_broken(
    raw: RawRow, header: Sequence[str], columns: Mapping[Column, int], unread: Collection[int]
) -> SheetRow | BrokenRow:
    if raw.fault:
        return BrokenRow(raw.line, "", REASONS[raw.fault], raw.cells, raw.fault)
    try:
        _check_cells(raw.cells, header, columns, unread)
        return _message(raw, header, columns)
    except _BrokenError as broken:
        return BrokenRow(raw.line, broken.column, REASONS[broken.fault], raw.cells, broken.fault)


# surrogateescape puts a byte that can't be decoded at U+DC80..U+DCFF.
_SURROGATE = re.compile("[\ud800-\udfff]")


def _check_cells(
    cells: Sequence[str], header: Sequence[str], columns: Mapping[Column, int], unread: Collection[int]
) -> None:
    if len(cells) != len(header):
        # Bad bytes can hide a comma or a quote, so they are the better reason for a wrong count.
        raise _BrokenError("", Fault.BAD_BYTES if any(map(_SURROGATE.search, cells)) else Fault.CELL_COUNT)
    for at, (column, cell) in enumerate(zip(header, cells, strict=True)):
        if at in unread:
            continue
        if "\0" in cell:
            raise _BrokenError(column, Fault.NUL)
        if half := _SURROGATE.search(cell):
            escaped = "\udc80" <= half[0] <= "\udcff"
            raise _BrokenError(column, Fault.BAD_BYTES if escaped else Fault.SURROGATE)
        if len(cell) > MAX_TEXT and at in columns.values():
            raise _BrokenError(column, Fault.TOO_LONG)


def _message(raw: RawRow, header: Sequence[str], columns: Mapping[Column, int]) -> SheetRow:
    def cell(column: Column) -> str:
        return raw.cells[columns[column]] if column in columns else ""

    def short(column: Column) -> str | None:
        return cell(column).strip() or None

    def moment(column: Column, absent: Fault) -> datetime:
        if column not in columns:
            raise _BrokenError(header[columns[Column.REPLY]], absent)
        at = columns[column]
        if at in raw.dates:
            return raw.dates[at]
        if not raw.cells[at].strip():
            raise _BrokenError(header[at], absent)
        if (parsed := parse_time(raw.cells[at])) is None:
            raise _BrokenError(header[at], Fault.BAD_DATE)
        return parsed

    text = cell(Column.TEXT) if cell(Column.TEXT).strip() else cell(Column.TITLE)
    if not text.strip():
        named = columns.get(Column.TEXT, columns.get(Column.TITLE, 0))
        raise _BrokenError(header[named], Fault.NO_TEXT)
    sent_at = moment(Column.SENT_AT, Fault.NO_DATE)
    reply = cell(Column.REPLY) if cell(Column.REPLY).strip() else None
    replied_at = moment(Column.REPLIED_AT, Fault.REPLY_WITHOUT_DATE) if reply else None
    if replied_at and _earlier(replied_at, sent_at):
        raise _BrokenError(header[columns[Column.REPLIED_AT]], Fault.REPLY_BEFORE_MESSAGE)
    return SheetRow(
        line=raw.line,
        cells=raw.cells,
        identity=short(Column.IDENTITY),
        reporter=short(Column.REPORTER),
        title=short(Column.TITLE),
        text=text,
        sent_at=sent_at,
        phone=short(Column.PHONE),
        name=short(Column.NAME),
        address=short(Column.ADDRESS),
        reply=reply,
        replied_at=replied_at,
    )


def _earlier(one: datetime, other: datetime) -> bool:
    if (one.tzinfo is None) != (other.tzinfo is None):
        # Only one carries an offset: both are what a clock on a wall in the same town showed.
        return one.replace(tzinfo=None) < other.replace(tzinfo=None)
    return one < other


_TIME = re.compile(
    r"([0-9]{4})([-/.年])([0-9]{1,2})[-/.月]([0-9]{1,2})日?"
    r"(?:[ T]*([0-9]{1,2})[:时点]([0-9]{1,2})(?:[:分](?:([0-9]{1,2})(?:\.([0-9]{1,6})[0-9]*)?秒?)?)?"
    r" ?(?:(Z)|([+-])([0-9]{2}):?([0-9]{2}))?)?"
)


def parse_time(written: str) -> datetime | None:
    """Return the time that `written` says, or None.

    2019-01-06T12:09:38+08:00, 2019-01-06 12:09, 2019/1/6 12:09:38, 2019.1.6, 2019年1月6日 and 2019年1月6日12时9分
    are read; without a time of day it is midnight. Order is always year, month, day: 1/6/2019 is refused, since
    nobody can tell whether it is June or January.
    """
    match = _TIME.fullmatch(" ".join(unicodedata.normalize("NFKC", written).split()))
    if match is None:
        return None
    year, _, month, day, hour, minute, second, fraction, utc, sign, off_hours, off_minutes = match.groups()
    zone = None
    try:
        if utc or sign:
            offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
            zone = timezone(-offset if sign == "-" else offset)
        microsecond = int((fraction or "").ljust(6, "0"))
        clock = (int(hour or 0), int(minute or 0), int(second or 0), microsecond)
        return datetime(int(year), int(month), int(day), *clock, tzinfo=zone)
    except ValueError:
        return None
