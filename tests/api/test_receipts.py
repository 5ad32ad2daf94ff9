"""What a requester does through somebody's program: by the receipt, whatever that program may see."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from huying.cases.limits import Limit
from huying.cases.models import Case
from huying.cases.verification import broken_entries
from huying.ledger.models import LedgerLine
from huying.rules.access import Role
from tests.api.asking import Program, program
from tests.cases.test_store import at_most

DIGITS = "0001"


@pytest.fixture(autouse=True)
def _no_tries_yet() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def receipt(office: Program) -> dict[str, str]:
    told = office.contact().json
    return {"number": told["case"], "code": told["code"]}


def withdraw(one: Program, receipt: dict[str, str], **given: Any) -> tuple[int, dict[str, Any]]:
    said = {"code": receipt["code"], "last_digits": DIGITS, "reason": "已经好了"} | given
    answer = one.do(receipt["number"], "withdraw", **said)
    return answer.status, answer.json


@pytest.mark.parametrize("role", [Role.OFFICE, Role.OPERATOR, Role.ADMIN])
def test_a_receipt_opens_its_case_whosesoever_program_brings_it(receipt: dict[str, str], role: Role) -> None:
    status, told = withdraw(program(role), receipt)

    assert (status, told) == (200, {"number": receipt["number"], "stage": "withdrawn", "missing": []})
    assert LedgerLine.objects.get(event="withdrawn").actor == "citizen"
    assert list(broken_entries()) == []


def test_a_number_and_a_code_may_be_written_as_people_write_them(office: Program, receipt: dict[str, str]) -> None:
    code, number = receipt["code"], receipt["number"].lower()

    assert withdraw(office, {"number": number, "code": f"{code[:4]} {code[4:]}"})[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "00000000"},
        {"code": ""},
        {"code": 5},
        {"code": "a\0b"},
        {"code": "\ud83d"},
        {"last_digits": "9999"},
        {"last_digits": None},
        {"last_digits": ["0001"]},
    ],
)
def test_a_receipt_that_does_not_fit_opens_nothing(
    office: Program, receipt: dict[str, str], wrong: dict[str, Any]
) -> None:
    status, told = withdraw(office, receipt, **wrong)

    assert (status, told["code"]) == (404, "not_found")
    assert told == withdraw(office, receipt | {"number": "HY-2026-999999"})[1]
    assert Case.objects.get().stage == "received"


def test_without_a_receipt_the_tokens_own_role_acts(office: Program, receipt: dict[str, str]) -> None:
    """Who merely hands in a complaint is not its requester."""
    answer = office.do(receipt["number"], "complain_handling", text="没有人联系我")

    assert (answer.status, answer.json["code"]) == (409, "forbidden")


def test_digits_without_a_code_are_no_receipt(office: Program, receipt: dict[str, str]) -> None:
    answer = office.do(receipt["number"], "complain_handling", text="没有人联系我", last_digits=DIGITS)

    assert (answer.status, answer.json["code"]) == (409, "forbidden")


def test_other_verbs_know_no_receipt(office: Program, receipt: dict[str, str]) -> None:
    answer = office.do(receipt["number"], "note", text="x", code=receipt["code"])

    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, "field_invalid", "code")


def test_whoever_guesses_too_often_has_to_wait_also_with_the_right_code(
    office: Program, receipt: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huying.cases.receipts.BY_BOTH", Limit("track a number from an address", 2))
    for _ in range(2):
        assert withdraw(office, receipt, code="00000000")[0] == 404

    status, told = withdraw(office, receipt)

    assert (status, told["code"]) == (429, "too_many_tries")
    assert told["message"]
    assert withdraw(program(Role.OPERATOR), receipt)[0] == 200


def test_of_a_confidential_case_nothing_is_told_but_its_stage(office: Program) -> None:
    told = office.contact(confidential=True).json
    receipt = {"number": told["case"], "code": told["code"]}

    answer = office.do(told["case"], "complain_handling", code=told["code"], last_digits=DIGITS, text="没有人联系我")

    assert answer.json == {"number": receipt["number"], "stage": "received", "missing": []}


def test_it_takes_at_most_twelve_statements(office: Program, receipt: dict[str, str]) -> None:
    with at_most(12):
        assert withdraw(office, receipt)[0] == 200
