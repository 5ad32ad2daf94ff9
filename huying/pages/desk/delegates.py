"""外出代理: while the holder of a post is away, another leader stands in for some days."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.clock import now
from huying.pages.access import Signed, requires
from huying.pages.frame import footed
from huying.pages.shown import ShownPage
from huying.people.actors import actor_of
from huying.people.models import Delegate, Post
from huying.people.serving import NotADelegate, day_of, delegates_from, end_delegate, may_stand_in, name_delegate
from huying.rules.access import Role

from .forms import Sheet, day_in, number, post_choices

_WRONG = {
    "post": _("请从清单里选一个职务"),
    "user": _("请选另一位领导：现任自己不用代理"),
    "first": _("这几天里已经有人代理，请改日期，或者先结束那一位"),
    "last": _("最后一天不能早于第一天和今天，也不能在一年以后"),
}
_NO_DAY = _("请填日期，如 2026-10-08")


@dataclass(frozen=True, slots=True)
class ShownDelegate:
    id: int
    post: str
    name: str
    first: date
    last: date
    runs: bool

    @classmethod
    def of(cls, one: Delegate, today: date) -> "ShownDelegate":
        first, last = one.days.lower, one.days.upper - timedelta(days=1)
        return cls(one.id, one.post.full_name, one.user.full_name, first, last, first <= today)


@requires(Role.ADMIN, Role.OFFICE)
def delegates(request: Signed) -> HttpResponse:
    """Who stands in for whom, and the form to name somebody; a POST names a delegate, or ends one early."""
    at = now()
    said = request.POST.dict() if request.method == "POST" else None
    if said is not None and "end" in said:
        if not end_delegate(number(said["end"]), at):
            raise Http404
        messages.success(request, gettext("代理结束了，从今天起不再看到那些件。"))
        return redirect("delegates")
    form = _form(said)
    if said is not None and _name(form, said, request, at):
        messages.success(request, gettext("代理记下了，到期自动结束。"))
        return redirect("delegates")
    today = day_of(at)
    context = {
        "page": ShownPage(gettext("外出代理")),
        "now": at,
        "frame": footed(request, at),
        "form": form,
        "delegates": [ShownDelegate.of(one, today) for one in delegates_from(today)],
    }
    return render(request, "desk/delegates.html", context)


def _form(said: Mapping[str, str] | None) -> Sheet:
    form = Sheet("delegate", said, {})
    unchosen = ("", gettext("请选择"))
    leaders = [(str(user.pk), user.full_name) for user in may_stand_in().order_by("full_name", "id")]
    form.add("post", forms.ChoiceField(choices=[unchosen, *post_choices()], required=False), must=True)
    form.add("user", forms.ChoiceField(choices=[unchosen, *leaders], required=False), must=True)
    for name in ("first", "last"):
        form.add(name, forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), required=False), must=True)
    return form


def _name(form: Sheet, said: Mapping[str, str], request: Signed, at: datetime) -> bool:
    """Name who was chosen; return False where the form says what is wrong."""
    post = Post.objects.filter(id=number(said.get("post", ""))).first()
    user = may_stand_in().filter(id=number(said.get("user", ""))).first()
    first, last = day_in(said.get("first", "")), day_in(said.get("last", ""))
    for name, found in {"post": post, "user": user}.items():
        if found is None:
            form.add_error(name, _WRONG[name])
    for name, day in {"first": first, "last": last}.items():
        if day is None:
            form.add_error(name, _NO_DAY)
    if post is None or user is None or first is None or last is None:
        return False
    try:
        name_delegate(post, user, first, last, actor_of(request.user, at).id, at)
    except NotADelegate as wrong:
        form.add_error(wrong.field, _WRONG[wrong.field])
        return False
    return True
