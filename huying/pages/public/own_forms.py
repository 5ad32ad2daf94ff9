"""What a requester may say about an own case: one small form each, and the command that it says."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from huying.rules.commands import (
    AskErasure,
    Command,
    ComplainHandling,
    CompleteInfo,
    RecordVerdict,
    RequestReview,
    TellUnanswered,
    Withdraw,
)
from huying.rules.ruleset import Ruleset
from huying.rules.vocabulary import VerdictCode

from .files import files_field
from .labels import BECAUSE
from .progress import field_label
from .report_forms import TEXT_MOST, Further, Words, callable_phone

_FURTHER = "fields-"
TOLD_PHONE = f"{_FURTHER}contact_phone"
_IN_PLAIN_WORDS = {
    VerdictCode.SATISFIED: _("满意：办好了"),
    VerdictCode.BASICALLY_SATISFIED: _("基本满意：大体上办好了"),
    VerdictCode.UNDERSTANDING: _("理解：没办成，但说清楚了，我能理解"),
    VerdictCode.UNSATISFIED: _("不满意：请重新办"),
}


def _area(label: object, missing: object, hint: object = "", *, required: bool = True) -> Words:
    return Words(
        TEXT_MOST,
        label=label,
        help_text=hint,
        required=required,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": missing},
    )


class OwnForm(forms.Form):
    """A form of the case page; `title` is what unfolds it, `button` what sends it."""

    title: ClassVar[object]
    button: ClassVar[object]
    says: ClassVar[object] = ""

    def said(self) -> Command | str:
        """Return the command that the form says; where it says none, the words of a contact that joins the case."""
        return str(self.cleaned_data["text"])


class Judge(OwnForm):
    title = _("办得怎么样，由您说")
    button = _("交上我的评价")
    says = _("满意、理解，这件事就办结；不满意，就重新办。")

    verdict = forms.ChoiceField(
        label=_("您的评价"), widget=forms.RadioSelect, error_messages={"required": _("请选一个评价")}
    )
    because = forms.ChoiceField(
        label=_("不满意的话，是因为"),
        required=False,
        choices=[("", _("请选择")), *BECAUSE.items(), ("other", _("别的原因，写在下面"))],
    )
    words = _area(_("想说的话"), "", _("选填。"), required=False)

    def __init__(self, allowed: Sequence[str], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(code.value, text) for code, text in _IN_PLAIN_WORDS.items() if code in allowed]
        self.fields["verdict"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("verdict") == VerdictCode.UNSATISFIED and not said.get("because"):
            self.add_error("because", ValidationError(gettext("请选一条不满意的原因，重新办的单位要知道")))
        if said.get("because") == "other" and not said.get("words"):
            self.add_error("words", ValidationError(gettext("请写是什么原因")))
        return said

    def said(self) -> Command:
        said = self.cleaned_data
        code = said["because"] if said["verdict"] == VerdictCode.UNSATISFIED else ""
        with override("zh-hans"):  # the register's language, whoever writes and reads; see `progress`
            because = str(BECAUSE.get(code, ""))
        return RecordVerdict(said["verdict"], "。".join(filter(None, (because, said["words"]))) or None)


class Complete(OwnForm):
    title = _("补上还缺的")
    button = _("交上")
    says = _("补齐了就开始办，期限从补齐那一刻算。")

    def __init__(self, missing: Sequence[str], rules: Ruleset, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in missing:
            self.fields[f"{_FURTHER}{name}"] = Further(name, rules, required=False)
        if TOLD_PHONE in self.fields:
            self.fields[TOLD_PHONE].widget = forms.TextInput(
                attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}
            )
            self.fields[TOLD_PHONE].help_text = gettext("以后查进度，还要写这个电话的后四位。")

    def clean(self) -> dict[str, Any]:
        try:
            callable_phone(self.cleaned_data.get(TOLD_PHONE, ""))
        except ValidationError as wrong:
            self.add_error(TOLD_PHONE, wrong)
            return self.cleaned_data
        if not self.errors and not any(self.cleaned_data.values()):
            raise ValidationError(gettext("请至少补上一样"))
        return self.cleaned_data

    def said(self) -> Command:
        said = ((name.removeprefix(_FURTHER), text) for name, text in self.cleaned_data.items())
        return CompleteInfo({name: text for name, text in said if text})


class Add(OwnForm):
    """Words, files, or both; the files are judged as they come, see `files.made_anew`."""

    title = _("补充情况、照片")
    button = _("补充上去")
    says = _("承办单位会看到。期限和先后不变。")

    text = _area(_("要补充什么"), "", _("只传照片也行。"), required=False)
    attached = files_field(_("照片、录音或文件"))
    has_files = False  # whether some came along that can be taken

    def clean(self) -> dict[str, Any]:
        if not self.cleaned_data.get("text") and not self.has_files and "text" not in self.errors:
            self.add_error("text", ValidationError(gettext("请写要补充什么，或者选照片")))
        return self.cleaned_data


class Unanswered(OwnForm):
    """One tap, no words."""

    title = _("没人接？告诉办公室")
    button = title

    def said(self) -> Command:
        return TellUnanswered()


class Complain(OwnForm):
    title = _("对办理有意见")
    button = _("交给督办的人")
    says = _("您写的给督办的人和公开电话办公室看，承办单位只知道有这件事。")

    complaint = _area(_("哪里办得不对"), _("请写哪里办得不对"))

    def said(self) -> Command:
        return ComplainHandling(self.cleaned_data["complaint"])


class Review(OwnForm):
    title = _("对结果不服，申请复查、复核")
    button = _("申请")
    says = _("期限写在上面，过了就不能提了。先复查，对复查不服的再复核。")

    why = _area(_("哪里不服"), _("请写哪里不服"))

    def said(self) -> Command:
        return RequestReview(self.cleaned_data["why"])


class TakeBack(OwnForm):
    title = _("事情已经解决，撤回")
    button = _("撤回，不用再办")
    says = _("撤回以后这件事就结束了。要是有人叫您撤回，请不要撤回，告诉我们。")

    reason = _area(_("为什么撤回"), _("请写为什么撤回，一句也行"))
    sure = forms.BooleanField(label=_("是我自己要撤回"), error_messages={"required": _("要撤回，请先勾上这一条")})

    def said(self) -> Command:
        return Withdraw(self.cleaned_data["reason"])


class Erase(OwnForm):
    title = _("要求删除我的个人信息")
    button = _("交上要求")
    says = _("公开电话办公室会看，在办的件要等办完；依法要留的，会告诉您为什么。")

    sure_erase = forms.BooleanField(
        label=_("请删除我的姓名、电话和地址"), error_messages={"required": _("要删除，请先勾上这一条")}
    )

    def said(self) -> Command:
        return AskErasure()


def typed_fields(said: Mapping[str, str]) -> dict[str, str]:
    """Return what was typed into all forms of a case, as it was sent."""
    known = {name for form in FORMS.values() for name in form.base_fields}
    return {name: text for name, text in said.items() if text and (name in known or name.startswith(_FURTHER))}


def typed_in(said: Mapping[str, str]) -> dict[str, str]:
    """Return what somebody wrote and chose in a form of a case, in words under its labels."""
    kind = FORMS.get(said.get("do", ""), OwnForm)
    fields = Judge(list(_IN_PLAIN_WORDS)).fields if kind is Judge else kind.base_fields
    if kind is Complete:
        fields = {name: Words(label=field_label(name[len(_FURTHER) :])) for name in said if name.startswith(_FURTHER)}
    written = ((field, said.get(name, "").strip()) for name, field in fields.items())
    return {str(field.label): _in_words(field, text) for field, text in written if text}


def _in_words(field: forms.Field, text: str) -> str:
    if isinstance(field, forms.BooleanField):
        return gettext("是")
    if isinstance(field, forms.ChoiceField):
        return next((str(words) for code, words in field.widget.choices if code == text), text)
    return text


FORMS: Mapping[str, type[OwnForm]] = {
    "record_verdict": Judge,
    "complete_info": Complete,
    "add": Add,
    "tell_unanswered": Unanswered,
    "complain_handling": Complain,
    "request_review": Review,
    "withdraw": TakeBack,
    "ask_erasure": Erase,
}
