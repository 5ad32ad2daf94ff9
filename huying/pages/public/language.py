"""The other language on a page that answers a form: the form is sent again with it, so nothing typed is lost."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import activate, check_for_language

View = Callable[[HttpRequest], HttpResponse]


def speaking(view: View) -> View:
    """Answer in the language that a form's button `language` asks for, and remember it as `set_language` does."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        asked = request.POST.get("language", "")
        if asked not in dict(settings.LANGUAGES) or not check_for_language(asked):
            return view(request)
        activate(asked)
        response = view(request)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            asked,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite=settings.LANGUAGE_COOKIE_SAMESITE,
        )
        return response

    return answered
