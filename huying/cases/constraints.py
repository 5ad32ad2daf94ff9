"""What columns have in common that hold a word of a closed list."""

from enum import StrEnum

from django.db import models
from django.db.models import Q


def one_of(field: str, values: type[StrEnum]) -> models.CheckConstraint:
    """Return the constraint that a column holds one of the words of an enum, as plain strings for the migration."""
    known = [value.value for value in values]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": known}), name=f"%(class)s_{field}_known")
