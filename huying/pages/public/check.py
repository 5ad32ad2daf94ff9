"""核对号码: a number, or a whole message, is judged piece by piece; what was looked up is kept nowhere."""

import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.citizen_view import last_digits, view_of
from huying.cases.clock import now
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.limits import Limit
from huying.cases.receipts import TooManyTries, as_code, as_number, opened_by
from huying.cases.rulebooks import NoRulebook
from huying.directory.checking import MOST_CHECKED, Answer, Checked, Standing, check
from huying.directory.models import ContactPoint
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.rules.access import Actor
from huying.rules.number_check import MOST, What, digits_of, is_same_number
from huying.rules.vocabulary import Kind
from huying.vault.seals import secret_index

from . import when
from .frame import public_frame
from .language import speaking
from .large_print import sized
from .limits import address
from .points import shown_points
from .report_forms import Words
from .shown import ShownChecked

LOOKS = Limit("check a number", 60)  # from one address within an hour
TELLS = Limit("tell of an impostor", 10)
Handlers = Sequence[tuple[str, str]]  # name and phone
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")


class Message(forms.Form):
    """A number or message; with a receipt, also whether it is the handler of that case."""

    text = Words(
        MOST,
        label=_("号码，或者整条短信"),
        help_text=_("电话、微信号、网址都行；整条短信可以直接粘进来。查的内容不会留下。"),
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("请写一个号码，或者粘一条短信")},
    )
    number = Words(40, label=_("编号"), required=False)
    code = Words(40, label=_("查询码"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}))
    digits = Words(40, label=_("手机后四位"), required=False, widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    def clean(self) -> None:
        """A receipt is asked for whole, or not at all."""
        if any(self.cleaned_data.get(name) for name in ("number", "code", "digits")):
            for name, missing in (("number", gettext("请写回执上的编号")), ("code", gettext("请写查询码"))):
                if not (self.cleaned_data.get(name) or self.has_error(name)):
                    self.add_error(name, missing)


@public
@speaking
@sized
def check_number(request: HttpRequest) -> HttpResponse:
    # Another language or size is asked for with what was typed, which may be nothing yet.
    only_looks = {"language", "large_print"} & request.POST.keys() and not request.POST.get("text", "").strip()
    empty = request.method != "POST" or only_looks
    form = Message(None if empty else request.POST)
    if not form.is_valid():
        return _page(request, form)
    if request.POST.get("do") == "tell":
        return _tell(request, form)
    if not LOOKS.took(address(request), now()):
        form.add_error(None, gettext("查得太多了。请过一小时再查，或者打公开电话来问。"))
        return _page(request, form, status=429)
    try:
        handlers = _handlers(form, request)
    except TooManyTries:
        form.add_error(None, gettext("试的次数太多了。请过一小时再试，或者打电话来查。"))
        return _page(request, form, status=429)
    return _page(request, form, check(form.cleaned_data["text"], now()), handlers)


@speaking
@sized
def _again(request: HttpRequest) -> HttpResponse:
    """Show a form without its CSRF token, filled; nothing is done by it."""
    tells = request.POST.get("do") == "tell"
    return _page(request, Message(initial=request.POST.dict()), unsent=True, tells=tells, status=403)


check_number.again = _again  # type: ignore[attr-defined]  # for `errors.csrf_failure`


def _handlers(form: Message, request: HttpRequest) -> Handlers:
    """Return who handles the case whose receipt was given, with their phones; nobody without one that fits.

    Whoever is to call for the first time has been named by the unit, if not yet to the requester.
    """
    number, code, digits = (form.cleaned_data[name] for name in ("number", "code", "digits"))
    if not (number and code):
        return ()
    case = opened_by(as_number(number), as_code(code), last_digits(digits), address(request), now())
    if case is None:
        form.add_error("number", gettext("编号、查询码和手机后四位对不上。号码照样核对了，见下面。"))
        return ()
    return view_of(case).handlers


def _tell(request: HttpRequest, form: Message) -> HttpResponse:
    """Register the message as a report of an impostor; the same form once."""
    if not TELLS.took(address(request), now()):
        form.add_error(None, gettext("没有交上去：从这里一小时内交的太多了。请打公开电话告诉我们。"))
        return _page(request, form, status=429)
    token, at, citizen = request.POST.get("token", ""), now(), Actor.citizen()
    once = secret_index(token if _TOKEN.fullmatch(token) else secrets.token_urlsafe(24), "impostor").hex()
    intake = Intake(channel="web", kind=Kind.FRAUD_REPORT, text=form.cleaned_data["text"], external_id=once)
    try:
        result = register(intake, at, Register.now_in_force(citizen, at))
    except NoRulebook:
        result = None
    if isinstance(result, Received):
        return _page(
            request,
            Message(),
            told=gettext("记下了，谢谢您告诉我们。公开电话办公室会核实，核实了会在网站上提醒大家。"),
        )
    form.add_error(None, gettext("没有交上去。请打公开电话告诉我们。"))
    return _page(request, form, status=409)


def _page(
    request: HttpRequest,
    form: Message,
    answer: Answer | None = None,
    handlers: Handlers = (),
    *,
    told: str = "",
    unsent: bool = False,
    tells: bool = False,
    status: int = 200,
) -> HttpResponse:
    at = now()
    checked = list(_shown(answer, handlers, at)) if answer else []
    context = {
        "page": ShownPage(gettext("核对号码")),
        "now": at,
        "frame": public_frame(request, at),
        "form": form,
        "checked": checked,
        "beware": any(one.tone == "late" or one.valid_from for one in checked),
        "more": answer.more if answer else 0,
        "most": MOST_CHECKED,
        "reached_by": list({one.value: one for one in shown_points(answer.reached_by, at, named=True)}.values())
        if answer
        else [],
        "looked": answer is not None,
        "may_tell": answer is not None or tells,
        "token": secrets.token_urlsafe(24),
        "told": told,
        "unsent": unsent,
        "hidden": True,  # another language or size is asked for by the form
        "go": "look",  # Enter looks, and changes neither
    }
    return render(request, "public/check.html", context, status=status)


def _shown(answer: Answer, handlers: Handlers, at: datetime) -> Iterator[ShownChecked]:
    for one in answer.checked:
        asked = one.picked.value if one.picked.what is What.PHONE else ""
        name = next((name for name, phone in handlers if asked and is_same_number(digits_of(phone), asked)), None)
        if name is None:
            yield _one(one, at)
        else:
            yield ShownChecked(one.picked.written, gettext("是您这件事的承办人 {name}").format(name=name), "ok")


def _one(one: Checked, at: datetime) -> ShownChecked:
    written, point = one.picked.written, one.point
    whose = _whose(point) if point else ""
    match one.standing:
        case Standing.PUBLISHED if point is not None:
            says = gettext("公布在：{whose}").format(whose=f"{whose} {one.holder}".strip())
            return ShownChecked(
                written, gettext("这是市里公布的号码"), "wait", says, points=shown_points([point], at)
            )
        case Standing.SUSPENDED if point is not None:
            says = gettext("公布在：{whose}").format(whose=f"{whose} {one.holder}".strip())
            word = gettext("这是市里公布的号码，暂停使用")
            return ShownChecked(written, word, "warn", says, points=shown_points([point], at))
        case Standing.PENDING if one.since is not None:
            says = gettext("公示的新号，属于：{whose}").format(whose=whose)
            day = when.plain_day(one.since, at)
            return ShownChecked(written, gettext("还不是市里的号码，没到启用的日子"), "warn", says, valid_from=day)
        case Standing.WITHDRAWN if one.since is not None:
            says = gettext("以前公布在：{whose}").format(whose=whose)
            return ShownChecked(
                written, gettext("已经停用，不再是市里的号码"), "late", says, since=when.plain_day(one.since, at)
            )
        case Standing.NATIONAL:
            says = gettext("全国都能打的号码。来电显示是它，也可能是伪造的：挂断，自己拨。")
            return ShownChecked(written, gettext("全国通用的号码"), "wait", says)
    if one.picked.what is What.LINK:
        return ShownChecked(written, gettext("市里没有公布这个网址，不要点"), "late")
    return ShownChecked(written, gettext("市里没有公布过，小心"), "late")


def _whose(point: ContactPoint) -> str:
    """Return the line, or the post with its unit; the city's own leaders belong to none that says anything."""
    post = point.post
    if post is None:
        return point.line or ""
    return post.full_name if post.unit and post.unit.parent_id else post.name
