"""The questions of a report, one form a page. What the rulebook in force requires is asked here; nothing else is."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.people.models import Post
from huying.rules.lifecycle import valid_phone
from huying.rules.ruleset import Ruleset

from .files import files_field
from .labels import FIELDS
from .progress import field_label

TEXT_MOST = 5_000
LINE_MOST = 200
# More posts than this make a list that nobody reads; the directory leads here with one chosen.
POSTS_MOST = 200
_OWN = {"content", "claim", "contact_phone", "name"}
_NOT_TYPED = re.compile(r"[\0-\x08\x0b-\x1f\x7f]")


class Words(forms.CharField):
    """What somebody writes. Too much is said so and kept: a `maxlength` would cut it off in silence."""

    def __init__(self, most: int = LINE_MOST, **options: Any) -> None:
        super().__init__(**options)
        self.most = most

    def to_python(self, value: Any) -> str:
        text = _NOT_TYPED.sub("", (value or "").replace("\r\n", "\n"))
        return str(super().to_python(text))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.most:
            more = gettext("写了 {n} 个字，最多 {most} 个，请短一些")
            raise ValidationError(more.format(n=f"{len(value):,}", most=f"{self.most:,}"))


def callable_phone(written: str) -> str:
    """Return a phone as it is dialled. Raises ValidationError."""
    phone = unicodedata.normalize("NFKC", written).strip()
    # Shorter ones are service numbers: nobody can be called back on 110.
    if phone and not (valid_phone(phone) and sum(map(str.isdigit, phone)) > 6):
        raise ValidationError(gettext("电话只写数字，例如 139 0000 0001"))
    return phone


class Further(Words):
    """A further field of the rulebook: what it takes for nothing said is named here, so that nobody says it again."""

    def __init__(self, name: str, rules: Ruleset, **options: Any) -> None:
        super().__init__(label=field_label(name), **options)
        self._name, self._rules = name, rules

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        # As on the card, however it was typed: 110105 19491231 002x
        return "".join(unicodedata.normalize("NFKC", text).split()).upper() if self._name == "id_number" else text

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not self._rules.is_told(self._name, value):
            raise ValidationError(gettext("身份证号对不上：应当是 18 位，请照着证件再看一遍"))


class What(forms.Form):
    text = Words(
        TEXT_MOST,
        label=_("什么事"),
        help_text=_("什么时候、在哪里、发生了什么、您希望怎样。写一句也行。不用写姓名和电话，后面会问。"),
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("请写是什么事，一句也行")},
    )


class Whom(forms.Form):
    post = forms.TypedChoiceField(
        label=_("反映给哪位领导"),
        help_text=_("可以不选。不选，由公开电话办公室交给该办的单位。"),
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": _("没有这个职务，请重选，或者不选")},
    )

    def __init__(self, posts: Sequence[Post], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        listed = [(post.pk, named(post)) for post in posts]
        self.fields["post"].choices = [("", gettext("不指定")), *listed]  # type: ignore[attr-defined]


class You(forms.Form):
    """Phone, name and the further fields of the rulebook; required where it says so."""

    phone = Words(
        label=FIELDS["contact_phone"],
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        error_messages={"required": _("请写您的电话，承办人要联系您")},
    )
    name = Words(
        label=FIELDS["name"],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("请写您的姓名")},
    )

    def __init__(self, rules: Ruleset, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        required = rules.rulebook.required_fields
        must_call = "contact_phone" in required
        self.fields["phone"].required = must_call
        self.fields["phone"].help_text = (
            gettext("承办人用它联系您，查进度时要用它的后四位。")
            if must_call
            else gettext("可以不写。不写，就没有人能联系您，只能凭 12 位查询码自己来查。")
        )
        if "contact_name" in required:
            del self.fields["name"]
        else:
            self.fields["name"].required = "name" in required
            self.fields["name"].help_text = "" if "name" in required else gettext("可以不写。")
        for name in required:
            if name in _OWN:
                continue
            missing = gettext("请写{field}").format(field=field_label(name))
            self.fields[name] = Further(name, rules, error_messages={"required": missing})

    def clean_phone(self) -> str:
        return callable_phone(self.cleaned_data["phone"])


class Files(forms.Form):
    """What was sent with it is judged as it comes; see `files.made_anew`."""

    attached = files_field(_("照片、录音或文件"))


class Besides(forms.Form):
    """What whoever calls should know; all of it may be left out."""

    call_when = Words(label=_("什么时候方便接电话"), help_text=_("例如：晚上 7 点以后。"), required=False)
    hard_of_hearing = forms.BooleanField(label=_("听力不便，请说慢一些、大声一些，或者发短信"), required=False)
    dialect_only = forms.BooleanField(label=_("只会说方言"), required=False)
    behalf_name = Words(label=_("替别人反映的，那个人的姓名"), help_text=_("不是替别人，就不用写。"), required=False)
    behalf_relation = Words(label=_("您是那个人的什么人"), help_text=_("例如：女儿、邻居。"), required=False)
    behalf_phone = Words(
        label=_("那个人的电话"),
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
    )

    def clean_behalf_phone(self) -> str:
        return callable_phone(self.cleaned_data["behalf_phone"])

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not said.get("behalf_name") and (said.get("behalf_phone") or said.get("behalf_relation")):
            self.add_error("behalf_name", ValidationError(gettext("请写那个人的姓名，怎么称呼也行")))
        return said

    @property
    def told(self) -> dict[str, str]:
        """What was told, as it is kept with the contact."""
        return {name: "yes" if said is True else said for name, said in self.cleaned_data.items() if said}


class Agree(forms.Form):
    agree = forms.BooleanField(
        label=_("我看过了，同意这样用我的信息"),
        error_messages={"required": _("请先看个人信息说明，同意了再交")},
    )
    may_publish = forms.BooleanField(
        label=_("办完以后，结果可以公开：只写什么事、怎么办的，不写姓名、电话、住址。不勾也一样办"), required=False
    )


def named(post: Post) -> str:
    """Return post and holder as a choice says them."""
    holder = post.holder  # type: ignore[attr-defined]  # annotated by `directory.entries.listed`
    return f"{post.name} {holder}" if holder else post.name
