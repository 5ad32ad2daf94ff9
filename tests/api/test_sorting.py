"""Contacts that wait to be sorted or called back, by HTTP: who sees them, and what becomes of them."""

import pytest

from huying.cases.models import Case, Contact, Refusal
from huying.cases.verification import broken_entries
from huying.rules.access import Role
from tests.api.asking import Clock, Program, program
from tests.builders import post, unit
from tests.cases.test_store import at_most


@pytest.fixture
def contact(office: Program) -> int:
    return int(office.contact(kind="unsorted", text="我是张三，小区暖气不热，电话13900000001").json["contact"])


def sort(one: Program, contact: object, verb: object, **given: object) -> tuple[int, dict[str, object]]:
    answer = one.post(f"/contacts/{contact}/commands", {"do": verb, **given})
    return answer.status, answer.json


def test_those_that_wait_are_listed_the_longest_first_and_masked(office: Program, contact: int, clock: Clock) -> None:
    clock.set(3, 10, 10)
    missed = office.contact(missed=True, text="").json["contact"]

    first, second = office.get("/contacts").json["contacts"]

    assert (first["contact"], first["kind"], first["due_step"]) == (contact, "unsorted", "register")
    assert (second["contact"], second["kind"]) == (missed, "missed")
    assert first["requester"]["phone"] == "139****0001"
    assert "13900000001" not in str(first)


def test_they_are_read_page_by_page(office: Program, contact: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huying.cases.queries.PAGE", 1)
    later = office.contact(kind="unsorted").json["contact"]

    page = office.get("/contacts").json
    older = office.get(f"/contacts?from={page['older']}").json

    assert [one["contact"] for one in page["contacts"]] == [contact]
    assert [one["contact"] for one in older["contacts"]] == [later]
    assert office.get(f"/contacts?from={older['newer']}").json["contacts"] == page["contacts"]
    assert office.get("/contacts?from=nowhere").json["code"] == "bad_parameter"


def test_the_list_takes_at_most_six_statements(office: Program, contact: int) -> None:
    with at_most(6):
        assert len(office.get("/contacts").json["contacts"]) == 1


def test_opening_a_case_takes_as_many_as_an_intake_and_an_act(office: Program, contact: int) -> None:
    with at_most(14 + 12):
        assert sort(office, contact, "open_case", kind="problem")[0] == 200


def test_what_is_no_case_of_anybodys_is_seen_by_the_office_and_whoever_was_called(
    office: Program, contact: int
) -> None:
    mayors = office.contact(kind="unsorted", to=post("mayor").code).json["contact"]
    seen = {
        role: [one["contact"] for one in program(role, **tie).get("/contacts").json["contacts"]]
        for role, tie in (
            (Role.OPERATOR, {}),
            (Role.LEADER, {"post": post("mayor")}),
            (Role.UNIT, {"unit": unit("housing")}),
            (Role.ADMIN, {}),
        )
    }

    assert seen == {Role.OPERATOR: [contact, mayors], Role.LEADER: [mayors], Role.UNIT: [], Role.ADMIN: []}


def test_a_confidential_one_is_seen_by_discipline_and_whoever_took_it(office: Program) -> None:
    taken = office.contact(kind="unsorted", confidential=True).json["contact"]
    operator = program(Role.OPERATOR)

    assert operator.get("/contacts").json["contacts"] == []
    assert sort(operator, taken, "open_case", kind="problem")[0] == 404
    for one in (office, program(Role.DISCIPLINE)):
        assert [row["contact"] for row in one.get("/contacts").json["contacts"]] == [taken]


def test_a_case_that_is_opened_has_a_number_and_tells_no_code(office: Program, contact: int) -> None:
    status, told = sort(office, contact, "open_case", kind="problem")

    case = Case.objects.get()
    assert (status, told["contact"], told["case"], told["stage"]) == (200, contact, case.number, "received")
    assert set(told) == {"contact", "case", "kind", "stage", "clocks"}
    assert office.get("/contacts").json["contacts"] == []
    assert office.get(f"/cases/{case.number}").json["total"]["started"] == "2026-03-10T01:15:00Z"
    assert list(broken_entries()) == []


def test_one_that_is_no_case_waits_no_more(office: Program, contact: int) -> None:
    status, told = sort(office, contact, "not_a_case", kind="standby")

    assert (status, told["case"], told["kind"], told["stage"]) == (200, None, "standby", "waiting")
    assert office.get("/contacts").json["contacts"] == []
    assert sort(office, contact, "open_case", kind="problem")[1]["code"] == "wrong_state"


def test_a_missed_call_that_is_returned_becomes_a_case(office: Program, clock: Clock) -> None:
    missed = office.contact(missed=True, text="").json["contact"]
    clock.set(3, 10, 10)
    assert sort(office, missed, "return_call", result="no_answer")[1]["case"] is None

    status, told = sort(office, missed, "return_call", result="reached", kind="problem", text="路灯不亮")

    assert (status, told["case"]) == (200, Case.objects.get().number)
    assert sort(office, missed, "return_call", result="reached", kind="problem")[1]["code"] == "wrong_state"


@pytest.mark.parametrize(
    ("verb", "given", "code", "field"),
    [
        ("open_case", {}, "field_required", "kind"),
        ("open_case", {"kind": "gossip"}, "field_invalid", "kind"),
        ("open_case", {"kind": "standby"}, "field_invalid", "kind"),
        ("open_case", {"kind": 5}, "field_invalid", "kind"),
        ("not_a_case", {"kind": "problem"}, "field_invalid", "kind"),
        ("return_call", {"result": "reached"}, "wrong_state", None),
        ("summarise", {"title": "长" * 21}, "field_invalid", "title"),
        ("note", {}, "field_required", "text"),
        ("assign", {"unit": "housing"}, "field_invalid", "do"),
        (None, {}, "field_required", "do"),
        (7, {}, "field_invalid", "do"),
    ],
)
def test_what_cannot_be_done_names_its_field(
    office: Program, contact: int, verb: object, given: dict[str, object], code: str, field: str | None
) -> None:
    status, told = sort(office, contact, verb, **given)

    assert (status, told["code"], told["field"]) == (409, code, field)


def test_a_number_that_is_no_contacts_is_not_found(office: Program, contact: int) -> None:
    """Neither that of a case that was opened as it came in, nor one that no row can have."""
    office.contact()
    case = Case.objects.get()
    opened = Contact.objects.get(case=case).id

    for number in (case.id, opened, 0, 2**63, contact + 1000):
        assert sort(office, number, "note", text="x")[0] == 404
        assert sort(office, number, "gossip")[0] == 404
    assert sort(office, "x", "note")[0] == 404
    assert Refusal.objects.filter(verb="note", code="not_found").count() == 5


def test_whoever_asks_again_gets_the_terms_of_the_first_time(office: Program, clock: Clock) -> None:
    first = office.contact("k", kind="unsorted").json
    clock.set(3, 10, 11)

    assert first["clocks"]
    assert office.contact("k", kind="unsorted").json == first
