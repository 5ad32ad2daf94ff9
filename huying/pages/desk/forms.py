"""The sheet on which a desk form is filled in: it keeps what was typed and says what a door refused."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import F, Q
from django.forms.utils import ErrorDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.refusals import REFUSALS
from huying.people.models import Post, Unit
from huying.people.office import ROOT
from huying.rules.lifecycle import Refused
from huying.rules.reading import LONGEST_TEXT
from huying.rules.vocabulary import RefusalCode

from .labels import FIELDS, HINTS

Choices = Sequence[tuple[str, object]]
# What leads the name of a control that is one of the fields which a completion tells.
TOLD = "fields-"
_LONG = {"text", "public_text", "content", "reason", "fact", "summary", "minutes", "route", "cases", "prior_attempts"}
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
        field.help_text = str(HINTS.get(f"{self.name}.{name}", HINTS.get(name, "")))
        field.optional = not must  # type: ignore[attr-defined]  # `required` would let the form itself complain
        self.fields[name] = field

    def refuse(self, refusals: Iterable[Refused]) -> None:
        """Say each refusal at its field, and what is about none at the head of the form."""
        for refused in refusals:
            field = self._place(refused.field)
            if not self.has_error(field or NON_FIELD_ERRORS):
                self.add_error(field, self._length(refused) or in_words(refused, self.name))

    def _place(self, name: str | None) -> str | None:
        """Return where a refusal is said; of the fields that a completion tells, at the phone or at the first."""
        if name != "fields":
            return name if name in self.fields else None
        told = [one for one in self.fields if one.startswith(TOLD)]
        return f"{TOLD}contact_phone" if f"{TOLD}contact_phone" in told else next(iter(told), None)

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


class Term(forms.MultiWidget):
    """How many, and of what: two controls that say one term."""

    def decompress(self, value: object) -> list[object]:
        return [*str(value).split(" ", 1)] if value else [None, None]


def label(form: str, name: str) -> str:
    bare = name.removeprefix(TOLD)
    return str(FIELDS.get(f"{form}.{name}") or FIELDS.get(bare) or bare)


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
        case Refused(code=RefusalCode.FIELD_INVALID, field=str() as name):
            return _what_is_wrong(name, form)
        case Refused(code=RefusalCode.NOT_FOUND | RefusalCode.WRONG_STATE, field="joins"):
            return gettext("没有这个编号的在办件；已经办结的，请另立一件")
        case Refused(code=RefusalCode.NOT_FOUND | RefusalCode.WRONG_STATE, field="follows"):
            return gettext("没有这个编号的办结件；还在办的，请填到“同一件事已有的编号”里")
        case Refused(code=RefusalCode.NOT_FOUND, field="into" | "cases"):
            return gettext("没有这个编号，或者它不归您看。请照 YC-2026-000123 这样写，再核对一遍")
        case Refused(code=RefusalCode.SAME_PERSON, field="approved_by"):
            return gettext("提出的人不能自己批准。请另一位同事来批")
        case Refused(code=RefusalCode.ATTEMPT_TOO_SOON) if form == "contact_attempt":
            return gettext("离上一次联系太近。请隔够时间再试")
        case Refused(code=RefusalCode.LEGITIMACY_REQUIRED):
            return gettext("请写明谁认定诉求合理；只有紧急又合理的才走快办")
        case Refused(code=RefusalCode.INTERVIEW_INCOMPLETE, field=str() as name):
            return gettext("约谈记录还不全，“{label}”还没有填，请补上").format(label=label(form, name))
    return None


_DIALLED = _("电话要拨得通：3 到 20 位数字，可以带分机，如 0500-555 2207")
_UNIT = _("请从清单里选一个现在还在的单位，也不能是本来就在办的那个")
_WRONG = {
    **dict.fromkeys(("unit", "suggested_unit", "lead"), _UNIT),
    **dict.fromkeys(("handler_phone", "contact_phone"), _DIALLED),
    "fields": _("补上的电话要拨得通：3 到 20 位数字，可以带分机，如 0500-555 2207"),
    "at": _("时间要在 2000 年以后、现在以前，请核对年份和日期"),
    **dict.fromkeys(("until", "due", "time", "rectify_by"), _("“{label}”要是今后的时间，写成 2026-03-18 14:30 这样")),
    "term": _("“{label}”要写一个大于零的整数，再选单位"),
    "into": _("不能并入那一件：它要来得更早、还在办，同样保密或同样不保密，反映的对象也一样"),
    "joins": _("反映单位、领导的，或者要保密的，不能并入别人看得到的件。请不填这一项，另立一件"),
    "person": _("约谈要由在任的领导主持，也不能是被反映的人。请写他的姓名"),
    "fault": _("这个情形已经定了，或者不是您单位的。请另选一个"),
    "cases": _("有一件不能一并约谈：都要还在办。请核对编号"),
    "title": _("标题太长，请缩短到 20 个字以内"),
}


def _what_is_wrong(name: str, form: str) -> str:
    said = _WRONG.get(name, _("“{label}”填得不对，请核对后再交"))
    return str(said).format(label=label(form, name))


def text_field(name: str) -> forms.Field:
    if name in _LONG:
        return forms.CharField(widget=forms.Textarea(attrs={"rows": 4}), required=False)
    kind = "tel" if name.removeprefix(TOLD) in _PHONES else "text"
    return forms.CharField(widget=forms.TextInput(attrs={"type": kind, "autocomplete": "off"}), required=False)


def moment_field() -> forms.DateTimeField:
    """Return a field for a moment in the zone of the office."""
    when = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(widget=when, required=False)


def too_long(data: Mapping[str, str], names: Iterable[str]) -> Iterator[Refused]:
    """Yield a refusal of each field that says more than the API takes; what comes by hand is kept to the same."""
    for name in names:
        if len(data.get(name, "").strip()) > LONGEST_TEXT:
            yield Refused(RefusalCode.FIELD_INVALID, name)


def number(text: str) -> int:
    """Return the id that a field says, 0 where it says none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0


def day_in(text: str) -> date | None:
    """Return the day that a field says, None where it says none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def post_choices() -> list[tuple[str, object]]:
    """Return all posts in the order of the tree, led by their units."""
    ordered = Post.objects.select_related("unit").order_by(F("unit__path").asc(nulls_first=True), "id")
    return [(str(post.id), post.full_name) for post in ordered]


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


def known_units(named: Iterable[int] = ()) -> list[Unit]:
    """Return the units that there are now, and those of these ids, by their paths (one statement)."""
    return list(Unit.objects.filter(Q(abolished_on__isnull=True) | Q(id__in=list(named))).order_by("path"))


def to_choose(units: Iterable[Unit], under: Unit | None = None) -> list[Unit]:
    """Return those to which a case can be given: all but the city's own level, or those below one of them."""
    there = [unit for unit in units if unit.abolished_on is None and unit.code != ROOT]
    return there if under is None else [u for u in there if u.id != under.id and u.path.startswith(under.path)]
