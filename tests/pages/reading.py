"""Reading pages in a test: a signed-in browser, the clock of the pages, the words that are seen, the statements."""

import re
from collections.abc import Callable
from datetime import datetime
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.people.models import User

BOOKKEEPING = re.compile(r"BEGIN|COMMIT|SAVEPOINT|RELEASE|ROLLBACK")

# Where a page reads the clock.
MODULES = (
    *("frame", "kept", "errors"),
    *(
        "desk.register",
        "desk.case",
        "desk.today",
        "desk.contact",
        "desk.waiting",
        "desk.figures",
        "desk.calendar",
        "desk.rulebook",
        "desk.notices",
        "desk.calls",
        "desk.stuck",
        "desk.files",
        "desk.same_caller",
        "desk.transfer",
        "desk.delegates",
        "desk.impostors",
        "desk.approval",
    ),
    *("public.front", "public.directory", "public.report", "public.report_later", "public.track", "public.check"),
    *("public.account", "public.rules", "public.about", "public.official", "public.styleguide"),
)


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    for module in MODULES:
        monkeypatch.setattr(f"huying.pages.{module}.now", lambda: moment)


def browser(of: User | None = None) -> Client:
    client = Client()
    if of is not None:
        client.force_login(of)
    return client


def page(client: Client, path: str = "/desk/cases/", **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def words(html: str) -> str:
    """Return what a reader sees: the text without marks, its white space folded."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def statements(client: Client, path: str) -> int:
    return statements_of(lambda: page(client, path))


def statements_of(reading: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        reading()
    return len([query for query in captured if not BOOKKEEPING.match(query["sql"])])
