"""A city with a handful of cases behind a server of its own, and Chromium in front of it.

The server runs in this process, on a clone of the database: it commits, and pages are made at a moment that the
tests know. Playwright runs an event loop in the main thread, where Django would refuse to work; this folder alone
tells it not to.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any, Literal
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import DjangoDbBlocker

from huying.cases.doors import act
from huying.cases.models import Origin
from huying.cases.rulebooks import put_in_force
from huying.config.postgres import Urls
from huying.directory.models import ContactPoint
from huying.pages.translation import compile_catalogs
from huying.people.models import Office
from huying.people.office import the_office
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign, RecordVerdict, SubmitReport, Verify
from tests import conftest as suite
from tests.builders import at, clerk, do, post, received, unit, user, verified_case, version
from tests.pages.reading import MODULES

PASSWORD = "a password of words"
NOW = at(3, 19, 10)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
UNBROKEN = "https://example.org/" + "a" * 200


@dataclass(frozen=True)
class City:
    """Where the server listens, and the addresses of its cases by what became of them."""

    url: str
    cases: dict[str, str]


@dataclass
class Look:
    """How somebody looks at pages."""

    language: Literal["zh-hans", "en"] = "zh-hans"
    theme: Literal["light", "dark"] = "light"
    width: int = 1280
    signed_in: bool = True
    scripts: bool = True


@dataclass
class Watch:
    """What a browser must never do: complain on the console, or ask another origin for something."""

    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)


class Server(ThreadingMixIn, WSGIServer):
    """Waits for its threads as it closes: one that came late would open a pool to a database that goes."""

    daemon_threads = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing when the browser has gone away."""


class Quiet(WSGIRequestHandler):
    timeout = 2  # seconds; a browser opens connections that it never uses

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def city(server: Urls, template: str, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[City]:
    if CHROMIUM is None:
        pytest.skip("Chromium isn't installed: the browser tests are skipped")
    before = settings.DATABASES["default"]["NAME"]
    hasher = override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"])
    compile_catalogs()
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        suite._database(server, template) as name,
        hasher,
    ):
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        for module in MODULES:
            patch.setattr(f"huying.pages.{module}.now", lambda: NOW)
        patch.setattr("huying.cases.queries.PAGE", 8)  # axe reads every row
        suite._point_django_at(server, name)
        try:
            with serving() as url:
                yield City(url, build())
        finally:
            suite._leave_database()
            suite._point_django_at(server, before)


def build() -> dict[str, str]:
    """Make a clerk and a case of every kind; return the addresses of the cases."""
    cache.clear()
    put_in_force(version(), date(2026, 1, 5), at(1, 5), Actor.system())
    the_office()
    Office.objects.update(city="云川市", is_demo=True)
    ContactPoint.objects.create(line="公开电话专线", kind="hotline", value="0500-555 0100", hours="每天 7:00–22:00")
    ContactPoint.objects.create(post=post(), kind="phone_mobile", value="0500-555 0101", hours="工作日 12:00–14:00")
    housing = unit("housing")
    user("clerk", Role.OFFICE, unit("city"))
    user("holder", Role.UNIT, housing)
    closed, reopened = verified_case(housing), verified_case(housing)
    do(closed, RecordVerdict("satisfied"), at(3, 18, 10), clerk())
    do(reopened, RecordVerdict("unsatisfied", "只贴了告示"), at(3, 18, 10), clerk())
    overdue = received(at(3, 2, 9), text=f"井盖丢了，晚上看不见。{'路灯也不亮。' * 500}{UNBROKEN}", name="郑晓禾")
    running = received(at(3, 18, 9), text="电梯停了五天")
    do(running, Assign(housing.id), at(3, 18, 15), clerk())
    imported = received(at(4, 25, 9, year=2019), "message-board", title=UNBROKEN, origin=Origin.IMPORT, phone=None)
    for command in (Assign(housing.id), SubmitReport(text=f"已经修好。{UNBROKEN}"), Verify()):
        act(imported.case_id or 0, command, at(5, 9, 10, year=2019), at(3, 19, 9), Actor.system())
    for n in range(8):
        received(at(3, 18, 10), text=f"路灯坏了{n}")
    named = {"open": running, "overdue": overdue, "closed": closed, "reopened": reopened, "imported": imported}
    return {name: f"/desk/cases/{case.number}/" for name, case in named.items()}


@contextmanager
def serving() -> Iterator[str]:
    with make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet) as http:
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            http.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def chromium(city: City) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()
        forget_connections()


def forget_connections() -> None:
    """Let go of the connections that are seen while Playwright's loop runs: Django keeps others beside it.

    Those of the next city would else be this one's, whose database is gone by then.
    """
    for alias in list(connections):
        connections[alias].close()
        del connections[alias]


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, city: City) -> Any:
    """Return the cookies of the clerk, signed in once."""
    context = chromium.new_context(locale="zh-CN", base_url=city.url)
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_label("用户名").fill("clerk")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{city.url}/desk/")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def look(chromium: Browser, city: City, signed_in: Any) -> Iterator[Callable[[Look], Page]]:
    """Return what opens a page as somebody looks at it; afterwards nothing may have been wrong with any."""
    watch = Watch()
    contexts: list[BrowserContext] = []

    def opened(how: Look) -> Page:
        context = chromium.new_context(
            locale="zh-CN",
            base_url=city.url,
            viewport={"width": how.width, "height": 800},
            color_scheme=how.theme,
            java_script_enabled=how.scripts,
        )
        contexts.append(context)
        context.set_default_timeout(5000)
        if how.signed_in:
            context.add_cookies(signed_in)
        context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": how.language, "url": city.url}])
        return watched(context.new_page(), watch, city.url)

    yield opened
    for context in contexts:
        context.close()
    assert watch == Watch()


def watched(page: Page, watch: Watch, origin: str) -> Page:
    def complain(text: str) -> None:
        if "the server responded with a status of 404" not in text:  # the page itself, where a test asks for one
            watch.complaints.append(text)

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "data" and f"{parts.scheme}://{parts.netloc}" != origin:
            watch.strangers.append(url)

    page.on("console", lambda message: complain(message.text))
    page.on("pageerror", lambda error: complain(str(error)))
    page.on("request", lambda request: asked(request.url))
    return page
