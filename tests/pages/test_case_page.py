"""The page of one case: who may open it, what it tells and in which words, and what it never tells."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from huying.cases.calendars import count_open_terms, load
from huying.cases.days import Day
from huying.cases.doors import act
from huying.cases.intake import Received, register
from huying.cases.models import Case, CaseParty, Clock, Delivery, Message, Origin, RulebookVersion
from huying.cases.sweep import sweep
from huying.data import calendar_text
from huying.pages.desk.case import calendar_in_words
from huying.pages.labels import NEXT, STEPS
from huying.people.actors import actor_of
from huying.rules.access import Actor, Role
from huying.rules.calendar import Calendar
from huying.rules.commands import (
    Acknowledge,
    Assign,
    CallbackAttempt,
    GiveAnswer,
    RecordVerdict,
    RejectReport,
    SubmitReport,
    Verify,
)
from huying.rules.vocabulary import Kind, Step
from huying.vault.models import Reveal
from tests.builders import (
    HANDLER_PHONE,
    NOW,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    intake,
    into,
    post,
    received,
    reported,
    represented_by,
    spoken,
    unit,
    user,
    verified_case,
)
from tests.pages.reading import browser, page, set_clock, statements, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 11, 10))


def path(case: Received) -> str:
    return reverse("case", args=[case.number])


def section(html: str, name: str) -> str:
    """Return the words of the section whose heading has this id."""
    found = re.search(rf'<section [^>]*aria-labelledby="{name}">(.*?)</section>', html, re.DOTALL)
    assert found is not None, name
    return words(found[1])


def reopened_case() -> Received:
    case = verified_case(unit())
    do(case, CallbackAttempt("no_answer"), at(3, 17, 9), clerk())
    do(case, RecordVerdict("unsatisfied", "只贴了告示"), at(3, 18, 10), clerk())
    return case


def closed_case() -> Received:
    case = verified_case(unit())
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    return case


def imported_case(reply: str = "已经修好，感谢来信。") -> Received:
    """Return a message of 2019 that was loaded from a file today, with its reply of nine days later."""
    today = at(3, 11, 9)
    where = replace(into(today, "message-board"), actor=Actor.system())
    what = replace(intake(), phone=None, channel="message_board", account="u42", origin=Origin.IMPORT)
    case = register(what, at(4, 25, 9, 32, year=2019), where)
    assert isinstance(case, Received)
    for command in (Assign(unit("city-office").id), SubmitReport(text=reply), Verify()):
        act(case.case_id or 0, command, at(5, 4, 10, year=2019), today, Actor.system())
    return case


# -- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.OFFICE, Role.OPERATOR, Role.SUPERVISOR])
def test_whoever_keeps_the_register_opens_any_case(role: Role) -> None:
    case = received()
    assert f"{case.number}" in page(browser(user("reader", role)), path(case))


def test_only_the_unit_that_holds_a_case_opens_it() -> None:
    case, housing = received(), unit("housing")
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    assert f"{case.number}" in page(browser(user("own", Role.UNIT, housing)), path(case))
    assert browser(user("other", Role.UNIT, unit("water"))).get(path(case)).status_code == 404
    assert browser(user("nowhere", Role.UNIT)).get(path(case)).status_code == 404


@pytest.mark.parametrize("role", [Role.LEADER, Role.ADMIN, Role.LIAISON, Role.DISCIPLINE])
def test_to_whom_nothing_ties_it_a_case_is_unknown(role: Role) -> None:
    case = received(post=post("mayor").id)
    assert browser(user("somebody", role, unit())).get(path(case)).status_code == 404


def test_a_leader_and_the_liaison_open_what_came_to_their_post() -> None:
    mayor = post("mayor")
    case, other = received(post=mayor.id), received(post=post("deputy").id)
    for reader in (held_by(mayor), represented_by(mayor)):
        assert f"{case.number}" in page(browser(reader), path(case))
        assert browser(reader).get(path(other)).status_code == 404


@pytest.mark.parametrize("party", ["user:{user}", "unit:{unit}", "unit:{above}", "unit:{root}"])
def test_to_a_respondent_and_those_below_the_case_is_unknown(party: str) -> None:
    district, case = unit("yunxi"), received()
    bureau = unit("yunxi-housing", "yunxi")
    do(case, Assign(bureau.id), at(3, 10, 15), clerk())
    reader = user("own", Role.UNIT, bureau)
    names = {"user": reader.id, "unit": bureau.id, "above": district.id, "root": district.parent_id}
    assert f"{case.number}" in page(browser(reader), path(case))

    CaseParty.objects.create(case=case_of(case), party=party.format(**names), allow=False)

    assert browser(reader).get(path(case)).status_code == 404
    assert f"{case.number}" not in page(browser(reader))


def test_a_liaisons_deeds_are_marked_as_such() -> None:
    mayor = post("mayor")
    case, liaison = received(kind=Kind.CONSULTATION, post=mayor.id), represented_by(mayor)
    do(case, GiveAnswer("八点到十七点"), at(3, 10, 10), actor_of(liaison, at(3, 10, 10)))
    assert "测试liaison（联络员）" in section(page(browser(user()), path(case)), "loop")


def test_the_case_of_a_post_takes_at_most_twelve_statements_and_the_list_six() -> None:
    mayor = post("mayor")
    case = received(kind=Kind.CONSULTATION, post=mayor.id)
    reader = held_by(mayor)
    do(case, GiveAnswer("八点到十七点"), at(3, 10, 10), actor_of(reader, at(3, 10, 10)))
    for one in (reader, represented_by(mayor)):
        client = browser(one)
        page(client, path(case))  # what each process reads once
        assert statements(client, path(case)) <= 12
        assert statements(client, "/desk/cases/") <= 6


def test_a_stranger_is_asked_to_sign_in_and_comes_back_to_the_case() -> None:
    case = received()
    answer = browser().get(path(case))
    assert (answer.status_code, answer["Location"]) == (302, f"/account/login/?next={path(case)}")


@pytest.mark.parametrize("number", ["YC-2026-999999", "x", "%00", "YC-2026-000001%00", "%F0%9F%93%9E", "a" * 3000])
def test_an_unknown_number_is_not_found_and_says_so_in_our_frame(number: str) -> None:
    answer = browser(user()).get(f"/desk/cases/{number}/")
    assert answer.status_code == 404
    html = answer.content.decode()
    assert "没有这一页" in html
    assert '<link rel="stylesheet"' in html
    assert "退出" in html  # who is signed in stays signed in, and sees it


def test_a_confidential_case_is_as_good_as_unknown() -> None:
    case = received()
    Case.objects.update(confidential=True)
    assert browser(user()).get(path(case)).status_code == 404


# -- what it says ---------------------------------------------------------------------------------------------------


def test_a_case_says_first_what_has_to_happen_next_and_by_when() -> None:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    said = section(page(browser(user()), path(case)), "next")
    assert said.startswith("下一步和期限 下一步 联系诉求人， 03-13 周五 24:00 前 还剩 2 个工作日 联系诉求人 还剩")
    assert said.index("联系诉求人 还剩") < said.index("办理答复") < said.index("已经结束的期限：按期 2 项")


def test_an_overdue_case_says_so_wherever_its_term_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    case = received()
    set_clock(monkeypatch, at(3, 13, 10))
    html = page(browser(user()), path(case))
    assert 'class="sheet waiting late"' in html
    assert section(html, "next").count("超期 2 个工作日") >= 2
    assert section(html, "loop").endswith("交办给承办单位 最迟 03-11 周三 24:00 超期 2 个工作日")


def test_each_clock_says_in_chinese_how_it_was_counted() -> None:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    said = section(page(browser(user()), path(case)), "next")
    assert "3 个自然日：3 月 10 日（周二）交办后第 3 天是 3 月 13 日（周五）24:00" in said
    assert "5 个工作日：3 月 10 日（周二）交办后第 5 个工作日是 3 月 17 日（周二）24:00" in said


def test_each_clock_says_it_in_english_too() -> None:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    client = browser(user())
    client.post("/language/", {"language": "en"})
    said = section(page(client, path(case)), "next")
    assert said.startswith(
        "Next step and terms Next step Contact the requester, by Fri 13 Mar 24:00 2 working days left"
    )
    assert "3 calendar days from Tue 10 Mar = Fri 13 Mar 24:00" in said
    assert "Ended terms: 2 in time" in said


def test_an_english_page_has_no_chinese_of_its_own() -> None:
    """Only what people and the city wrote stays as they wrote it."""
    case = reopened_case()
    client = browser(user())
    client.post("/language/", {"language": "en"})
    html = page(client, path(case))
    written = (
        *("呼应", "中文", "亳州市", "领导干部公开电话", "清单+闭环", "公开电话办公室", "测试clerk", "何砚"),
        *("小区供暖管道漏水，三天无人维修", "小区供暖管道漏水", "已说明处理步骤和时间", "已修好，请诉求人看过。"),
        *("办理规程第三条", "只贴了告示"),
    )
    rest = re.sub(r'<td role="cell" class="said">.*?</td>', "", html)
    for text in written:
        rest = rest.replace(text, "")
    assert re.findall(r"[\u3001-\u303f\u4e00-\u9fff\uff00-\uffef]+", words(rest)) == []


def test_the_history_names_who_did_what_and_whether_in_time() -> None:
    office = user("qin", Role.OFFICE, unit("city"))
    case = received()
    do(case, Assign(unit("housing").id), at(3, 10, 15), Actor(f"user:{office.id}", Role.OFFICE))
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(unit("housing")))
    html = page(browser(office), path(case))
    loop = section(html, "loop")
    assert "2 交办 03-10 周二 15:00 按期 公开电话办公室 测试qin 交给 housing" in loop
    assert f"3 签收 03-11 周三 09:00 责任人 何砚 {HANDLER_PHONE}" in loop
    assert html.count('href="tel:05005552207"') == 2


def test_a_second_report_and_not_the_rejected_one_is_what_kept_the_term() -> None:
    housing, case = unit(), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(), at(3, 12, 10), holder(housing))
    do(case, reported("看过了"), at(3, 16, 16), holder(housing))
    do(case, RejectReport("没有写清楚"), at(3, 16, 17), clerk())
    do(case, reported("修好了"), at(3, 18, 9), holder(housing))
    loop = section(page(browser(user()), path(case)), "loop")
    assert "反馈办理结果 03-16 周一 16:00 5 审核没有通过 03-16 周一 17:00 没有写清楚" in loop
    assert "反馈办理结果 03-18 周三 09:00 超期 1 个工作日" in loop


def test_what_was_entered_days_later_says_so() -> None:
    case = received()
    act(case.case_id or 0, Assign(unit().id), at(3, 10, 15), at(3, 13, 9), clerk())
    assert "交办 03-10 周二 15:00 按期 03-13 周五 09:00 补录" in section(page(browser(user()), path(case)), "loop")


def test_a_reopened_case_shows_its_second_round_and_keeps_the_first_in_its_history() -> None:
    case = reopened_case()
    html = page(browser(user()), path(case))
    assert "第 2 次办理" in html
    assert "联系诉求人， 03-23 周一 24:00 前" in section(html, "next")
    assert "已经结束的期限" not in html  # those of the first round aren't this round's
    loop = section(html, "loop")
    assert "回访没有结果 03-17 周二 09:00 没有人接" in loop
    assert "诉求人评价 03-18 周三 10:00 按期 不满意：只贴了告示" in loop
    assert loop.index("诉求人评价") < loop.index("重新办理")
    assert "已修好，请诉求人看过。" in section(html, "reports")


def test_a_closed_case_says_when_and_as_what_it_ended() -> None:
    html = page(browser(user()), path(closed_case()))
    assert section(html, "next").startswith("03-18 周三 10:00 办结：满意 已经结束的期限：按期 5 项")
    assert "下一步" not in html
    assert "由谁办的" in html
    assert '<details class="ended">' in html


def test_a_case_that_ended_late_shows_the_term_that_was_missed() -> None:
    html = page(browser(user()), path(imported_case()))
    assert '<details class="ended" open>' in html
    assert "办结：已答复，不回访 已经结束的期限：按期 1 项，超期 1 项" in section(html, "next")


def test_an_imported_case_is_marked_as_such_with_both_dates_and_its_reply_in_full() -> None:
    html = page(browser(user()), path(imported_case("已经修好。\n\n感谢来信。")))
    assert "补录： 03-11 周三 09:00 从文件导入， 2019-04-25 周四 09:32 收到。" in words(html)
    assert "城市办公室" not in html
    assert section(html, "reports").startswith(
        "反馈和答复 办理结果 city-office 2019-05-04 周六 10:00 已经修好。 感谢来信。"
    )
    assert "补录" not in section(html, "loop")  # the mark above says it for all that came with the file
    assert "没有留姓名" in html


def test_a_case_that_was_entered_by_hand_days_later_is_marked_differently() -> None:
    answer = register(intake(), NOW, into(at(3, 13, 9)))
    assert isinstance(answer, Received)
    assert "补录： 03-13 周五 09:00 才登记， 03-10 周二 09:15 收到。" in words(page(browser(user()), path(answer)))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=24)])
def test_what_was_entered_within_a_day_bears_no_mark(late: timedelta) -> None:
    answer = register(intake(), NOW, into(NOW + late))
    assert isinstance(answer, Received)
    assert "补录" not in page(browser(user()), path(answer))


def test_a_message_that_has_no_channel_is_no_error_but_a_failed_one_is() -> None:
    case, client = received(), browser(user())
    Message.objects.update(delivery=Delivery.NO_SENDER.value, ended_at=at(3, 10, 10))
    assert '<span class="tag">没有发送渠道</span>' in page(client, path(case))
    Message.objects.update(delivery=Delivery.FAILED.value)
    assert '<span class="tag late">没有送达</span>' in page(client, path(case))


def test_a_step_of_any_rulebook_has_a_name() -> None:
    assert set(STEPS) == set(NEXT) == set(Step)
    case = received()
    Clock.objects.filter(step="assign").update(step="acknowledge")
    Case.objects.update(due_step="acknowledge")
    assert "签收并定下责任人" in page(browser(user()), path(case))


def test_a_case_of_every_shipped_rulebook_can_be_opened() -> None:
    client = browser(user())
    for name in ("fengxian", "henan-xinfang", "laixi", "message-board", "nanning"):
        case = received(
            rulebook_id=name,
            name="郑晓禾",
            channel="letter",
            confidential=False,
            fields={"address": "春晓路", "fact": "漏水", "claim": "修好"},
        )
        assert words(page(client, path(case))).count(str(case.number)) >= 1


def test_the_way_back_leads_to_the_page_of_the_list_from_which_one_came() -> None:
    case, client = received(), browser(user())
    came_from = "http://testserver/desk/cases/?show=all&from=f.1.2"
    assert 'href="/desk/cases/?show=all&amp;from=f.1.2">登记清单' in page(client, path(case), Referer=came_from)
    assert 'class="back" href="/desk/cases/">' in page(client, path(case), Referer="https://evil.example/?show=all")
    assert 'class="back" href="/desk/cases/">' in page(client, path(case))


# -- what it never says ---------------------------------------------------------------------------------------------


def test_name_and_phone_of_the_requester_are_masked_everywhere() -> None:
    case = received(text=f"我是郑晓禾，电话{PHONE}，请回电", name="郑晓禾", title="郑晓禾求助")
    html = page(browser(user()), path(case))
    assert "139****0001" in section(html, "requester")
    assert "郑**" in section(html, "requester")
    assert PHONE not in html
    assert "郑晓禾" not in html


def test_the_query_code_is_nowhere_on_the_page() -> None:
    case = received()
    html = page(browser(user()), path(case))
    assert case.code is not None
    assert case.code not in html
    assert f"{case.code[:4]} {case.code[4:]}" not in html
    assert "查询码 **** ****" in section(html, "sent")


def test_a_message_is_text_and_never_markup() -> None:
    case = received(text="<script>alert(1)</script><img src=x onerror=alert(2)>", name="<b>甲</b>")
    html = page(browser(user()), path(case))
    assert "<script" not in html
    assert "<img" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_message_of_three_thousand_characters_is_shown_whole() -> None:
    case = received(text="小区的路灯坏了。" * 375)
    assert section(page(browser(user()), path(case)), "request").count("小区的路灯坏了。") == 375


@pytest.mark.parametrize(
    ("language", "rulebook", "calendar", "as_of"),
    [
        ("zh-hans", "规则：", "日历：国务院办公厅放假安排 2024–2026", "数据截至"),
        ("en", "Rulebook: ", "Calendar: State Council holiday notices 2024–2026", "Data as of"),
    ],
)
def test_the_foot_says_by_which_rules_and_days_the_terms_were_worked_out(
    language: str, rulebook: str, calendar: str, as_of: str
) -> None:
    case = received()
    version = RulebookVersion.objects.get(id=Case.objects.get(number=case.number).rulebook_id)
    html = page(browser(user()), path(case), **{"Accept-Language": language})
    foot = words(html[html.index('<footer class="foot">') :])
    assert foot.startswith(f"{rulebook}{version.title} ")
    assert calendar in foot
    assert as_of in foot


@pytest.mark.parametrize(("last", "named"), [(2023, ""), (2024, "国务院办公厅放假安排 2024")])
def test_the_foot_names_only_years_whose_notice_is_known(last: int, named: str) -> None:
    with translation.override("zh-hans"):
        assert calendar_in_words(Calendar.parse(calendar_text("cn-state-council")).cut_to(last)) == named


# -- what it costs --------------------------------------------------------------------------------------------------


def test_a_case_takes_twelve_statements_however_long_its_history() -> None:
    client, housing = browser(user(of=unit())), unit()
    case = received()
    page(client, path(case))  # each process reads a rulebook once
    do(
        case,
        Assign(housing.id),
        at(3, 10, 15),
        Actor(f"user:{user('qin', Role.OFFICE, unit('city')).id}", Role.OFFICE),
    )
    few = statements(client, path(case))
    for day in range(12, 24):
        do(case, spoken(f"第{day}次"), at(3, day, 10), holder(housing))
    assert statements(client, path(case)) == few <= 12


def test_the_way_back_leads_to_the_day_if_one_came_from_there() -> None:
    case = received()
    html = page(browser(user()), path(case), Referer="http://testserver/desk/")
    assert 'class="back" href="/desk/">今天' in html


# -- calling the requester ------------------------------------------------------------------------------------------


def test_whoever_has_to_call_gets_name_and_phone_once_and_the_look_is_logged() -> None:
    housing, case = unit(), received(name="张三")
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    browsing = browser(member := user("holder", Role.UNIT, housing))

    masked = section(page(browsing, path(case)), "requester")
    shown = browsing.post(reverse("call_requester", args=[case.number]))

    assert PHONE not in masked
    assert "打给诉求人" in masked
    assert "张三" in section(shown.content.decode(), "requester")
    assert f'href="tel:{PHONE}"' in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    looks = [(look.actor, look.reason) for look in Reveal.objects.all()]
    assert looks == [(f"user:{member.id}", f"call {case.number}")] * 2
    assert PHONE not in section(page(browsing, path(case)), "requester")


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.UNIT, Role.LEADER, Role.DISCIPLINE, Role.ADMIN])
def test_who_need_not_call_gets_no_phone_and_leaves_no_look(role: Role) -> None:
    case = received()
    answer = browser(user("other", role, unit("other"))).post(reverse("call_requester", args=[case.number]))
    assert answer.status_code == 404
    assert not Reveal.objects.exists()


def test_the_forms_of_the_page_in_the_clear_lead_to_the_case() -> None:
    unit()
    case = received()
    html = browser(user()).post(reverse("call_requester", args=[case.number])).content.decode()
    assert f'<form class="form" method="post" action="{path(case)}"' in html


def test_a_link_to_the_look_leads_to_the_case_and_shows_nothing() -> None:
    case = received()
    answer = browser(user()).get(reverse("call_requester", args=[case.number]))
    assert answer["Location"] == path(case)
    assert not Reveal.objects.exists()


# -- the ladder and the calendar ------------------------------------------------------------------------------------


def test_a_rung_that_fired_is_in_the_history(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    for day in (14, 17):
        sweep(at(3, day))
    set_clock(monkeypatch, at(3, 17, 9))

    html = page(browser(user()), path(case))

    history = section(html, "loop")
    assert "催办督办 03-14 周六 00:00 催办" in history
    assert "催办督办 03-17 周二 00:00 督办" in history
    assert f"{case.number} 超期未办，已列入督办。" in section(html, "sent")


def test_s02_a_running_term_over_a_holiday_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    case = received(at(9, 24, 17, 40))
    do(case, Assign(unit().id), at(9, 28, 9), clerk())
    set_clock(monkeypatch, at(9, 28, 10))

    text = words(page(browser(user()), path(case)))

    assert "中间为国庆假期" in text
    assert "中间为中秋" not in text  # the assignment is done
    assert case_of(case).flags == ["holiday_between"]


def test_a_term_that_a_calendar_moved_is_in_the_history(monkeypatch: pytest.MonkeyPatch) -> None:
    case = received(at(12, 28, 9))
    do(case, Assign(unit().id), at(12, 28, 10), clerk())
    load({date(2027, 1, 3): Day(works=True)}, at(12, 29), Actor.system())
    count_open_terms(at(12, 29))
    set_clock(monkeypatch, at(12, 29, 10))

    text = words(page(browser(user()), path(case)))

    assert "期限重算" in text
    assert "办理答复改为 2027 年 1 月 4 日（周一）24:00" in text


def test_an_incomplete_case_says_what_is_missing() -> None:
    text = words(page(browser(user()), path(received(phone=None))))
    assert "待补正： 还缺对方电话，补齐以前不计时。" in text
