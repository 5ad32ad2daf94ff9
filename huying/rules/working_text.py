"""The working text of a case: what may be read and searched in plain, until a clerk writes a summary."""

import re

from .masking import mask_text

TITLE_LENGTH = 20


def working_text(verbatim: str, *known: str | None) -> str:
    """Return the verbatim masked; what the requester is called and reached at (`known`) is hidden without any cue."""
    masked = mask_text(verbatim)
    for said in known:
        if said and len(said) > 1:
            masked = masked.replace(said, "*" * len(said))
    return masked


def working_title(masked: str) -> str:
    """Return the first clause of a masked text, at most 20 characters."""
    clause = re.split(r"[，,。.；;！!？?\n]", masked.strip(), maxsplit=1)[0].strip() or masked.strip()
    return clause if len(clause) <= TITLE_LENGTH else f"{clause[: TITLE_LENGTH - 1]}…"
