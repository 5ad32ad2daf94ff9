"""提醒: what citizens tell of impostors, and the notices on all public pages that the office makes of it.

A number that was told may be anybody's, also the teller's own: it is masked until somebody drafts a notice about it,
and that look is logged.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.cases.contact_dossier import revealed_text, texts_of
from huying.cases.queries import fraud_reports
from huying.directory.checking import Standing, check
from huying.directory.models import PublicNotice
from huying.pages.access import Signed, requires
from huying.pages.frame import footed
from huying.pages.shown import ShownPage
from huying.people.actors import actor_of
from huying.people.serving import day_of
from huying.rules.access import Actor, Role
from huying.rules.masking import mask_phone, mask_text
from huying.rules.number_check import Picked, What, picked

from .forms import Sheet, day_in, number, text_field

FEW = 50
LONGEST = 300
LIVES = timedelta(days=30)  # a notice, unless the office says another last day


@dataclass(frozen=True, slots=True)
class ShownReport:
    """What somebody told of an impostor: the message, masked, and the numbers in it, in the clear once revealed."""

    id: int
    at: datetime
    text: str
    numbers: list[str]


@requires(Role.OFFICE)
def impostors(request: Signed) -> HttpResponse:
    """The running notices and the latest reports; a POST drafts a notice about one of them, publishes or ends one."""
    at = now()
    actor = actor_of(request.user, at)
    said = request.POST.dict() if request.method == "POST" else None
    if said is not None and "end" in said:
        running = PublicNotice.objects.filter(id=number(said["end"]), ended_at=None)
        if not running.update(ended_at=at):
            raise Http404
        messages.success(request, gettext("这条提醒撤下来了。"))
        return redirect("impostors")
    about = number(said["about"]) if said is not None and "about" in said else None
    drafted: dict[str, object] = {"until": day_of(at + LIVES)}
    if about is not None:
        drafted["text"], drafted["text_en"] = _warning(_told(about, actor, at), at)
    form = _form(said if about is None else None, drafted)
    if said is not None and about is None and _published(form, said, actor, at):
        messages.success(request, gettext("提醒已经放到所有公开页面上。"))
        return redirect("impostors")
    context = {
        "page": ShownPage(gettext("提醒")),
        "now": at,
        "frame": footed(request, at),
        "form": form,
        "running": PublicNotice.objects.running(day_of(at)).order_by("-at", "-id"),
        "reports": _reports(actor, about),
    }
    return render(request, "desk/impostors.html", context)


@transaction.atomic
def _told(contact_id: int, actor: Actor, at: datetime) -> str:
    """Return what a report says, to the letter; the look is logged."""
    text = revealed_text(fraud_reports(actor), contact_id, actor, at, f"warn of what contact {contact_id} tells")
    if text is None:
        raise Http404
    return text


def _warning(told: str, at: datetime) -> tuple[str, str]:
    """Return what can be said of the numbers in a report in both languages, as a draft for the clerk.

    Only those that aren't the city's are named: whoever shows its own has forged it, and 110 is for help.
    """
    false = [one for one in check(told, at).checked if one.standing in (Standing.UNKNOWN, Standing.WITHDRAWN)]
    if not false:
        return (
            "有人冒充市里的领导打电话、发短信，显示的号码是伪造的。谈钱、要验证码的一定是骗子，请挂断，按公开目录里的号码拨回去。",
            "Somebody poses as a leader under a forged number. Hang up, and dial the directory's number yourself.",
        )
    numbers = [one.picked.written for one in false]
    return (
        f"有人用 {'、'.join(numbers)} 冒充市里的领导。这不是市里公布的号码，请不要转账，不要点里面的网址。",
        f"Somebody poses as a leader with {', '.join(numbers)}. It isn't the city's: don't pay.",
    )


def _form(said: dict[str, str] | None, drafted: dict[str, object]) -> Sheet:
    form = Sheet("notice_to_all", said, drafted)
    for name in ("text", "text_en"):
        field = text_field(name)
        field.widget = forms.Textarea(attrs={"rows": 3})
        form.add(name, field, must=name == "text")
    day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    form.add("until", forms.DateField(widget=day, required=False), must=False)
    return form


def _published(form: Sheet, said: dict[str, str], actor: Actor, at: datetime) -> bool:
    """Publish what was typed; return False where the form says what is wrong."""
    text, text_en = (said.get(name, "").replace("\0", "").strip() for name in ("text", "text_en"))
    if not text:
        form.add_error("text", gettext("请写要提醒大家什么"))
    for name, one in {"text": text, "text_en": text_en}.items():
        if len(one) > LONGEST:
            form.add_error(name, gettext("最多 {n} 个字，请短一些").format(n=LONGEST))
    until = day_in(said.get("until", ""))
    if said.get("until", "").strip() and (until is None or until < day_of(at)):
        form.add_error("until", gettext("请写今天或以后的一天，像 2026-04-16；不写，就一直放到撤下为止"))
    if form.errors:
        return False
    # What is past its last day has ended, and may be said again.
    PublicNotice.objects.filter(text=text, ended_at=None, until__lt=day_of(at)).update(ended_at=at)
    # Of a double click the second finds the notice of the first.
    told = {"at": at, "text_en": text_en, "actor": actor.id, "until": until}
    PublicNotice.objects.get_or_create(text=text, ended_at=None, defaults=told)
    return True


def _reports(actor: Actor, revealed: int | None) -> list[ShownReport]:
    told = texts_of(fraud_reports(actor).order_by("-at", "-id"), FEW)
    return [
        ShownReport(one.id, one.at, mask_text(text), [_number(n, in_clear=one.id == revealed) for n in picked(text)])
        for one, text in told
    ]


def _number(told: Picked, *, in_clear: bool) -> str:
    return told.written if in_clear or told.what is not What.PHONE else mask_phone(told.written)
