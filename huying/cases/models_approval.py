"""What somebody wants to do to a case that a second person has to approve."""

from enum import StrEnum
from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from huying.vault.fields import SealedField


class ApprovalEnd(StrEnum):
    """What became of it."""

    APPROVED = "approved"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"


class Approval(models.Model):
    """批准: a command that waits for a second person: plain `facts` and sealed `words`, like an act's."""

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="approvals")
    verb = models.CharField(max_length=24)
    facts = models.JSONField()
    words = SealedField(null=True)
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    ended_as = models.CharField(max_length=10, null=True)
    ended_by = models.TextField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason = SealedField(null=True)

    class Meta:
        db_table = "approval"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_by=None)
                | Q(ended_as="taken_back", ended_by=F("asked_by"))
                | Q(ended_as__in=["approved", "refused"]) & ~Q(ended_by=F("asked_by")),
                name="approval_second_person",
            ),
            models.CheckConstraint(
                condition=Q(ended_as=None, ended_by=None, ended_at=None)
                | Q(ended_as__isnull=False, ended_by__isnull=False, ended_at__isnull=False),
                name="approval_ended",
            ),
            # A form that is sent twice asks once.
            models.UniqueConstraint(fields=["case", "verb"], condition=Q(ended_as=None), name="approval_asked_once"),
        ]
