"""A city on the public pages: its rulebook in force, its posts, and the forms that a citizen sends."""

import re
from datetime import date
from html import unescape
from typing import Any

from django.test import Client
from psycopg.types.range import DateRange

from huying.cases.rulebooks import adopt, put_in_force
from huying.data import rulebook_text
from huying.directory.models import ContactPoint
from huying.people.models import Office, Person, Post, Tenure, Unit
from huying.people.office import the_office
from huying.rules.access import Actor
from tests.builders import PHONE, at

TOKEN = "t" * 32
ANSWERS = {"text": "电梯停了五天", "phone": PHONE, "name": "郑晓禾", "token": TOKEN}


def found(rulebook: str | None = "bozhou", off: str = "", to: str = "") -> None:
    """Set up 云川市, by default under Bozhou's rules; `off` is a piece of the rulebook that says `to` instead."""
    the_office()
    Office.objects.update(name="云川市公开电话办公室", city="云川市", number_prefix="YC")
    ContactPoint.objects.create(
        line="公开电话专线", kind="hotline", value="0500-555 0100", answer_mode="operator", hours="每天 7:00–22:00"
    )
    if rulebook is not None:
        version = adopt(
            rulebook,
            rulebook_text(rulebook).replace(off, to) if off else rulebook_text(rulebook),
            at(1, 5),
            Actor.system(),
        )
        put_in_force(version, date(2026, 1, 5), at(1, 5), Actor.system())


def official(code: str, holder: str = "", unit: Unit | None = None, name: str = "", **point: Any) -> Post:
    made = Post.objects.create(code=code, name=name or code, unit=unit)
    if holder:
        person = Person.objects.create(name=holder)
        Tenure.objects.create(post=made, person=person, days=DateRange(date(2026, 1, 1), None))
    if point:
        ContactPoint.objects.create(post=made, **{"kind": "phone_mobile", **point})
    return made


def send(client: Client, go: str, **changed: Any) -> str:
    """Send the form of a report to the page `go`; return the page that answers."""
    answer = client.post("/report/", {**ANSWERS, "go": go, **changed})
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def receipt_of(html: str) -> tuple[str, str]:
    """Return number and query code (digits alone) of a receipt."""
    number = re.search(r"YC-\d{4}-\d{6}", html)
    code = re.search(r'class="code[^"]*">([\d ]+)<', html)
    assert number is not None
    assert code is not None
    return number[0], code[1].replace(" ", "")


def hidden(html: str) -> dict[str, str]:
    """Return what the page's form carries along."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}
