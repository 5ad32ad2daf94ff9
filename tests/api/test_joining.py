"""A contact about a matter that is a case already joins it, once somebody has confirmed that it is the same."""

from huying.cases.dossier import dossier
from huying.cases.models import Case, Contact, Refusal
from huying.cases.queries import visible_to
from huying.cases.verification import broken_entries
from huying.rules.access import Actor, Role
from huying.vault.seals import keys_of, unseal
from tests.api.asking import Clock, Program, program
from tests.builders import unit
from tests.cases.test_store import at_most


def test_it_counts_and_is_marked_and_moves_neither_a_term_nor_the_queue(office: Program) -> None:
    first, second = office.contact().json, office.contact().json
    before = Case.objects.get(number=second["case"])

    joined = office.contact(case=second["case"], **{"from": "13900000009"}, text="还是那件事")

    assert (joined.status, joined.json["case"], joined.json["code"]) == (201, second["case"], None)
    case = Case.objects.get(number=second["case"])
    assert (case.contacts, case.flags) == (2, ["repeat"])
    assert (case.due_at, case.due_step, case.stage) == (before.due_at, before.due_step, before.stage)
    listed = [row["number"] for row in office.get("/cases").json["cases"]]
    assert listed == [first["case"], second["case"]]
    assert list(broken_entries()) == []


def test_what_was_said_and_who_called_lie_sealed_with_the_case(office: Program) -> None:
    number = office.contact().json["case"]
    contact_id = office.contact(case=number, **{"from": "13900000009"}, text="还是那件事").json["contact"]

    contact = Contact.objects.get(id=contact_id)
    key = keys_of([contact.key_id])[contact.key_id]
    assert contact.key_id == contact.case_id
    assert unseal(contact, key, "text") == "还是那件事"
    assert "13900000009" in (unseal(contact, key, "fields") or "")
    found = dossier(visible_to(Actor.system()), number)
    assert found is not None
    assert [one.id for one in found.contacts][-1] == contact_id


def test_whoever_asks_again_gets_the_same_answer_also_when_the_case_has_ended(office: Program, clock: Clock) -> None:
    number = office.contact(kind="consultation").json["case"]
    first = office.contact("again", case=number)
    clock.set(3, 10, 11)
    assert office.do(number, "answer", text="周一到周五都办").status == 200

    assert office.contact("again", case=number).json == first.json
    assert office.contact("again", case=number, text="另一句").status == 422
    assert Case.objects.get().contacts == 2


def test_who_comes_about_what_has_ended_is_told_the_result(office: Program, clock: Clock) -> None:
    number = office.contact(kind="consultation").json["case"]
    clock.set(3, 10, 11)
    office.do(number, "answer", text="周一到周五都办")

    assert office.contact(case=number).json["case"] == number

    *_, joined, told = office.get(f"/cases/{number}").json["events"]
    assert (joined["event"], told["event"]) == ("contact_joined", "result_told")
    assert (Case.objects.get().stage, Case.objects.get().contacts) == ("answered", 2)


def test_who_comes_about_a_merged_case_joins_the_older_one(office: Program) -> None:
    older, younger = office.contact().json["case"], office.contact().json["case"]
    assert office.do(younger, "merge", into=older).status == 200

    assert office.contact(case=younger).json["case"] == older


def test_a_case_that_is_not_there_or_not_to_be_seen_is_not_found(office: Program) -> None:
    operator = program(Role.OPERATOR)
    secret = office.contact(confidential=True).json["case"]

    for one, number in ((operator, secret), (operator, "YC-2026-999999"), (office, "a\0b")):
        refused = one.contact(case=number)
        assert refused.json["code"] in ("not_found", "field_invalid")
        assert refused.status in (404, 409)
    assert operator.contact(case=secret).json == operator.contact(case="YC-2026-999999").json
    assert Contact.objects.count() == 1
    assert Refusal.objects.filter(verb="contact").count() == 5


def test_joining_takes_at_most_fourteen_statements(office: Program) -> None:
    unit("housing")
    number = office.contact().json["case"]
    office.do(number, "assign", unit="housing")
    with at_most(14):
        assert office.contact(case=number).status == 201
