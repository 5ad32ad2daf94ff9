"""One row of a list of cases, as the register and the day's page show it."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext

from huying.cases import rulebooks
from huying.cases.models import Case
from huying.pages import due
from huying.pages.labels import CHANNELS, STAGES, URGENCIES
from huying.pages.shown import ShownCase, ShownDue
from huying.rules.vocabulary import Stage, Step, Urgency


def shown_case(case: Case, at: datetime) -> ShownCase:
    return ShownCase(
        number=case.number,
        url=reverse("case", args=[case.number]),
        title=case.title,  # type: ignore[attr-defined]  # annotated by the query
        channel=str(CHANNELS.get(case.channel, case.channel)),
        received_at=case.received_at,
        stage=str(STAGES[Stage(case.stage)]),
        post=case.post.name if case.post else "",
        unit=case.unit.name if case.unit else "",
        urgency=str(URGENCIES[Urgency(case.urgency)]) if case.urgency in URGENCIES else None,
        due=_due(case, at),
        ended_at=case.closed_at,
    )


def _due(case: Case, at: datetime) -> ShownDue | None:
    if case.due_at is None or case.due_step is None:
        return None
    if case.stage == Stage.SUSPENDED:
        return ShownDue("wait", gettext("暂停计时"))
    return due.running(case.due_at, Step(case.due_step), at, rulebooks.rules_of(case))
