"""What becomes of a file: clean content of a known kind, or a reason why it isn't taken."""

from dataclasses import dataclass
from enum import StrEnum


class Unfit(StrEnum):
    """Why a file isn't taken; each has words of its own, with what to do."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"  # none of the kinds that are taken
    HEIC = "heic"
    VIDEO = "video"
    BROKEN = "broken"  # of a kind that is taken, but it can't be read to its end
    TOO_MANY_PIXELS = "too_many_pixels"
    LOCKED = "locked"  # a PDF with a password
    FILLED = "filled"  # a PDF with a form or notes, which would be lost


class NotTaken(Exception):
    def __init__(self, why: Unfit) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Clean:
    """Content made anew, and how names of such files end."""

    content: bytes
    ending: str
