"""The way of a case as HTML written by Python, for the reason that `directory` gives: its steps were half of a page.

Done steps are filled, the open one is a ring, what comes is dashed. Each function escapes what it was given.
"""

from collections.abc import Iterable, Sequence
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from huying.pages.public.shown import ShownDay, ShownStep, ShownWhen
from huying.pages.shown import ShownDue

from .shown import with_calls

register = template.Library()


@register.filter
def way(steps: Iterable[ShownStep], large_print: bool = False) -> SafeString:  # a filter's
    """Return the steps; in 大字版 without the day strips, which their sentences say in words."""
    words = _Words()
    items = "".join(_step(n, one, words, strip=not large_print) for n, one in enumerate(steps, 1))
    return mark_safe(f'<ol class="loop">{items}</ol>')  # noqa: S308  # escaped below


class _Words:
    """What is the same for every step, translated and escaped once."""

    def __init__(self) -> None:
        self.due = escape(gettext("最迟"))
        self.in_time = escape(gettext("按期"))
        self.not_yet = escape(gettext("还没到这一步"))
        self.term = escape(gettext("期限"))
        self.and_why = escape(gettext("，为什么"))
        why = escape(gettext("为什么是这一天"))
        self.asks = f'<span class="on-screen">{why}</span>'


def _step(n: int, one: ShownStep, words: _Words, *, strip: bool) -> str:
    detail = f"<p>{with_calls(one.detail)}</p>" if one.detail else ""
    body = (
        f'<div>\n<div class="step-head">{_head(one, words)}</div>\n{detail}{_term(one, words, strip=strip)}\n</div>'
    )
    return f'<li class="{one.state}">\n<span class="step" aria-hidden="true">{n}</span>\n{body}\n</li>'


def _head(one: ShownStep, words: _Words) -> str:
    """What, when or by when, and how it stands: in time quietly, late loudly."""
    head = f"<h3>{escape(one.what)}</h3>"
    if one.when:
        head += f'<span class="muted">{_time(one.when)}</span>'
    elif one.by:
        head += f'<span class="muted">{words.due} {_time(one.by)}</span>'
    if one.tag:
        head += _due(one.tag)
    elif one.in_time:
        head += f'<span class="in-time">{words.in_time}</span>'
    if one.state == "next":
        head += f'<span class="vh">{words.not_yet}</span>'
    return head


def _term(one: ShownStep, words: _Words, *, strip: bool) -> str:
    """The date by which a done step was due, and why it is that day: unfolded at the open step."""
    kept_by = f"{words.term} {_time(one.by)}" if one.when and one.by else ""
    if not one.why:
        return f'<p class="meta">{kept_by}</p>' if kept_by else ""
    is_open = " open" if one.state in ("now", "late") else ""
    asks = f'{kept_by}<span class="on-screen">{words.and_why}</span>' if kept_by else ""
    summary = f"<summary>{asks or words.asks}</summary>"
    days = _strip(one.days) if strip and one.days else ""
    return f'<details{is_open} class="why">{summary}<p class="meta">{escape(one.why)}</p>{days}</details>'


def _strip(days: Sequence[ShownDay]) -> str:
    """Only an illustration: the sentence above it says it all."""
    cells = "".join(
        f'<li data-kind="{escape(day.kind)}"><span>{escape(day.above)}</span><strong>{escape(day.days)}</strong>'
        f"<span>{escape(day.below)}</span></li>"
        for day in days
    )
    return f'<ol class="days" aria-hidden="true">{cells}</ol>'


def _time(when: ShownWhen) -> str:
    return f'<time datetime="{when.at.isoformat()}">{escape(when.text)}</time>'


def _due(tag: ShownDue) -> str:
    text = escape(tag.text)
    shown = f'<time datetime="{tag.at.isoformat()}">{text}</time>' if tag.at else text
    return f'<span class="due {escape(tag.state)}">{shown}</span>'
