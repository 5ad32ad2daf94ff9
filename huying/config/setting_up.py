"""`huying setup`: a city's own office, its rulebook and its first administrator, asked for or given as options."""

import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext, gettext_noop, override

from huying.cases.clock import now
from huying.cases.rulebooks import adopt, put_in_force, ruleset
from huying.config.accounts import clean_username, first_link, new_user
from huying.config.house import Trouble
from huying.config.rulebook_commands import Source, read_source
from huying.config.words import language, one_line
from huying.data import rulebook_ids
from huying.people.models import Office, Unit
from huying.people.office import ROOT, name_office
from huying.rules.access import Actor, Role

_PREFIX = re.compile(r"[A-Z]{1,8}")


@dataclass(frozen=True)
class Question:
    """One thing to know: its option, the question in Chinese (English in the catalog), and what makes it clean."""

    option: str
    words: str
    clean: Callable[[str], str]


def _prefix(written: str) -> str:
    text = written.strip().upper()
    if not _PREFIX.fullmatch(text):
        raise Trouble(f"{written!r} is no number prefix; write one to eight letters from A to Z, like YC")
    return text


def _rulebook(written: str) -> str:
    text = written.strip()
    read_source(text)
    return text


QUESTIONS = (
    Question("city", gettext_noop("城市名称"), lambda text: one_line("the city", text)),
    Question("office", gettext_noop("公开电话办公室的全称"), lambda text: one_line("the office", text)),
    Question("prefix", gettext_noop("编号开头的字母，比如 YC"), _prefix),
    Question("rulebook", gettext_noop("规则"), _rulebook),
    Question("admin", gettext_noop("管理员的用户名"), clean_username),
    Question("admin_name", gettext_noop("管理员的姓名"), lambda text: one_line("the administrator's name", text)),
)


def set_up(options: Mapping[str, str | None]) -> int:
    """Set the installation up once and print the administrator's link. Raises Trouble, RulebookError."""
    _ensure_new()
    with override(language()):
        given = {question.option: _answer(question, options.get(question.option)) for question in QUESTIONS}
    print(_set_up(given, read_source(given["rulebook"]), now()))
    return 0


@transaction.atomic
def _set_up(given: Mapping[str, str], source: Source, at: datetime) -> str:
    if not name_office(given["office"], given["city"], given["prefix"]):
        _ensure_new()
    admin = new_user(given["admin"], Role.ADMIN, given["admin_name"], Unit.objects.get(code=ROOT))
    actor = Actor(f"user:{admin.id}", Role.ADMIN)
    version = adopt(source.id, source.text, at, actor)
    day = at.astimezone(ruleset(version).rulebook.zone).date()
    put_in_force(version, day, at, actor)
    return (
        f"{given['office']} ({given['city']}) is set up. Numbers begin with {given['prefix']};"
        f" the rulebook {version.rulebook}, version {version.version}, is in force from {day}.\n"
        f"{admin.full_name} ({admin.username}) sets a password here; it works once, within 3 days:\n"
        f"{first_link(admin)}"
    )


def _ensure_new() -> None:
    office = Office.objects.first()
    if office and office.is_set_up:
        raise Trouble(
            f"this installation is {office.name} ({office.city}) already;"
            " another city needs another HUYING_HOME or database"
        )


def _answer(question: Question, given: str | None) -> str:
    """Return the option, or ask until the answer can be used. Raises Trouble."""
    if given is not None:
        return question.clean(given)
    if not sys.stdin.isatty():
        raise Trouble(f"--{question.option.replace('_', '-')} is missing; give it, or run this on a terminal")
    choice = f" ({', '.join(rulebook_ids())})" if question.option == "rulebook" else ""
    words = gettext(question.words)
    while True:
        try:
            return question.clean(input(f"{words}{choice}: "))
        except EOFError as left:
            raise Trouble("nothing was set up") from left
        except Trouble as wrong:
            print(f"  {wrong}")
