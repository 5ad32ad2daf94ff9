"""The column type of everything that only a key opens."""

from django.db import models


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """A text sealed with the data key of its chain; NULL where nothing was said. See `vault.seal`."""
