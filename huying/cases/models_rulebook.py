"""Rulebooks and calendars as adopted and loaded: what is there stays, so that a case keeps its rules."""

from django.db import models
from django.db.models import F


class RulebookVersion(models.Model):
    """A rulebook as adopted: immutable, so that a case keeps the rules under which it was opened."""

    id = models.BigIntegerField(primary_key=True)
    rulebook = models.TextField()
    version = models.IntegerField()
    title = models.TextField()
    text = models.TextField()
    sha = models.BinaryField(unique=True)
    adopted_at = models.DateTimeField()

    class Meta:
        db_table = "rulebook_version"
        constraints = (models.UniqueConstraint(fields=["rulebook", "version"], name="rulebook_version_once"),)


class RulebookInForce(models.Model):
    """From when a version is the office's current rulebook. Of two from one moment the later row counts."""

    id = models.BigIntegerField(primary_key=True)
    version = models.ForeignKey(RulebookVersion, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    actor = models.TextField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "rulebook_in_force"
        indexes = (models.Index(F("since").desc(), F("id").desc(), name="rulebook_in_force_since"),)


class CalendarVersion(models.Model):
    """Days as loaded from a file, laid over the calendar that a rulebook names and over those loaded before.

    `days` holds of each date (ISO) whether it is worked, whether that is provisional, and who says so.
    """

    id = models.BigIntegerField(primary_key=True)
    number = models.IntegerField(unique=True)
    days = models.JSONField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "calendar_version"
