"""Opening a case by its receipt, and how often somebody may guess at one: on the public pages as by the API."""

import re
import unicodedata
from datetime import datetime

from .citizen_view import case_of_receipt
from .limits import Limit, count, counted
from .models import Case

# Within an hour; only what didn't fit counts, and what is refused doesn't. A number is refused only to who guessed at
# it: its owner gets in from elsewhere. Where many guess at one number together, each of them has fewer tries.
BY_ORIGIN = Limit("track by address", 30)
BY_BOTH = Limit("track a number from an address", 10)
BY_NUMBER = Limit("track by number", 100)
WHILE_GUESSED = 3


class TooManyTries(Exception):
    """Somebody guessed too often, and may try again in an hour."""


def opened_by(number: str, code: str, digits: str, origin: str, at: datetime) -> Case | None:
    """Return the case that a receipt opens, or None whatever doesn't fit. Raises TooManyTries.

    `origin` is whoever tries: an address, or a program. Two statements for a receipt that fits, three for a guess.
    """
    tried = ((BY_ORIGIN, origin), (BY_BOTH, f"{origin} {number}"), (BY_NUMBER, number))
    # Before it is looked up, so that whoever has tried too often learns nothing, not even by the code.
    if not _may_try(*counted(tried, at)):
        raise TooManyTries
    case = case_of_receipt(number, code, digits)
    if case is None:
        by_origin, by_both, by_number = count(tried, at)
        if not _may_try(by_origin - 1, by_both - 1, by_number - 1):  # others guessed at the same moment
            raise TooManyTries
    return case


_NUMBER = re.compile(r"([A-Z]{1,8})-?(20\d\d)-?(\d{1,6})", re.ASCII)


def as_number(written: str) -> str:
    """Return a number as it stands in the register, however somebody wrote it down: yc—2026—367 is YC-2026-000367."""
    plain = re.sub(r"[^\w\0]+", "-", "".join(unicodedata.normalize("NFKC", written).split()).upper())
    said = _NUMBER.fullmatch(re.sub(r"(?<=[\d-])O(?=\d)", "0", plain.strip("-"), flags=re.ASCII))
    return f"{said[1]}-{said[2]}-{int(said[3]):06d}" if said else plain


def is_number(written: str) -> bool:
    """Return whether somebody wrote what a number looks like, as `as_number` returns it."""
    return _NUMBER.fullmatch(written) is not None


def as_code(written: str) -> str:
    """Return the digits of a query code."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", written))


def _may_try(by_origin: int, by_both: int, by_number: int) -> bool:
    """Return whether somebody may try once more who, and at what others too, has guessed so often."""
    return by_origin < BY_ORIGIN.most and by_both < (BY_BOTH.most if by_number < BY_NUMBER.most else WHILE_GUESSED)


def spaced(code: str) -> str:
    """Return a code in groups of four, e.g. 1234 5678."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
