"""The numbers, mailboxes and accounts at which posts can be reached."""

from datetime import date, datetime
from typing import Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Deferrable, Q

from huying.people.models import Post
from huying.rules.vocabulary import AnswerMode


class Points(models.QuerySet["ContactPoint"]):
    def standing(self, at: datetime) -> Self:
        """Return what stands in the directory at that moment, what is pending or suspended too."""
        return self.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at))


class ContactPoint(models.Model):
    """联系方式: one published way to reach a post, or a line of its own (a hotline); who answers is part of it.

    A withdrawn one stays for the contacts that came by it; its number may be published anew. A pending one can't be
    used before `valid_from`, until when another may be: that one is withdrawn at the same moment, which may lie
    ahead. `suspended` says, while it is, who answers meanwhile.
    """

    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="contact_points")
    line = models.TextField(null=True)
    kind = models.TextField()
    value = models.TextField()
    answer_mode = models.TextField(default="in_person")
    hours = models.TextField(null=True)
    valid_from = models.DateTimeField(null=True)
    suspended = models.TextField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    objects = Points.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(line__isnull=True), name="contact_point_of_post_or_line"
            ),
            # Deferred, since a file may swap the numbers of two posts; an exclusion, since no unique index with a
            # condition can be deferred.
            ExclusionConstraint(
                name="contact_point_once",
                expressions=[("kind", RangeOperators.EQUAL), ("value", RangeOperators.EQUAL)],
                condition=Q(withdrawn_at__isnull=True),
                deferrable=Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(answer_mode__in=[mode.value for mode in AnswerMode]),
                name="contact_point_answer_mode_known",
            ),
            models.CheckConstraint(condition=~Q(suspended=""), name="contact_point_suspended_says_who_answers"),
        )


class Notices(models.QuerySet["PublicNotice"]):
    def running(self, today: date) -> Self:
        """Return what stands on the public pages on that day: neither ended nor past its last day."""
        return self.filter(Q(until=None) | Q(until__gte=today), ended_at=None)


class PublicNotice(models.Model):
    """提醒: what the office tells everybody on all public pages until its last day, or until it is ended."""

    at = models.DateTimeField()
    text = models.TextField()
    text_en = models.TextField(blank=True)
    actor = models.TextField()
    until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = Notices.as_manager()

    class Meta:
        indexes = (models.Index("at", name="public_notice_running", condition=Q(ended_at=None)),)
        constraints = (
            models.CheckConstraint(condition=~Q(text=""), name="public_notice_says_something"),
            models.UniqueConstraint(fields=["text"], condition=Q(ended_at=None), name="public_notice_once_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=models.F("at")), name="public_notice_ends_after_it_began"
            ),
        )
