"""Reading and working on cases by HTTP: what a token sees, what a command answers, and what is refused with what."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from huying.cases.models import Case, Refusal
from huying.cases.refusals import REFUSALS
from huying.people.models import Unit
from huying.people.tokens import revoke_token
from huying.rules.access import Role
from huying.rules.commands import VERBS
from huying.rules.vocabulary import RefusalCode
from tests.api.asking import Clock, Program, program
from tests.builders import at, held_by, post, unit, user
from tests.cases.test_calendars import loaded, new_year_case
from tests.cases.test_store import at_most

SPOKEN = {"method": "phone", "handler": "何砚", "handler_phone": "0500-555 2207", "text": "已说明处理步骤和时间"}
REPORT = {"outcome": "done", "text": "已修好，请诉求人看过。", "basis": "办理规程第三条"}
NOBODY = Program(None)


def walk(office: Program, holder: Program, number: str, clock: Clock) -> None:
    """Take a case as far as verified (worked example S01)."""
    for moment, who, verb, given in (
        ((3, 10, 15), office, "assign", {"unit": "housing"}),
        ((3, 11, 9), holder, "acknowledge", {"handler": "何砚", "handler_phone": "0500-555 2207"}),
        ((3, 12, 10), holder, "record_contact", SPOKEN),
        ((3, 16, 16), holder, "report", REPORT),
        ((3, 16, 17), office, "verify", {}),
    ):
        clock.set(*moment)
        answer = who.do(number, verb, **given)
        assert answer.status == 200, answer.json


# -- who ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("post", "/contacts"),
        ("get", "/cases"),
        ("get", "/cases/HY-2026-000001"),
        ("post", "/cases/HY-2026-000001/commands"),
        ("get", "/contacts"),
        ("post", "/contacts/7/commands"),
        ("get", "/totals"),
        ("get", "/nowhere"),
        ("get", "/"),
    ],
)
@pytest.mark.parametrize("secret", [None, "", "hy_wrong", "hy_错"])
def test_a_stranger_learns_nothing_of_any_address(
    office: Program, number: str, method: str, path: str, secret: str | None
) -> None:
    stranger = Program(secret)
    path = path.replace("HY-2026-000001", number)
    headers = {"Authorization": f"Bearer {secret}"} if secret is not None else {}

    response = getattr(stranger.client, method)(f"/api/v1{path}", headers=headers)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert set(response.json()) == {"code", "field", "clause", "message"}
    assert response.json()["code"] == "no_token"


def test_a_revoked_token_is_none(office: Program, clock: Clock) -> None:
    one = program(Role.OFFICE, name="ended")
    assert one.get("/totals").status == 200

    revoke_token("ended", clock.now)

    assert one.get("/totals").status == 401


def test_an_officials_session_opens_nothing(office: Program, client: Client, number: str) -> None:
    """Only a token counts, so no page of somebody else can act by an official's cookie."""
    client.force_login(user())
    assert client.get(f"/desk/cases/{number}/").status_code == 200

    assert client.get(f"/api/v1/cases/{number}").status_code == 401
    answer = client.post(f"/api/v1/cases/{number}/commands", {"do": "verify"}, content_type="application/json")
    assert answer.status_code == 401


def test_a_token_needs_no_csrf_token(office: Program, number: str) -> None:
    strict = Program(office.secret, Client(enforce_csrf_checks=True))

    assert strict.do(number, "answer", text="x").status == 409


@pytest.mark.parametrize("role", [Role.ADMIN, Role.DISCIPLINE])
def test_a_role_that_sees_no_case_finds_none(office: Program, number: str, role: Role) -> None:
    one = program(role)

    assert one.get("/cases?show=all").json == {"cases": [], "newer": None, "older": None}
    assert one.get(f"/cases/{number}").status == 404
    assert one.do(number, "verify").status == 404
    assert one.get("/totals").json["cases"] == 0
    assert one.get("/totals").json["contacts_raw"] == 0


def test_a_unit_sees_what_it_holds_and_what_units_below_it_hold(
    office: Program, housing: Unit, holder: Program, number: str, clock: Clock
) -> None:
    heating = program(Role.UNIT, unit=unit("heating", "housing"))
    water = program(Role.UNIT, unit=unit("water"))
    assert holder.get(f"/cases/{number}").status == 404

    clock.set(3, 10, 15)
    office.do(number, "assign", unit="heating")

    assert [one.get(f"/cases/{number}").status for one in (heating, holder, water)] == [200, 200, 404]
    assert [len(one.get("/cases").json["cases"]) for one in (heating, holder, water)] == [1, 1, 0]


def test_a_posts_token_sees_what_came_in_for_it_and_acts_as_its_holder_of_that_day(office: Program) -> None:
    mayor = post("mayor")
    held_by(mayor)
    leader, liaison = program(Role.LEADER, post=mayor), program(Role.LIAISON, post=mayor)
    number = office.contact(to="mayor", kind="consultation").json["case"]
    case = Case.objects.get()

    assert leader.get(f"/cases/{number}").status == 200
    case.parties.create(party=f"person:{mayor.tenures.get().person_id}", allow=False)

    assert [one.get(f"/cases/{number}").status for one in (leader, liaison, office)] == [404, 404, 200]


def test_what_a_calendar_moved_is_told_term_by_term(office: Program, clock: Clock) -> None:
    case = new_year_case()
    loaded()
    clock.set(12, 29, 17)

    *_, recounted = office.get(f"/cases/{case.number}").json["events"]

    assert (recounted["event"], recounted["word"], recounted["texts"]) == ("recounted", None, {})
    assert recounted["moved"] == [
        {"step": "resolve", "before": "2027-01-05T16:00:00Z", "after": "2027-01-04T16:00:00Z"}
    ]


def test_an_unknown_number_and_one_that_may_not_be_seen_get_the_same_answer(
    office: Program, holder: Program, number: str
) -> None:
    for path in ("/cases/{}", "/cases/{}/commands"):
        asked = holder.get if path.endswith("}") else lambda p: holder.post(p, {"do": "verify"})
        real, invented = asked(path.format(number)), asked(path.format("HY-2026-999999"))
        assert (real.status, real.json) == (invented.status, invented.json)
        assert (real.status, real.json["code"]) == (404, "not_found")


@pytest.mark.parametrize("number", ["a%00b", "%F0%9F", "9" * 4000, "%2e%2e", "长"])
def test_a_number_that_nobody_could_have_is_not_found(office: Program, number: str) -> None:
    assert office.get(f"/cases/{number}").status == 404
    assert office.do(number, "verify").status == 404


# -- reading --------------------------------------------------------------------------------------------------------


def test_a_case_tells_what_its_page_tells(office: Program, holder: Program, number: str, clock: Clock) -> None:
    walk(office, holder, number, clock)

    told = office.get(f"/cases/{number}").json

    assert (told["number"], told["stage"], told["cycle"], told["level"]) == (number, "verified", 1, 1)
    assert told["unit"] == {"code": "housing", "name": "housing"}
    assert told["requester"] == {"name": None, "phone": "139****0001", "reference": None}
    assert (told["handler"], told["handler_phone"], told["outcome"]) == ("何砚", "0500-555 2207", "done")
    assert told["rulebook"]["id"] == "bozhou"
    assert [one["event"] for one in told["events"]] == [
        "registered",
        "assigned",
        "acknowledged",
        "contacted",
        "reported",
        "verified",
    ]
    contacted, reported = told["events"][3:5]
    assert (contacted["word"], contacted["texts"]["text"]) == ("phone", SPOKEN["text"])
    assert (reported["word"], reported["texts"]["basis"]) == ("done", REPORT["basis"])
    clocks = {one["step"]: one for one in told["clocks"]}
    assert clocks["contact"]["on_time"] is True
    assert clocks["callback"]["on_time"] is None
    assert "月" in clocks["contact"]["why"]


def test_no_answer_has_an_internal_name_or_a_secret(
    office: Program, holder: Program, number: str, clock: Clock
) -> None:
    walk(office, holder, number, clock)
    code = office.contact("again").json["code"]
    office.do(number, "assign", unit="housing")

    said = json.dumps([office.get(f"/cases/{number}").json, office.get("/cases?show=all").json])

    for secret in ("token:", "13900000001", code, "requester_id", "key"):
        assert secret not in said


def test_a_list_is_read_page_by_page(office: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.queries.PAGE", 2)
    numbers = [office.contact(text=f"第 {n} 件").json["case"] for n in range(5)]

    page = office.get("/cases?show=open").json
    seen = [one["number"] for one in page["cases"]]
    while page["older"]:
        page = office.get(f"/cases?show=open&from={page['older']}").json
        seen += [one["number"] for one in page["cases"]]

    assert seen == numbers
    newer = office.get(f"/cases?from={page['newer']}").json
    assert [one["number"] for one in newer["cases"]] == numbers[2:4]


@pytest.mark.parametrize("show", ["open", "overdue", "closed", "all"])
def test_a_list_takes_at_most_six_statements_and_is_filtered(office: Program, number: str, show: str) -> None:
    with at_most(6):
        page = office.get(f"/cases?show={show}").json
    assert len(page["cases"]) == (show in ("open", "all"))


@pytest.mark.parametrize(
    ("query", "field"),
    [("show=mine", "show"), ("from=x", "from"), ("from=f.1.0", "from"), (f"from=f.{'9' * 40}.1", "from"),
     ("from=f.1.1.1", "from"), ("from=f.%00.1", "from")],
)  # fmt: skip
def test_a_parameter_that_means_nothing_is_named(office: Program, query: str, field: str) -> None:
    answer = office.get(f"/cases?{query}")

    assert (answer.status, answer.json["code"], answer.json["field"]) == (400, "bad_parameter", field)


def test_one_case_takes_at_most_twelve_statements(
    office: Program, holder: Program, number: str, clock: Clock
) -> None:
    walk(office, holder, number, clock)
    leader = program(Role.LEADER, post=post("mayor"))
    for one in (office, holder, leader):
        with at_most(12):
            one.get(f"/cases/{number}")


def test_totals_count_as_stories_do(office: Program, holder: Program, number: str, clock: Clock) -> None:
    office.contact(kind="verification")
    other = office.contact(text="路灯不亮").json["case"]
    clock.set(3, 10, 10)
    office.do(office.contact(kind="consultation").json["case"], "answer", text="可以")
    walk(office, holder, number, clock)
    clock.set(3, 17, 10)
    office.do(number, "record_verdict", verdict="satisfied")

    assert office.get(f"/cases/{other}").status == 200
    assert office.get("/totals").json == {
        "contacts_raw": 4,
        "contacts": 4,
        "cases": 3,
        "open": 1,
        "closed": 2,
        "satisfied": 1,
        "understanding": 0,
        "unsatisfied": 0,
        "not_counted": 0,
    }
    assert holder.get("/totals").json["contacts_raw"] == 1


# -- acting ---------------------------------------------------------------------------------------------------------


def test_a_command_answers_with_the_case_as_it_left_it(office: Program, number: str, housing: Unit) -> None:
    answer = office.do(number, "assign", unit="housing")

    assert answer.status == 200
    assert (answer.json["number"], answer.json["stage"], answer.json["level"]) == (number, "assigned", 1)
    assert answer.json["unit"] == {"code": "housing", "name": "housing"}
    told = office.get(f"/cases/{number}").json
    assert [told[key] for key in ("stage", "cycle", "flags", "actions")] == [
        answer.json[key] for key in ("stage", "cycle", "flags", "actions")
    ]
    assert sorted(told["clocks"], key=str) == sorted(answer.json["clocks"], key=str)


def test_a_whole_way_through_the_loop_and_around_again(
    office: Program, holder: Program, number: str, clock: Clock
) -> None:
    walk(office, holder, number, clock)
    clock.set(3, 17, 10)

    again = office.do(number, "record_verdict", verdict="unsatisfied", reason="还在漏")

    assert (again.json["stage"], again.json["cycle"], again.json["verdict"]) == ("assigned", 2, "unsatisfied")
    assert again.json["unit"]["code"] == "housing"


def test_no_command_takes_more_than_twelve_statements(
    office: Program, holder: Program, number: str, clock: Clock
) -> None:
    leader = program(Role.LEADER, post=post("mayor"))
    consultation = office.contact(to="mayor", kind="consultation").json["case"]
    with at_most(12):
        leader.do(consultation, "answer", text="可以办理")
    with at_most(12):
        office.do(number, "assign", unit="housing")
    for one, verb, given in (
        (holder, "acknowledge", {"handler": "何砚", "handler_phone": "0500-555 2207"}),
        (holder, "record_contact", SPOKEN),
        (holder, "report", REPORT),
        (office, "reject_report", {"reason": "没有说清楚"}),
        (holder, "report", REPORT),
        (office, "verify", {}),
        (office, "callback_attempt", {"result": "no_answer"}),
        (office, "record_verdict", {"verdict": "unsatisfied"}),
        (office, "verify", {}),
    ):
        with at_most(12):
            one.do(number, verb, **given)


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "field_required", "do"),
        ({"do": None}, "field_required", "do"),
        ({"do": "dance"}, "field_invalid", "do"),
        ({"do": ["assign"]}, "field_invalid", "do"),
        ({"do": "term_passed"}, "field_invalid", "do"),
        ({"do": "assign"}, "field_required", "unit"),
        ({"do": "assign", "unit": None}, "field_required", "unit"),
        ({"do": "assign", "unit": "nowhere"}, "field_invalid", "unit"),
        ({"do": "assign", "unit": "closed"}, "field_invalid", "unit"),
        ({"do": "assign", "unit": 1}, "field_invalid", "unit"),
        ({"do": "assign", "unit": {"code": "housing"}}, "field_invalid", "unit"),
        ({"do": "assign", "unit": "a\0"}, "field_invalid", "unit"),
        ({"do": "assign", "unit": "housing", "reason": 5}, "field_invalid", "reason"),
        ({"do": "assign", "unit": "housing", "reason": "\ud83d"}, "field_invalid", "reason"),
        ({"do": "assign", "unit": "housing", "reason": "长" * 10_000_000}, "field_invalid", "reason"),
        ({"do": "assign", "unit": "housing", "at": "2026-03-10T09:15:00Z"}, "field_invalid", "at"),
        ({"do": "assign", "unit": "housing", "张三": 1}, "field_invalid", "body"),
        ({"do": "verify"}, "wrong_state", None),
        ({"do": "verify", "colour": 1}, "wrong_state", None),
        ({"do": "report", "text": 5}, "forbidden", None),
        ({"do": "answer", "text": 5}, "not_a_consultation", None),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused_in_the_order_who_state_case_fields(
    office: Program, number: str, housing: Unit, body: dict[str, Any], code: str, field: str | None
) -> None:
    closed = unit("closed")
    Unit.objects.filter(id=closed.id).update(abolished_on=at(3, 1).date())

    answer = office.post(f"/cases/{number}/commands", body)

    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, code, field)
    assert Case.objects.get().stage == "received"


def test_a_field_that_cannot_be_read_comes_before_every_other_field(
    office: Program, holder: Program, number: str
) -> None:
    office.do(number, "assign", unit="housing")

    refused = holder.do(number, "record_contact", method="phone", handler=7)

    assert (refused.json["code"], refused.json["field"]) == ("field_invalid", "handler")


def test_a_refusal_names_the_clause_and_says_what_to_do_in_the_readers_language(
    office: Program, holder: Program, number: str
) -> None:
    office.do(number, "assign", unit="housing")
    path = f"/cases/{number}/commands"

    chinese = holder.post(path, {"do": "report", **REPORT}).json
    english = holder.post(path, {"do": "report", **REPORT}, language="en").json

    assert (chinese["code"], chinese["clause"]) == ("contact_required", "step.contact")
    assert chinese["message"] == "至少要有一次有效联系。请先联系诉求人并记下来。"
    assert english["message"].startswith("There has to be one valid contact")


def test_what_a_liaisons_program_did_is_marked_as_a_liaisons(office: Program) -> None:
    mayor = post("mayor")
    liaison = program(Role.LIAISON, post=mayor, name="市长信箱")
    number = liaison.contact(kind="consultation", to="mayor").json["case"]

    assert liaison.do(number, "answer", text="周一到周五都办").status == 200

    events = office.get(f"/cases/{number}").json["events"]
    assert {(one["by"], one["by_liaison"]) for one in events} == {("市长信箱", True)}


def test_a_refusal_leaves_its_row_and_nothing_else(office: Program, number: str) -> None:
    before = Case.objects.values().get()

    office.do(number, "verify")
    office.do("HY-2026-999999", "verify")

    assert Case.objects.values().get() == before
    assert list(Refusal.objects.order_by("id").values_list("verb", "code", "case__number")) == [
        ("verify", "wrong_state", number),
        ("verify", "not_found", None),
    ]


def test_who_may_not_see_a_case_learns_nothing_by_a_verb_that_does_not_exist(holder: Program, number: str) -> None:
    assert holder.do(number, "dance").status == 404


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7"])
def test_a_command_that_is_no_json_object_is_unreadable(office: Program, number: str, body: bytes) -> None:
    answer = office.post(f"/cases/{number}/commands", body)

    assert (answer.status, answer.json["code"]) == (400, "unreadable")


def test_every_refusal_code_has_a_sentence_in_both_languages(office: Program) -> None:
    assert set(REFUSALS) == set(RefusalCode)
    with override("en"):
        assert [code for code, text in REFUSALS.items() if re.search("[\u4e00-\u9fff]", str(text))] == []


# -- the description ------------------------------------------------------------------------------------------------


def test_the_description_is_open_and_names_every_verb(office: Program) -> None:
    told = NOBODY.get("/openapi.json")

    assert told.status == 200
    body = told.json["paths"]["/api/v1/cases/{number}/commands"]["post"]["requestBody"]
    verbs = body["content"]["application/json"]["schema"]["oneOf"]
    sorting = told.json["paths"]["/api/v1/contacts/{contact}/commands"]["post"]["requestBody"]
    named = [one["properties"]["do"]["const"] for one in verbs]
    named += [one["properties"]["do"]["const"] for one in sorting["content"]["application/json"]["schema"]["oneOf"]]
    assert set(named) == set(VERBS)
    header = told.json["paths"]["/api/v1/contacts"]["post"]["parameters"][0]
    assert (header["name"], header["required"]) == ("Idempotency-Key", True)


def test_another_method_is_told_as_a_problem(office: Program) -> None:
    response = office.client.delete("/api/v1/cases", headers={"Authorization": f"Bearer {office.secret}"})

    assert (response.status_code, response.headers["Allow"]) == (405, "GET")
    assert response.json()["code"] == "wrong_http_method"


def test_another_address_is_told_as_a_problem(office: Program) -> None:
    assert office.get("/nowhere").json["code"] == office.get("/").json["code"] == "no_such_address"
