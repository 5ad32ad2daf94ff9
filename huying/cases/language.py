"""Of the two languages that the rules speak, the one of this request."""

from django.utils.translation import get_language

from huying.rules.words import Language


def language() -> Language:
    return "en" if (get_language() or "").startswith("en") else "zh"
