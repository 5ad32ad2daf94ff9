"""The wall clock: the only place of the product that reads it. Everything else is told what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)
