"""The fields of a form as HTML written by Python, for the reason that `pages.controls` gives.

Label, hint, error, control; what was typed stays. Words to choose from are tiles. Each function escapes what it was
given.
"""

from html import escape

from django import template
from django.forms import BaseForm, BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from .shown import control

register = template.Library()
_CHOSEN = {"words", "radioselect"}


@register.filter
def fields(form: BaseForm) -> SafeString:
    """Return all fields of a form, hidden ones first."""
    hidden = "".join(map(str, form.hidden_fields()))
    return mark_safe(hidden + "".join(map(field, form.visible_fields())))  # noqa: S308  # escaped below


@register.filter
def field(bound: BoundField) -> SafeString:
    kind, says = bound.widget_type, _says(bound)
    shown = 'class="field wrong"' if bound.errors else 'class="field"'
    if kind in _CHOSEN or kind == "term":
        chosen = _tiles(bound) if kind in _CHOSEN else f'<div class="term">{control(bound)}</div>'
        inside = f"<legend>{_label(bound)}</legend>{says}{chosen}"
        return mark_safe(f"<fieldset {shown}>{inside}</fieldset>")  # noqa: S308
    if kind == "checkbox":
        label = f'<label class="tick">{control(bound)}<span>{escape(str(bound.label))}</span></label>'
        return mark_safe(f"<div {shown}>{says}{label}</div>")  # noqa: S308
    label = f'<label for="{escape(bound.id_for_label)}">{_label(bound)}</label>'
    return mark_safe(f"<div {shown}>{label}{says}{control(bound)}</div>")  # noqa: S308


def _label(bound: BoundField) -> str:
    optional = escape(gettext("选填")) if getattr(bound.field, "optional", False) else ""
    return escape(str(bound.label)) + (optional and f' <span class="meta">{optional}</span>')


def _says(bound: BoundField) -> str:
    hint, place = escape(str(bound.help_text)), escape(bound.auto_id)
    wrong = (escape(gettext("错误：{error}").format(error=one)) for one in bound.errors)
    errors = "".join(f'<p class="field-error">{one}</p>' for one in wrong)
    hint = hint and f'<p class="hint" id="{place}_helptext">{hint}</p>'
    return hint + (errors and f'<div id="{place}_error">{errors}</div>')


def _tiles(bound: BoundField) -> str:
    tiles = "".join(
        f'<label class="tile">{one.tag()}<span>{escape(str(one.choice_label))}</span></label>'
        for one in bound.subwidgets
    )
    return f'<div class="tiles">{tiles}</div>'
