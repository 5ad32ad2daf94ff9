"""The controls of forms as HTML: the plain ones written by Python, all others by Django's own templates.

A page of a case has twenty of them in its folded forms, and Django's templates include each other three deep.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

Widget = Mapping[str, Any]  # what a widget's `get_context` says of it


class Controls(DjangoTemplates):
    """Renders what widgets say of themselves, as their templates would."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        write = _PLAIN.get(template_name.removeprefix("django/forms/widgets/"))
        if write is None:
            return mark_safe(super().render(template_name, context, request))  # noqa: S308  # a template escapes
        return mark_safe(write(context["widget"]))  # noqa: S308  # escaped below


def _input(widget: Widget) -> str:
    value = widget["value"]
    said = "" if value is None else f' value="{escape(str(value))}"'
    return f'<input type="{escape(widget["type"])}" name="{escape(widget["name"])}"{said}{_attributes(widget)}>'


def _textarea(widget: Widget) -> str:
    return (
        f'<textarea name="{escape(widget["name"])}"{_attributes(widget)}>\n{escape(widget["value"] or "")}</textarea>'
    )


def _select(widget: Widget) -> str:
    groups = "".join(_group(name, options) for name, options, _ in widget["optgroups"])
    return f'<select name="{escape(widget["name"])}"{_attributes(widget)}>{groups}</select>'


def _group(name: str | None, options: list[Widget]) -> str:
    inside = "".join(
        f'<option value="{escape(str(one["value"]))}"{_attributes(one)}>{escape(str(one["label"]))}</option>'
        for one in options
    )
    return f'<optgroup label="{escape(str(name))}">{inside}</optgroup>' if name else inside


def _attributes(widget: Widget) -> str:
    """Return the attributes; one that is True stands without a value, and one that is False not at all."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


_INPUTS = ("input", "text", "number", "email", "url", "password", "hidden", "file", "checkbox")
_PLAIN: Mapping[str, Callable[[Widget], str]] = {
    **{f"{name}.html": _input for name in _INPUTS},
    "textarea.html": _textarea,
    "select.html": _select,
}
