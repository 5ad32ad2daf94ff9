"""The invented city of `huying demo`: twenty days of Bozhou's curve, true to their own rules, built once."""

import re
import stat
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from pytest_django import DjangoDbBlocker

from huying.cases.models import Case, CaseText, Contact, Message, Refusal, SupervisionAction
from huying.cases.queries import totals, visible_to
from huying.cases.rulebooks import in_force
from huying.cases.verification import broken_entries
from huying.config.postgres import Urls
from huying.ledger.models import LedgerLine
from huying.people.actors import actor_of
from huying.people.models import Office, Post, Unit, User
from huying.people.office import the_office
from huying.people.tokens import tokens_of
from huying.rehearsal.curve import CASES, CONTACTS, cases_per_day, contacts_per_day
from huying.rehearsal.demo import build
from huying.rules.access import STAFF, Actor
from huying.rules.vocabulary import Kind, Stage
from tests import conftest as suite
from tests.builders import at
from tests.config.installation import PATIENCE, Installation, answers, free_port, patiently

MAIN_LINE = {
    Stage.RECEIVED,
    Stage.PENDING_INFO,
    Stage.ASSIGNED,
    Stage.ACKNOWLEDGED,
    Stage.CONTACTED,
    Stage.REPORTED,
    Stage.VERIFIED,
    Stage.CLOSED,
    Stage.ANSWERED,
}
NOW = at(3, 10, 9, 15)  # a Tuesday


@dataclass
class Built:
    """The city, and what was said while it was built."""

    home: Path
    said: str
    progress: list[tuple[int, int]] = field(default_factory=list)

    @property
    def kept(self) -> list[str]:
        return (self.home / "demo-account").read_text("ascii").splitlines()


@pytest.fixture(scope="module")
def city(
    server: Urls,
    template: str,
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Built]:
    """The city as it stands on a Tuesday morning, in a database of its own; nothing in this module changes it."""
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), suite._database(server, template) as name:
        suite._point_django_at(server, name)
        try:
            built = Built(tmp_path_factory.mktemp("city"), "")
            built.said = build(built.home, NOW, lambda done, of: built.progress.append((done, of)))
            yield built
        finally:
            suite._point_django_at(server, before)


def viewer(username: str) -> Actor:
    return actor_of(User.objects.select_related("unit").get(username=username), NOW)


# -- on any day -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "now",
    [
        pytest.param(at(3, 9, 0, 5), id="just after midnight", marks=pytest.mark.long),
        pytest.param(at(2, 24, 10), id="after nine days off"),
        pytest.param(at(12, 31, 23, 59), id="New Year's Eve", marks=pytest.mark.long),
    ],
)
def test_whatever_the_day_there_is_a_case_in_every_stage_and_the_ledger_holds(tmp_path: Path, now: datetime) -> None:
    build(tmp_path, now, lambda _done, _of: None)
    assert set(Case.objects.values_list("stage", flat=True)) >= MAIN_LINE
    assert (Contact.objects.count(), Case.objects.count()) == (CONTACTS, CASES)
    assert Case.objects.filter(cycle=3, stage=Stage.VERIFIED, flags=["interview_proposed"]).exists()
    assert not Refusal.objects.exists()
    assert list(broken_entries()) == []
    assert not LedgerLine.objects.filter(at__gt=now).exists()
    assert not LedgerLine.objects.filter(recorded_at__gt=now).exists()
    assert not Contact.objects.filter(at__gt=now).exists()


# -- the curve ------------------------------------------------------------------------------------------------------


def test_the_curve_is_level_for_five_days_falls_for_five_and_is_level_again() -> None:
    days = contacts_per_day()
    assert (len(days), sum(days), sum(cases_per_day())) == (20, 353, 158)
    assert set(days[:5]) <= {30, 31}
    assert days[5:10] == sorted(days[5:10], reverse=True)
    assert set(days[10:]) <= {10, 11}
    assert all(cases <= contacts for cases, contacts in zip(cases_per_day(), days, strict=True))


def test_the_days_of_the_city_follow_the_curve_and_half_of_the_first_calls_only_ask_whether_it_is_real(
    city: Built,
) -> None:
    zone, first = NOW.tzinfo, (NOW - timedelta(days=19)).date()
    days: list[list[str]] = [[] for _ in range(20)]
    for moment, kind in Contact.objects.values_list("at", "kind"):
        days[(moment.astimezone(zone).date() - first).days].append(kind)
    assert [len(day) for day in days] == contacts_per_day()
    early = Counter(kind for day in days[:5] for kind in day)
    assert 0.4 <= (early[Kind.VERIFICATION] + early[Kind.STANDBY]) / early.total() <= 0.65


# -- what it shows --------------------------------------------------------------------------------------------------


def test_the_city_shows_what_a_city_goes_through(city: Built) -> None:
    """Bozhou said after twenty days: 46.2 % closed, of these 58.4 % satisfied and 13.9 % understanding."""
    counted = totals(Actor.system(), NOW)
    assert counted.cases == counted.open + counted.closed + counted.not_counted == CASES
    assert 0.35 <= counted.closed / counted.cases <= 0.6
    assert 5 <= counted.overdue <= counted.open / 2
    ended = Counter(Case.objects.values_list("closed_as", flat=True))
    assert 0.45 <= ended["satisfied"] / counted.closed <= 0.7
    assert min(ended[word] for word in ("understanding", "unreachable", "answered")) > 0
    assert Case.objects.filter(cycle=2).count() >= 3
    assert Case.objects.filter(level=2).count() >= 20
    assert set(SupervisionAction.objects.values_list("action", flat=True)) >= {"remind", "supervise"}
    assert Message.objects.exists()
    mayor = Post.objects.get(code="mayor")
    assert Case.objects.filter(post=mayor).count() >= 20
    assert Case.objects.filter(unit__code="yunxi-housing").values("stage").distinct().count() >= 3


def test_its_texts_are_not_each_others_copies_and_some_are_in_english(city: Built) -> None:
    texts = Counter(CaseText.objects.values_list("text", flat=True))
    assert len(texts) >= 0.8 * CASES
    assert max(texts.values()) <= 4
    assert sum(text.isascii() for text in texts) >= 3
    assert not any("{" in text for text in texts)


def test_a_confidential_case_is_seen_by_discipline_and_not_by_the_office(city: Built) -> None:
    [number] = Case.objects.filter(confidential=True).values_list("number", flat=True)
    assert visible_to(viewer("discipline")).filter(number=number).exists()
    for name in ("clerk", "operator", "supervisor", "mayor", "mayor-liaison", "admin"):
        assert not visible_to(viewer(name)).filter(number=number).exists(), name


def test_each_role_sees_its_own(city: Built) -> None:
    assert visible_to(viewer("clerk")).count() == CASES - 1
    assert visible_to(viewer("admin")).count() == 0
    own = {"mayor": "mayor", "mayor-liaison": "mayor", "yunxi-head": "yunxi-head"}
    for name, post in own.items():
        expected = Case.objects.filter(post__code=post, confidential=False).count()
        assert visible_to(viewer(name)).count() == expected > 0, name


def test_every_rung_fired_at_its_own_instant(city: Built) -> None:
    """The sweep stood still for no night: a rung is recorded when it is due."""
    fired = LedgerLine.objects.filter(event="escalated", actor="clock")
    assert fired
    assert all(line.recorded_at == line.at for line in fired)


def test_its_rulebook_is_in_force_for_every_case(city: Built) -> None:
    cases = Case.objects.select_related("rulebook")
    assert [case.number for case in cases if in_force(case.received_at) != case.rulebook] == []


def test_no_number_in_it_can_be_dialled(city: Built) -> None:
    values = Post.objects.values_list("contact_points__value", flat=True)
    assert all(re.fullmatch(r"0500-555 01\d\d", value) for value in values)


# -- how to get in --------------------------------------------------------------------------------------------------


def test_a_second_build_changes_nothing(city: Built) -> None:
    before = LedgerLine.objects.count(), User.objects.count(), Unit.objects.count(), city.kept
    assert build(city.home, at(3, 11, 9), lambda _done, _of: None) == city.said
    assert (LedgerLine.objects.count(), User.objects.count(), Unit.objects.count(), city.kept) == before


def test_the_password_opens_every_account_that_is_told_and_only_its_owner_can_read_it(city: Built) -> None:
    password = city.kept[0]
    assert f"Sign in with the password {password} as\n" in city.said
    assert stat.S_IMODE((city.home / "demo-account").stat().st_mode) == 0o600
    told = re.findall(r"^    ([\w-]+) +(\w+) +\w+, ", city.said, re.MULTILINE)
    assert {role for _, role in told} == set(STAFF)
    for name, role in told:
        user = authenticate(None, username=name, password=password)
        assert isinstance(user, User)
        assert user.role == role


def test_the_tokens_act_for_the_office_and_for_a_unit(city: Built) -> None:
    told = [tokens_of(line.split(" ")[1]).first() for line in city.kept[1:]]
    assert [(token.role, token.unit and token.unit.code) for token in told if token] == [
        ("office", "city"),
        ("unit", "yunxi-housing"),
    ]
    assert all(line.split(" ")[1] in city.said for line in city.kept[1:])


def test_it_is_marked_as_invented(city: Built) -> None:
    assert Office.objects.get().is_demo


@pytest.mark.django_db
def test_an_office_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    the_office()
    assert "the invented city was not added" in build(tmp_path, NOW, lambda _done, _of: None)
    assert not Case.objects.exists()
    assert not Office.objects.get().is_demo
    assert not (tmp_path / "demo-account").exists()


def test_the_progress_rises_to_the_end(city: Built) -> None:
    done = [step for step, _ in city.progress]
    assert done == sorted(done)
    assert len({of for _, of in city.progress}) == 1
    assert city.progress[-1][0] == city.progress[-1][1]


def test_the_command_prints_the_accounts_and_serves(tmp_path: Path) -> None:
    demo = Installation(tmp_path / "home")
    port = free_port()
    process = demo.start("demo", PORT=str(port))
    try:
        out = _said_until(process, "Ctrl-C")
        assert answers(port)
        process.terminate()
        patiently(process)
        assert f"http://127.0.0.1:{port}/\n" in out
        assert (demo.home / "demo-account").read_text("ascii").splitlines()[0] in out
        assert process.returncode == 0
        assert demo.processes() == []
    finally:
        demo.remove()


def _said_until(process: "subprocess.Popen[str]", word: str) -> str:
    """Return what a process has printed up to the line with this word; one that takes too long is killed."""
    assert process.stdout is not None
    said, too_long = "", threading.Timer(PATIENCE, process.kill)
    too_long.start()
    try:
        while word not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
    finally:
        too_long.cancel()
    return said
