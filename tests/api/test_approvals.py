"""What a program may not do alone, over the API: 202, and a second one approves or refuses."""

from typing import Any

import pytest

from huying.rules.access import Role
from tests.api.asking import Program, program
from tests.builders import unit

pytestmark = pytest.mark.django_db
DECIDED = {"accepted": True, "reason": "确实不在职权内"}


@pytest.fixture
def claimed(holder: Program, held: str) -> str:
    """Return a case of which the unit claims, with proof, that it is none of its business."""
    spoken = {"method": "phone", "handler": "何砚", "handler_phone": "0500-555 2207", "text": "已联系"}
    assert holder.do(held, "record_contact", **spoken).status == 200
    claim = {"text": "不属实", "outcome": "done", "basis": "规程", "claim": "untrue"}
    assert holder.do(held, "report", **claim).json["code"] == "proof_required"
    assert holder.post(f"/cases/{held}/files?kind=proof_of_handling&name=现场.jpg", b"proof").status == 201
    assert holder.do(held, "report", **claim).json["claim"] == "untrue"
    return held


def waits(office: Program, number: str) -> dict[str, Any]:
    answer = office.do(number, "decide_claim", **DECIDED)
    assert answer.status == 202, answer.json
    return dict(answer.json)


def test_it_waits_until_a_second_program_approves(office: Program, claimed: str) -> None:
    asked, second = waits(office, claimed), program(Role.OFFICE)
    assert (asked["do"], asked["fields"]) == ("decide_claim", DECIDED)
    assert office.get(f"/cases/{claimed}").json["stage"] == "reported"
    assert second.get(f"/cases/{claimed}/approvals").json == [asked]
    path = f"/cases/{claimed}/approvals/{asked['id']}"
    own = office.post(path, {"do": "approve"})
    assert (own.status, own.json["code"]) == (409, "same_person")
    assert second.post(path, {"do": "approve"}).json == {"id": asked["id"], "ended_as": "approved"}
    assert second.get(f"/cases/{claimed}").json["closed_as"] == "not_counted"
    assert second.get(f"/cases/{claimed}/approvals").json == []
    assert second.post(path, {"do": "approve"}).status == 404


def test_it_is_refused_with_a_reason(office: Program, claimed: str) -> None:
    path, second = f"/cases/{claimed}/approvals/{waits(office, claimed)['id']}", program(Role.SUPERVISOR)
    assert second.post(path, {"do": "refuse"}).json["code"] == "reason_required"
    assert second.post(path, {"do": "shrug"}).json["field"] == "do"
    assert second.post(path, {"do": "refuse", "reason": "照片看不清"}).json["ended_as"] == "refused"
    assert office.get(f"/cases/{claimed}").json["claim"] == "untrue"


def test_a_stranger_finds_neither_case_nor_question(office: Program, claimed: str) -> None:
    asked, stranger = waits(office, claimed), program(Role.UNIT, unit=unit("water"))
    for number, which in ((claimed, asked["id"]), (claimed, 7), ("HY-2026-999999", asked["id"])):
        assert stranger.post(f"/cases/{number}/approvals/{which}", {"do": "approve"}).status == 404
    assert stranger.get(f"/cases/{claimed}/approvals").status == 404
    assert stranger.post(f"/cases/{claimed}/files?kind=identity&name=a.jpg", b"x").status == 404
    assert office.post(f"/cases/{claimed}/approvals/{10**30}", {"do": "approve"}).status == 404


@pytest.mark.parametrize("body", [b"", b"x" * (20 * 2**20 + 1)], ids=["empty", "too large"])
def test_a_file_that_cannot_be_kept_is_refused(holder: Program, held: str, body: bytes) -> None:
    answer = holder.post(f"/cases/{held}/files?kind=proof_of_handling&name=a.jpg", body)
    assert (answer.status, answer.json["code"], answer.json["field"]) == (409, "field_invalid", "file")
