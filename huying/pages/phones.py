"""Phones as links."""

import re

_BETWEEN_DIGITS = re.compile(r"[^\d+]+")


def tel(number: str) -> str:
    """`0500-555 2207` → `05005552207`, for the href of a `tel:` link"""
    return _BETWEEN_DIGITS.sub("", number)
