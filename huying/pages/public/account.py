"""The city's account of itself, for the front page and as `/figures.json`: the same numbers, counted once."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from huying.cases.clock import now
from huying.cases.models import RulebookVersion
from huying.pages.access import public
from huying.pages.shown import BarPart, ShownTotals
from huying.reports.published import Number, Published, Share, published
from huying.reports.rates import FEW
from huying.reports.words import BASES, COUNTS, NAMES
from huying.rules.ruleset import Ruleset

from . import when
from .progress import in_force
from .shown_account import ShownAccount, ShownPublicRate

WAYS = {
    "alone": _("核实、备着"),
    "joined": _("并入已有的件"),
    "no_case": _("不归这里办、重复的"),
    "cases": _("立件"),
}


@public
def figures_json(_request: HttpRequest) -> HttpResponse:
    """The public figures for programs, readable from every site: docs/api.md says what is in it."""
    at = now()
    return JsonResponse(
        _as_data(published(at), in_force(at)),
        headers={"Access-Control-Allow-Origin": "*", "Cache-Control": "no-store"},
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )


# -- in words ------------------------------------------------------------------------------------------------------


def shown_account(of: Published, rules: Ruleset) -> ShownAccount:
    ways = {name: _said(one) for name, one in of.ways.items()}
    return ShownAccount(
        since=when.day(of.since, of.as_of, rules),
        as_of=when.moment(of.as_of, of.as_of, rules),
        contacts=_said(of.contacts),
        ways=[(str(WAYS[name]), said) for name, said in ways.items() if name != "cases"],
        cases=ways["cases"],
        closed=_said(of.parts["closed"]),
        open=_said(of.parts["open"]),
        overdue=_said(of.overdue),
        not_counted=_said(of.parts["not_counted"]),
        earlier=_said(of.earlier),
        earlier_overdue=_said(of.earlier_overdue),
        bar=_bar(of),
        rates=[_rate(one) for one in of.rates],
    )


def _said(one: Number) -> str:
    if one.shown is not None:
        return f"{one.shown:,}"
    return gettext("少于 {n}").format(n=FEW) if one.few else gettext("不列")


def _bar(of: Published) -> list[BarPart]:
    """Return the bar; none where a part isn't told, since its width would tell it."""
    told = [of.cases.shown, of.overdue.shown, *(part.shown for part in of.parts.values())]
    if None in told or not of.cases.shown:
        return []
    counts = {name: part.shown or 0 for name, part in of.parts.items()}
    totals = ShownTotals(None, of.cases.shown, overdue=of.overdue.shown or 0, as_of=of.as_of, **counts)
    return totals.parts


def _rate(one: Share) -> ShownPublicRate:
    large, numbers = _numbers(one)
    return ShownPublicRate(str(NAMES[one.name]), large, numbers, str(COUNTS[one.name]), str(BASES[one.base]))


def _numbers(one: Share) -> tuple[str, str]:
    if one.withheld:
        return gettext("不列"), ""
    if one.of is None:
        return gettext("还不到 {n} 件").format(n=FEW), ""
    if not one.of:
        return gettext("还没有"), "0 / 0"
    if one.percent is not None:
        return one.percent.replace(" ", "\u00a0"), f"{one.numerator:,} / {one.of:,}"
    least = gettext("多于 {n}").format(n=f"{one.more_than:,}") if one.more_than is not None else ""
    return least or gettext("少于 {n}").format(n=FEW), f"/ {one.of:,}"


# -- as data -------------------------------------------------------------------------------------------------------


def _as_data(of: Published, version: RulebookVersion | None) -> dict[str, object]:
    zh, en = _words("zh-hans", of), _words("en", of)
    return {
        "since": of.since.isoformat(),
        "as_of": of.as_of.isoformat(),
        "rulebook": version and {"id": version.rulebook, "version": version.version, "title": version.title},
        "contacts": {"total": _told(of.contacts)} | {name: _told(one) for name, one in of.ways.items()},
        "cases": {
            "total": _told(of.cases),
            **{name: _told(one) for name, one in of.parts.items()},
            "overdue": _told(of.overdue),
        },
        "received_earlier": {"open": _told(of.earlier), "overdue": _told(of.earlier_overdue)},
        "rates": [
            _share(one) | {"zh": zh[one.name], "en": en[one.name]}  # the words beside the numbers
            for one in of.rates
        ],
    }


def _told(one: Number) -> int | str | None:
    return f"<{FEW}" if one.few else one.shown


def _share(one: Share) -> dict[str, object]:
    small = f"<{FEW}" if one.few else f">{one.more_than}" if one.more_than is not None else None
    return {
        "name": one.name,
        "base": one.base,
        "numerator": one.numerator if small is None else small,
        "denominator": f"<{FEW}" if one.of is None and not one.withheld else one.of,
        "percent": one.percent,
    }


def _words(language: str, of: Published) -> Mapping[str, dict[str, str]]:
    with override(language):
        rates = {one.name: _rate(one) for one in of.rates}
    return {name: {"name": one.name, "counts": one.counts, "base": one.base} for name, one in rates.items()}
