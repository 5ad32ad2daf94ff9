"""规则与出处: the rulebook in force with its sources, how its terms are counted, and what is in no rate."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.clock import now
from huying.cases.language import language
from huying.cases.models import RulebookInForce, RulebookVersion
from huying.data import source_notes
from huying.pages.access import public
from huying.pages.shown import ShownPage
from huying.reports.published import PERIOD, RATES
from huying.reports.rates import DEFINITIONS, FEW
from huying.reports.words import BASES, COUNTS, NAMES
from huying.rules.calendar import Calendar
from huying.rules.duration import Duration
from huying.rules.flow_chart import NARROW, NARROW_LARGE, flow_chart, on_paper
from huying.rules.rulebook import Rulebook, numbers, parse
from huying.rules.rulebook_steps import Started
from huying.rules.rulebook_words import key_in_words, value_in_words
from huying.rules.ruleset import Ruleset
from huying.rules.source_words import source_in_words
from huying.rules.terms import end_of_term
from huying.rules.vocabulary import Complexity, Kind, Step
from huying.rules.words import Language, in_words, length_in_words

from . import when
from .account import WAYS
from .frame import public_frame
from .labels import STEPS
from .progress import in_force, simple
from .shown_account import ShownClause, ShownExample, ShownHolidayNotice, ShownPublicRate

_MORNING = time(9)
_YEAR = timedelta(days=366)


@public
def rules(request: HttpRequest) -> HttpResponse:
    """Every number of the rulebook in force, with its source, and the way of a case as a chart."""
    at = now()
    version = _in_force(at)
    loaded = rulebooks.ruleset(version)
    since = RulebookInForce.objects.filter(version=version, since__lte=at).latest("since", "id").since
    frame = public_frame(request, at)
    width = NARROW_LARGE if frame.large_print else NARROW
    narrow = _chart(version.rulebook, version.text, language(), width)
    context = {
        "page": ShownPage(gettext("规则与出处")),
        "now": at,
        "frame": frame,
        "title": version.title,
        "version": version.version,
        "since": when.day(since, at, loaded),
        "own_since": when.day(_morning(loaded.rulebook.rulebook.effective_from, loaded), at, loaded),
        "chart": _chart(version.rulebook, version.text, language()),
        "narrow_chart": narrow,
        "chart_on_paper": SafeString(on_paper(narrow)),  # of the same
        "clauses": _clauses(version.rulebook, version.text, language()),
    }
    return render(request, "public/rules.html", context)


@public
def terms(request: HttpRequest) -> HttpResponse:
    """How a term is counted, with terms that begin today and around the next holiday, worked out by the rules."""
    at = now()
    loaded = rulebooks.ruleset(_in_force(at), rulebooks.newest_calendar())
    book = loaded.rulebook
    context = {
        "page": ShownPage(gettext("期限怎么算")),
        "now": at,
        "frame": public_frame(request, at),
        "day_end": loaded.counting().day_end,
        "rolls": book.rolls(),
        "today": list(_examples(at, at, loaded)),
        "holiday": list(_around_holiday(at, loaded)),
        "years": list(_years(loaded.calendar)),
    }
    return render(request, "public/terms.html", context)


@public
def counting(request: HttpRequest) -> HttpResponse:
    """What is in no rate, and of what each rate is."""
    at = now()
    bases = [
        ShownPublicRate(str(NAMES[name]), "", "", str(COUNTS[name]), str(BASES[DEFINITIONS[name].base]))
        for name in RATES
    ]
    context = {
        "page": ShownPage(gettext("什么不计入，为什么")),
        "now": at,
        "frame": public_frame(request, at),
        "rates": bases,
        "ways": WAYS,
        "days": PERIOD.days,
        "few": FEW,
    }
    return render(request, "public/counting.html", context)


def _morning(on: date, loaded: Ruleset) -> datetime:
    return datetime.combine(on, _MORNING, loaded.rulebook.zone)


def _in_force(at: datetime) -> RulebookVersion:
    version = in_force(at)
    if version is None:
        raise Http404
    return version


# -- the clauses ---------------------------------------------------------------------------------------------------


# A version's text never changes, so what follows from it alone is worked out once in a process.
@cache
def _chart(rulebook: str, text: str, said_in: Language, narrow: int = 0) -> SafeString:
    return SafeString(flow_chart(_read(rulebook, text), said_in, narrow=narrow))  # escapes what the rulebook says


@cache
def _clauses(rulebook: str, text: str, said_in: Language) -> Sequence[ShownClause]:
    sources, notes = dict(_read(rulebook, text).source), source_notes()
    return [
        ShownClause(
            key_in_words(key, said_in),
            _value(value, said_in),
            source_in_words(sources.get(key, ""), said_in, notes),
        )
        for key, value in numbers(text).items()
    ]


def _read(rulebook: str, text: str) -> Rulebook:
    return parse(text, f"{rulebook}.toml")


def _value(value: object, said_in: Language) -> str:
    """Return a number of the file in words; a term stands there as text."""
    try:
        return length_in_words(Duration.parse(str(value)), said_in)
    except ValueError:
        return value_in_words(value, said_in)


# -- worked dates --------------------------------------------------------------------------------------------------


def _examples(start: datetime, at: datetime, loaded: Ruleset) -> Iterator[ShownExample]:
    """Yield when talk, answers and callback are due if their term begins at `start`."""
    told = (
        (Step.CONTACT, Complexity.SIMPLE, ""),
        (Step.RESOLVE, Complexity.SIMPLE, gettext("简单的")),
        (Step.RESOLVE, Complexity.COMPLEX, gettext("复杂的")),
        (Step.CALLBACK, Complexity.SIMPLE, ""),
    )
    for step, complexity, kind in told:
        section, term = loaded.rulebook.section(step), loaded.term(step, simple(Kind.PROBLEM, complexity))
        if term is None or not isinstance(section, Started):
            continue
        due = end_of_term(start, term, loaded.counting(step), event=section.start)
        yield ShownExample(
            what=gettext("，").join(filter(None, (str(STEPS[step]), kind))),
            start=when.moment(start, at, loaded),
            term=length_in_words(term, language()),
            due=when.due(due.at, at, loaded, provisional=due.provisional),
            why=in_words(due.why, language()),
        )


def _around_holiday(at: datetime, loaded: Ruleset) -> Iterator[ShownExample]:
    """Yield the same for the last working day before the next statutory holiday."""
    day = _before_next_holiday(at.astimezone(loaded.rulebook.zone).date(), loaded.calendar)
    if day is not None:
        yield from _examples(_morning(day, loaded), at, loaded)


def _before_next_holiday(today: date, calendar: Calendar) -> date | None:
    worked = None
    day = today + timedelta(days=1)
    while day < today + _YEAR:
        if calendar.is_working(day):
            worked = day
        elif worked and calendar.holiday(day):
            return worked
        day += timedelta(days=1)
    return None


def _years(calendar: Calendar) -> Iterator[ShownHolidayNotice]:
    for year in calendar.notice_years:
        notice = calendar.notice(year)
        if notice is not None:
            yield ShownHolidayNotice(year, notice.notice, notice.number, datetime.combine(notice.issued, time()))
