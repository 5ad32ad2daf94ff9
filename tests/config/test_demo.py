"""The invented city of `huying demo`: complete, true to its own rules, built once."""

import stat
from datetime import datetime
from pathlib import Path

import pytest
from django.contrib.auth import authenticate

from huying.cases.models import Case, Contact, Refusal
from huying.cases.rulebooks import in_force
from huying.cases.verification import broken_entries
from huying.ledger.models import LedgerLine
from huying.people.models import Unit, User
from huying.people.office import the_office
from huying.rehearsal.demo import build
from huying.rules.vocabulary import Stage
from tests.builders import at
from tests.config.installation import Installation, answers, free_port, until

pytestmark = pytest.mark.django_db

MAIN_LINE = {
    Stage.RECEIVED,
    Stage.ASSIGNED,
    Stage.ACKNOWLEDGED,
    Stage.CONTACTED,
    Stage.REPORTED,
    Stage.VERIFIED,
    Stage.CLOSED,
}
NOW = at(3, 10, 9, 15)


def built(home: Path, now: datetime = NOW) -> str:
    return build(home, now, lambda _done, _of: None)


def password(home: Path) -> str:
    return (home / "demo-account").read_text("ascii").strip()


@pytest.mark.parametrize(
    "now",
    [NOW, at(3, 9, 0, 5), at(2, 17, 12), at(12, 31, 23, 59)],
    ids=[
        "a Tuesday",
        "just after midnight",
        "New Year's Day of the moon",
        "New Year's Eve",
    ],
)
def test_whatever_the_day_there_is_a_case_in_every_stage_and_the_ledger_holds(tmp_path: Path, now: datetime) -> None:
    built(tmp_path, now)
    assert set(Case.objects.values_list("stage", flat=True)) >= MAIN_LINE | {Stage.ANSWERED}
    assert not Refusal.objects.exists()
    assert list(broken_entries()) == []
    assert not LedgerLine.objects.filter(at__gt=now).exists()
    assert not Contact.objects.filter(at__gt=now).exists()


def test_its_rulebook_is_in_force_for_every_case(tmp_path: Path) -> None:
    built(tmp_path)
    cases = Case.objects.select_related("rulebook")
    assert [case.number for case in cases if in_force(case.received_at) != case.rulebook] == []


def test_a_second_build_changes_nothing(tmp_path: Path) -> None:
    first = built(tmp_path)
    before = LedgerLine.objects.count(), User.objects.count(), Unit.objects.count(), password(tmp_path)
    assert built(tmp_path, at(3, 11, 9)) == first
    assert (LedgerLine.objects.count(), User.objects.count(), Unit.objects.count(), password(tmp_path)) == before


def test_the_password_opens_both_accounts_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    said = built(tmp_path)
    assert (
        said == f"  Sign in as clerk (the office) or yunxi-housing (a unit) with the password {password(tmp_path)}\n"
    )
    assert stat.S_IMODE((tmp_path / "demo-account").stat().st_mode) == 0o600
    for name in ("clerk", "yunxi-housing"):
        assert authenticate(None, username=name, password=password(tmp_path)) is not None


def test_an_office_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    the_office()
    assert "the invented city was not added" in built(tmp_path)
    assert not Case.objects.exists()
    assert not (tmp_path / "demo-account").exists()


def test_the_progress_ends_with_the_last_matter(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    build(tmp_path, NOW, lambda done, of: seen.append((done, of)))
    assert seen == [(i, len(seen)) for i in range(1, len(seen) + 1)]
    assert seen


def test_the_command_prints_the_account_and_serves(tmp_path: Path) -> None:
    demo = Installation(tmp_path / "home")
    port = free_port()
    process = demo.start("demo", PORT=str(port))
    try:
        until(lambda: answers(port), 60)
        process.terminate()
        out, _ = process.communicate(timeout=30)
        assert f"http://127.0.0.1:{port}/\n" in out
        assert (
            f"Sign in as clerk (the office) or yunxi-housing (a unit) with the password {password(demo.home)}\n"
            in out
        )
        assert process.returncode == 0
        assert demo.processes() == []
    finally:
        demo.remove()
