"""A city of one's own from the command line: set up once, then its units, posts, accounts, tokens and rulebook."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from django.db import IntegrityError, transaction
from psycopg.types.range import DateRange

from huying.cases.clock import now
from huying.cases.models import RulebookInForce
from huying.config import organising
from huying.config.accounts import create_token, create_user, end_token, reset_user
from huying.config.house import Trouble
from huying.config.postgres import running
from huying.config.rulebook_commands import adopt_from
from huying.config.setting_up import set_up
from huying.data import rulebook_text
from huying.people.actors import actor_of
from huying.people.models import ApiToken, Liaison, Office, Person, Portfolio, Post, Tenure, Unit, User
from huying.people.office import ROOT, make_unit, name_office, the_office
from huying.rules.access import Role
from tests.builders import unit, user
from tests.config.installation import Installation, clean_environ, free_port, patiently
from tests.conftest import REPOSITORY

CITY, OFFICE = "云川市𠮷", "云川市公开电话办公室🌊"
OPTIONS = {
    "city": CITY,
    "office": OFFICE,
    "prefix": "yc",
    "rulebook": "bozhou",
    "admin": "qinsang",
    "admin-name": "秦桑",
}
LINK = re.compile(r"http://127\.0\.0\.1:8000(/account/first/[0-9a-z]+/[0-9a-z]+-[0-9a-f]+/)")
UNITS = "编码,名称,上级\ntown,云溪镇,yunxi\nyunxi,云溪区,city\n"
POSTS = "编码,职务,单位,姓名,任职时间,电话,分管\nhead,区长,yunxi,韩松亭,2025-02-01,0500-555 0104,town\n"


def argv(**instead: str) -> list[str]:
    return [part for name, value in (OPTIONS | instead).items() for part in (f"--{name}", value)]


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that was set up from options; its database stays up, so that a command need not start it."""
    made = Installation(tmp_path_factory.mktemp("city") / "home")
    try:
        status, out, err = made.command("setup", *argv())
        assert status == 0, err
        (made.home / "said").write_text(out, "utf-8")
        with running(made.home, say=lambda _line: None):
            yield made
        assert made.processes() == []
    finally:
        made.remove()


def trouble(installation: Installation, *command: str) -> str:
    """Return the one line with which a command must end; before it a slow database may have said that it starts."""
    status, out, err = installation.command(*command)
    lines = [line for line in err.splitlines() if not line.startswith("The database is starting; ")]
    assert (status, out, len(lines)) == (1, "", 1), (out, err)
    assert lines[0].startswith("huying: ")
    return lines[0]


# -- setup -------------------------------------------------------------------------------------------------------


def test_setup_says_what_it_did_and_where_the_administrator_begins(city: Installation) -> None:
    said = (city.home / "said").read_text("utf-8").splitlines()
    assert said[0].startswith(f"{OFFICE} ({CITY}) is set up. Numbers begin with YC; the rulebook bozhou, version 1,")
    assert said[1] == "秦桑 (qinsang) sets a password here; it works once, within 3 days:"
    assert LINK.fullmatch(said[2])


def test_a_second_setup_is_refused_with_one_line(city: Installation) -> None:
    words = f"huying: this installation is {OFFICE} ({CITY}) already; another city needs another HUYING_HOME"
    assert trouble(city, "setup", *argv(city="别的市", admin="other")).startswith(words)
    assert trouble(city, "setup").startswith(words)


def test_the_link_opens_while_the_city_is_served_and_an_invented_one_does_not(city: Installation) -> None:
    found = LINK.search((city.home / "said").read_text("utf-8"))
    assert found is not None
    port = free_port()
    with city.served(port):
        with urlopen(f"http://127.0.0.1:{port}{found[1]}", timeout=20) as page:
            assert "qinsang" in page.read().decode()
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"http://127.0.0.1:{port}/account/first/1/x/", timeout=20)


def test_a_terminal_is_asked_in_its_language_until_the_answer_can_be_used(tmp_path: Path) -> None:
    asked = Installation(tmp_path / "home")
    try:
        office = ["云川市", "", "云川市公开电话办公室", "Y2", "YC", "nobody", "bozhou"]
        answers = [*office, "qin sang", "qinsang", "秦桑"]
        status, out = at_terminal(asked, "setup", answers, LANG="zh_CN.UTF-8")
        assert status == 0, out
        for words in ("城市名称: ", "公开电话办公室的全称: ", "the office is missing", "'Y2' is no number prefix"):
            assert words in out
        assert "规则 (bozhou, dongguan, fengxian, " in out
        assert "'qin sang' is no user name" in out
        assert LINK.search(out)
    finally:
        asked.remove()


def at_terminal(installation: Installation, command: str, answers: list[str], **environ: str) -> tuple[int, str]:
    """Run a command whose standard input is a terminal; return exit status and output."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "huying", *command.split()],
        cwd=REPOSITORY,
        env=clean_environ(HUYING_HOME=str(installation.home), PYTHONUTF8="1") | environ,
        stdin=theirs,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    os.close(theirs)
    os.write(ours, "".join(f"{answer}\n" for answer in answers).encode())
    out, _ = patiently(process)
    os.close(ours)
    return process.returncode, out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"prefix": "云川"}, "'云川' is no number prefix"),
        ({"rulebook": "utopia"}, "there is no rulebook 'utopia'"),
        ({"city": " "}, "the city is missing"),
        ({"city": "\udce4"}, "the city has a character that can't be stored"),
        ({"office": "x" * 101}, "the office has more than 100 characters"),
        ({"admin": "a b"}, "'a b' is no user name"),
        ({"admin_name": None}, "--admin-name is missing; give it, or run this on a terminal"),
        ({"admin": "Clerk"}, "there is a user 'Clerk' already"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_set_up(given: dict[str, str | None], words: str) -> None:
    user("clerk", of=unit())
    usable = {name.replace("-", "_"): value for name, value in OPTIONS.items()}
    with pytest.raises(Trouble, match=re.escape(words)):
        set_up(usable | given)
    assert not Office.objects.get().is_set_up
    assert not RulebookInForce.objects.exists()


@pytest.mark.django_db
def test_an_office_that_a_load_made_is_named_once_with_its_root() -> None:
    the_office()
    assert name_office("办公室", "云川市", "YC")
    assert not name_office("别的办公室", "别的市", "XX")
    assert Office.objects.values_list("name", "city", "number_prefix").get() == ("办公室", "云川市", "YC")
    assert Unit.objects.get(code=ROOT).name == "办公室"


# -- accounts and tokens -----------------------------------------------------------------------------------------


def test_an_account_is_made_and_reset_by_links_of_its_own(city: Installation) -> None:
    status, first, err = city.command("user", "create", "heyan", "--role", "office", "--name", "何砚𠮷")
    assert (status, "何砚𠮷 sets a password here" in err) == (0, True)
    status, second, _ = city.command("user", "reset", "HeYan")
    assert status == 0
    assert LINK.fullmatch(first.strip())
    assert LINK.fullmatch(second.strip())
    assert first != second


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        (lambda: create_user("QINSANG", "office", "秦桑", None), "there is a user 'QINSANG' already"),
        (lambda: create_user("new", "unit", "何砚", None), "needs --unit CODE"),
        (lambda: create_user("new", "office", "何砚", "nowhere"), "there is no unit 'nowhere'"),
        (lambda: create_user("new", "office", "何砚", "gone"), "there is no unit 'gone'"),
        (lambda: create_user("a/b", "office", "何砚", None), "'a/b' is no user name"),
        (lambda: create_user("new", "leader", "沈砚青", None), "an account in the role leader needs --post CODE"),
        (lambda: create_user("new", "liaison", "柯小满", None), "an account in the role liaison needs --post CODE"),
        (lambda: create_user("new", "leader", "别人", None, ["mayor"]), "is held by 沈砚青, not by 别人"),
        (lambda: create_user("new", "leader", "沈砚青", None, ["vacant"]), "nobody holds the post 'vacant' today"),
        (lambda: create_user("new", "leader", "沈砚青", None, ["mayor", "vacant"]), "one --post is enough"),
        (lambda: create_user("new", "liaison", "柯小满", None, ["nix"]), "there is no post 'nix'; there are: mayor,"),
        (lambda: create_user("new", "office", "何砚", None, ["mayor"]), "--post is for the roles leader and liaison"),
        (lambda: reset_user("nobody"), "there is no user 'nobody'"),
        (lambda: reset_user("left"), "the account 'left' is switched off"),
        (lambda: create_token("board", "unit", None, None), "needs --unit CODE"),
        (lambda: create_token("board", "leader", None, None), "needs --post CODE"),
        (lambda: create_token("board", "leader", None, "nowhere"), "there is no post 'nowhere'"),
        (lambda: end_token("board"), "there is no token 'board'; there are: none"),
        (lambda: adopt_from("utopia", None), "there is no rulebook 'utopia'"),
        (lambda: adopt_from("missing.toml", None), "missing.toml can't be read"),
    ],
)
def test_a_mistake_is_named_and_changes_nothing(mistake: Callable[[], int], words: str) -> None:
    user("qinsang", of=unit())
    user("left")
    User.objects.filter(username="left").update(is_active=False)
    held("mayor", "沈砚青")
    Post.objects.create(code="vacant", name="副市长")
    unit("gone")
    Unit.objects.filter(code="gone").update(abolished_on=date(2026, 1, 1))
    before = [list(model._default_manager.values()) for model in (User, Liaison, ApiToken, RulebookInForce)]
    with pytest.raises(Trouble, match=re.escape(words)):
        mistake()
    assert [list(model._default_manager.values()) for model in (User, Liaison, ApiToken, RulebookInForce)] == before


def held(code: str, name: str, of: Unit | None = None) -> Post:
    """Make a post that somebody has held since the beginning of 2026."""
    made = Post.objects.create(code=code, name=code, unit=of)
    person = Person.objects.create(name=name)
    Tenure.objects.create(post=made, person=person, days=DateRange(date(2026, 1, 1), None))
    return made


@pytest.mark.django_db
def test_a_leader_is_tied_to_the_posts_of_the_person_and_a_liaison_to_the_named_ones() -> None:
    yunxi = unit("yunxi")
    head, other = held("yunxi-head", "韩松亭", yunxi), held("park", "韩松亭")
    person = head.tenures.get().person
    other.tenures.update(person=person)

    create_user("head", "leader", "韩松亭", None, ["yunxi-head"])
    create_user("helper", "liaison", "柯小满", None, ["yunxi-head", "park", "park"])

    leader, liaison = (
        actor_of(User.objects.select_related("unit").get(username=name), now()) for name in ("head", "helper")
    )
    assert leader.posts == liaison.posts == {head.id, other.id}
    assert (leader.person, liaison.person) == (person.id, None)
    assert liaison.acts_for == {person.id}
    assert leader.unit == liaison.unit == yunxi.id


def test_a_token_is_printed_alone_and_its_name_is_taken_until_it_is_revoked(city: Installation) -> None:
    status, secret, err = city.command("token", "create", "feed", "--role", "office")
    assert (status, len(secret.split())) == (0, 1)
    assert secret.startswith("hy_")
    assert secret.strip() not in err
    assert "there is a token 'feed' already" in trouble(city, "token", "create", "feed", "--role", "office")
    assert city.command("token", "revoke", "feed")[:2] == (0, "The token 'feed' is revoked.\n")


def test_a_role_that_does_not_exist_or_a_garbled_date_is_misspelt(city: Installation) -> None:
    assert city.command("user", "create", "new", "--role", "king", "--name", "王")[0] == 2
    assert city.command("rulebook", "adopt", "laixi", "--from", "next year")[0] == 2
    assert city.command("token", "create", "t", "--role", "unit", "--unit", "a", "--post", "b")[0] == 2


# -- the rulebook ------------------------------------------------------------------------------------------------


def test_a_rulebook_is_adopted_from_a_file_whose_stem_is_its_id(city: Installation, tmp_path: Path) -> None:
    file = tmp_path / "云川.toml"
    file.write_text(rulebook_text("bozhou"), "utf-8")
    day = (now() + timedelta(days=30)).date()
    status, out, err = city.command("rulebook", "adopt", str(file), "--from", str(day))
    assert (status, out) == (0, f"云川, version 1, is in force from {day} 00:00\n"), err
    file.write_text(rulebook_text("bozhou").replace("cn-state-council", "cn-moon"), "utf-8")
    assert "there is no calendar 'cn-moon'" in trouble(city, "rulebook", "adopt", str(file))


def test_a_past_day_is_refused_once_there_are_cases_since(installation: Installation) -> None:
    """`installation` has one case, received on 5 January 2026."""
    refused = trouble(installation, "rulebook", "adopt", "bozhou", "--from", "2026-01-05")
    assert "something was received since 2026-01-05; choose today or a later day" in refused
    status, out, _ = installation.command("rulebook", "adopt", "bozhou", "--from", "2026-01-06")
    assert (status, out) == (0, "bozhou, version 1, is in force from 2026-01-06 00:00\n")


# -- loading -----------------------------------------------------------------------------------------------------


def test_units_and_posts_are_shown_confirmed_loaded_and_then_unchanged(city: Installation, tmp_path: Path) -> None:
    units, posts = tmp_path / "units.csv", tmp_path / "posts.csv"
    units.write_text(UNITS, "gb18030")
    posts.write_text(POSTS, "utf-8")

    status, out, _ = city.command("load", "units", str(units), "--dry-run")
    assert (status, out.splitlines()[-1]) == (0, "Only looked at: nothing was loaded.")
    status, out, err = city.command("load", "units", str(units))
    assert (status, err) == (1, "huying: nothing was loaded; look at the list above and add --yes\n")
    assert out.splitlines()[0] == "units.csv: 2 rows = 2 new + 0 changed + 0 abolished + 0 unchanged"
    status, out = at_terminal(city, f"load units {units}", ["n"])
    assert (status, "Load this? [y/N] " in out) == (1, True)
    status, out = at_terminal(city, f"load units {units}", ["y"])
    assert (status, out.endswith("Loaded.\n")) == (0, True)

    assert city.command("load", "posts", str(posts), "--yes")[0] == 0
    for what, file in (("units", units), ("posts", posts)):
        status, out, _ = city.command("load", what, str(file))
        assert (status, out.splitlines()[-1]) == (0, "Nothing to change."), what


@pytest.mark.django_db
def test_the_example_files_of_the_documents_can_be_loaded_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    examples = REPOSITORY / "docs" / "examples"
    assert organising.load_units(examples / "units.csv", dry_run=False, yes=True) == 0
    assert organising.load_posts(examples / "posts.csv", dry_run=False, yes=True) == 0
    assert capsys.readouterr().out.count("Loaded.") == 2
    assert Portfolio.objects.count() == 3


def test_every_bad_row_is_listed_and_nothing_is_loaded(city: Installation, tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("编码,名称,上级\na,甲,b\nb,乙,a\ngood,好,city\nlost,丢,nowhere\n", "utf-8")
    status, out, err = city.command("load", "units", str(file), "--yes")
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "units.csv: line 2, column 上级: the parents run in a circle: a (line 2) → b (line 3) → a (line 2)",
        "units.csv: line 5, column 上级: there is no unit 'nowhere', here or in this file",
        "huying: 2 problems; nothing was loaded",
    ]
    file.write_text("编码,名称,上级\ngood,好,city\n", "utf-8")
    assert " 1 new + " in city.command("load", "units", str(file), "--dry-run")[1]
    assert "missing.csv: there is no such file" in trouble(city, "load", "posts", "missing.csv")


@pytest.mark.django_db
def test_what_was_changed_while_somebody_read_the_preview_is_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "units.csv"
    file.write_text("code,name,parent\na,甲,city\n", "utf-8")

    def changed_meanwhile() -> bool:
        make_unit("a", "乙", Unit.objects.get(code=ROOT))
        return True

    monkeypatch.setattr(organising, "confirmed", changed_meanwhile)
    with pytest.raises(Trouble, match="changed meanwhile; nothing was loaded"):
        organising.load_units(file, dry_run=False, yes=False)
    assert Unit.objects.get(code="a").name == "乙"


@pytest.mark.django_db
def test_a_user_name_is_one_whatever_its_case() -> None:
    User.objects.create_user("heyan", None, role=Role.OFFICE, full_name="何砚")
    with pytest.raises(IntegrityError, match="user_name_once_in_any_case"), transaction.atomic():
        User.objects.create_user("HeYan", None, role=Role.OFFICE, full_name="何砚")
