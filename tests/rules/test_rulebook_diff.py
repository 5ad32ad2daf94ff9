"""What differs between two rulebooks: what they mean, in words, and nothing that is only written differently."""

import pytest

from huying.data import rulebook_ids, rulebook_text
from huying.rules.rulebook import merged, parse
from huying.rules.rulebook_diff import Difference, differences
from tests.rules.test_rulebook import LEAST, least, shipped


def told(before: str = "", after: str = "", **overrides: object) -> dict[str, tuple[str, str]]:
    """Return what differs by key, in Chinese and English."""
    found = differences(least(before), merged(LEAST + after, overrides, "least.toml"))
    return {one.key: (one.in_words("zh"), one.in_words("en")) for one in found}


CONTACT = '[step.contact]\ndue = "3 calendar_days"\n'


@pytest.mark.parametrize("rulebook_id", rulebook_ids())
def test_a_rulebook_does_not_differ_from_itself(rulebook_id: str) -> None:
    assert differences(shipped(rulebook_id), shipped(rulebook_id)) == []


def test_a_term_is_told_as_a_length() -> None:
    assert told(CONTACT, CONTACT.replace("calendar", "working")) == {
        "step.contact.due": (
            "联系诉求人 期限：3 个自然日 → 3 个工作日",
            "Contact the requester: term: 3 calendar days → 3 working days",
        )
    }


def test_what_is_the_default_anyway_is_no_difference() -> None:
    """Nor is the singular, a source, a roll that is the calendar's, or what a kind does by itself."""
    written_out = """
    [intake.kinds]
    verification = { creates_case = false }
    consultation = { creates_case = true, may_answer_on_spot = true }
    [step.contact]
    start = "first_assigned"
    due = "3 calendar_day"
    roll = "next_working_day"
    [source]
    "step.contact.due" = "003: 在3日内"
    """
    assert told(CONTACT, written_out) == {}


def test_a_step_that_is_new_is_told_with_what_the_file_says_of_it() -> None:
    new = '[step.acknowledge]\ndue = { critical = "15 minutes", normal = "1 working_day" }\n'
    assert told("", new)["step.acknowledge"] == (
        "签收：没有 → 遇休息日 顺延到工作日，期限 特急 15 分钟，一般 1 个工作日",
        "Acknowledgement: none → on a day off rolled to the next working day; "
        "term critical 15 minutes; normal 1 working day",
    )


def test_one_term_that_becomes_a_table_is_one_difference() -> None:
    table = '[step.resolve]\ndue = { simple = "5 working_days", complex = "15 working_days" }\n'
    [said] = told('[step.resolve]\ndue = "9 working_days"\n', table).values()
    assert said[0] == "办理答复 期限：9 个工作日 → 简单的 5 个工作日，复杂的 15 个工作日"


def test_lists_switches_and_words_have_names() -> None:
    after = """
    [intake]
    required = ["contact_phone", "blood_group"]
    anonymous = true
    [intake.kinds]
    report = { creates_case = false, counts_as_call = false }
    [step.contact]
    start = "received"
    due = "3 calendar_days"
    methods = ["phone", "face_to_face"]
    roll = "none"
    [directory]
    fields = ["name"]
    """
    said = told(CONTACT, after)
    assert said["intake.required"][0] == "登记要求 必填：没有 → 电话、blood_group"
    assert said["intake.anonymous"] == ("登记要求 anonymous：否 → 是", "Intake: anonymous: no → yes")
    assert said["intake.kinds.report.creates_case"][0] == "登记要求 哪种件 举报 creates_case：是 → 否"
    assert said["step.contact.start"][1] == "Contact the requester: begins at: the first assignment → receipt"
    assert said["step.contact.roll"][0] == "联系诉求人 遇休息日：顺延到工作日 → 不顺延"
    assert said["step.contact.methods"][0].endswith("→ 电话、当面")
    assert said["directory"] == ("公开目录：没有 → fields 姓名", "Directory: none → fields Name")


def test_what_a_rulebook_is_for_and_how_it_counts_has_names_too() -> None:
    said = told(
        rulebook={"gb2260": "341600", "audience": ["citizen", "enterprise"]},
        calendar={"late_intake": "next_working_day"},
        intake={"flag_obstruction_by_unit": True},
    )
    assert [zh for zh, _ in said.values()] == [
        "规则 行政区划代码：没有 → 341600",
        "规则 给谁用的：没有 → 群众、企业",
        "日历 下班以后来的：算当天 → 从下一个工作日算",
        "登记要求 反映单位阻碍的要标出：否 → 是",
    ]
    assert said["calendar.late_intake"][1] == (
        "Calendar: what comes after hours counts: from its own day → from the next working day"
    )


def test_channels_are_compared_by_their_kind() -> None:
    sms, web = '[[channel]]\nkind = "sms"\n', '[[channel]]\nkind = "web"\nhours = "08:00-22:00"\n'
    assert told(sms + web, web + sms) == {}
    assert told(sms, sms + "enabled = false\n")["channel[sms].enabled"][0] == "渠道 短信 启用：是 → 否"
    assert told(sms + web, sms)["channel[web]"][1] == "Channel: Web: kind web; hours 08:00-22:00 → none"


def test_rungs_are_compared_as_a_set_and_told_whole() -> None:
    one = '[[ladder]]\non = "contact_overdue"\nafter = "1 working_day"\naction = "supervise"\n'
    other = '[[ladder]]\non = "fault"\nfaults = ["inaction"]\naction = "interview"\n'
    assert told(one + other, other + one) == {}
    assert told(one + other, other) == {
        "ladder[1]": (
            "催办督办 1：联系诉求人超期 · 1 个工作日后：督办 → 没有",
            "Ladder: 1: Contact the requester: overdue · Supervision, 1 working day later → none",
        )
    }
    assert told("", other)["ladder[1]"][0] == "催办督办 1：没有 → 查实有下列情形之一 · 不作为 · 当时：约谈"


def test_a_rung_says_whom_it_tells() -> None:
    tells = '[[ladder]]\non = "acknowledge_overdue"\ntell = ["liaison", "head"]\n'
    assert told("", tells)["ladder[1]"] == (
        "催办督办 1：没有 → 签收超期 · 当时：告知联络员、单位负责人",
        "Ladder: 1: none → Acknowledgement: overdue · liaison, head of the unit told, at once",
    )
    assert told("", tells + 'action = "remind"\n')["ladder[1]"][0].endswith("当时：催办，告知联络员、单位负责人")


def test_a_plain_value_stays_as_it_is_written() -> None:
    assert told(rulebook={"title": "另一座城"}) == {
        "rulebook.title": ("规则 名称：x → 另一座城", "Rulebook: title: x → 另一座城")
    }
    assert Difference("rulebook", None, 3).in_words("en") == "Rulebook: none → 3"


def test_every_pair_of_shipped_rulebooks_can_be_told_in_both_languages() -> None:
    books = [parse(rulebook_text(one), f"{one}.toml") for one in rulebook_ids()]
    for before in books:
        for after in books:
            for one in differences(before, after):
                assert "→" in one.in_words("zh")
                assert "fields_" not in one.in_words("en")
