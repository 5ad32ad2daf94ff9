"""The form of any command, made of what the rules say that it needs; and the command that such a form says.

A door alone judges what is typed. What can't even be read, such as a day that is none, is refused at its field.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, datetime
from typing import get_type_hints

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.queries import visible_to
from huying.pages.labels import LISTS
from huying.people.models import Post, Unit
from huying.rules.access import Actor
from huying.rules.commands import APPROVER, CASES, OWN_POSTS, POSTS, UNITS, VERBS, Command, command_of, field_names
from huying.rules.duration import Unit as Counted
from huying.rules.lifecycle import Refused
from huying.rules.offers import Offer, words_of
from huying.rules.vocabulary import Kind, RefusalCode

from .forms import TOLD, Choices, Sheet, Term, Words, in_words, label, moment_field, number, text_field, unit_choices

# Needed by exception only: else nobody has to pass them by.
_IF_ASKED = frozenset({("assign", "reason")})
# What the page knows by itself.
_KNOWN = frozenset({("co_report", "unit"), ("answer_instruction", "unit")})
# Needed with one of the words that another field takes, not with the others.
_AS_THE_CASE_MAY_BE = frozenset({("return_call", "kind")})
_NO_UNIT_SAID = {
    "instruct": _("正在办的单位"),
    "fault": _("正在办的单位"),
    "schedule_interview": _("正在办的单位"),
    "request_return": _("说不准"),
    "open_case": _("没有反映单位"),
    "return_call": _("没有反映单位"),
}
_NO_WORD_SAID = {("report", "claim"): _("不申请")}
# A kind that nobody means who knows what it is about.
_NOT_SORTED = frozenset({Kind.UNSORTED.value, Kind.MISSED.value})
_TERMS = {
    Counted.WORKING_DAYS: _("个工作日"),
    Counted.CALENDAR_DAYS: _("天"),
    Counted.HOURS: _("小时"),
}
_MANY = 8  # words; more are no tiles
_NAME = re.compile("[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Around:
    """What the fields of a form may name: units, those below one's own, one's own posts, all of them, what is
    missing, what can be corrected.
    """

    units: Sequence[Unit] = ()
    below: Sequence[Unit] | None = None  # None: who acts gives a case to any unit
    posts: Sequence[tuple[int, str]] = ()
    faults: Sequence[tuple[int, str]] = ()  # the open ones to which the actor may speak
    all_posts: Choices = ()
    missing: Sequence[str] = ()
    correctable: Sequence[str] = ()
    initial: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def units_for(self, verb: str) -> Sequence[Unit]:
        return self.below if verb == "assign" and self.below is not None else self.units


# -- the form --------------------------------------------------------------------------------------------------------


def action_form(offer: Offer, around: Around, data: Mapping[str, str] | None = None) -> Sheet:
    """Return the form of one command, bound to what was typed if that is given."""
    form = Sheet(offer.verb, data, around.initial.get(offer.verb, {}))
    hints = get_type_hints(offer.command)
    for name in field_names(offer.command):
        if _is_left_out(offer, name, around):
            continue
        must = name in offer.required and (offer.verb, name) not in _AS_THE_CASE_MAY_BE
        if hints[name] == Mapping[str, str] | None:
            for told in around.missing:
                form.add(f"{TOLD}{told}", text_field(f"{TOLD}{told}"), must=True)
        else:
            form.add(
                name, _field(offer, name, hints[name], around, must=must), must=must or hints[name] == bool | None
            )
    return form


def not_yet(offer: Offer) -> list[str]:
    """Return of each word that can't be chosen yet why, e.g. 联系不上：…"""
    said = (
        (_in_words(offer, name)[word], why)
        for name, words in offer.words.items()
        for word, why in words.items()
        if why
    )
    return [gettext("还不能选“{word}”：{why}").format(word=word, why=in_words(why)) for word, why in said]


def _is_left_out(offer: Offer, name: str, around: Around) -> bool:
    if name == APPROVER.get(offer.command):  # who says so himself
        return True
    if (offer.verb, name) in _KNOWN or (name in OWN_POSTS and len(around.posts) < 2):  # a choice
        return True
    if name == "fault" and len(around.faults) < 2:
        return True
    given_on = (offer.verb, name) == ("assign", "designate") and around.below is not None
    return given_on or ((offer.verb, name) in _IF_ASKED and name not in offer.required)


def _field(offer: Offer, name: str, hint: object, around: Around, *, must: bool) -> forms.Field:
    if name in offer.words:
        return _one_word(offer, name, must=must or name in around.initial.get(offer.verb, {}))
    if name in UNITS:
        nothing = gettext("请选择") if must else str(_NO_UNIT_SAID.get(offer.verb, ""))
        return _choice([("", nothing), *unit_choices(around.units_for(offer.verb))])
    if name in OWN_POSTS:
        return _choice(around.posts)
    if name == "fault":
        return _choice(around.faults)
    if name in POSTS:
        return _choice([("", gettext("没有反映领导")), *around.all_posts])
    if (offer.verb, name) == ("correct", "field"):
        return _choice([("", gettext("请选择")), *((one, label("correct", one)) for one in around.correctable)])
    if name == "term":
        how_many = forms.TextInput(attrs={"inputmode": "numeric", "aria-label": gettext("多少")})
        of_what = forms.Select(choices=list(_TERMS.items()), attrs={"aria-label": gettext("单位")})
        return forms.CharField(widget=Term([how_many, of_what]), required=False)
    if hint == datetime | None:
        return moment_field()
    if hint == bool | None:
        if not must or name == "citizen_informed":
            return forms.BooleanField(required=False)
        return forms.ChoiceField(choices=[("yes", gettext("同意")), ("no", gettext("不同意"))], widget=Words)
    return text_field(name)


def _one_word(offer: Offer, name: str, *, must: bool) -> forms.Field:
    said = _in_words(offer, name)
    words = [(word, said[word]) for word, why in offer.words[name].items() if why is None and word not in _NOT_SORTED]
    if len(words) > _MANY:
        return _choice([("", gettext("请选择")), *words])
    nothing = [] if must else [("", _NO_WORD_SAID.get((offer.verb, name), gettext("不填")))]
    return forms.ChoiceField(choices=[*nothing, *words], widget=Words, required=False)


def _in_words(offer: Offer, name: str) -> Mapping[str, object]:
    words = words_of(offer.command, name)
    return {} if words is None else LISTS[words]


def _choice(choices: Iterable[tuple[object, object]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=list(choices), required=False)


# -- the command -----------------------------------------------------------------------------------------------------


class _Misread(Exception):
    """A field says what nobody can read; with the refusal of it."""

    def __init__(self, name: str, code: RefusalCode = RefusalCode.FIELD_INVALID) -> None:
        super().__init__(name)
        self.refused = Refused(code, name)


def typed(verb: str, data: Mapping[str, str], actor: Actor) -> tuple[Command, Refused | None]:
    """Return the command that a form says, and the first field that can't be read, if any."""
    said: dict[str, object] = {}
    refused: Refused | None = None
    for name, hint in get_type_hints(VERBS[verb]).items():
        try:
            said[name] = _READERS[hint](name, data, actor)
        except _Misread as misread:
            refused = refused or misread.refused
    if verb == "correct" and said.get("field") == "post_called":
        said["value"] = _code_of_post(said.get("value"))
    return command_of(verb, said), refused


def _text(name: str, data: Mapping[str, str], _actor: Actor) -> str | None:
    if name != "term":
        return data.get(name, "").strip() or None
    how_many = data.get(f"{name}_0", "").strip()
    if not how_many:
        return None
    if not number(how_many) or data.get(f"{name}_1") not in list(_TERMS):
        raise _Misread(name)
    return f"{number(how_many)} {data[f'{name}_1']}"


def _id(name: str, data: Mapping[str, str], actor: Actor) -> int | None:
    written = data.get(name, "").strip()
    if name in CASES:
        return _cases(name, [written], actor)[0] if written else None
    if name in OWN_POSTS:
        chosen = number(written) if written else next(iter(actor.posts), 0) if len(actor.posts) == 1 else None
        if chosen is not None and chosen not in actor.posts:
            raise _Misread(name)
        return chosen
    return number(written) if written else None


def _ids(name: str, data: Mapping[str, str], actor: Actor) -> tuple[int, ...] | None:
    written = [line.strip() for line in data.get(name, "").splitlines() if line.strip()]
    return tuple(_cases(name, written, actor)) if written else None


def _cases(name: str, written: Sequence[str], actor: Actor) -> list[int]:
    """Return the ids of the cases of these numbers, as far as the actor may see them (one statement)."""
    numbers = [one.upper() for one in written]
    if any("\0" in one for one in numbers):
        raise _Misread(name, RefusalCode.NOT_FOUND)
    found = dict(visible_to(actor).filter(number__in=numbers).values_list("number", "id"))
    if not found.keys() >= set(numbers):
        raise _Misread(name, RefusalCode.NOT_FOUND)
    return [found[one] for one in numbers]


def _flag(name: str, data: Mapping[str, str], _actor: Actor) -> bool | None:
    return {"yes": True, "on": True, "no": False}.get(data.get(name, ""))


def _moment(name: str, data: Mapping[str, str], _actor: Actor) -> datetime | None:
    """Return a moment as the clocks of the office show it."""
    written = data.get(name, "").strip()
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        raise _Misread(name) from None
    if moment.year in (MINYEAR, MAXYEAR):  # it may have no name in another zone
        raise _Misread(name)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.get_current_timezone())


def _told(_name: str, data: Mapping[str, str], _actor: Actor) -> Mapping[str, str] | None:
    said = {key.removeprefix(TOLD): text.strip() for key, text in data.items() if key.startswith(TOLD)}
    return {key: text for key, text in said.items() if text and _NAME.fullmatch(key)} or None


_READERS: Mapping[object, Callable[[str, Mapping[str, str], Actor], object]] = {
    str | None: _text,
    int | None: _id,
    bool | None: _flag,
    datetime | None: _moment,
    tuple[int, ...] | None: _ids,
    Mapping[str, str] | None: _told,
}


def _code_of_post(said: object) -> object:
    """Return the code of the post that somebody names as people call it; what no single post is called stays."""
    codes = (
        Post.objects.filter(name=said).values_list("code", flat=True)[:2] if said and "\0" not in str(said) else ()
    )
    return next(iter(codes)) if len(codes) == 1 else said
