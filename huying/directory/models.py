"""The numbers, mailboxes and accounts at which posts can be reached."""

from django.db import models
from django.db.models import Deferrable, Q

from huying.people.models import Post
from huying.rules.vocabulary import AnswerMode


class ContactPoint(models.Model):
    """联系方式: one published way to reach a post, or a line of its own (a hotline); who answers is part of it."""

    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="contact_points")
    line = models.TextField(null=True)
    kind = models.TextField()
    value = models.TextField()
    answer_mode = models.TextField(default="in_person")
    hours = models.TextField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(post__isnull=True) ^ Q(line__isnull=True), name="contact_point_of_post_or_line"
            ),
            # Deferred, since a file may swap the numbers of two posts.
            models.UniqueConstraint(
                fields=["kind", "value"], name="contact_point_once", deferrable=Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(answer_mode__in=[mode.value for mode in AnswerMode]),
                name="contact_point_answer_mode_known",
            ),
        )
