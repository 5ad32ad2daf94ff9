"""Posts and the numbers at which they are reached, as HTML written by Python.

A page of the directory has 100 posts with 200 numbers. Two includes and nine conditions for each took the template
20 ms of CPU, and `format_html` would take 6; plain strings take 1. So nothing escapes by itself here: each function
first escapes whatever it was given, and then writes.
"""

import html
import re
from collections.abc import Iterable

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from huying.cases.language import language
from huying.pages.public.shown import ShownGroup, ShownOfficial, ShownPoint
from huying.rules.vocabulary import AnswerMode

from .shown import as_written, with_calls

register = template.Library()
_MARKS = re.compile(r"[&<>\"']")
# The tone and the icon (parts/who_icons.html) of who answers.
_BADGES = {
    AnswerMode.IN_PERSON: ("done", "person"),
    AnswerMode.OPERATOR: ("ok", "phone"),
    AnswerMode.SECRETARY: ("ok", "person"),
    AnswerMode.SESSION: ("ok", "clock"),
    AnswerMode.SMS_ONLY: ("wait", "message"),
    AnswerMode.UNDECLARED: ("wait", "unsaid"),
}


@register.filter
def sections(groups: Iterable[ShownGroup]) -> SafeString:
    """Return the directory: each unit with its posts."""
    words = _Words()
    return mark_safe("".join(_section(group, words) for group in groups))  # noqa: S308  # escaped below


@register.filter
def officials(posts: Iterable[ShownOfficial]) -> SafeString:
    """Return posts with their numbers."""
    words = _Words()
    return mark_safe("".join(_official(one, words) for one in posts))  # noqa: S308  # escaped below


@register.filter
def points(reached: Iterable[ShownPoint]) -> SafeString:
    """Return numbers."""
    words = _Words()
    return mark_safe("".join(_point(one, words) for one in reached))  # noqa: S308  # escaped below


@register.filter
def badge(one: ShownPoint) -> SafeString:
    """Return who answers at a number, or why nobody does now."""
    return mark_safe(_who(one, _Words()))  # noqa: S308  # escaped below


def escape(text: str) -> str:
    """Return a text as HTML; the looking is a third of the work of replacing, and most texts have no mark at all."""
    return html.escape(text) if _MARKS.search(text) else text


class _Words:
    """What is the same for every post, translated and escaped once."""

    def __init__(self) -> None:
        self.texted = escape(gettext("可发短信"))
        self.vacant = escape(gettext("现在空缺"))
        self.vacant_but_reached = escape(gettext("现在空缺，号码照常有效"))
        self.unpublished = escape(gettext("没有公布联系方式"))
        self.pending = escape(gettext("新号公示中"))
        self.valid_from = escape(gettext("{day}起可以打"))
        self.until_then = gettext("这以前打 {number}")
        self.suspended = escape(gettext("暂停使用"))
        self.as_written = escape if language() == "zh" else as_written


def _section(group: ShownGroup, words: _Words) -> str:
    anchor, name = escape(group.anchor), escape(group.name)
    posts = "".join(_official(one, words) for one in group.officials)
    title = f'<h2 id="{anchor}">{name}</h2>'
    return f'<section class="sheet" aria-labelledby="{anchor}">{title}\n<ul>{posts}</ul></section>\n'


def _official(one: ShownOfficial, words: _Words) -> str:
    """A number belongs to the post, so it stays when nobody holds it."""
    url, post, holder = escape(one.url), escape(one.post), escape(one.holder)
    vacant = words.vacant_but_reached if one.points else words.vacant
    who = holder or f'<span class="muted">{vacant}</span>'
    reached = "".join(_point(point, words) for point in one.points) or f'<p class="muted">{words.unpublished}</p>'
    named = f'<h3><a href="{url}">{post}</a></h3><p>{who}</p>'
    return f'<li class="official">\n<div>{named}</div>\n<div>{reached}</div>\n</li>\n'


def _point(one: ShownPoint, words: _Words) -> str:
    """Whose line, the number, who answers, and when: in this order, before anybody dials."""
    if one.suspended or one.valid_from:
        return _point_not_in_use(one, words)
    label, value, href, sms = escape(one.label), escape(one.value), escape(one.href), escape(one.sms)
    hours = words.as_written(one.hours)
    number = f'<a href="{href}">{value}</a>' if href else f"<span>{value}</span>"
    by_text = f'<a href="{sms}">{words.texted}</a>' if sms else ""
    when = f"<span>{hours}</span>" if hours else ""
    return f'<p class="point"><span>{label}</span>{number}{by_text}{_who(one, words)}{when}</p>'


def _point_not_in_use(one: ShownPoint, words: _Words) -> str:
    """A number that can't be dialled, or not yet: it is never a link, and says what to do instead."""
    label, value, who = escape(one.label), escape(one.value), _who(one, words)
    if one.valid_from is None:
        meanwhile = f"<span>{with_calls(one.suspended)}</span>"
        return f'<p class="point"><span>{label}</span><s>{value}</s>{who}{meanwhile}</p>'
    time = (
        f'<time datetime="{timezone.localtime(one.valid_from.at).isoformat()}">{escape(one.valid_from.text)}</time>'
    )
    until_then = with_calls(words.until_then.format(number=one.until_then)) if one.until_then else ""
    then = f"<span>{until_then}</span>" if until_then else ""
    since = f"<span>{words.valid_from.format(day=time)}</span>"
    return f'<p class="point"><span>{label}</span><span>{value}</span>{who}{since}{then}</p>'


def _who(one: ShownPoint, words: _Words) -> str:
    if one.valid_from:
        return _badge("warn", "clock", words.pending)
    if one.suspended:
        return _badge("late", "cross", words.suspended)
    return _badge(*_BADGES[one.mode], escape(one.answered_by)) if one.mode else ""


def _badge(tone: str, icon: str, word: str) -> str:
    return f'<span class="due badge {tone}"><svg aria-hidden="true"><use href="#who-{icon}"/></svg>{word}</span>'
