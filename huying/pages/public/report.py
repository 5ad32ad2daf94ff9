"""反映诉求: a report without account, script or session.

The answers travel in the form itself, from page to page, and each page judges all that come before it; so there is
no state that could expire, and whoever tampers with it only gives other answers. A token that is drawn on the first
page goes along: under its hash the report is registered, so a double click, a reload of the receipt, or a step back
and another press register nothing twice and show the same receipt.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from huying.cases.citizen_view import view_by_id
from huying.cases.clock import now
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.limits import Limit
from huying.cases.models import RulebookVersion
from huying.cases.rulebooks import NoRulebook, in_force, ruleset
from huying.directory.entries import listed
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.people.models import Post
from huying.people.office import the_office
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode
from huying.vault.seals import secret_index

from . import privacy, progress
from .frame import public_frame
from .language import speaking
from .large_print import sized
from .limits import address
from .report_forms import POSTS_MOST, Agree, What, Whom, You, named
from .shown import ShownAnswer

CHANNEL = "web"
REPORTS = Limit("report", 30)  # from one address within an hour; a village may share one
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_ID = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True)
class Flow:
    """One request of somebody who reports: what was typed so far, and the questions that it answers."""

    request: HttpRequest
    at: datetime
    version: RulebookVersion
    posts: list[Post]
    unsent: bool = False  # it came without its CSRF token: it may be shown, not done

    @property
    def typed(self) -> Mapping[str, str]:
        return self.request.POST if self.request.method == "POST" else {"post": self.request.GET.get("post", "")}

    @property
    def token(self) -> str:
        token = self.typed.get("token", "")
        return token if _TOKEN.fullmatch(token) else secrets.token_urlsafe(24)

    @property
    def steps(self) -> list[str]:
        return ["what", "whom", "you"] if self.posts else ["what", "you"]

    def form(self, step: str, *, judged: bool) -> forms.Form:
        """Return a question with its answer: judged, or as it was typed."""
        given: dict[str, Any] = {"data": self.typed} if judged else {"initial": self.typed}
        match step:
            case "whom":
                return Whom(self.posts, **given)
            case "you":
                return You(ruleset(self.version).rulebook.required_fields, **given)
        return What(**given)

    def hidden(self, *shown: str) -> dict[str, str]:
        """Return what the form has to carry along: the token, and the answers to questions it doesn't show."""
        names = [name for step in self.steps if step not in shown for name in self.form(step, judged=False).fields]
        carried = {name: self.typed.get(name, "") for name in (*names, "checked")}
        return {name: text for name, text in carried.items() if text} | {"token": self.token}


@public
@speaking
@sized
def report(request: HttpRequest) -> HttpResponse:
    """Show the first question, or what a form asks for by `go` (else by `step`, where it is): a step, check, send."""
    at = now()
    flow = _flow(request, at)
    if flow is None:
        return _closed(request, at)
    if request.method != "POST":
        return _question(flow, flow.steps[0], flow.form(flow.steps[0], judged=False))
    return _go(flow, request.POST.get("go") or request.POST.get("step") or "check")


@speaking
@sized
def _again(request: HttpRequest) -> HttpResponse:
    """Show a form without its CSRF token where it was, filled, with what to do; nothing is done by it."""
    at = now()
    flow = _flow(request, at)
    if flow is None:
        return _closed(request, at)
    step = request.POST.get("step", "")
    return _go(replace(flow, unsent=True), step if step in flow.steps else "check")


report.again = _again  # type: ignore[attr-defined]  # for `kept.csrf_failure`


def _go(flow: Flow, wanted: str) -> HttpResponse:
    before = flow.steps[: flow.steps.index(wanted)] if wanted in flow.steps else flow.steps
    judged = {step: flow.form(step, judged=True) for step in before}
    wrong = next((step for step, form in judged.items() if not form.is_valid()), None)
    if wrong is not None:
        return _question(flow, wrong, judged[wrong])
    if wanted in flow.steps:
        return _question(flow, wanted, flow.form(wanted, judged=False))
    if wanted == "send":
        return _send(flow, judged, Agree(flow.request.POST))
    return _check(flow, judged, Agree())


def _flow(request: HttpRequest, at: datetime) -> Flow | None:
    """Return the questions of the rulebook in force; None where there is none, or it switches this channel off.

    A rulebook that doesn't name the channel leaves it on. Its hours don't matter: a form waits until somebody reads.
    """
    try:
        version = in_force(at)
    except NoRulebook:
        return None
    channel = ruleset(version).rulebook.channel(CHANNEL)
    if channel is not None and not channel.enabled:
        return None
    asked = request.POST.get("post") or request.GET.get("post") or ""
    return Flow(request, at, version, _choices(asked, at))


def _choices(asked: str, at: datetime) -> list[Post]:
    """Return the posts to choose from; where they are too many, the one that the directory led here with."""
    every = listed(at)
    found = list(every[: POSTS_MOST + 1])
    if len(found) <= POSTS_MOST:
        return found
    return list(every.filter(id=asked)) if _ID.fullmatch(asked) else []


# -- the pages -----------------------------------------------------------------------------------------------------


def _question(flow: Flow, step: str, form: forms.Form) -> HttpResponse:
    n = flow.steps.index(step)
    following = flow.steps[n + 1] if n + 1 < len(flow.steps) else "check"
    titles = {"what": gettext("是什么事？"), "whom": gettext("反映给谁？"), "you": gettext("怎么联系您？")}
    context = {
        "form": form,
        "step": step,
        "go": "check" if flow.typed.get("checked") else following,
        "back": flow.steps[n - 1] if n else None,
        "nth": n + 1,
        "of": len(flow.steps) + 1,
        "hidden": flow.hidden(step),
        "unsent": flow.unsent,
    }
    status = 403 if flow.unsent else 200
    return _kept(_render(flow.request, flow.at, "report_question", titles[step], context, status))


def _check(flow: Flow, judged: Mapping[str, forms.Form], agreed: Agree, status: int = 200) -> HttpResponse:
    context = {
        "form": agreed,
        "step": "check",
        "go": "send",
        "back": flow.steps[-1],
        "answers": _answers(flow, judged),
        "hidden": {**flow.hidden(), "checked": "1"},
        "notice": privacy,
        "nth": len(flow.steps) + 1,
        "of": len(flow.steps) + 1,
        "unsent": flow.unsent,
    }
    status = 403 if flow.unsent else status
    return _kept(_render(flow.request, flow.at, "report_check", gettext("核对您填的内容"), context, status))


def _answers(flow: Flow, judged: Mapping[str, forms.Form]) -> list[ShownAnswer]:
    nothing = {"post": gettext("不指定")}
    chosen = {post.pk: named(post) for post in flow.posts}
    return [
        ShownAnswer(
            label=str(form.fields[name].label),
            text=chosen[value] if name == "post" and value else value or nothing.get(name, gettext("没有写")),
            step=step,
        )
        for step, form in judged.items()
        for name, value in form.cleaned_data.items()
    ]


def _send(flow: Flow, judged: Mapping[str, forms.Form], agreed: Agree) -> HttpResponse:
    if not agreed.is_valid():
        return _check(flow, judged, agreed)
    if not REPORTS.took(address(flow.request)):
        agreed.add_error(
            None, gettext("没有交上去：从这里一小时内交的太多了。内容还在，请过一小时再交，或者打电话来。")
        )
        return _check(flow, judged, agreed, status=429)
    register_now = Register(flow.version, the_office().number_prefix, flow.at, Actor.citizen())
    match register(_intake(flow, judged), flow.at, register_now):
        case Received() as received:
            return _receipt(flow, received)
        case Refused(code=RefusalCode.IDENTITY_REUSED):
            return _render(flow.request, flow.at, "report_sent", gettext("刚才已经交过了"), status=409)
        case Refused() as refused:
            label = progress.field_label(refused.field or "")
            agreed.add_error(None, gettext("没有交上去：请改一改“{field}”。").format(field=label))
            return _check(flow, judged, agreed, status=400)


def _intake(flow: Flow, judged: Mapping[str, forms.Form]) -> Intake:
    you, whom = judged["you"].cleaned_data, judged.get("whom")
    further = {name: text for name, text in you.items() if name not in ("phone", "name")}
    return Intake(
        channel=CHANNEL,
        kind=Kind.PROBLEM,
        text=judged["what"].cleaned_data["text"],
        phone=you["phone"] or None,
        name=you.get("name") or you.get("contact_name") or None,
        fields={**further, "privacy_notice": privacy.VERSION},
        post=whom.cleaned_data["post"] if whom else None,
        confidential=ruleset(flow.version).rulebook.intake.confidential,
        external_id=secret_index(flow.token, "web report").hex(),
    )


def _receipt(flow: Flow, received: Received) -> HttpResponse:
    """Answer the form itself: the receipt has no address at which somebody else could find it."""
    shown = progress.shown(view_by_id(received.case_id), flow.at) if received.case_id else None
    code = received.code or ""
    context = {
        "progress": shown,
        "code": " ".join(code[n : n + 4] for n in range(0, len(code), 4)),
        "with_phone": len(code) == 8,
        "step": "send",
        "hidden": {**flow.hidden(), "agree": "on"},
    }
    return _render(flow.request, flow.at, "report_receipt", gettext("已经登记"), context)


def _closed(request: HttpRequest, at: datetime) -> HttpResponse:
    return _render(request, at, "report_closed", gettext("现在不能在网上反映"))


def _render(
    request: HttpRequest,
    at: datetime,
    template: str,
    title: str,
    context: Mapping[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    frame = public_frame(request, at)
    whole = {**(context or {}), "page": ShownPage(title), "now": at, "frame": frame}
    return render(request, f"public/{template}.html", whole, status=status)


def _kept(response: HttpResponse) -> HttpResponse:
    """Let the reader's own browser keep a question page: with `no-store`, Back would lose what was typed there."""
    patch_cache_control(response, private=True, no_cache=True)
    return response
