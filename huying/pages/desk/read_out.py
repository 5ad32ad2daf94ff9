"""The query code as it is read out on the phone."""

from datetime import timedelta

# How long it is shown to whoever wrote the contact down, or issued it anew.
READ_OUT = timedelta(hours=1)


def spaced(code: str) -> str:
    """Return a code in groups of four, e.g. 1234 5678."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
