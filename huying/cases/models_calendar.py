"""What somebody of the office wants the calendar to say, until a second person has looked at it."""

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from huying.vault.fields import SealedField


class EndedAs(StrEnum):
    """What a second person made of a proposal."""

    APPLIED = "applied"
    REJECTED = "rejected"


class CalendarProposal(models.Model):
    """Days that wait for a second person: those of a year's notice, or (`day`) a single local one.

    `title` says who arranged them. Once applied, `version` is the calendar that they became, NULL where all of them
    had been loaded before.
    """

    id = models.BigIntegerField(primary_key=True)
    year = models.SmallIntegerField()
    day = models.DateField(null=True)
    title = models.TextField()
    days = models.JSONField()
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    ended_as = models.CharField(max_length=8, null=True)
    ended_by = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = SealedField(null=True)
    version = models.ForeignKey("cases.CalendarVersion", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "calendar_proposal"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_by=None) | ~Q(ended_by=F("proposed_by")), name="calendar_proposal_second_person"
            ),
            models.CheckConstraint(
                condition=Q(ended_as=None, ended_by=None, ended_at=None)
                | Q(ended_as__in=["applied", "rejected"], ended_by__isnull=False, ended_at__isnull=False),
                name="calendar_proposal_ended",
            ),
            # A form that is sent twice proposes once, and nobody has to choose between two for one year.
            models.UniqueConstraint(
                fields=["year"], condition=Q(ended_as=None, day=None), name="calendar_proposal_year_once"
            ),
            models.UniqueConstraint(fields=["day"], condition=Q(ended_as=None), name="calendar_proposal_day_once"),
        ]
