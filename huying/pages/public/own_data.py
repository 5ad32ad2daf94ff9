"""What a receipt opens beside the case: who looked at name and phone, other cases, and all of it to take away."""

import json
import re
from datetime import datetime
from io import BytesIO
from zipfile import ZipFile

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases import rulebooks
from huying.cases.attachments import sent_file
from huying.cases.citizen_view import CitizenView, OwnWord
from huying.cases.models import Case
from huying.cases.own_data import looks_at, merged_into, own_cases, particulars
from huying.pages.downloads import saved
from huying.pages.shown import ShownPage
from huying.people.office import the_office
from huying.rules.vocabulary import Stage

from . import when
from .frame import public_frame
from .labels import EVENTS, STAGES
from .progress import READ_BY_SUPERVISION, said_in_words, shown
from .shown import ShownLook, ShownOwnCase, ShownStep

_UNNAMABLE = re.compile(r'[<>:"/\\|?*]')  # in a file's name, on one system or another
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
    """Return what is known of the case to its requester, in sentences under their names; with files, all in one.

    It is read years later: each date says its year, and the last one, of the file itself, the zone of all of them.
    """
    with when.every_year():
        number, told = view.case.number, json.dumps(_told(view, at), ensure_ascii=False, indent=2)
    files = [(one.texts[0][1], sent_file(view.case, one.file)) for one in view.own if one.file is not None]
    if not files:
        return saved(f"{number}.json", [told.encode()])
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr(f"{number}.json", told)
        for n, (name, content) in enumerate(files, 1):
            archive.writestr(f"{n} {_UNNAMABLE.sub('_', name)}", b"".join(content or ()))
    return saved(f"{number}.zip", [packed.getvalue()])


def _told(view: CitizenView, at: datetime) -> dict[str, object]:
    seen, rules = shown(view, at), rulebooks.rules_of(view.case)
    name, phone = particulars(view.case)
    return {
        gettext("编号"): seen.number,
        gettext("标题"): seen.title,
        gettext("办到哪一步"): " ".join(filter(None, (seen.stage, merged_into(view.case)))),
        gettext("姓名"): name or gettext("没有写"),
        gettext("电话"): phone or gettext("没有写"),
        gettext("反映给哪位领导"): view.case.post.name if view.case.post else gettext("不指定"),
        gettext("您说过、交过的"): [
            " ".join((when.moment(one.at, at, rules).text, gettext("；").join(_said(one)))) for one in view.own
        ],
        gettext("由谁负责"): " ".join(filter(None, (seen.unit, seen.handler, seen.handler_phone)))
        or (the_office().name if seen.with_office else ""),
        gettext("答复"): [f"{one.at.text} {one.outcome} {one.text}" for one in seen.replies],
        gettext("办理经过"): [_step(one) for one in seen.steps if one.state == "done"],
        gettext("接下来会怎样"): [_step(one) for one in seen.steps if one.state != "done"],
        gettext("谁看过我的姓名和电话"): [f"{one.at.text} {one.unit} {one.field}" for one in looks(view.case, at)],
        gettext("数据截至"): at.astimezone(rules.rulebook.zone).isoformat(timespec="seconds"),
    }


def _said(own: OwnWord) -> list[str]:
    """Return what was said; of what supervision alone reads, that it was said: a receipt may have been read out."""
    if own.event in READ_BY_SUPERVISION:
        return [str(EVENTS[own.event])]
    return list(said_in_words(own))


def _step(one: ShownStep) -> str:
    by = gettext("最迟 {at}").format(at=one.by.text) if one.by and not one.when else ""
    return " ".join(filter(None, (one.what, one.when.text if one.when else by, one.detail)))
