"""The fields of all verbs by HTTP: what they name, of which type they are, and how a case tells them."""

from typing import Any

import pytest

from huying.cases.models import Case
from huying.people.models import Unit
from huying.rules.access import Role
from huying.rules.commands import VERBS
from tests.api.asking import Clock, Program, program
from tests.builders import post, unit
from tests.cases.test_store import at_most


def done(one: Program, number: str, verb: str, **given: Any) -> dict[str, Any]:
    answer = one.do(number, verb, **given)
    assert answer.status == 200, answer.json
    told: dict[str, Any] = answer.json
    return told


def told_of(one: Program, number: str, event: str) -> dict[str, Any]:
    """Return the latest event of a kind that somebody is told of a case."""
    *_, latest = [line for line in one.get(f"/cases/{number}").json["events"] if line["event"] == event]
    return dict(latest)


# -- names ----------------------------------------------------------------------------------------------------------


def test_units_are_named_by_their_codes_wherever_a_field_names_one(
    office: Program, holder: Program, held: str
) -> None:
    unit("water")
    done(holder, held, "request_return", reason="不归我们管", suggested_unit="water")

    assert told_of(office, held, "return_requested")["facts"] == {"suggested_unit": "water"}
    done(office, held, "refuse_return", designate=True)
    assert done(office, held, "group", topic="供暖", lead="water")["unit"] == {"code": "water", "name": "water"}


def test_a_post_is_named_by_its_code(office: Program, held: str, clock: Clock) -> None:
    post("mayor")
    leader = program(Role.LEADER, post=post("mayor"))
    mayors = office.contact(to="mayor").json["case"]
    due = "2026-03-12T18:00:00+08:00"

    done(leader, mayors, "instruct", text="请抓紧", post="mayor", unit="housing", due=due)

    facts = told_of(office, mayors, "instructed")["facts"]
    assert facts == {"post": "mayor", "unit": "housing", "due": "2026-03-12T10:00:00Z"}


def test_cases_are_named_by_their_numbers(office: Program, number: str) -> None:
    older, younger = number, office.contact().json["case"]

    done(office, younger, "merge", into=older)

    assert told_of(office, younger, "merged")["facts"] == {"into": older}
    assert told_of(office, older, "took_over")["facts"] == {"case": younger, "contacts": 1}
    assert office.get(f"/cases/{older}").json["contacts"] == 2


def test_several_cases_may_share_an_interview(office: Program, number: str) -> None:
    supervisor, other = program(Role.SUPERVISOR), office.contact().json["case"]
    asked = {"person": "分管副市长", "time": "2026-03-20T09:00:00+08:00", "cases": [other]}

    done(supervisor, number, "schedule_interview", **asked)

    assert told_of(office, number, "interview_scheduled")["facts"]["cases"] == [other]
    assert office.get(f"/cases/{other}").json["flags"] == ["interview_proposed"]


@pytest.mark.parametrize(
    ("who", "verb", "given", "field"),
    [
        ("office", "assign", {"unit": 1}, "unit"),
        ("office", "assign", {"unit": "nowhere"}, "unit"),
        ("office", "assign", {"unit": "a\0"}, "unit"),
        ("office", "assign", {"unit": ["housing"]}, "unit"),
        ("office", "group", {"topic": "供暖", "lead": "nowhere"}, "lead"),
        ("leader", "instruct", {"text": "请抓紧", "post": "nobody"}, "post"),
        ("office", "merge", {"into": "HY-2026-999999"}, "into"),
        ("office", "merge", {"into": 7}, "into"),
        ("office", "merge", {"into": ["HY-2026-000002"]}, "into"),
        ("supervisor", "schedule_interview", {"cases": ["HY-2026-999999"]}, "cases"),
        ("supervisor", "schedule_interview", {"cases": "HY-2026-000001"}, "cases"),
        ("supervisor", "schedule_interview", {"cases": [7]}, "cases"),
        ("supervisor", "schedule_interview", {"time": "2026-03-20T09:00:00"}, "time"),
        ("supervisor", "schedule_interview", {"time": "2026-03-20"}, "time"),
        ("supervisor", "schedule_interview", {"time": 1773105300}, "time"),
        ("office", "classify", {"complexity": "knotty", "category": "供暖"}, "complexity"),
        ("office", "classify", {"category": "长" * 25}, "category"),
        ("office", "correct", {"field": "name", "value": 5, "reason": "听错了"}, "value"),
        ("office", "summarise", {"title": {}}, "title"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(
    office: Program, housing: Unit, who: str, verb: str, given: dict[str, Any], field: str
) -> None:
    one = {
        "office": office,
        "supervisor": program(Role.SUPERVISOR),
        "leader": program(Role.LEADER, post=post("mayor")),
    }[who]
    number = office.contact(to="mayor").json["case"]
    filled = {"person": "分管副市长", "time": "2026-03-20T09:00:00+08:00"} if verb == "schedule_interview" else {}

    answer = one.do(number, verb, **(filled | given))

    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, "field_invalid", field)


@pytest.mark.parametrize(
    ("verb", "given", "field"),
    [
        ("complete_info", {"fields": "name"}, "fields"),
        ("complete_info", {"fields": {"name": 5}}, "fields"),
        ("decide_claim", {"accepted": True, "reason": "属实", "approved_by": "李四"}, "approved_by"),
        ("decide_claim", {"accepted": "yes", "reason": "属实"}, "accepted"),
    ],
)
def test_a_table_and_a_flag_are_what_they_are(
    office: Program, holder: Program, held: str, verb: str, given: dict[str, Any], field: str
) -> None:
    if verb == "complete_info":
        number = office.contact(**{"from": None}).json["case"]
    else:
        spoken = {"method": "phone", "handler": "何砚", "handler_phone": "0500-555 2207", "text": "已联系"}
        done(holder, held, "record_contact", **spoken)
        assert holder.post(f"/cases/{held}/files?kind=proof_of_handling&name=a.jpg", b"proof").status == 201
        done(holder, held, "report", text="不属实", outcome="done", basis="规程", claim="untrue")
        number = held

    answer = office.do(number, verb, **given)

    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, "field_invalid", field)


def test_a_case_that_may_not_be_seen_cannot_be_named(office: Program, number: str) -> None:
    secret = program(Role.DISCIPLINE).contact(confidential=True).json["case"]

    hidden, invented = (office.do(number, "merge", into=name) for name in (secret, "HYJ-2026-999999"))

    assert (hidden.status, hidden.json) == (invented.status, invented.json)
    assert hidden.json["field"] == "into"


def test_no_command_takes_more_than_twelve_statements(office: Program, holder: Program, held: str) -> None:
    supervisor, other = program(Role.SUPERVISOR), office.contact().json["case"]
    for one, number, verb, given in (
        (office, held, "classify", {"category": "供暖"}),
        (office, held, "mark_urgent", {"urgency": "urgent", "legitimate_by": "李四"}),
        (office, held, "summarise", {"title": "供暖漏水"}),
        (office, held, "reissue_code", {"reason": "回执丢了"}),
        (office, held, "join_unit", {"unit": unit("water").code}),
        (
            holder,
            held,
            "request_extension",
            {"term": "1 working_day", "reason": "要等配件", "citizen_informed": True},
        ),
        (office, other, "merge", {"into": held}),
        (office, other, "unmerge", {}),
        (supervisor, held, "fault", {"code": "slow_action", "evidence": "九天没有联系"}),
        (holder, held, "statement", {"text": "配件已订"}),
    ):
        with at_most(12):
            answer = one.do(number, verb, **given)
        assert answer.status == 200, (verb, answer.json)


# -- what a case tells ----------------------------------------------------------------------------------------------


def test_a_case_tells_how_it_stands(office: Program, holder: Program, held: str, clock: Clock) -> None:
    unit("water")
    done(office, held, "classify", category="供暖", complexity="complex")
    done(office, held, "join_unit", unit="water")
    spoken = {"method": "phone", "handler": "何砚", "handler_phone": "0500-555 2207", "text": "已说明处理步骤和时间"}
    done(holder, held, "record_contact", **spoken)
    clock.set(3, 11, 9)
    told = done(office, held, "suspend", reason="season", until="2026-03-20T00:00:00+08:00")

    assert (told["stage"], told["suspended_until"]) == ("suspended", "2026-03-19T16:00:00Z")
    clock.set(3, 12, 9)
    done(office, held, "resume")
    told = office.get(f"/cases/{held}").json

    assert (told["category"], told["complexity"], told["urgency"]) == ("供暖", "complex", "normal")
    assert (told["co_units"], told["designated"], told["claim"]) == (
        [{"code": "water", "name": "water"}],
        False,
        None,
    )
    assert told["suspended_until"] is None
    assert told["total"] == {"started": "2026-03-10T01:15:00Z", "done": None}
    [resolve] = [one for one in told["clocks"] if one["step"] == "resolve"]
    assert resolve["pauses"] == [{"since": "2026-03-11T01:00:00Z", "until": "2026-03-12T01:00:00Z"}]
    assert resolve["extensions"] == []
    assert "暂停" in resolve["why"] or "停" in resolve["why"]


def test_what_is_missing_is_named_until_it_is_told(office: Program) -> None:
    told = office.contact(**{"from": None}).json

    case = office.get(f"/cases/{told['case']}").json
    assert (case["stage"], case["missing"]) == ("pending_info", ["contact_phone"])
    answer = done(office, told["case"], "complete_info", fields={"contact_phone": "13900000001"})
    assert (answer["stage"], answer["missing"]) == ("received", [])
    assert "13900000001" not in str(office.get(f"/cases/{told['case']}").json)


def test_an_extension_stands_with_its_term(office: Program, holder: Program, held: str) -> None:
    asked = {"term": "1 calendar_day", "reason": "要等配件", "citizen_informed": True}
    done(holder, held, "request_extension", **asked)
    told = done(office, held, "approve_extension")

    [resolve] = [one for one in told["clocks"] if one["step"] == "resolve"]
    assert resolve["extensions"] == ["1 calendar_day"]


# -- who ------------------------------------------------------------------------------------------------------------


def test_whom_a_case_is_about_is_told_to_those_above_the_units(office: Program, holder: Program) -> None:
    unit("water")
    number = office.contact(kind="complaint", respondent="water").json["case"]
    done(office, number, "assign", unit="housing")
    water = program(Role.UNIT, unit=unit("water"))

    assert office.get(f"/cases/{number}").json["respondent"] == {"code": "water", "name": "water"}
    assert program(Role.SUPERVISOR).get(f"/cases/{number}").json["respondent"]["code"] == "water"
    assert holder.get(f"/cases/{number}").json["respondent"] is None
    assert water.get(f"/cases/{number}").status == 404
    assert water.do(number, "note", text="x").status == 404
    assert water.get("/cases?show=all").json["cases"] == []


def test_the_unit_complained_about_never_gets_the_case(office: Program) -> None:
    unit("water")
    number = office.contact(kind="complaint", respondent="water").json["case"]

    answer = office.do(number, "assign", unit="water")

    assert (answer.json["code"], answer.json["field"]) == ("unit_is_respondent", "unit")


def test_a_complaint_about_the_handling_is_read_above_the_units(office: Program, holder: Program) -> None:
    told = office.contact().json
    done(office, told["case"], "assign", unit="housing")
    said = {"code": told["code"], "last_digits": "0001", "text": "打了三次没人接"}
    done(office, told["case"], "complain_handling", **said)

    for one, reads in ((program(Role.SUPERVISOR), True), (office, True), (holder, False)):
        event = told_of(one, told["case"], "handling_complained")
        assert event["texts"] == ({"text": said["text"]} if reads else {})


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_a_unit_that_does_not_see_a_case_finds_none_whatever_it_wants(
    office: Program, number: str, verb: str
) -> None:
    water = program(Role.UNIT, unit=unit("water"))

    answer = water.do(number, verb)

    assert (answer.status, answer.json["code"]) == (404, "not_found")
    assert Case.objects.get().stage == "received"


def test_a_case_with_everything_takes_at_most_twelve_statements(office: Program, holder: Program, held: str) -> None:
    unit("water")
    done(office, held, "join_unit", unit="water")
    done(office, office.contact().json["case"], "merge", into=held)
    done(holder, held, "note", text="配件已订")
    for one in (office, holder):
        with at_most(12):
            assert one.get(f"/cases/{held}").status == 200
