"""What a requester does to the case that the receipt has opened, and what came of it.

Nothing here stands in an address or a session: each form carries the receipt along, and the line of the ledger that
the page was made of, so that a form which is sent twice is done once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.attachments import attach_own, sent_file
from huying.cases.citizen_view import CitizenView, view_by_id
from huying.cases.doors import act
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.limits import Limit
from huying.cases.models import Case
from huying.cases.opened import clock_state, state_in
from huying.ledger.models import LedgerLine
from huying.pages.downloads import saved
from huying.people.office import the_office
from huying.rules.access import Actor
from huying.rules.commands import VERBS
from huying.rules.deciding import Refused
from huying.rules.offers import Offer, offers
from huying.rules.stages import OPEN_STAGES
from huying.rules.state import CaseState
from huying.rules.vocabulary import Kind, RefusalCode, Stage
from huying.vault.seals import secret_index

from .files import made_anew
from .own_forms import FORMS, Add, Complete, Judge, OwnForm, typed_fields, typed_in

CHANNEL = "web"
# What stands right below what is waited for; the rest is folded away.
_FIRST = ("record_verdict", "complete_info", "request_review")
# By what event each form is known to have been sent before.
_EVENTS = {
    "record_verdict": ("verdict_recorded",),
    "complete_info": ("completed", "info_incomplete"),
    "add": ("contact_joined", "attached"),
    "tell_unanswered": ("unanswered_told",),
    "complain_handling": ("handling_complained",),
    "request_review": ("review_requested",),
    "withdraw": ("withdrawn",),
    "ask_erasure": ("erasure_asked",),
}
_VERBS = tuple(name for name in FORMS if name in VERBS)
FILES_AT_ONCE = 10
SAID = Limit("said of an own case", 30)  # to one case within an hour


@dataclass(frozen=True)
class Tried:
    """A form that was sent: what it says, and what came of it in words; `done` unless it has to be changed."""

    name: str
    form: OwnForm
    told: str = ""
    done: bool = False


@dataclass(frozen=True)
class ShownOwn:
    """One thing that a requester may do now, with its form; `first`: what the case waits for."""

    name: str
    form: OwnForm
    first: bool = False
    open: bool = False


def may_do(view: CitizenView, at: datetime, said: Mapping[str, str], tried: Tried | None = None) -> list[ShownOwn]:
    """Return what the requester may do now, each form as it was typed; but empty once it was done."""
    if view.case.confidential:
        return []
    done = tried.form.fields if tried and tried.done else {}
    typed = {name: text for name, text in typed_fields(said).items() if name not in done}
    forms = _possible(view, at, typed)
    if tried and not tried.done:
        forms[tried.name] = tried.form
    return [
        ShownOwn(name, form, first=name in _FIRST, open=not typed.keys().isdisjoint(form.fields))
        for name, form in forms.items()
    ]


def attempt(view: CitizenView, said: Mapping[str, str], at: datetime, request: HttpRequest) -> Tried | None:
    """Do what a form says, with the files that came along; None where it says nothing that can be done now."""
    name = said.get("do", "")
    if name not in FORMS:
        return None
    forms = {} if view.case.confidential else _possible(view, at, said)
    if told := _not_now(view, forms.get(name), said):
        return Tried(name, OwnForm(), told, done=True)
    form = forms[name]
    files = _judged(form, request, at)
    if form.errors:
        return Tried(name, form)
    if not SAID.took(view.case.number, at):
        form.add_error(None, gettext("没有记下：一小时内写的太多了。内容还在，请过一小时再交，或者打电话来。"))
        return Tried(name, form)
    done = _done(view.case, form, said.get("seen", ""), at)
    if not isinstance(done, Refused):
        done = next((one for one in _attached(view.case, files, at) if isinstance(one, Refused)), done)
    match done:
        case Refused(code=RefusalCode.CHANGED_MEANWHILE) if not _was_sent(view.case, name, said):
            form.add_error(
                None, gettext("还没有记下：这件事刚才有了新的进展，请先看上面。内容还在，仍要交就再点一次。")
            )
            return Tried(name, form)
        case Refused(code=RefusalCode.CHANGED_MEANWHILE | RefusalCode.WRONG_STATE):
            return Tried(name, form, _moved_on(said), done=True)
        case Refused():
            form.add_error(None, gettext("没有记下：请改一改再交，或者打电话给公开电话办公室。"))
            return Tried(name, form)
        case Received() | None:
            return Tried(name, form, gettext("记下了，承办单位会看到。"), done=True)
        case after:
            return Tried(name, form, _came_of(name, after, view.case), done=True)


def _not_now(view: CitizenView, form: OwnForm | None, said: Mapping[str, str]) -> str:
    """Return why a form can't be taken as things are, with what was typed into it; nothing where it can."""
    if view.case.confidential:
        return gettext("没有记下：这件事保密办理，网上不能办这一步。请打电话给公开电话办公室。") + _as_typed(said)
    if form is None and view.stage is Stage.MERGED:
        told = gettext("没有记下：这件事已经和另一件并在一起办。要补充、提意见，请打电话给公开电话办公室。")
        return told + _as_typed(said)
    has_come = isinstance(form, Complete) and typed_in(said) and not any(said.get(name) for name in form.fields)
    return _moved_on(said) if form is None or has_come else ""


def own_file(view: CitizenView, wanted: str) -> HttpResponse | None:
    """Return a file that the requester sent, to be saved; None for anything else."""
    found = next((one for one in view.own if one.file is not None and str(one.file) == wanted), None)
    content = sent_file(view.case, found.file) if found and found.file else None
    return None if found is None or content is None else saved(found.texts[0][1], content)


def _judged(form: OwnForm, request: HttpRequest, at: datetime) -> list[tuple[str, bytes]]:
    """Judge a form, and return the files that came along; the form says what has to be changed."""
    files, refused = made_anew(request, FILES_AT_ONCE, at) if isinstance(form, Add) else ([], [])
    if isinstance(form, Add):
        form.has_files = bool(files or refused)
    form.full_clean()
    for why in refused:
        form.add_error("attached", gettext("{why}。别的也要重新选一次").format(why=why))
    return files


def _attached(case: Case, files: Sequence[tuple[str, bytes]], at: datetime) -> Iterator[CaseState | Refused | None]:
    return (attach_own(case.id, name, content, at) for name, content in files)


def _done(case: Case, form: OwnForm, seen: str, at: datetime) -> CaseState | Received | Refused | None:
    """Send what a form says through a door: as a command, or as a contact that joins the case; None for no words."""
    said, requester = form.said(), Actor.citizen(case.id)
    if not isinstance(said, str):
        line = int(seen) if seen.isdecimal() and len(seen) < 18 else 0
        return act(case.id, said, at, at, requester, seen=line)
    if not said:
        return None
    once = secret_index(f"{case.number} {seen} {said}", "own case").hex()
    intake = Intake(channel=CHANNEL, kind=Kind(case.kind), text=said, joins=case.number, external_id=once)
    into = Register(rulebooks.version(case.rulebook_id), the_office().number_prefix, at, requester)
    return register(intake, at, into)


# -- what may be done ------------------------------------------------------------------------------------------------


def _possible(view: CitizenView, at: datetime, said: Mapping[str, str] | None = None) -> dict[str, OwnForm]:
    """Return the forms of what can be done now, bound to what was typed if that is given."""
    state = state_in(view.case, tuple(map(clock_state, view.clocks)))
    found = offers(state, Actor.citizen(state.id), at, rulebooks.rules_of(view.case), _VERBS)
    offered = {one.verb: one for one in found if one.refused is None}
    return {name: _form(name, offered.get(name), view, said) for name in _names(offered, state, view)}


def _names(offered: Mapping[str, Offer], state: CaseState, view: CitizenView) -> Iterator[str]:
    for name in FORMS:
        match name:
            case "add":
                is_there = state.stage in OPEN_STAGES
            case "tell_unanswered":
                is_there = name in offered and bool(view.handler_phone)
            case _:
                is_there = name in offered
        if is_there:
            yield name


def _form(name: str, offer: Offer | None, view: CitizenView, said: Mapping[str, str] | None) -> OwnForm:
    is_sent = said is not None and said.get("do") == name
    given: dict[str, Any] = {"data" if is_sent else "initial": said, "auto_id": f"{name}_%s"}
    kind = FORMS[name]
    if kind is Judge and offer is not None:
        allowed = [word for word, why in offer.words["verdict"].items() if why is None]
        return Judge(allowed, **given)
    if kind is Complete:
        return Complete(view.missing, rulebooks.rules_of(view.case), **given)
    return kind(**given)


# -- what came of it -------------------------------------------------------------------------------------------------


def _moved_on(said: Mapping[str, str]) -> str:
    """Return that nothing was done, with what was typed: nobody writes it twice."""
    return gettext("这件事刚才有了新的进展，没有再记一次。请看下面。") + _as_typed(said)


def _as_typed(said: Mapping[str, str]) -> str:
    typed = gettext("；").join(
        gettext("{field}：{text}").format(field=label, text=text) for label, text in typed_in(said).items()
    )
    return gettext("您写的是：“{typed}”").format(typed=typed) if typed else ""


def _was_sent(case: Case, name: str, said: Mapping[str, str]) -> bool:
    """Return whether the requester has said the very same since the page was made: the form came twice."""
    seen, typed = said.get("seen", ""), [text for text in _written(said) if text]
    line = int(seen) if seen.isdecimal() and len(seen) < 18 else 0
    own = LedgerLine.objects.filter(chain_id=case.id, seq__gt=line, actor=Actor.citizen().id, event__in=_EVENTS[name])
    words = {text for one in view_by_id(case.id).own for _, text in one.texts} if typed else set()
    return own.exists() and all(any(one in text for text in words) for one in typed)


def _written(said: Mapping[str, str]) -> Iterator[str]:
    """Yield what was written in free words."""
    return (said.get(name, "").strip() for name in ("text", "complaint", "why", "reason", "words"))


def _came_of(name: str, after: CaseState, before: Case) -> str:
    match name:
        case "record_verdict" if after.cycle > before.cycle:
            return gettext("记下了：不满意。这件事重新办，编号不变，新的期限在下面。")
        case "record_verdict" if after.stage is Stage.CLOSED:
            return gettext("记下了您的评价，这件事办结。")
        case "record_verdict":
            return gettext("记下了您的评价。下一步由公开电话办公室决定。")
        case "complete_info" if after.stage is Stage.PENDING_INFO:
            return gettext("记下了，还缺几样。")
        case "complete_info":
            return gettext("补齐了，开始办。")
        case "complain_handling":
            return gettext("记下了，由督办的人看。")
        case "tell_unanswered":
            return gettext("记下了，公开电话办公室会催，承办单位也看得到。")
        case "ask_erasure":
            return gettext("记下了，公开电话办公室会看，会答复您。")
        case "request_review":
            return gettext("记下了，公开电话办公室会给您书面答复。")
        case _:
            return gettext("撤回了，这件事结束。")
