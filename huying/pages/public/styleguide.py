"""The living component page, in a demo only: the kit in its states, made of the very parts that the pages use."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.people.models import Office
from huying.rules.vocabulary import VerdictCode

from .frame import public_frame
from .own_forms import Judge
from .progress import in_force, pledges
from .styleguide_examples import States, dues, one_matter, points

TOKENS = {
    "wash": _("页底"),
    "paper": _("纸面"),
    "tint": _("选中、提示"),
    "line": _("分隔线"),
    "edge": _("控件边"),
    "muted": _("次要字"),
    "ink": _("正文"),
    "rule": _("朱：红线、圆点"),
    "act": _("黛：链接、当前"),
    "act-h": _("移上去"),
    "btn": _("主按钮、已完成"),
    "fill": _("图表主色"),
    "soft": _("图表次色"),
    "ok": _("按期、真实"),
    "ok-bg": _("它的底"),
    "warn": _("今天到期"),
    "warn-bg": _("它的底"),
    "late": _("超期、错误"),
    "late-bg": _("它的底"),
    "wait-bg": _("等待、计数"),
    "focus-line": _("焦点"),
    "focus": _("焦点外圈"),
    **{f"h{n}": _("热度") for n in range(5)},
}


@public
def styleguide(request: HttpRequest) -> HttpResponse:
    at = now()
    version = in_force(at)
    if version is None or not Office.objects.filter(is_demo=True).exists():
        raise Http404
    rules = rulebooks.ruleset(version)
    context = {
        "page": ShownPage(gettext("颜色、字和部件")),
        "now": at,
        "frame": public_frame(request, at),
        "tokens": TOKENS,
        "dues": list(dues(at, rules)),
        "points": points(at),
        "wrong": States(),
        "choices": Judge(tuple(VerdictCode)),
        "pledges": pledges(rules),
        **one_matter(at, rules),
    }
    return render(request, "public/styleguide.html", context)
