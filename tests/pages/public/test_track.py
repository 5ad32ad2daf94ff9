"""A case followed by its receipt: what is waited for, who has it, every step; and nothing to anybody else."""

import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings

from huying.cases.intake import Received
from huying.cases.limits import Limit
from huying.cases.models import Tries
from huying.channels.tasks import forget_tries
from huying.people.models import Unit
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
from huying.rules.vocabulary import Kind
from tests.builders import HANDLER_PHONE, at, clerk, do, held_by, holder, post, received, spoken, unit, verified_case
from tests.pages.public.city import found
from tests.pages.reading import BOOKKEEPING, browser, page, set_clock, words

pytestmark = pytest.mark.django_db
TRACK = "/track/"
INTERNAL = "内部意见，不给诉求人看"
NO_FIT = "编号、查询码和手机后四位对不上"


@pytest.fixture
def housing() -> Unit:
    found()
    made = unit("housing")
    Unit.objects.filter(id=made.id).update(name="市住房和城乡建设局")
    return Unit.objects.get(id=made.id)


def asked(case: Received, client: Client | None = None, **changed: Any) -> str:
    typed = {"number": case.number, "code": case.code, "digits": "0001", **changed}
    return (client or browser()).post(TRACK, typed).content.decode()


def seen(case: Received, **changed: Any) -> str:
    return words(asked(case, **changed))


# -- what is shown --------------------------------------------------------------------------------------------------


def test_it_answers_what_is_waited_for_until_when_and_who_has_it(
    housing: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = received()
    assert "正在等： 交给一个单位" in seen(case)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    set_clock(monkeypatch, at(3, 11, 9))
    text = seen(case)
    assert "正在等： 有人联系您" in text
    assert "最迟 3 月 13 日（周五） 还剩 2 个工作日" in text
    assert "由谁负责 市住房和城乡建设局" in text


def test_the_handlers_phone_is_shown_once_a_contact_record_told_it(housing: Unit) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 10, 9, 16), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 10, 9, 17), holder(housing))
    assert "第一次和您谈的时候，会告诉您电话。" in seen(case)
    assert "打给公开电话办公室 0500-555 0100" in seen(case)
    assert "何砚" not in seen(case)
    assert HANDLER_PHONE not in seen(case)
    do(case, spoken(), at(3, 10, 9, 18), holder(housing))
    assert "何砚" in seen(case)
    assert 'href="tel:05005552207"' in asked(case)


def test_a_new_holder_has_to_tell_anew(housing: Unit) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 10, 9, 16), clerk())
    do(case, spoken(), at(3, 10, 9, 17), holder(housing))
    below = unit("below", "housing")
    other = received()
    do(other, Assign(housing.id), at(3, 10, 9, 16), clerk())
    do(other, Assign(below.id), at(3, 10, 9, 18), holder(housing))
    assert HANDLER_PHONE in seen(case)
    assert HANDLER_PHONE not in seen(other)


def test_every_step_has_its_term_and_date(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    case = verified_case(housing)
    set_clock(monkeypatch, at(3, 17, 9))
    text = seen(case)
    assert "和您谈过 3 月 12 日（周四）10:00 按期 电话 期限 3 月 13 日（周五） ，为什么 3 个自然日：" in text
    assert "单位交了答复 3 月 16 日（周一）16:00 按期" in text
    assert "回访，听您的意见 最迟 3 月 19 日（周四）" in text
    assert "为什么是这一天 3 个工作日：3 月 16 日（周一）反馈后第 3 个工作日是 3 月 19 日（周四）24:00" in text


def test_a_missed_term_is_said_loudly(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    set_clock(monkeypatch, at(3, 17, 9))
    html = asked(case)
    assert "超期 2 个工作日" in words(html)
    assert "sheet waiting late" in html


def reported(housing: Unit, public_text: str | None) -> Received:
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(INTERNAL), at(3, 11, 9), holder(housing))
    do(
        case,
        SubmitReport(INTERNAL if public_text else "已经修好", "done", INTERNAL, public_text),
        at(3, 12),
        holder(housing),
    )
    return case


def test_the_public_answer_is_shown_once_it_is_verified_and_the_internal_text_never(
    housing: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reported(housing, "电梯已经修好，请您看过")
    set_clock(monkeypatch, at(3, 17, 9))
    assert "电梯已经修好" not in seen(case)
    assert "正在等： 公开电话办公室审核单位的答复" in seen(case)
    do(case, Verify(), at(3, 13), clerk())
    assert "电梯已经修好" in seen(case)
    assert INTERNAL not in asked(case)


def test_a_report_without_a_public_text_is_the_answer_itself(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    case = reported(housing, None)
    do(case, Verify(), at(3, 13), clerk())
    set_clock(monkeypatch, at(3, 17, 9))
    assert "已经修好" in seen(case)
    assert INTERNAL not in asked(case)


def test_a_report_that_was_sent_back_is_no_answer_and_its_reason_is_not_told(
    housing: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = reported(housing, "只贴了告示")
    do(case, RejectReport(INTERNAL), at(3, 13), clerk())
    set_clock(monkeypatch, at(3, 17, 9))
    assert "审核没有通过，退回继续办" in seen(case)
    assert "只贴了告示" not in seen(case)
    assert INTERNAL not in asked(case)


def test_a_closed_case_and_an_answered_one_keep_their_answer(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    closed, answered = verified_case(housing), received(kind=Kind.CONSULTATION)
    do(closed, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    do(answered, GiveAnswer("带户口簿来办"), at(3, 10, 10), clerk())
    set_clock(monkeypatch, at(3, 19, 9))
    assert "办结了" in seen(closed)
    assert "请诉求人看过" in seen(closed)
    assert "正在等" not in seen(closed)
    assert "带户口簿来办" in seen(answered)


def test_a_reopened_case_shows_its_second_round(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    case = verified_case(housing)
    do(case, CallbackAttempt("no_answer"), at(3, 17, 10), clerk())
    do(case, RecordVerdict("unsatisfied", INTERNAL), at(3, 18, 10), clerk())
    set_clock(monkeypatch, at(3, 19, 9))
    text = seen(case)
    assert "您的意见 3 月 18 日（周三）10:00 按期 不满意" in text
    assert "重新办一次 3 月 18 日（周三）10:00 第 2 次办理" in text
    assert "第 2 次办理，已经交给单位" in text
    assert "正在等： 有人联系您" in text
    assert "答复 第 1 次办理" in text
    assert INTERNAL not in text


def test_a_case_that_lacks_something_names_the_fields() -> None:
    found()
    case = received(rulebook_id="nanning", fields={"contact_name": "郑晓禾"})
    text = seen(case)
    assert "正在等： 您补齐材料" in text
    assert "还缺： 企业名称 可以在下面补上" in text
    assert "联系人姓名" not in text.partition("您说过、交过的")[0]


def test_a_confidential_case_shows_least(housing: Unit) -> None:
    case = received(text="举报某单位", confidential=True)
    do(case, Assign(housing.id), at(3, 10, 9, 20), clerk())
    text = seen(case)
    assert "这件事保密办理" in text
    assert "举报" not in text
    assert "建设局" not in text
    assert "办理经过" not in text


def test_nobody_but_the_handler_is_named(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    held_by(post())
    case = received(name="郑晓禾", post=post().id)
    do(case, Assign(housing.id, reason=INTERNAL), at(3, 10, 15), clerk())
    set_clock(monkeypatch, at(3, 11, 9))
    html = asked(case)
    for hidden in ("郑晓禾", "测试mayor", "user:", INTERNAL, "13900000001"):
        assert hidden not in html, hidden


def test_a_script_in_the_title_is_text() -> None:
    found()
    assert "<script" not in asked(received(text="<script>alert(1)</script>"))


# -- who is let in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["{number}", " {lower} ", "{wide}"], ids=["as printed", "small letters", "full width"]
)
def test_a_receipt_is_read_as_people_type_it(typed: str) -> None:
    found()
    case = received()
    number, code = case.number or "", case.code or ""
    wide = "".join(chr(ord(c) + 0xFEE0) for c in number)
    written = typed.format(number=number, lower=number.lower(), wide=wide)
    assert "供暖" in seen(case, number=written, code=f"{code[:4]} {code[4:]}")


def test_whatever_is_wrong_the_answer_is_the_same() -> None:
    found()
    case, other = received(), received(text="别人的事", phone="13900000002")
    wrong: list[dict[str, Any]] = [
        {"number": "YC-2026-999999"},
        {"code": "00000000" if case.code != "00000000" else "11111111"},
        {"digits": "0002"},
        {"code": other.code},
        {"number": other.number},
        {"code": "123456789012"},
    ]
    answers = {seen(case, **one) for one in wrong}
    assert len(answers) == 1
    assert NO_FIT in answers.pop()


@pytest.mark.parametrize("written", ["YC—2026—{n}", "yc2026{n:06d}", "YC 2026 {n}", "ＹＣ－２０２６－{n:06d}"])
def test_a_number_is_taken_as_people_write_it(written: str) -> None:
    found()
    case = received()
    assert "供暖" in seen(case, number=written.format(n=int((case.number or "")[-6:])))


@pytest.mark.parametrize("written", ["000367", "YC\0", "x" * 40, "YC-2026-1234567"])
def test_what_is_no_number_is_named_and_counts_as_no_try(written: str) -> None:
    found()
    case = received()
    for _ in range(11):
        assert "编号像 YC-2026-000123 这样" in seen(case, number=written)
    assert "供暖" in seen(case)


def test_an_unknown_number_and_a_wrong_code_cost_the_same_statements() -> None:
    found()
    case = received()

    def work(**changed: Any) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert NO_FIT in asked(case, **changed)
        return [re.sub(r"'[^']*'", "?", query["sql"]) for query in captured]

    wrong_code = "00000000" if case.code != "00000000" else "11111111"
    assert work(number="YC-2026-999999") == work(code=wrong_code)


def test_where_no_phone_was_left_the_longer_code_is_enough() -> None:
    found()
    case = received(rulebook_id="message-board", phone=None)
    assert len(case.code or "") == 12
    assert "供暖" in seen(case, digits="")


@pytest.mark.parametrize("phone", ["0500-555 2207转12", "+86 139 0000 2207", "０５００５５５２２０７"])
def test_the_last_digits_are_those_of_the_number_without_its_extension(phone: str) -> None:
    found()
    case = received(phone=phone) if not phone.startswith("０") else received(phone="05005552207")
    assert "供暖" in seen(case, digits="2207")
    assert "供暖" in seen(case, digits="0500-5552207转12")
    assert NO_FIT in seen(case, digits="0712")


def test_a_typing_error_is_named_before_anything_is_looked_up() -> None:
    found()
    with CaptureQueriesContext(connection) as captured:
        text = seen(received(), code="1234567", digits="")
    assert "查询码是 8 位或 12 位数字，您写了 7 位" in text
    assert not [query for query in captured if '"code_index"' in query["sql"] and "SELECT" in query["sql"][:8]]
    assert "请写电话的最后四个数字" in seen(received(), digits="01")


def tried(case: Received, address: str, **changed: str | None) -> tuple[int, bool]:
    """Return the status of the answer and whether the case was shown."""
    typed = {"number": case.number, "code": case.code, "digits": "0001", **changed}
    answer = Client(REMOTE_ADDR=address).post(TRACK, typed)
    return answer.status_code, "供暖" in answer.content.decode()


def test_whoever_guesses_at_a_number_is_refused_even_the_right_code_and_its_owner_is_not() -> None:
    found()
    case = received()
    for _ in range(10):
        assert tried(case, "198.51.100.1", digits="9999") == (200, False)
    assert tried(case, "198.51.100.1") == (429, False)
    assert tried(case, "198.51.100.1", digits="9999") == (429, False)
    assert tried(case, "203.0.113.9") == (200, True)


def test_a_guesser_is_refused_the_same_way_whether_there_is_such_a_number_or_not() -> None:
    found()
    case = received()
    for number in (case.number, "YC-2026-999999"):
        told = [tried(case, "198.51.100.1", number=number, digits="9999") for _ in range(11)]
        assert told == [(200, False)] * 10 + [(429, False)], number


def test_where_many_guess_at_one_number_each_has_fewer_tries_and_its_owner_still_gets_in() -> None:
    found()
    case = received()
    for n in range(100):
        assert tried(case, f"198.51.100.{n // 10}", digits="9999") == (200, False)
    told = [tried(case, "198.51.100.99", digits="9999")[0] for _ in range(4)]
    assert told == [200, 200, 200, 429]
    assert tried(case, "203.0.113.9", digits="0010") == (200, False)  # a slip
    assert tried(case, "203.0.113.9") == (200, True)


def test_what_one_guesser_is_refused_makes_a_number_scarce_for_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.receipts.BY_NUMBER", Limit("track by number", 20))
    found()
    case = received()
    for _ in range(25):
        tried(case, "198.51.100.1", digits="9999")
    assert [tried(case, "198.51.100.2", digits="9999")[0] for _ in range(10)] == [200] * 10


def test_after_an_hour_the_count_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    found()
    case = received()
    set_clock(monkeypatch, at(3, 17, 9))
    for _ in range(11):
        told = tried(case, "198.51.100.1", digits="9999")
    assert told == (429, False)
    set_clock(monkeypatch, at(3, 17, 9, 59))
    assert tried(case, "198.51.100.1") == (429, False)
    set_clock(monkeypatch, at(3, 17, 10))
    assert tried(case, "198.51.100.1", digits="9999") == (200, False)
    assert tried(case, "198.51.100.1") == (200, True)
    monkeypatch.setattr("huying.channels.tasks.now", lambda: at(3, 17, 11))
    forget_tries(0)
    assert not Tries.objects.exists()


def test_guesses_are_limited_by_address_whatever_number_is_tried() -> None:
    found()
    case = received()
    for n in range(30):
        assert NO_FIT in seen(case, number=f"YC-2026-9{n:05d}")
    assert (
        browser().post(TRACK, {"number": "YC-2026-000001", "code": "12345678", "digits": "0001"}).status_code == 429
    )
    assert "供暖" in seen(case, client=Client(REMOTE_ADDR="203.0.113.9"))


def test_hosts_of_one_ipv6_network_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.receipts.BY_ORIGIN", Limit("track by address", 2))
    found()
    case = received()
    for n in range(2):
        assert NO_FIT in seen(case, client=Client(REMOTE_ADDR=f"2001:db8::{n}"), number=f"YC-2026-9{n:05d}")
    assert "试的次数太多了" in seen(case, client=Client(REMOTE_ADDR="2001:db8::ffff"))
    assert "供暖" in seen(case, client=Client(REMOTE_ADDR="2001:db8:0:1::1"))


def test_hosts_of_ipv4_count_each_for_itself_where_both_families_are_listened_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("huying.cases.receipts.BY_ORIGIN", Limit("track by address", 1))
    found()
    case = received()
    assert NO_FIT in seen(case, client=Client(REMOTE_ADDR="::ffff:203.0.113.9"), digits="9999")
    assert "试的次数太多了" in seen(case, client=Client(REMOTE_ADDR="203.0.113.9"))
    assert "供暖" in seen(case, client=Client(REMOTE_ADDR="::ffff:203.0.113.10"))


@override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=1)
def test_behind_a_proxy_it_is_the_address_that_the_proxy_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.receipts.BY_ORIGIN", Limit("track by address", 1))
    found()
    case = received()

    def coming(forwarded: str, **said: str) -> str:
        return seen(case, client=Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=forwarded), **said)

    assert NO_FIT in coming("203.0.113.9", digits="9999")
    assert "试的次数太多了" in coming("198.51.100.1, 203.0.113.9")
    assert "供暖" in coming("198.51.100.1")


@pytest.mark.parametrize(("https", "proxies"), [("yes", 1), ("no", 0)])
def test_a_proxy_is_trusted_where_there_is_one(https: str, proxies: int) -> None:
    asked = "from huying.config import settings; print(settings.ALLAUTH_TRUSTED_PROXY_COUNT)"
    told = subprocess.run(
        [sys.executable, "-c", asked], env={**os.environ, "HUYING_HTTPS": https}, capture_output=True, check=True
    )
    assert int(told.stdout) == proxies


def test_whoever_has_the_receipt_may_look_as_often_as_they_like() -> None:
    found()
    case = received()
    for _ in range(40):
        assert "供暖" in seen(case)


# -- the page -------------------------------------------------------------------------------------------------------


def test_a_case_stands_in_no_address_and_no_cache() -> None:
    found()
    case = received()
    answer = browser().post(TRACK, {"number": case.number, "code": case.code, "digits": "0001"})
    assert answer["Cache-Control"] == "no-store"
    assert answer.status_code == 200
    typed = page(browser(), f"{TRACK}?number={case.number}&code={case.code}&digits=0001")
    assert "供暖" not in typed


def test_a_case_can_be_read_in_the_other_language() -> None:
    found()
    text = seen(received(), language="en")
    assert "Waiting for: Assignment to a unit" in text
    assert "by Wed 11 Mar" in text


def test_following_a_case_takes_at_most_eight_statements(housing: Unit, monkeypatch: pytest.MonkeyPatch) -> None:
    long = verified_case(housing)
    do(long, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())
    lacking = received(rulebook_id="nanning")
    set_clock(monkeypatch, at(3, 19, 9))
    for case in (long, lacking):
        asked(case)  # the rulebook is read once in a process
        with CaptureQueriesContext(connection) as captured:
            asked(case)
        assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 8
