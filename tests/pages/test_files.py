"""The page of a case's files: who adds one, who opens one, and what is said of one that is no good."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from huying.cases.doors import act
from huying.cases.models import Act, Case
from huying.cases.rulebooks import put_in_force
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, HandToDiscipline
from huying.vault.files import LARGEST
from huying.vault.models import Reveal
from tests.builders import PHONE, at, clerk, do, received, unit, user, version
from tests.pages.reading import browser, page, set_clock, words

pytestmark = pytest.mark.django_db
SCAN = b"%PDF signed by a township"


@pytest.fixture(autouse=True)
def wednesday(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    settings.HOME = tmp_path
    set_clock(monkeypatch, at(3, 11, 10))
    put_in_force(version(), at(1, 5).date(), at(1, 5), Actor.system())


@pytest.fixture
def path() -> str:
    case = received()
    do(case, Assign(unit().id), at(3, 10, 15), clerk())
    return f"/desk/cases/{case.number}/files/"


def send(client: Client, to: str, kind: str = "proof_of_contact", content: bytes = SCAN) -> str:
    answer = client.post(to, {"kind": kind, "file": SimpleUploadedFile("谈话.pdf", content)}, follow=True)
    return answer.content.decode()


def test_a_file_is_added_by_the_office_and_saved_by_the_unit(path: str) -> None:
    office, housing = browser(user()), browser(user("housing", Role.UNIT, unit()))

    assert "附件存好了。" in send(office, path)

    shown = page(housing, path)
    assert "谈话.pdf" in words(shown)
    answer = housing.get(f"{path}{Act.objects.get(verb='attach').id}/")
    assert answer.content == SCAN
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_stranger_and_somebody_elses_file_are_not_there(path: str) -> None:
    send(browser(user()), path)
    heating = browser(user("heating", Role.UNIT, unit("heating")))

    assert heating.get(path).status_code == 404
    assert heating.get(f"{path}{Act.objects.get(verb='attach').id}/").status_code == 404
    assert browser(user("clerk2")).get(f"{path}{2**63}/").status_code == 404


def test_what_is_missing_or_too_large_is_said_at_the_field(path: str) -> None:
    office = browser(user())

    assert "“文件”还没有填，请补上" in office.post(path, {"kind": "matter"}).content.decode()
    assert "附件最大 20 MB，请压缩后再传" in send(office, path, content=b"0" * (LARGEST + 1))
    assert "“附件是什么”还没有填，请补上" in send(office, path, kind="")
    assert not Act.objects.filter(verb="attach").exists()


def test_a_proof_of_identity_has_no_name_for_who_may_not_call_and_a_look_is_logged(path: str) -> None:
    office, supervisor = browser(user()), browser(user("watch", Role.SUPERVISOR))
    send(office, path, kind="identity")

    shown = page(supervisor, path)
    assert "身份凭据" in words(shown)
    assert "谈话.pdf" not in shown
    assert "添加附件" not in shown

    assert office.get(f"{path}{Act.objects.get(verb='attach').id}/").status_code == 200
    assert Reveal.objects.count() == 1


def test_discipline_takes_a_case_that_was_handed_over_with_its_ledger(path: str) -> None:
    discipline, address = browser(user("judge", Role.DISCIPLINE)), path.replace("files", "package")
    assert discipline.get(address).status_code == 404
    case = Case.objects.get()
    act(case.id, HandToDiscipline(), at(3, 11, 9), at(3, 11, 9), Actor("user:9", Role.SUPERVISOR))

    assert "取走移送材料" in words(page(discipline, path))
    package = discipline.get(address).json()
    assert (package["number"], package["requester"]["phone"]) == (case.number, PHONE)
    assert [line["event"] for line in package["ledger"]] == ["registered", "assigned", "discipline_informed"]
    assert package["ledger"][1]["previous"] == package["ledger"][0]["hash"]
    assert Reveal.objects.filter(chain_id=case.requester_id).count() == 2
    assert browser(user("clerk3")).get(address).status_code == 404
