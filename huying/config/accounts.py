"""`huying user` and `huying token`: accounts for people, each begun by a one-time link, and tokens for programs."""

import os
import re
import sys

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.cases.clock import now
from huying.config.house import Trouble
from huying.config.words import one_line
from huying.people.first_password import forget_password, link_parts
from huying.people.models import ApiToken, Post, Unit, User
from huying.people.office import ROOT, the_office
from huying.people.tokens import issue_token, revoke_token
from huying.rules.access import Role

_USERNAME = re.compile(r"[\w.@+-]{1,60}")


def create_user(username: str, role: str, name: str, unit_code: str | None) -> int:
    """Make an account and print its one-time link. Raises Trouble."""
    the_office()
    if role == Role.UNIT and unit_code is None:
        raise Trouble("an account in the role unit needs --unit CODE")
    user = new_user(username, Role(role), name, _unit(unit_code or ROOT))
    _hand_over(user)
    return 0


def new_user(username: str, role: Role, name: str, unit: Unit) -> User:
    """Make an account that waits for its password. Raises Trouble."""
    full_name = one_line("the name", name)
    try:
        with transaction.atomic():
            return User.objects.create_user(clean_username(username), None, role=role, full_name=full_name, unit=unit)
    except IntegrityError as taken:
        raise Trouble(f"there is a user {username!r} already; `huying user reset` makes a new link") from taken


def clean_username(written: str) -> str:
    """Return a user name that can be signed in with. Raises Trouble."""
    username = written.strip()
    if not _USERNAME.fullmatch(username):
        raise Trouble(f"{written!r} is no user name; use letters, digits and . @ + - _, at most 60")
    return username


def reset_user(username: str) -> int:
    """End somebody's password, sessions and older links, and print a new one-time link. Raises Trouble."""
    user = User.objects.filter(username__iexact=clean_username(username)).first()
    if user is None:
        raise Trouble(f"there is no user {username!r}")
    if not user.is_active:
        raise Trouble(f"the account {user.username!r} is switched off")
    forget_password(user)
    _hand_over(user)
    return 0


def first_link(user: User) -> str:
    """Return the one-time link, with the address at which this installation is likely to be reached."""
    return _address() + reverse("first_password", args=link_parts(user))


def _hand_over(user: User) -> None:
    """Print the link alone on the standard output, for scripts; what it is goes beside it."""
    print(f"{user.full_name} sets a password here; it works once, within 3 days:", file=sys.stderr)
    print(first_link(user))


def _address() -> str:
    host = os.environ.get("HUYING_HOSTS", "").split(",")[0].strip().lstrip(".")
    if not host or host == "*":
        return f"http://127.0.0.1:{os.environ.get('PORT') or 8000}"
    return f"{'https' if settings.SESSION_COOKIE_SECURE else 'http'}://{host}"


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=one_line("the unit", code), abolished_on=None).first()
    if unit is None:
        raise Trouble(f"there is no unit {code!r}; the office's own level is {ROOT!r}")
    return unit


# -- tokens ---------------------------------------------------------------------------------------------------------


def create_token(name: str, role: str, unit_code: str | None, post_code: str | None) -> int:
    """Make a token and print its secret, alone on the standard output. Raises Trouble."""
    the_office()
    given = one_line("the token's name", name)
    if role == Role.UNIT and unit_code is None:
        raise Trouble("a token in the role unit needs --unit CODE")
    if role in (Role.LEADER, Role.LIAISON) and post_code is None:
        raise Trouble(f"a token in the role {role} needs --post CODE")
    unit = None if unit_code is None else _unit(unit_code)
    post = None if post_code is None else Post.objects.filter(code=one_line("the post", post_code)).first()
    if post_code is not None and post is None:
        raise Trouble(f"there is no post {post_code!r}")
    try:
        with transaction.atomic():
            secret = issue_token(given, Role(role), now(), unit=unit, post=post)
    except IntegrityError as taken:
        raise Trouble(f"there is a token {given!r} already; revoke it first, or take another name") from taken
    print(f"Token {given!r}, shown only now:", file=sys.stderr)
    print(secret)
    return 0


def end_token(name: str) -> int:
    """Revoke a token. Raises Trouble."""
    if not revoke_token(name.strip(), now()):
        living = ", ".join(ApiToken.objects.filter(revoked_at=None).order_by("name").values_list("name", flat=True))
        raise Trouble(f"there is no token {name!r}; there are: {living or 'none'}")
    print(f"The token {name!r} is revoked.")
    return 0
