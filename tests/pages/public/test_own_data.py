"""What a receipt opens beside its case: who looked at the phone, the other cases of the same person, a file of it."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.cases.intake import Received
from huying.people.models import Unit
from huying.rules.commands import Acknowledge, ApproveExtension, Assign, RequestExtension
from tests.builders import HANDLER_PHONE, at, clerk, do, holder, post, received, unit, user, verified_case
from tests.pages.public.city import found
from tests.pages.reading import BOOKKEEPING, browser, set_clock, words

pytestmark = pytest.mark.django_db
TRACK = "/track/"


@pytest.fixture(autouse=True)
def tuesday(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Tuesday, 17 March 2026, 9:00."""
    found()
    set_clock(monkeypatch, at(3, 17, 9))


def asked(case: Received, **said: Any) -> str:
    typed = {"number": case.number, "code": case.code, "digits": "0001", **said}
    answer = browser().post(TRACK, typed)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_had_the_phone_in_the_clear_is_told_by_unit_and_time_and_not_by_name() -> None:
    case = received(name="郑晓禾")
    housing = unit("housing")
    Unit.objects.filter(id=housing.id).update(name="市住建局")
    assert "还没有人看过" in words(asked(case, show="looks"))
    reader = user("reader", of=Unit.objects.get(id=housing.id))
    browser(reader).post(f"/desk/cases/{case.number}/call/")

    text = words(asked(case, show="looks"))

    assert "市住建局 看了电话 3 月 17 日（周二）09:00" in text
    assert "看了姓名" in text
    assert "测试reader" not in text


def test_one_receipt_opens_the_cases_of_the_same_phone_and_name() -> None:
    mine, also = received(name="郑晓禾", text="路灯坏了"), received(name="郑晓禾", text="井盖没了")
    received(name="另一位", text="同一个电话，别人的事")
    received(name="郑晓禾", phone="13900000002", text="同名不同号")
    received(name="郑晓禾", text="保密的事", confidential=True)
    received(at(1, 5, 9, year=2025), name="郑晓禾", text="一年以前的事")

    text = words(asked(mine, show="mine"))

    assert "路灯坏了" not in text  # it is open already
    assert "井盖没了" in text
    for hidden in ("别人的事", "同名不同号", "保密的事", "一年以前的事"):
        assert hidden not in text
    assert f"编号 {also.number}" in words(asked(mine, other=also.number))


def test_another_persons_case_is_not_opened_by_its_number() -> None:
    mine, other = received(name="郑晓禾"), received(name="另一位", text="别人的事")
    secret = received(name="郑晓禾", text="保密的事", confidential=True)
    for number in (other.number, secret.number, "YC-2026-999999", ""):
        text = words(asked(mine, other=number))
        assert f"编号 {mine.number}" in text
        assert "别人的事" not in text


def test_without_name_or_phone_nothing_is_joined_to_it() -> None:
    for case in (received(), received(name="郑晓禾", phone=None)):
        assert "没有别的" in words(asked(case, show="mine"))


def test_what_is_done_on_another_case_of_mine_is_done_there() -> None:
    mine, also = received(name="郑晓禾"), received(name="郑晓禾", text="井盖没了")
    text = words(asked(mine, other=also.number, do="withdraw", reason="修好了", sure="on", seen="9"))
    assert "撤回了" in text
    assert "您已经撤回" not in words(asked(mine))


def test_the_file_has_what_the_page_tells_and_nothing_more() -> None:
    case = verified_case(unit("housing"))
    told = json.loads(asked(case, show="download"))
    assert told["编号"] == case.number
    assert told["答复"] == ["2026 年 3 月 16 日（周一）17:00 已办成 已修好，请诉求人看过。"]
    assert (told["电话"], told["姓名"]) == ("13900000001", "没有写")
    assert told["接下来会怎样"] == [
        "回访，听您的意见 最迟 2026 年 3 月 19 日（周四） 由承办单位以外的人问您满意不满意；不满意，重新办一次。"
    ]


@pytest.mark.parametrize(
    ("language", "day", "with_year", "as_of"),
    [
        ("zh-hans", r"\d+ 月 \d+ 日", r"2026 年 \d+ 月 \d+ 日", "数据截至"),
        ("en", r"\b\d+ (?:Mar|Apr)\b", r"\b\d+ (?:Mar|Apr) 2026\b", "Data as of"),
    ],
)
def test_every_date_of_the_file_says_its_year_and_the_page_none(
    language: str, day: str, with_year: str, as_of: str
) -> None:
    """An answer, an extension, what comes next, a look at the phone, and what the requester said."""
    case, housing = received(at(3, 11, 9), name="郑晓禾"), unit("housing")
    do(case, Assign(housing.id), at(3, 11, 10), clerk())
    do(case, Acknowledge("何砚", HANDLER_PHONE), at(3, 11, 11), holder(housing))
    do(case, RequestExtension("3 working_days", "等配件", True), at(3, 12, 11), holder(housing))
    do(case, ApproveExtension(), at(3, 12, 12), clerk())
    browser(user("reader", of=housing)).post(f"/desk/cases/{case.number}/call/")
    asked(case, do="add", seen="9", text="又漏了")

    said = {"number": case.number, "code": case.code, "digits": "0001"}
    told, shown = (
        browser().post(TRACK, {**said, **more}, headers={"accept-language": language}).content.decode()
        for more in ({"show": "download"}, {})
    )

    assert len(re.findall(day, told)) == len(re.findall(with_year, told)) >= 8
    assert json.loads(told)[as_of] == "2026-03-17T09:00:00+08:00"
    assert re.findall(day, words(shown))
    assert not re.findall(with_year, words(shown))


def test_the_file_has_everything_that_the_requester_said() -> None:
    case = received(name="郑晓禾", fields={"address": "翠堤路 3 号", "privacy_notice": "2"}, post=post("mayor").id)
    asked(case, do="add", seen="9", text="又漏到三楼了")
    asked(case, do="complain_handling", seen="9", complaint="推来推去")
    told = json.loads(asked(case, show="download"))
    said = " ".join(told["您说过、交过的"])
    assert "小区供暖管道漏水，三天无人维修；地址：翠堤路 3 号；您同意的个人信息说明，版次：2" in said
    assert said.index("又漏到三楼了") < said.index("您对办理不满")
    assert (told["姓名"], told["反映给哪位领导"]) == ("郑晓禾", "mayor")


def test_what_supervision_alone_reads_is_in_no_file_that_a_code_opens() -> None:
    case = received(name="郑晓禾")
    asked(case, do="complain_handling", seen="9", complaint="推来推去")
    assert "推来推去" not in asked(case, show="download")
    assert "推来推去" not in asked(case)


def test_what_somebody_else_said_of_the_same_matter_is_not_there() -> None:
    case = received(name="郑晓禾")
    for said, phone, name in (
        ("邻居也说漏水", "13900000002", "邻居"),
        ("同一个电话，别人的名字", "13900000001", "邻居"),
        ("我又打来一次", "13900000001", "郑晓禾"),
    ):
        received(text=said, joins=case.number, phone=phone, name=name)
    told = json.loads(asked(case, show="download"))
    said = " ".join(told["您说过、交过的"])
    assert "我又打来一次" in said
    assert "邻居" not in json.dumps(told, ensure_ascii=False)
    assert "别人的名字" not in said
    text = words(asked(case))
    assert "我又打来一次" in text
    assert "邻居" not in text


def test_of_a_confidential_case_none_of_it_is_there() -> None:
    case = received(name="郑晓禾", confidential=True)
    for page in ("looks", "mine", "download"):
        assert "这件事保密办理" in words(asked(case, show=page))


@pytest.mark.parametrize("page", ["looks", "mine", "download"])
def test_each_takes_at_most_twelve_statements_however_much_there_is(page: str) -> None:
    for _ in range(3):
        case = received(name="郑晓禾")
        do(case, Assign(unit("housing").id), at(3, 16, 9), clerk())
        reader = user(f"reader-{case.number}", of=unit("housing"))
        browser(reader).post(f"/desk/cases/{case.number}/call/")
    with CaptureQueriesContext(connection) as captured:
        asked(case, show=page)
    assert len([query for query in captured if not BOOKKEEPING.match(query["sql"])]) <= 12
