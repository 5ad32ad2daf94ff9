"""Data keys, the fingerprints of the installation's keys, and the log of who revealed what."""

from django.db import models
from django.db.models import Q


class VaultKey(models.Model):
    """The data key of one case, requester or case-less contact, wrapped by the master key.

    Its id is that of its owner and of its owner's ledger chain. Rotation rewraps it; erasure deletes the row,
    and what it sealed is gone while the chain still verifies.
    """

    id = models.BigIntegerField(primary_key=True)
    wrapped = models.BinaryField()
    master_number = models.SmallIntegerField()

    class Meta:
        db_table = "vault_key"


class KeyFingerprint(models.Model):
    """What a key of the installation must hash to; the key itself is never in the database."""

    name = models.CharField(max_length=8, primary_key=True)
    number = models.SmallIntegerField()
    fingerprint = models.BinaryField()

    class Meta:
        db_table = "vault_key_fingerprint"


class Reveal(models.Model):
    """One look at personal data in the clear: who, what, when, why. Append-only (by trigger)."""

    actor = models.TextField()
    chain_id = models.BigIntegerField()
    field = models.TextField()
    at = models.DateTimeField()
    reason = models.TextField()

    class Meta:
        db_table = "vault_reveal"
        indexes = (models.Index(fields=["chain_id", "at"], name="reveal_by_chain"),)
        constraints = (models.CheckConstraint(condition=~Q(reason=""), name="reveal_needs_reason"),)
