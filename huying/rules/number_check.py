"""What a pasted message wants called or opened: its phone numbers, WeChat IDs, addresses and links, in order."""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MOST = 2_000  # characters of a text that are read; an SMS has no more than a few hundred
MOST_FOUND = 10


class What(StrEnum):
    """What kind of contact it is."""

    LINK = "link"
    EMAIL = "email"
    WECHAT = "wechat"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Picked:
    """One contact as it was written, and what it is compared by: of a phone the digits alone."""

    what: What
    written: str
    value: str


_END = r"[^\s，。；！？、“”‘’《》（）()<>\"'一-鿿]"
_LINK = re.compile(
    rf"(?:https?://|www\.){_END}+"
    rf"|(?<![\w@.])[a-z0-9-]+(?:\.[a-z0-9-]+){{0,3}}\.(?:com|cn|net|org|top|xyz|cc|vip|info|club|me|ink)\b(?:/{_END}*)?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+){1,4}", re.IGNORECASE)
_WECHAT = re.compile(r"(?:微信|wechat|weixin|wx|vx|v信)[号码id:：\s是为]{0,8}([a-z][\w-]{5,19})", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)?\d(?:[ \-()]{0,2}\d){2,17}(?![\w.]*\d)", re.ASCII)
# Mobile, landline with and without its area code, 400 and 800, five digits as 12345, three as 110.
_DAY = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])$"
_DIALLED = re.compile(
    rf"1[3-9]\d{{9}}|0\d{{9,11}}|(?!{_DAY})[2-8]\d{{6,7}}|[48]00\d{{7}}|(?:1\d|9[56])\d{{3}}|1[12]\d"
)
_PATTERNS = ((What.EMAIL, _EMAIL), (What.LINK, _LINK), (What.WECHAT, _WECHAT), (What.PHONE, _PHONE))


def picked(text: str) -> list[Picked]:
    """Return the contacts in a text, each once, in their order; ten at most, of its first two thousand characters.

    Sums, dates and codes of six digits are none. Full-width digits, spaces, dashes and +86 don't matter.
    """
    rest = unicodedata.normalize("NFKC", text[:MOST])
    found: dict[tuple[What, str], tuple[int, Picked]] = {}
    for what, pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            written = match[match.lastindex or 0].strip().rstrip(".,;:!?")
            value = digits_of(written) if what is What.PHONE else written.casefold()
            if what is not What.PHONE or _DIALLED.fullmatch(value):
                found.setdefault((what, value), (match.start(), Picked(what, written, value)))
        rest = pattern.sub(lambda match: "　" * len(match[0]), rest)
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])][:MOST_FOUND]


def digits_of(number: str) -> str:
    """Return the digits of a number as it is dialled within the country: +86 139 0000 0001 → 13900000001."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", number))
    return re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$|0\d{9,11}$|[1-9]\d{8,10}$)", "", digits)


def is_same_number(published: str, asked: str) -> bool:
    """Return whether two numbers, in digits, are one: a landline may be written without its area code."""
    if published == asked:
        return True
    longer, shorter = sorted((published, asked), key=len, reverse=True)
    return longer.startswith("0") and len(shorter) in (7, 8) and longer.endswith(shorter)
