"""What can be wrong with the text of a holiday notice, and the sentence that says so, Chinese and English."""

from enum import StrEnum


class Flaw(StrEnum):
    NO_NOTICE = "no_notice"
    BEFORE_TABLE = "before_table"
    FINAL_YEAR = "final_year"
    UNKNOWN_HOLIDAY = "unknown_holiday"
    NOTHING_OFF = "nothing_off"
    NOT_READ = "not_read"
    NO_SUCH_DAY = "no_such_day"
    OUTSIDE = "outside"
    BACKWARDS = "backwards"
    WEEKDAY = "weekday"
    LENGTH = "length"
    NO_WEEKEND = "no_weekend"
    NOT_A_WEEKEND = "not_a_weekend"
    TWICE = "twice"
    MISSING = "missing"
    NOT_SIGNED = "not_signed"


# {day} and {weekday} say the date that was meant, {n} a length.
SENTENCES: dict[Flaw, tuple[str, str]] = {
    Flaw.NO_NOTICE: (
        "这不是放假安排的通知。请从“国务院办公厅关于某年部分节假日安排的通知”这个标题开始粘贴",
        "this is no holiday notice; paste it from its title 国务院办公厅关于…年部分节假日安排的通知 on",
    ),
    Flaw.BEFORE_TABLE: (
        "呼应没有这么早的日历，这一年的通知不收。请核对年份",
        "Huying's calendar doesn't reach back to this year; check the year",
    ),
    Flaw.FINAL_YEAR: (
        "这一年的放假安排已经定了，不用再粘贴。个别日子有变，请用“本地安排”",
        "the calendar of this year is final already; for single days that change use a local day",
    ),
    Flaw.UNKNOWN_HOLIDAY: (
        "不认识这个节日。请和原文核对；新增的节日请交管理员用文件导入（huying calendar load）",
        "this holiday isn't known; compare with the notice, and load a new one from a file (huying calendar load)",
    ),
    Flaw.NOTHING_OFF: (
        "这一节没有写哪几天放假。请和原文核对",
        "it doesn't say which days are off; compare with the notice",
    ),
    Flaw.NOT_READ: (
        "读不懂这几天是放假还是上班。请和原文核对，写成“1月1日（周四）至3日（周六）放假”或“1月4日（周日）上班”",
        "it isn't clear whether these days are off or worked; compare with the notice and write "
        "1月1日（周四）至3日（周六）放假 or 1月4日（周日）上班",
    ),
    Flaw.NO_SUCH_DAY: ("没有这一天。请和原文核对", "there is no such day; compare with the notice"),
    Flaw.OUTSIDE: (
        "{day} 不在这一年里。请核对年份",
        "{day} lies in another year; check the year",
    ),
    Flaw.BACKWARDS: (
        "放假在开始以前就结束了。请和原文核对",
        "it ends before it begins; compare with the notice",
    ),
    Flaw.WEEKDAY: (
        "{day} 是{weekday}，和写的不一样。请和原文核对",
        "{day} is a {weekday}, which isn't what it says; compare with the notice",
    ),
    Flaw.LENGTH: (
        "这几天一共 {n} 天，和写的不一样。请和原文核对",
        "these are {n} days, which isn't what it says; compare with the notice",
    ),
    Flaw.NO_WEEKEND: (
        "{day} 是{weekday}，不和周末相连。请和原文核对",
        "{day} is a {weekday} and touches no weekend; compare with the notice",
    ),
    Flaw.NOT_A_WEEKEND: (
        "{day} 是{weekday}，本来就上班，不会是调休。请和原文核对",
        "{day} is a {weekday} and worked anyway, so it makes up for nothing; compare with the notice",
    ),
    Flaw.TWICE: (
        "{day} 说了两次。请只粘贴一份通知，并和原文核对",
        "{day} is spoken of twice; paste one notice only, and compare with it",
    ),
    Flaw.MISSING: (
        "通知里没有这个节日。请粘贴全文",
        "the notice lacks this holiday; paste all of it",
    ),
    Flaw.NOT_SIGNED: (
        "没有找到末尾的发文日期。请粘贴到“国务院办公厅”和日期为止",
        "the date at the end is missing; paste it all, down to 国务院办公厅 and the date",
    ),
}
