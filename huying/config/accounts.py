"""`huying user` and `huying token`: accounts for people, each begun by a one-time link, and tokens for programs."""

import os
import re
import sys
from collections.abc import Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.cases.clock import now
from huying.config.house import Trouble
from huying.config.words import one_line
from huying.people.first_password import forget_password, link_parts
from huying.people.models import ApiToken, Liaison, Person, Post, Unit, User
from huying.people.office import ROOT, the_office
from huying.people.serving import day_of
from huying.people.tokens import issue_token, revoke_token
from huying.rules.access import Role

_SHOWN = 20  # codes in a message; more would push it off the screen
_USERNAME = re.compile(r"[\w.@+-]{1,60}")


def create_user(username: str, role: str, name: str, unit_code: str | None, post_codes: Sequence[str] = ()) -> int:
    """Make an account and print its one-time link. Raises Trouble.

    A leader is the person who holds the post today, and keeps all of that person's posts as they change; a liaison
    acts for the named posts, whoever holds them.
    """
    the_office()
    if role == Role.UNIT and unit_code is None:
        raise Trouble("an account in the role unit needs --unit CODE")
    posts = _posts_of_account(Role(role), post_codes)
    unit = _unit(ROOT if unit_code is None else unit_code)
    if unit_code is None and posts and posts[0].unit:
        unit = posts[0].unit
    with transaction.atomic():
        user = new_user(username, Role(role), name, unit)
        if role == Role.LEADER:
            user.person = _holder(posts[0], user.full_name)
            user.save(update_fields=["person"])
        elif role == Role.LIAISON:
            Liaison.objects.bulk_create(Liaison(user=user, post=post) for post in posts)
    _hand_over(user)
    return 0


def _posts_of_account(role: Role, codes: Sequence[str]) -> list[Post]:
    """Return the posts that an account is tied to: one for a leader, any number for a liaison. Raises Trouble."""
    if role not in (Role.LEADER, Role.LIAISON):
        if codes:
            raise Trouble("--post is for the roles leader and liaison")
        return []
    if not codes:
        raise Trouble(f"an account in the role {role} needs --post CODE, the post of the file of posts")
    if role is Role.LEADER and len(codes) > 1:
        raise Trouble("one --post is enough for a leader: it finds the person, and with the person all other posts")
    return [_post(code) for code in dict.fromkeys(codes)]


def _holder(post: Post, name: str) -> Person:
    """Return who holds a post today, if that is the name given. Raises Trouble."""
    today = day_of(now())
    tenure = post.tenures.select_related("person").filter(days__contains=today).first()
    if tenure is None:
        raise Trouble(f"nobody holds the post {post.code!r} today; load a file of posts with 姓名 and 任职时间 first")
    if tenure.person.name != name:
        raise Trouble(f"the post {post.code!r} is held by {tenure.person.name}, not by {name}")
    return tenure.person


def _post(code: str) -> Post:
    post = Post.objects.select_related("unit").filter(code=one_line("the post", code)).first()
    if post is None:
        known = ", ".join(Post.objects.order_by("code").values_list("code", flat=True)[:_SHOWN])
        raise Trouble(f"there is no post {code!r}; there are: {known or 'none, load a file of posts first'}")
    return post


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
        known = Unit.objects.filter(abolished_on=None).order_by("code").values_list("code", flat=True)[:_SHOWN]
        raise Trouble(f"there is no unit {code!r}; there are: {', '.join(known)}")
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
    post = None if post_code is None else _post(post_code)
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
