"""记录来电: one form for what came in by phone or otherwise, and the page from which the answer is read out."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.doors import act
from huying.cases.dossier import Receipt, earlier, receipt_of
from huying.cases.intake import Intake, Received, Register, register
from huying.cases.models import Case, Clock, Contact
from huying.cases.queries import Before, of_numbers, same_phone
from huying.cases.receipts import spaced
from huying.pages import due, kept
from huying.pages.access import REGISTRARS, Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import CHANNELS, COMPLEXITIES, KINDS, NEXT, NORMAL_CHANNEL
from huying.pages.shown import ShownPage, ShownReceipt, ShownTerm
from huying.people.actors import actor_of
from huying.people.models import Post
from huying.rules.access import Actor, Role
from huying.rules.commands import Assign
from huying.rules.lifecycle import Refused
from huying.rules.rulebook import Rulebook
from huying.rules.ruleset import Ruleset
from huying.rules.vocabulary import Complexity, Kind, RefusalCode, Stage, Step
from huying.vault.seals import phone_index

from .forms import (
    Choices,
    Sheet,
    Words,
    in_words,
    known_units,
    label,
    moment_field,
    number,
    post_choices,
    text_field,
    to_choose,
    too_long,
    unit_choices,
)
from .read_out import READ_OUT
from .same_caller import ShownBefore, shown_before, shown_cases

# What an intake has a place of its own for; a rulebook may call the text `content` or `claim`.
_TEXTS = frozenset({"content", "claim"})
_OWN = _TEXTS | {"contact_phone", "name", "post_called", "title"}
_BESIDES = ("prior_attempts", "normal_channel")
_FOR_OWN_POSTS = frozenset({Role.LEADER, Role.LIAISON})
_ASSIGNING = frozenset({Role.OFFICE, Role.DISCIPLINE})
# What is known of the phone and of the numbers is shown as soon as they are typed; without scripts, by the button.
_LOOKS = {
    "hx-post": "",
    "hx-trigger": "change",
    "hx-include": "closest form",
    "hx-vals": '{"look": "yes"}',
    "hx-target": "#known",
    "hx-select": "#known",
    "hx-swap": "outerHTML",
}
_ALWAYS = ("phone_mobile", "sms", "letter", "counter")


@dataclass(frozen=True)
class Typed:
    """What the form says: the intake, when it came in (None: just now), and whom to give the case to (0: nobody)."""

    intake: Intake
    at: datetime | None
    unit: int
    key: str


@dataclass(frozen=True)
class Known:
    """What is known of what the form says: what came from its phone, if it has one, and the cases that it names."""

    same: Before | None = None
    named: Sequence[ShownBefore] = ()


@requires(*REGISTRARS)
def record_contact(request: Signed) -> HttpResponse:
    moment = now()
    actor = actor_of(request.user, moment)
    try:
        into = Register.now_in_force(actor, moment)
    except rulebooks.NoRulebook:
        return render(request, "desk/no_rulebook.html", {"page": ShownPage(gettext("记录来电"))})
    book = into.rules.rulebook
    if request.method != "POST":
        said = kept.kept(request, request.user.pk)
        return _form_page(request, _form(actor, book, said), said.get("key") if said else None)
    form = _form(actor, book, request.POST)
    if "look" in request.POST:
        known = Known(_same_phone(request.POST, actor, moment), _named(request.POST, actor))
        return _form_page(request, form, request.POST.get("key"), known=known)
    try:
        typed = _typed(request.POST, book)
    except ValueError:
        form.refuse([*_missing(request.POST), Refused(RefusalCode.FIELD_INVALID, "at")])
        return _form_page(request, form, request.POST.get("key"))
    if long := [*too_long(request.POST, form.fields)]:
        form.refuse(long)
        return _form_page(request, form, typed.key)
    if "again" not in request.POST and (before := _said_just_now(request, typed, actor, moment)) is not None:
        return _form_page(request, form, typed.key, before=before)
    result = _register(typed, moment, into)
    if isinstance(result, Refused):
        form.refuse([*_missing(request.POST), _at_our_field(result)])
        if result.code is RefusalCode.IDENTITY_REUSED:
            return _form_page(request, form, None, before=earlier(typed.key, actor))
        return _form_page(request, form, typed.key)
    kept.forget(request)
    _remember(request, typed, result, actor, moment, into.rules.rulebook)
    return redirect("receipt", contact_id=result.contact_id)


def _remember(
    request: Signed, typed: Typed, result: Received, actor: Actor, moment: datetime, book: Rulebook
) -> None:
    """Give the case to the unit that was named with it, and keep for the receipt what couldn't be done, and why."""
    missing = [label("contact", name) for name in book.required_fields if typed.intake.value(name) is None]
    missing = [] if typed.intake.joins else missing
    not_assigned = ""
    # A form that is sent again assigns only what the first one was cut off from assigning.
    waits = not result.again or Case.objects.filter(number=result.number or "", unit=None).exists()
    if typed.unit and result.case_id is not None and result.code and request.user.role in _ASSIGNING and waits:
        given = act(result.case_id, Assign(typed.unit), moment, moment, actor)
        not_assigned = in_words(given, "assign") if isinstance(given, Refused) else ""
    told = {"id": result.contact_id, "missing": missing, "not_assigned": not_assigned}
    request.session["receipt"] = told | {"key": typed.key, "said": _mark(typed)}


def _said_just_now(request: Signed, typed: Typed, actor: Actor, moment: datetime) -> Contact | None:
    """Return the contact that this form has just registered, if it comes again under another token.

    That is what Back brings: the page is fetched anew, and the browser fills in the words.
    """
    last = request.session.get("receipt") or {}
    if typed.intake.joins or last.get("key") in (None, typed.key) or last.get("said") != _mark(typed):
        return None
    found = receipt_of(actor, last["id"], moment - READ_OUT)
    return None if found is None else found.contact


def _mark(typed: Typed) -> str:
    """Return by what the same words are known again; the words themselves stay out of the session."""
    return salted_hmac("huying.contact", typed.intake.text).hexdigest()


@requires(*REGISTRARS)
def receipt(request: Signed, contact_id: int) -> HttpResponse:
    """Show number, query code and dates to whoever wrote the contact down, for an hour; others get 404."""
    at = now()
    found = receipt_of(actor_of(request.user, at), contact_id, at - READ_OUT) if contact_id < 2**63 else None
    if found is None:
        raise Http404
    context = {
        "page": ShownPage(gettext("记下了")),
        "now": at,
        "frame": footed(request, at),
        "receipt": _shown(found, at, request.session.get("receipt") or {}),
    }
    return render(request, "desk/receipt.html", context)


def _register(typed: Typed, moment: datetime, into: Register) -> Received | Refused:
    """Register what was typed, once: whoever sends the same form again gets the first answer.

    What came in just now came in when the form was sent first; of two that are sent at once, the later one learns
    that moment from the earlier.
    """
    for _ in range(2):
        first = earlier(typed.key, into.actor)
        at = typed.at or (first.at if first else moment)
        result = register(typed.intake, at, into, key=typed.key)
        if not isinstance(result, Refused) or result.code is not RefusalCode.IDENTITY_REUSED or first is not None:
            break
    return result


def _typed(said: Mapping[str, str], book: Rulebook) -> Typed:
    """Return what the form says. Raises ValueError where its time is none."""
    texts = {name: said.get(name, "").strip() for name in ("contact_phone", "name", "content")}
    further = {name: said.get(name, "").strip() for name in (*_further(book), *_BESIDES)}
    intake = Intake(
        channel=said.get("channel", ""),
        kind=said.get("kind", ""),  # type: ignore[arg-type]  # the door says whether it is one
        text=texts["content"],
        phone=texts["contact_phone"] or None,
        name=texts["name"] or None,
        fields={name: text for name, text in further.items() if text},
        post=number(said.get("post", "")) or None,
        complexity=said.get("complexity", Complexity.SIMPLE),  # type: ignore[arg-type]
        confidential="confidential" in said,
        respondent=number(said.get("respondent", "")) or None,
        respondent_post=number(said.get("respondent_post", "")) or None,
        joins=said.get("joins", "").strip().upper() or None,
        follows=said.get("follows", "").strip().upper() or None,
    )
    when = said.get("at", "").strip()
    at = datetime.fromisoformat(when).replace(tzinfo=timezone.get_current_timezone()) if when else None
    if at is not None and at.year in (MINYEAR, MAXYEAR):
        raise ValueError(f"{at} may have no name in another zone")
    return Typed(intake, at, number(said.get("unit", "")), said.get("key") or secrets.token_urlsafe(16))


def _missing(said: Mapping[str, str]) -> list[Refused]:
    empty = [name for name in ("channel", "content", "kind") if not said.get(name, "").strip()]
    return [Refused(RefusalCode.FIELD_REQUIRED, name) for name in empty]


def _at_our_field(refused: Refused) -> Refused:
    return replace(refused, field="content") if refused.field == "text" else refused


def _further(book: Rulebook) -> list[str]:
    """Return the fields that the rulebook asks for and an intake has no place for."""
    return [name for name in (*book.intake.required, *book.intake.optional) if name not in _OWN]


def _form(actor: Actor, book: Rulebook, said: Mapping[str, str] | None) -> Sheet:
    initial: dict[str, object] = {
        "confidential": actor.role is Role.DISCIPLINE,
        "complexity": Complexity.SIMPLE,
        "channel": _channels(book)[0][0],
    }
    form = Sheet("contact", said, initial)
    required = {"content" if name in _TEXTS else name for name in book.required_fields} | {"content"}
    form.add("channel", _choice(_channels(book)), must=True)
    form.add("at", moment_field(), must=False)
    own = actor.role in _FOR_OWN_POSTS
    nobody = [] if own else [("", gettext("没说，或者打给办公室"))]
    form.add("post", _choice([*nobody, *_posts(actor.posts if own else None)]), must=own)
    form.add("contact_phone", text_field("contact_phone"), must="contact_phone" in required)
    form.add("name", text_field("name"), must="name" in required)
    form.add("content", text_field("content"), must=True)
    for name in _further(book):
        form.add(name, text_field(name), must=name in required)
    form.add("prior_attempts", text_field("prior_attempts"), must=False)
    form.add("normal_channel", _choice([("", gettext("没有问")), *NORMAL_CHANNEL.items()]), must=False)
    form.add("joins", text_field("joins"), must=False)
    form.add("follows", text_field("follows"), must=False)
    form.add("kind", _choice([("", gettext("请选择")), *_kinds(book)]), must=True)
    form.add("complexity", forms.ChoiceField(choices=list(COMPLEXITIES.items()), widget=Words), must=True)
    units = unit_choices(to_choose(known_units()))
    form.add("respondent", _choice([("", gettext("没有反映单位")), *units]), must=False)
    form.add("respondent_post", _choice([("", gettext("没有反映领导")), *post_choices()]), must=False)
    form.add("confidential", forms.BooleanField(required=False), must=True)
    if actor.role in _ASSIGNING:
        form.add("unit", _choice([("", gettext("先不交办")), *units]), must=False)
    for name in ("contact_phone", "joins", "follows"):
        form.fields[name].widget.attrs |= _LOOKS
    return form


def _same_phone(said: Mapping[str, str], actor: Actor, moment: datetime) -> Before | None:
    phone = said.get("contact_phone", "").strip()
    return same_phone(actor, phone_index(phone), moment) if phone else None


def _named(said: Mapping[str, str], actor: Actor) -> list[ShownBefore]:
    """Return the cases that the form says by their numbers, so that a slip is seen before anything is joined."""
    numbers = {said.get(name, "").replace("\0", "").strip().upper() for name in ("joins", "follows")} - {""}
    return shown_cases(of_numbers(actor, numbers)) if numbers else []


def _form_page(
    request: Signed, form: Sheet, key: str | None, *, before: Contact | None = None, known: Known | None = None
) -> HttpResponse:
    """Return the page with the form; `before` is what was registered by the form that it was a moment ago."""
    same = known.same if known else None
    context = {
        "named": known.named if known else [],
        "looked": same is not None,
        "same": shown_before(same) if same else [],
        "nuisance_until": same.nuisance_until(now()) if same else None,
        "before": before and reverse("receipt", args=[before.id]),
        "page": ShownPage(gettext("记录来电")),
        "form": form,
        "key": key or secrets.token_urlsafe(16),
        "by": kept.mark(request.user.pk),
    }
    return render(request, "desk/record_contact.html", context)


def _choice(choices: Choices) -> forms.ChoiceField:
    return forms.ChoiceField(choices=choices, required=False)


def _channels(book: Rulebook) -> list[tuple[str, object]]:
    kinds = dict.fromkeys([*(channel.kind for channel in book.channels if channel.enabled), *_ALWAYS])
    said: dict[str, tuple[str, object]] = {}
    for kind in kinds:
        said.setdefault(str(CHANNELS.get(kind, kind)), (kind, CHANNELS.get(kind, kind)))
    return list(said.values())


def _kinds(book: Rulebook) -> list[tuple[str, object]]:
    """Return the kinds in two groups, since what the choice does is whether a case is opened."""
    opening = [(kind.value, word) for kind, word in KINDS.items() if book.opens_case(kind)]
    others = [(kind.value, word) for kind, word in KINDS.items() if not book.opens_case(kind)]
    return [(gettext("只记一次，不立件"), others), (gettext("立件办理"), opening)]


def _posts(own: frozenset[int] | None) -> list[tuple[str, object]]:
    """Return the posts, or only somebody's own, those of one unit together (one statement)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    posts = Post.objects.all() if own is None else Post.objects.filter(id__in=own)
    for post in posts.select_related("unit").order_by("unit__path", "id"):
        groups.setdefault(
            post.unit.name if post.unit and post.unit.parent_id else gettext("本级领导和专线"), []
        ).append((str(post.id), post.name))
    return list(groups.items())


def _shown(found: Receipt, at: datetime, remembered: Mapping[str, Any]) -> ShownReceipt:
    case = found.case
    told = remembered if remembered.get("id") == found.contact.id else {}
    if case is None:
        return ShownReceipt(kind=str(KINDS[Kind(found.contact.kind)]), received_at=found.contact.at)
    rules = rulebooks.rules_of(case)
    running = [clock for clock in found.clocks if clock.done_at is None]
    return ShownReceipt(
        kind=str(KINDS[Kind(case.kind)]),
        received_at=case.received_at,
        number=case.number,
        code=spaced(found.code or ""),
        unit=case.unit.name if case.unit else "",
        pending=case.stage == Stage.PENDING_INFO,
        missing=told.get("missing", []),
        not_assigned=told.get("not_assigned", ""),
        terms=list(_terms(running, at, rules)),
        confidential=case.confidential,
    )


def _terms(running: Iterable[Clock], at: datetime, rules: Ruleset) -> Iterator[ShownTerm]:
    """Yield what has to happen by when; of two terms that one step ends, the earlier."""
    said: set[object] = set()
    for clock in sorted(running, key=lambda clock: clock.due_at):
        step = Step(clock.step)
        if NEXT[step] not in said:
            said.add(NEXT[step])
            yield ShownTerm(str(NEXT[step]), clock.due_at, due.running(clock.due_at, step, at, rules))
