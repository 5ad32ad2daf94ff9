"""The forms of commands, made of what the rules say a command needs; a door alone judges what is typed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms.utils import ErrorDict
from django.utils.translation import gettext

from huying.cases.refusals import REFUSALS
from huying.pages.labels import CALLBACK_RESULTS, FIELDS, HINTS, METHODS, OUTCOMES, VERDICTS
from huying.people.models import Unit
from huying.people.office import ROOT
from huying.rules.commands import VERBS, Command, command_of, field_names
from huying.rules.lifecycle import Refused
from huying.rules.offers import Offer
from huying.rules.reading import LONGEST_TEXT
from huying.rules.vocabulary import RefusalCode

Choices = Sequence[tuple[str, object]]
_WORDS: Mapping[str, Mapping[str, object]] = {
    "method": {word.value: said for word, said in METHODS.items()},
    "outcome": {word.value: said for word, said in OUTCOMES.items()},
    "result": {word.value: said for word, said in CALLBACK_RESULTS.items()},
    "verdict": {word.value: said for word, said in VERDICTS.items()},
}
_LONG = {"text", "public_text", "content", "reason", "fact"}
_IF_ASKED = {"exceed_approved_by", "assign.reason"}  # needed by exception only; else nobody has to pass them by
_PHONES = {"handler_phone", "contact_phone"}


class Sheet(forms.Form):
    """A form that keeps what was typed and gets its errors from outside; what must be filled in it only says."""

    def __init__(self, name: str, data: Mapping[str, str] | None, initial: Mapping[str, object]) -> None:
        super().__init__(data, initial=dict(initial), auto_id=f"{name}_%s")
        self.name = name

    def full_clean(self) -> None:
        """Judge nothing: what is typed goes to a door as it is."""
        self._errors = ErrorDict()
        self.cleaned_data = {}

    def add(self, name: str, field: forms.Field, *, must: bool) -> None:
        field.label = label(self.name, name)
        field.help_text = str(HINTS.get(f"{self.name}.{name}") or HINTS.get(name) or "")
        field.optional = not must  # type: ignore[attr-defined]  # `required` would let the form itself complain
        self.fields[name] = field

    def refuse(self, refusals: Iterable[Refused]) -> None:
        """Say each refusal at its field, and what is about none at the head of the form."""
        for refused in refusals:
            field = refused.field if refused.field in self.fields else None
            if not self.has_error(field or NON_FIELD_ERRORS):
                self.add_error(field, self._length(refused) or in_words(refused, self.name))

    def _length(self, refused: Refused) -> str | None:
        """Return what to say of a field that is refused for its length; a refusal itself doesn't say why."""
        name = refused.field or ""
        if refused not in too_long(self.data, [name]):
            return None
        sentence = gettext("“{label}”有 {n} 个字，最多 {most} 个，请短一些")
        length = len(self.data[name].strip())
        return sentence.format(label=label(self.name, name), n=f"{length:,}", most=f"{LONGEST_TEXT:,}")


class Words(forms.RadioSelect):
    """Tiles to choose one word from."""


def label(form: str, name: str) -> str:
    return str(FIELDS.get(f"{form}.{name}") or FIELDS.get(name) or name)


def in_words(refused: Refused, form: str = "") -> str:
    """Return the sentence of a refusal: which field, what to do, and the clause of the rulebook it rests on."""
    sentence = _at_field(refused, form) or str(REFUSALS[refused.code])
    if refused.clause is None:
        return sentence
    return gettext("{sentence}（规则 {clause}）").format(sentence=sentence, clause=refused.clause)


def _at_field(refused: Refused, form: str) -> str | None:
    match refused:
        case Refused(code=RefusalCode.FIELD_REQUIRED, field=str() as name):
            return gettext("“{label}”还没有填，请补上").format(label=label(form, name))
        case Refused(code=RefusalCode.FIELD_INVALID, field="unit"):
            return gettext("请从清单里选一个现在还在的单位，也不能是本来就在办的那个")
        case Refused(code=RefusalCode.FIELD_INVALID, field="handler_phone" | "contact_phone"):
            return gettext("电话要拨得通：3 到 20 位数字，可以带分机，如 0500-555 2207")
        case Refused(code=RefusalCode.FIELD_INVALID, field="at"):
            return gettext("时间要在 2000 年以后、现在以前，请核对年份和日期")
        case Refused(code=RefusalCode.NOT_FOUND | RefusalCode.WRONG_STATE, field="joins"):
            return gettext("没有这个编号的在办件；已经办结的，请另立一件")
        case Refused(code=RefusalCode.FIELD_INVALID, field=str() as name):
            return gettext("“{label}”填得不对，请核对后再交").format(label=label(form, name))
    return None


def action_form(
    offer: Offer, units: Choices, data: Mapping[str, str] | None = None, initial: Mapping[str, object] | None = None
) -> Sheet:
    """Return the form of one command, bound to what was typed if that is given."""
    form = Sheet(offer.verb, data, initial or {})
    for name in field_names(offer.command):
        if name not in offer.required and (name in _IF_ASKED or f"{offer.verb}.{name}" in _IF_ASKED):
            continue
        form.add(name, _field(name, offer, units), must=name in offer.required)
    return form


def not_yet(offer: Offer) -> list[str]:
    """Return of each word that can't be chosen yet why, e.g. 联系不上：…"""
    said = ((_WORDS[name][word], why) for name, words in offer.words.items() for word, why in words.items() if why)
    return [gettext("还不能选“{word}”：{why}").format(word=word, why=in_words(why)) for word, why in said]


def _field(name: str, offer: Offer, units: Choices) -> forms.Field:
    if name == "unit":
        return forms.ChoiceField(choices=[("", gettext("请选择")), *units], required=False)
    if name in offer.words:
        open_words = [word for word, why in offer.words[name].items() if why is None]
        return forms.ChoiceField(
            choices=[(word, _WORDS[name][word]) for word in open_words], widget=Words, required=False
        )
    return text_field(name)


def text_field(name: str) -> forms.Field:
    if name in _LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False)
    kind = "tel" if name in _PHONES else "text"
    return forms.CharField(widget=forms.TextInput(attrs={"type": kind, "autocomplete": "off"}), required=False)


def too_long(data: Mapping[str, str], names: Iterable[str]) -> Iterator[Refused]:
    """Yield a refusal of each field that says more than the API takes; what comes by hand is kept to the same."""
    for name in names:
        if len(data.get(name, "").strip()) > LONGEST_TEXT:
            yield Refused(RefusalCode.FIELD_INVALID, name)


def typed(verb: str, data: Mapping[str, str]) -> Command:
    """Return the command that a form says; what was left empty is None, and a unit that is no number is none."""
    said: dict[str, object] = {name: data.get(name, "").strip() or None for name in field_names(VERBS[verb])}
    if "unit" in said:
        said["unit"] = number(data.get("unit", ""))
    return command_of(verb, said)


def number(text: str) -> int:
    """Return the id that a field says, 0 where it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def unit_choices(units: Iterable[Unit]) -> list[tuple[str, object]]:
    """Return the units in groups, one for each branch below the city: of a branch with one unit, that alone.

    Expects them with their paths in order; names below another are led by where they stand.
    """
    names: dict[int, str] = {}
    branches: dict[int, list[tuple[str, str]]] = {}
    for unit in units:
        names[unit.id] = unit.name
        above = [names[one] for one in unit.above if one in names]
        top = next((one for one in unit.above if one in names), unit.id)
        branches.setdefault(top, []).append((str(unit.id), " › ".join([*above[1:], unit.name])))
    alone = [found[0] for found in branches.values() if len(found) == 1]
    groups = [(names[top], found) for top, found in branches.items() if len(found) > 1]
    return [*([(gettext("直属单位"), alone)] if alone else []), *groups]


def units_below(unit: Unit | None) -> Iterable[Unit]:
    """Return the units to which cases can be given: all but the city's own level, or those below one of them."""
    open_units = Unit.objects.filter(abolished_on__isnull=True).exclude(code=ROOT)
    if unit is not None:
        open_units = open_units.filter(path__startswith=unit.path).exclude(id=unit.id)
    return open_units.order_by("path")
