"""Posting a contact: once per key, refused with a code and the key of the request it is about."""

import json
from typing import Any

import pytest

from huying.cases.models import Case, Contact, Refusal
from huying.rules.access import Role
from huying.vault.seals import keys_of, unseal
from tests.api.asking import SAID, Clock, Program, program
from tests.builders import NOW, post, unit, utc
from tests.cases.test_store import at_most

RAW: dict[str, Any] = SAID | {"title": "供暖漏水", "to": "mayor", "fields": {"name": "张三"}, "complexity": "complex"}


def test_a_contact_opens_a_case_and_says_by_when_what_is_due_and_why(office: Program) -> None:
    answer = office.contact()

    assert answer.status == 201
    case = Case.objects.get()
    assert answer.json["contact"] == Contact.objects.get().id
    assert answer.json["case"] == case.number
    assert len(answer.json["code"]) == 8
    assert answer.json["clocks"] == [
        {
            "step": "assign",
            "due": "2026-03-11T16:00:00Z",
            "provisional": False,
            "why": "1 个自然日：3 月 10 日（周二）收到后第 1 天是 3 月 11 日（周三）24:00",
        },
        {
            "step": "register",
            "due": "2026-03-11T16:00:00Z",
            "provisional": False,
            "why": "1 个工作日：3 月 10 日（周二）收到后第 1 个工作日是 3 月 11 日（周三）24:00",
        },
    ]
    assert case.received_at == utc(NOW)


def test_the_derivation_of_a_term_is_told_in_the_language_that_was_asked_for(office: Program) -> None:
    chinese = office.post("/contacts", SAID, "a", "zh-hans").json["clocks"][0]["why"]
    english = office.post("/contacts", SAID, "a", "en").json["clocks"][0]["why"]

    assert "月" in chinese
    assert "Mar" in english


def test_everything_that_was_said_is_kept(office: Program) -> None:
    mayor = post("mayor")

    number = office.contact(**RAW, confidential=True, external_id="m-1").json["case"]

    case = Case.objects.get()
    assert (case.number, case.post, case.kind, case.complexity, case.confidential) == (
        number,
        mayor,
        "problem",
        "complex",
        True,
    )
    assert Contact.objects.get().external_id == "m-1"
    told = office.get(f"/cases/{number}").json
    assert told["title"] == "供暖漏水"
    assert told["requester"] == {"name": "张*", "phone": "139****0001", "reference": None}


def test_who_answered_is_kept_with_the_contact(office: Program) -> None:
    office.contact(answered_by="leader")

    contact = Contact.objects.get()
    assert json.loads(unseal(contact, keys_of([contact.key_id])[contact.key_id], "fields") or "") == {
        "answered_by": "leader"
    }


def test_a_missed_call_opens_no_case(office: Program) -> None:
    answer = office.contact(missed=True)

    assert (answer.status, answer.json["case"], answer.json["code"]) == (201, None, None)
    assert [term["step"] for term in answer.json["clocks"]] == ["office"]
    assert Contact.objects.get().kind == "missed"


def test_the_same_key_and_body_get_the_same_answer_also_when_the_case_has_gone_on(
    office: Program, clock: Clock
) -> None:
    """Without `occurred_at` the key stands for the body alone: the moment of the first time is kept."""
    first = office.contact("k")
    clock.set(3, 11, 9)
    unit("housing")
    office.do(first.json["case"], "assign", unit="housing")

    second = office.contact("k")

    assert (second.status, second.json) == (201, first.json)
    assert Contact.objects.get().at == utc(NOW)


@pytest.mark.parametrize(
    "other",
    [
        {"text": "路灯不亮"},
        {"occurred_at": "2026-03-10T09:00:00+08:00"},
        {"confidential": True},
        {"fields": {"address": "东街"}},
        {"to": "mayor"},
    ],
)
def test_the_same_key_with_another_body_is_refused(office: Program, other: dict[str, object]) -> None:
    post("mayor")
    office.contact("k")

    answer = office.contact("k", **other)

    assert (answer.status, answer.json["code"], answer.json["field"]) == (422, "identity_reused", "Idempotency-Key")
    assert Contact.objects.count() == 1


def test_whoever_delivers_what_somebody_else_has_registered_learns_that_alone(office: Program) -> None:
    known = office.contact(external_id="m-7", confidential=True).json

    told = program(Role.OPERATOR).contact(external_id="m-7").json

    assert known["case"]
    assert (told["contact"], told["case"], told["code"], told["clocks"]) == (known["contact"], None, None, [])
    assert office.contact(external_id="m-7", confidential=True).json["code"] == known["code"]


def test_a_key_stands_for_its_first_body_also_if_that_was_known_by_its_external_id(office: Program) -> None:
    office.contact("first", external_id="m-8")
    assert office.contact("second", external_id="m-8").status == 201

    assert office.contact("second", text="另一件事").status == 422
    assert Contact.objects.count() == 1


def test_another_program_may_use_the_same_key(office: Program) -> None:
    office.contact("k")

    assert program(Role.OPERATOR).contact("k", text="路灯不亮").status == 201
    assert Contact.objects.count() == 2


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_nothing_is_registered(office: Program, key: str | None) -> None:
    answer = office.post("/contacts", SAID, key)

    assert (answer.status, answer.json["code"]) == (400, "key_required")
    assert answer.json["field"].lower() == "idempotency-key"
    assert not Contact.objects.exists()


def test_what_happened_earlier_keeps_its_moment(office: Program) -> None:
    office.contact(occurred_at="2026-03-09T23:59:59.5Z")

    contact = Contact.objects.get()
    assert contact.at.isoformat() == "2026-03-09T23:59:59.500000+00:00"
    assert contact.recorded_at == utc(NOW)


@pytest.mark.parametrize(
    ("said", "code", "field"),
    [
        ({"channel": " "}, "field_required", "channel"),
        ({"channel": None}, "field_required", "channel"),
        ({"text": ""}, "field_required", "text"),
        ({"text": 5}, "field_invalid", "text"),
        ({"text": ["a"]}, "field_invalid", "text"),
        ({"text": "长" * 50_001}, "field_invalid", "text"),
        ({"text": "a\0b"}, "field_invalid", "text"),
        ({"text": "\ud83d"}, "field_invalid", "text"),
        ({"from": "call me"}, "field_invalid", "from"),
        ({"from": 13900000001}, "field_invalid", "from"),
        ({"to": "nobody"}, "field_invalid", "to"),
        ({"to": 7}, "field_invalid", "to"),
        ({"to": "a\0"}, "field_invalid", "to"),
        ({"kind": "gossip"}, "field_invalid", "kind"),
        ({"kind": {}}, "field_invalid", "kind"),
        ({"complexity": True}, "field_invalid", "complexity"),
        ({"missed": "yes"}, "field_invalid", "missed"),
        ({"confidential": 1}, "field_invalid", "confidential"),
        ({"fields": []}, "field_invalid", "fields"),
        ({"fields": {"name": 5}}, "field_invalid", "fields"),
        ({"external_id": "a" * 201}, "field_invalid", "external_id"),
        ({"occurred_at": "2026-03-10T09:15:01+08:00"}, "field_invalid", "occurred_at"),
        ({"occurred_at": "1970-01-01T00:00:00Z"}, "field_invalid", "occurred_at"),
        ({"occurred_at": "2026-03-09T09:00:00"}, "field_invalid", "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-12:00"}, "field_invalid", "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "field_invalid", "occurred_at"),
        ({"occurred_at": 1773105300}, "field_invalid", "occurred_at"),
        ({"recorded_at": "2026-03-09T09:00:00Z"}, "field_invalid", "recorded_at"),
        ({"电话": "13900000001"}, "field_invalid", "body"),
        ({"urgency": "at once"}, "field_invalid", "urgency"),
        ({"respondent": "nowhere"}, "field_invalid", "respondent"),
        ({"respondent": 7}, "field_invalid", "respondent"),
        ({"respondent": "a\0"}, "field_invalid", "respondent"),
        ({"attachments": -2}, "field_invalid", "attachments"),
        ({"answered_by": "the cat"}, "field_invalid", "answered_by"),
        ({"anonymous": "yes"}, "field_invalid", "anonymous"),
    ],
)
def test_what_cannot_be_taken_in_is_refused_with_the_key_of_the_request(
    office: Program, said: dict[str, Any], code: str, field: str
) -> None:
    answer = office.contact(**said)

    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, code, field)
    assert answer.json["message"]
    assert not Contact.objects.exists()
    assert [row.code for row in Refusal.objects.all()] == [code]


def test_what_says_nothing_is_not_refused(office: Program) -> None:
    nothing: dict[str, Any] = {"anonymous": False, "attachments": 0, "urgency": None, "title": None}

    assert office.contact(**nothing).status == 201


def test_another_body_under_a_known_external_id_is_refused(office: Program) -> None:
    first = office.contact(external_id="m-1")

    assert office.contact(external_id="m-1").json == first.json
    answer = office.contact(external_id="m-1", text="路灯不亮")
    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, "identity_reused", "external_id")


@pytest.mark.parametrize(
    ("role", "to", "may"),
    [
        (Role.OFFICE, "mayor", True),
        (Role.OPERATOR, None, True),
        (Role.LEADER, "mayor", True),
        (Role.LIAISON, "mayor", True),
        (Role.LEADER, "deputy", False),
        (Role.LIAISON, None, False),
        (Role.UNIT, "mayor", False),
        (Role.SUPERVISOR, None, False),
        (Role.DISCIPLINE, None, True),
        (Role.ADMIN, None, False),
    ],
)
def test_the_office_operators_and_whoever_was_called_register(
    office: Program, role: Role, to: str | None, may: bool
) -> None:
    mayor, _ = post("mayor"), post("deputy")
    of_post = mayor if role in (Role.LEADER, Role.LIAISON) else None
    asking = program(role, unit=unit("housing") if role is Role.UNIT else None, post=of_post)

    answer = asking.contact(to=to, text="路灯不亮")

    assert (answer.status == 201) is may
    assert may or (answer.status, answer.json["code"]) == (409, "forbidden")


def test_who_may_not_register_learns_nothing_of_what_is_wrong(office: Program) -> None:
    assert program(Role.ADMIN).contact(kind="gossip").json["code"] == "forbidden"


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"5", b'"x"', b"null", b"\xff", b"[" * 100_000, b'{"text": ' + b"9" * 5000 + b"}"]
)
def test_what_is_not_a_json_object_is_unreadable(office: Program, body: bytes) -> None:
    answer = office.post("/contacts", body, "k")

    assert (answer.status, answer.json["code"]) == (400, "unreadable")


def test_ten_megabytes_are_a_field_too_long_and_more_is_not_even_read(
    office: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.contact(text="长" * 10_000_000).json["field"] == "text"

    monkeypatch.setattr("huying.api.reading.LARGEST_BODY", 1000)
    answer = office.contact(text="长" * 1000)
    assert (answer.status, answer.json["code"]) == (413, "too_large")


def test_without_a_rulebook_in_force_the_system_is_not_ready(db: None, clock: Clock) -> None:
    answer = program(Role.OFFICE).contact()

    assert (answer.status, answer.json["code"]) == (503, "no_rulebook")


@pytest.mark.parametrize(
    "said", [SAID, RAW | {"external_id": "m-9"}, RAW | {"external_id": "m-9", "confidential": True}]
)
def test_a_contact_takes_at_most_fourteen_statements(office: Program, said: dict[str, Any]) -> None:
    post("mayor")
    leader = program(Role.LEADER, post=post("mayor"))
    office.contact()
    for one in (office, leader) if "to" in said else (office,):
        own: dict[str, Any] = said | {"external_id": one.secret}
        with at_most(14):
            assert one.contact(**own).status == 201
