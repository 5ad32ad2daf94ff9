"""What stands around every page."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext

from huying.cases.clock import now
from huying.people.models import Office, User
from huying.rules.access import Role
from huying.written import Written

from .access import COUNTERS, READERS, REGISTRARS
from .shown import ShownFrame, ShownTab


def frame(request: HttpRequest) -> Mapping[str, object]:
    """Context processor: the frame, and the moment at which the page was made (a view may set its own)."""
    return {"frame": SimpleLazyObject(lambda: _frame(request)), "now": now()}


def footed(request: HttpRequest, as_of: datetime, rulebook: str = "", calendar: str = "") -> ShownFrame:
    """Return the frame of a page with its foot: the moment of its figures, and the rules they were worked out by.

    A view puts it into its context, which wins over the processor's.
    """
    return replace(_frame(request), as_of=as_of, rulebook=rulebook, calendar=calendar)


def _frame(request: HttpRequest) -> ShownFrame:
    office = next(iter(_offices()), None)
    city, name = (office.city, office.name) if office else ("", "")
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return ShownFrame(city=city, office=name)
    return ShownFrame(
        city=city,
        office=name,
        unit=user.unit.name if user.unit else "",
        person=user.full_name,
        tabs=list(_tabs(user, request.path)),
    )


_offices = Written(lambda: Office.objects.all())


def _tabs(user: User, path: str) -> Iterator[ShownTab]:
    """Yield the pages that somebody may open."""
    if user.role in READERS:
        today, register = reverse("today"), reverse("register")
        yield ShownTab(gettext("今天"), today, path == today)
        yield ShownTab(gettext("清单"), register, path == register, within=path.startswith(register))
        rules = reverse("rulebook")
        yield ShownTab(gettext("规则"), rules, path == rules)
    if user.role in REGISTRARS:
        record = reverse("record_contact")
        yield ShownTab(gettext("记录来电"), record, path == record)
    if user.role in COUNTERS:
        figures = reverse("figures")
        yield ShownTab(gettext("统计"), figures, path == figures)
    if user.role == Role.OFFICE:
        calendar = reverse("calendar")
        yield ShownTab(gettext("放假安排"), calendar, path == calendar, within=path.startswith(calendar))
    if user.role in (Role.OFFICE, Role.ADMIN):
        impostors = reverse("impostors")
        if user.role == Role.OFFICE:
            yield ShownTab(gettext("提醒"), impostors, path == impostors)
        standing_in = reverse("delegates")
        yield ShownTab(gettext("外出代理"), standing_in, path == standing_in)
        handover = reverse("transfer_post")
        yield ShownTab(gettext("职务交接"), handover, path == handover)
