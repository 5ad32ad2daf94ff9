"""查进度: number, query code and the last digits of one's own phone open a case, in the answer to the form alone."""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.citizen_view import LAST_DIGITS, CitizenView, found_by, last_digits
from huying.cases.clock import now
from huying.pages.access import public
from huying.pages.shown import ShownPage

from . import progress
from .frame import public_frame
from .language import speaking
from .limits import Limit, address
from .report_forms import Words

# Within an hour; only what didn't fit counts. A number is refused only to whoever guessed at it: its owner gets in
# from elsewhere. Where many guess at one number together, each of them has fewer tries.
BY_ADDRESS = Limit("track by address", 30)
BY_BOTH = Limit("track a number from an address", 10)
BY_NUMBER = Limit("track by number", 100)
WHILE_GUESSED = 3
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
        return "".join(unicodedata.normalize("NFKC", self.cleaned_data["number"]).split()).upper()

    def clean_code(self) -> str:
        code = re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", self.cleaned_data["code"]))
        if len(code) not in _LENGTHS:
            raise ValidationError(gettext("查询码是 8 位或 12 位数字，您写了 {n} 位").format(n=len(code)))
        return code

    def clean_digits(self) -> str:
        digits = last_digits(self.cleaned_data["digits"])
        if len(self.cleaned_data.get("code", "")) == _LENGTHS[0] and len(digits) < LAST_DIGITS:
            raise ValidationError(gettext("请写电话的最后四个数字"))
        return digits


@public
@speaking
def track(request: HttpRequest) -> HttpResponse:
    form = Receipt(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _ask(request, form)
    number, here = form.cleaned_data["number"], address(request)
    if not _may_try(number, here):
        form.add_error(None, gettext("试的次数太多了。请过一小时再试，或者打电话来查。"))
        return _ask(request, form, status=429)
    view = found_by(number, form.cleaned_data["code"], form.cleaned_data["digits"])
    if view is None:
        form.add_error(None, gettext("编号、查询码和手机后四位对不上。请照着回执再看一遍，三样都要对。"))
        return _ask(request, form)
    BY_ADDRESS.give_back(here)
    BY_BOTH.give_back(f"{here} {number}")
    BY_NUMBER.give_back(number)
    return _show(request, view)


def _may_try(number: str, here: str) -> bool:
    """Count a try before it is looked up, so that whoever has tried too often learns nothing, not even by the code.

    What an address is refused doesn't count against the number: one guesser alone can't make it scarce for others.
    """
    if not BY_ADDRESS.took(here):
        return False
    tries = BY_BOTH.count(f"{here} {number}")
    return tries <= BY_BOTH.most and (BY_NUMBER.took(number) or tries <= WHILE_GUESSED)


def _ask(request: HttpRequest, form: Receipt, status: int = 200) -> HttpResponse:
    at = now()
    context = {"page": ShownPage(gettext("查进度")), "now": at, "frame": public_frame(request, at), "form": form}
    return render(request, "public/track.html", context, status=status)


def _show(request: HttpRequest, view: CitizenView) -> HttpResponse:
    at = now()
    shown = progress.shown(view, at)
    context = {
        "page": ShownPage(shown.title or gettext("查进度")),
        "now": at,
        "frame": public_frame(request, at),
        "progress": shown,
        "hidden": {name: request.POST.get(name, "") for name in ("number", "code", "digits")},
    }
    return render(request, "public/progress.html", context)
