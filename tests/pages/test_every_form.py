"""Forms of the whole loop: fields of every type, what can't be read, what is folded away, what is said afterwards."""

import re

import pytest
from django.test import Client
from psycopg.types.range import DateRange

from huying.cases.approvals import approve
from huying.cases.doors import state_of
from huying.cases.intake import Received
from huying.cases.models import Act, Approval
from huying.pages.desk.action_form import Around, action_form
from huying.pages.desk.labels import GROUPS
from huying.people.models import Portfolio
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    APPROVER,
    VERBS,
    Acknowledge,
    ApproveReturn,
    Assign,
    Attach,
    ComplainHandling,
    HandToDiscipline,
    ProposeFault,
    RequestReturn,
    StateFault,
    SubmitReport,
    field_names,
)
from huying.rules.offers import Offer
from huying.rules.vocabulary import Stage
from tests.builders import HANDLER_PHONE, at, case_of, clerk, do, held_by, holder, post, received, spoken, unit, user
from tests.pages.reading import browser, page, set_clock, words
from tests.pages.test_acting import forms, path, send
from tests.pages.test_case_page import section

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday, 12 March 2026, 11:00."""
    set_clock(monkeypatch, at(3, 12, 11))


def contacted() -> Received:
    housing, case = unit("housing"), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(housing))
    do(case, spoken(), at(3, 12, 10), holder(housing))
    return case


def of_housing() -> Client:
    return browser(user("holder", Role.UNIT, unit("housing")))


# -- each verb has a form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_form_with_a_label_at_each_field(verb: str) -> None:
    around = Around(
        posts=[(1, "市长"), (2, "副市长")], missing=["id_number"], correctable=["name"], faults=[(1, ""), (2, "")]
    )
    form = action_form(Offer(verb, None), around)
    assert all(str(field.label) for field in form.fields.values())
    unshown = {
        ("co_report", "unit"),
        ("answer_instruction", "unit"),
        ("assign", "reason"),
        (verb, APPROVER.get(VERBS[verb], "")),
    }
    asked = {name for name in field_names(VERBS[verb]) if (verb, name) not in unshown}
    assert {name.partition("-")[0] for name in form.fields} == asked
    assert form.as_p() or not asked


def test_what_is_rare_is_folded_away_under_its_heading() -> None:
    html = page(browser(user()), path(contacted()))
    heads = [str(heading) for heading, _ in GROUPS]
    act = section(html, "act")
    assert [head for head in heads if f"{head} " in act] == [*heads[:3], heads[5]]
    assert html.index('<details class="group"') < html.index('name="verb" value="note"')


# -- fields of every type --------------------------------------------------------------------------------------------


def test_an_extension_is_said_by_a_number_and_a_unit_and_granted() -> None:
    case = contacted()
    typed = {"term_0": "3", "term_1": "working_days", "reason": "等配件", "citizen_informed": "on"}
    html = send(of_housing(), case, "request_extension", **typed)
    assert "已经申请延期，等办公室决定。" in words(html)
    assert "申请延期 3 个工作日：等配件" in section(html, "situation")
    before = state_of(case.case_id or 0).clocks
    html = send(browser(user()), case, "approve_extension")
    assert "已经延期 办理答复 3 个工作日" in section(html, "situation")
    assert state_of(case.case_id or 0).clocks != before


@pytest.mark.parametrize("how_many", ["0", "三", "-1", "1.5", "9" * 30])
def test_a_term_that_is_none_is_refused_at_its_field_and_kept(how_many: str) -> None:
    case = contacted()
    html = send(
        of_housing(), case, "request_extension", term_0=how_many, term_1="working_days", reason="等配件",
        citizen_informed="on",
    )  # fmt: skip
    assert "“延长多久”要写一个大于零的整数，再选单位" in words(html)
    assert 'href="#request_extension_term_0"' in html
    assert f'value="{how_many}"' in forms(html)["request_extension"]


def test_a_case_is_suspended_until_a_moment_of_the_offices_clocks_and_says_so() -> None:
    case = contacted()
    html = send(browser(user()), case, "suspend", reason="season", until="2026-04-01T09:30")
    assert "已经挂起，期限停下来。" in words(html)
    assert "恢复办理， 04-01 周三 09:30 前" in section(html, "next")
    assert "暂停计时" in section(html, "next")
    assert "挂到什么时候：04-01 周三 09:30" in section(html, "loop")
    assert "要等季节、天气" in section(html, "loop")


@pytest.mark.parametrize("until", ["2026-03-01T09:00", "明年", "9999-12-31T23:59", "2026-02-30T10:00"])
def test_a_moment_that_is_none_or_past_is_refused_at_its_field(until: str) -> None:
    case = contacted()
    html = send(browser(user()), case, "suspend", reason="court", until=until)
    assert "“挂到什么时候”要是今后的时间，写成 2026-03-18 14:30 这样" in words(html)
    assert case_of(case).stage == Stage.CONTACTED


def test_a_case_is_merged_into_an_older_one_by_its_number_and_both_say_so() -> None:
    older, younger = received(at(3, 9, 9)), received()
    html = send(browser(user()), younger, "merge", into=f" {(older.number or '').lower()} ")
    assert "已经并入那一件。" in words(html)
    assert f"并入了 {older.number}" in section(html, "situation")
    assert case_of(older).contacts == 2
    assert "另一件并了进来" in section(page(browser(user("other")), path(older)), "loop")


@pytest.mark.parametrize("into", ["YC-2026-999999", "没有", "\0"])
def test_a_number_that_is_not_there_is_refused_in_words(into: str) -> None:
    html = send(browser(user()), received(), "merge", into=into)
    assert "没有这个编号，或者它不归您看" in words(html)
    assert 'href="#merge_into"' in html


def test_a_number_that_one_may_not_see_is_as_good_as_none() -> None:
    secret, case = received(confidential=True), received()
    other = browser(user("other"))
    assert "没有这个编号，或者它不归您看" in words(send(other, case, "merge", into=str(secret.number)))


def test_an_incomplete_case_asks_for_each_missing_field_by_name() -> None:
    case = received(rulebook_id="henan-xinfang", channel="letter", confidential=False)
    missing = state_of(case.case_id or 0).missing
    client = browser(user())
    form = forms(page(client, path(case)))["complete_info"]
    assert [f'name="fields-{name}"' in form for name in missing] == [True] * len(missing)
    told = {f"fields-{name}": "11010519491231002X" if name == "id_number" else "东街 3 号" for name in missing}
    html = send(client, case, "complete_info", **told)
    assert case_of(case).stage == Stage.RECEIVED
    assert "11010519491231002X" not in html


def test_what_was_corrected_is_told_without_the_phone() -> None:
    case = received()
    html = send(browser(user()), case, "correct", field="contact_phone", value="13911112222", reason="听错了")
    assert "改成什么：139****2222" in section(html, "loop")
    assert "13911112222" not in html
    assert "139****2222" in section(html, "requester")


def test_a_claim_is_decided_by_yes_or_no_and_by_somebody_else() -> None:
    case, housing = contacted(), unit("housing")
    do(case, Attach("proof_of_handling", "三定.pdf", "a1", 9, "b2"), at(3, 12, 10, 20), holder(housing))
    do(
        case,
        SubmitReport("不归我们管", "done", "规程第三条", None, "out_of_power"),
        at(3, 12, 10, 30),
        holder(housing),
    )
    office = browser(user())
    html = send(office, case, "decide_claim", reason="确实不在职权内")
    assert "“是否同意剔除”还没有填" in words(html)
    html = send(office, case, "decide_claim", accepted="yes", reason="不在职权内", approved_by="秦岚")
    assert "已经送给同事批准，批准以后才生效。" in words(html)
    assert case_of(case).closed_as is None
    waits = Approval.objects.get(case=case.case_id)
    assert approve(waits.id, at(3, 12, 12), Actor("user:2", Role.SUPERVISOR, name="秦岚")) == state_of(waits.case_id)
    assert case_of(case).closed_as == "not_counted"
    assert "不在职权内" in section(page(office, path(case)), "loop")


def test_a_leader_instructs_the_holder_until_a_moment_and_the_unit_answers() -> None:
    mayor, housing = post("mayor"), unit("housing")
    case = received(post=mayor.id)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    html = send(browser(held_by(mayor)), case, "instruct", text="本周内解决", due="2026-03-13T18:00")
    assert "批示等回复 housing，最迟 03-13 周五 18:00" in section(html, "situation")
    html = send(of_housing(), case, "answer_instruction", text="周五前修好")
    assert "批示等回复" not in html
    assert "周五前修好" in section(html, "loop")


def test_a_double_click_on_any_form_does_it_once() -> None:
    case, client = received(), browser(user())
    seen = page(client, path(case))
    for _ in range(2):
        assert "备注记下了。" in words(send(client, case, "note", seen_in=seen, text="诉求人下午在家"))
    assert Act.objects.filter(chain=case.case_id or 0, verb="note").count() == 1


# -- who reads what --------------------------------------------------------------------------------------------------


def complained() -> Received:
    case = contacted()
    do(case, ComplainHandling("他们骂人"), at(3, 12, 10, 40), Actor.citizen(case.case_id))
    return case


def test_of_a_complaint_about_the_handling_the_unit_sees_only_that_there_is_one() -> None:
    case = complained()
    html = page(of_housing(), path(case))
    assert "诉求人投诉办理" in section(html, "loop")
    assert "他们骂人" not in html
    for role in (Role.OFFICE, Role.SUPERVISOR):
        assert "他们骂人" in page(browser(user(f"reader-{role}", role)), path(case))


def test_a_units_statement_is_for_itself_and_for_those_who_supervise() -> None:
    case, housing = contacted(), unit("housing")
    own = user("holder", Role.UNIT, housing)
    do(
        case,
        ProposeFault("slow_action", evidence="交办 9 天没有联系"),
        at(3, 12, 10, 20),
        Actor("user:1", Role.SUPERVISOR),
    )
    do(
        case,
        StateFault("那几天断电"),
        at(3, 12, 10, 30),
        Actor(f"user:{own.id}", Role.UNIT, housing.id, housing.above),
    )
    assert "那几天断电" in page(browser(own), path(case))
    assert "那几天断电" in page(browser(user("s", Role.SUPERVISOR)), path(case))
    assert "那几天断电" not in page(browser(user("o", Role.OPERATOR)), path(case))
    assert "慢作为，housing，单位已经陈述" in section(page(browser(own), path(case)), "situation")


def test_that_discipline_was_told_the_unit_doesnt_learn() -> None:
    case = contacted()
    do(case, HandToDiscipline(), at(3, 12, 10, 30), Actor("user:1", Role.SUPERVISOR))
    assert "移送纪检监察" in section(page(browser(user()), path(case)), "loop")
    assert "移送纪检监察" not in page(of_housing(), path(case))


# -- what the page knows ---------------------------------------------------------------------------------------------


def test_who_decides_on_a_return_reads_why_and_finds_the_unit_that_was_named() -> None:
    housing, water, case = unit("housing"), unit("water"), received()
    do(case, Assign(housing.id), at(3, 11, 15), clerk())
    do(case, RequestReturn("归供水管", water.id), at(3, 11, 16), holder(housing))
    html = page(browser(user()), path(case))
    assert "为什么退 归供水管 应当由谁办 water" in section(html, "situation")
    assert html.index('id="situation"') < html.index('id="act"')
    do(case, ApproveReturn(), at(3, 11, 17), clerk())
    assert f'<option value="{water.id}" selected>' in page(browser(user("second")), path(case))


def test_the_leader_in_charge_of_a_unit_stands_in_the_form_of_an_interview() -> None:
    mayor = held_by(post()).person
    Portfolio.objects.create(post=post(), unit=unit("housing"), days=DateRange(at(1, 1).date()))
    html = page(browser(user("supervisor", Role.SUPERVISOR)), path(contacted()))
    assert mayor is not None
    assert forms(html)["schedule_interview"].count(f'value="{mayor.name}"') == 1


def test_a_new_code_is_read_out_by_whom_it_was_issued_by_alone() -> None:
    case, office = contacted(), browser(user())
    assert "新的查询码" not in words(page(office, path(case)))
    html = send(office, case, "reissue_code", reason="短信里没有说过")
    assert re.search(r"新的查询码： ?\d{4} \d{4}。请念给诉求人听", words(html))
    assert "新的查询码：" not in words(page(browser(user("second")), path(case)))
