"""职务交接: a post is handed over to another, after a preview of what follows it."""

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext

from huying.cases.clock import now
from huying.cases.transfer import open_at_post, transfer_post
from huying.directory.models import ContactPoint
from huying.pages.access import Signed, requires
from huying.pages.frame import footed
from huying.pages.shown import ShownPage
from huying.people.actors import actor_of
from huying.people.models import ApiToken, Liaison, Post, Tenure
from huying.people.serving import day_of, delegates_from
from huying.rules.access import Role

from .forms import Sheet, number, post_choices


@requires(Role.ADMIN, Role.OFFICE)
def transfer(request: Signed) -> HttpResponse:
    """The form; once it names two posts, what would follow; then it is done."""
    at = now()
    said = request.POST.dict() if request.method == "POST" else None
    form = _form(said)
    chosen = _chosen(form, said) if said is not None else None
    if chosen is not None and said is not None and "confirm" in said:
        old, new = chosen
        moved = transfer_post(old.id, new.id, at, actor_of(request.user, at))
        done = ngettext("已经交接，{n} 件跟着过去。", "已经交接，{n} 件跟着过去。", moved).format(n=moved)
        messages.success(request, done)
        return redirect("transfer_post")
    context = {
        "page": ShownPage(gettext("职务交接")),
        "now": at,
        "frame": footed(request, at),
        "form": form,
        "preview": chosen and _preview(*chosen, at),
    }
    return render(request, "desk/transfer.html", context)


def _form(said: Mapping[str, str] | None) -> Sheet:
    form = Sheet("transfer", said, {})
    choices = [("", gettext("请选择")), *post_choices()]
    for name in ("old", "new"):
        form.add(name, forms.ChoiceField(choices=choices, required=False), must=True)
    return form


def _chosen(form: Sheet, said: Mapping[str, str]) -> tuple[Post, Post] | None:
    """Return the two posts that were chosen; None where the form says what is wrong."""
    ids = {name: number(said.get(name, "")) for name in ("old", "new")}
    posts = Post.objects.in_bulk(set(ids.values()))
    for name, post in ids.items():
        if post not in posts:
            form.add_error(name, gettext("请从清单里选一个职务"))
    if not form.errors and ids["old"] == ids["new"]:
        form.add_error("new", gettext("不能交给它自己，请选另一个职务"))
    return None if form.errors else (posts[ids["old"]], posts[ids["new"]])


def _preview(old: Post, new: Post, at: datetime) -> dict[str, object]:
    holder = Tenure.objects.filter(post=old, days__contains=day_of(at)).select_related("person").first()
    return {
        "old": old,
        "new": new,
        "cases": open_at_post(old.id).count(),
        "holder": holder.person.name if holder else "",
        "liaisons": Liaison.objects.filter(post=old).count(),
        "delegates": [one.user.full_name for one in delegates_from(day_of(at)).filter(post=old)],
        "tokens": ApiToken.objects.filter(post=old, revoked_at=None).count(),
        "points": list(ContactPoint.objects.standing(at).filter(post=old).values_list("value", flat=True)),
    }
