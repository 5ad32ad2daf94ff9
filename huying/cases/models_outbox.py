"""What Huying says, what it refused, and the keys under which somebody may ask twice."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from huying.people.models import Post, Unit
from huying.vault.fields import SealedField

from .constraints import one_of


class Delivery(StrEnum):
    """How far a message got. Each waits in one of the first three, and ends once, in one of the others."""

    QUEUED = "queued"  # for the job that sends
    TO_CALL = "to_call"  # for a clerk who phones the requester
    ON_DESK = "on_desk"  # for somebody of the staff who reads it
    SENT = "sent"
    FAILED = "failed"
    NO_SENDER = "no_sender"  # no channel could send it, and it stands on no page either
    SHOWN = "shown"  # stands on the page that number and query code open
    TOLD = "told"
    NOT_REACHED = "not_reached"  # phoned as often as must be
    READ = "read"
    UNREAD = "unread"  # lay on a desk for too long


WAITING_DELIVERIES = (Delivery.QUEUED, Delivery.TO_CALL, Delivery.ON_DESK)
_WAITS_TO_END = Q(delivery__in=[one.value for one in WAITING_DELIVERIES])


class Message(models.Model):
    """Something Huying says to somebody because of an event on a case, or of a contact that opened none.

    In Chinese and, where we wrote it ourselves, in English. A notice for a unit or a leader names which one.
    """

    id = models.BigIntegerField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="messages", null=True)
    contact = models.ForeignKey("cases.Contact", models.PROTECT, null=True, db_index=False)
    event = models.CharField(max_length=24)
    audience = models.CharField(max_length=12)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, db_index=False)
    text = SealedField()
    text_en = SealedField(null=True)
    must_reach = models.BooleanField(default=False)  # who has no other channel is phoned
    created_at = models.DateTimeField()
    delivery = models.CharField(max_length=12, default=Delivery.QUEUED.value)
    tried_at = ArrayField(models.DateTimeField(), default=list)  # calls that reached nobody
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(null=True)  # who read it, or phoned

    class Meta:
        db_table = "message"
        indexes = (
            models.Index("created_at", name="message_queued", condition=Q(delivery="queued")),
            models.Index("created_at", name="message_to_call", condition=Q(delivery="to_call")),
            models.Index("audience", "unit", "post", name="message_on_desk", condition=Q(delivery="on_desk")),
        )
        constraints = (
            one_of("delivery", Delivery),
            models.CheckConstraint(
                condition=(_WAITS_TO_END & Q(ended_at__isnull=True)) | (~_WAITS_TO_END & Q(ended_at__isnull=False)),
                name="message_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=True) | Q(contact__isnull=True), name="message_about_one"
            ),
        )


class Refusal(models.Model):
    """What a door refused, and why. Append-only (by trigger); nothing that was said in it is kept."""

    id = models.BigIntegerField(primary_key=True)
    # The case, or the contact that no case was made of.
    case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="refusals", db_constraint=False)
    verb = models.TextField()
    code = models.TextField()
    field = models.TextField(null=True)
    clause = models.TextField(null=True)
    actor = models.TextField()
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "refusal"


class IdempotencyKey(models.Model):
    """A key that a sender gave to one intake; it lives for seven days and never stores the answer."""

    actor = models.TextField()
    key = models.TextField()
    fingerprint = models.BinaryField()
    contact_id = models.BigIntegerField()
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        constraints = (models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once"),)
        indexes = (models.Index("recorded_at", name="idempotency_key_age"),)
