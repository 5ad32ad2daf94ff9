"""反映诉求: a report without account, script or session.

The answers travel in the form itself, from page to page, and each page judges all that come before it; so nothing
depends on what could expire, and whoever tampers with it only gives other answers. Files can't travel so: they are
kept, sealed, and the answers with them, until the report is sent, given up, or ended (`cases.unfinished`).

A token that is drawn on the first page goes along: under its hash the report is registered, so a double click, a
reload of the receipt, or a step back and another press register nothing twice and show the same receipt.
"""

import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext

from huying.cases import unfinished
from huying.cases.answers import answers
from huying.cases.citizen_view import view_by_id
from huying.cases.clock import now
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.limits import Limit
from huying.cases.models import Contact, RulebookVersion
from huying.cases.receipts import spaced
from huying.cases.rulebooks import NoRulebook, in_force, ruleset
from huying.cases.unfinished import KeptFile
from huying.directory.entries import listed
from huying.pages.access import public
from huying.people.models import Post
from huying.people.office import the_office
from huying.people.serving import day_of
from huying.rules.access import Actor
from huying.rules.lifecycle import Refused
from huying.rules.vocabulary import Kind, RefusalCode
from huying.vault.seals import secret_index
from huying.written import Written

from . import privacy, progress, report_later, when
from .files import made_anew
from .frame import rendered
from .language import speaking
from .large_print import sized
from .limits import address
from .qr import qr_path
from .report_forms import POSTS_MOST, Agree, Besides, Files, What, Whom, You, named
from .shown import ShownAnswer, ShownWhen

CHANNEL = "web"
REPORTS = Limit("report", 30)  # from one address within an hour; a village may share one
KEPT = Limit("reports kept", 300)  # from one address within an hour, each page once
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,64}")
_ID = re.compile(r"[0-9]{1,18}")
_FORMS: Mapping[str, type[forms.Form]] = {"what": What, "files": Files, "whom": Whom, "you": You, "besides": Besides}


@dataclass(frozen=True)
class Flow:
    """One request of somebody who reports: what was typed so far, and the questions that it answers."""

    request: HttpRequest
    at: datetime
    version: RulebookVersion
    posts: list[Post]
    unsent: bool = False  # it came without its CSRF token: it may be shown, not done
    said: Mapping[str, str] | None = None  # what was typed before, in place of what the request says

    @cached_property
    def typed(self) -> Mapping[str, str]:
        if self.said is not None:
            return self.said
        if self.request.method != "POST":
            return {"post": self.request.GET.get("post", "")}
        said = self.request.POST.dict()
        answers = self.before.answers if self.before else {}
        # A box that isn't ticked is no part of what its own page sends.
        own = Besides.base_fields.keys() if said.get("step") == "besides" else ()
        # Back brings a form from before the pages that followed it were filled in.
        later = {name: text for name, text in answers.items() if name not in (*own, "step", "checked")}
        return {**later, **said}

    @cached_property
    def before(self) -> unfinished.Report | None:
        """What was kept when the page before this one was shown."""
        token = self.request.POST.get("token", "")
        return unfinished.found(token, self.at) if _TOKEN.fullmatch(token) else None

    @cached_property
    def token(self) -> str:
        token = self.typed.get("token", "")
        return token if _TOKEN.fullmatch(token) else secrets.token_urlsafe(24)

    @property
    def steps(self) -> list[str]:
        return ["what", "files", *(["whom"] if self.posts else []), "you", "besides"]

    def form(self, step: str, *, judged: bool) -> forms.Form:
        """Return a question with its answer: judged, or as it was typed."""
        given: dict[str, Any] = {"data": self.typed} if judged else {"initial": self.typed}
        match step:
            case "whom":
                return Whom(self.posts, **given)
            case "you":
                return You(ruleset(self.version), **given)
        return _FORMS.get(step, What)(**given)

    def _asked(self, step: str) -> Iterable[str]:
        """Return the names of what a question asks; only what is asked about oneself depends on the rulebook."""
        return self.form(step, judged=False).fields if step == "you" else _FORMS[step].base_fields

    def hidden(self, *shown: str) -> dict[str, str]:
        """Return what the form has to carry along: the token, and the answers to questions it doesn't show."""
        names = [name for step in self.steps if step not in shown for name in self._asked(step)]
        carried = {name: self.typed.get(name, "") for name in (*names, "checked")}
        return {name: text for name, text in carried.items() if text} | {"token": self.token}

    def kept(self, step: str) -> list[KeptFile]:
        """Keep what was typed so far and the page it was typed on; return the files that were added before."""
        answers = {name: text for name, text in self.hidden().items() if name != "token"}
        if self.unsent or self.request.method != "POST" or not answers:
            return self.before.files if self.before else []
        if self.before is not None or self.request.FILES:
            return unfinished.keep(self.token, {**answers, "step": step}, self.at).files
        if KEPT.took(address(self.request), self.at):
            unfinished.begin(self.token, {**answers, "step": step}, self.at)
        return []


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
        left = report_later.left_here(request, at)
        if left is not None and report_later.RESUME in request.GET:
            return _resumed(flow, left)
        if left is not None and report_later.just_now(left, at):
            return _resumed(flow, left, flow.steps[0])
        if left is not None:
            context = {"token": left.token, "until": _moment(flow, left.ends_at)}
            return rendered(request, at, "report_left", gettext("上次有一份没有填完"), context)
        return _question(flow, flow.steps[0], flow.form(flow.steps[0], judged=False))
    return _asked(flow, request.POST.get("go") or request.POST.get("step") or "check")


def _asked(flow: Flow, go: str) -> HttpResponse:
    """Do what a button asks for beside the questions themselves, then show the page that it leads to."""
    request = flow.request
    match go:
        case "resume":
            left = unfinished.found(flow.token, flow.at)
            if left is None:
                return rendered(request, flow.at, "report_gone", gettext("这一份不在了"))
            return _resumed(flow, left)
        case "forget":
            unfinished.give_up(flow.token)
            return rendered(request, flow.at, "report_given_up", gettext("已经删掉了"))
        case "later":
            return _later(flow)
    if "drop" in request.POST:
        unfinished.drop_file(flow.token, request.POST["drop"], flow.at)
    if refused := _took(flow):
        form = Files({})
        form.errors["attached"] = form.error_class(refused)
        return _question(flow, "files", form)
    return _go(flow, go)


def _resumed(flow: Flow, report: unfinished.Report, step: str = "") -> HttpResponse:
    """Show a report where it was left, or at a step."""
    said = {**report.answers, "token": report.token}
    again = replace(flow, said=said, posts=_choices(said.get("post", ""), flow.at))
    return _go(again, step or said.get("step", again.steps[0]))


def _later(flow: Flow) -> HttpResponse:
    """Keep what was typed for a week, and give the code by which it is taken up elsewhere."""
    flow.kept(flow.typed.get("step", "check"))
    report = unfinished.return_code(flow.token, flow.at)
    context = {
        "code": spaced(report.code),
        "until": _moment(flow, report.ends_at),
        "hidden": flow.hidden(),
        "step": "later",
        "from": flow.typed.get("step", "check"),
    }
    return _noted(rendered(flow.request, flow.at, "report_later", gettext("先存着了"), context), flow)


def _took(flow: Flow) -> list[str]:
    """Keep the files that came with a form; return what to say about those that can't be taken."""
    if not flow.request.FILES:
        return []
    before = unfinished.found(flow.token, flow.at)
    taken, refused = made_anew(flow.request, unfinished.FILES_MOST - (len(before.files) if before else 0), flow.at)
    for name, content in taken:
        unfinished.add_file(flow.token, name, content, flow.at)
    return refused


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


report.again = _again  # type: ignore[attr-defined]  # for `errors.csrf_failure`


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
    # Nobody agrees but by their own hand: a form without its token may be anybody's.
    return _check(flow, judged, Agree(initial={} if flow.unsent else flow.request.POST.dict()))


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
    found = _first_posts(day_of(at))
    if len(found) <= POSTS_MOST:
        return found
    return list(listed(day_of(at)).filter(id=asked)) if _ID.fullmatch(asked) else []


_first_posts = Written(lambda today: listed(today)[: POSTS_MOST + 1])


# -- the pages -----------------------------------------------------------------------------------------------------


def _question(flow: Flow, step: str, form: forms.Form) -> HttpResponse:
    n = flow.steps.index(step)
    following = flow.steps[n + 1] if n + 1 < len(flow.steps) else "check"
    titles = {
        "what": gettext("是什么事？"),
        "files": gettext("有照片、录音或文件吗？"),
        "whom": gettext("反映给谁？"),
        "you": gettext("怎么联系您？"),
        "besides": gettext("联系的时候要注意什么？"),
    }
    context = {
        "files": flow.kept(step),
        "resumed": flow.said is not None and flow.request.method == "GET",
        "optional": step in ("files", "besides"),
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
    return _noted(rendered(flow.request, flow.at, "report_question", titles[step], context, status), flow)


def _check(flow: Flow, judged: Mapping[str, forms.Form], agreed: Agree, status: int = 200) -> HttpResponse:
    context = {
        "form": agreed,
        "step": "check",
        "go": "send",
        "back": flow.steps[-1],
        "answers": _answers(flow, judged, flow.kept("check")),
        "hidden": {**flow.hidden(), "checked": "1"},
        "notice": privacy,
        "nth": len(flow.steps) + 1,
        "of": len(flow.steps) + 1,
        "unsent": flow.unsent,
    }
    status = 403 if flow.unsent else status
    title = gettext("核对您填的内容")
    return _noted(rendered(flow.request, flow.at, "report_check", title, context, status), flow)


def _answers(flow: Flow, judged: Mapping[str, forms.Form], files: Sequence[KeptFile]) -> list[ShownAnswer]:
    """Return what was answered; of what whoever calls should know only what was told."""
    chosen = {post.pk: named(post) for post in flow.posts}
    answers = []
    for step, form in judged.items():
        for name, value in form.cleaned_data.items():
            match name:
                case "attached":
                    text = "\n".join(one.name for one in files) or gettext("没有")
                case "post":
                    text = chosen.get(value, gettext("不指定"))
                case _:
                    text = gettext("是") if value is True else value or gettext("没有写")
            if value or step != "besides":
                answers.append(ShownAnswer(str(form.fields[name].label), text, step))
    if not any(answer.step == "besides" for answer in answers):
        answers.append(ShownAnswer(gettext("联系的时候要注意的"), gettext("没有写"), "besides"))
    return answers


def _in_one(answers: Sequence[ShownAnswer]) -> str:
    nothing = {gettext("没有"), gettext("没有写"), gettext("不指定")}
    said = (
        gettext("{field}：{text}").format(field=one.label, text=one.text)
        for one in answers
        if one.text not in nothing
    )
    return gettext("；").join(said)


def _send(flow: Flow, judged: Mapping[str, forms.Form], agreed: Agree) -> HttpResponse:
    if not agreed.is_valid():
        return _check(flow, judged, agreed)
    if not REPORTS.took(address(flow.request), flow.at):
        agreed.add_error(
            None, gettext("没有交上去：从这里一小时内交的太多了。内容还在，请过一小时再交，或者打电话来。")
        )
        return _check(flow, judged, agreed, status=429)
    register_now = Register(flow.version, the_office().number_prefix, flow.at, Actor.citizen())
    match register(_intake(flow, judged, agreed), flow.at, register_now):
        case Received() as received:
            return _receipt(flow, received)
        case Refused(code=RefusalCode.IDENTITY_REUSED):
            return _receipt(flow, _sent_before(flow), changed=_in_one(_answers(flow, judged, ())))
        case Refused() as refused:
            label = progress.field_label(refused.field or "")
            agreed.add_error(None, gettext("没有交上去：请改一改“{field}”。").format(field=label))
            return _check(flow, judged, agreed, status=400)


def _intake(flow: Flow, judged: Mapping[str, forms.Form], agreed: Agree) -> Intake:
    you, whom = judged["you"].cleaned_data, judged.get("whom")
    besides = cast("Besides", judged["besides"])
    further = {name: text for name, text in you.items() if name not in ("phone", "name")}
    publish = {"may_publish": "yes"} if agreed.cleaned_data["may_publish"] else {}
    return Intake(
        channel=CHANNEL,
        kind=Kind.PROBLEM,
        text=judged["what"].cleaned_data["text"],
        phone=you["phone"] or None,
        name=you.get("name") or you.get("contact_name") or None,
        fields={**further, **besides.told, **publish, "privacy_notice": privacy.VERSION},
        post=whom.cleaned_data["post"] if whom else None,
        confidential=ruleset(flow.version).rulebook.intake.confidential,
        external_id=_external_id(flow),
    )


def _external_id(flow: Flow) -> str:
    return secret_index(flow.token, "web report").hex()


def _sent_before(flow: Flow) -> Received:
    """Return what this form was answered when it was sent; who has its token is whoever sent it."""
    contact = Contact.objects.get(channel=CHANNEL, external_id=_external_id(flow))
    return answers([contact], Actor.citizen())[contact.id]


def _receipt(flow: Flow, received: Received, changed: str = "") -> HttpResponse:
    """Answer the form itself: the receipt has no address at which somebody else could find it.

    `changed` is what the form says that was sent before and says something else now.
    """
    shown = progress.shown(view_by_id(received.case_id), flow.at) if received.case_id else None
    code = received.code or ""
    address_of_it = f"{flow.request.build_absolute_uri(reverse('track'))}?number={received.number}"
    context = {
        "progress": shown,
        "code": spaced(code),
        "changed": changed,
        "lost": unfinished.hand_over(flow.token, received.case_id, flow.at) if received.case_id else [],
        "qr": qr_path(address_of_it),
        "with_phone": len(code) == 8,
        "step": "send",
        "hidden": {**flow.hidden(), **{name: "on" for name in Agree.base_fields if name in flow.request.POST}},
    }
    return _found_by_back(rendered(flow.request, flow.at, "report_receipt", gettext("已经登记"), context))


def _closed(request: HttpRequest, at: datetime) -> HttpResponse:
    return rendered(request, at, "report_closed", gettext("现在不能在网上反映"))


def _noted(response: HttpResponse, flow: Flow) -> HttpResponse:
    """Let this device find the report again, by its own Back and by its cookie."""
    if not flow.unsent:
        report_later.remember(response, flow.token)
    return _found_by_back(response)


def _found_by_back(response: HttpResponse) -> HttpResponse:
    """Let the reader's own browser keep a page: with `no-store`, Back would lose what was typed or given there."""
    patch_cache_control(response, private=True, no_cache=True)
    return response


def _moment(flow: Flow, at: datetime | None) -> ShownWhen | None:
    return when.moment(at, flow.at, ruleset(flow.version)) if at else None
