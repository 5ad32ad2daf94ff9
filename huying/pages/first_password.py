"""The page behind a one-time link: its owner sets a password and then signs in as always, second factor included."""

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from huying.pages.access import public
from huying.people.first_password import owner, set_password
from huying.people.models import User


class FirstPasswordForm(forms.Form):
    password = forms.CharField(
        label=_("新密码"),
        help_text=_("至少 10 个字符，不能只是常见的词或用户名。"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("再输一次"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, user: User, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.user = user

    def clean_password(self) -> str:
        password = cast(str, self.cleaned_data["password"])
        validate_password(password, self.user)
        return password

    def clean(self) -> None:
        first, second = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", ValidationError(gettext("两次输的不一样")))


# Public as the sign-in page is: whoever holds the link is let in by it alone, and it works once.
@public
@sensitive_post_parameters("password", "again")
def first_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    user = owner(uid, token)
    if user is None:
        return _dead(request)
    form = FirstPasswordForm(user, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "account/first_password.html", {"form": form, "owner": user})
    if not set_password(user, form.cleaned_data["password"]):
        return _dead(request)
    messages.success(request, gettext("密码设好了，请登录。登录后点上方您的姓名，可以设两步验证。"))
    return redirect("account_login")


def _dead(request: HttpRequest) -> HttpResponse:
    """Answer the same to a used, an expired and an invented link: a stranger learns of no account."""
    return render(request, "account/first_password_dead.html", status=404)
