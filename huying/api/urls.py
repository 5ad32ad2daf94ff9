"""The addresses of the API. All but its description want a token; which cases it reads, says `visible_to`."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from huying.rules.access import Role

from .problems import response, stopped
from .v1 import api

Access = str | tuple[Role, ...]
_PUBLIC = frozenset({"openapi-json"})


def _declared(pattern: URLPattern) -> URLPattern:
    """Return the address with its access said, and with our JSON where a method is not allowed."""
    access: Access = "public" if pattern.name in _PUBLIC else tuple(Role)
    return path(str(pattern.pattern), _uniform(pattern.callback, access), name=pattern.name)


def _uniform(view: Callable[..., HttpResponse], access: Access) -> Callable[..., HttpResponse]:
    @wraps(view, assigned=())
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        if answer.status_code != 405:
            return answer
        said = response(stopped(405, "wrong_http_method"))
        said.headers["Allow"] = answer.headers["Allow"]
        return said

    answered.csrf_exempt = True  # type: ignore[attr-defined]  # nothing here is done by a cookie
    answered.access = access  # type: ignore[attr-defined]
    return answered


urlpatterns = [_declared(pattern) for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
