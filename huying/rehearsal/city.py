"""The organisation of 云川市, the invented city: its office, units, posts, people, accounts and tokens."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from psycopg.types.range import DateRange

from huying.data import demo_rows
from huying.directory.models import ContactPoint
from huying.people.models import Liaison, Person, Portfolio, Post, Tenure, Unit, User
from huying.people.office import ROOT, found_office, make_unit
from huying.people.tokens import issue_token
from huying.rules.access import Role

CITY, PREFIX = "云川市", "YC"
IN_OFFICE = timedelta(days=400)  # since when the invented officials hold their posts, and the rulebook is in force
TOKEN_UNIT = "yunxi-housing"  # noqa: S105  # the unit whose token is told


@dataclass(frozen=True)
class Secrets:
    """What opens the invented city: one password for all accounts, and the tokens by name."""

    password: str
    tokens: dict[str, str]


def found_city(password: str, at: datetime) -> Secrets:
    """Make the city as it is before anybody rings, and return what opens it."""
    found_office(f"{CITY}公开电话办公室", CITY, PREFIX, is_demo=True)
    _units()
    _posts(at.date())
    for row in demo_rows("users"):
        _user(row)
    # One hash for all, since making one takes a third of a second on purpose.
    User.objects.update(password=make_password(password))
    tokens = {
        "office": issue_token("office", Role.OFFICE, at, unit=Unit.objects.get(code=ROOT)),
        TOKEN_UNIT: issue_token(TOKEN_UNIT, Role.UNIT, at, unit=Unit.objects.get(code=TOKEN_UNIT)),
    }
    return Secrets(password, tokens)


def _units() -> None:
    for row in demo_rows("units"):
        unit = make_unit(row["code"], row["name"], Unit.objects.get(code=row["parent"]))
        User.objects.create_user(unit.code, None, role=Role.UNIT, full_name=row["handler"], unit=unit)


def _posts(today: date) -> None:
    days = DateRange(today - IN_OFFICE, None)
    root = Unit.objects.get(code=ROOT)
    ContactPoint.objects.create(
        line="公开电话专线", kind="hotline", value="0500-555 0199", answer_mode="operator", hours="每天 7:00–22:00"
    )
    for row in demo_rows("posts"):
        own = Unit.objects.filter(code=row["code"].removesuffix("-head")).first()
        post = Post.objects.create(code=row["code"], name=row["name"], unit=own or root)
        Tenure.objects.create(post=post, person=Person.objects.create(name=row["person"]), days=days)
        for code in row["portfolio"].split():
            Portfolio.objects.create(post=post, unit=Unit.objects.get(code=code), days=days)
        for kind in ("phone_mobile", "sms"):
            ContactPoint.objects.create(
                post=post, kind=kind, value=row["phone"], answer_mode=row["answer_mode"], hours=row["hours"]
            )


def _user(row: dict[str, str]) -> None:
    """Make an account; of role leader for the person who holds the post, of role liaison for the post itself."""
    role, unit = Role(row["role"]), Unit.objects.get(code=row["unit"])
    user = User.objects.create_user(row["username"], None, role=role, full_name=row["name"], unit=unit)
    if role is Role.LIAISON:
        Liaison.objects.create(user=user, post=Post.objects.get(code=row["post"]))
    elif row["post"]:
        user.person = Person.objects.get(tenures__post__code=row["post"])
        user.save(update_fields=["person"])
