"""Opening a case by its receipt, and how often somebody may guess at one: on the public pages as by the API."""

import re
import unicodedata

from .citizen_view import case_of_receipt
from .limits import Limit
from .models import Case

# Within an hour; only what didn't fit counts. A number is refused only to whoever guessed at it: its owner gets in
# from elsewhere. Where many guess at one number together, each of them has fewer tries.
BY_ORIGIN = Limit("track by address", 30)
BY_BOTH = Limit("track a number from an address", 10)
BY_NUMBER = Limit("track by number", 100)
WHILE_GUESSED = 3


class TooManyTries(Exception):
    """Somebody guessed too often, and may try again in an hour."""


def opened_by(number: str, code: str, digits: str, origin: str) -> Case | None:
    """Return the case that a receipt opens, or None whatever doesn't fit. Raises TooManyTries.

    `origin` is whoever tries: an address, or a program.
    """
    if not _may_try(number, origin):
        raise TooManyTries
    case = case_of_receipt(number, code, digits)
    if case is not None:
        BY_ORIGIN.give_back(origin)
        BY_BOTH.give_back(f"{origin} {number}")
        BY_NUMBER.give_back(number)
    return case


def as_number(written: str) -> str:
    """Return a number as it stands in the register, however somebody wrote it down."""
    return "".join(unicodedata.normalize("NFKC", written).split()).upper()


def as_code(written: str) -> str:
    """Return the digits of a query code."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", written))


def _may_try(number: str, origin: str) -> bool:
    """Count a try before it is looked up, so that whoever has tried too often learns nothing, not even by the code.

    What an origin is refused doesn't count against the number: one guesser alone can't make it scarce for others.
    """
    if not BY_ORIGIN.took(origin):
        return False
    tries = BY_BOTH.count(f"{origin} {number}")
    return tries <= BY_BOTH.most and (BY_NUMBER.took(number) or tries <= WHILE_GUESSED)


def spaced(code: str) -> str:
    """Return a code in groups of four, e.g. 1234 5678."""
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))
