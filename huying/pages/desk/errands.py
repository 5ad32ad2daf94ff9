"""What else waits on somebody's day: notices to read, requesters to phone, what the closers found, impostors."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Func, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huying.cases import closers, outbox
from huying.cases.queries import fraud_reports
from huying.directory.models import PublicNotice
from huying.pages.shown import ShownErrand
from huying.people.models import Office
from huying.rules.access import Actor, Role

# Who sees to it that nothing is stuck; discipline does of confidential cases.
OVERSEERS = (Role.OFFICE, Role.DISCIPLINE)
_SAID = {
    "notices": (_("通知"), _("还没有看")),
    "calls": (_("电话告知"), _("等着打")),
    "stuck": (_("要查的"), _("不应当这样")),
    "impostors": (_("举报冒充"), _("近 7 天，还没有提醒大家")),
}
_RECENT = timedelta(days=7)


def errands(viewer: Actor, at: datetime) -> list[ShownErrand]:
    """Return what there is of each that waits for somebody, in one statement."""
    lists: Mapping[str, tuple[QuerySet[Any], ...]] = {
        "notices": (outbox.notices_for(viewer),),
        "calls": (outbox.calls_for(viewer),) if viewer.role in outbox.CALLERS else (),
        "stuck": _stuck(viewer, at) if viewer.role in OVERSEERS else (),
        "impostors": (_impostors(viewer, at),) if viewer.role is Role.OFFICE else (),
    }
    counted = {f"{name}_{n}": _count(one) for name, several in lists.items() for n, one in enumerate(several)}
    # The office is one row, on which the counts of several tables come along.
    row = Office.objects.annotate(**counted).values(*counted).first() or {}
    counts = {name: sum(row.get(f"{name}_{n}") or 0 for n in range(len(several))) for name, several in lists.items()}
    return [
        ShownErrand(str(label), counts[name], str(says), reverse(name), late=name == "stuck")
        for name, (label, says) in _SAID.items()
        if counts[name]
    ]


def _stuck(viewer: Actor, at: datetime) -> tuple[QuerySet[Any], ...]:
    return closers.stuck(viewer, at), closers.idle_contacts(viewer)


def _impostors(viewer: Actor, at: datetime) -> QuerySet[Any]:
    """Return the reports of a week since which everybody hasn't been warned; nobody has to tick one off."""
    warned = PublicNotice.objects.filter(at__gte=OuterRef("at"))
    return fraud_reports(viewer).filter(~Exists(warned), at__gt=at - _RECENT)


def _count(rows: QuerySet[Model]) -> Subquery:
    counted = rows.order_by().annotate(counted=Func("id", function="COUNT", output_field=IntegerField()))
    return Subquery(counted.values("counted"))
