"""附件: sealed beside the register, named by its ledger, known again by its hash; and what is taken from a scan."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from huying.cases.attachments import attach, attached_to, folder, opened_file
from huying.cases.doors import act
from huying.cases.models import Act, Case, Refusal
from huying.cases.verification import broken_entries
from huying.people.models import Unit
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, ContactOnBehalf, ReportOnBehalf, Verify
from huying.rules.deciding import Refused
from huying.rules.state import CaseState
from huying.rules.vocabulary import Flag, RefusalCode, Stage
from huying.vault.files import LARGEST
from huying.vault.models import Reveal
from huying.vault.seals import keys_of
from tests.builders import HANDLER_PHONE, at, clerk, holder, received, unit

pytestmark = pytest.mark.django_db
PHOTO = b"\xff\xd8 a photo of a drain"


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HOME = tmp_path
    return tmp_path


def held_by_township() -> tuple[Case, Unit, Unit]:
    bureau, township = unit("bureau"), unit("township", "bureau")
    case = received()
    act(case.case_id or 0, Assign(bureau.id), at(3, 10, 10), at(3, 10, 10), clerk())
    act(case.case_id or 0, Assign(township.id), at(3, 10, 11), at(3, 10, 11), holder(bureau))
    return Case.objects.get(id=case.case_id or 0), bureau, township


def put(case: Case, kind: str, who: Actor, content: bytes = PHOTO, name: str = "现场.jpg") -> CaseState | Refused:
    return attach(case.id, kind, name, BytesIO(content), at(3, 11, 9), who)


def stored() -> list[Path]:
    return [path for path in folder().rglob("*") if path.is_file()]


def test_a_file_lies_sealed_on_the_disk_and_opens_for_who_sees_the_case() -> None:
    case, _, township = held_by_township()

    assert isinstance(put(case, "proof_of_handling", holder(township)), CaseState)

    [path] = stored()
    assert PHOTO not in path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    [one] = attached_to(case, keys_of([case.id])[case.id])
    assert (one.kind, one.name, one.size, one.used_elsewhere) == ("proof_of_handling", "现场.jpg", len(PHOTO), 0)
    found = opened_file(case.number, one.id, clerk(), at(3, 11, 10))
    assert found is not None
    assert (found[0], b"".join(found[1])) == ("现场.jpg", PHOTO)
    assert "现场" not in str(Act.objects.get(id=one.id).facts)
    assert not list(broken_entries())


def test_a_stranger_neither_attaches_nor_opens_and_nothing_is_left_of_the_try() -> None:
    case, _, township = held_by_township()
    put(case, "matter", holder(township))
    stranger = holder(unit("heating"))

    assert put(case, "matter", stranger) == Refused(RefusalCode.NOT_FOUND)

    assert opened_file(case.number, attached_to(case, keys_of([case.id])[case.id])[0].id, stranger, at(3, 11)) is None
    assert opened_file(case.number, 1, clerk(), at(3, 11)) is None
    assert len(stored()) == 1


@pytest.mark.parametrize(("kind", "content"), [("selfie", PHOTO), ("matter", b"0" * (LARGEST + 1))])
def test_what_the_door_refuses_is_not_kept(kind: str, content: bytes) -> None:
    case, _, township = held_by_township()

    refused = put(case, kind, holder(township), content)

    assert isinstance(refused, Refused)
    assert refused.code is RefusalCode.FIELD_INVALID
    assert refused.field in ("kind", "file")
    assert not stored()
    assert Refusal.objects.filter(case=case, verb="attach").count() == 1


def test_the_same_photo_as_proof_of_two_matters_is_flagged() -> None:
    first, _, township = held_by_township()
    second = Case.objects.get(id=received(phone="13900000002").case_id or 0)
    act(second.id, Assign(township.id), at(3, 10, 12), at(3, 10, 12), clerk())
    put(first, "proof_of_handling", holder(township))
    put(second, "proof_of_contact", holder(township), name="另一张.jpg")
    put(second, "matter", holder(township))

    uses = [one.used_elsewhere for one in attached_to(second, keys_of([second.id])[second.id])]

    assert uses == [1, 1]
    assert [one.used_elsewhere for one in attached_to(first, keys_of([first.id])[first.id])] == [1]


def test_a_proof_of_identity_is_for_who_may_call_and_each_look_is_logged() -> None:
    case, _, township = held_by_township()
    put(case, "identity", clerk())
    [one] = attached_to(case, keys_of([case.id])[case.id])
    supervisor = Actor("user:7", Role.SUPERVISOR)

    assert opened_file(case.number, one.id, supervisor, at(3, 11)) is None
    assert opened_file(case.number, one.id, holder(township), at(3, 11)) is not None

    look = Reveal.objects.get()
    assert (look.actor, look.chain_id) == (holder(township).id, case.id)


def test_the_unit_above_records_from_a_scan_what_a_township_signed() -> None:
    case, bureau, _ = held_by_township()
    talk = ContactOnBehalf("face_to_face", "镇干部甲", HANDLER_PHONE, "入户谈过")
    when = at(3, 11, 10)

    assert act(case.id, talk, when, when, holder(bureau)) == Refused(RefusalCode.PROOF_REQUIRED)
    put(case, "proof_of_contact", holder(bureau), b"scan of the talk")
    spoken = act(case.id, talk, when, when, holder(bureau))
    assert isinstance(spoken, CaseState)
    assert (spoken.stage, Flag.RECORDED_ON_BEHALF in spoken.flags) == (Stage.CONTACTED, True)

    report = ReportOnBehalf("已经疏通", "done", "规程")
    assert act(case.id, report, when, when, clerk()) == Refused(RefusalCode.PROOF_REQUIRED)
    put(case, "proof_of_handling", clerk(), b"scan of the report")
    told = act(case.id, report, when, when, clerk())
    assert isinstance(told, CaseState)
    assert told.stage is Stage.REPORTED
    assert isinstance(act(case.id, Verify(), when, when, clerk()), CaseState)
    assert not list(broken_entries())


def test_a_unit_beside_records_nothing_on_behalf() -> None:
    case, _, _ = held_by_township()
    when = at(3, 11, 10)

    answer = act(case.id, ContactOnBehalf("phone", "甲", HANDLER_PHONE), when, when, holder(unit("heating")))

    assert answer == Refused(RefusalCode.NOT_FOUND)
