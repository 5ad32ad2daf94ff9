"""Tries: how often somebody did what is limited, within an hour."""

from django.db import models


class Tries(models.Model):
    """A count by a keyed hash of what is tried and by whom; it begins anew once `ends_at` is past.

    The table is unlogged: counting costs no write to the disk, and a crash of the database empties it.
    """

    key = models.BinaryField(primary_key=True)
    count = models.IntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "tries"
