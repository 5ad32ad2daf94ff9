"""The one-time link on which somebody sets a password: what stands in it, whose it is, and that it works once.

The token is Django's: it holds the moment, and a hash over the password that is replaced. So setting a password
ends the link, every other link of the same person, and (by the session's own hash) every open session.
"""

from allauth.account.utils import url_str_to_user_pk, user_pk_to_url_str
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator

from .models import User


def link_parts(user: User) -> tuple[str, str]:
    """Return what identifies the user in a link, and its token; it lives for settings.PASSWORD_RESET_TIMEOUT."""
    return user_pk_to_url_str(user), default_token_generator.make_token(user)


def owner(uid: str, token: str) -> User | None:
    """Return the active user whose living link this is."""
    try:
        user = User.objects.select_related("unit").filter(pk=url_str_to_user_pk(uid), is_active=True).first()
    except ValueError:
        return None
    return user if user and default_token_generator.check_token(user, token) else None


def set_password(user: User, password: str) -> bool:
    """Set the password on which the link rests; return False if another one was set since `user` was read."""
    unchanged = User.objects.filter(pk=user.pk, password=user.password)
    return unchanged.update(password=make_password(password)) == 1


def forget_password(user: User) -> None:
    """Let the old password, the sessions opened with it and all earlier links end."""
    user.set_unusable_password()
    user.save(update_fields=["password"])
