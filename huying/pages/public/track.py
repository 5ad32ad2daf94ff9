"""查进度: number, query code and the last digits of one's own phone open a case, in the answer to the form alone."""

from dataclasses import replace
from datetime import datetime

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.citizen_view import LAST_DIGITS, CitizenView, last_digits, own_view, view_by_id, view_of
from huying.cases.clock import now
from huying.cases.models import Case
from huying.cases.own_data import own_cases
from huying.cases.receipts import TooManyTries, as_code, as_number, is_number, opened_by, spaced
from huying.pages.access import public
from huying.pages.shown import ShownPage

from . import own_case, own_data, progress
from .frame import public_frame, rendered
from .language import speaking
from .large_print import sized
from .limits import address
from .own_case import Tried
from .own_forms import FORMS, TOLD_PHONE, Add, typed_fields, typed_in
from .report_forms import Words

_LENGTHS = (8, 12)


class Receipt(forms.Form):
    """What a receipt says; its form alone is judged here, so that a complaint tells nothing about a case."""

    number = Words(
        40,
        label=_("编号"),
        help_text=_("在回执上，例如 YC-2026-000123。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("请写回执上的编号")},
    )
    code = Words(
        40,
        label=_("查询码"),
        help_text=_("回执上的 8 位数字；没留电话的是 12 位。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
        error_messages={"required": _("请写查询码")},
    )
    digits = Words(
        40,
        label=_("手机后四位"),
        help_text=_("反映时留的电话，最后四个数字。没留电话的不用写。"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_number(self) -> str:
        number = as_number(self.cleaned_data["number"])
        if not is_number(number):
            raise ValidationError(gettext("编号像 YC-2026-000123 这样：字母、年份、数字。请照着回执写"))
        return number

    def clean_code(self) -> str:
        code = as_code(self.cleaned_data["code"])
        if len(code) not in _LENGTHS:
            raise ValidationError(gettext("查询码是 8 位或 12 位数字，您写了 {n} 位").format(n=len(code)))
        return code

    def clean_digits(self) -> str:
        digits = last_digits(self.cleaned_data["digits"])
        if len(self.cleaned_data.get("code", "")) == _LENGTHS[0] and len(digits) < LAST_DIGITS:
            raise ValidationError(gettext("请写电话的最后四个数字"))
        return digits

    def lacking(self) -> list[forms.BoundField]:
        """Return what is still to be asked of a receipt that was begun elsewhere; 12 digits need no phone."""
        if self.is_bound or not self.initial:
            return []
        is_long = len(as_code(self.initial.get("code", ""))) == _LENGTHS[1]
        needed = ("number", "code") if is_long else ("number", "code", "digits")
        return [self[name] for name in needed if not self.initial.get(name)]


@public
@speaking
@sized
def track(request: HttpRequest) -> HttpResponse:
    begun = request.method != "POST" or "receipt" in request.POST
    form = Receipt(None if begun else request.POST, initial=_known(request))
    if not form.is_valid():
        return _ask(request, form)
    number, code, digits = (form.cleaned_data[name] for name in ("number", "code", "digits"))
    # A form that told the phone and comes twice: the digits that the receipt had no room for stand in it.
    digits = digits or last_digits(request.POST.get(TOLD_PHONE, ""))
    try:
        case = opened_by(number, code, digits, address(request), now())
    except TooManyTries:
        form.add_error(None, gettext("试的次数太多了。请过一小时再试，或者打电话来查。"))
        return _ask(request, form, status=429)
    if case is None:
        form.add_error(None, _no_match(code, digits))
        return _ask(request, form)
    return _opened(request, case)


def _no_match(code: str, digits: str) -> str:
    if digits or len(code) == _LENGTHS[0]:
        return gettext("编号、查询码和手机后四位对不上。请照着回执再看一遍，三样都要对。")
    return gettext("编号和查询码对不上。请照着回执再看一遍；后来补上了电话的，还要写那个电话的后四位。")


@speaking
@sized
def _again(request: HttpRequest) -> HttpResponse:
    """Show a form without its CSRF token: what was written of the case, or the receipt filled; nothing is done."""
    said = request.POST.dict()
    form = FORMS.get(said.get("do", ""))
    if form is None:
        return _ask(request, Receipt(initial=said | _known(request)), status=403, unsent=True)
    context = {
        "typed": typed_in(said),
        "hidden": {name: text for name, text in said.items() if name not in ("csrfmiddlewaretoken", "do")},
        "do": said["do"],
        "button": form.button,
        "files": form()["attached"] if form is Add else None,
        "go": said["do"],
        "go_name": "do",
    }
    return rendered(request, now(), "track_again", str(form.title), context, status=403)


track.again = _again  # type: ignore[attr-defined]  # for `errors.csrf_failure`


def _known(request: HttpRequest) -> dict[str, str]:
    """Return what is known of a receipt before it is asked for.

    The QR code brings its number along, and nothing that opens the case; the one field of the front page either.
    """
    written = request.POST.get("receipt", request.GET.get("number", ""))[:40]
    number, code = as_number(written), as_code(written)
    is_code = "receipt" in request.POST and len(code) in _LENGTHS and code == number.replace("-", "")
    return {"code": spaced(code)} if is_code else {"number": number} if number else {}


def _opened(request: HttpRequest, case: Case) -> HttpResponse:
    """Show the case of a receipt, or another one of the same requester, after what its form says is done."""
    at, said = now(), request.POST
    others = own_cases(case, at) if "other" in said else []
    own = next((one.id for one in others if one.number == said["other"]), case.id)
    view = view_of(case) if own == case.id else view_by_id(own)
    # What is one's own stays where it was said, also after the case went into an older one.
    mine = view if view.case.id == own else own_view(own)
    if not view.case.confidential and said.get("show") in own_data.PAGES:
        return own_data.answer(request, said["show"], mine, _carried(request) | typed_fields(said), at)
    if "file" in said and (file := own_case.own_file(mine, said["file"])):
        return file
    tried = own_case.attempt(mine, said.dict(), at, request)
    if tried is not None:
        view = view_by_id(own)  # as it is now: what came meanwhile is why a form was not taken
        mine = view if view.case.id == own else own_view(own)
    return _show(request, view, mine, at, tried)


def _ask(request: HttpRequest, form: Receipt, status: int = 200, *, unsent: bool = False) -> HttpResponse:
    at = now()
    lacking = form.lacking()
    if lacking:
        lacking[0].field.widget.attrs["autofocus"] = True
    context = {
        "page": ShownPage(gettext("查进度")),
        "lacking": [field.label for field in lacking],
        "now": at,
        "frame": public_frame(request, at),
        "form": form,
        "unsent": unsent,
    }
    return render(request, "public/track.html", context, status=status)


def _carried(request: HttpRequest, tried: Tried | None = None) -> dict[str, str]:
    """Return what opens the case, for every form on its page to carry along: with a phone that was told just now."""
    carried = {name: request.POST[name] for name in ("number", "code", "digits", "other") if name in request.POST}
    told = (
        tried.form.cleaned_data.get(TOLD_PHONE) if tried is not None and tried.done and tried.form.is_bound else None
    )
    return carried | ({"digits": last_digits(told)} if told else {})


def _show(
    request: HttpRequest, view: CitizenView, mine: CitizenView, at: datetime, tried: Tried | None
) -> HttpResponse:
    """Show a case, with what its requester may do; of one that was merged, the way of the older one."""
    shown = replace(progress.shown(view, at), own=progress.own_words(mine, at))
    may_do = own_case.may_do(mine, at, request.POST.dict(), tried)
    context = {
        "may_do": may_do,
        "form": tried.form if tried and not tried.done else None,
        "told": tried.told if tried else "",
        "seen": mine.case.ledger_seq,
        "page": ShownPage(shown.title or gettext("查进度")),
        "now": at,
        "frame": public_frame(request, at),
        "progress": shown,
        "hidden": _carried(request, tried),
        "is_merged": mine is not view,
        # Enter sends what is still missing, where that is asked for; elsewhere it only shows the page again.
        "go": next((one.name for one in may_do if one.name == "complete_info"), "look"),
        "go_name": "do",
        "call_kind": "" if any(one.first for one in may_do) else "primary",
    }
    return render(request, "public/progress.html", context)
