"""以后接着填: an unfinished report is found again by its device, or elsewhere by the return code that was noted.

The cookie of the device holds the token of the form and ends with the browser; its value opens what was typed, so
it goes to the pages of the report alone.
"""

from datetime import datetime, timedelta

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases import unfinished
from huying.cases.clock import now
from huying.cases.limits import Limit, count
from huying.cases.receipts import as_code
from huying.cases.rulebooks import ruleset
from huying.pages.access import public
from huying.rules.ruleset import Ruleset

from . import progress, when
from .frame import rendered
from .language import speaking
from .large_print import sized
from .limits import address
from .report_forms import Words

COOKIE = "report"
RESUME = "resume"  # asks for the report where it was left
TRIES = Limit("return codes", 10)  # from one address within an hour
_DIGITS = 12
_AT_IT = timedelta(minutes=10)


class Return(forms.Form):
    code = Words(
        40,
        label=_("续填码"),
        help_text=_("先存着的时候给您的 12 位数字。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("请写续填码")},
    )

    def clean_code(self) -> str:
        code = as_code(self.cleaned_data["code"])
        if len(code) != _DIGITS:
            raise ValidationError(gettext("续填码是 12 位数字，您写了 {n} 位").format(n=len(code)))
        return code


@public
@sized
@speaking
def report_return(request: HttpRequest) -> HttpResponse:
    """Ask for the return code; the right one makes this device find the report."""
    at = now()
    version = progress.in_force(at)
    if version is None:
        return redirect("report")
    form = Return(request.POST if request.method == "POST" and "code" in request.POST else None)
    status = 200
    if form.is_valid() and not TRIES.has_room(address(request), at):
        form.add_error(None, gettext("试的次数太多了。请过一小时再试，或者重新填一份。"))
        status = 429
    found = _found(form, at, ruleset(version)) if form.is_valid() else None
    if found is None:
        if form.is_bound and status == 200:
            count([(TRIES, address(request))], at)
        return rendered(request, at, "report_return", gettext("接着填上次没填完的"), {"form": form}, status)
    response = redirect(f"{reverse('report')}?{RESUME}")
    remember(response, found.token)
    return response


@sized
@speaking
def _again(request: HttpRequest) -> HttpResponse:
    """Show a form without its CSRF token, filled; nothing is done by it."""
    context = {"form": Return(initial=request.POST.dict()), "unsent": True}
    return rendered(request, now(), "report_return", gettext("接着填上次没填完的"), context, status=403)


report_return.again = _again  # type: ignore[attr-defined]  # for `errors.csrf_failure`


def _found(form: Return, at: datetime, rules: Ruleset) -> unfinished.Report | None:
    """Return the report of a code; where there is none, the form says why."""
    try:
        found = unfinished.found_by(form.cleaned_data["code"], at)
    except unfinished.Ended as ended:
        gone = gettext("这一份存到 {when} 为止，已经删掉了。请重新填一份，或者打电话来。")
        form.add_error("code", gone.format(when=when.moment(ended.at, at, rules).text))
        return None
    if found is None:
        form.add_error("code", gettext("没有这个续填码，或者那一份已经交了、删了。请照着写下来的再看一遍"))
    return found


def left_here(request: HttpRequest, at: datetime) -> unfinished.Report | None:
    """Return what somebody began on this device and neither sent nor gave up."""
    token = request.COOKIES.get(COOKIE)
    return unfinished.found(token, at) if token else None


def just_now(report: unfinished.Report, at: datetime) -> bool:
    """Return whether somebody is at it: who goes back to the first question, or reloads it, isn't asked anything."""
    return report.changed_at is not None and at - report.changed_at < _AT_IT


def remember(response: HttpResponse, token: str) -> None:
    """Let this device find a report, from its first page on."""
    secure = settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, token, path="/report/", secure=secure, httponly=True, samesite="Lax")
