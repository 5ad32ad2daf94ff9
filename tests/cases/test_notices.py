"""Notices: every event is decided about, in both languages, and nobody reads what isn't for them."""

import ast
from collections.abc import Iterator
from string import Formatter

import pytest

from huying.cases.blanks import BLANKS, FREE
from huying.cases.intake import Received, register
from huying.cases.models import Case, Message
from huying.cases.notices import NOTICES
from huying.cases.outbox import notices_for
from huying.cases.queries import visible_to
from huying.cases.wording import Audience, Wording
from huying.rules.access import Actor, Role
from huying.rules.commands import (
    Assign,
    Command,
    ComplainHandling,
    CompleteInfo,
    ConfirmFault,
    Decline,
    HandToDiscipline,
    HoldInterview,
    ProposeFault,
    RecordVerdict,
    Rectified,
    Refer,
    ScheduleInterview,
    StateFault,
    Withdraw,
)
from huying.rules.escalation import TELLING
from huying.rules.stages import STAGE_AFTER
from huying.vault.seals import keys_of, unseal
from tests.builders import (
    HANDLER_PHONE,
    PHONE,
    at,
    case_of,
    clerk,
    do,
    holder,
    intake,
    into,
    post,
    received,
    unit,
    verified_case,
)
from tests.repo.files import CODE

in_one_transaction = pytest.mark.django_db
DECIDING = ("sorting", "assigning", "handling", "closing", "supervising")
PLACE_OF_EVENTS = {"changed": 1, "noted": 0, "Decision": 1}
# What door 1 records or says by itself.
OF_THE_DOOR = {"registered", "registered_incomplete", "contact_received", "auto_replied"}
OF_RUNGS = {"escalated", *TELLING.values()}
SUPERVISOR = Actor("user:7", Role.SUPERVISOR)
DISCIPLINE = Actor("user:8", Role.DISCIPLINE)


def said(audience: Audience, language: str = "zh", **about: object) -> list[str]:
    """Return what was said to an audience, without the number of the case."""
    field = "text" if language == "zh" else "text_en"
    messages = Message.objects.filter(audience=audience, **about).exclude(case=None).order_by("id")
    keys = keys_of(message.case_id or 0 for message in messages)
    return [unseal(message, keys[message.case_id or 0], field) or "" for message in messages]


# -- who comes again -------------------------------------------------------------------------------------------------

ENDED = [
    (Decline("不归政府管", "向法院起诉"), "不予受理：不归政府管。您可以：向法院起诉。"),
    (Refer("法院"), "已转有权机关：法院。请按法定途径反映。"),
    (Withdraw("已经好了"), "已按您的意思撤回。"),
]


@in_one_transaction
@pytest.mark.parametrize(("end", "result"), ENDED)
def test_whoever_comes_again_is_told_what_became_of_the_matter(end: Command, result: str) -> None:
    case = received()
    do(case, end, at(3, 10, 10), Actor.system())

    again = register(intake("怎么样了", joins=case.number), at(3, 11, 10), into(at(3, 11, 10)))

    assert isinstance(again, Received)
    assert said(Audience.CITIZEN, event="result_told") == [f"{case.number} 的办理结果：{result}"]


# -- the table -------------------------------------------------------------------------------------------------------


def decided_events() -> Iterator[str]:
    """Yield the events in the effects of the rules."""
    for name in DECIDING:
        for call in ast.walk(ast.parse((CODE / "rules" / f"{name}.py").read_text("utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in PLACE_OF_EVENTS:
                events = call.args[PLACE_OF_EVENTS[call.func.id]]
                yield from (one.value for one in ast.walk(events) if isinstance(one, ast.Constant))  # type: ignore[misc]


EVENTS = frozenset(decided_events())


def test_every_event_is_decided_about_and_no_other() -> None:
    assert len(EVENTS) > 60
    assert set(NOTICES) == EVENTS | OF_THE_DOOR | OF_RUNGS
    assert set(STAGE_AFTER) <= set(NOTICES)


def blanks(wording: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


ALL = [(event, notice) for event, notices in NOTICES.items() for notice in notices]


@pytest.mark.parametrize(("event", "notice"), ALL, ids=[f"{event}-{one.audience}" for event, one in ALL])
def test_a_notice_says_the_same_in_both_languages_and_staff_read_nothing_that_somebody_wrote(
    event: str, notice: Wording
) -> None:
    assert notice.zh != notice.en
    assert "number" in blanks(notice.zh)
    assert blanks(notice.zh) == blanks(notice.en) <= set(BLANKS)
    assert notice.audience is Audience.CITIZEN or blanks(notice.zh).isdisjoint(FREE)
    assert notice.audience is Audience.CITIZEN or not notice.must_reach


# -- who reads what --------------------------------------------------------------------------------------------------


@in_one_transaction
def test_no_notice_holds_personal_data_or_what_was_written_about_the_matter() -> None:
    case = verified_case(unit())
    do(case, ComplainHandling("来人态度不好"), at(3, 17, 9), Actor.citizen(case.case_id))
    do(case, RecordVerdict("unsatisfied", "没有修好"), at(3, 18, 10), clerk())

    everything = [text for audience in Audience for tongue in ("zh", "en") for text in said(audience, tongue)]
    assert len(everything) > 10
    secrets = (PHONE, HANDLER_PHONE, "何砚", "供暖", "已修好", "态度", "没有修好", "办理规程")
    assert [text for text in everything for secret in secrets if secret in text] == []


@in_one_transaction
def test_the_leader_called_reads_of_assignment_verdict_and_end_and_another_of_nothing() -> None:
    mayor, housing = post("mayor"), unit()
    case = received(post=mayor.id)
    other = verified_case(housing)
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    do(other, RecordVerdict("satisfied"), at(3, 18, 10), clerk())

    assert said(Audience.LEADER) == [f"{case.number} 已经交办。"]
    assert said(Audience.LEADER, "en") == [f"{case.number} was assigned."]
    assert Message.objects.get(audience=Audience.LEADER).post == mayor


@in_one_transaction
def test_whose_life_is_at_stake_is_told_to_dial_at_once_and_of_another_body_its_name() -> None:
    fire, wages = received(), received()
    do(fire, Refer("119"), at(3, 10, 10), clerk())
    do(wages, Refer("劳动监察大队"), at(3, 10, 10), clerk())

    assert said(Audience.CITIZEN, event="referred") == [
        f"情况紧急，请立即拨打 119。{fire.number} 已经转交 119。",
        f"{wages.number} 已转有权机关：劳动监察大队。请按法定途径反映。",
    ]
    assert said(Audience.CITIZEN, "en", event="referred")[0].startswith("This is an emergency: dial 119 now.")


@in_one_transaction
def test_what_is_missing_is_named_and_named_again_until_it_is_told() -> None:
    case = received(rulebook_id="henan-xinfang", channel="sms")
    fields = {"name": "张三", "id_number": "11010519491231002X"}
    do(case, CompleteInfo(fields), at(3, 11, 9), Actor.citizen(case.case_id))

    first, second = said(Audience.CITIZEN)
    assert "身份证号" in first
    assert "家庭住址" in second
    assert "身份证号" not in second
    assert "your home address" in said(Audience.CITIZEN, "en")[1]


@in_one_transaction
def test_who_is_declined_reads_why_and_what_to_do_and_the_braces_of_a_reason_are_only_braces() -> None:
    case = received()
    do(case, Decline("属于{code}诉讼", "向法院起诉"), at(3, 10, 10), clerk())

    assert said(Audience.CITIZEN, event="declined") == [
        f"{case.number} 不予受理：属于{{code}}诉讼。您可以：向法院起诉。"
    ]


@in_one_transaction
def test_a_fault_is_told_to_the_unit_that_it_is_laid_to_and_its_side_to_the_supervisor() -> None:
    housing, water = unit("housing"), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    steps: list[tuple[Command, Actor]] = [
        (ProposeFault("buck_passing", water.id, "两次退回"), SUPERVISOR),
        (StateFault("管网不归我们"), holder(water)),
        (ConfirmFault(), SUPERVISOR),
    ]
    for hour, (command, actor) in enumerate(steps, 16):
        do(case, command, at(3, 10, hour), actor)

    about = Message.objects.filter(event__startswith="fault_").order_by("id").values_list("audience", "unit")
    assert list(about) == [("unit", water.id), ("supervisor", None), ("unit", water.id)]


@in_one_transaction
def test_what_follows_from_a_fault_is_told_to_the_unit_at_fault_and_never_to_the_holder() -> None:
    housing, water = unit("housing"), unit("water")
    case = received()
    do(case, Assign(housing.id), at(3, 10, 15), clerk())
    before = Message.objects.filter(unit=housing.id).count()
    call = ScheduleInterview(water.id, "副市长甲", at(3, 12, 9))
    steps: list[tuple[Command, Actor]] = [
        (ProposeFault("buck_passing", water.id, "两次退回"), SUPERVISOR),
        (StateFault("管网不归我们"), holder(water)),
        (ConfirmFault(), SUPERVISOR),
        (call, SUPERVISOR),
        (HoldInterview("副市长甲", "限期接管", at(3, 20, 18)), SUPERVISOR),
        (Rectified(), SUPERVISOR),
    ]
    for hour, (command, actor) in enumerate(steps, 16):
        do(case, command, at(3, 10, hour), actor)

    told = [message.event for message in notices_for(holder(water)).order_by("id")]
    assert told == [
        "fault_proposed",
        "fault_confirmed",
        "escalated",
        "interview_scheduled",
        "interview_held",
        "rectified",
    ]
    assert Message.objects.filter(unit=housing.id).count() == before


@in_one_transaction
def test_discipline_is_told_of_an_ordinary_case_that_is_handed_to_it_and_sees_that_one() -> None:
    handed, other = received(), received()
    do(handed, HandToDiscipline(), at(3, 10, 10), SUPERVISOR)

    assert [message.case_id for message in notices_for(DISCIPLINE)] == [handed.case_id]
    assert list(visible_to(DISCIPLINE).values_list("number", flat=True)) == [handed.number]
    assert visible_to(clerk()).filter(number__in=[handed.number, other.number]).count() == 2


# -- confidential cases ----------------------------------------------------------------------------------------------


@in_one_transaction
def test_of_a_confidential_case_the_citizen_reads_only_that_it_came_in_and_is_dealt_with() -> None:
    housing = unit()
    case = received(confidential=True, post=post().id)
    do(case, Assign(housing.id), at(3, 10, 15), DISCIPLINE)

    assert [text.replace(case.number or "", "N") for text in said(Audience.CITIZEN)] == [
        "您反映的事已经登记。编号 N，查询码 {查询码}。",
        "N 正在处理。",
    ]
    do(case, HandToDiscipline(), at(3, 11, 9), DISCIPLINE)
    route = "您也可以直接拨打 12388 反映，或者依法申请行政复议、提起诉讼。"
    assert said(Audience.CITIZEN)[-1] == f"{case.number} 已转有权机关。{route}"


@in_one_transaction
def test_discipline_reads_of_a_confidential_case_what_others_would_and_the_leader_called_nothing() -> None:
    case = received(confidential=True, post=post().id)
    do(case, Assign(unit().id), at(3, 10, 15), DISCIPLINE)
    do(case, ComplainHandling("没有人理我"), at(3, 11, 9), Actor.citizen(case.case_id))

    assert Case.objects.get(id=case_of(case).id).confidential
    assert said(Audience.DISCIPLINE) == [f"{case.number} 诉求人投诉办理，请处理。"]
    assert said(Audience.LEADER) == said(Audience.SUPERVISOR) == []
