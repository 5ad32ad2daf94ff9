"""What a requester does with the receipt: judge, add, complain, withdraw, complete; and nobody else."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.cases.intake import Received
from huying.cases.limits import Limit
from huying.cases.models import Act, Case, Contact, Message, Verdict
from huying.cases.verification import broken_entries
from huying.people.models import Unit
from huying.rules.commands import Acknowledge, Assign, RecordVerdict
from tests.builders import HANDLER_PHONE, at, clerk, do, holder, received, spoken, unit, user, verified_case
from tests.pages.public.city import found, hidden
from tests.pages.reading import BOOKKEEPING, browser, page, set_clock, words

pytestmark = pytest.mark.django_db
TRACK = "/track/"
NOT_AGAIN = "没有再记一次"


@pytest.fixture
def housing(monkeypatch: pytest.MonkeyPatch) -> Unit:
    """It is Tuesday, 17 March 2026, 9:00."""
    found()
    set_clock(monkeypatch, at(3, 17, 9))
    return unit("housing")


def opened(case: Received, **said: Any) -> str:
    typed = {"number": case.number, "code": case.code, "digits": "0001", **said}
    answer = browser().post(TRACK, typed)
    assert answer.status_code == 200
    return answer.content.decode()


def said(case: Received, what: str, **typed: Any) -> str:
    """Open the case, send one of its forms, and return what the page then says."""
    seen = hidden(opened(case))["seen"]
    return words(opened(case, do=what, **{"seen": seen, **typed}))


def row(case: Received) -> Case:
    return Case.objects.get(number=case.number)


# -- judging ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("verdict", "closed_as"), [("satisfied", "satisfied"), ("understanding", "understanding")])
def test_a_verdict_closes_the_case_and_ends_the_callback(housing: Unit, verdict: str, closed_as: str) -> None:
    case = verified_case(housing)
    text = said(case, "record_verdict", verdict=verdict)
    assert "这件事办结" in text
    assert "您的意见" in text
    assert (row(case).stage, row(case).closed_as) == ("closed", closed_as)
    assert not row(case).clocks.filter(step="callback", done_at=None, void_at=None).exists()
    assert list(broken_entries()) == []


def test_unsatisfied_reopens_says_so_and_keeps_the_reason(housing: Unit) -> None:
    case = verified_case(housing)
    text = said(case, "record_verdict", verdict="unsatisfied", because="half_done", words="水还在漏")
    assert "这件事重新办，编号不变" in text
    assert "第 2 次办理" in text
    assert (row(case).stage, row(case).cycle) == ("assigned", 2)
    assert "只办了一半。水还在漏" in words(page(browser(user()), f"/desk/cases/{case.number}/"))


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "请选一个评价"),
        ({"verdict": "unsatisfied"}, "请选一条不满意的原因"),
        ({"verdict": "unsatisfied", "because": "other", "words": ""}, "请写是什么原因"),
        ({"verdict": "unreachable"}, "选择一个有效的选项"),
    ],
)
def test_a_verdict_that_says_too_little_is_asked_for_and_nothing_typed_is_lost(
    housing: Unit, typed: dict[str, str], why: str
) -> None:
    case = verified_case(housing)
    html = opened(case, do="record_verdict", **({"words": "我的话"} | typed))
    assert words(html).count(why) == 2
    assert "<title>错误：" in html
    assert "我的话</textarea>" in html or "words" in typed
    assert not Verdict.objects.exists()


def test_a_form_that_is_sent_twice_is_done_once(housing: Unit) -> None:
    case = verified_case(housing)
    seen = hidden(opened(case))["seen"]
    opened(case, do="record_verdict", seen=seen, verdict="unsatisfied", because="not_done")
    assert NOT_AGAIN in words(opened(case, do="record_verdict", seen=seen, verdict="unsatisfied", because="not_done"))
    assert Verdict.objects.count() == 1
    assert row(case).cycle == 2


def test_a_verdict_with_a_code_that_staff_read_out_is_marked_for_the_office(housing: Unit) -> None:
    case = verified_case(housing)  # registered by a clerk, who told the code
    said(case, "record_verdict", verdict="satisfied")
    assert "诉求人（查询码由工作人员读出）" in words(page(browser(user()), f"/desk/cases/{case.number}/"))


# -- saying something ------------------------------------------------------------------------------------------------


def test_what_is_added_is_read_by_the_unit_and_moves_no_term(housing: Unit) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 16, 10), clerk())
    due = row(case).due_at

    text = said(case, "add", text="漏到二楼了")

    assert "承办单位会看到" in text
    assert (row(case).contacts, row(case).due_at, row(case).stage) == (2, due, "assigned")
    assert "漏到二楼了" in words(page(browser(user()), f"/desk/cases/{case.number}/"))
    assert Message.objects.filter(event="contact_joined", audience="unit").exists()


def test_the_same_words_from_the_same_page_are_added_once(housing: Unit) -> None:
    case = received()
    seen = hidden(opened(case))["seen"]
    for _ in range(2):
        opened(case, do="add", seen=seen, text="漏到二楼了")
    assert Contact.objects.count() == 2


def test_nobody_answers_is_one_tap_where_a_handlers_phone_was_told(housing: Unit) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 16, 9), clerk())
    assert "没人接？" not in words(opened(case))
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 16, 10), holder(housing))
    do(case, spoken(), at(3, 16, 11), holder(housing))
    assert "打给承办人 0500-555 2207 没人接？告诉办公室 记下现在的时间" in words(opened(case))
    told = said(case, "tell_unanswered")
    assert "您打承办人的电话没有人接，告诉了公开电话办公室" in told
    assert set(Message.objects.filter(event="unanswered_told").values_list("audience", flat=True)) == {
        "office",
        "unit",
    }
    assert row(case).contacts == 1
    assert "没有人接" in words(page(browser(user()), f"/desk/cases/{case.number}/"))


def test_a_complaint_about_the_handling_goes_to_the_supervisor_alone(housing: Unit) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 16, 9), clerk())
    assert "由督办的人看" in said(case, "complain_handling", complaint="推来推去")
    assert Act.objects.get(verb="complain_handling").actor == "citizen"
    assert set(Message.objects.filter(event="handling_complained").values_list("audience", flat=True)) == {
        "supervisor",
        "unit",
    }


def test_withdrawing_asks_for_a_reason_and_for_being_sure(housing: Unit) -> None:
    case = received()
    refused = said(case, "withdraw", reason="已经修好")
    assert "要撤回，请先勾上这一条" in refused
    assert row(case).closed_at is None
    assert "撤回了，这件事结束" in said(case, "withdraw", reason="已经修好", sure="on")
    assert row(case).stage == "withdrawn"


def test_what_is_missing_is_told_in_its_form(housing: Unit) -> None:
    case = received(rulebook_id="laixi")
    assert row(case).stage == "pending_info"
    text = said(case, "complete_info", **{"fields-enterprise_name": "海风轴承厂"})
    assert "补齐了，开始办" in text
    assert row(case).stage == "received"


def test_who_wants_personal_data_deleted_says_so_to_the_office(housing: Unit) -> None:
    case = received()
    assert "要删除，请先勾上这一条" in said(case, "ask_erasure")
    assert "您要求删除个人信息，公开电话办公室会答复" in said(case, "ask_erasure", sure_erase="on")
    assert list(Message.objects.filter(event="erasure_asked").values_list("audience", flat=True)) == ["office"]
    assert "要求删除个人信息" in words(page(browser(user()), f"/desk/cases/{case.number}/"))
    assert "要求删除姓名、电话和地址" in words(page(browser(user("other")), "/desk/notices/"))


def test_what_was_written_while_the_case_moved_on_is_kept_to_be_sent_again(housing: Unit) -> None:
    case = received()
    seen = hidden(opened(case))["seen"]
    do(case, Assign(housing.id), at(3, 16, 9), clerk())
    html = opened(case, do="complain_handling", seen=seen, complaint="推来推去")
    assert "还没有记下：这件事刚才有了新的进展" in words(html)
    assert "推来推去" in html
    assert not Act.objects.filter(verb="complain_handling").exists()
    opened(case, do="complain_handling", seen=hidden(html)["seen"], complaint="推来推去")
    assert Act.objects.filter(verb="complain_handling").count() == 1


def test_what_can_no_longer_be_said_is_shown_to_be_copied(housing: Unit) -> None:
    case = verified_case(housing)
    seen = hidden(opened(case))["seen"]
    do(case, RecordVerdict("satisfied"), at(3, 17, 10), clerk())
    assert "您写的是：“您的评价：不满意：请重新办；不满意的话，是因为：没有办；想说的话：还在漏”" in words(
        opened(case, do="record_verdict", seen=seen, verdict="unsatisfied", because="not_done", words="还在漏")
    )


def test_a_form_without_its_token_is_shown_again_with_all_that_was_chosen_and_pressing_again_does_it(
    housing: Unit,
) -> None:
    case = verified_case(housing)
    client = Client(enforce_csrf_checks=True)
    receipt = {"number": case.number, "code": case.code, "digits": "0001", "seen": str(row(case).ledger_seq)}
    typed = {**receipt, "do": "record_verdict", "verdict": "unsatisfied", "because": "no_contact"}
    answer = client.post(TRACK, typed)
    assert answer.status_code == 403
    html = answer.content.decode()
    assert "您的评价 不满意：请重新办 不满意的话，是因为 没有人联系我" in words(html)
    assert row(case).stage == "verified"
    assert 'name="do" value="record_verdict"' in html  # on its button: another language or size does nothing
    form = hidden(html) | {"do": "record_verdict"}
    assert typed.items() <= form.items()
    again = client.post(TRACK, form | {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    assert "不满意。这件事重新办" in words(again.content.decode())


@pytest.mark.parametrize(
    "pressed", [{"language": "en"}, {"large_print": "on"}, {"do": "look"}, {"do": "add", "text": "还有"}]
)
def test_what_was_typed_into_one_form_is_there_after_the_page_was_asked_for_anything_else(
    housing: Unit, pressed: dict[str, str]
) -> None:
    case = verified_case(housing)
    seen = hidden(opened(case))["seen"]
    html = opened(case, seen=seen, complaint="推来推去", verdict="unsatisfied", because="unfair", **pressed)
    assert "推来推去</textarea>" in html
    assert re.search(r'value="unsatisfied"[^>]* checked', html)
    assert '<option value="unfair" selected' in html
    assert not Verdict.objects.exists()
    assert not Act.objects.filter(verb="complain_handling").exists()


def test_what_is_missing_sent_twice_is_not_asked_for_again(housing: Unit) -> None:
    case = received(rulebook_id="henan-xinfang", channel="sms", name="郑晓禾")
    seen = hidden(opened(case))["seen"]
    form = {"do": "complete_info", "fields-work_unit": "海风轴承厂", "seen": seen}
    assert "记下了，还缺几样" in words(opened(case, **form))
    again = words(opened(case, **form))
    assert NOT_AGAIN in again
    assert "请至少补上一样" not in again


def test_files_of_a_form_without_its_token_have_to_be_chosen_again(housing: Unit) -> None:
    case = received()
    receipt = {"number": case.number, "code": case.code, "digits": "0001", "do": "add"}
    form = {**receipt, "attached": SimpleUploadedFile("a.jpg", b"")}
    html = Client(enforce_csrf_checks=True).post(TRACK, form).content.decode()
    assert "选好的照片、录音和文件没有带过来，要重新选一次。" in words(html)
    assert 'type="file" name="attached"' in html


def test_a_phone_told_twice_by_the_same_form_opens_the_case_that_it_had_opened(housing: Unit) -> None:
    case = received(phone=None)
    form = {"number": case.number, "code": case.code, "digits": "", "do": "complete_info"}
    form |= {"seen": str(row(case).ledger_seq), "fields-contact_phone": "139 0000 0007"}
    first, second = (words(browser().post(TRACK, form).content.decode()) for _ in range(2))
    assert "记下了" in first or "补齐了" in first
    assert "没有再记一次" in second
    by_the_receipt = browser().post(TRACK, {"number": case.number, "code": case.code, "digits": ""})
    assert "后来补上了电话的，还要写那个电话的后四位" in words(by_the_receipt.content.decode())


def test_who_tells_the_phone_that_was_missing_goes_on_and_a_wrong_one_is_named(housing: Unit) -> None:
    case = received(phone=None)
    seen = hidden(opened(case, digits=""))["seen"]
    told: dict[str, str] = {"do": "complete_info", "digits": "", "seen": seen}
    wrong = opened(case, **told, **{"fields-contact_phone": "12a"})
    assert "电话只写数字" in words(wrong)
    assert 'type="tel"' in wrong
    html = opened(case, **told, **{"fields-contact_phone": "139 0000 0042"})
    assert "补齐了，开始办" in words(html)
    assert hidden(html)["digits"] == "0042"


# -- nobody else -----------------------------------------------------------------------------------------------------


def test_without_the_receipt_nothing_is_done(housing: Unit) -> None:
    case = verified_case(housing)
    other = verified_case(housing)
    for wrong in ({"code": "00000000"}, {"digits": "9999"}, {"code": other.code}):
        assert "对不上" in opened(case, do="record_verdict", verdict="satisfied", **wrong)
    assert not Verdict.objects.exists()


def test_of_a_confidential_case_nothing_is_offered_and_nothing_done(housing: Unit) -> None:
    case = received(confidential=True)
    assert "您可以" not in words(opened(case))
    told = words(opened(case, do="withdraw", reason="不想说了", sure="on", seen="9"))
    assert "没有记下：这件事保密办理，网上不能办这一步。请打电话给公开电话办公室。" in told
    assert "您写的是：“为什么撤回：不想说了；是我自己要撤回：是”" in told
    assert row(case).closed_at is None


@pytest.mark.parametrize("what", ["assign", "note", "", "x" * 500])
def test_what_a_requester_cannot_do_is_no_form(housing: Unit, what: str) -> None:
    case = received()
    assert str(case.number) in opened(case, do=what, seen="0")
    assert row(case).stage == "received"


def test_what_can_be_done_no_more_is_said_so(housing: Unit) -> None:
    case = verified_case(housing)
    do(case, RecordVerdict("satisfied"), at(3, 17, 8), clerk())
    assert NOT_AGAIN in said(case, "withdraw", reason="已经修好", sure="on")
    assert row(case).closed_as == "satisfied"


def test_a_reason_is_read_in_the_readers_language_whoever_chose_it_in_which(housing: Unit) -> None:
    case = verified_case(housing)
    english = browser()
    english.cookies["django_language"] = "en"
    typed = {"number": case.number, "code": case.code, "digits": "0001"}
    seen = str(row(case).ledger_seq)
    form = {"do": "record_verdict", "verdict": "unsatisfied", "because": "half_done", "words": "the lift stops"}
    told = english.post(TRACK, {**typed, **form, "seen": seen}).content.decode()
    assert "It was only half done. the lift stops" in words(told)
    assert "只办了一半。the lift stops" in words(opened(case))
    assert Verdict.objects.exists()


def test_an_identity_number_that_cannot_be_one_is_named_and_not_taken(housing: Unit) -> None:
    case = received(rulebook_id="henan-xinfang", channel="sms", name="郑晓禾")
    assert row(case).stage == "pending_info"
    wrong = said(case, "complete_info", **{"fields-id_number": "110105194912310021"})
    assert "身份证号对不上：应当是 18 位" in wrong
    assert "记下了" not in wrong


def test_a_script_in_what_was_typed_is_text(housing: Unit) -> None:
    html = opened(received(), do="withdraw", reason="<script>alert(1)</script>")
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_too_much_of_it_is_refused_and_kept(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.pages.public.own_case.SAID", Limit("tried", 1))
    case = received()
    said(case, "add", text="一")
    html = opened(case, do="add", text="二", seen="99")
    assert "一小时内写的太多了" in words(html)
    assert "二</textarea>" in html
    assert Contact.objects.count() == 2


def test_looking_takes_at_most_eight_statements_whatever_may_be_done(housing: Unit) -> None:
    case = verified_case(housing)
    opened(case)  # a process reads a rulebook once
    with CaptureQueriesContext(connection) as captured:
        opened(case)
    assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 8


def test_a_reason_from_the_list_is_kept_in_the_language_of_the_register(housing: Unit) -> None:
    case = verified_case(housing)
    seen = hidden(opened(case))["seen"]
    typed = {"number": case.number, "code": case.code, "digits": "0001", "seen": seen, "do": "record_verdict"}
    english = Client(headers={"accept-language": "en"})
    english.post(TRACK, {**typed, "verdict": "unsatisfied", "because": "half_done"})
    assert "只办了一半" in words(opened(case))


def test_what_is_said_from_an_older_page_is_asked_again_and_never_lost(housing: Unit) -> None:
    case = received()
    old = hidden(opened(case))["seen"]
    opened(case, do="ask_erasure", sure_erase="on", seen=old)
    html = opened(case, do="complain_handling", complaint="推来推去", seen=old)
    assert "还没有记下" in words(html)
    assert "推来推去</textarea>" in html
    assert "由督办的人看" in words(
        opened(case, do="complain_handling", complaint="推来推去", seen=hidden(html)["seen"])
    )
    assert NOT_AGAIN in words(opened(case, do="complain_handling", complaint="推来推去", seen=old))
    assert "还没有记下" in words(opened(case, do="complain_handling", complaint="还是没人管", seen=old))
    assert Act.objects.filter(verb="complain_handling").count() == 1
