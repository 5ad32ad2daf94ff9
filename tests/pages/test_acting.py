"""Acting on the page of a case: every form, what it offers to whom, refusals, and forms that come late or twice."""

import re

import pytest
from django.test import Client

from huying.cases.doors import act, state_of, state_seen
from huying.cases.dossier import dossier
from huying.cases.intake import Received
from huying.cases.models import Case, Refusal
from huying.cases.queries import visible_to
from huying.cases.sweep import sweep
from huying.ledger.models import LedgerLine
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Acknowledge, Assign, CallbackAttempt, ProposeFault, Recall, RecordVerdict, Verify
from huying.rules.reading import LONGEST_TEXT
from huying.rules.vocabulary import Kind
from tests.builders import (
    HANDLER_PHONE,
    at,
    case_of,
    clerk,
    do,
    held_by,
    holder,
    post,
    received,
    reported,
    spoken,
    unit,
    user,
    verified_case,
)
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Wednesday, 11 March 2026, 10:00."""
    set_clock(monkeypatch, at(3, 11, 10))


def path(case: Received) -> str:
    return f"/desk/cases/{case.number}/"


def forms(html: str) -> dict[str, str]:
    """Return the forms of a case page by their verbs."""
    found = re.findall(r'<form class="form".*?</form>', html, re.DOTALL)
    return {re.findall(r'name="verb" value="(\w+)"', form)[0]: form for form in found}


def hidden(html: str) -> dict[str, str]:
    """Return what every form of a page carries besides the fields: the version seen and the user's mark."""
    return {name: re.findall(rf'name="{name}" value="([^"]*)"', html)[0] for name in ("seen", "by")}


def send(client: Client, case: Received, verb: str, *, seen_in: str | None = None, **typed: str) -> str:
    """Fill in a form of the page and send it; return the page that comes of it."""
    carried = hidden(seen_in or page(client, path(case)))
    answer = client.post(path(case), {"verb": verb, **carried, **typed}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def talks(case: Received) -> int:
    return LedgerLine.objects.filter(chain_id=case.case_id or 0, event="contacted").count()


def given(of: Unit) -> Received:
    case = received()
    do(case, Assign(of.id), at(3, 10, 15), clerk())
    return case


# -- what is offered -----------------------------------------------------------------------------------------------


def test_the_office_is_offered_to_assign_and_told_by_when_what_would_be_due() -> None:
    unit("housing")
    html = page(browser(user()), path(received()))
    assert next(iter(forms(html))) == "assign"
    form = words(forms(html)["assign"])
    assert "housing" in form
    assert "现在交办：联系诉求人最迟 03-16 周一 24:00" in form
    assert "直接答复 只有咨询可以直接答复" in words(html)
    assert "审核通过 要等到“已反馈，待审核”" in words(html)


def test_the_office_is_not_told_to_wait_for_a_step_that_is_only_the_units_then() -> None:
    html = words(page(browser(user()), path(given(unit("housing")))))
    assert "交办 要等到" not in html
    assert "审核通过 要等到“已反馈，待审核”" in html


def test_a_unit_is_offered_to_take_a_case_first_and_told_what_a_report_waits_for() -> None:
    mine = unit("housing")
    html = page(browser(user("holder", Role.UNIT, mine)), path(given(mine)))
    assert list(forms(html))[:2] == ["acknowledge", "record_contact"]
    assert "反馈办理结果 至少要有一次有效联系。请先联系诉求人并记下来。（规则 step.contact）" in words(html)
    assert "审核通过" not in words(html)


def test_a_case_goes_further_down_only_to_units_below() -> None:
    mine = unit("housing")
    unit("water")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    assert "assign" not in forms(page(client, path(case)))
    unit("housing-north", "housing")
    form = forms(page(client, path(case)))["assign"]
    assert "housing-north" in form
    assert "water" not in form


def test_at_the_lowest_level_an_approval_is_asked_for() -> None:
    mine, below = unit("housing"), unit("housing-north", "housing")
    unit("housing-north-1", "housing-north")
    case = given(mine)
    do(case, Assign(below.id), at(3, 10, 16), holder(mine))
    client = browser(user("holder", Role.UNIT, below))
    form = forms(page(client, path(case)))["assign"]
    assert "已经交到规定的层级，写明理由，办公室批准以后才交下去" in words(form)
    html = send(client, case, "assign", unit=str(Unit.objects.get(code="housing-north-1").id))
    assert "请写明理由" in words(html)
    further = str(Unit.objects.get(code="housing-north-1").id)
    html = send(client, case, "assign", unit=further, reason="只有那里有人")
    assert "等同事批准：交办" in words(html)
    assert case_of(case).level == 2


def test_only_the_methods_that_the_rulebook_counts_can_be_chosen() -> None:
    mine = unit("housing")
    form = forms(page(browser(user("holder", Role.UNIT, mine)), path(given(mine))))["record_contact"]
    assert re.findall(r'name="method" value="(\w+)"', form) == ["face_to_face", "phone"]


def test_a_verdict_that_has_to_wait_says_why() -> None:
    form = forms(page(browser(user()), path(verified_case(unit("housing")))))["record_verdict"]
    assert re.findall(r'name="verdict" value="(\w+)"', form) == [
        "satisfied",
        "understanding",
        "unsatisfied",
        "declined",
    ]
    assert "还不能选“联系不上”：回访次数还不够" in words(form)


def test_a_supervisor_is_shown_what_supervises_and_nothing_of_the_handling() -> None:
    html = page(browser(user("reader", Role.SUPERVISOR)), path(given(unit("housing"))))
    assert set(forms(html)) == {"fault", "schedule_interview", "interview", "discipline", "note"}


def test_an_operator_is_shown_what_is_done_by_phone() -> None:
    html = page(browser(user("reader", Role.OPERATOR)), path(given(unit("housing"))))
    assert set(forms(html)) == {"contact_attempt", "reissue_code"}


def test_a_leader_answers_an_enquiry_on_the_spot() -> None:
    mayor = post("mayor")
    case = received(kind=Kind.CONSULTATION, post=mayor.id)
    html = send(browser(held_by(mayor)), case, "answer", text="请带身份证到窗口办理。")
    assert "已经答复，这一件办结。" in words(html)
    assert case_of(case).stage == "answered"


def test_a_case_that_has_ended_is_only_put_away_or_opened_to_its_requester_again() -> None:
    case = verified_case(unit("housing"))
    do(case, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    html = page(browser(user()), path(case))
    assert set(forms(html)) == {"archive", "mark_nuisance", "reissue_code"}
    assert "还不能做的" not in html


def test_what_is_offered_rests_on_the_same_case_as_what_is_decided() -> None:
    """The page reads a case without a lock; what it makes of it must be what the door would find."""
    case = verified_case(unit("housing"))
    do(case, CallbackAttempt("no_answer"), at(3, 17, 10), clerk())
    do(case, RecordVerdict("unsatisfied", "没修好"), at(3, 18, 10), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 18, 11), holder(unit("housing")))
    for number in (case, given(unit("water")), received()):
        found = dossier(visible_to(Actor.system()), number.number or "")
        assert found is not None
        assert state_seen(found) == state_of(number.case_id or 0)


# -- what is done ----------------------------------------------------------------------------------------------------


def test_a_case_goes_through_the_loop_by_its_forms(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, case = unit("housing"), received()
    office, handler = browser(user()), browser(user("holder", Role.UNIT, mine))
    assert "已经交办。" in send(office, case, "assign", unit=str(mine.id))
    assert "已经签收。" in send(handler, case, "acknowledge", handler="何砚", handler_phone=HANDLER_PHONE)
    html = page(handler, path(case))
    assert f'value="{HANDLER_PHONE}"' in forms(html)["record_contact"]  # what was told once need not be typed again
    done = {"method": "phone", "handler": "何砚", "handler_phone": HANDLER_PHONE, "text": "明天上门"}
    assert "这次联系记下了。" in send(handler, case, "record_contact", **done)
    told = {"text": "已修好", "outcome": "done", "basis": "规程第三条"}
    assert "等办公室审核" in send(handler, case, "report", **told)
    assert "已经退回重办" in send(office, case, "reject_report", reason="照片呢")
    assert "等办公室审核" in send(handler, case, "report", **told)
    assert "审核通过了。" in send(office, case, "verify")
    assert "这次回访记下了。" in send(office, case, "callback_attempt", result="no_answer")
    html = send(office, case, "record_verdict", verdict="satisfied", reason="修得快")
    assert "诉求人的评价记下了。" in html
    assert case_of(case).closed_as == "satisfied"


def test_an_unsatisfied_verdict_begins_the_next_cycle() -> None:
    mine = unit("housing")
    case = verified_case(mine)
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, at(3, 18, 10))
        send(browser(user()), case, "record_verdict", verdict="unsatisfied", reason="还在漏")
        html = page(browser(user("holder", Role.UNIT, mine)), path(case))
    assert "第 2 次办理" in words(html)
    assert "acknowledge" in forms(html)


def test_a_form_that_is_done_is_a_redirect_so_that_reloading_asks_nothing() -> None:
    housing, case, client = unit("housing"), received(), browser(user())
    carried = hidden(page(client, path(case)))
    answer = client.post(path(case), {"verb": "assign", "unit": str(housing.id), **carried})
    assert (answer.status_code, answer["Location"]) == (302, path(case))


# -- what is refused -------------------------------------------------------------------------------------------------


def test_all_that_is_missing_is_said_at_once_and_nothing_typed_is_lost() -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    before = LedgerLine.objects.count()
    html = send(client, case, "record_contact", method="phone", text="明天上门", handler="", handler_phone="")
    assert "<title>错误：" in html
    assert "错误：有 2 处要改" in words(html)
    assert "请写明办理责任人的电话，诉求人要找得到人。（规则 step.contact.must_disclose）" in words(html)
    assert 'href="#record_contact_handler_phone"' in html
    form = forms(html)["record_contact"]
    assert "明天上门" in form
    assert re.search(r'value="phone"[^>]* checked', form)
    assert LedgerLine.objects.count() == before
    assert [(one.verb, one.code) for one in Refusal.objects.all()] == [("record_contact", "handler_name_required")]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"handler": "何砚", "handler_phone": "没有"}, "电话要拨得通"),
        ({"handler": "何砚", "handler_phone": ""}, "请写明办理责任人的电话"),
        ({"handler": "何\0砚", "handler_phone": HANDLER_PHONE}, "“办理责任人”填得不对"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(typed: dict[str, str], sentence: str) -> None:
    mine = unit("housing")
    case = given(mine)
    html = send(browser(user("holder", Role.UNIT, mine)), case, "acknowledge", **typed)
    assert sentence in words(html)
    assert case_of(case).stage == "assigned"


def test_more_than_the_api_takes_is_refused_with_its_length_and_kept() -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    long = "长" * (LONGEST_TEXT + 1)
    filled = {"handler": "何砚", "handler_phone": HANDLER_PHONE, "method": "phone"}
    html = send(client, case, "record_contact", **filled, text=long)
    assert "有 50,001 个字，最多 50,000 个，请短一些" in words(forms(html)["record_contact"])
    assert long in forms(html)["record_contact"]
    assert talks(case) == 0
    send(client, case, "record_contact", **filled, text=long[1:])
    assert talks(case) == 1


@pytest.mark.parametrize("chosen", ["", "0", "-1", "999999", "x", "9" * 30, "²"])
def test_what_is_no_unit_is_refused_at_its_field(chosen: str) -> None:
    unit("housing")
    case = received()
    html = send(browser(user()), case, "assign", unit=chosen)
    assert 'href="#assign_unit"' in html
    assert case_of(case).stage == "received"


def test_a_unit_abolished_meanwhile_is_refused() -> None:
    unit("water")
    gone, case, client = unit("housing"), received(), browser(user())
    seen = page(client, path(case))
    Unit.objects.filter(id=gone.id).update(abolished_on=at(3, 1).date())
    assert "请从清单里选一个现在还在的单位" in words(send(client, case, "assign", seen_in=seen, unit=str(gone.id)))


def test_the_handler_cannot_call_back() -> None:
    case = verified_case(unit("housing"))
    clerk_who_handled = user("both", Role.OFFICE)
    case_id = case.case_id or 0
    do(case, RecordVerdict("unsatisfied"), at(3, 18, 10), clerk())
    mine = Actor(f"user:{clerk_who_handled.id}", Role.UNIT, unit("housing").id, unit("housing").above)
    for command in (spoken(), reported()):
        assert act(case_id, command, at(3, 18, 11), at(3, 18, 11), mine) is not None
    do(case, Verify(), at(3, 18, 12), clerk())
    with pytest.MonkeyPatch.context() as patch:
        set_clock(patch, at(3, 18, 13))
        html = page(browser(clerk_who_handled), path(case))
    assert "记下评价 办理的人不能自己回访。请换一位同事来做。" in words(html)
    assert {"record_verdict", "callback_attempt"}.isdisjoint(forms(html))


# -- late, twice, at once --------------------------------------------------------------------------------------------


def test_a_double_click_does_it_once_and_says_that_it_was_done() -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    seen = page(client, path(case))
    typed = {"method": "phone", "handler": "何砚", "handler_phone": HANDLER_PHONE, "text": "明天上门"}
    for _ in range(2):
        assert "这次联系记下了。" in send(client, case, "record_contact", seen_in=seen, **typed)
    assert talks(case) == 1


def test_going_back_and_sending_other_words_shows_what_happened_and_keeps_the_words() -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    seen = page(client, path(case))
    typed = {"method": "phone", "handler": "何砚", "handler_phone": HANDLER_PHONE}
    send(client, case, "record_contact", seen_in=seen, text="明天上门", **typed)
    html = send(client, case, "record_contact", seen_in=seen, text="改为后天上门", **typed)
    assert "您打开以后，这一件有了变化" in words(html)
    assert "测试holder 联系诉求人" in words(html)
    assert "改为后天上门" in forms(html)["record_contact"]
    assert talks(case) == 1
    send(client, case, "record_contact", seen_in=html, text="改为后天上门", **typed)  # decided anew
    assert talks(case) == 2


def test_of_two_who_act_at_once_the_second_sees_what_the_first_did() -> None:
    one, other = unit("housing"), unit("water")
    case, first, second = received(), browser(user("first")), browser(user("second"))
    seen = page(second, path(case))
    send(first, case, "assign", unit=str(one.id))
    html = send(second, case, "assign", seen_in=seen, unit=str(other.id))
    assert "测试first 交办" in words(html)
    assert case_of(case).unit_id == one.id
    assert Refusal.objects.get().code == "changed_meanwhile"


def test_what_was_typed_into_a_form_that_is_no_more_can_be_copied() -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    do(case, spoken(), at(3, 10, 16), holder(mine))
    seen = page(client, path(case))
    do(case, reported(), at(3, 10, 17), holder(mine))
    html = send(client, case, "report", seen_in=seen, text="我们两个人都写了", outcome="done", basis="第三条")
    assert "这一步现在不能做了" in words(html)
    assert "我们两个人都写了" in words(html)


def test_a_reminder_that_fires_meanwhile_disturbs_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    mine = unit("housing")
    case, client = given(mine), browser(user("holder", Role.UNIT, mine))
    seen = page(client, path(case))
    assert sweep(at(3, 17, 1)) > 0
    set_clock(monkeypatch, at(3, 17, 2))
    html = send(client, case, "acknowledge", seen_in=seen, handler="何砚", handler_phone=HANDLER_PHONE)
    assert "已经签收。" in words(html)


def test_a_form_without_its_version_does_nothing() -> None:
    case, client = received(), browser(user())
    answer = client.post(path(case), {"verb": "assign", "unit": str(unit("housing").id)})
    assert answer.status_code == 200
    assert case_of(case).stage == "received"


# -- who -------------------------------------------------------------------------------------------------------------


def test_a_unit_that_does_not_see_the_case_learns_nothing_by_sending_a_form() -> None:
    case = received()
    client = browser(user("other", Role.UNIT, unit("water")))
    assert client.post(path(case), {"verb": "acknowledge", "seen": "9"}).status_code == 404
    assert Refusal.objects.count() == 0


def test_who_sees_a_case_but_may_not_act_is_refused_in_words() -> None:
    case, client = received(), browser(user("reader", Role.SUPERVISOR))
    answer = client.post(path(case), {"verb": "assign", "seen": "9", "unit": str(unit("housing").id)})
    assert "没有保存： 这一步不由您办" in words(answer.content.decode())
    assert case_of(case).stage == "received"
    assert Refusal.objects.get().code == "forbidden"


def test_an_office_without_units_is_told_that_there_is_nobody_to_assign_to() -> None:
    html = words(page(browser(user()), path(received())))
    assert "交办 下面还没有单位可以交" in html


@pytest.mark.parametrize("verb", ["", "term_passed", "nonsense"])
def test_what_is_no_command_of_a_form_is_not_found(verb: str) -> None:
    assert browser(user()).post(path(received()), {"verb": verb}).status_code == 404


def test_a_stranger_is_sent_to_sign_in_and_nothing_is_done() -> None:
    case = received()
    answer = browser().post(path(case), {"verb": "assign", "seen": "9", "unit": str(unit("housing").id)})
    assert answer["Location"].startswith("/account/login/")
    assert Case.objects.get().stage == "received"


def test_a_flag_of_the_case_is_a_warning_in_words() -> None:
    case = received()
    Case.objects.update(flags=["holiday_between"])
    assert "注意： 期限中有法定节假日" in words(page(browser(user()), path(case)))


def test_who_has_had_its_say_on_a_case_that_was_taken_back_is_told_so_on_its_desk() -> None:
    case, housing = received(), unit()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, ProposeFault("buck_passing", evidence="两次退回"), at(3, 10, 16), Actor("user:7", Role.SUPERVISOR))
    do(case, Recall(), at(3, 10, 17), clerk())
    client = browser(user("holder", Role.UNIT, housing))
    html = page(client, path(case))
    answer = client.post(path(case), {**hidden(html), "verb": "statement", "text": "管线不归我们"}, follow=True)
    assert answer.redirect_chain == [("/desk/", 302)]
    assert "陈述说明已经交上。" in words(answer.content.decode())
    assert client.get(path(case)).status_code == 404


def test_a_double_click_on_what_the_record_says_more_of_is_done_once_too() -> None:
    case, housing = received(), unit()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, ProposeFault("buck_passing", evidence="两次退回"), at(3, 10, 16), Actor("user:7", Role.SUPERVISOR))
    client = browser(user("holder", Role.UNIT, housing))
    sent = {**hidden(page(client, path(case))), "verb": "statement", "text": "管线不归我们"}
    for _ in range(2):
        assert "陈述说明已经交上。" in words(client.post(path(case), sent, follow=True).content.decode())
    assert LedgerLine.objects.filter(chain_id=case_of(case).id, event="fault_stated").count() == 1
