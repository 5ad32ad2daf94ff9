"""查进度 beyond the main line: what a requester is told of each other step, in plain words, and what never."""

import re

import pytest

from huying.cases.intake import Received
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Acknowledge,
    ApproveExtension,
    ApproveReturn,
    Assign,
    Attach,
    Command,
    ComplainHandling,
    DecideClaim,
    DecideReview,
    Decline,
    HandToDiscipline,
    Merge,
    Note,
    ProposeFault,
    RecordVerdict,
    Refer,
    RequestExtension,
    RequestReturn,
    SubmitReport,
    Suspend,
    Verify,
    Withdraw,
)
from tests.builders import HANDLER_PHONE, PHONE, at, case_of, clerk, do, holder, received, spoken, unit
from tests.pages.reading import browser, set_clock, words

pytestmark = pytest.mark.django_db
IN_PERSON = {
    "work_unit": "市机械厂",
    "home_address": "翠堤路 3 号",
    "claim": "补发工资",
    "id_number": "11010519491231002X",
}


@pytest.fixture(autouse=True)
def thursday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Thursday, 12 March 2026, 15:00."""
    set_clock(monkeypatch, at(3, 12, 15))


def answered(case: Received, **said: str) -> str:
    typed = {"number": case.number or "", "code": case.code or "", "digits": PHONE[-4:], **said}
    answer = browser().post("/track/", typed)
    assert answer.status_code == 200
    return answer.content.decode()


def told(case: Received) -> str:
    return words(answered(case))


def contacted() -> Received:
    housing, case = unit("housing"), received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 9), holder(housing))
    do(case, spoken(), at(3, 12, 10), holder(housing))
    return case


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (Decline("是法院的事", "向区法院起诉"), ["不归这里办", "是法院的事", "向区法院起诉"]),
        (
            Refer("市供热站", "供热归供热站管"),
            ["已转有权机关", "市供热站；供热归供热站管"],
        ),
        (Withdraw("不用办了"), ["您撤回了"]),
    ],
)
def test_an_end_before_the_handling_is_told_with_what_one_can_do(command: Command, says: list[str]) -> None:
    case = received()
    by = Actor.citizen(case.case_id) if isinstance(command, Withdraw) else clerk()
    do(case, command, at(3, 10, 10), by)
    assert [word for word in says if word not in told(case)] == []


def test_the_phone_of_the_body_to_which_a_matter_went_can_be_called() -> None:
    case = received()
    do(case, Refer("市供热站 0500-555 0404，急事 <110>", "归它管"), at(3, 10, 10), clerk())
    html = answered(case)
    assert '市供热站 <a class="nowrap" href="tel:05005550404">0500-555 0404</a>，急事 &lt;' in html


def test_a_suspension_is_told_with_its_reason_and_its_end() -> None:
    case = contacted()
    do(case, Suspend("season", at(4, 1, 0)), at(3, 12, 11), clerk())
    page = told(case)
    assert "正在等： 暂停办理，到期接着办" in page
    assert "暂停办理 暂停到 3 月 31 日（周二）24:00 由谁负责" in page
    assert "最迟 3 月 31 日" not in page
    assert "要等季节、天气；暂停到 3 月 31 日（周二）24:00，之后接着办" in page
    assert re.search("暂停办理，到期接着办 暂停到 3 月 31 日（周二）24:00.*答复您 暂停计时，恢复后接着算.*回访", page)


def test_an_extension_is_told_with_the_new_date_once_it_is_granted() -> None:
    case, housing = contacted(), unit("housing")
    do(case, RequestExtension("3 working_days", "等配件", True), at(3, 12, 11), holder(housing))
    assert "办理期限延长了" not in told(case)
    do(case, ApproveExtension(), at(3, 12, 12), clerk())
    page = told(case)
    assert "办理期限延长了" in page
    assert "新的期限：" in page
    assert "等配件" not in page


def test_a_return_is_told_as_looking_for_another_unit_without_what_was_said_about_it() -> None:
    case, housing = received(), unit("housing")
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, RequestReturn("他们推给我们的"), at(3, 11, 9), holder(housing))
    assert "公开电话办公室核定归谁办" in told(case)
    do(case, ApproveReturn(), at(3, 11, 10), clerk())
    assert "正在重新确定承办单位" in told(case)
    assert "他们推给我们的" not in told(case)


def test_a_merged_matter_leads_to_the_older_one() -> None:
    older, younger = received(at(3, 9, 9)), received()
    do(younger, Merge(case_of(older).id), at(3, 10, 10), clerk())
    page = told(younger)
    assert (older.number or "") in page
    assert (younger.number or "") not in page
    assert "是同一件，并在一起办" in page


def test_the_receipt_of_a_merged_matter_still_opens_what_is_ones_own() -> None:
    older, younger = received(at(3, 9, 9), text="先说的"), received(text="后说的")
    do(younger, Merge(case_of(older).id), at(3, 10, 10), clerk())
    page = told(younger)
    assert "您反映的 3 月 10 日（周二）09:15 后说的" in page
    assert "先说的" not in page.partition("您说过、交过的")[2]
    assert "后说的" in answered(younger, show="download")
    assert "还没有人看过" in answered(younger, show="looks")
    lost = words(answered(younger, do="add", seen="9", text="还在漏"))
    assert "没有记下：这件事已经和另一件并在一起办。要补充、提意见，请打电话给公开电话办公室。" in lost
    assert "您写的是：“要补充什么：还在漏”" in lost
    assert "记下了，公开电话办公室会看" in words(answered(younger, do="ask_erasure", seen="3", sure_erase="on"))


def test_an_opinion_after_which_the_office_decides_is_waited_for_at_the_office() -> None:
    case, housing = contacted(), unit("housing")
    for day in (13, 17, 19):
        do(case, SubmitReport("办了", "done", "规程"), at(3, day, 9), holder(housing))
        do(case, Verify(), at(3, day, 10), clerk())
        do(case, RecordVerdict("unsatisfied", "还在漏"), at(3, day, 11), Actor.citizen(case.case_id))
        if case_of(case).stage != "verified":
            do(case, spoken(), at(3, day, 12), holder(housing))
    page = told(case)
    assert "公开电话办公室决定下一步 第 3 次办理，您不满意，下一步还没有定 最迟 3 月 24 日（周二）" in page
    assert "公开电话办公室决定下一步 最迟 3 月 24 日（周二）" in page.partition("办理经过")[2]  # with its why
    assert "由谁负责 housing" not in page
    assert "打给公开电话办公室" not in page  # the tests' city publishes no line here


def test_what_a_unit_reported_waits_for_the_office_that_reviews_it() -> None:
    case, housing = contacted(), unit("housing")
    assert "由谁负责 housing 何砚" in told(case)
    do(case, SubmitReport("办了", "done", "规程"), at(3, 12, 11), holder(housing))
    page = told(case)
    assert "正在等： 公开电话办公室审核单位的答复" in page
    assert "由谁负责 housing" not in page
    assert "打给承办人" not in page
    assert re.search("办理经过.* 6 公开电话办公室审核单位的答复.*回访", page)


@pytest.mark.parametrize("command", [Decline("是法院的事", "向区法院起诉"), Refer("市供热站", "归它管")])
def test_the_next_door_stands_on_top_also_in_large_print(command: Command) -> None:
    case = received()
    do(case, command, at(3, 10, 10), clerk())
    box = re.search(r'<section class="sheet waiting.*?</section>', answered(case), re.DOTALL)
    assert box is not None
    assert re.search("向区法院起诉|市供热站", box[0])


def test_a_claim_that_was_accepted_is_told_with_its_reason_and_that_one_may_object() -> None:
    case, housing = contacted(), unit("housing")
    do(case, Attach("proof_of_handling", "三定.pdf", "a1", 9, "b2"), at(3, 12, 10, 30), holder(housing))
    do(case, SubmitReport("不归我们管", "done", "规程第三条", None, "out_of_power"), at(3, 12, 11), holder(housing))
    do(case, DecideClaim(True, "这条路属于省里", "秦岚"), at(3, 12, 12), clerk())
    page = told(case)
    assert "这条路属于省里" in page
    assert "提出异议" in page
    assert "给您的答复 已办成 3 月 12 日（周四）12:00 不归我们管" in page
    assert "秦岚" not in page


def test_a_claim_that_was_not_accepted_is_told_as_going_on() -> None:
    case, housing = contacted(), unit("housing")
    do(case, Attach("proof_of_handling", "三定.pdf", "a1", 9, "b2"), at(3, 12, 10, 30), holder(housing))
    do(case, SubmitReport("不归我们管", "done", "规程第三条", None, "out_of_power"), at(3, 12, 11), holder(housing))
    do(case, DecideClaim(False, "归你们管", "秦岚"), at(3, 12, 12), clerk())
    page = told(case)
    assert "承办单位想不办就结束，公开电话办公室没有同意，接着办" in page
    assert "单位和您谈过了，正在办" in page
    assert "归你们管" not in page


def test_a_review_waits_first_for_the_requester_and_then_for_the_office() -> None:
    housing, case = (
        unit("housing"),
        received(rulebook_id="henan-xinfang", channel="sms", name="郑晓禾", fields=IN_PERSON),
    )
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(case, spoken(), at(3, 11, 10), holder(housing))
    do(case, SubmitReport("办了", "done", "规程"), at(3, 12, 9), holder(housing))
    do(case, Verify(), at(3, 12, 10), clerk())
    page = told(case)
    assert "正在等： 您要不要申请复查，过了期限就不能提了 已经答复，等您决定" in page
    assert page.index("哪里不服") < page.index("办理经过")  # what the case waits for stands first
    lines = words(answered(case, do="request_review", why="没有查清", seen=str(case_of(case).ledger_seq)))
    assert "正在等： 公开电话办公室答复您的复查申请 您不服答复，公开电话办公室正在重新看" in lines
    assert "公开电话办公室答复您的复查申请 最迟" in lines
    assert "由谁负责 housing" not in lines
    do(case, DecideReview("upheld", "查过了"), at(3, 17, 10), clerk())
    again = told(case)
    assert "您要不要申请复核，过了期限就不能提了" in again
    assert "复查决定后第 30 天" in again
    for step in ("审核通过，答复您", "您申请了复查", "复查有了结果"):  # what is done says by when it had to be
        assert re.search(rf"{step} [^按]{{0,40}}按期 .{{0,60}}期限", again), step


def test_what_is_between_the_office_and_its_units_is_never_told() -> None:
    case = contacted()
    do(case, Note("这人难缠"), at(3, 12, 11), clerk())
    do(
        case,
        ProposeFault("slow_action", evidence="交办 9 天没有联系"),
        at(3, 12, 11),
        Actor("user:1", Role.SUPERVISOR),
    )
    do(case, ComplainHandling("他们骂人"), at(3, 12, 12), Actor.citizen(case.case_id))
    page = told(case)
    assert "您对办理不满，已经转给督办的人" in page
    assert [said for said in ("这人难缠", "慢作为", "陈述", "他们骂人") if said in page] == []


def test_of_what_was_handed_to_discipline_the_requester_reads_that_and_where_else_to_go() -> None:
    case = contacted()
    do(case, HandToDiscipline(), at(3, 12, 11), Actor("user:1004", Role.SUPERVISOR))
    text = told(case)
    assert "已转有权机关" in text
    assert "12388" in text
