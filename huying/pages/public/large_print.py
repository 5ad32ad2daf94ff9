"""大字版: every public page in larger letters, by a cookie and without a script; the desk has none."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from huying.pages.access import public

View = Callable[[HttpRequest], HttpResponse]
COOKIE = "huying_large_print"
_ASKED, _CHOICES = "large_print", ("on", "off")
_A_YEAR = 365 * 24 * 3600  # seconds


def is_on(request: HttpRequest) -> bool:
    """Return whether this answer is in large print: what a form's button asks for, else what the cookie remembers."""
    return (_asked(request) or request.COOKIES.get(COOKIE)) == "on"


def sized(view: View) -> View:
    """Remember the size that a form's button asks for: the form is sent again with it, so nothing typed is lost."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        return _remembered(request, view(request))

    return answered


@public
def large_print(request: HttpRequest) -> HttpResponse:
    """Change the size, and go back to where the reader was, with everything behind its question mark."""
    if request.method != "POST":  # an address that somebody kept
        return redirect("front")
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return _remembered(request, redirect(back if is_ours else "front"))


def _asked(request: HttpRequest) -> str:
    asked = request.POST.get(_ASKED, "")
    return asked if asked in _CHOICES else ""


def _remembered(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if asked := _asked(request):
        secure = settings.LANGUAGE_COOKIE_SECURE
        response.set_cookie(COOKIE, asked, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
    return response
