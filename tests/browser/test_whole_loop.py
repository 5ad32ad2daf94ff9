"""The whole loop by hand, by the generic forms: everybody who takes part has a browser, and the days go by.

Bozhou's case comes as an unsorted text message, goes to the wrong unit and back, and ends satisfied in its second
cycle, with a fault and an interview on the way; Henan's comes incomplete and goes through review and re-review.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page
from psycopg.types.range import DateRange

from huying.cases.models import Delivery, Message
from huying.cases.outbox import deliver
from huying.cases.rulebooks import put_in_force
from huying.pages.desk.labels import DONE
from huying.people.models import Portfolio
from huying.rules.access import Actor, Role
from tests.browser.conftest import PASSWORD, City, Look
from tests.builders import at, held_by, post, unit, user, version
from tests.pages.reading import set_clock

pytestmark = [pytest.mark.browser, pytest.mark.long]

Open = Callable[[Look], Page]
PHONE = "13900000077"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    return lambda moment: set_clock(monkeypatch, moment)


@pytest.fixture(scope="module", autouse=True)
def people(city: City) -> None:
    """Two more units with somebody in each, a supervisor, and a leader in charge of one."""
    water, property_ = unit("water"), unit("property")
    user("of-water", Role.UNIT, water)
    user("of-property", Role.UNIT, property_)
    user("supervisor", Role.SUPERVISOR)
    held_by(post("vice-mayor"))
    Portfolio.objects.create(post=post("vice-mayor"), unit=water, days=DateRange(date(2026, 1, 1)))


def sign_in(page: Page, name: str) -> Page:
    page.goto("/account/login/")
    page.locator("[name=login]").fill(name)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main button").first.click()
    page.wait_for_url("**/desk/")
    return page


def form_of(page: Page, verb: str) -> Locator:
    """Return the form of a verb, with what folds it away opened."""
    form = page.locator(f"#main form:has(input[name=verb][value={verb}])")
    folded = form.locator("xpath=ancestor::details[not(@open)]")
    while folded.count():
        folded.first.locator("> summary").click()
    return form


def fill(form: Locator, **said: str) -> None:
    """Fill in controls by their names, each as its kind is filled in by hand."""
    for name, text in said.items():
        control = form.locator(f"[name={name}]")
        kind = control.first.evaluate("it => it.type")
        if kind == "select-one":
            control.select_option(label=text)
        elif kind == "radio":
            form.get_by_role("radio", name=text, exact=True).check()
        elif kind == "checkbox":
            control.check()
        else:
            control.fill(text)


def do(page: Page, verb: str, **said: str) -> None:
    """Do a step by its form, and read that it was done."""
    _send(page, verb, said)
    page.get_by_role("status").get_by_text(str(DONE[verb])).wait_for()


def ask(page: Page, verb: str, **said: str) -> None:
    """Ask for what a second person has to approve."""
    _send(page, verb, said)
    page.get_by_role("status").get_by_text("已经送给同事批准").wait_for()


def _send(page: Page, verb: str, said: dict[str, str]) -> None:
    form = form_of(page, verb)
    fill(form, **said)
    form.get_by_role("button").last.click()


def take(page: Page, pile: str, number: str) -> None:
    """Open a case from where it waits on somebody's day."""
    page.goto("/desk/")
    page.locator(f"[aria-labelledby=pile-{pile}] tr").filter(has_text=number).get_by_role("link").click()


def record(office: Page, **said: str) -> str:
    """Record what came in, and return the query code that is read out."""
    office.goto("/desk/")
    office.locator("main").get_by_role("link", name="记录来电").click()
    form = office.locator("#main form.form")
    fill(form, **said)
    form.get_by_role("button", name="登记", exact=True).click()
    office.wait_for_url("**/receipt/")
    return office.locator("#main").inner_text()


def test_bozhou(look: Open, clock: Callable[[datetime], None], tmp_path: Path) -> None:
    office = look(Look())
    water, housing = (sign_in(look(Look(signed_in=False, width=390)), name) for name in ("of-water", "holder"))
    beside = sign_in(look(Look(signed_in=False)), "of-property")
    supervisor = sign_in(look(Look(signed_in=False)), "supervisor")
    citizen = look(Look(signed_in=False, width=390))

    clock(at(3, 19, 10))
    record(office, channel="短信", contact_phone=PHONE, content="水表井盖不见了，已经两天", kind="未分拣")
    office.goto("/desk/contacts/")
    office.get_by_role("link", name="水表井盖不见了").click()
    do(office, "open_case", kind="问题", complexity="简单")
    number = office.url.rstrip("/").rsplit("/", 1)[1]
    case = office.url
    do(office, "assign", unit="housing")

    take(housing, "acknowledge", number)
    do(housing, "request_return", reason="井盖归供水", suggested_unit="water")
    take(office, "approve_return", number)
    assert "water" in office.locator("#main").inner_text()
    do(office, "approve_return")
    do(office, "assign", unit="water")
    take(water, "acknowledge", number)
    do(water, "acknowledge", handler_phone="0500-555 2207")
    office.goto(case)
    do(office, "join_unit", unit="property")
    beside.goto(case)
    do(beside, "co_report", text="物业已经围挡")

    clock(at(3, 20, 9))
    water.goto(case)
    do(water, "contact_attempt", result="没有人接")
    clock(at(3, 20, 15))
    water.goto(case)
    do(water, "record_contact", method="电话", text="下周一换")
    granted = {"term_0": "3", "term_1": "个工作日", "reason": "等新井盖", "citizen_informed": "on"}
    do(water, "request_extension", **granted)
    office.goto(case)
    do(office, "approve_extension")
    do(office, "suspend", reason="要等第三方", until="2026-03-24T18:00")
    clock(at(3, 23, 9))
    office.goto(case)
    do(office, "resume")

    clock(at(3, 23, 15))
    done = {"outcome": "已办成", "basis": "办理规程第三条"}
    water.goto(case)
    do(water, "report", text="井盖换好", **done)
    take(office, "verify", number)
    do(office, "reject_report", reason="没有照片")
    water.goto(case)
    attach(water, tmp_path / "井盖.jpg")
    water.goto(case)
    do(water, "report", text="井盖是小区的", claim="不在职权范围", **done)
    office.goto(case)
    ask(office, "decide_claim", accepted="不同意", reason="水表归供水")
    take(supervisor, "approval", number)
    assert "水表归供水" in supervisor.locator("#main").inner_text()
    supervisor.get_by_role("button", name="批准，马上生效").click()
    supervisor.get_by_role("status").get_by_text(str(DONE["decide_claim"])).wait_for()
    water.goto(case)
    do(water, "report", text="井盖换好，照片在附件里", **done)
    take(office, "verify", number)
    do(office, "verify")
    clock(at(3, 24, 10))
    office.goto(case)
    do(office, "callback_attempt", result="没有人接")
    clock(at(3, 24, 15))
    office.goto(case)
    do(office, "record_verdict", verdict="不满意", reason="又丢了")
    assert "第 2 次办理" in office.locator(".page-head").inner_text()

    supervisor.goto(case)
    do(supervisor, "fault", code="应付了事", evidence="3 月 23 日报办成，24 日又丢")
    water.goto("/desk/notices/")
    assert "有人提出您单位办理不当" in water.locator("#main").inner_text()
    water.get_by_role("button", name="这一页都看过了").click()
    water.get_by_text("没有新的通知").wait_for()
    water.goto(case)
    do(water, "statement", text="第一次用的是旧井盖")
    supervisor.goto(case)
    do(supervisor, "confirm_fault")
    do(supervisor, "schedule_interview", time="2026-03-26T09:00", place="303 会议室")
    clock(at(3, 26, 10))
    supervisor.goto(case)
    do(supervisor, "interview", minutes="换新井盖，加锁", rectify_by="2026-03-30T18:00")
    water.goto(case)
    do(water, "acknowledge", handler_phone="0500-555 2207")
    do(water, "record_contact", method="当面", text="一起看了新井盖")
    do(water, "report", text="换成带锁的", **done)
    supervisor.goto(case)
    do(supervisor, "rectified")
    office.goto(case)
    do(office, "verify")
    do(office, "reissue_code", reason="短信里没有说过")
    code = re.findall(r"\d{4} \d{4}", office.locator("#main").inner_text())[0]
    track(citizen, number, code)
    assert "审核" in citizen.locator("#main").inner_text()
    office.goto(case)
    do(office, "record_verdict", verdict="满意")
    assert "办结：满意" in office.locator(".waiting").inner_text()
    call(office, number)


def test_henan(look: Open, clock: Callable[[datetime], None]) -> None:
    put_in_force(version("henan-xinfang"), date(2026, 3, 20), at(3, 20), Actor.system())
    office, water = look(Look()), sign_in(look(Look(signed_in=False, width=390)), "of-water")
    clock(at(3, 20, 10))
    told = {"work_unit": "纺织厂", "name": "章禾", "home_address": "柳堤乡三组"}
    said = record(office, channel="短信", contact_phone=PHONE, kind="问题", content="征地补偿没有到", **told)
    assert "身份证号" in said
    office.get_by_role("link", name="打开这一件").click()
    case = office.url
    do(office, "complete_info", **{"fields-id_number": "11010519491231002X"})
    do(office, "assign", unit="water")
    water.goto(case)
    do(water, "acknowledge", handler_phone="0500-555 2207")
    do(water, "report", text="补偿已经发放", outcome="已办成", basis="信访工作条例第三十四条")
    office.goto(case)
    do(office, "verify")
    do(office, "request_review", reason="少算了两亩")
    do(office, "decide_review", outcome="维持原答复", text="测绘图上没有这两亩")
    clock(at(4, 2, 10))
    office.goto(case)
    do(office, "request_review", reason="图是旧的")
    do(office, "decide_review", outcome="维持原答复", text="新图也没有")
    number, code = re.findall(r"HY-2026-\d+", said)[0], re.findall(r"\d{4} \d{4}", said)[0]
    citizen = look(Look(signed_in=False, width=390))
    track(citizen, number, code)
    assert "复核有了结果" in citizen.locator("#main").inner_text()


def call(office: Page, number: str) -> None:
    """Tell the requester by phone what no channel could, once the messages have gone their way."""
    queued = Message.objects.filter(case__number=number, delivery=Delivery.QUEUED)
    deliver(list(queued.values_list("id", flat=True)), at(3, 26, 10))
    office.goto("/desk/")
    office.get_by_role("link", name="电话告知").click()
    mine = office.locator("#main section").filter(has_text=number)
    before = mine.count()
    mine.first.get_by_role("button", name="打给诉求人").click()
    office.locator("#main").get_by_text(PHONE).first.wait_for()
    mine.first.get_by_role("button", name="已告知").click()
    office.get_by_role("status").get_by_text("记下了：已经告知。").wait_for()
    assert mine.count() == before - 1


def attach(page: Page, file: Path) -> None:
    """Add a proof of handling to the case that is open."""
    file.write_bytes(b"\xff\xd8\xff proof")
    page.get_by_role("link", name="附件").click()
    form = page.locator("#main form.form")
    fill(form, kind="办理的凭据")
    form.locator("[name=file]").set_input_files(file)
    form.get_by_role("button", name="存下").click()
    page.get_by_role("status").get_by_text("附件存好了").wait_for()


def track(page: Page, number: str, code: str) -> None:
    page.goto("/track/")
    for name, text in {"number": number, "code": code, "digits": PHONE[-4:]}.items():
        page.locator(f"[name={name}]").fill(text)
    page.locator("#main .actions button").click()
