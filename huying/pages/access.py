"""Who may open a page: every view says so itself, and a stranger gets 404."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from huying.pages.kept import keep
from huying.people.models import User
from huying.rules.access import CONFIDENTIAL, ORDINARY, REGISTERING, STAFF, Role

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

# Who reads the register: every role that sees any case. Which of them, says `cases.queries.visible_to`.
READERS = tuple(role for role in Role if ORDINARY[role] or CONFIDENTIAL[role])
# Who reads the figures of the cases that they see.
COUNTERS = (Role.OFFICE, Role.SUPERVISOR, Role.LEADER)
# Who writes down what comes in.
REGISTRARS = tuple(role for role in STAFF if role in REGISTERING)


class Signed(HttpRequest):
    """A request of somebody who has signed in."""

    user: User


def public(view: View[P]) -> View[P]:
    """Open to everybody."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def requires(*roles: Role) -> Callable[[Callable[Concatenate[Signed, P], HttpResponse]], View[P]]:
    """Open to those who are signed in with one of these roles; the others get 404, strangers the sign-in page."""

    def declared(view: Callable[Concatenate[Signed, P], HttpResponse]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.method == "POST":
                    keep(request)
                return redirect_to_login(request.get_full_path())
            if request.user.role not in roles:
                raise Http404
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.access = roles  # type: ignore[attr-defined]
        return cast(View[P], guarded)

    return declared
