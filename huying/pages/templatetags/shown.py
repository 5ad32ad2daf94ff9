"""Template tags of the kit: dates by the page's own `now`, numbers with commas, bare controls.

A page that shows dates has an aware `now` in its context; the zone is Django's current one.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.template import Context
from django.utils import timezone
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from huying.cases.language import language
from huying.pages import dates
from huying.pages.phones import tel
from huying.people.serving import day_of
from huying.rules.number_check import phones_in

register = template.Library()
register.filter(tel)


def _today(context: Context) -> date:
    now: datetime = context["now"]
    return day_of(now)


def _time(at: datetime, text: str) -> SafeString:
    local = at.astimezone(timezone.get_current_timezone())
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), text)


_HOTLINE = re.compile(r"(?<!\d)12345(?!\d)")


@register.filter
def dialled(text: str) -> SafeString:
    """Return a text in which the hotline that every city has can be called, also where a law is named after it."""
    return mark_safe(_HOTLINE.sub(r'<a class="nowrap" href="tel:\g<0>">\g<0></a>', conditional_escape(text)))  # noqa: S308


# From the first Chinese character to the last one before a Latin letter, with the marks and digits between them.
_CHINESE = re.compile(r"([一-鿿](?:[^A-Za-z;]*[一-鿿])?)")


@register.filter
def as_written(text: str) -> SafeString:
    """Return what was written in Chinese and is not translated; on an English page it says that it is Chinese."""
    if language() == "zh":
        return escape(text)
    parts = enumerate(_CHINESE.split(text))  # every other one is Chinese
    return format_html_join("", "{}", ((_chinese(part) if n % 2 else part,) for n, part in parts))


def _chinese(text: str) -> SafeString:
    return format_html('<span lang="zh-CN">{}</span>', text)


@register.filter
def with_calls(text: str) -> SafeString:
    """Return a text in which each phone number can be called."""
    parts, end = [], 0
    for phone in phones_in(text):
        link = format_html('<a class="nowrap" href="tel:{}">{}</a>', tel(phone.group()), phone.group())
        parts += [(as_written(text[end : phone.start()]),), (link,)]
        end = phone.end()
    return format_html_join("", "{}", [*parts, (as_written(text[end:]),)])


@register.simple_tag(takes_context=True)
def instant(context: Context, at: datetime) -> SafeString:
    """`{% instant case.received_at %}` → <time>10-08 周四 09:05</time>"""
    return _time(at, dates.instant(at, _today(context), timezone.get_current_timezone()))


@register.simple_tag(takes_context=True)
def due_instant(context: Context, at: datetime) -> SafeString:
    """`{% due_instant clock.due_at %}` → <time>10-08 周四 24:00</time>"""
    return _time(at, dates.due_instant(at, _today(context), timezone.get_current_timezone()))


@register.filter
def thousands(count: int) -> str:
    """1741 → 1,741 (Django groups Chinese numbers by four)"""
    return f"{count:,}"


@register.filter
def control(field: BoundField) -> SafeString:
    """The form control without a placeholder (the label stands above it), wide as its field."""
    kind = field.field.widget
    attrs: dict[str, Any] = {"placeholder": False}
    if "class" not in kind.attrs and field.widget_type not in {"checkbox", "radioselect"}:
        attrs["class"] = "control"
    return field.as_widget(attrs=attrs)


@register.filter
def first_control(field: BoundField) -> str:
    """The id that a link to the field leads to; of words to choose from, the first one's."""
    return field.id_for_label or f"{field.auto_id}_0"


@register.filter
def error_count(errors: Mapping[str, list[str]]) -> int:
    return sum(len(texts) for texts in errors.values())
