"""放假安排: which years are final, a notice to paste or a local day to name, and the second person's decision."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.cases.calendars import cases_to_count, in_use, missing_notice
from huying.cases.clock import now
from huying.cases.language import language
from huying.cases.models import CalendarProposal
from huying.cases.proposals import (
    Answer,
    Plan,
    Preview,
    apply,
    plan_local,
    plan_notice,
    plan_of,
    preview,
    propose,
    reason_of,
    reject,
)
from huying.pages import dates, kept
from huying.pages.access import Signed, requires
from huying.pages.frame import footed
from huying.pages.labels import STEPS
from huying.pages.shown import ShownPage
from huying.pages.shown_calendar import ShownMove, ShownPreview, ShownProposal, ShownYear
from huying.people.actors import actor_of
from huying.people.models import User
from huying.people.serving import day_of
from huying.rules.access import Actor, Role
from huying.rules.calendar import Calendar
from huying.rules.holiday_notice import NotANotice

from .forms import Sheet, Words, day_in, number, text_field, too_long

RECENT = 10
MOST_PROBLEMS = 10
OFF, WORKED, HALF = "off", "worked", "half"
_WHAT = [(OFF, _("放假")), (WORKED, _("上班")), (HALF, _("只上班到几点"))]
_ENDED = {"applied": _("已经启用"), "rejected": _("没有同意")}
_ANSWERS = {
    Answer.FORBIDDEN: _("放假安排由公开电话办公室定。"),
    Answer.SAME_PERSON: _("自己提出的，要请另一位同事确认。"),
    Answer.ENDED_BEFORE: _("这一份已经有人处理过了，请看下面的结果。"),
    Answer.CHANGED_MEANWHILE: _("您打开以后日历有了变化，没有启用。请再看一遍现在的预览，再决定。"),
    Answer.FINAL_YEAR: _("这一年的放假安排已经定了，没有再启用。这一份可以不同意。"),
    Answer.REASON_REQUIRED: _("请写明为什么不同意，提出的人要看。"),
}


@requires(Role.OFFICE)
def calendar(request: Signed) -> HttpResponse:
    """The years, what waits for a second person, and the two forms; a form is previewed first, then submitted."""
    at = now()
    if request.method != "POST":
        said = kept.kept(request, request.user.pk) or {}
        return _calendar_page(request, at, said.get("what", ""), said)
    said = request.POST.dict()
    what = "local" if said.get("what") == "local" else "notice"
    form, plan = _read(what, said, at)
    if plan is None:
        return _calendar_page(request, at, what, said, form)
    actor = actor_of(request.user, at)
    if "submit" in said:
        proposal = propose(plan, actor, at)
        kept.forget(request)
        return redirect("calendar_proposal", proposal_id=proposal.id)
    context = {
        "page": ShownPage(_subject(plan.year, plan.day, at)),
        "now": at,
        "title": plan.title,
        "preview": _shown_preview(plan, preview(plan, at, actor), at),
        "hidden": {name: said.get(name, "") for name in ("what", *form.fields)},
        "by": kept.mark(request.user.pk),
    }
    return render(request, "desk/calendar_preview.html", context)


@requires(Role.OFFICE)
def calendar_proposal(request: Signed, proposal_id: int) -> HttpResponse:
    """What somebody proposed and what it would do now; whoever didn't propose it applies or rejects it."""
    at = now()
    actor = actor_of(request.user, at)
    proposal = CalendarProposal.objects.filter(id=proposal_id).first() if proposal_id < 2**63 else None
    if proposal is None:
        raise Http404
    form = _reason_form(request.POST.dict() if request.method == "POST" else kept.kept(request, request.user.pk))
    if request.method == "POST" and _decide(request, proposal, form, actor, at):
        kept.forget(request)
        return redirect("calendar_proposal", proposal_id=proposal.id)
    plan = plan_of(proposal)
    seen = None if proposal.ended_as else preview(plan, at, actor)
    context = {
        "page": ShownPage(_subject(plan.year, plan.day, at)),
        "now": at,
        "proposal": _shown_proposals([proposal], request.user, at)[0],
        "preview": seen and _shown_preview(plan, seen, at),
        "seen": seen and seen.seen,
        "form": form,
        "by": kept.mark(request.user.pk),
        "to_count": cases_to_count() if proposal.ended_as == "applied" else 0,
    }
    return render(request, "desk/calendar_proposal.html", context)


def _calendar_page(
    request: Signed, at: datetime, what: str, said: Mapping[str, str], form: Sheet | None = None
) -> HttpResponse:
    """Return the page with both forms: the one that was typed is filled, and says what is wrong with it."""
    days = in_use(at)
    waiting = CalendarProposal.objects.filter(ended_as=None).order_by("proposed_at")
    ended = CalendarProposal.objects.exclude(ended_as=None).order_by("-ended_at")[:RECENT]
    blank = {"notice": _notice_form, "local": _local_form}
    sheets = {
        name: form if form and name == what else make(said if name == what else None) for name, make in blank.items()
    }
    context = {
        "page": ShownPage(gettext("放假安排")),
        "now": at,
        "frame": footed(request, at),
        "years": _years(days, at),
        "missing": missing_notice(at, days),
        "waiting": _shown_proposals(waiting, request.user, at),
        "ended": _shown_proposals(ended, request.user, at),
        "to_count": cases_to_count(),
        "form": form or sheets["notice"],
        "notice": sheets["notice"],
        "local": sheets["local"],
        "by": kept.mark(request.user.pk),
    }
    return render(request, "desk/calendar.html", context)


def _decide(request: Signed, proposal: CalendarProposal, form: Sheet, actor: Actor, at: datetime) -> bool:
    """Do what the second person wants and say what came of it; False where the form must be filled in first."""
    said, rejects = request.POST, request.POST.get("verb") == "reject"
    if long := [*too_long(said, ["reason"])]:
        form.refuse(long)
        return False
    answer = (
        reject(proposal.id, said.get("reason", ""), actor, at)
        if rejects
        else apply(proposal.id, number(said.get("seen", "")), actor, at)
    )
    if answer is Answer.REASON_REQUIRED:
        form.add_error("reason", str(_ANSWERS[answer]))
        return False
    if answer is Answer.DONE:
        messages.success(
            request, gettext("没有同意，日历照旧。") if rejects else gettext("已经启用。在办的期限正在重算。")
        )
    else:
        messages.warning(request, str(_ANSWERS[answer]))
    return True


# -- reading the forms ----------------------------------------------------------------------------------------------


def _read(what: str, said: Mapping[str, str], at: datetime) -> tuple[Sheet, Plan | None]:
    """Return the form that was sent, and the plan that it says, None where the form says what is wrong."""
    form = _local_form(said) if what == "local" else _notice_form(said)
    long = [*too_long(said, form.fields)]
    if long:
        form.refuse(long)
        return form, None
    return form, _read_local(form, said, at) if what == "local" else _read_notice(form, said, at)


def _read_notice(form: Sheet, said: Mapping[str, str], at: datetime) -> Plan | None:
    try:
        return plan_notice(said.get("text", ""), at)
    except NotANotice as refused:
        for problem in refused.problems[:MOST_PROBLEMS]:
            form.add_error("text", problem.in_words(language()))
        return None


def _read_local(form: Sheet, said: Mapping[str, str], at: datetime) -> Plan | None:
    days = in_use(at)
    day, until = day_in(said.get("day", "")), _clock(said.get("until", ""))
    what, source = said.get("state", ""), said.get("source", "").strip()
    if day is None or not 2000 <= day.year <= 2099 or days.lacks_notice(day.year):
        form.add_error("day", gettext("请填日期，如 2027-04-09，年份不能早于日历里最早的一年"))
    if what not in (OFF, WORKED, HALF):
        form.add_error("state", gettext("请选这一天放假还是上班"))
    if what == HALF and until is None:
        form.add_error("until", gettext("请填上班到几点，如 12:00"))
    if not source:
        form.add_error("source", gettext("请写明依据：谁定的，哪个文件"))
    until = until if what == HALF else None
    if day is None or form.errors:
        return None
    if (days.is_working(day), days.worked_until(day)) == (what != OFF, until):
        form.add_error("day", gettext("这一天现在就是这样算的，不用改"))
        return None
    return plan_local(day, works=what != OFF, until=until, source=source)


def _clock(written: str) -> time | None:
    try:
        clock = time.fromisoformat(written.strip())
    except ValueError:
        return None
    return clock.replace(second=0, microsecond=0, tzinfo=None) if clock.hour or clock.minute else None


def _notice_form(said: Mapping[str, str] | None) -> Sheet:
    form = Sheet("notice", said, {})
    form.add("text", forms.CharField(widget=forms.Textarea(attrs={"rows": 12}), required=False), must=True)
    return form


def _local_form(said: Mapping[str, str] | None) -> Sheet:
    form = Sheet("local", said, {})
    form.add("day", forms.CharField(widget=forms.DateInput(attrs={"type": "date"}), required=False), must=True)
    form.add("state", forms.ChoiceField(choices=_WHAT, widget=Words, required=False), must=True)
    form.add("until", forms.CharField(widget=forms.TimeInput(attrs={"type": "time"}), required=False), must=False)
    form.add("source", text_field("source"), must=True)
    return form


def _reason_form(said: Mapping[str, str] | None) -> Sheet:
    form = Sheet("reject_calendar", said, {})
    form.add("reason", text_field("reason"), must=True)
    return form


# -- what is shown --------------------------------------------------------------------------------------------------


def _years(days: Calendar, at: datetime) -> list[ShownYear]:
    """Return the years from the first notice to the next year, the latest first."""
    said = {one.year: one.title for one in CalendarProposal.objects.filter(day=None, ended_as="applied")}
    shown = []
    for year in range(day_of(at).year + 1, min(days.notice_years, default=day_of(at).year) - 1, -1):
        notice = days.notice(year)
        final = not days.provisional_years(date(year, 1, 1), date(year, 12, 31))
        shown.append(ShownYear(year, final, f"{notice.notice}（{notice.number}）" if notice else said.get(year, "")))
    return shown


def _shown_preview(plan: Plan, found: Preview, at: datetime) -> ShownPreview:
    today = day_of(at)
    return ShownPreview(
        year=plan.year,
        becomes_final=found.becomes_final,
        changes=[(dates.day(one.day, today), _state(one.works, one.until)) for one in found.changed],
        kept=[dates.day(day, today) for day in found.kept],
        cases=found.cases,
        terms=found.terms,
        earlier=found.earlier,
        later=found.terms - found.earlier,
        moves=[
            ShownMove(
                move.number, reverse("case", args=[move.number]), str(STEPS[move.step]), move.before, move.after
            )
            for move in found.named
        ],
        unnamed=found.unnamed,
    )


def _state(works: bool, until: time | None) -> str:
    if until is not None:
        return gettext("上班到 {clock}").format(clock=f"{until:%H:%M}")
    return gettext("改为上班") if works else gettext("改为放假")


def _shown_proposals(found: Iterable[CalendarProposal], viewer: User, at: datetime) -> Sequence[ShownProposal]:
    proposals = list(found)
    actors = {actor for one in proposals for actor in (one.proposed_by, one.ended_by) if actor}
    people = User.objects.in_bulk([number(actor.partition(":")[2]) for actor in actors]) if actors else {}
    names = {f"user:{person.pk}": person.full_name for person in people.values()}
    return [
        ShownProposal(
            url=reverse("calendar_proposal", args=[one.id]),
            label=_subject(one.year, one.day, at),
            title=one.title,
            author=names.get(one.proposed_by, ""),
            at=one.proposed_at,
            mine=one.proposed_by == f"user:{viewer.pk}",
            ended=str(_ENDED[one.ended_as]) if one.ended_as else "",
            ended_by=names.get(one.ended_by or "", ""),
            ended_at=one.ended_at,
            reason=reason_of(one),
        )
        for one in proposals
    ]


def _subject(year: int, day: date | None, at: datetime) -> str:
    if day is None:
        return gettext("{year} 年放假安排").format(year=year)
    return gettext("本地安排：{day}").format(day=dates.day(day, day_of(at)))
