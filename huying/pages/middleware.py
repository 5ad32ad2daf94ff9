"""The headers of every answer: own origin only, no inline script or style, no frame, kept by no cache.

A view may let the reader's own browser keep a page, by `Cache-Control: private`: what somebody typed there has to be
found by Back, also after another page changed a cookie. So such a page doesn't vary by anything.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def policy() -> str:
    """Return the content security policy.

    Chromium applies `form-action` to the redirect that follows a form too, so the origins of the city's
    sign-in providers must be named (setting HUYING_SIGN_IN_ORIGINS, empty by default). `data:` is for the
    QR code that sets up an authenticator.
    """
    forms = " ".join(["'self'", *getattr(settings, "HUYING_SIGN_IN_ORIGINS", ())])
    return (
        f"default-src 'self'; img-src 'self' data:; form-action {forms}; "
        "base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
    )


def security_headers(get_response: Answer) -> Answer:
    headers = {
        "Content-Security-Policy": policy(),
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
        # A clerk's computer is shared: after signing out, Back must not show a case. Static files say otherwise.
        "Cache-Control": "no-store",
    }

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if "private" in response.headers["Cache-Control"]:
            response.headers.pop("Vary", None)
        return response

    return middleware
