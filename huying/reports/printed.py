"""Figures as plain text, in the language that is active: for a terminal, a brief, a mail."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from django.utils.translation import gettext

from .figures import Chosen, Figures
from .rates import Beside, Rate
from .words import BASES, COUNTS, NAMES


def printed(figures: Figures, zone: tzinfo) -> str:
    """Return the account and every rate; numbers come first, since Chinese and Latin letters don't align."""
    return "\n".join(_lines(figures, zone))


def _lines(figures: Figures, zone: tzinfo) -> Iterator[str]:
    account = figures.account
    counts = {
        "contacts": f"{figures.contacts:,}",
        "raw": f"{figures.contacts_raw:,}",
        "joined": f"{figures.contacts_raw - figures.contacts:,}",
        "cases": f"{account.cases:,}",
        "open": f"{account.open:,}",
        "overdue": f"{account.overdue:,}",
        "closed": f"{account.closed:,}",
        "not_counted": f"{account.not_counted:,}",
    }
    as_of = gettext("截至 {at}").format(at=_moment(figures.as_of, zone))
    yield f"{_period(figures.chosen, zone)}{as_of}"
    yield gettext("来电来信 {contacts} 次，不含重复件；原始 {raw} 次，其中 {joined} 次并入已有的件").format(**counts)
    yield gettext(
        "立件 {cases} 件 = 在办 {open} 件（其中超期 {overdue} 件）+ 办结 {closed} 件 + 不计入 {not_counted} 件"
    ).format(**counts)
    if figures.left_out:
        yield gettext("少量保密件没有算在内，以免被认出")
    yield ""
    cohort = gettext("{at} 以前收到的件").format(at=_moment(figures.settled_until, zone))
    what = gettext("算什么，基数是什么")
    yield f"{as_of} | {cohort} | {what}"
    yield from map(_line, figures.rates)


def _period(chosen: Chosen, zone: tzinfo) -> str:
    """Return `2022-02-08 – 2022-02-27, 20 days; ` where the period has both its ends."""
    if chosen.since is None or chosen.until is None:
        return ""
    first = chosen.since.astimezone(zone).date()
    last = (chosen.until - timedelta(microseconds=1)).astimezone(zone).date()
    return gettext("{first} 至 {last}，共 {days} 天；").format(first=first, last=last, days=(last - first).days + 1)


def _line(rate: Beside) -> str:
    name = rate.snapshot.name
    says = gettext("{name}：{counted}；基数：{base}").format(
        name=NAMES[name], counted=COUNTS[name], base=BASES[rate.snapshot.base]
    )
    return f"{_share(rate.snapshot)} | {_share(rate.cohort)} | {says}"


def _share(rate: Rate) -> str:
    share = f"{rate.numerator:,} / {rate.denominator:,}"
    return f"{rate.percent or '–':>7} {share:>13}"


def _moment(at: datetime, zone: tzinfo) -> str:
    """Return `2022-02-27 24:00`: a midnight is the end of a day."""
    local = at.astimezone(zone)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local.date() - timedelta(days=1)} 24:00"
    return f"{local:%Y-%m-%d %H:%M}"
