"""What a receipt opens beside the case: who looked at name and phone, other cases, and all of it to take away."""

import json
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases import rulebooks
from huying.cases.citizen_view import CitizenView
from huying.cases.models import Case
from huying.cases.own_data import looks_at, own_cases
from huying.pages.shown import ShownPage
from huying.rules.vocabulary import Stage

from . import when
from .frame import public_frame
from .labels import STAGES
from .progress import said_in_words, shown
from .shown import ShownLook, ShownOwnCase

PAGES = ("looks", "mine", "download")
_FIELDS = {"name": _("姓名"), "phone": _("电话")}


def answer(request: HttpRequest, page: str, view: CitizenView, hidden: dict[str, str], at: datetime) -> HttpResponse:
    if page == "download":
        return _download(view, at)
    context = {
        "page": ShownPage(gettext("谁看过我的姓名和电话") if page == "looks" else gettext("我的其他诉求")),
        "now": at,
        "frame": public_frame(request, at),
        "number": view.case.number,
        "hidden": hidden,
        "what": page,
        "looks": looks(view.case, at) if page == "looks" else [],
        "cases": _others(view.case, at) if page == "mine" else [],
    }
    return render(request, "public/own_data.html", context)


def looks(case: Case, at: datetime) -> list[ShownLook]:
    rules = rulebooks.rules_of(case)
    return [
        ShownLook(
            at=when.moment(one.at, at, rules),
            unit=one.unit or gettext("公开电话办公室"),
            field=str(_FIELDS.get(one.field, one.field)),
        )
        for one in looks_at(case)
    ]


def _others(case: Case, at: datetime) -> list[ShownOwnCase]:
    return [_case(one, at) for one in own_cases(case, at) if one.id != case.id]


def _case(one: Case, at: datetime) -> ShownOwnCase:
    title: str = one.title  # type: ignore[attr-defined]  # annotated
    return ShownOwnCase(
        number=one.number,
        title=title,
        stage=str(STAGES[Stage(one.stage)]),
        at=when.moment(one.received_at, at, rulebooks.rules_of(one)),
    )


def _download(view: CitizenView, at: datetime) -> HttpResponse:
    """Return what is known of the case to its requester as a file for people and programs alike."""
    seen, rules = shown(view, at), rulebooks.rules_of(view.case)
    told = {
        gettext("编号"): seen.number,
        gettext("标题"): seen.title,
        gettext("办到哪一步"): seen.stage,
        gettext("您说过、交过的"): [
            " ".join((when.moment(one.at, at, rules).text, gettext("；").join(said_in_words(one))))
            for one in view.own
        ],
        gettext("由谁负责"): " ".join(filter(None, (seen.unit, seen.handler, seen.handler_phone))),
        gettext("答复"): [f"{one.at.text} {one.outcome} {one.text}" for one in seen.replies],
        gettext("办理经过"): [
            " ".join(filter(None, (one.what, one.when.text if one.when else "", one.detail)))
            for one in seen.steps
            if one.state == "done"
        ],
        gettext("谁看过我的姓名和电话"): [f"{one.at.text} {one.unit} {one.field}" for one in looks(view.case, at)],
        gettext("数据截至"): at.isoformat(timespec="seconds"),
    }
    answer = HttpResponse(
        json.dumps(told, ensure_ascii=False, indent=2), content_type="application/json; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{seen.number}.json"'
    return answer
