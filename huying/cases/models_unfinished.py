"""Reports that somebody has begun and not sent yet."""

from django.db import models


class Unfinished(models.Model):
    """没填完的反映: answers and files of a report until it is sent, given up, or ended by time; nobody else reads it.

    `sealed` holds them under the master key, with the key of their files. An ended one is kept empty for a while,
    so that who comes back with its code is told that it ended.
    """

    token_index = models.BinaryField(primary_key=True)
    code_index = models.BinaryField(null=True, unique=True)
    sealed = models.TextField(null=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "unfinished"
